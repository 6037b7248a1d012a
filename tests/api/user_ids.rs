//! User ids: the host's own, compared byte for byte, in bodies, paths and queries alike.

use crate::support::{TestApp, id};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Ids that differ only where someone might fold, trim, normalise or decode.
const EXOTIC: [&str; 14] = [
    "a",
    "A",
    "á",
    "a\u{301}",
    "a+b/c,d%2F",
    "a b/c,d/",
    "a%2Bb",
    "a+b",
    "x?y=z&w#f",
    "...",
    "<script>alert(1)</script>",
    "\u{202e}drowssap",
    "user;param=1",
    "😀",
];

#[tokio::test]
async fn ids_that_look_alike_are_different_people() {
    let app = TestApp::with_totp_required().await;
    let mut people = Vec::new();
    for user in EXOTIC {
        people.push(app.enrolled(json!({"id": user, "name": "someone"})).await);
    }
    let roster = app.users("?limit=200").await.status(200);
    let listed: HashSet<_> =
        roster["users"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(listed, HashSet::from(EXOTIC));

    for person in &people {
        let user = app.user(&person.id).await.status(200);
        assert_eq!((user["id"].clone(), user["enrolled"].clone()), (json!(person.id), json!(true)));
        app.sign_in(person).await.status(200);
    }
    // What happens to one happens to nobody else.
    app.remove("a", "").await.status(200);
    app.delete_user("a+b/c,d%2F").await.status(204);
    app.next_step();
    for person in &people {
        let status = match person.id.as_str() {
            "a" | "a+b/c,d%2F" => "enrollment_required",
            _ => "challenge_required",
        };
        assert_eq!(
            app.begin(json!({"id": person.id, "name": "someone"})).await["status"],
            status,
            "{person:?}"
        );
    }
}

#[tokio::test]
async fn every_call_takes_every_valid_id() {
    let app = TestApp::start().await;
    let long = ["x".repeat(255), "\u{1d11e}".repeat(255), "/".repeat(255)];
    for user in EXOTIC.into_iter().chain(long.iter().map(String::as_str)) {
        app.put_user(user, json!({"name": "someone"})).await.status(204);
        assert_eq!(app.user(user).await.status(200)["id"], user);
        app.unlock(user).await.status(204);
        assert_eq!(app.remove(user, "").await.status(200)["removed"], 0);
        let login = app.begin(json!({"id": user, "name": "someone"})).await;
        assert_eq!(login["user"]["id"], user);

        let begun = app.begin_own(user, json!({"method": "totp"}), "").await.status(201);
        app.resend_own(user, id(&begun), "").await.problem("method-not-available");
        let phone = crate::phone::Phone::with(begun["secret"].as_str().unwrap());
        let enrolled = app.confirm_own(user, id(&begun), &app.code(&phone), "").await.status(200);
        let own = id(&enrolled["authenticator"]);
        assert_eq!(app.rename_own(user, own, "Mine").await.status(200)["name"], "Mine");
        app.remove_own(user, own, "").await.problem("step-up-required");
        app.prefer(user, json!({"method": "totp"}), "").await.problem("step-up-required");
        app.replace_codes(user, "").await.problem("step-up-required");
        app.disable(user, "").await.problem("step-up-required");
        app.forget_devices(user, "").await.status(204);
        app.forget_devices(user, &format!("/{own}")).await.problem("authenticator-not-found");
        app.issue_pass(user, json!({})).await.status(201);

        app.delete_user(user).await.status(204);
        app.user(user).await.problem("user-not-found");
    }
}

#[tokio::test]
async fn ids_outside_the_rule_are_refused_in_bodies() {
    let app = TestApp::start().await;
    let (long, bytes) = ("x".repeat(256), "\u{1d11e}".repeat(256));
    for user in [
        "",
        " a",
        "a ",
        "\u{a0}a",
        "a\u{2003}",
        ".",
        "..",
        "a\nb",
        "a\tb",
        "\0",
        "\u{7f}",
        "\u{9f}",
        &long,
        &bytes,
    ] {
        let problem =
            app.begin_with(json!({"user": {"id": user, "name": "x"}})).await.problem("invalid-request");
        assert_eq!(problem["errors"][0]["field"], "user.id", "{user:?}");
    }
    for user in [json!(42), json!(null), json!(["a"]), json!({"a": 1}), json!(true)] {
        app.begin_with(json!({"user": {"id": user, "name": "x"}})).await.problem("invalid-request");
    }
    assert_eq!(app.users("").await.status(200)["users"], json!([]));
}

#[tokio::test]
async fn ids_outside_the_rule_are_refused_in_paths() {
    let app = TestApp::start().await;
    for path in [
        "%20a",
        "a%20",
        "%2E",
        "%2e%2e",
        ".",
        "..",
        "a%00",
        "a%0D%0Ab",
        "%C3%28",
        "%FF",
        "%ED%A0%80",
        "a%2",
        "a%zz",
    ] {
        let (status, answer) = get(&app, &format!("/v1/users/{path}"));
        // What is a percent sign without two digits behind it stands for itself.
        let expected = if ["a%2", "a%zz"].contains(&path) { 404 } else { 400 };
        // A dot segment may have been resolved on the way to the routes; that is another address, not another user.
        let resolved = [".", ".."].contains(&path) && status == 404;
        assert!(status == expected || resolved, "{path}: {answer}");
    }
    let long = "x".repeat(256);
    assert_eq!(get(&app, &format!("/v1/users/{long}")).0, 400);
}

fn get(app: &TestApp, path: &str) -> (u16, String) {
    let key = &app.bridge;
    app.raw(&format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    ))
}

#[tokio::test]
async fn paths_are_decoded_exactly_once() {
    let app = TestApp::start().await;
    for user in ["a/b", "a%2Fb", "a%252Fb", "a+b", "a b"] {
        app.put_user(user, json!({"name": user})).await.status(204);
    }
    for (path, user) in [
        ("a%2Fb", "a/b"),
        ("a%252Fb", "a%2Fb"),
        ("a%25252Fb", "a%252Fb"),
        ("a+b", "a+b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("%61%2fb", "a/b"),
    ] {
        let (status, answer) = get(&app, &format!("/v1/users/{path}"));
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!((status, body["id"].clone()), (200, json!(user)), "{path}");
    }
    assert_eq!(get(&app, "/v1/users/a/b").0, 404, "two segments are no user");
}

#[tokio::test]
async fn a_login_id_that_was_guessed_or_bent_is_not_found() {
    // Abuse list, item 16.
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let login = id(&login);
    assert!(login.len() >= 22, "128 bits in base64");
    let swapped: String = login.chars().rev().collect();
    for guess in
        [&login[1..], &swapped, &login.to_lowercase(), &format!("{login}A"), "0", "%00", "%2e%2e%2fpolicy"]
    {
        let (status, answer) = get(&app, &format!("/v1/logins/{guess}"));
        assert!(status == 404 && answer.contains("login-not-found"), "{guess}: {answer}");
    }
    for guess in ["..", "../policy", "%2e%2e/policy", "", "%FF", &"x".repeat(4096)] {
        let (status, answer) = get(&app, &format!("/v1/logins/{guess}"));
        assert!([400, 404, 405].contains(&status), "{guess:.20}: {answer}");
    }
    app.read(login).await.status(200);
}

#[tokio::test]
async fn role_names_follow_the_same_rule() {
    let app = TestApp::start().await;
    for role in ["", " a", "..", "a\nb", &"x".repeat(256)] {
        app.begin_with(json!({"user": {"id": "a", "name": "a", "roles": [role]}}))
            .await
            .problem("invalid-request");
        app.patch_policy(json!({"required_roles": [role]})).await.problem("invalid-request");
    }
}
