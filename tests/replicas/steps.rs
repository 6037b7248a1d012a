//! Any replica takes any step, and knows what the other one has just answered.

use crate::answer::Answer;
use crate::installation::{now, poll};
use crate::pair::Pair;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn each_step_of_a_login_goes_to_the_other_replica() {
    let pair = Pair::with_totp_required();
    for round in 0..10 {
        let alice = format!("alice{round}");
        let (one, other) = (pair.nth(round), pair.nth(round + 1));
        let login = one.begin(&alice).await;
        assert_eq!(other.read(&login).await.status(200), login);
        let phone = one.scan(&login).await;
        let shown_again = other.scan(&login).await;
        assert_eq!(phone.code_at(0), shown_again.code_at(0), "the same secret");
        let code = phone.code_at(now());
        let confirm = |code: &str| json!({"code": code});
        other
            .of(&login, "enrollment/confirm", confirm(&phone.wrong_code_at(now())))
            .await
            .problem("code-rejected");
        assert_eq!(one.read(&login).await.status(200)["attempts_remaining"], 4);
        one.of(&login, "enrollment/confirm", confirm(&code)).await.status(200);
        assert_eq!(other.read(&login).await.status(200)["status"], "passed");
        assert_eq!(other.get(&format!("/v1/users/{alice}")).await.status(200)["enrolled"], true);

        let login = other.begin(&alice).await;
        assert_eq!(login["status"], "challenge_required");
        one.answer(&login, &code).await.problem("code-rejected");
        let passed = other.answer(&login, &phone.code_at(now() + 30)).await.status(200);
        assert_eq!(one.read(&login).await.status(200), passed);
        let next = one.begin(&alice).await;
        let cancel =
            other.call(Method::DELETE, &format!("/v1/logins/{}", next["id"].as_str().unwrap()), &one.bridge);
        Answer::to(cancel).await.status(204);
        one.answer(&next, &phone.code_at(now() + 30)).await.problem("login-not-pending");
    }
}

#[tokio::test]
async fn what_one_replica_has_answered_the_other_one_reads() {
    let pair = Pair::with_totp_required();
    for n in 0..300 {
        let login = pair.nth(n).begin(&format!("alice{n}")).await;
        assert_eq!(pair.nth(n + 1).read(&login).await.status(200), login);
        pair.nth(n + 1).get(&format!("/v1/users/alice{n}")).await.status(200);
    }
}

#[tokio::test]
async fn a_change_of_the_policy_holds_for_the_next_login_on_either_replica() {
    let pair = Pair::with_totp_required();
    for n in 0..20 {
        let (mode, status) =
            if n % 4 < 2 { ("disabled", "passed") } else { ("required", "enrollment_required") };
        let change = pair.nth(n).call(Method::PATCH, "/v1/policy", &pair.a.admin);
        Answer::to(change.json(&json!({"mode": mode}))).await.status(200);
        assert_eq!(pair.nth(n + 1).begin("alice").await["status"], status);
        assert_eq!(pair.nth(n).begin("alice").await["status"], status);
    }
}

#[tokio::test]
async fn of_two_changes_of_one_version_of_the_policy_one_is_made() {
    let pair = Pair::with_totp_required();
    for _ in 0..10 {
        let seen = pair.a.get("/v1/policy").await;
        let tag = seen.header("etag").to_owned();
        let answers = pair
            .together(2, |replica, n| {
                let change =
                    replica.call(Method::PATCH, "/v1/policy", &replica.admin).header("If-Match", &tag);
                Answer::to(change.json(&json!({"trusted_device_days": n + 1})))
            })
            .await;
        assert_eq!(crate::pair::winners(&answers, &["precondition-failed"]).len(), 1);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_both_replicas_within_a_second() {
    let pair = Pair::with_totp_required();
    let installation = &pair.place.installations[0];
    let key = installation.key("auditor");
    let ask = |n: usize| Answer::to(pair.nth(n).call(Method::GET, "/v1/policy", &key));
    for n in 0..2 {
        ask(n).await.status(200);
    }
    let list = installation.say(&["key", "list"]);
    let line = list.lines().find(|line| line.split('\t').nth(1) == Some("auditor")).unwrap();
    let mut revoking =
        installation.command(&["key", "revoke", line.split('\t').next().unwrap()]).spawn().unwrap();
    // While it waits for the revocation to hold everywhere, both are asked, so that they would remember the key.
    let revoked = |state: String| {
        let line = state.lines().find(|line| line.split('\t').nth(1) == Some("auditor")).unwrap().to_owned();
        line.contains("revoked")
    };
    poll("it is revoked", || revoked(installation.say(&["key", "list"])).then_some(()));
    let since = Instant::now();
    for n in 0..2 {
        while ask(n).await.status == 200 {
            assert!(since.elapsed() < Duration::from_secs(1), "replica {n}");
        }
    }
    assert!(poll("the command ends", || revoking.try_wait().unwrap()).success());
    for n in 0..2 {
        ask(n).await.problem("unauthenticated");
    }
}
