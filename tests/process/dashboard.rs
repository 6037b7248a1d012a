//! The dashboard and the alerts in `docs/` ask for metrics that the service has.

use crate::installation::Installation;
use std::collections::BTreeSet;

const DASHBOARD: &str = include_str!("../../docs/grafana-dashboard.json");
const ALERTS: &str = include_str!("../../docs/prometheus-alerts.yml");

/// The metrics that are named in a text, without what Prometheus adds for a histogram.
fn named_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let metrics = words.filter(|word| word.starts_with("mfa_") || word.starts_with("http_"));
    let suffixes = ["_bucket", "_count", "_sum"];
    metrics.map(|word| suffixes.iter().find_map(|suffix| word.strip_suffix(suffix)).unwrap_or(word)).collect()
}

/// The metrics that the code records or describes.
fn known() -> BTreeSet<&'static str> {
    named_in(concat!(
        include_str!("../../src/service/telemetry.rs"),
        include_str!("../../src/store/lane.rs"),
        include_str!("../../src/http/mod.rs"),
    ))
}

#[test]
fn dashboard_and_alerts_ask_for_metrics_that_exist() {
    serde_json::from_str::<serde_json::Value>(DASHBOARD).unwrap();
    let known = known();
    for text in [DASHBOARD, ALERTS] {
        let asked = named_in(text);
        assert!(asked.len() > 5, "{asked:?}");
        assert!(asked.is_subset(&known), "{:?}", asked.difference(&known));
    }
}

#[tokio::test]
async fn the_labels_that_they_ask_by_are_there() {
    let installation = Installation::new();
    let sidecar = installation.serve_required();
    let (phone, _, _) = sidecar.enrolled("alice").await;
    let login = sidecar.begin("alice").await;
    sidecar.answer(&login, &phone.wrong_code_at(crate::installation::now())).await.status(422);
    let metrics = sidecar.get("/metrics").await.text;
    for line in [
        r#"mfa_answers_total{method="totp",outcome="rejected"}"#,
        r#"mfa_logins_begun_total{purpose="login",status="enrollment_required""#,
        r#"http_request_duration_seconds_bucket{method="POST",route="/v1/logins/{login_id}/answer",status="422""#,
        "mfa_lane_batch_size_sum",
        "mfa_lane_wait_seconds_bucket{",
    ] {
        assert!(metrics.lines().any(|metric| metric.starts_with(line)), "{line}\n{metrics}");
    }
}
