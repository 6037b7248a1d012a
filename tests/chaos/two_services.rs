//! Two services on one embedded database, under load at both.

use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::records::Said;
use crate::rounds;
use crate::site::Site;
use std::time::Instant;

#[test]
fn of_two_services_on_one_file_one_accepts_a_code() {
    let mut site = Site::new(None, 2);
    let mut judge = Judge::new("two services on one file", "SQLite");
    site.start_all();
    for _ in 0..rounds(1, 20) {
        judge.round(&mut site, DEADLINE, |site, load| {
            site.wait(one_of_many_wins(site));
            load.goes_on(100);
            site.kill(1);
            let killed = Instant::now();
            site.start(1);
            killed
        });
    }
    judge.report();
}

/// One code for twenty logins at once, half of them at each service.
async fn one_of_many_wins(site: &Site) {
    let caller = &site.caller;
    let (user, step) = caller.users.take(caller.clock.step()).unwrap();
    let mut logins = Vec::new();
    for at in 0..20 {
        logins.push((at, caller.begin(at, user).await.unwrap()));
    }
    let mut answers = tokio::task::JoinSet::new();
    for (at, login) in logins {
        let caller = caller.clone();
        answers.spawn(async move { caller.answer(at, &login, step).await });
    }
    let said = answers.join_all().await;
    assert_eq!(said.iter().filter(|said| **said == Said::Passed).count(), 1, "{said:?}");
}
