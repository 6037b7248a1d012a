//! Failures and locks are counted once, for both replicas.

use crate::installation::now;
use crate::pair::{Pair, count, winners};
use serde_json::Value;

#[tokio::test]
async fn wrong_answers_at_once_to_many_logins_are_judged_five_times() {
    let pair = Pair::with_totp_required();
    for round in 0..3 {
        let alice = format!("alice{round}");
        let (phone, ..) = pair.a.enrolled(&alice).await;
        let logins = pair.begin_many(&alice, 24).await;
        let wrong = phone.wrong_code_at(now());
        let answers = pair
            .together(24, |replica, n| {
                let (login, wrong) = (logins[23 - n].clone(), wrong.clone());
                async move { replica.answer(&login, &wrong).await }
            })
            .await;
        assert_eq!(winners(&answers, &["code-rejected", "throttled"]).len(), 0);
        assert_eq!(count(&answers, "code-rejected"), 5);
        assert_eq!(pair.recorded(&alice, "code.rejected").await, 5);
        assert_eq!(pair.recorded(&alice, "user.locked").await, 1);
        // On either one, and for the right code as well.
        for replica in [&pair.a, &pair.b] {
            assert!((25..=30).contains(&replica.begin(&alice).await["retry_after"].as_u64().unwrap()));
            replica.answer(&logins[0], &phone.code_at(now() + 30)).await.problem("throttled");
        }
    }
}

#[tokio::test]
async fn wrong_answers_at_once_to_one_login_use_up_its_five() {
    let pair = Pair::with_totp_required();
    for round in 0..3 {
        let alice = format!("alice{round}");
        let (phone, ..) = pair.a.enrolled(&alice).await;
        let login = pair.begin_many(&alice, 1).await.remove(0);
        let wrong = phone.wrong_code_at(now());
        let answers = pair
            .together(24, |replica, _| {
                let (login, wrong) = (login.clone(), wrong.clone());
                async move { replica.answer(&login, &wrong).await }
            })
            .await;
        assert_eq!(winners(&answers, &["code-rejected", "login-not-pending", "throttled"]).len(), 0);
        let rejected = answers.iter().filter(|answer| answer.code() == "code-rejected");
        let mut left: Vec<Value> = rejected.map(|answer| answer.body["attempts_remaining"].clone()).collect();
        left.sort_by_key(Value::as_u64);
        assert_eq!(left, [0, 1, 2, 3, 4]);
        assert_eq!(pair.b.read(&login).await.status(200)["status"], "failed");
    }
}

#[tokio::test]
async fn failures_add_up_over_the_replicas_and_a_lock_is_seen_at_once() {
    let pair = Pair::with_totp_required();
    let (phone, ..) = pair.a.enrolled("alice").await;
    let wrong = phone.wrong_code_at(now());
    let logins = pair.begin_many("alice", 5).await;
    for (n, login) in logins.iter().enumerate() {
        pair.nth(n + 1).answer(login, &wrong).await.problem("code-rejected");
    }
    // The last one was answered by the second replica.
    pair.a.answer(&logins[0], &phone.code_at(now() + 30)).await.problem("throttled");
    let unlock = pair.b.call(reqwest::Method::POST, "/v1/users/alice/unlock", &pair.b.admin);
    crate::answer::Answer::to(unlock).await.status(204);
    pair.a.answer(&logins[0], &phone.code_at(now() + 30)).await.status(200);
}
