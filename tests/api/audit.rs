//! The audit log: what happened, to whom, by whom, and why.

use crate::answer::Answer;
use crate::support::{TestApp, id};
use mfa_sidecar::domain::audit::{Action, Actor, AuditEvent};
use mfa_sidecar::domain::id::UserId;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::service::os_random;
use mfa_sidecar::store::{self, Db, Grouping, Store};
use reqwest::Method;
use serde_json::{Value, json};

fn actions(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_log_tells_a_users_story_newest_first() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    app.unlock("alice").await.status(204);
    app.sign_in(&alice).await.status(200);
    app.remove("alice", "").await.status(200);
    app.delete_user("alice").await.status(204);
    let page = app.audit("?user=alice").await.status(200);
    let expected = [
        "user.deleted",
        "authenticator.removed",
        "login.passed",
        "user.unlocked",
        "user.locked",
        "login.failed",
        "code.rejected",
        "code.rejected",
        "code.rejected",
        "code.rejected",
        "code.rejected",
        "login.passed",
        "recovery_codes.created",
        "authenticator.enrolled",
    ];
    let mut told = actions(&page);
    // Which of the two that one write records comes first is of no consequence.
    if told[4] == "login.failed" {
        told.swap(4, 5);
    }
    assert_eq!(told, expected);
    assert_eq!(page["next_cursor"], Value::Null);
    assert_eq!(page["events"][1]["number"], 1, "how many were removed");
}

#[tokio::test]
async fn an_event_tells_when_who_by_what_why_and_from_where() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let begun = json!({"user": {"id": "alice", "name": "alice"}, "client": {"ip": "2001:DB8::1"}});
    let login = app.begin_with(begun).await.status(201);
    app.answer(id(&login), &app.wrong(&alice.phone)).await.problem("code-rejected");
    let page = app.audit("?action=code.rejected").await.status(200);
    let event = &page["events"][0];
    assert_eq!(event["at"], "2026-01-07T09:20:30Z");
    assert_eq!((event["user"].clone(), event["method"].clone()), (json!("alice"), json!("totp")));
    assert_eq!((event["cause"].clone(), event["client_ip"].clone()), (json!("wrong"), json!("2001:db8::1")));
    assert_eq!(
        (event["actor"]["type"].clone(), event["actor"]["claimed"].clone()),
        (json!("key"), Value::Null)
    );
    assert!(event["actor"]["key_id"].is_string());
}

#[tokio::test]
async fn causes_tell_apart_what_the_person_is_told_alike() {
    // Abuse list, item 45: to the person they are one sentence.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let spent = app.code(&alice.phone);
    app.sign_in(&alice).await.status(200);
    let login = app.begin("alice").await;
    let mut told = Vec::new();
    for code in [app.wrong(&alice.phone), spent, "12 34".into()] {
        told.push(app.answer(id(&login), &code).await.problem("code-rejected"));
    }
    told.push(app.recover(id(&login), "0000-0000-0000").await.problem("code-rejected"));
    for body in &mut told {
        for member in ["request_id", "attempts_remaining"] {
            body.as_object_mut().unwrap().remove(member).unwrap();
        }
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    let causes = app.causes("alice", "code.rejected").await;
    assert_eq!(causes, ["unknown_or_spent", "malformed", "replayed", "wrong"]);
}

#[tokio::test]
async fn the_claimed_actor_stands_beside_the_proven_key() {
    let app = TestApp::start().await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    let act = |actor: &'static str| {
        let call = app.call(Method::POST, "/v1/users/alice/unlock", &app.admin);
        Answer::to(
            call.header("Mfa-Actor", reqwest::header::HeaderValue::from_bytes(actor.as_bytes()).unwrap()),
        )
    };
    act("chef-ü").await.status(204);
    app.unlock("alice").await.status(204);
    act(" padded is trimmed by HTTP ").await.status(204);
    act("..").await.problem("invalid-request");
    let page = app.audit("?action=user.unlocked").await.status(200);
    let claimed: Vec<_> = page["events"].as_array().unwrap().iter().map(|e| &e["actor"]["claimed"]).collect();
    assert_eq!(claimed, [&json!("padded is trimmed by HTTP"), &Value::Null, &json!("chef-ü")]);
    let keys: Vec<_> = page["events"].as_array().unwrap().iter().map(|e| &e["actor"]["key_id"]).collect();
    assert!(keys[0].is_string() && keys.iter().all(|key| key == &keys[0]));
}

#[tokio::test]
async fn a_claim_gives_no_authority() {
    let app = TestApp::start().await;
    app.put_user("alice", json!({"name": "alice"})).await.status(204);
    let call = app.call(Method::POST, "/v1/users/alice/unlock", &app.bridge).header("Mfa-Actor", "admin");
    Answer::to(call).await.problem("forbidden");
}

#[tokio::test]
async fn filters_narrow_by_user_action_and_time() {
    let app = TestApp::start().await;
    for user in ["a", "b"] {
        app.advance(60);
        app.begin(user).await;
        app.unlock(user).await.status(204);
    }
    let count = |query: &'static str| {
        let app = &app;
        async move { app.audit(query).await.status(200)["events"].as_array().unwrap().len() }
    };
    assert_eq!(count("?user=a").await, 2);
    assert_eq!(count("?user=nobody").await, 0);
    assert_eq!(count("?action=login.passed").await, 2);
    assert_eq!(count("?action=login.passed&user=b").await, 1);
    assert_eq!(count("?since=2026-01-07T09:22:00Z").await, 2, "not before");
    assert_eq!(count("?since=2026-01-07T09:22:00.001Z").await, 0);
    assert_eq!(count("?until=2026-01-07T09:22:00Z&user=a").await, 2);
    assert_eq!(count("?until=2026-01-07T09:22:00Z&user=b").await, 0, "before");
    assert_eq!(
        count("?since=2026-01-07T10:21:00%2B01:00&until=2026-01-07T10:22:00%2B01:00").await,
        2,
        "zones"
    );
    for query in [
        "?action=coffee.made",
        "?since=yesterday",
        "?until=2026-01-07",
        "?user=",
        "?user=a&user=b",
        "?limit=0",
        "?cursor=x",
        "?colour=red",
    ] {
        app.audit(query).await.problem("invalid-request");
    }
}

#[tokio::test]
async fn pages_follow_one_another_also_within_one_millisecond() {
    let app = TestApp::start().await;
    for n in 0..17 {
        app.begin(format!("user{n:02}").as_str()).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.audit(&format!("?action=login.passed&limit=4{cursor}")).await.status(200);
        seen.extend(
            page["events"].as_array().unwrap().iter().map(|e| e["user"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        app.begin("late").await;
    }
    let expected: Vec<_> = (0..17).rev().map(|n| format!("user{n:02}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn changes_of_the_policy_and_of_keys_are_on_record() {
    let app = TestApp::start().await;
    let (_, key) = app.key(&[mfa_sidecar::store::api_keys::Role::Bridge], None).await;
    assert!(app.service.revoke_key(&app.cli().await, key.id).await.unwrap());
    app.require_totp().await;
    let page = app.audit("?limit=3").await.status(200);
    assert_eq!(actions(&page), ["policy.changed", "key.revoked", "key.created"]);
    assert_eq!(page["events"][0]["number"], 2, "the new version");
    assert_eq!(page["events"][1]["actor"], json!({"type": "cli", "key_id": null, "claimed": null}));
}

#[tokio::test]
async fn a_users_story_is_the_same_before_and_after_it_is_prepared_for_the_search() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.sign_in(&alice).await.status(200);
    let before = app.audit("?user=alice").await.status(200);
    assert!(!app.service.prepare_audit_search().await.unwrap(), "so few events need no preparation");
    // Another process on the same database.
    let store = Store::open(app.database_url(), Grouping::default()).unwrap();
    let now = app.service.now();
    let append = move |db: &mut Db| {
        let site = store::sites::list(db)?.remove(0).id;
        let event = AuditEvent::new(Action::LoginPassed, Actor::Cli).about(&UserId::parse("bob").unwrap());
        (0..3000).try_for_each(|_| store::audit::append(db, site, &event, now, &mut os_random()))
    };
    store.write(Shard::NONE, append).await.unwrap();
    let mut steps = 0;
    while app.service.prepare_audit_search().await.unwrap() {
        steps += 1;
    }
    assert_eq!(steps, if app.database_url().starts_with("sqlite") { 1 } else { 0 });
    assert_eq!(app.audit("?user=alice").await.status(200), before);
}
