//! A signed-in user's own authenticators: several of them, named, preferred, replaced, removed, switched off.

use crate::support::{Enrolled, TestApp, id};
use serde_json::{Value, json};

impl TestApp {
    /// Adds an app to a user's authenticators; `proof` is a login's id, or empty. Ends in a new step.
    pub async fn add_app(&self, user: &str, proof: &str) -> Value {
        let begun = self.begin_own(user, json!({"method": "totp"}), proof).await.status(201);
        let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
        let enrolled = self.confirm_own(user, id(&begun), &self.code(&phone), proof).await.status(200);
        self.next_step();
        enrolled
    }

    /// Adds an address or a number to a user's authenticators. Ends past the pause between two codes.
    pub async fn add_destination(&self, user: &str, method: &str, destination: &str, proof: &str) -> Value {
        let body = json!({"method": method, "destination": destination});
        let begun = self.begin_own(user, body, proof).await.status(201);
        let code = self.received(method);
        let enrolled = self.confirm_own(user, id(&begun), &code, proof).await.status(200);
        self.next_step();
        enrolled
    }

    pub async fn authenticators(&self, user: &str) -> Vec<Value> {
        self.user(user).await.status(200)["authenticators"].as_array().unwrap().clone()
    }

    /// "TOTP or e-mail required", and a user who has both: the phone, and the ids of app and address.
    async fn with_two_methods(&self) -> (Enrolled, String, String) {
        let methods = json!({"mode": "required", "methods": ["totp", "email"]});
        self.put_policy(methods).await.status(200);
        let alice = self.enrolled("alice").await;
        let proof = self.proven(&alice).await;
        self.add_destination("alice", "email", "alice@example.org", &proof).await;
        let rows = self.authenticators("alice").await;
        let of = |n: usize| rows[n]["id"].as_str().unwrap().to_owned();
        (alice, of(0), of(1))
    }
}

#[tokio::test]
async fn a_user_enrols_one_more_app_with_a_name_of_its_own() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let body = json!({"method": "totp", "name": " Work phone "});
    let begun = app.begin_own("alice", body, &proof).await.status(201);
    for member in ["id", "secret", "otpauth_uri", "qr_svg", "expires_at"] {
        assert!(begun[member].is_string(), "{member}");
    }
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    let wrong = app.confirm_own("alice", id(&begun), &app.wrong(&phone), &proof).await;
    assert_eq!(wrong.problem("code-rejected")["attempts_remaining"], 4);
    let code = app.code(&phone);
    let enrolled = app.confirm_own("alice", id(&begun), &code, &proof).await.status(200);
    assert_eq!(enrolled["authenticator"]["name"], "Work phone");
    assert_eq!(enrolled["recovery_codes"], Value::Null, "the first one brought them");
    // Either app signs in, and the code that confirmed is spent.
    let login = app.begin("alice").await;
    app.answer(id(&login), &code).await.problem("code-rejected");
    app.next_step();
    app.answer(id(&login), &app.code(&phone)).await.status(200);
    app.sign_in(&alice).await.status(200);
    let names: Vec<_> = app.authenticators("alice").await.iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["Authenticator app", "Work phone"]);
}

#[tokio::test]
async fn an_address_is_enrolled_once_however_it_is_written() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp", "email"]})).await.status(200);
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let address = |text: &str| json!({"method": "email", "destination": text});
    let begun = app.begin_own("alice", address("alice@example.org"), &proof).await.status(201);
    app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
    app.next_step();
    let again = app.begin_own("alice", address("Alice@Example.org"), &proof).await;
    assert_eq!(again.problem("invalid-request")["errors"][0]["field"], "destination");
    assert_eq!(app.mail.messages().len(), 1);
}

#[tokio::test]
async fn an_address_that_was_begun_twice_is_enrolled_once() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp", "email"]})).await.status(200);
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let address = |text: &str| json!({"method": "email", "destination": text});
    let one = app.begin_own("alice", address("alice@example.org"), &proof).await.status(201);
    let first = app.received("email");
    app.next_step();
    let other = app.begin_own("alice", address("Alice@Example.org"), &proof).await.status(201);
    app.confirm_own("alice", id(&other), &app.received("email"), &proof).await.status(200);
    let again = app.confirm_own("alice", id(&one), &first, &proof).await;
    assert_ne!(again.status, 200, "{again:?}");
    assert_eq!(app.authenticators("alice").await.len(), 2);
}

#[tokio::test]
async fn an_enrolment_is_no_login_in_the_audit_and_the_counters() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let logins = app.audit("?user=alice&action=login.passed").await.status(200)["events"].clone();
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    for _ in 0..5 {
        app.confirm_own("alice", id(&begun), &app.wrong(&phone), &proof).await.problem("code-rejected");
    }
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.problem("login-not-pending");
    app.add_app("alice", &proof).await;
    assert_eq!(app.audit("?user=alice&action=login.passed").await.status(200)["events"], logins);
    let failed = app.audit("?user=alice&action=login.failed").await.status(200);
    assert_eq!(failed["events"], json!([]));
    // Its id opens nothing where logins are asked for.
    for call in [app.read(id(&begun)).await, app.cancel(id(&begun)).await, app.recover(id(&begun), "x").await]
    {
        call.problem("login-not-found");
    }
}

#[tokio::test]
async fn a_refused_enrolment_pushes_out_no_login() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp", "email"]})).await.status(200);
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let oldest = app.begin("alice").await;
    for _ in 1..200 {
        app.begin("alice").await;
    }
    app.begin_own("alice", json!({"method": "email"}), &proof).await.problem("invalid-request");
    app.answer(id(&oldest), &app.code(&alice.phone)).await.status(200);
}

#[tokio::test]
async fn the_first_one_in_self_service_needs_no_step_up_and_brings_recovery_codes() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "optional", "methods": ["totp"]})).await.status(200);
    app.begin_own("alice", json!({"method": "totp"}), "").await.problem("user-not-found");
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    let enrolled = app.add_app("alice", "").await;
    assert_eq!(enrolled["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(app.begin("alice").await["status"], "challenge_required");
    app.begin_own("alice", json!({"method": "totp"}), "").await.problem("step-up-required");
}

#[tokio::test]
async fn a_user_has_at_most_five_of_a_method_and_ten_in_all() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "required", "methods": ["totp", "email", "sms"]})).await.status(200);
    let alice = app.enrolled("alice").await;
    for _ in 0..4 {
        app.add_app("alice", &app.proven(&alice).await).await;
    }
    let proof = app.proven(&alice).await;
    app.begin_own("alice", json!({"method": "totp"}), &proof).await.problem("too-many-authenticators");
    for n in 0..5 {
        let address = json!({"method": "email", "destination": format!("alice{n}@example.org")});
        let begun = app.begin_own("alice", address, &proof).await.status(201);
        app.confirm_own("alice", id(&begun), &app.received("email"), &proof).await.status(200);
    }
    let number = json!({"method": "sms", "destination": "+4915112345678"});
    app.begin_own("alice", number, &proof).await.problem("too-many-authenticators");
    assert_eq!((app.authenticators("alice").await.len(), app.sms.messages().len()), (10, 0));
}

#[tokio::test]
async fn a_limit_reached_meanwhile_refuses_the_one_that_is_confirmed_last() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let mut begun = Vec::new();
    for _ in 0..5 {
        begun.push(app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201));
    }
    for (n, one) in begun.iter().enumerate() {
        let phone = crate::phone::Phone::with(one["secret"].as_str().unwrap());
        let answer = app.confirm_own("alice", id(one), &app.code(&phone), &proof).await;
        if n < 4 {
            answer.status(200)
        } else {
            answer.problem("too-many-authenticators")
        };
    }
    assert_eq!(app.authenticators("alice").await.len(), 5);
}

#[tokio::test]
async fn names_are_given_and_changed_and_nonsense_is_not_taken() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let own = app.authenticators("alice").await[0]["id"].as_str().unwrap().to_owned();
    let renamed = app.rename_own("alice", &own, " Änne's <phone> ").await.status(200);
    assert_eq!(renamed["name"], "Änne's <phone>");
    assert_eq!(app.authenticators("alice").await[0]["name"], "Änne's <phone>");
    for wrong in ["", "   ", "a\nb", "a\u{0}b", &"x".repeat(101)] {
        app.rename_own("alice", &own, wrong).await.problem("invalid-request");
        let body = json!({"method": "totp", "name": wrong});
        app.begin_own("alice", body, &proof).await.problem("invalid-request");
    }
    for unknown in ["x", "0198b2a6-2f5c-7000-8000-5d1f0e8c7a11"] {
        app.rename_own("alice", unknown, "a").await.problem("authenticator-not-found");
    }
    let page = app.audit("?user=alice&action=authenticator.renamed").await;
    assert!(!page.text.contains("phone>"), "the audit holds nothing that a person typed");
    assert_eq!(page.status(200)["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_one_that_satisfies_a_policy_stays() {
    // Abuse list, item 24.
    let app = TestApp::start().await;
    let (alice, totp, email) = app.with_two_methods().await;
    app.require_totp().await;
    let proof = app.proven(&alice).await;
    app.remove_own("alice", &totp, &proof).await.problem("last-authenticator");
    app.remove_own("alice", &email, &proof).await.status(204);
    app.remove_own("alice", &totp, &proof).await.problem("last-authenticator");
    app.disable("alice", &proof).await.problem("last-authenticator");
    app.add_app("alice", &proof).await;
    app.remove_own("alice", &totp, &proof).await.status(204);
    let state = app.user("alice").await.status(200);
    assert_eq!((&state["enrolled"], &state["recovery_codes_remaining"]), (&json!(true), &json!(10)));
    assert_eq!(app.causes("alice", "authenticator.removed").await, ["by_user", "by_user"]);
}

#[tokio::test]
async fn by_role_too_the_last_stays_and_who_is_exempt_may_remove_it() {
    // Abuse list, item 24.
    let app = TestApp::with_totp_required().await;
    let users = ["editor", "robot", "author", "unknown"];
    let mut proofs = Vec::new();
    for user in users {
        let enrolled = app.enrolled(user).await;
        proofs.push(app.proven(&enrolled).await);
    }
    app.put_policy(json!({
        "mode": "optional", "methods": ["totp"], "required_roles": ["editor"], "exempt_roles": ["robot"],
    }))
    .await
    .status(200);
    // Required beats exempt.
    for (user, roles) in
        [("editor", json!(["editor", "robot"])), ("robot", json!(["robot"])), ("author", json!([]))]
    {
        app.put_user(user, json!({"name": user, "roles": roles})).await.status(204);
    }
    for ((user, proof), goes) in users.into_iter().zip(&proofs).zip([false, true, true, false]) {
        let own = app.authenticators(user).await.remove(0);
        let answer = app.remove_own(user, id(&own), proof).await;
        assert_eq!(answer.code(), if goes { "" } else { "last-authenticator" }, "{user}: {answer:?}");
        assert_eq!(app.user(user).await.status(200)["enrolled"], !goes, "{user}");
        let off = app.disable(user, proof).await;
        assert_eq!(off.code(), if goes { "" } else { "last-authenticator" }, "{user}: {off:?}");
    }
}

#[tokio::test]
async fn who_need_not_have_one_may_remove_the_last_and_with_it_goes_what_came_with_it() {
    let app = TestApp::start().await;
    let policy =
        json!({"mode": "required", "methods": ["totp"], "exempt_roles": ["robot"], "trusted_device_days": 9});
    app.put_policy(policy).await.status(200);
    let robot = || json!({"id": "alice", "name": "alice", "roles": ["robot"]});
    app.put_user("alice", json!({"name": "alice", "roles": ["robot"]})).await.status(204);
    let begun = app.begin_own("alice", json!({"method": "totp"}), "").await.status(201);
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.confirm_own("alice", id(&begun), &app.code(&phone), "").await.status(200);
    app.next_step();
    let login = app.begin(robot()).await;
    let body = json!({"method": "totp", "code": app.code(&phone), "trust_device": true});
    let passed = app.answer_with(id(&login), body).await.status(200);
    let proof = id(&login);
    app.prefer("alice", json!({"method": "totp"}), proof).await.status(204);
    assert_eq!(app.user("alice").await.status(200)["required"], false);

    let own = app.authenticators("alice").await[0]["id"].as_str().unwrap().to_owned();
    app.remove_own("alice", &own, proof).await.status(204);
    let state = app.user("alice").await.status(200);
    assert_eq!(
        (&state["enrolled"], &state["preferred_method"], &state["recovery_codes_remaining"]),
        (&json!(false), &Value::Null, &json!(0))
    );
    assert_eq!(state["trusted_devices"], json!([]));
    let token = &passed["trusted_device"]["token"];
    let next = app.begin_with(json!({"user": robot(), "trusted_device": token})).await.status(201);
    assert_eq!(next["reason"], "exempt");
}

#[tokio::test]
async fn the_preferred_method_is_asked_first_and_recovery_codes_never_are() {
    let app = TestApp::start().await;
    let (alice, totp, email) = app.with_two_methods().await;
    let first =
        |login: &Value| (login["methods"][0]["method"].clone(), login["methods"][0]["preferred"].clone());
    assert_eq!(first(&app.begin("alice").await), (json!("totp"), json!(true)));
    let proof = app.proven(&alice).await;
    app.prefer("alice", json!({"method": "email"}), &proof).await.status(204);
    let login = app.begin("alice").await;
    assert_eq!(first(&login), (json!("email"), json!(true)));
    let preferred = login["methods"].as_array().unwrap().iter().filter(|m| m["preferred"] == true).count();
    assert_eq!(preferred, 1);
    assert_eq!(app.user("alice").await.status(200)["preferred_method"], "email");
    // Abuse list, item 25.
    app.prefer("alice", json!({"method": "sms"}), &proof).await.problem("method-not-available");
    let names = ["", " totp", "TOTP", "none", "recovery_code", "one_time_pass"];
    let others = [
        json!({}),
        json!({"method": null}),
        json!({"method": ["totp"]}),
        json!({"method": {"totp": true}}),
        json!({"method": "totp", "more": 1}),
        json!("totp"),
        json!(null),
    ];
    for wrong in names.map(|name| json!({"method": name})).into_iter().chain(others) {
        app.prefer("alice", wrong, &proof).await.problem("invalid-request");
    }
    assert_eq!(app.user("alice").await.status(200)["preferred_method"], "email");
    app.remove_own("alice", &email, &proof).await.status(204);
    assert_eq!(app.user("alice").await.status(200)["preferred_method"], Value::Null);
    assert_eq!(app.authenticators("alice").await[0]["id"], totp.as_str());
}

#[tokio::test]
async fn a_preferred_method_is_forgotten_with_its_last_authenticator_for_good() {
    let app = TestApp::start().await;
    let (alice, _, first) = app.with_two_methods().await;
    let proof = app.proven(&alice).await;
    let second = app.add_destination("alice", "email", "alice@example.com", &proof).await;
    app.prefer("alice", json!({"method": "email"}), &proof).await.status(204);
    app.remove_own("alice", &first, &proof).await.status(204);
    assert_eq!(app.user("alice").await.status(200)["preferred_method"], "email");
    app.remove_own("alice", id(&second["authenticator"]), &proof).await.status(204);
    assert_eq!(app.user("alice").await.status(200)["preferred_method"], Value::Null);
    // Not remembered for the day when there is one again.
    app.add_destination("alice", "email", "alice@example.net", &proof).await;
    assert_eq!(app.user("alice").await.status(200)["preferred_method"], Value::Null);
    let login = app.begin("alice").await;
    assert_eq!(login["methods"][0], json!({"method": "totp", "preferred": true}));
}

#[tokio::test]
async fn an_administrators_removal_of_a_method_forgets_the_preference_for_it() {
    let app = TestApp::start().await;
    let (alice, ..) = app.with_two_methods().await;
    app.prefer("alice", json!({"method": "email"}), &app.proven(&alice).await).await.status(204);
    assert_eq!(app.remove("alice", "?method=email").await.status(200)["removed"], 1);
    let state = app.user("alice").await.status(200);
    assert_eq!((&state["preferred_method"], &state["enrolled"]), (&Value::Null, &json!(true)));
}

#[tokio::test]
async fn new_recovery_codes_void_the_old_ones() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let new = app.replace_codes("alice", &app.proven(&alice).await).await.status(200);
    let new: Vec<String> = serde_json::from_value(new["recovery_codes"].clone()).unwrap();
    assert_eq!(new.len(), 10);
    let login = app.begin("alice").await;
    app.recover(id(&login), &alice.recovery_codes[0]).await.problem("code-rejected");
    app.recover(id(&login), &new[0]).await.status(200);
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 9);
    let page = app.audit("?user=alice&action=recovery_codes.created").await.status(200);
    assert_eq!(page["events"][0]["number"], 10);
}

#[tokio::test]
async fn who_has_nothing_enrolled_gets_no_recovery_codes() {
    let app = TestApp::with_totp_required().await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    app.replace_codes("alice", "").await.problem("method-not-available");
    app.prefer("alice", json!({"method": "totp"}), "").await.problem("method-not-available");
    app.replace_codes("nobody", "").await.problem("user-not-found");
}

#[tokio::test]
async fn switching_off_takes_everything_and_voids_what_is_open() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    app.disable("alice", &proof).await.problem("last-authenticator");
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    let open = app.begin("alice").await;
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    app.issue_pass("alice", json!({})).await.status(201);
    app.disable("alice", "").await.problem("step-up-required");
    app.disable("alice", &proof).await.status(204);
    let state = app.user("alice").await.status(200);
    assert_eq!((&state["enrolled"], &state["recovery_codes_remaining"]), (&json!(false), &json!(0)));
    assert_eq!(state["authenticators"], json!([]));
    app.answer(id(&open), &app.code(&alice.phone)).await.problem("login-expired");
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.problem("login-expired");
    app.add_app("alice", "").await;
    app.replace_codes("alice", &proof).await.problem("step-up-required");
    let login = app.begin("alice").await;
    assert_eq!(login["methods"].as_array().unwrap().len(), 2, "the one-time pass is gone: {login}");
    let page = app.audit("?user=alice&action=mfa.disabled").await.status(200);
    assert_eq!((&page["events"][0]["number"], &page["events"][0]["cause"]), (&json!(1), &json!("by_user")));
}

#[tokio::test]
async fn switching_off_what_is_off_changes_nothing() {
    let app = TestApp::start().await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    app.disable("alice", "").await.status(204);
    let page = app.audit("?user=alice&action=mfa.disabled").await.status(200);
    assert_eq!(page["events"], json!([]));
    app.require_totp().await;
    app.disable("alice", "").await.problem("last-authenticator");
}

#[tokio::test]
async fn whom_the_policy_comes_to_require_after_switching_off_enrols_at_the_next_login() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    app.patch_policy(json!({"mode": "optional"})).await.status(200);
    app.disable("alice", &proof).await.status(204);
    assert_eq!(app.begin("alice").await["reason"], "not_enrolled");
    app.require_totp().await;
    let again = app.enrolled("alice").await;
    assert_eq!(again.recovery_codes.len(), 10);
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&alice.phone)).await.problem("code-rejected");
    app.answer(id(&login), &app.code(&again.phone)).await.status(200);
}

#[tokio::test]
async fn what_went_with_the_last_one_does_not_come_back_with_the_next() {
    let app = TestApp::start().await;
    let policy = json!({"mode": "required", "methods": ["totp"], "trusted_device_days": 30});
    app.put_policy(policy).await.status(200);
    app.patch_policy(json!({"exempt_roles": ["robot"]})).await.status(200);
    for call in ["remove", "disable"] {
        let alice = app.enrolled(call).await;
        let login = app.begin(call).await;
        let body = json!({"method": "totp", "code": app.code(&alice.phone), "trust_device": true});
        let passed = app.answer_with(id(&login), body).await.status(200);
        let proof = id(&login);
        app.prefer(call, json!({"method": "totp"}), proof).await.status(204);
        app.put_user(call, json!({"name": call, "roles": ["robot"]})).await.status(204);
        if call == "remove" {
            let own = app.authenticators(call).await.remove(0);
            app.remove_own(call, id(&own), proof).await.status(204);
        } else {
            app.disable(call, proof).await.status(204);
        }
        let enrolled = app.add_app(call, "").await;
        assert_eq!(enrolled["recovery_codes"].as_array().unwrap().len(), 10, "{call}");
        let state = app.user(call).await.status(200);
        assert_eq!(
            (&state["preferred_method"], &state["trusted_devices"]),
            (&Value::Null, &json!([])),
            "{call}"
        );
        let token = &passed["trusted_device"]["token"];
        let said = json!({"id": call, "name": call, "roles": ["robot"]});
        let login = app.begin_with(json!({"user": said, "trusted_device": token})).await.status(201);
        assert_eq!(login["status"], "challenge_required", "{call}");
        app.recover(id(&login), &alice.recovery_codes[0]).await.problem("code-rejected");
        app.answer(id(&login), &app.code(&alice.phone)).await.problem("code-rejected");
    }
}

#[tokio::test]
async fn where_the_policy_leaves_no_self_service_changes_are_forbidden_and_reading_is_not() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let own = app.authenticators("alice").await[0]["id"].as_str().unwrap().to_owned();
    app.patch_policy(json!({"self_service": false})).await.status(200);
    app.begin_own("alice", json!({"method": "totp"}), &proof).await.problem("forbidden");
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.problem("forbidden");
    app.resend_own("alice", id(&begun), &proof).await.problem("forbidden");
    app.rename_own("alice", &own, "x").await.problem("forbidden");
    app.remove_own("alice", &own, &proof).await.problem("forbidden");
    app.prefer("alice", json!({"method": "totp"}), &proof).await.problem("forbidden");
    app.replace_codes("alice", &proof).await.problem("forbidden");
    app.disable("alice", &proof).await.problem("forbidden");
    app.user("alice").await.status(200);
    app.put_user("alice", json!({"name": "Alice"})).await.status(204);
    app.forget_devices("alice", "").await.status(204);
    // Forced enrolment and logins are no self-service.
    app.sign_in(&alice).await.status(200);
    app.enrolled("bob").await;
}

#[tokio::test]
async fn an_enrolment_ends_with_its_fifth_wrong_code_and_with_its_time() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    for left in (0..5).rev() {
        let wrong = app.confirm_own("alice", id(&begun), &app.wrong(&phone), &proof).await;
        assert_eq!(wrong.problem("code-rejected")["attempts_remaining"], left);
    }
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.problem("login-not-pending");
    assert_eq!(app.lock_of(&alice).await, None, "a new authenticator's codes are no failures of the user");

    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.advance(600);
    let proof = app.proven(&alice).await;
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.problem("login-expired");
    assert_eq!(app.authenticators("alice").await.len(), 1);
}

#[tokio::test]
async fn a_code_is_sent_again_on_demand_and_voids_the_one_before() {
    let app = TestApp::start().await;
    app.put_policy(json!({"mode": "optional", "methods": ["email", "totp"]})).await.status(200);
    app.put_user("alice", json!({"name": "alice", "email": "alice@example.org"})).await.status(204);
    let state = app.user("alice").await.status(200);
    assert_eq!(state["known_destinations"], json!({"email": "a••••@example.org"}));
    let begun = app.begin_own("alice", json!({"method": "email"}), "").await.status(201);
    assert_eq!((&begun["destination"], &begun["resend_after"]), (&json!("a••••@example.org"), &json!(30)));
    let older = app.received("email");
    app.resend_own("alice", id(&begun), "").await.problem("throttled");
    app.next_step();
    let sent = app.resend_own("alice", id(&begun), "").await.status(202);
    assert_eq!(sent["destination"], "a••••@example.org");
    if older != app.received("email") {
        app.confirm_own("alice", id(&begun), &older, "").await.problem("code-rejected");
    }
    app.confirm_own("alice", id(&begun), &app.received("email"), "").await.status(200);
    let begun = app.begin_own("alice", json!({"method": "totp"}), "").await;
    begun.problem("step-up-required");
}

#[tokio::test]
async fn an_enrolment_is_no_login_and_a_login_is_no_enrolment() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.read(id(&begun)).await.problem("login-not-found");
    app.cancel(id(&begun)).await.problem("login-not-found");
    app.enroll(id(&begun)).await.problem("login-not-found");
    app.confirm(id(&begun), &app.code(&phone)).await.problem("login-not-found");
    app.challenge(id(&begun), "email").await.problem("login-not-found");
    app.answer(id(&begun), &app.code(&alice.phone)).await.problem("login-not-found");
    app.recover(id(&begun), &alice.recovery_codes[0]).await.problem("login-not-found");
    // And it proves nothing about its user, neither before nor after it is confirmed.
    app.replace_codes("alice", id(&begun)).await.problem("step-up-required");
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.status(200);
    app.replace_codes("alice", id(&begun)).await.problem("step-up-required");

    let fresh = app.begin("bob").await;
    let phone = app.scan(&fresh).await;
    app.confirm_own("bob", id(&fresh), &app.code(&phone), "").await.problem("authenticator-not-found");
    app.confirm(id(&fresh), &app.code(&phone)).await.status(200);
}

#[tokio::test]
async fn a_locked_user_confirms_nothing() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
    app.fail(&alice, 5).await;
    // Wrong or right, and more often than an enrolment has answers: it counts nothing.
    for code in [app.wrong(&phone), app.code(&phone)] {
        for _ in 0..3 {
            app.confirm_own("alice", id(&begun), &code, &proof).await.problem("throttled");
        }
    }
    app.begin_own("alice", json!({"method": "totp"}), &proof).await.problem("throttled");
    app.next_step();
    app.confirm_own("alice", id(&begun), &app.code(&phone), &proof).await.status(200);
}

#[tokio::test]
async fn a_method_that_the_policy_does_not_name_is_not_enrolled() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    for method in ["email", "sms", "webauthn"] {
        let body = json!({"method": method, "destination": "alice@example.org"});
        let answer = app.begin_own("alice", body, &proof).await;
        assert!(["method-not-available", "invalid-request"].contains(&answer.code()), "{answer:?}");
    }
    assert!(app.mail.messages().is_empty() && app.sms.messages().is_empty());
    assert_eq!(app.user("alice").await.status(200)["enrollable"], json!(["totp"]));
}

#[tokio::test]
async fn a_client_cannot_send_a_secret_in_an_open_session_either() {
    // Abuse list, item 13.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let chosen = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let body = json!({"method": "totp", "secret": chosen});
    app.begin_own("alice", body, &proof).await.problem("invalid-request");
    let begun = app.begin_own("alice", json!({"method": "totp"}), &proof).await.status(201);
    assert_ne!(begun["secret"], chosen);
    let code = crate::phone::Phone::with(chosen).code_at(app.now());
    app.confirm_own("alice", id(&begun), &code, &proof).await.problem("code-rejected");
    assert_eq!(app.authenticators("alice").await.len(), 1);
}

#[tokio::test]
async fn ids_of_authenticators_and_enrolments_that_are_none_lead_nowhere() {
    // Abuse list, item 16.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let proof = app.proven(&alice).await;
    let long = "a".repeat(4096);
    for odd in ["x", "0", "%00", "..", "..%2f..", "%2e%2e", "a%2Fb", "%ff", &long] {
        let answers = [
            app.rename_own("alice", odd, "x").await,
            app.remove_own("alice", odd, &proof).await,
            app.confirm_own("alice", odd, "123456", &proof).await,
            app.resend_own("alice", odd, &proof).await,
            app.forget_devices("alice", &format!("/{odd}")).await,
        ];
        for answer in answers {
            let refusals = ["invalid-request", "not-found", "authenticator-not-found"];
            assert!(refusals.contains(&answer.code()), "{odd:.20}: {answer:?}");
        }
    }
    assert_eq!(app.authenticators("alice").await.len(), 1);
}
