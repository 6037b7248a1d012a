//! What operators watch. Recorded after the commit, so that nothing is counted that did not happen. No label holds a
//! user, a site, an address or anything a person typed.

use crate::domain::factor::{Factor, Method};
use crate::domain::login::{LoginStatus, Purpose, Reason};
use std::time::Duration;

/// A login began.
pub(super) fn login_begun(purpose: Purpose, status: LoginStatus, reason: Option<Reason>) {
    metrics::counter!(
        "mfa_logins_begun_total",
        "purpose" => purpose.as_str(),
        "status" => status.as_str(),
        "reason" => reason.map_or("", Reason::as_str),
    )
    .increment(1);
}

/// A login ended.
pub(super) fn login_ended(purpose: Purpose, status: LoginStatus) {
    metrics::counter!("mfa_logins_ended_total", "purpose" => purpose.as_str(), "outcome" => status.as_str())
        .increment(1);
}

/// A code was answered.
pub(super) fn answered(method: Factor, outcome: &'static str) {
    metrics::counter!("mfa_answers_total", "method" => method.as_str(), "outcome" => outcome).increment(1);
}

/// A user's lock began.
pub(super) fn locked() {
    metrics::counter!("mfa_locks_total").increment(1);
}

/// An authenticator was enrolled.
pub(super) fn enrolled(method: Factor) {
    metrics::counter!("mfa_enrollments_total", "method" => method.as_str()).increment(1);
}

/// A code was handed to a gateway.
pub(super) fn code_sent(method: Method, outcome: &'static str) {
    metrics::counter!("mfa_codes_sent_total", "method" => method.as_str(), "outcome" => outcome).increment(1);
}

/// A mail server took notices.
pub(super) fn notices_sent(count: usize) {
    metrics::counter!("mfa_notices_total", "outcome" => "accepted").increment(count as u64);
}

/// A notice could not be sent, and is tried again.
pub(super) fn notice_failed() {
    metrics::counter!("mfa_notices_total", "outcome" => "failed").increment(1);
}

/// Rows of a kind were swept; the oldest of them was overdue by so much.
pub(super) fn swept(kind: &'static str, rows: usize, overdue: Duration) {
    metrics::counter!("mfa_swept_rows_total", "kind" => kind).increment(rows as u64);
    metrics::gauge!("mfa_sweep_overdue_seconds", "kind" => kind).set(overdue.as_secs_f64());
}

/// Describes the metrics of the service, for `/metrics`.
pub fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("mfa_logins_begun_total", "Logins begun, by purpose, first status and reason.");
    describe_counter!(
        "mfa_logins_ended_total",
        "Logins ended by an answer or an enrolment, by purpose and outcome."
    );
    describe_counter!("mfa_answers_total", "Codes answered, by method and outcome.");
    describe_counter!("mfa_locks_total", "Locks begun.");
    describe_counter!("mfa_enrollments_total", "Authenticators enrolled, by method.");
    describe_counter!(
        "mfa_codes_sent_total",
        "Codes handed to a mail or SMS gateway, by method and outcome."
    );
    describe_counter!("mfa_notices_total", "Attempts to send notices by mail, by outcome.");
    describe_counter!("mfa_swept_rows_total", "Rows that had served their time, by kind.");
    describe_gauge!(
        "mfa_sweep_overdue_seconds",
        Unit::Seconds,
        "Since when the oldest row that was swept last should have gone, by kind."
    );
    describe_histogram!("mfa_lane_batch_size", "Writes committed together.");
    describe_histogram!(
        "mfa_lane_wait_seconds",
        Unit::Seconds,
        "Time from a write's arrival to its transaction."
    );
    describe_counter!(
        "mfa_lane_batches_undone_total",
        "Batches that were undone and ran again call by call."
    );
    describe_counter!(
        "mfa_lane_conflicts_total",
        "Calls that ran again since another transaction was in the way."
    );
    describe_counter!("mfa_store_late_total", "Calls that the database did not answer in time.");
    describe_counter!(
        "mfa_store_threads_replaced_total",
        "Threads that were replaced because their connection to the database hung."
    );
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "Time to answer, by method, route and status."
    );
}
