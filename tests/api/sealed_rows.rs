//! What a damaged or doctored database leads to: an error, never a pass. The tests edit the file behind the service's
//! back, through a connection of their own.

use crate::answer::Answer;
use crate::support::{Enrolled, TestApp, edit, id, open, run};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::json;

async fn readyz(app: &TestApp) -> Answer {
    Answer::to(app.client.get(format!("http://{}/readyz", app.address()))).await
}

/// Neither a right code nor a recovery code nor a new login opens anything; the login is as it was.
async fn nothing_passes(app: &TestApp, user: &Enrolled) {
    let login = app.begin(user.id.as_str()).await;
    assert_eq!(login["status"], "challenge_required");
    for code in [app.code(&user.phone), app.wrong(&user.phone)] {
        let answer = app.answer(id(&login), &code).await;
        assert_eq!(answer.header("retry-after"), "1");
        answer.problem("unavailable");
    }
    let read = app.read(id(&login)).await.status(200);
    assert_eq!(
        (read["status"].as_str(), read["attempts_remaining"].as_i64()),
        (Some("challenge_required"), Some(5))
    );
}

#[tokio::test]
async fn an_authenticator_moved_to_another_user_opens_for_nobody() {
    // Abuse list, item 41: who can write to the database moves the own authenticator to the administrator's account.
    let app = TestApp::with_totp_required().await;
    let (victim, attacker) = (app.enrolled("victim").await, app.enrolled("attacker").await);
    edit(
        &app,
        &["UPDATE authenticators SET state = (SELECT a.state FROM (SELECT * FROM authenticators) a \
           JOIN users u ON u.id = a.user_id WHERE u.user_id = CAST('attacker' AS BLOB)) \
           WHERE user_id = (SELECT id FROM users WHERE user_id = CAST('victim' AS BLOB))"],
    );
    nothing_passes(&app, &victim).await;
    let login = app.begin("victim").await;
    app.answer(id(&login), &app.code(&attacker.phone)).await.problem("unavailable");
    app.sign_in(&attacker).await.status(200);
}

#[tokio::test]
async fn rows_swapped_between_two_users_open_for_neither() {
    // Abuse list, item 41: the whole row this time, so that its own id goes with it.
    let app = TestApp::with_totp_required().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    edit(
        &app,
        &["UPDATE authenticators SET user_id = (SELECT id FROM users WHERE id <> authenticators.user_id)"],
    );
    nothing_passes(&app, &alice).await;
    nothing_passes(&app, &bob).await;
    let login = app.begin("alice").await;
    app.answer(id(&login), &app.code(&bob.phone)).await.problem("unavailable");
}

#[tokio::test]
async fn a_users_row_renamed_to_another_id_takes_no_authenticator_along() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    edit(&app, &["UPDATE users SET user_id = CAST('admin' AS BLOB) WHERE user_id = CAST('alice' AS BLOB)"]);
    nothing_passes(&app, &Enrolled { id: "admin".into(), ..alice }).await;
}

#[tokio::test]
async fn a_truncated_damaged_or_emptied_state_is_an_error() {
    // Abuse list, item 41.
    for damage in [
        "UPDATE authenticators SET state = substr(state, 1, length(state) - 1)",
        "UPDATE authenticators SET state = substr(state, 1, 20)",
        "UPDATE authenticators SET state = x''",
        "UPDATE authenticators SET state = zeroblob(length(state))",
        // The first bytes name the key: one that is not in the key file.
        "UPDATE authenticators SET state = CAST(x'0000000000000000' || substr(state, 9) AS BLOB)",
        "UPDATE authenticators SET method = 'telepathy'",
    ] {
        let app = TestApp::with_totp_required().await;
        let alice = app.enrolled("alice").await;
        let login = app.begin("alice").await;
        edit(&app, &[damage]);
        app.answer(id(&login), &app.code(&alice.phone)).await.problem("unavailable");
        app.answer(id(&login), "123456").await.problem("unavailable");
    }
}

#[tokio::test]
async fn a_pending_enrolment_moved_to_another_login_does_not_open() {
    let app = TestApp::with_totp_required().await;
    let (attacker, victim) = (app.begin("attacker").await, app.begin("victim").await);
    let phone = app.scan(&attacker).await;
    app.scan(&victim).await;
    edit(
        &app,
        &["UPDATE logins SET pending_state = (SELECT l.pending_state FROM (SELECT * FROM logins) l \
           JOIN users u ON u.id = l.user_id WHERE u.user_id = CAST('attacker' AS BLOB)) \
           WHERE user_id = (SELECT id FROM users WHERE user_id = CAST('victim' AS BLOB))"],
    );
    app.confirm(id(&victim), &app.code(&phone)).await.problem("unavailable");
    app.enroll(id(&victim)).await.problem("unavailable");
    assert_eq!(app.user("victim").await.status(200)["enrolled"], false);
}

#[tokio::test]
async fn a_pending_address_moved_to_another_login_does_not_open_with_or_without_its_code() {
    // Abuse list, item 41: who can write to the database wants the own address enrolled for somebody else.
    let of = |user: &str| format!("user_id = (SELECT id FROM users WHERE user_id = CAST('{user}' AS BLOB))");
    for members in [&["pending_state"][..], &["sent_code"], &["pending_state", "sent_code"]] {
        let app = TestApp::requiring(json!(["email"])).await;
        let (attacker, victim) = (app.begin("attacker").await, app.begin("victim").await);
        let to = |address: &str| json!({"method": "email", "destination": address});
        app.enroll_with(id(&victim), to("victim@example.org")).await.status(200);
        let victims = app.received("email");
        app.enroll_with(id(&attacker), to("attacker@example.org")).await.status(200);
        let code = app.received("email");
        let moved = members.iter().map(|member| {
            format!("{member} = (SELECT {member} FROM (SELECT * FROM logins) l WHERE {})", of("attacker"))
        });
        let moved = moved.collect::<Vec<_>>().join(", ");
        edit(&app, &[&format!("UPDATE logins SET {moved} WHERE {}", of("victim"))]);
        for code in [&code, &victims] {
            app.confirm(id(&victim), code).await.problem("unavailable");
        }
        app.read(id(&victim)).await.problem("unavailable");
        assert_eq!(app.user("victim").await.status(200)["enrolled"], false, "{members:?}");
        // Whose it is loses nothing, and the victim may begin anew.
        app.confirm(id(&attacker), &code).await.status(200);
        app.enrolled_by("email", "victim", "victim@example.com").await;
    }
}

#[tokio::test]
async fn a_pending_enrolment_moved_into_an_open_session_of_another_user_does_not_open() {
    // Abuse list, item 41.
    let app = TestApp::requiring(json!(["email", "totp"])).await;
    let (alice, mallory) = (app.enrolled("alice").await, app.enrolled("mallory").await);
    let (hers, own) = (app.proven(&alice).await, app.proven(&mallory).await);
    let to = |address: &str| json!({"method": "email", "destination": address});
    let victims = app.begin_own("alice", to("alice@example.org"), &hers).await.status(201);
    let begun = app.begin_own("mallory", to("mallory@example.org"), &own).await.status(201);
    let code = app.received("email");
    let mallorys = |column: &str| {
        format!(
            "(SELECT l.{column} FROM (SELECT * FROM logins) l JOIN users u ON u.id = l.user_id \
             WHERE u.user_id = CAST('mallory' AS BLOB) AND l.pending_state IS NOT NULL)"
        )
    };
    let moved = format!(
        "UPDATE logins SET pending_state = {}, sent_code = {} WHERE pending_state IS NOT NULL \
         AND user_id = (SELECT id FROM users WHERE user_id = CAST('alice' AS BLOB))",
        mallorys("pending_state"),
        mallorys("sent_code")
    );
    edit(&app, &[&moved]);
    app.confirm_own("alice", id(&victims), &code, &hers).await.problem("unavailable");
    app.next_step();
    app.resend_own("alice", id(&victims), &hers).await.problem("unavailable");
    assert_eq!(app.mail.messages().len(), 2, "nothing was sent to the moved address for her");
    assert_eq!(app.authenticators("alice").await.len(), 1);
    app.confirm_own("mallory", id(&begun), &code, &own).await.status(200);
}

#[tokio::test]
async fn an_address_that_does_not_open_is_listed_without_it_and_can_be_removed() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    app.enrolled_by("email", "bob", "bob@example.org").await;
    edit(
        &app,
        &["UPDATE authenticators SET state = x'00' \
           WHERE user_id = (SELECT id FROM users WHERE user_id = CAST('alice' AS BLOB))"],
    );
    let roster = app.users("").await.status(200);
    let shown: Vec<_> = roster["users"].as_array().unwrap().iter().collect();
    assert_eq!(shown[0]["authenticators"][0]["destination"], json!(null));
    assert_eq!(shown[1]["authenticators"][0]["destination"], "b••••@example.org");
    app.begin_with(json!({"user": {"id": "alice", "name": "alice"}})).await.problem("unavailable");
    assert_eq!(app.remove("alice", "").await.status(200)["removed"], 1);
    assert_eq!(app.begin("alice").await["status"], "enrollment_required");
}

#[tokio::test]
async fn a_code_that_was_sent_does_not_open_in_another_login() {
    let app = TestApp::requiring(json!(["email"])).await;
    app.enrolled_by("email", "alice", "alice@example.org").await;
    let (one, other) = (app.begin("alice").await, app.begin("alice").await);
    app.challenge(id(&one), "email").await.status(202);
    edit(
        &app,
        &["UPDATE logins SET sent_code = (SELECT sent_code FROM (SELECT * FROM logins) l \
           WHERE sent_code IS NOT NULL) WHERE sent_code IS NULL AND ended_at IS NULL"],
    );
    app.answer_by("email", id(&other), &app.received("email")).await.problem("unavailable");
    app.read(id(&other)).await.problem("unavailable");
    app.answer_by("email", id(&one), &app.received("email")).await.status(200);
}

#[tokio::test]
async fn recovery_codes_moved_to_another_user_open_nothing() {
    let app = TestApp::with_totp_required().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    edit(
        &app,
        &[
            "DELETE FROM recovery_codes WHERE user_id = (SELECT id FROM users WHERE user_id = CAST('alice' AS BLOB))",
            "UPDATE recovery_codes SET user_id = (SELECT id FROM users WHERE user_id = CAST('alice' AS BLOB))",
        ],
    );
    // The set's salt stays with its user, so that the digests fit no code.
    let login = app.begin("alice").await;
    app.recover(id(&login), &bob.recovery_codes[0]).await.problem("code-rejected");
    app.recover(id(&login), &alice.recovery_codes[0]).await.problem("code-rejected");
}

#[tokio::test]
async fn an_enrolled_user_whose_authenticator_was_deleted_behind_the_back_does_not_pass() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    edit(&app, &["DELETE FROM authenticators"]);
    let login = app.begin("alice").await;
    assert_eq!(login["status"], "challenge_required", "who had a factor is not asked to enrol another one");
    assert_eq!(app.answer(id(&login), &app.code(&alice.phone)).await.status, 422);
    app.enroll(id(&login)).await.problem("already-enrolled");
}

#[tokio::test]
async fn a_database_that_lost_a_table_is_unavailable_and_passes_nobody() {
    for table in ["authenticators", "users", "logins", "policies", "audit_events", "recovery_codes"] {
        let app = TestApp::with_totp_required().await;
        let alice = app.enrolled("alice").await;
        let login = app.begin("alice").await;
        let mut database = open(&app);
        let rename = format!("PRAGMA legacy_alter_table = ON; ALTER TABLE {table} RENAME TO gone");
        run(&app, &mut database, &rename);
        let answer = app.answer(id(&login), &app.code(&alice.phone)).await;
        let begun = app.begin_with(serde_json::json!({"user": {"id": "alice", "name": "user alice"}})).await;
        match table {
            // The policy as it was is in the login; the recovery codes are not needed for it.
            "policies" | "recovery_codes" => assert_eq!(answer.status, 200, "{table}"),
            _ => _ = answer.problem("unavailable"),
        }
        match table {
            // A challenge records nothing and offers no recovery code.
            "audit_events" => assert_eq!(begun.status(201)["status"], "challenge_required"),
            _ => _ = begun.problem("unavailable"),
        }
        for code in [app.code(&alice.phone), "123456".into()] {
            assert_ne!(app.answer(id(&login), &code).await.status, 200, "{table}");
        }
        run(&app, &mut database, &format!("ALTER TABLE gone RENAME TO {table}"));
        app.next_step();
        app.sign_in(&alice).await.status(200);
    }
}

#[tokio::test]
async fn a_failed_write_spends_nothing() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("alice").await;
    let (first, second) = (app.begin("alice").await, app.begin("alice").await);
    let code = app.code(&alice.phone);
    let mut database = open(&app);
    let rename = "PRAGMA legacy_alter_table = ON; ALTER TABLE audit_events RENAME TO gone";
    run(&app, &mut database, rename);
    app.answer(id(&first), &code).await.problem("unavailable");
    app.recover(id(&second), &alice.recovery_codes[0]).await.problem("unavailable");
    run(&app, &mut database, "ALTER TABLE gone RENAME TO audit_events");
    assert_eq!(app.user("alice").await.status(200)["recovery_codes_remaining"], 10);
    app.answer(id(&first), &code).await.status(200);
    app.recover(id(&second), &alice.recovery_codes[0]).await.status(200);
}

#[tokio::test]
async fn what_does_not_open_leaves_nothing_behind_that_was_written_before_it() {
    // A new password raises the epoch in the same transaction that then finds the damaged authenticator.
    let app = TestApp::requiring(json!(["email"])).await;
    let said = |version: &str| json!({"id": "alice", "name": "alice", "credential_version": version});
    app.enrolled_by("email", said("1"), "alice@example.org").await;
    edit(&app, &["UPDATE authenticators SET state = zeroblob(length(state))"]);
    app.begin_with(json!({"user": said("2")})).await.problem("unavailable");
    let changes = app.audit("?user=alice&action=user.credential_changed").await.status(200);
    assert_eq!(changes["events"], json!([]));
}

#[tokio::test]
async fn readiness_tells_of_a_key_that_does_not_open() {
    let app = TestApp::start().await;
    readyz(&app).await.status(200);
    edit(&app, &["UPDATE master_keys SET sealed = zeroblob(length(sealed))"]);
    readyz(&app).await.problem("unavailable");
    edit(&app, &["DELETE FROM master_keys"]);
    readyz(&app).await.problem("unavailable");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[tokio::test]
async fn the_loser_of_two_enrolments_and_an_abandoned_one_leave_no_secret_behind() {
    // Abuse list, item 28c: wiped, not just unused.
    let app = TestApp::with_totp_required().await;
    let logins = [app.begin("alice").await, app.begin("alice").await, app.begin("alice").await];
    for login in &logins {
        app.scan(login).await;
    }
    app.cancel(id(&logins[2])).await.status(204);
    let phone = app.scan(&logins[0]).await;
    app.confirm(id(&logins[0]), &app.code(&phone)).await.status(200);
    let left = "SELECT count(*) AS n FROM logins WHERE pending_state IS NOT NULL";
    let left: Count = sql_query(left).get_result(&mut open(&app)).unwrap();
    assert_eq!(left.n, 0);
}
