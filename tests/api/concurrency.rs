//! Single use under load: of any number of concurrent uses exactly one wins.

use crate::answer::Answer;
use crate::phone::Phone;
use crate::support::{TestApp, both, edit, id, together};
use serde_json::{Value, json};

const MANY: usize = 100;

/// The answers that won; all others must have been refused with one of these codes.
fn winners<'a>(answers: &'a [Answer], refusals: &[&str]) -> Vec<&'a Answer> {
    assert_eq!(answers.len(), MANY);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert!(refusals.contains(&answer.code()), "{answer:?}");
    }
    answers.iter().filter(|answer| answer.status == 200).collect()
}

async fn passes_on_record(app: &TestApp, user: &str) -> usize {
    app.causes(user, "login.passed").await.len()
}

#[tokio::test]
async fn one_code_sent_a_hundred_times_to_one_login_passes_once() {
    // Abuse list, item 2.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let (login, code) = (app.begin("alice").await, app.code(&alice.phone));
    let answers = together(&app, MANY, |app, _| {
        let (login, code) = (id(&login).to_owned(), code.clone());
        async move { app.answer(&login, &code).await }
    })
    .await;
    let won = winners(&answers, &["login-not-pending"]);
    assert_eq!(won.len(), 1);
    assert_eq!(won[0].body["status"], "passed");
    assert_eq!(passes_on_record(&app, "alice").await, 2, "the enrolment's and this one");
}

#[tokio::test]
async fn one_code_sent_to_a_hundred_logins_passes_one_of_them() {
    // Abuse list, item 2.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let logins = begin_many(&app, "alice").await;
    let code = app.code(&alice.phone);
    let answers = together(&app, MANY, |app, n| {
        let (login, code) = (logins[n].clone(), code.clone());
        async move { app.answer(&login, &code).await }
    })
    .await;
    assert_eq!(winners(&answers, &["code-rejected", "throttled"]).len(), 1);
    assert_eq!(passes_on_record(&app, "alice").await, 2);
    let rejected = answers.iter().filter(|answer| answer.code() == "code-rejected").count();
    assert_eq!(rejected, 5, "the fifth replay locks, and the lock stops the rest");
}

#[tokio::test]
async fn one_code_sent_to_two_replicas_passes_once() {
    // Abuse list, item 2.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let replica = app.replica();
    let (login, code) = (app.begin("alice").await, app.code(&alice.phone));
    let answers = together(&app, MANY, |app, n| {
        let app = if n % 2 == 0 { app } else { replica.clone() };
        let (login, code) = (id(&login).to_owned(), code.clone());
        async move { app.answer(&login, &code).await }
    })
    .await;
    assert_eq!(winners(&answers, &["login-not-pending"]).len(), 1);
    assert_eq!(passes_on_record(&replica, "alice").await, 2);
}

async fn begin_many(app: &TestApp, user: &'static str) -> Vec<String> {
    let mut logins = Vec::new();
    for _ in 0..MANY {
        logins.push(id(&app.begin(user).await).to_owned());
    }
    logins
}

#[tokio::test]
async fn one_recovery_code_sent_a_hundred_times_to_one_login_passes_once() {
    // Abuse list, item 3.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    let answers = together(&app, MANY, |app, _| {
        let (login, code) = (id(&login).to_owned(), alice.recovery_codes[0].clone());
        async move { app.recover(&login, &code).await }
    })
    .await;
    assert_eq!(winners(&answers, &["login-not-pending", "throttled"]).len(), 1);
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 9);
    assert_eq!(passes_on_record(&app, "alice").await, 2);
}

#[tokio::test]
async fn one_recovery_code_sent_to_a_hundred_logins_on_two_replicas_passes_one_of_them() {
    // Abuse list, item 3.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let replica = app.replica();
    let logins = begin_many(&app, "alice").await;
    let answers = together(&app, MANY, |app, n| {
        let app = if n % 2 == 0 { app } else { replica.clone() };
        let (login, code) = (logins[n].clone(), alice.recovery_codes[0].clone());
        async move { app.recover(&login, &code).await }
    })
    .await;
    assert_eq!(winners(&answers, &["code-rejected", "throttled"]).len(), 1);
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 9);
}

#[tokio::test]
async fn different_recovery_codes_sent_at_once_to_one_login_spend_one() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    let answers = together(&app, MANY, |app, n| {
        let (login, code) = (id(&login).to_owned(), alice.recovery_codes[n % 10].clone());
        async move { app.recover(&login, &code).await }
    })
    .await;
    assert_eq!(winners(&answers, &["login-not-pending", "throttled"]).len(), 1);
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 9);
}

#[tokio::test]
async fn a_hundred_confirms_of_one_enrolment_bind_one_authenticator() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let phone = app.scan(&login).await;
    let code = app.code(&phone);
    let answers = together(&app, MANY, |app, _| {
        let (login, code) = (id(&login).to_owned(), code.clone());
        async move { app.confirm(&login, &code).await }
    })
    .await;
    let won = winners(&answers, &["login-not-pending", "throttled"]);
    assert_eq!(won.len(), 1);
    let user = app.user("alice").await.status(200);
    assert_eq!(user["authenticators"].as_array().unwrap().len(), 1);
    assert_eq!(user["recovery_codes_remaining"], 10);
    // The codes that were shown are the codes that are kept.
    let shown = won[0].body["recovery_codes"][9].as_str().unwrap();
    let next = app.begin("alice").await;
    app.recover(id(&next), shown).await.status(200);
}

#[tokio::test]
async fn of_two_parallel_enrolments_of_one_user_one_wins_and_the_others_secret_is_void() {
    // Abuse list, item 28c.
    let app = TestApp::with_totp_required().await;
    let (first, second) = (app.begin("alice").await, app.begin("alice").await);
    let (winner, loser) = (app.scan(&first).await, app.scan(&second).await);
    app.confirm(id(&first), &app.code(&winner)).await.status(200);
    app.confirm(id(&second), &app.code(&loser)).await.problem("already-enrolled");
    app.enroll(id(&second)).await.problem("already-enrolled");
    app.next_step();
    let next = app.begin("alice").await;
    app.answer(id(&next), &app.code(&loser)).await.problem("code-rejected");
    app.answer(id(&next), &app.code(&winner)).await.status(200);
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_hundred_enrolments_of_one_user_confirmed_at_once_bind_one_authenticator() {
    // Abuse list, item 28c.
    let app = TestApp::with_totp_required().await;
    let mut enrolments = Vec::new();
    for _ in 0..MANY {
        let login = app.begin("alice").await;
        let phone = app.scan(&login).await;
        enrolments.push((id(&login).to_owned(), phone));
    }
    let answers = together(&app, MANY, |app, n| {
        let (login, code) = (enrolments[n].0.clone(), app.code(&enrolments[n].1));
        async move { app.confirm(&login, &code).await }
    })
    .await;
    let won = winners(&answers, &["already-enrolled", "throttled"]);
    assert_eq!(won.len(), 1);
    let (_, phone) = enrolments.iter().find(|(login, _)| won[0].body["id"] == login.as_str()).unwrap();
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
    app.next_step();
    let next = app.begin("alice").await;
    app.answer(id(&next), &app.code(phone)).await.status(200);
}

#[tokio::test]
async fn asked_for_at_once_an_enrolment_has_one_secret() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let answers = together(&app, MANY, |app, _| {
        let login = id(&login).to_owned();
        async move { app.enroll(&login).await }
    })
    .await;
    let secrets: Vec<_> = winners(&answers, &[]).iter().map(|answer| answer.body["secret"].clone()).collect();
    assert!(secrets.len() == MANY && secrets.iter().all(|secret| secret == &secrets[0]));
    let phone = Phone::with(secrets[0].as_str().unwrap());
    app.confirm(id(&login), &app.code(&phone)).await.status(200);
}

#[tokio::test]
async fn a_hundred_wrong_answers_at_once_are_judged_five_times() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let (logins, wrong) = (begin_many(&app, "alice").await, app.wrong(&alice.phone));
    let answers = together(&app, MANY, |app, n| {
        let (login, wrong) = (logins[n].clone(), wrong.clone());
        async move { app.answer(&login, &wrong).await }
    })
    .await;
    assert_eq!(winners(&answers, &["code-rejected", "throttled"]).len(), 0);
    assert_eq!(answers.iter().filter(|answer| answer.code() == "code-rejected").count(), 5);
    assert_eq!(app.user("alice").await.status(200)["locked_until"], "2026-01-07T09:21:00Z");
}

#[tokio::test]
async fn guessed_recovery_codes_sent_at_once_cannot_outrun_the_throttle() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let logins = begin_many(&app, "alice").await;
    // One user has one recovery code in the works at a time; so many rounds that the budget would run out.
    let mut rejected = 0;
    for _ in 0..6 {
        let answers = together(&app, MANY, |app, n| {
            let login = logins[n].clone();
            async move { app.recover(&login, "0000-0000-0000").await }
        })
        .await;
        assert_eq!(winners(&answers, &["code-rejected", "throttled"]).len(), 0);
        rejected += answers.iter().filter(|answer| answer.code() == "code-rejected").count();
    }
    assert_eq!(rejected, 5);
    assert_eq!(app.lock_of(&alice).await, Some(30));
    assert_eq!(app.causes("alice", "code.rejected").await.len(), 5);
}

#[tokio::test]
async fn a_recovery_code_that_was_being_checked_when_a_lock_began_is_refused_and_costs_nothing() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    // Hashing that takes a second or more, so that the lock surely begins meanwhile. No code fits such a digest; what
    // is told apart here is whether it was judged at all.
    edit(
        &app,
        &["UPDATE recovery_code_sets SET setting = replace(setting, 'm=8,t=1,p=1', 'm=65536,t=40,p=1')"],
    );
    let (slow, other) = (app.begin("alice").await, app.begin("alice").await);
    let checking = tokio::spawn({
        let (app, login, code) = (app.clone(), id(&slow).to_owned(), alice.recovery_codes[0].clone());
        async move { app.recover(&login, &code).await }
    });
    // Its answer is counted in advance: the login shows it.
    while app.read(id(&slow)).await.status(200)["attempts_remaining"] == 5 {
        assert!(!checking.is_finished());
        tokio::task::yield_now().await;
    }
    let wrong = app.wrong(&alice.phone);
    for _ in 0..4 {
        app.answer(id(&other), &wrong).await.problem("code-rejected");
    }
    assert_eq!(app.lock_of(&alice).await, Some(30), "the answer in the works is the fifth");
    checking.await.unwrap().problem("throttled");
    assert_eq!(app.read(id(&slow)).await.status(200)["attempts_remaining"], 5);
    assert_eq!(app.causes("alice", "code.rejected").await, ["wrong"; 4]);
}

#[tokio::test]
async fn an_answer_and_a_removal_at_once_leave_no_open_door() {
    let app = TestApp::with_totp_required().await;
    for round in 0..20 {
        let user = format!("user{round}");
        let alice = app.enrolled(json!({"id": user, "name": "alice"})).await;
        let login = app.begin(user.as_str()).await;
        let code = app.code(&alice.phone);
        let (answer, removal) = both(round, app.answer(id(&login), &code), app.remove(&user, "")).await;
        assert_eq!(removal.status(200), json!({"removed": 1}));
        assert!(answer.status == 200 || answer.code() == "login-expired", "{answer:?}");
        let state = app.user(&user).await.status(200);
        assert_eq!((state["enrolled"].clone(), state["authenticators"].clone()), (json!(false), json!([])));
        assert_eq!(app.begin(user.as_str()).await["status"], "enrollment_required");
        assert_eq!(state["locked_until"], Value::Null);
    }
}

#[tokio::test]
async fn one_code_that_was_sent_passes_once_over_two_replicas() {
    // Abuse list, item 3.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    let login = app.begin("alice").await;
    app.challenge(id(&login), "email").await.status(202);
    let (replica, code) = (app.replica(), app.received("email"));
    let answers = together(&app, MANY, |app, n| {
        let app = if n % 2 == 0 { app } else { replica.clone() };
        let (login, code) = (id(&login).to_owned(), code.clone());
        async move { app.answer_by("email", &login, &code).await }
    })
    .await;
    assert_eq!(winners(&answers, &["login-not-pending"]).len(), 1);
    assert_eq!(passes_on_record(&app, "alice").await, 2);
}

#[tokio::test]
async fn one_pass_opens_one_of_a_hundred_logins() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("alice").await;
    let issued = app.issue_pass("alice", json!({})).await.status(201);
    let logins = begin_many(&app, "alice").await;
    let replica = app.replica();
    let answers = together(&app, MANY, |app, n| {
        let app = if n % 2 == 0 { app } else { replica.clone() };
        let body = json!({"method": "one_time_pass", "code": issued["code"]});
        let login = logins[n].clone();
        async move { app.answer_with(&login, body).await }
    })
    .await;
    assert_eq!(winners(&answers, &["method-not-available"]).len(), 1);
}

#[tokio::test]
async fn of_a_hundred_wishes_for_a_code_at_once_one_is_sent() {
    // Abuse list, item 22.
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin("alice").await;
    let replica = app.replica();
    let answers = together(&app, MANY, |app, n| {
        let app = if n % 2 == 0 { app } else { replica.clone() };
        let login = id(&login).to_owned();
        let body = json!({"method": "email", "destination": "alice@example.org"});
        async move { app.enroll_with(&login, body).await }
    })
    .await;
    assert_eq!(winners(&answers, &["throttled"]).len(), 1);
    assert_eq!(app.mail.messages().len(), 1);
}

#[tokio::test]
async fn asked_for_at_once_by_two_ways_over_two_replicas_one_code_alone_opens_the_login() {
    // Abuse list, item 22: the destination swapped during a challenge.
    let app = TestApp::requiring(json!(["email", "sms"])).await;
    let replica = app.replica();
    for user in ["a", "b", "c", "d", "e"] {
        let passed = app.enrolled_by("email", user, &format!("{user}@example.org")).await;
        let number = format!("+49151123456{}", user.as_bytes()[0]);
        app.add_destination(user, "sms", &number, id(&passed)).await;
        let login = app.begin(user).await;
        let (by_mail, by_phone) =
            tokio::join!(app.challenge(id(&login), "email"), replica.challenge(id(&login), "sms"));
        assert_eq!((by_mail.status, by_phone.status), (202, 202));
        let waited_for = app.read(id(&login)).await.status(200)["sent_code"]["method"].clone();
        let (good, void) = if waited_for == "sms" { ("sms", "email") } else { ("email", "sms") };
        app.answer_by(void, id(&login), &app.received(void)).await.problem("code-rejected");
        app.answer_by(good, id(&login), &app.received(good)).await.status(200);
    }
}

#[tokio::test]
async fn an_answer_that_trusts_a_browser_and_what_ends_all_trust_at_once_leave_no_trusted_browser() {
    // Abuse list, items 28b and 29.
    let app = TestApp::with_totp_required().await;
    for round in 0..12 {
        app.put_policy(json!({"mode": "required", "methods": ["totp"], "trusted_device_days": 30}))
            .await
            .status(200);
        let user = format!("user{round}");
        let with = |version: &str| json!({"id": user, "name": "x", "credential_version": version});
        let alice = app.enrolled(with("1")).await;
        let login = app.begin(with("1")).await;
        let body = json!({"method": "totp", "code": app.code(&alice.phone), "trust_device": true});
        let end = async {
            match round / 2 % 3 {
                0 => app.remove(&user, "").await.status(200),
                1 => app.put_user(&user, json!({"name": "x", "credential_version": "2"})).await.status(204),
                _ => app.patch_policy(json!({"mode": "optional"})).await.status(200),
            }
        };
        let (answer, _) = both(round, app.answer_with(id(&login), body), end).await;
        assert!(answer.status == 200 || answer.code() == "login-expired", "{answer:?}");
        assert_eq!(app.user(&user).await.status(200)["trusted_devices"], json!([]));
        let token = &answer.body["trusted_device"]["token"];
        let version = if round / 2 % 3 == 1 { "2" } else { "1" };
        let next = app.begin_with(json!({"user": with(version), "trusted_device": token})).await.status(201);
        assert_ne!(next["status"], "passed", "{round}: {next}");
    }
}
