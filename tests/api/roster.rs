//! The administrator's list of users with their enrolment state.

use crate::support::TestApp;
use serde_json::{Value, json};

async fn ids(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.users(query).await.status(200);
    let users = page["users"].as_array().unwrap().iter();
    users.map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

async fn app_with(users: &[&str]) -> TestApp {
    let app = TestApp::start().await;
    for user in users {
        app.put_user(user, json!({"name": user})).await.status(204);
    }
    app
}

#[tokio::test]
async fn the_roster_tells_who_has_enrolled_and_can_be_narrowed_to_either() {
    let app = app_with(&["a", "b", "c"]).await;
    app.require_totp().await;
    app.enrolled("b").await;
    assert_eq!(ids(&app, "").await, ["a", "b", "c"]);
    assert_eq!(ids(&app, "?enrolled=true").await, ["b"]);
    assert_eq!(ids(&app, "?enrolled=false").await, ["a", "c"]);
    let page = app.users("?enrolled=true").await.status(200);
    assert_eq!(page["users"][0], app.user("b").await.status(200), "the same as read alone");
    assert_eq!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let names: Vec<_> = (0..23).map(|n| format!("user{n:02}")).collect();
    let app = app_with(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.users(&format!("?limit=5{cursor}")).await.status(200);
        let users = page["users"].as_array().unwrap();
        assert!(users.len() == 5 || page["next_cursor"].is_null());
        seen.extend(users.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        // Someone who comes in between is in a later page or in none, and shifts nobody.
        app.put_user(&format!("user00x{}", seen.len()), json!({"name": "x"})).await.status(204);
    }
    assert_eq!(seen, names);
}

#[tokio::test]
async fn a_page_of_the_hosts_own_list_is_asked_for_by_ids() {
    let app = app_with(&["a", "A", "á", "a\u{301}", "a+b/c,d%2F", "x y"]).await;
    let query = "?id=x%20y&id=nobody&id=%C3%A1&id=a%CC%81&id=A&id=a%2Bb%2Fc%2Cd%252F";
    assert_eq!(ids(&app, query).await, ["x y", "á", "a\u{301}", "A", "a+b/c,d%2F"]);
    assert_eq!(ids(&app, "?id=nobody").await, [""; 0]);
    let two_hundred = format!("?{}", vec!["id=a"; 200].join("&"));
    assert_eq!(app.users(&two_hundred).await.status, 200);
    app.users(&format!("{two_hundred}&id=a")).await.problem("invalid-request");
}

#[tokio::test]
async fn parameters_that_are_wrong_or_unknown_are_refused() {
    let app = app_with(&["a"]).await;
    for query in [
        "?enrolled=perhaps",
        "?enrolled=true&enrolled=false",
        "?limit=0",
        "?limit=201",
        "?limit=ten",
        "?limit=-1",
        "?cursor=%20",
        "?cursor=!!!",
        "?id=a&limit=1",
        "?id=",
        "?id=.",
        "?id=%FF",
        "?colour=red",
    ] {
        app.users(query).await.problem("invalid-request");
    }
}

#[tokio::test]
async fn a_user_id_asked_for_twice_is_listed_as_asked_and_breaks_nothing() {
    let app = app_with(&["a", "b"]).await;
    app.require_totp().await;
    app.enrolled("a").await;
    let page = app.users("?id=a&id=a").await.status(200);
    let users = page["users"].as_array().unwrap();
    assert!(users.iter().all(|user| user["authenticators"].as_array().unwrap().len() == 1), "{page}");
}
