//! The service on a copy of its data, which went into a file and from there into another database.

use crate::support::{TestApp, id};

#[tokio::test]
async fn users_sign_in_on_the_copy_and_what_was_spent_is_spent_there() {
    let app = TestApp::with_totp_required().await;
    let alice = app.enrolled("a+b/c,d%2F").await;
    let pending = app.begin("bob").await;
    let bob = app.scan(&pending).await;
    let code = app.code(&alice.phone);
    app.sign_in(&alice).await.status(200);
    let recovery = app.begin(alice.id.as_str()).await;
    app.recover(id(&recovery), &alice.recovery_codes[0]).await.status(200);

    let copy = app.on_copy();
    assert_ne!(copy.database_url(), app.database_url());
    let login = copy.begin(alice.id.as_str()).await;
    copy.answer(id(&login), &code).await.problem("code-rejected");
    copy.recover(id(&login), &alice.recovery_codes[0]).await.problem("code-rejected");
    copy.recover(id(&login), &alice.recovery_codes[1]).await.status(200);
    copy.next_step();
    copy.sign_in(&alice).await.status(200);
    copy.confirm(id(&pending), &copy.code(&bob)).await.status(200);
    assert_eq!(copy.user(&alice.id).await.status(200)["recovery_codes_remaining"], 8);
    assert_eq!(app.user(&alice.id).await.status(200)["recovery_codes_remaining"], 9, "they are apart");
}
