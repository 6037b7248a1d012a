//! Abuse list, items 28b and 28c: enrolments side by side, and what happens to the user while one is open.

use crate::answer::Answer;
use crate::phone::Phone;
use crate::support::{TestApp, both, id, open, together};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::{Value, json};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn phone(begun: &Value) -> Phone {
    Phone::with(begun["secret"].as_str().unwrap())
}

/// Secrets that wait to be proven.
fn pending_secrets(app: &TestApp) -> i64 {
    let query = sql_query("SELECT count(*) AS n FROM logins WHERE pending_state IS NOT NULL");
    query.get_result::<Count>(&mut open(app)).unwrap().n
}

#[tokio::test]
async fn of_two_forced_ones_the_first_wins_and_the_losers_secret_is_wiped() {
    let app = TestApp::with_totp_required().await;
    let (one, other) = (app.begin("alice").await, app.begin("alice").await);
    let (first, second) = (app.scan(&one).await, app.scan(&other).await);
    app.confirm(id(&one), &app.code(&first)).await.status(200);
    assert_eq!(pending_secrets(&app), 0);
    app.confirm(id(&other), &app.code(&second)).await.problem("already-enrolled");
    assert_eq!(app.authenticators("alice").await.len(), 1);
}

#[tokio::test]
async fn a_forced_one_loses_to_self_service_and_the_other_way_round() {
    let app = TestApp::with_totp_required().await;
    let forced = app.begin("alice").await;
    let lost = app.scan(&forced).await;
    app.add_app("alice", "").await;
    app.confirm(id(&forced), &app.code(&lost)).await.problem("already-enrolled");

    let forced = app.begin("bob").await;
    let own = app.begin_own("bob", json!({"method": "totp"}), "").await.status(201);
    let won = app.scan(&forced).await;
    app.confirm(id(&forced), &app.code(&won)).await.status(200);
    let code = app.code(&phone(&own));
    app.confirm_own("bob", id(&own), &code, "").await.problem("step-up-required");
    // With a proof it is a new enrolment that is needed: the secret is gone.
    app.confirm_own("bob", id(&own), &code, id(&forced)).await.problem("login-not-pending");
    assert_eq!(app.authenticators("bob").await.len(), 1);
}

#[tokio::test]
async fn of_two_in_self_service_the_second_needs_a_proof_by_the_first() {
    let app = TestApp::start().await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    let one = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    let other = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    assert_ne!(one["secret"], other["secret"]);
    let first = app.confirm_own("alice", id(&one), &app.code(&phone(&one)), "").await.status(200);
    assert_eq!(first["recovery_codes"].as_array().unwrap().len(), 10);
    app.confirm_own("alice", id(&other), &app.code(&phone(&other)), "").await.problem("step-up-required");
    assert_eq!((app.authenticators("alice").await.len(), pending_secrets(&app)), (1, 0));
}

#[tokio::test]
async fn who_is_enrolled_may_have_two_in_the_works() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let one = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let other = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    for begun in [&other, &one] {
        app.confirm_own("alice", id(begun), &app.code(&phone(begun)), &proof).await.status(200);
    }
    assert_eq!(app.authenticators("alice").await.len(), 3);
}

#[tokio::test]
async fn a_reset_a_deletion_or_another_password_ends_an_open_enrolment() {
    let app = TestApp::with_totp_required().await;
    for change in ["reset", "deletion", "password"] {
        let user = json!({"id": change, "name": change, "credential_version": "1"});
        let alice = app.enrolled(user.clone()).await;
        let login = app.begin(user).await;
        app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
        app.next_step();
        let begun = app.begin_own(change, json!({"method": "totp"}), id(&login)).await.status(201);
        match change {
            "reset" => drop(app.remove(change, "").await.status(200)),
            "deletion" => {
                app.delete_user(change).await.status(204);
                app.put_user(change, json!({"name": "another"})).await.status(204);
            }
            _ => drop(
                app.put_user(change, json!({"name": change, "credential_version": "2"})).await.status(204),
            ),
        }
        let code = app.code(&phone(&begun));
        let answer = app.confirm_own(change, id(&begun), &code, id(&login)).await;
        assert!(["login-expired", "step-up-required"].contains(&answer.code()), "{change}: {answer:?}");
        if change != "password" {
            assert!(app.authenticators(change).await.is_empty(), "{change}");
        }
    }
    assert_eq!(pending_secrets(&app), 1, "that of the changed password waits, and opens nothing");
}

#[tokio::test]
async fn a_code_that_was_sent_before_a_reset_opens_nothing_after_it() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    let login = app.begin("alice").await;
    app.challenge(id(&login), "email").await.status(202);
    app.remove("alice", "").await.status(200);
    app.answer_by("email", id(&login), &app.received("email")).await.problem("login-expired");
}

#[tokio::test]
async fn confirmed_at_once_over_two_replicas_one_of_the_first_enrolments_wins_whatever_their_kinds() {
    // Abuse list, item 28c.
    let app = TestApp::with_totp_required().await;
    let replica = app.replica();
    for user in ["a", "b", "c"] {
        app.put_user(user, json!({"name": user})).await.status(204);
        let mut enrollments = Vec::new();
        for n in 0..8 {
            let forced = n % 2 == 1;
            let begun = if forced {
                let login = app.begin(user).await;
                (id(&login).to_owned(), app.scan(&login).await)
            } else {
                let begun = app.begin_own(user, json!({"method": "totp"}), "").await.status(201);
                (id(&begun).to_owned(), phone(&begun))
            };
            enrollments.push((forced, begun));
        }
        let answers = together(&app, 8, |app, n| {
            let (forced, (enrollment, phone)) = enrollments[n].clone();
            let server = if n % 4 < 2 { app } else { replica.clone() };
            async move {
                let code = server.code(&phone);
                if forced {
                    server.confirm(&enrollment, &code).await
                } else {
                    server.confirm_own(user, &enrollment, &code, "").await
                }
            }
        })
        .await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert_eq!(won[0].body["recovery_codes"].as_array().unwrap().len(), 10);
        // Throttled is whose recovery codes would have been made while another's were.
        let refusals = ["step-up-required", "already-enrolled", "login-not-pending", "throttled"];
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            assert!(refusals.contains(&lost.code()), "{lost:?}");
        }
        assert_eq!((app.authenticators(user).await.len(), pending_secrets(&app)), (1, 0));
        // The codes that were shown are the codes that are kept.
        let login = app.begin(user).await;
        app.recover(id(&login), won[0].body["recovery_codes"][9].as_str().unwrap()).await.status(200);
    }
}

#[tokio::test]
async fn confirmed_at_once_there_are_no_more_than_five_of_a_method() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let mut enrollments = Vec::new();
    for _ in 0..8 {
        let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
        enrollments.push((id(&begun).to_owned(), phone(&begun)));
    }
    let replica = app.replica();
    let answers = together(&app, 8, |app, n| {
        let server = if n % 2 == 0 { app } else { replica.clone() };
        let ((enrollment, phone), proof) = (enrollments[n].clone(), proof.clone());
        async move { server.confirm_own("alice", &enrollment, &server.code(&phone), &proof).await }
    })
    .await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).map(Answer::code).collect();
    assert_eq!(refused, ["too-many-authenticators"; 4]);
    assert_eq!(app.authenticators("alice").await.len(), 5);
    for confirmed in answers.iter().filter(|answer| answer.status == 200) {
        assert_eq!(confirmed.body["recovery_codes"], Value::Null, "no second set");
    }
}

#[tokio::test]
async fn removed_at_once_the_last_that_is_required_stays() {
    // Abuse list, item 24.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    app.add_app("alice", &proof).await;
    app.add_app("alice", &proof).await;
    let own = app.authenticators("alice").await;
    let replica = app.replica();
    let answers = together(&app, 3, |app, n| {
        let server = if n % 2 == 0 { app } else { replica.clone() };
        let (authenticator, proof) = (id(&own[n]).to_owned(), proof.clone());
        async move { server.remove_own("alice", &authenticator, &proof).await }
    })
    .await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 204).map(Answer::code).collect();
    assert_eq!(refused, ["last-authenticator"]);
    assert_eq!(app.authenticators("alice").await.len(), 1);
}

#[tokio::test]
async fn a_confirm_and_a_reset_at_once_leave_nothing_enrolled() {
    // Abuse list, item 28b.
    let app = TestApp::with_totp_required().await;
    for n in 0..10 {
        let user = format!("user{n}");
        app.put_user(&user, json!({"name": user})).await.status(204);
        let begun = app.begin_own(&user, json!({"method": "totp"}), "").await.status(201);
        let code = app.code(&phone(&begun));
        let confirm = app.confirm_own(&user, id(&begun), &code, "");
        let (confirmed, reset) = both(n, confirm, app.remove(&user, "")).await;
        assert!(confirmed.status == 200 || confirmed.code() == "login-expired", "{confirmed:?}");
        let removed = reset.status(200)["removed"].clone();
        assert_eq!(removed, u8::from(confirmed.status == 200), "{confirmed:?}");
        let after = app.user(&user).await.status(200);
        assert_eq!((&after["enrolled"], &after["recovery_codes_remaining"]), (&json!(false), &json!(0)));
    }
    assert_eq!(pending_secrets(&app), 0);
}

#[tokio::test]
async fn a_confirm_and_switching_off_or_a_deletion_at_once_leave_nothing_enrolled() {
    // Abuse list, items 28b and 39.
    let app = TestApp::with_totp_required().await;
    for n in 0..10 {
        app.require_totp().await;
        let user = format!("user{n}");
        let alice = app.enrolled(user.as_str()).await;
        let proof = app.proven(&alice).await;
        let begun = app.begin_own(&user, json!({"method": "totp"}), &proof).await.status(201);
        app.patch_policy(json!({"mode": "optional"})).await.status(200);
        let code = app.code(&phone(&begun));
        let end = async {
            if n / 2 % 2 == 0 {
                app.disable(&user, &proof).await.status(204)
            } else {
                app.delete_user(&user).await.status(204)
            }
        };
        let (confirmed, _) = both(n, app.confirm_own(&user, id(&begun), &code, &proof), end).await;
        let refusals = ["", "login-expired", "user-not-found"];
        assert!(refusals.contains(&confirmed.code()), "{confirmed:?}");
        app.put_user(&user, json!({"name": "again"})).await.status(204);
        let after = app.user(&user).await.status(200);
        assert_eq!((&after["enrolled"], &after["recovery_codes_remaining"]), (&json!(false), &json!(0)));
        assert_eq!(after["authenticators"], json!([]));
    }
    assert_eq!(pending_secrets(&app), 0);
}

#[tokio::test]
async fn new_recovery_codes_and_a_reset_or_switching_off_at_once_leave_none() {
    // Abuse list, item 28b.
    let app = TestApp::with_totp_required().await;
    for n in 0..10 {
        app.require_totp().await;
        let user = format!("user{n}");
        let alice = app.enrolled(user.as_str()).await;
        let proof = app.proven(&alice).await;
        app.patch_policy(json!({"mode": "optional"})).await.status(200);
        let removal = async {
            if n / 2 % 2 == 0 {
                app.disable(&user, &proof).await.status(204)
            } else {
                app.remove(&user, "").await.status(200)
            }
        };
        let (replaced, _) = both(n, app.replace_codes(&user, &proof), removal).await;
        assert!(["", "method-not-available"].contains(&replaced.code()), "{replaced:?}");
        let after = app.user(&user).await.status(200);
        assert_eq!((&after["enrolled"], &after["recovery_codes_remaining"]), (&json!(false), &json!(0)));
    }
}

#[tokio::test]
async fn an_administrators_removal_of_one_method_voids_the_open_enrolments_of_all() {
    // Abuse list, item 28b: also one that finds nothing to remove.
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let address = json!({"method": "email", "destination": "alice@example.org"});
    let sent = app.begin_own("alice", address, &proof).await.status(201);
    assert_eq!(app.remove("alice", "?method=email").await.status(200)["removed"], 0);
    assert_eq!(pending_secrets(&app), 0);
    let (code, mailed) = (app.code(&phone(&begun)), app.received("email"));
    app.confirm_own("alice", id(&begun), &code, &proof).await.problem("step-up-required");
    app.next_step();
    let fresh = app.proven(&alice).await;
    app.confirm_own("alice", id(&begun), &code, &fresh).await.problem("login-expired");
    app.confirm_own("alice", id(&sent), &mailed, &fresh).await.problem("login-expired");
    app.resend_own("alice", id(&sent), &fresh).await.problem("login-expired");
    assert_eq!((app.authenticators("alice").await.len(), app.mail.messages().len()), (1, 1));
}

#[tokio::test]
async fn a_forced_enrolment_ends_with_a_reset_a_deletion_or_another_password() {
    // Abuse list, item 28b.
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    for change in ["reset", "deletion", "password"] {
        let with = |version: &str| json!({"id": change, "name": change, "credential_version": version});
        let (by_app, by_mail) = (app.begin(with("1")).await, app.begin(with("1")).await);
        let scanned = app.scan(&by_app).await;
        let address = json!({"method": "email", "destination": format!("{change}@example.org")});
        app.enroll_with(id(&by_mail), address.clone()).await.status(200);
        let mailed = app.received("email");
        app.next_step();
        match change {
            "reset" => _ = app.remove(change, "").await.status(200),
            "deletion" => _ = app.delete_user(change).await.status(204),
            _ => assert_eq!(app.begin(with("2")).await["status"], "enrollment_required"),
        }
        app.confirm(id(&by_app), &app.code(&scanned)).await.problem("login-expired");
        app.confirm(id(&by_mail), &mailed).await.problem("login-expired");
        app.enroll(id(&by_app)).await.problem("login-expired");
        app.enroll_with(id(&by_mail), address).await.problem("login-expired");
        app.put_user(change, json!({"name": change, "credential_version": "2"})).await.status(204);
        assert!(app.authenticators(change).await.is_empty(), "{change}");
    }
    assert_eq!(app.mail.messages().len(), 3);
}
