//! Users in bulk, as a benchmark makes them.

use crate::phone::Phone;
use crate::support::{TestApp, id};
use mfa_sidecar::domain::id::SiteName;
use mfa_sidecar::domain::secret::TotpKey;

#[tokio::test]
async fn seeded_users_sign_in_like_those_who_enrolled() {
    let app = TestApp::with_totp_required().await;
    let site = app.service.find_site(SiteName::parse("default").unwrap()).await.unwrap().unwrap();
    let key = TotpKey::from_bytes(b"12345678901234567890").unwrap();
    // Two statements of a hundred rows, and three of one.
    app.service.seed(&site, 1000, 203, key).await.unwrap();
    let phone = Phone::with("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for user in ["1000", "1099", "1100", "1200", "1202"] {
        let login = app.begin(user).await;
        assert_eq!(login["status"], "challenge_required", "{user}");
        app.answer(id(&login), &app.wrong(&phone)).await.problem("code-rejected");
        assert_eq!(app.answer(id(&login), &app.code(&phone)).await.status(200)["status"], "passed");
        let again = app.begin(user).await;
        app.answer(id(&again), &app.code(&phone)).await.problem("code-rejected");
    }
    assert_eq!(app.begin("1203").await["status"], "enrollment_required");
    let page = app.users("?enrolled=true&limit=200").await.status(200);
    assert_eq!(page["users"].as_array().unwrap().len(), 200);
}
