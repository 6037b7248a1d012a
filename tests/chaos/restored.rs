//! An older copy put in place of the database. What was answered since is gone, which no copy can prevent; what must
//! hold is that no code that was used since is good again, from the time on that the README names.

use crate::clocks;
use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::load::Load;
use crate::records::Said;
use crate::rounds;
use reqwest::Method;
use std::time::Instant;

/// A code is good until the step after its own has ended, and may be used from the step before its own on.
const WAIT: i64 = 90;

#[test]
fn no_code_is_good_again_ninety_seconds_before_a_copy_is_restored() {
    let mut site = clocks::site_with_a_clock();
    let mut judge = Judge::new("restore of an older backup", "SQLite");
    site.start_all();
    for round in 0..rounds(1, 5) {
        judge.round(&mut site, DEADLINE, |_, _| Instant::now());
        let copy = site.path(&format!("copy-{round}"));
        site.say(&["backup", copy.to_str().unwrap()]);
        let load = Load::start(&site.caller);
        load.goes_on(200);
        site.kill(0);
        let since = load.stop();
        site.replace_database(&std::fs::read(copy).unwrap());

        clocks::set(&site, (i64::try_from(round).unwrap() + 1) * WAIT);
        site.start(0);
        site.back_after(Instant::now(), DEADLINE);
        let accepted = since.accepted();
        assert!(!accepted.is_empty());
        site.wait(async {
            for (user, step) in accepted {
                let login = site.caller.begin(0, user).await.unwrap();
                let said = site.caller.answer(0, &login, step).await;
                assert!(matches!(said, Said::Rejected { .. }), "user {user}, step {step}: {said:?}");
            }
            // A login that the copy does not have is not known, and so is not passed.
            for id in since.logins.keys() {
                let answer =
                    site.caller.call(0, Method::GET, &format!("/v1/logins/{id}"), None).await.unwrap();
                answer.problem("login-not-found");
            }
        });
    }
    judge.round(&mut site, DEADLINE, |_, _| Instant::now());
    judge.report();
}
