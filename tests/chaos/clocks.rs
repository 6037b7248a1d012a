//! The service's clock set forward and back by an hour while logins go on: by libfaketime, never the machine's own.

use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::records::Said;
use crate::rounds;
use crate::site::Site;
use std::time::Instant;

const HOUR: i64 = 3600;

/// A site whose services go by a clock that can be set.
pub fn site_with_a_clock() -> Site {
    let library = std::fs::read_dir("/usr/lib")
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .find(|path| path.exists())
        .expect("libfaketime is installed: scripts/install-deps.sh test");
    let mut site = Site::embedded();
    let file = site.path("clock");
    site.environment = [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".into()),
        // Only the time of day is set: what waits, waits on.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    set(&site, 0);
    site
}

/// Sets the services' clock so many seconds beside the machine's.
pub fn set(site: &Site, offset: i64) {
    let new = site.path("clock.new");
    std::fs::write(&new, format!("{offset:+}\n")).unwrap();
    std::fs::rename(new, site.path("clock")).unwrap();
    site.caller.clock.set_offset(offset);
}

#[test]
fn a_clock_that_jumps_lets_no_code_in_twice_and_locks_nobody_out() {
    let mut site = site_with_a_clock();
    let mut judge = Judge::new("clock jumps by an hour", "SQLite");
    site.start_all();
    for _ in 0..rounds(1, 20) {
        judge.round(&mut site, DEADLINE, |site, load| {
            for offset in [HOUR, -HOUR, 0, 5 * 60, 0] {
                set(site, offset);
                site.back_after(Instant::now(), DEADLINE);
                load.goes_on(100);
            }
            Instant::now()
        });
    }
    let load = crate::load::Load::start(&site.caller);
    site.wait(a_step_of_the_future_is_spent_until_it_has_passed(&site));
    set(&site, 0);
    judge.look_at(&site, load.stop());
    judge.report();
}

async fn a_step_of_the_future_is_spent_until_it_has_passed(site: &Site) {
    let caller = &site.caller;
    set(site, HOUR);
    let (user, step) = caller.users.take(caller.clock.step()).unwrap();
    let answer = async |step: i64| {
        let login = caller.begin(0, user).await.unwrap();
        caller.answer(0, &login, step).await
    };
    assert_eq!(answer(step).await, Said::Passed);
    set(site, 0);
    for step in [caller.clock.step(), step] {
        assert!(
            matches!(answer(step).await, Said::Rejected { .. }),
            "the clock is back, the step stays spent"
        );
    }
    set(site, HOUR + 90);
    assert!(matches!(answer(step).await, Said::Rejected { .. }), "spent for good");
    assert_eq!(answer(caller.clock.step()).await, Said::Passed, "the user is not locked out");
}
