//! Attacks and accidents that must end in a denial or a clear error, with nothing lost and the cause on record.
//!
//! The list numbers them. [`ITEMS`] names a test or more of each that the API can show; others carry the comment
//! "Abuse list, item n". Item 9 is shown beside the import; 31 to 35, 37 and 38 are about hosts, and shown with them; 42
//! to 44 and 46 are shown by the tests of the process and of the store.

use crate::answer::Answer;
use crate::phone::Phone;
use crate::support::{START, TestApp, id};
use mfa_sidecar::domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The list's items, and where they are shown.
#[rustfmt::skip]
const ITEMS: &[(&str, &str)] = &[
    ("1", "later_login::the_same_code_does_not_pass_twice"),
    ("2", "concurrency::one_code_sent_a_hundred_times_to_one_login_passes_once"),
    ("2", "concurrency::one_code_sent_to_a_hundred_logins_passes_one_of_them"),
    ("2", "concurrency::one_code_sent_to_two_replicas_passes_once"),
    ("3", "concurrency::one_recovery_code_sent_to_a_hundred_logins_on_two_replicas_passes_one_of_them"),
    ("3", "concurrency::one_code_that_was_sent_passes_once_over_two_replicas"),
    ("4", "later_login::an_older_code_in_the_window_does_not_pass_after_a_newer_one"),
    ("5", "enrollment::the_code_that_confirmed_is_spent_at_the_first_login"),
    ("6", "adversarial::a_right_code_with_anything_else_around_it_is_rejected"),
    ("6", "out_of_band::a_sent_code_is_taken_however_it_is_typed"),
    ("7", "requests::codes_of_the_wrong_type_are_refused_and_of_the_wrong_form_rejected"),
    ("7", "destinations::a_destination_or_country_that_is_no_text_is_refused_and_costs_nothing"),
    ("8", "later_login::answers_that_cannot_be_judged_cost_no_attempt"),
    ("10", "later_login::a_code_of_another_users_phone_is_wrong"),
    ("10", "code_binding::a_code_of_another_users_address_is_wrong"),
    ("11", "login_states::an_abandoned_login_is_audited_and_takes_no_code"),
    ("12", "adversarial::an_enrolled_users_login_cannot_be_turned_into_an_enrolment"),
    ("13", "requests::a_client_cannot_send_a_secret"),
    ("13", "self_service::a_client_cannot_send_a_secret_in_an_open_session_either"),
    ("14", "enrollment::an_abandoned_enrolment_locks_nobody_out"),
    ("15", "policy_at_login::a_policy_changed_between_begin_and_answer_holds_for_the_next_login"),
    ("16", "user_ids::a_login_id_that_was_guessed_or_bent_is_not_found"),
    ("16", "self_service::ids_of_authenticators_and_enrolments_that_are_none_lead_nowhere"),
    ("17", "throttle::nothing_that_an_attacker_can_do_resets_the_count"),
    ("18", "adversarial::budget_lock_and_spent_codes_outlive_a_restart_and_hold_on_every_replica"),
    ("19", "throttle::nothing_that_an_attacker_can_do_resets_the_count"),
    ("20", "adversarial::one_code_sprayed_over_many_users_shows_in_metrics_and_audit"),
    ("21", "throttle::who_has_not_proven_the_password_can_lock_nobody"),
    ("22", "sending_limits::a_users_codes_count_whatever_they_are_for"),
    ("22", "sending_limits::a_number_is_one_number_in_every_spelling_and_for_every_user"),
    ("22", "sending_limits::a_prefix_may_be_a_part_of_a_country_and_opens_no_number_that_costs"),
    ("22", "code_binding::a_code_sent_by_another_way_voids_the_one_before_and_each_is_of_its_own_way"),
    ("22", "destinations::what_the_host_says_later_of_an_address_moves_no_code"),
    ("22", "sending_limits::asked_for_at_once_over_two_replicas_a_users_codes_are_no_more_than_ten"),
    ("23", "out_of_band::a_resend_voids_the_older_code"),
    ("23", "code_binding::a_code_is_of_the_step_that_it_was_sent_for_and_of_no_other_of_the_same_user"),
    ("24", "self_service::the_last_one_that_satisfies_a_policy_stays"),
    ("24", "self_service::by_role_too_the_last_stays_and_who_is_exempt_may_remove_it"),
    ("24", "parallel_enrollments::removed_at_once_the_last_that_is_required_stays"),
    ("25", "self_service::the_preferred_method_is_asked_first_and_recovery_codes_never_are"),
    ("26", "authority::sites_see_nothing_of_each_other"),
    ("26", "own_ids::another_users_ids_lead_nowhere"),
    ("26", "own_ids::another_sites_ids_lead_nowhere_even_for_a_user_of_the_same_id"),
    ("27", "authority::every_call_takes_its_roles_and_no_other"),
    ("27", "authority::a_key_revoked_while_requests_run_refuses_all_that_come_later_and_breaks_none"),
    ("27", "step_up::a_proof_of_another_user_or_site_is_none"),
    ("27", "step_up::a_proof_from_before_a_reset_or_another_password_is_none"),
    ("28", "step_up::a_recovery_code_lets_enrol_and_remove_and_no_more"),
    ("28", "step_up::a_step_up_by_a_one_time_pass_is_worth_what_a_recovery_code_is"),
    ("28a", "old_factor::a_wrong_proof_leads_nowhere_and_the_fifth_ends_the_login"),
    ("28a", "out_of_band::e_mail_never_satisfies_a_policy_that_names_only_totp"),
    ("28b", "administration::a_removal_voids_logins_enrolments_and_step_ups_that_are_open"),
    ("28b", "administration::a_changed_password_voids_what_is_open_and_keeps_what_is_enrolled"),
    ("28b", "parallel_enrollments::a_reset_a_deletion_or_another_password_ends_an_open_enrolment"),
    ("28b", "parallel_enrollments::a_confirm_and_a_reset_at_once_leave_nothing_enrolled"),
    ("28c", "concurrency::a_hundred_enrolments_of_one_user_confirmed_at_once_bind_one_authenticator"),
    ("28c", "sealed_rows::the_loser_of_two_enrolments_and_an_abandoned_one_leave_no_secret_behind"),
    ("29", "trusted_devices::what_is_no_token_of_this_user_is_ignored"),
    ("29", "trusted_devices::trust_ends_with_a_reset_a_new_password_and_deletion"),
    ("29", "trusted_devices::trust_ends_after_its_days"),
    ("29", "trusted_devices::a_change_of_mode_or_methods_or_fewer_days_ends_all_trust"),
    ("29", "trusted_devices::a_browser_can_be_forgotten_alone_or_with_all"),
    ("29", "trusted_devices::a_step_up_neither_makes_a_browser_trusted_nor_takes_its_word"),
    ("30", "trusted_devices::who_does_not_ask_is_not_trusted_nor_who_answers_wrongly"),
    ("30", "old_factor::before_the_wanted_factor_is_enrolled_no_browser_is_trusted"),
    ("36", "adversarial::names_with_markup_direction_marks_and_reserved_characters_stay_names"),
    ("36", "notices::names_from_outside_stay_text_in_a_notice"),
    ("36", "destinations::an_address_with_marks_that_nobody_sees_or_with_markup_is_refused"),
    ("39", "administration::a_user_created_anew_with_the_same_id_inherits_nothing"),
    ("40", "adversarial::a_clock_that_jumps_an_hour_ahead_and_back_accepts_no_code_twice"),
    ("41", "sealed_rows::an_authenticator_moved_to_another_user_opens_for_nobody"),
    ("41", "sealed_rows::a_truncated_damaged_or_emptied_state_is_an_error"),
    ("45", "audit::causes_tell_apart_what_the_person_is_told_alike"),
    ("45", "adversarial::at_the_login_form_a_known_and_an_unknown_user_look_alike_once_enrolled_or_not"),
];

#[test]
fn every_item_of_the_list_that_the_api_can_show_is_shown_by_a_test_that_exists() {
    let numbered = (1..=30).filter(|n| *n != 9).map(|n: u8| n.to_string());
    let added = ["28a", "28b", "28c", "36", "39", "40", "41", "45"].map(str::to_owned);
    for item in numbered.chain(added) {
        assert!(ITEMS.iter().any(|(shown, _)| *shown == item), "item {item}");
    }
    for (item, test) in ITEMS {
        let (module, name) = test.split_once("::").unwrap();
        let file = format!("{}/tests/api/{module}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(&format!("#[tokio::test]\nasync fn {name}()")), "item {item}: {test}");
    }
}

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
