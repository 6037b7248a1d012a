//! What the policy asks of one login: the decision table end to end, with grace periods, roles and step-ups.

use crate::support::{TestApp, User, id};
use serde_json::{Value, json};

const DAY: u64 = 86_400;

fn with(roles: Value) -> Value {
    let mut user = json!({"id": "42", "name": "alice"});
    if !roles.is_null() {
        user["roles"] = roles;
    }
    user
}

/// Status and reason of a new login.
async fn judged(app: &TestApp, user: impl Into<User>) -> (String, Value) {
    let login = app.begin(user).await;
    (login["status"].as_str().unwrap().to_owned(), login["reason"].clone())
}

fn passed(reason: &str) -> (String, Value) {
    ("passed".into(), json!(reason))
}

fn pending(status: &str) -> (String, Value) {
    (status.into(), Value::Null)
}

#[tokio::test]
async fn switched_off_the_policy_passes_everyone() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("42").await;
    app.put_policy(json!({"mode": "disabled", "methods": ["totp"], "required_roles": ["editor"]}))
        .await
        .status(200);
    for who in [with(json!(["editor"])), json!({"id": "new", "name": "new"})] {
        let login = app.begin(who).await;
        assert_eq!(
            (login["status"].clone(), login["reason"].clone()),
            (json!("passed"), json!("policy_disabled"))
        );
        assert_eq!((login["amr"].clone(), login["authenticated_at"].clone()), (json!([]), Value::Null));
        assert_eq!(app.read(id(&login)).await.status(200), login);
    }
}

#[tokio::test]
async fn optional_challenges_who_has_enrolled_and_passes_who_has_not() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.put_policy(json!({"mode": "optional", "methods": ["totp"]})).await.status(200);
    assert_eq!(judged(&app, with(Value::Null)).await, passed("not_enrolled"));
    assert_eq!(app.begin("alice").await["status"], "challenge_required");
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn required_of_some_roles_asks_only_their_holders_and_who_says_no_roles() {
    let app = TestApp::start().await;
    let policy = json!({
        "mode": "required", "methods": ["totp"], "required_roles": ["editor", "Chef ü"], "exempt_roles": ["robot"],
    });
    app.put_policy(policy.clone()).await.status(200);
    for mode in ["required", "optional"] {
        app.patch_policy(json!({"mode": mode})).await.status(200);
        for (roles, expected) in [
            (json!(["editor"]), pending("enrollment_required")),
            (json!(["reader", "Chef ü"]), pending("enrollment_required")),
            (json!(["editor", "robot"]), pending("enrollment_required")), // required beats exempt
            (Value::Null, pending("enrollment_required")),                // silence opens nothing
            (json!(["reader"]), passed("not_enrolled")),
            (json!(["Editor"]), passed("not_enrolled")), // byte for byte
            (json!([]), passed("not_enrolled")),
            (json!(["robot", "reader"]), passed("exempt")),
        ] {
            assert_eq!(judged(&app, with(roles.clone())).await, expected, "{mode} {roles}");
        }
    }
}

#[tokio::test]
async fn exempt_roles_excuse_from_enrolling_and_never_from_answering() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp"], "exempt_roles": ["robot"]}))
        .await
        .status(200);
    assert_eq!(judged(&app, with(json!(["robot"]))).await, passed("exempt"));
    assert_eq!(judged(&app, with(json!(["reader"]))).await, pending("enrollment_required"));
    assert_eq!(judged(&app, with(Value::Null)).await, pending("enrollment_required"));
    app.enrolled(with(json!(["reader"]))).await;
    assert_eq!(judged(&app, with(json!(["robot"]))).await, pending("challenge_required"));
}

#[tokio::test]
async fn within_the_grace_period_a_login_passes_and_says_until_when() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp"], "grace_period_days": 7}))
        .await
        .status(200);
    app.advance(2 * DAY);
    let first = app.begin("42").await;
    assert_eq!((first["status"].clone(), first["reason"].clone()), (json!("passed"), json!("grace_period")));
    assert_eq!(first["grace_ends_at"], "2026-01-16T09:20:00Z", "from the user's first being seen");
    app.advance(7 * DAY - 1);
    assert_eq!(app.begin("42").await["grace_ends_at"], first["grace_ends_at"]);
    app.advance(1);
    assert_eq!(judged(&app, "42").await, pending("enrollment_required"));
}

#[tokio::test]
async fn grace_runs_from_the_day_on_which_the_policy_became_stricter() {
    let app = TestApp::start().await;
    assert_eq!(judged(&app, "42").await, passed("policy_disabled"));
    app.advance(30 * DAY);
    app.put_policy(json!({"mode": "required", "methods": ["totp"], "grace_period_days": 7}))
        .await
        .status(200);
    app.advance(DAY);
    assert_eq!(app.begin("42").await["grace_ends_at"], "2026-02-13T09:20:00Z");
    // Saved again unchanged, nothing became stricter.
    app.put_policy(json!({"mode": "required", "methods": ["totp"], "grace_period_days": 7}))
        .await
        .status(200);
    app.advance(6 * DAY);
    assert_eq!(judged(&app, "42").await, pending("enrollment_required"));
}

#[tokio::test]
async fn grace_runs_for_whom_the_policy_requires_by_role_from_the_day_on_which_it_named_the_role() {
    let app = TestApp::start().await;
    let users = [("e", json!(["editor"])), ("a", json!(["author"])), ("ea", json!(["author", "editor"]))];
    let user = |id: &str, roles: &Value| json!({"id": id, "name": id, "roles": roles});
    for (id, roles) in &users {
        assert_eq!(judged(&app, user(id, roles)).await, passed("policy_disabled"));
    }
    let policy = |roles: Value| json!({"mode": "optional", "methods": ["totp"], "grace_period_days": 7, "required_roles": roles});
    app.put_policy(policy(json!(["editor"]))).await.status(200);
    app.advance(3 * DAY);
    assert_eq!(judged(&app, user("a", &json!(["author"]))).await, passed("not_enrolled"), "not asked yet");
    app.put_policy(policy(json!(["editor", "author"]))).await.status(200);
    let mut ends = Vec::new();
    for (id, roles) in &users {
        let login = app.begin(user(id, roles)).await;
        assert_eq!(login["reason"], "grace_period", "{id}");
        ends.push(login["grace_ends_at"].clone());
    }
    // Who holds both was required from the first day on.
    assert_eq!(ends, ["2026-01-14T09:20:00Z", "2026-01-17T09:20:00Z", "2026-01-14T09:20:00Z"]);
    app.advance(4 * DAY);
    let now = |id: &'static str, roles: Value| {
        let app = &app;
        async move { judged(app, user(id, &roles)).await }
    };
    assert_eq!(now("e", json!(["editor"])).await, pending("enrollment_required"));
    assert_eq!(now("ea", json!(["author", "editor"])).await, pending("enrollment_required"));
    assert_eq!(now("a", json!(["author"])).await, passed("grace_period"));
    app.advance(3 * DAY);
    assert_eq!(now("a", json!(["author"])).await, pending("enrollment_required"));
    assert_eq!(now("a", json!(["reader"])).await, passed("not_enrolled"), "of others nothing is asked");
}

#[tokio::test]
async fn silence_about_roles_has_a_grace_period_like_a_required_role_and_who_is_exempt_needs_none() {
    let app = TestApp::start().await;
    let policy = json!({
        "mode": "required", "methods": ["totp"], "grace_period_days": 7, "required_roles": ["editor"],
        "exempt_roles": ["robot"],
    });
    app.put_policy(policy).await.status(200);
    let robot = json!({"id": "robot", "name": "robot", "roles": ["robot"]});
    // Silence counts as required, from when the policy named roles: its grace is no way around.
    assert_eq!(judged(&app, with(Value::Null)).await, passed("grace_period"));
    assert_eq!(judged(&app, robot.clone()).await, passed("exempt"));
    app.advance(7 * DAY);
    assert_eq!(judged(&app, with(Value::Null)).await, pending("enrollment_required"));
    assert_eq!(judged(&app, with(json!(["editor", "robot"]))).await, pending("enrollment_required"));
    assert_eq!(judged(&app, robot).await, passed("exempt"));
    assert_eq!(judged(&app, with(json!(["reader"]))).await, passed("not_enrolled"));
}

#[tokio::test]
async fn grace_runs_once() {
    let app = TestApp::start().await;
    let strict = json!({"mode": "required", "methods": ["totp"], "grace_period_days": 7});
    app.put_policy(strict.clone()).await.status(200);
    assert_eq!(judged(&app, "42").await, passed("grace_period"));
    app.advance(8 * DAY);
    app.patch_policy(json!({"mode": "disabled"})).await.status(200);
    app.put_policy(strict).await.status(200);
    assert_eq!(judged(&app, "42").await, pending("enrollment_required"), "not a second time");
    assert_eq!(judged(&app, "new").await, passed("grace_period"), "who is new has it still");
}

#[tokio::test]
async fn a_user_in_grace_who_enrolled_meanwhile_is_challenged() {
    let app = TestApp::with_totp_required().await;
    app.enrolled("42").await;
    app.patch_policy(json!({"grace_period_days": 7})).await.status(200);
    assert_eq!(judged(&app, "42").await, pending("challenge_required"));
}

#[tokio::test]
async fn a_step_up_challenges_who_is_enrolled_whatever_the_policy() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    for policy in [
        json!({"mode": "disabled", "methods": ["totp"]}),
        json!({"mode": "optional", "methods": ["totp"], "exempt_roles": ["robot"]}),
        json!({"mode": "required", "methods": ["totp"], "exempt_roles": ["robot"]}),
        json!({"mode": "required", "methods": ["totp"], "grace_period_days": 30}),
        // Nor does it lead to enrolment, where no authenticator satisfies the policy. Abuse list, item 28a.
        json!({"mode": "required", "methods": ["email"]}),
    ] {
        app.put_policy(policy.clone()).await.status(200);
        let login = app.step_up(json!({"id": "alice", "name": "alice", "roles": ["robot"]})).await;
        let now = (login["status"].clone(), login["purpose"].clone());
        assert_eq!(now, (json!("challenge_required"), json!("step_up")), "{policy}");
        app.enroll(id(&login)).await.problem("already-enrolled");
        let passed = app.answer(id(&login), &app.code(&alice.phone)).await.status(200);
        let now = (passed["status"].clone(), passed["purpose"].clone(), passed["amr"].clone());
        assert_eq!(now, (json!("passed"), json!("step_up"), json!(["otp"])), "{policy}");
        app.next_step();
    }
}

#[tokio::test]
async fn a_step_up_never_forces_enrolment_and_is_then_no_proof() {
    let app = TestApp::with_totp_required().await;
    let login = app.step_up("new").await;
    assert_eq!((login["status"].clone(), login["reason"].clone()), (json!("passed"), json!("not_enrolled")));
    assert_eq!((login["amr"].clone(), login["method"].clone()), (json!([]), Value::Null));
}

#[tokio::test]
async fn a_policy_changed_between_begin_and_answer_holds_for_the_next_login() {
    // Abuse list, item 15.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let (challenged, to_enrol) = (app.begin("alice").await, app.begin("new").await);
    let phone = app.scan(&to_enrol).await;
    app.patch_policy(json!({"mode": "disabled"})).await.status(200);
    assert_eq!(app.read(id(&challenged)).await.status(200)["status"], "challenge_required");
    app.answer(id(&challenged), &app.wrong(&alice.phone)).await.problem("code-rejected");
    app.answer(id(&challenged), &app.code(&alice.phone)).await.status(200);
    app.confirm(id(&to_enrol), &app.code(&phone)).await.status(200);

    let before = app.begin("third").await;
    assert_eq!(before["status"], "passed");
    app.require_totp().await;
    assert_eq!(
        app.read(id(&before)).await.status(200)["reason"],
        "policy_disabled",
        "passed then, passed now"
    );
    assert_eq!(app.begin("third").await["status"], "enrollment_required");
}

#[tokio::test]
async fn passes_without_a_factor_are_audited_with_their_reason() {
    let app = TestApp::start().await;
    app.begin(json!({"id": "42", "name": "alice"})).await;
    app.put_policy(json!({"mode": "required", "methods": ["totp"], "grace_period_days": 1}))
        .await
        .status(200);
    app.begin(json!({"id": "42", "name": "alice"})).await;
    assert_eq!(app.causes("42", "login.passed").await, ["grace_period", "policy_disabled"]);
}
