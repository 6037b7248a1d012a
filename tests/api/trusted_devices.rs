//! Browsers that may skip the second factor for a while: trusted by a right code, recognised by a token that changes
//! at each use, and forgotten.

use crate::answer::Answer;
use crate::support::{Enrolled, START, TestApp, User, id, together};
use serde_json::{Value, json};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const DAY: u64 = 86_400;

impl TestApp {
    /// "TOTP required", and browsers can be trusted for 30 days.
    async fn with_trust() -> Self {
        let app = Self::with_totp_required().await;
        app.patch_policy(json!({"trusted_device_days": 30})).await.status(200);
        app
    }

    /// Begins a login in a browser that presents `token`.
    async fn begin_in(&self, user: impl Into<User>, token: &str) -> Value {
        self.begin_with(json!({"user": user.into().0, "trusted_device": token})).await.status(201)
    }

    /// Signs in with the phone, asks to trust the browser, and takes its token. Ends in a new step.
    async fn trust(&self, user: &Enrolled) -> String {
        self.trust_as(user, user.id.as_str()).await
    }

    /// The same, with what the host says of the user.
    async fn trust_as(&self, user: &Enrolled, said: impl Into<User>) -> String {
        let begun = json!({"user": said.into().0, "client": {"user_agent": FIREFOX}});
        let login = self.begin_with(begun).await.status(201);
        assert_eq!(login["trusted_device_days"], 30);
        let passed = self.answer_trusting(&login, &self.code(&user.phone)).await.status(200);
        self.next_step();
        token(&passed)
    }

    async fn answer_trusting(&self, login: &Value, code: &str) -> Answer {
        self.answer_with(id(login), json!({"method": "totp", "code": code, "trust_device": true})).await
    }

    async fn devices(&self, user: &str) -> Vec<Value> {
        self.user(user).await.status(200)["trusted_devices"].as_array().unwrap().clone()
    }
}

#[track_caller]
fn token(login: &Value) -> String {
    login["trusted_device"]["token"].as_str().unwrap_or_else(|| panic!("a token: {login}")).to_owned()
}

#[track_caller]
fn is_challenged(login: &Value) {
    assert_eq!(login["status"], "challenge_required", "{login}");
    assert_eq!(login["trusted_device"], Value::Null, "{login}");
}

#[tokio::test]
async fn a_trusted_browser_passes_and_gets_another_token_each_time() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let mut held = app.trust(&alice).await;
    let end = app.devices("alice").await[0]["expires_at"].clone();
    for _ in 0..3 {
        app.advance(DAY);
        let login = app.begin_in("alice", &held).await;
        assert_eq!((&login["status"], &login["reason"]), (&json!("passed"), &json!("trusted_device")));
        assert_eq!((&login["amr"], &login["method"]), (&json!([]), &Value::Null), "nothing was proven");
        assert_eq!(login["trusted_device"]["expires_at"], end, "a successor lives no longer");
        let next = token(&login);
        assert_ne!(next, held);
        held = next;
    }
    assert_eq!(app.causes("alice", "login.passed").await[..3], ["trusted_device"; 3]);
}

#[tokio::test]
async fn the_list_shows_browser_and_times_and_no_token() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let held = app.trust(&alice).await;
    app.advance(DAY);
    let held = token(&app.begin_in("alice", &held).await);
    let state = app.user("alice").await;
    for part in held.split('.') {
        assert!(!state.text.contains(part));
    }
    let devices = app.devices("alice").await;
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0]["name"], "Firefox on Linux");
    assert_eq!(devices[0]["created_at"], "2026-01-07T09:20:30Z");
    assert_eq!(devices[0]["last_used_at"], "2026-01-08T09:21:00Z");
    assert_eq!(devices[0]["expires_at"], "2026-02-06T09:20:30Z");
    let page = app.audit("?user=alice&action=device.trusted").await.status(200);
    assert_eq!(page["events"][0]["number"], 30);
}

#[tokio::test]
async fn nothing_is_trusted_where_the_policy_does_not_allow_it() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    assert_eq!(login["trusted_device_days"], 0);
    let passed = app.answer_trusting(&login, &app.code(&alice.phone)).await.status(200);
    assert_eq!((&passed["status"], &passed["trusted_device"]), (&json!("passed"), &Value::Null));
    assert!(app.devices("alice").await.is_empty());
}

#[tokio::test]
async fn a_login_begun_before_the_policy_allowed_it_trusts_nothing_nor_one_that_ends_after_it_forbade_it() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let early = app.begin("alice").await;
    app.patch_policy(json!({"trusted_device_days": 30})).await.status(200);
    let passed = app.answer_trusting(&early, &app.code(&alice.phone)).await.status(200);
    assert_eq!(passed["trusted_device"], Value::Null);
    app.next_step();
    let late = app.begin("alice").await;
    app.patch_policy(json!({"trusted_device_days": 0})).await.status(200);
    let passed = app.answer_trusting(&late, &app.code(&alice.phone)).await.status(200);
    assert_eq!(passed["trusted_device"], Value::Null);
}

#[tokio::test]
async fn a_login_begun_under_other_methods_trusts_nothing() {
    let app = TestApp::requiring(json!(["totp", "email"])).await;
    app.patch_policy(json!({"trusted_device_days": 30})).await.status(200);
    app.enrolled_by("email", "alice", "alice@example.org").await;
    let login = app.begin("alice").await;
    app.challenge(id(&login), "email").await.status(202);
    app.patch_policy(json!({"methods": ["totp"]})).await.status(200);
    let body = json!({"method": "email", "code": app.received("email"), "trust_device": true});
    let passed = app.answer_with(id(&login), body).await.status(200);
    assert_eq!((&passed["status"], &passed["trusted_device"]), (&json!("passed"), &Value::Null));
    assert!(app.devices("alice").await.is_empty());
}

#[tokio::test]
async fn who_does_not_ask_is_not_trusted_nor_who_answers_wrongly() {
    // Abuse list, item 30: a token asked for before the second factor.
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    let refused = app.answer_trusting(&login, &app.wrong(&alice.phone)).await.problem("code-rejected");
    assert_eq!(refused["trusted_device"], Value::Null);
    assert_eq!(app.read(id(&login)).await.status(200)["trusted_device"], Value::Null);
    let passed = app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
    assert_eq!(passed["trusted_device"], Value::Null);
    assert!(app.devices("alice").await.is_empty());
}

#[tokio::test]
async fn a_token_is_shown_in_the_answer_that_gave_it_and_never_again() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    token(&app.answer_trusting(&login, &app.code(&alice.phone)).await.status(200));
    assert_eq!(app.read(id(&login)).await.status(200)["trusted_device"], Value::Null);
}

#[tokio::test]
async fn look_up_secrets_trust_no_browser() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    let body = json!({"method": "recovery_code", "code": alice.recovery_codes[0], "trust_device": true});
    let passed = app.answer_with(id(&login), body).await.status(200);
    assert_eq!((&passed["status"], &passed["trusted_device"]), (&json!("passed"), &Value::Null));
    assert!(app.devices("alice").await.is_empty());
}

#[tokio::test]
async fn a_pass_and_the_enrolment_after_it_trust_no_browser() {
    let app = TestApp::with_trust().await;
    app.enrolled("alice").await;
    let pass = app.issue_pass("alice", json!({})).await.status(201);
    let login = app.begin("alice").await;
    let body = json!({"method": "one_time_pass", "code": pass["code"], "trust_device": true});
    let answered = app.answer_with(id(&login), body).await.status(200);
    assert_eq!(
        (&answered["status"], &answered["trusted_device"]),
        (&json!("enrollment_required"), &Value::Null)
    );
    let phone = app.scan(&login).await;
    let passed = app.confirm(id(&login), &app.code(&phone)).await.status(200);
    assert_eq!((&passed["status"], &passed["trusted_device"]), (&json!("passed"), &Value::Null));
    assert!(app.devices("alice").await.is_empty());
}

#[tokio::test]
async fn a_step_up_neither_makes_a_browser_trusted_nor_takes_its_word() {
    // Abuse list, item 29.
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let held = app.trust(&alice).await;
    let body = json!({"user": User::from("alice").0, "purpose": "step_up", "trusted_device": held});
    let step_up = app.begin_with(body).await.status(201);
    is_challenged(&step_up);
    assert_eq!(step_up["trusted_device_days"], 0);
    let passed = app.answer_trusting(&step_up, &app.code(&alice.phone)).await.status(200);
    assert_eq!(passed["trusted_device"], Value::Null);
    assert_eq!(app.devices("alice").await.len(), 1);
    // The token was not used up by it.
    token(&app.begin_in("alice", &held).await);
}

#[tokio::test]
async fn the_predecessor_is_forgiven_for_a_minute_and_then_gives_its_family_away() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let first = app.trust(&alice).await;
    let second = token(&app.begin_in("alice", &first).await);
    app.advance(59);
    is_challenged(&app.begin_in("alice", &first).await);
    assert_eq!(app.devices("alice").await.len(), 1, "not trusted, and nothing more");
    app.advance(1);
    is_challenged(&app.begin_in("alice", &first).await);
    assert!(app.devices("alice").await.is_empty(), "the family is revoked");
    is_challenged(&app.begin_in("alice", &second).await);
    let page = app.audit("?user=alice&action=device.token_reused").await.status(200);
    assert_eq!(page["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_older_token_gives_its_family_away_at_once() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let first = app.trust(&alice).await;
    let second = token(&app.begin_in("alice", &first).await);
    let third = token(&app.begin_in("alice", &second).await);
    is_challenged(&app.begin_in("alice", &first).await);
    is_challenged(&app.begin_in("alice", &third).await);
    assert!(app.devices("alice").await.is_empty());
}

#[tokio::test]
async fn the_record_of_a_token_used_again_says_from_where() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let first = app.trust(&alice).await;
    let second = token(&app.begin_in("alice", &first).await);
    token(&app.begin_in("alice", &second).await);
    let thief = json!({"user": {"id": "alice", "name": "alice"}, "trusted_device": first,
        "client": {"ip": "198.51.100.7"}});
    app.begin_with(thief).await.status(201);
    let page = app.audit("?user=alice&action=device.token_reused").await.status(200);
    assert_eq!(page["events"][0]["client_ip"], "198.51.100.7");
}

#[tokio::test]
async fn only_a_login_that_waits_for_a_code_says_that_its_browser_can_be_trusted() {
    let app = TestApp::with_trust().await;
    let login = app.begin("alice").await;
    assert_eq!((&login["status"], &login["trusted_device_days"]), (&json!("enrollment_required"), &json!(0)));
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    assert_eq!(login["trusted_device_days"], 30);
    let passed = app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
    assert_eq!(passed["trusted_device_days"], 0);
}

#[tokio::test]
async fn one_browser_given_away_leaves_the_others_trusted() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let (stolen, other) = (app.trust(&alice).await, app.trust(&alice).await);
    let newer = token(&app.begin_in("alice", &stolen).await);
    token(&app.begin_in("alice", &newer).await);
    is_challenged(&app.begin_in("alice", &stolen).await);
    token(&app.begin_in("alice", &other).await);
    assert_eq!(app.devices("alice").await.len(), 1);
}

#[tokio::test]
async fn what_is_no_token_of_this_user_is_ignored() {
    // Abuse list, item 29: forged, and another user's.
    let app = TestApp::with_trust().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    let held = app.trust(&alice).await;
    let (family, secret) = held.split_once('.').unwrap();
    let foreign = app.trust(&bob).await;
    let other_secret = foreign.split_once('.').unwrap().1;
    let long = "a".repeat(512);
    for forged in ["", ".", "a.b", family, &format!("{family}."), &format!(".{secret}"), &long, &foreign] {
        is_challenged(&app.begin_in("alice", forged).await);
    }
    // Someone who knows the family knows a cookie: that is a copy.
    assert_eq!(app.devices("alice").await.len(), 1);
    is_challenged(&app.begin_in("alice", &format!("{family}.{other_secret}")).await);
    assert!(app.devices("alice").await.is_empty());
    // Bob's browser has lost nothing by it.
    token(&app.begin_in("bob", &foreign).await);
}

#[tokio::test]
async fn another_sites_user_of_the_same_id_is_another_user() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let held = app.trust(&alice).await;
    let other = app.with_site("other", "Other").await;
    other
        .put_policy(json!({"mode": "required", "methods": ["totp"], "trusted_device_days": 30}))
        .await
        .status(200);
    let theirs = other.enrolled("alice").await;
    is_challenged(&other.begin_in("alice", &held).await);
    other.forget_devices("alice", "").await.status(204);
    token(&app.begin_in("alice", &held).await);
    assert!(!theirs.recovery_codes.is_empty());
}

#[tokio::test]
async fn trust_ends_with_a_reset_a_new_password_and_deletion() {
    // Abuse list, item 29.
    let app = TestApp::with_trust().await;
    let with = |version: &str| json!({"id": "alice", "name": "alice", "credential_version": version});
    let alice = app.enrolled(with("1")).await;
    let held = app.trust_as(&alice, with("1")).await;
    let held = token(&app.begin_in(with("1"), &held).await);
    is_challenged(&app.begin_in(with("2"), &held).await);
    assert!(app.devices("alice").await.is_empty());
    is_challenged(&app.begin_in(with("1"), &held).await);

    let bob = app.enrolled("bob").await;
    let held = app.trust(&bob).await;
    app.remove("bob", "").await.status(200);
    assert_eq!(app.begin_in("bob", &held).await["status"], "enrollment_required");
    app.enrolled("bob").await;
    is_challenged(&app.begin_in("bob", &held).await);

    let carol = app.enrolled("carol").await;
    let held = app.trust(&carol).await;
    app.delete_user("carol").await.status(204);
    app.enrolled("carol").await;
    is_challenged(&app.begin_in("carol", &held).await);
}

#[tokio::test]
async fn trust_ends_whichever_call_tells_of_a_new_password_and_when_the_host_falls_silent_about_it() {
    // Abuse list, item 29.
    let app = TestApp::with_trust().await;
    let with = |version: &str| json!({"id": "alice", "name": "alice", "credential_version": version});
    let alice = app.enrolled(with("1")).await;
    let held = app.trust_as(&alice, with("1")).await;
    app.put_user("alice", json!({"name": "alice", "credential_version": "1"})).await.status(204);
    let held = token(&app.begin_in(with("1"), &held).await);
    app.put_user("alice", json!({"name": "alice", "credential_version": "2"})).await.status(204);
    assert!(app.devices("alice").await.is_empty());
    // Neither under the new one nor with the old one claimed again.
    is_challenged(&app.begin_in(with("2"), &held).await);
    is_challenged(&app.begin_in(with("1"), &held).await);

    let held = app.trust_as(&alice, with("1")).await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    is_challenged(&app.begin_in("alice", &held).await);

    let held = app.trust_as(&alice, with("1")).await;
    app.step_up(with("3")).await;
    is_challenged(&app.begin_in(with("3"), &held).await);
}

#[tokio::test]
async fn a_change_of_mode_or_methods_or_fewer_days_ends_all_trust() {
    // Abuse list, item 29.
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    for change in [
        json!({"mode": "optional"}),
        json!({"mode": "required"}),
        json!({"methods": ["totp", "email"]}),
        json!({"methods": ["totp"]}),
        json!({"trusted_device_days": 29}),
    ] {
        app.patch_policy(json!({"trusted_device_days": 30})).await.status(200);
        let held = app.trust(&alice).await;
        app.patch_policy(change.clone()).await.status(200);
        assert!(app.devices("alice").await.is_empty(), "{change}");
        is_challenged(&app.begin_in("alice", &held).await);
    }
}

#[tokio::test]
async fn other_changes_of_the_policy_leave_trust_alone() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let mut held = app.trust(&alice).await;
    for change in [
        json!({"trusted_device_days": 31}),
        json!({"grace_period_days": 3}),
        json!({"self_service": false}),
        json!({"required_roles": ["editor"]}),
        json!({"mode": "required", "methods": ["totp"]}),
    ] {
        app.patch_policy(change.clone()).await.status(200);
        held = token(&app.begin_in("alice", &held).await);
    }
}

#[tokio::test]
async fn trust_ends_after_its_days() {
    // Abuse list, item 29.
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let held = app.trust(&alice).await;
    app.advance(30 * DAY - 31);
    let held = token(&app.begin_in("alice", &held).await);
    app.advance(1);
    is_challenged(&app.begin_in("alice", &held).await);
    assert!(app.devices("alice").await.is_empty());
    assert_eq!(app.now(), START + 30 + 30 * 86_400);
    assert!(app.service.sweep().await.unwrap().rows > 0, "and its row is forgotten");
}

#[tokio::test]
async fn a_browser_can_be_forgotten_alone_or_with_all() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(app.trust(&alice).await);
    }
    let devices = app.devices("alice").await;
    let second = devices[1]["id"].as_str().unwrap();
    app.forget_devices("alice", &format!("/{second}")).await.status(204);
    app.forget_devices("alice", &format!("/{second}")).await.problem("authenticator-not-found");
    is_challenged(&app.begin_in("alice", &tokens[1]).await);
    let third = token(&app.begin_in("alice", &tokens[2]).await);
    // Also where users may change nothing else.
    app.patch_policy(json!({"self_service": false})).await.status(200);
    app.forget_devices("alice", "").await.status(204);
    app.forget_devices("alice", "").await.status(204);
    for held in [&tokens[0], &third] {
        is_challenged(&app.begin_in("alice", held).await);
    }
    app.forget_devices("nobody", "").await.problem("user-not-found");
    let page = app.audit("?user=alice&action=devices.forgotten").await.status(200);
    let numbers: Vec<_> =
        page["events"].as_array().unwrap().iter().map(|event| event["number"].clone()).collect();
    assert_eq!(numbers, [2, 1]);
}

#[tokio::test]
async fn another_users_browser_cannot_be_forgotten() {
    // Abuse list, item 26.
    let app = TestApp::with_trust().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    let held = app.trust(&alice).await;
    app.trust(&bob).await;
    let hers = app.devices("alice").await[0]["id"].as_str().unwrap().to_owned();
    app.forget_devices("bob", &format!("/{hers}")).await.problem("authenticator-not-found");
    let other = app.with_site("other", "Other").await;
    other.put_user("alice", json!({"name": "alice"})).await.status(204);
    other.forget_devices("alice", &format!("/{hers}")).await.problem("authenticator-not-found");
    token(&app.begin_in("alice", &held).await);
}

#[tokio::test]
async fn a_lock_does_not_stop_a_trusted_browser_and_its_pass_does_not_end_the_count() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let held = app.trust(&alice).await;
    app.fail(&alice, 5).await;
    assert!(app.lock_of(&alice).await.is_some());
    assert_eq!(app.begin_in("alice", &held).await["reason"], "trusted_device");
    assert!(app.lock_of(&alice).await.is_some());
}

#[tokio::test]
async fn of_fifty_logins_with_one_token_one_passes_by_it() {
    let app = TestApp::with_trust().await;
    let alice = app.enrolled("alice").await;
    let held = app.trust(&alice).await;
    let replica = app.replica();
    let answers = together(&app, 50, |app, n| {
        let (app, held) = (if n % 2 == 0 { app } else { replica.clone() }, held.clone());
        async move { app.begin_with(json!({"user": User::from("alice").0, "trusted_device": held})).await }
    })
    .await;
    let passed = answers.iter().filter(|answer| answer.body["status"] == "passed").count();
    let challenged = answers.iter().filter(|answer| answer.body["status"] == "challenge_required").count();
    assert_eq!((passed, challenged), (1, 49));
    assert_eq!(app.devices("alice").await.len(), 1, "the others came within the minute");
}
