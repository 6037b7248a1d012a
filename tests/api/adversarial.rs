//! Attacks and accidents that must end in a denial or a clear error, with nothing lost and the cause on record.
//!
//! The list numbers them; where a story already tells one, its test carries the comment "Abuse list, item n":
//!
//! | items | where |
//! |---|---|
//! | 1, 4, 8, 10 replays, other people's codes and methods | `later_login` |
//! | 2, 3, 28c concurrent uses, parallel enrolments | `concurrency`, `sealed_rows` |
//! | 5, 14 the code that confirmed; abandoned enrolments | `enrollment` |
//! | 6, 12, 18, 20, 36, 40 | here |
//! | 7, 13 codes of every type; a secret from the client | `requests` |
//! | 11 ended logins | `login_states` |
//! | 15 the policy toggled meanwhile | `policy_at_login` |
//! | 16 guessed and bent ids | `user_ids` |
//! | 17, 19, 21 resets of the counter; addresses; locking others out | `throttle` |
//! | 26, 27 other sites, roles, keys | `authority` |
//! | 28b, 39 resets and password changes while something is open; re-created users | `administration` |
//! | 41 doctored rows | `sealed_rows` |
//! | 43 what must not leak | the tests of the process |
//! | 45 what the person cannot tell apart | `audit` |

use crate::answer::Answer;
use crate::phone::Phone;
use crate::support::{START, TestApp, id};
use mfa_sidecar::domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

fn full_width(code: &str) -> String {
    code.bytes().map(|digit| char::from_u32(0xff10 + u32::from(digit - b'0')).unwrap()).collect()
}

#[tokio::test]
async fn a_code_typed_with_blanks_hyphens_or_full_width_digits_passes_and_is_spent_in_every_spelling() {
    // Item 6.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    for n in 0..7 {
        let plain = app.code(&alice.phone);
        let (left, right) = plain.split_at(3);
        let spellings = [
            format!("{left} {right}"),
            format!("{left}-{right}"),
            format!("\t{plain}\n"),
            format!("{left}\u{a0}{right}"),
            format!("\u{3000}{plain}\u{2009}"),
            full_width(&plain),
            format!("{left}{}", full_width(right)),
        ];
        let login = app.begin("alice").await;
        app.answer(id(&login), &spellings[n]).await.status(200);
        let again = app.begin("alice").await;
        for spelling in [&plain, &spellings[(n + 1) % 7], &spellings[n]] {
            app.answer(id(&again), spelling).await.problem("code-rejected");
        }
        app.next_step();
    }
    let replayed = app.causes("alice", "code.rejected").await;
    assert!(replayed.len() == 21 && replayed.iter().all(|cause| cause == "replayed"), "{replayed:?}");
}

#[tokio::test]
async fn a_right_code_with_anything_else_around_it_is_rejected() {
    // Item 6.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let arabic = |code: &str| -> String {
        code.bytes().map(|digit| char::from_u32(0x0660 + u32::from(digit - b'0')).unwrap()).collect()
    };
    let plain = app.code(&alice.phone);
    for spelling in [
        format!("+{plain}"),
        format!("{plain}.0"),
        format!("{plain}0"),
        format!("0{plain}"),
        format!("{plain}\u{0}"),
        format!("{plain}x"),
        format!("0x{plain}"),
        format!("{plain}{plain}"),
        format!("{plain}\u{200b}"),
        arabic(&plain),
        plain[1..].to_owned(),
        format!("{}{plain}", " ".repeat(100)),
    ] {
        let login = app.begin("alice").await;
        app.answer(id(&login), &spelling).await.problem("code-rejected");
        app.unlock("alice").await.status(204);
    }
    let login = app.begin("alice").await;
    app.answer(id(&login), &plain).await.status(200);
}

#[tokio::test]
async fn an_enrolled_users_login_cannot_be_turned_into_an_enrolment() {
    // Item 12: neither by asking, nor after wrong answers, nor by a login that began before the enrolment.
    let app = TestApp::with_totp_required().await;
    let before = app.begin("alice").await;
    let alice = app.enrolled("alice").await;
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.wrong(&alice.phone)).await.problem("code-rejected");
    for login in [&login, &before] {
        app.enroll(id(login)).await.problem("already-enrolled");
        app.confirm(id(login), &app.code(&alice.phone)).await.problem("already-enrolled");
    }
    app.answer(id(&before), &app.code(&alice.phone)).await.problem("login-not-pending");
    assert_eq!(app.user("alice").await.status(200)["authenticators"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn budget_lock_and_spent_codes_outlive_a_restart_and_hold_on_every_replica() {
    // Item 18.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let spent = app.code(&alice.phone);
    app.sign_in(&alice).await.status(200);
    app.fail(&alice, 2).await;
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.wrong(&alice.phone)).await.problem("code-rejected");

    let app = app.restart();
    let replica = app.replica();
    assert_eq!(app.read(id(&login)).await.status(200)["attempts_remaining"], 4);
    replica.answer(id(&login), &spent).await.problem("code-rejected");
    app.answer(id(&login), &app.wrong(&alice.phone)).await.problem("code-rejected");
    for replica in [&app, &replica] {
        assert_eq!(replica.lock_of(&alice).await, Some(30));
        replica.answer(id(&login), &app.code_in(&alice.phone, 1)).await.problem("throttled");
    }
    app.unlock("alice").await.status(204);
    replica.answer(id(&login), &app.code_in(&alice.phone, 1)).await.status(200);
}

#[tokio::test]
async fn a_pending_enrolment_outlives_a_restart() {
    let app = TestApp::with_totp_required().await;
    let login = app.begin("alice").await;
    let phone = app.scan(&login).await;
    let app = app.restart();
    app.confirm(id(&login), &app.code(&phone)).await.status(200);
}

#[tokio::test]
async fn one_code_sprayed_over_many_users_shows_in_metrics_and_audit() {
    // Item 20.
    let app = TestApp::with_totp_required().await;
    let mut users = Vec::new();
    for n in 0..20 {
        users.push(app.enrolled(format!("user{n}").as_str()).await);
    }
    let rejected = async || {
        let metrics = Answer::to(app.client.get(format!("http://{}/metrics", app.address()))).await.text;
        let line = metrics.lines().find(|line| {
            line.starts_with("mfa_answers_total{")
                && line.contains("\"totp\"")
                && line.contains("\"rejected\"")
        });
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
    };
    let before = rejected().await;
    let code = (0..)
        .map(|n: u32| format!("{:06}", 314_159 + n))
        .find(|code| !users.iter().any(|user| (-1..=1).any(|s| &app.code_in(&user.phone, s) == code)))
        .unwrap();
    for user in &users {
        let login = app.begin(user.id.as_str()).await;
        app.answer(id(&login), &code).await.problem("code-rejected");
    }
    // Other tests of this process count into the same metrics.
    assert!(rejected().await >= before + 20);
    let page = app.audit("?action=code.rejected&limit=200").await.status(200);
    let events = page["events"].as_array().unwrap().iter();
    let seen: HashSet<_> = events.map(|event| event["user"].to_string()).collect();
    assert_eq!(seen.len(), 20);
}

#[tokio::test]
async fn names_with_markup_direction_marks_and_reserved_characters_stay_names() {
    // Item 36.
    let app = TestApp::start().await;
    let site = app.with_site("<b>&\"%:site", "<b>R&D: 100% \u{202e}txt").await;
    site.require_totp().await;
    let name = "</svg><script>alert(1)</script>\u{202e}&secret=AAAA&issuer=Evil:%0A";
    let login = site.begin(json!({"id": "alice", "name": name})).await;
    let begun = site.enroll(id(&login)).await.status(200);

    let uri = begun["otpauth_uri"].as_str().unwrap();
    let (label, query) = uri.strip_prefix("otpauth://totp/").unwrap().split_once('?').unwrap();
    assert_eq!(label.matches(':').count(), 1, "one colon, between issuer and account: {uri}");
    assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?&=%".contains(&b)), "{uri}");
    let parameters: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    let names: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["secret", "issuer", "algorithm", "digits", "period"], "nothing was added: {uri}");
    assert_eq!(parameters[0].1, begun["secret"].as_str().unwrap());
    assert!(!uri.contains("%E2%80%AE") && !uri.contains("%0A"), "no direction marks, no line breaks: {uri}");

    let svg = begun["qr_svg"].as_str().unwrap();
    assert!(!svg.contains("script") && !svg.contains("alert") && svg.matches("</svg>").count() == 1);
    let phone = Phone::with(begun["secret"].as_str().unwrap());
    site.confirm(id(&login), &site.code(&phone)).await.status(200);
    assert_eq!(site.user("alice").await.status(200)["name"], name, "kept as it is; pages escape it");
    for broken in ["a\nb", "a\rb", "a\u{0}b", "\u{1b}[31mred"] {
        let body = json!({"user": {"id": "alice", "name": broken}});
        site.begin_with(body).await.problem("invalid-request");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_an_hour_ahead_and_back_accepts_no_code_twice() {
    // Item 40.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let before = app.begin("alice").await;
    let present = app.now();
    let (code, ahead) = (app.code(&alice.phone), alice.phone.code_at(present + 3600));

    app.advance(3600);
    app.answer(id(&before), &ahead).await.problem("login-not-found");
    let login = app.begin("alice").await;
    app.answer(id(&login), &ahead).await.status(200);

    app.clock.set(Timestamp::from_seconds(present));
    let back = app.begin("alice").await;
    app.answer(id(&back), &code).await.problem("code-rejected");
    app.answer(id(&back), &ahead).await.problem("code-rejected");
    // Whose phone is an hour behind the last accepted step has the recovery codes.
    app.recover(id(&back), &alice.recovery_codes[0]).await.status(200);
    app.advance(3630);
    app.sign_in(&alice).await.status(200);
}

#[tokio::test]
async fn a_clock_that_jumps_back_unlocks_nobody_early_and_breaks_nothing() {
    // Item 40.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    app.fail(&alice, 5).await;
    app.clock.set(Timestamp::from_seconds(START - 3600));
    assert!(app.lock_of(&alice).await.unwrap() >= 30);
    app.sign_in(&alice).await.problem("throttled");
    app.unlock("alice").await.status(204);
    app.sign_in(&alice).await.problem("code-rejected");
    app.clock.set(Timestamp(0));
    app.sign_in(&alice).await.problem("code-rejected");
    assert_eq!(app.policy().await.status(200)["mode"], "required");
}

#[tokio::test]
async fn a_clock_that_jumps_back_lets_nobody_skip_the_enrolment() {
    // Item 40: the policy then lies in the future, also for a replica whose clock is late.
    let app = TestApp::with_totp_required().await;
    app.begin("known").await;
    for seconds in [1, 3600] {
        app.clock.set(Timestamp::from_seconds(START - seconds));
        for user in ["known", "new"] {
            let login = app.begin(user).await;
            assert_eq!(login["status"], "enrollment_required", "{login}");
        }
    }
}

#[tokio::test]
async fn a_code_at_the_edge_of_its_step_passes_once_whichever_side_the_clock_is_on() {
    // Item 40.
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let edge = app.now() + 30;
    let code = alice.phone.code_at(edge - 1);
    app.clock.set(Timestamp(edge * 1000 - 1));
    let login = app.begin("alice").await;
    app.answer(id(&login), &code).await.status(200);
    for at in [edge * 1000, edge * 1000 - 1, edge * 1000 + 29_999] {
        app.clock.set(Timestamp(at));
        let again = app.begin("alice").await;
        app.answer(id(&again), &code).await.problem("code-rejected");
    }
}

#[tokio::test]
async fn at_the_login_form_a_known_and_an_unknown_user_look_alike_once_enrolled_or_not() {
    // Item 45: after the password a stranger to this service is made to enrol like anyone who has not, and the answers
    // have the same members whoever asks.
    let app = TestApp::with_totp_required().await;
    app.put_user("known", json!({"name": "x"})).await.status(204);
    let comparable = |login: Value| {
        let mut login = login;
        for member in ["id", "user"] {
            login.as_object_mut().unwrap().remove(member).unwrap();
        }
        login
    };
    let known = app.begin(json!({"id": "known", "name": "x"})).await;
    let unknown = app.begin(json!({"id": "unknown", "name": "x"})).await;
    assert_eq!(comparable(known), comparable(unknown));
}
