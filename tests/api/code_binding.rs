//! A code opens what it was sent for, and nothing else: another login, step, purpose, address or way.

use crate::out_of_band::{NUMBER, alice, with_address_and_number};
use crate::support::{TestApp, id};
use serde_json::{Value, json};

#[tokio::test]
async fn a_code_opens_no_other_login_nor_another_purpose() {
    // Abuse list, item 23: a code of one purpose used for another.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    let (login, step_up) = (app.begin(alice()).await, app.step_up(alice()).await);
    app.challenge(id(&login), "email").await.status(202);
    let code = app.received("email");
    app.answer_by("email", id(&step_up), &code).await.problem("code-rejected");
    let other = app.begin(alice()).await;
    app.answer_by("email", id(&other), &code).await.problem("code-rejected");
    app.answer_by("email", id(&login), &code).await.status(200);
}

#[tokio::test]
async fn a_destination_swapped_during_an_enrolment_voids_the_code_before() {
    // Abuse list, item 22.
    let app = TestApp::requiring(json!(["email"])).await;
    let login = app.begin("mallory").await;
    let to = |address: &str| json!({"method": "email", "destination": address});
    app.enroll_with(id(&login), to("mallory@example.org")).await.status(200);
    let own = app.received("email");
    app.enroll_with(id(&login), to("victim@example.org")).await.status(200);
    if own != app.received("email") {
        app.confirm(id(&login), &own).await.problem("code-rejected");
    }
    app.confirm(id(&login), &app.received("email")).await.status(200);
    let user = app.user("mallory").await.status(200);
    assert_eq!(user["authenticators"][0]["destination"], "v••••@example.org");
}

#[tokio::test]
async fn a_code_for_an_address_proves_no_app_and_the_other_way_round() {
    let app = TestApp::requiring(json!(["email", "totp"])).await;
    let login = app.begin(alice()).await;
    app.enroll_with(id(&login), json!({"method": "email"})).await.status(200);
    let code = app.received("email");
    let phone = app.scan(&login).await;
    assert_eq!(app.read(id(&login)).await.status(200)["sent_code"], Value::Null, "nobody waits for it");
    app.confirm(id(&login), &code).await.problem("code-rejected");
    app.next_step();
    app.enroll_with(id(&login), json!({"method": "email"})).await.status(200);
    app.confirm(id(&login), &app.code(&phone)).await.problem("code-rejected");
    app.confirm(id(&login), &app.received("email")).await.status(200);
}

#[tokio::test]
async fn a_code_sent_by_another_way_voids_the_one_before_and_each_is_of_its_own_way() {
    // Abuse list, item 22: the destination swapped during a challenge.
    for [first, second] in [["email", "sms"], ["sms", "email"]] {
        let app = with_address_and_number("alice@example.org", NUMBER).await;
        let login = app.begin(alice()).await;
        app.challenge(id(&login), first).await.status(202);
        let older = app.received(first);
        app.challenge(id(&login), second).await.status(202);
        let newer = app.received(second);
        assert_eq!(app.read(id(&login)).await.status(200)["sent_code"]["method"], second);
        app.answer_by(first, id(&login), &older).await.problem("code-rejected");
        app.answer_by(first, id(&login), &newer).await.problem("code-rejected");
        if older != newer {
            app.answer_by(second, id(&login), &older).await.problem("code-rejected");
        }
        app.answer_by(second, id(&login), &newer).await.status(200);
        let causes = app.causes("alice", "code.rejected").await;
        assert!(causes.iter().all(|cause| cause == "wrong"), "{causes:?}");
    }
}

#[tokio::test]
async fn a_code_of_one_of_several_addresses_is_no_code_of_another() {
    // Abuse list, item 22.
    let app = TestApp::requiring(json!(["email"])).await;
    let first = app.enrolled_by("email", alice(), "first@example.org").await;
    let second = json!({"method": "email", "destination": "second@example.org"});
    let begun = app.begin_own("alice", second, id(&first)).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("email"), id(&first)).await.status(200);
    app.next_step();
    let login = app.begin(alice()).await;
    let mut codes = Vec::new();
    for method in &login["methods"].as_array().unwrap()[..2] {
        let body = json!({"method": "email", "authenticator_id": method["authenticator_id"]});
        app.challenge_with(id(&login), body).await.status(202);
        codes.push(app.received("email"));
    }
    if codes[0] != codes[1] {
        app.answer_by("email", id(&login), &codes[0]).await.problem("code-rejected");
    }
    app.answer_by("email", id(&login), &codes[1]).await.status(200);
    // Only the address that was used is on record as used.
    let rows = app.user("alice").await.status(200)["authenticators"].clone();
    assert_eq!(rows[0]["last_used_at"], "2026-01-07T09:20:00Z");
    assert_eq!(rows[1]["last_used_at"], "2026-01-07T09:21:00Z");
}

#[tokio::test]
async fn a_code_to_an_address_that_was_removed_meanwhile_opens_nothing() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let phone = app.enrolled(alice()).await;
    let proof = app.proven(&phone).await;
    let first = app.add_destination("alice", "email", "first@example.org", &proof).await;
    let second = app.add_destination("alice", "email", "second@example.org", &proof).await;
    let (one, other) = (app.begin(alice()).await, app.begin(alice()).await);
    let by =
        |enrolled: &Value| json!({"method": "email", "authenticator_id": enrolled["authenticator"]["id"]});
    app.challenge_with(id(&one), by(&first)).await.status(202);
    let to_first = app.received("email");
    app.challenge_with(id(&other), by(&second)).await.status(202);
    let to_second = app.received("email");

    // Beside the other address its code is one of nothing; without any the method is gone.
    app.remove_own("alice", id(&first["authenticator"]), &proof).await.status(204);
    app.answer_by("email", id(&one), &to_first).await.problem("code-rejected");
    app.challenge_with(id(&one), by(&first)).await.problem("method-not-available");
    app.remove_own("alice", id(&second["authenticator"]), &proof).await.status(204);
    app.answer_by("email", id(&other), &to_second).await.problem("method-not-available");
    app.answer_by("email", id(&one), &to_first).await.problem("method-not-available");
    assert_eq!(app.read(id(&one)).await.status(200)["methods"][0]["method"], "totp");
    app.answer(id(&one), &app.code(&phone.phone)).await.status(200);
}

#[tokio::test]
async fn a_code_that_enrols_opens_no_login_and_one_that_opens_a_login_enrols_nothing() {
    // Abuse list, item 23: a code of one purpose used for another.
    let app = TestApp::requiring(json!(["email"])).await;
    let passed = app.enrolled_by("email", alice(), "alice@example.org").await;
    let one_more = json!({"method": "email", "destination": "alice@example.net"});
    let begun = app.begin_own("alice", one_more, id(&passed)).await.status(201);
    let enrolling = app.received("email");
    app.next_step();
    let (login, step_up) = (app.begin(alice()).await, app.step_up(alice()).await);
    app.challenge(id(&login), "email").await.status(202);
    let opening = app.received("email");
    if enrolling != opening {
        app.answer_by("email", id(&login), &enrolling).await.problem("code-rejected");
        app.answer_by("email", id(&step_up), &enrolling).await.problem("code-rejected");
        app.confirm_own("alice", id(&begun), &opening, id(&passed)).await.problem("code-rejected");
    }
    app.confirm_own("alice", id(&begun), &enrolling, id(&passed)).await.status(200);
    app.answer_by("email", id(&login), &opening).await.status(200);
}

#[tokio::test]
async fn a_code_is_of_the_step_that_it_was_sent_for_and_of_no_other_of_the_same_user() {
    // Abuse list, item 23: a code of one purpose used for another, to one and the same address.
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    let to_alice = json!({"method": "email", "destination": "alice@example.org"});
    let proof = app.proven(&app.enrolled(alice()).await).await;
    let own = app.begin_own("alice", to_alice.clone(), &proof).await.status(201);
    let for_self_service = app.received("email");
    app.next_step();
    app.add_destination("alice", "email", "alice@example.org", &proof).await;
    let pass = app.issue_pass("alice", json!({})).await.status(201);
    let forced = app.begin(alice()).await;
    let body = json!({"method": "one_time_pass", "code": pass["code"]});
    assert_eq!(app.answer_with(id(&forced), body).await.status(200)["status"], "enrollment_required");
    app.enroll_with(id(&forced), to_alice).await.status(200);
    let for_enrolment = app.received("email");
    app.next_step();
    let (login, step_up) = (app.begin(alice()).await, app.step_up(alice()).await);
    app.challenge(id(&step_up), "email").await.status(202);
    let for_step_up = app.received("email");
    app.next_step();
    app.challenge(id(&login), "email").await.status(202);
    let for_login = app.received("email");

    // By chance two of them are the same three times in a million.
    let others = |own: &String| -> Vec<String> {
        let all = [&for_self_service, &for_enrolment, &for_step_up, &for_login];
        all.into_iter().filter(|code| *code != own).cloned().collect()
    };
    for code in others(&for_login) {
        app.answer_by("email", id(&login), &code).await.problem("code-rejected");
    }
    app.unlock("alice").await.status(204);
    for code in others(&for_step_up) {
        app.answer_by("email", id(&step_up), &code).await.problem("code-rejected");
    }
    app.unlock("alice").await.status(204);
    for code in others(&for_enrolment) {
        app.confirm(id(&forced), &code).await.problem("code-rejected");
    }
    for code in others(&for_self_service) {
        app.confirm_own("alice", id(&own), &code, &proof).await.problem("code-rejected");
    }
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 2);
    // Each is good for its own, in the order in which they were sent.
    app.confirm(id(&forced), &for_enrolment).await.status(200);
    app.answer_by("email", id(&step_up), &for_step_up).await.status(200);
    app.answer_by("email", id(&login), &for_login).await.status(200);
}

#[tokio::test]
async fn the_code_that_proved_the_old_address_does_not_prove_the_new_one() {
    // Abuse list, item 23, within one login.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", alice(), "alice@example.org").await;
    app.put_policy(json!({"mode": "required", "methods": ["sms"]})).await.status(200);
    let login = app.begin(alice()).await;
    app.challenge(id(&login), "email").await.status(202);
    let proof = app.received("email");
    let proven = app.answer_by("email", id(&login), &proof).await.status(200);
    assert_eq!(proven["status"], "enrollment_required");
    app.confirm(id(&login), &proof).await.problem("login-not-pending");
    app.enroll_with(id(&login), json!({"method": "sms"})).await.status(200);
    let texted = app.received("sms");
    if proof != texted {
        app.confirm(id(&login), &proof).await.problem("code-rejected");
    }
    let passed = app.confirm(id(&login), &texted).await.status(200);
    assert_eq!(passed["amr"], json!(["otp", "sms"]));
}

#[tokio::test]
async fn a_code_of_one_enrolment_proves_no_other() {
    // Abuse list, item 23.
    let app = TestApp::requiring(json!(["email"])).await;
    let (hers, his) = (app.begin("alice").await, app.begin("bob").await);
    let to_one = json!({"method": "email", "destination": "shared@example.org"});
    app.enroll_with(id(&hers), to_one.clone()).await.status(200);
    let first = app.received("email");
    app.enroll_with(id(&his), to_one).await.status(200);
    let second = app.received("email");
    if first != second {
        app.confirm(id(&hers), &second).await.problem("code-rejected");
        app.confirm(id(&his), &first).await.problem("code-rejected");
    }
    app.confirm(id(&hers), &first).await.status(200);
    app.confirm(id(&his), &second).await.status(200);
}

#[tokio::test]
async fn a_code_of_another_users_address_is_wrong() {
    // Abuse list, items 10 and 26.
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    app.enrolled_by("email", "bob", "bob@example.org").await;
    let (hers, his) = (app.begin("alice").await, app.begin("bob").await);
    app.challenge(id(&hers), "email").await.status(202);
    let code = app.received("email");
    app.answer_by("email", id(&his), &code).await.problem("code-rejected");
    let rows = app.user("alice").await.status(200)["authenticators"].clone();
    let foreign = json!({"method": "email", "authenticator_id": rows[0]["id"]});
    app.challenge_with(id(&his), foreign).await.problem("method-not-available");
    app.answer_by("email", id(&hers), &code).await.status(200);
}
