//! The bodies of the calls for enrolments, forced and in an open session.

use super::body::{Formatted, MethodName, check_length, rfc3339};
use super::login_body::LoginBody;
use super::problem::ApiError;
use crate::domain::factor::{EnrollmentPrompt, Method};
use crate::service::Service;
use crate::service::destinations::Wanted;
use crate::service::enrollment::BegunEnrollment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Begins an enrolment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "totp"}))]
pub struct BeginEnrollmentBody {
    pub(super) method: MethodName,
    /// For `email` and `sms`: where to send the code; what the host said of the user if it is not given.
    #[schema(max_length = 254, example = "alice@example.org")]
    pub(super) destination: Option<String>,
    /// For `sms`: the country (ISO 3166-1 alpha-2) of a number in national form.
    #[schema(pattern = "^[A-Za-z]{2}$", example = "DE")]
    pub(super) country: Option<String>,
}

impl BeginEnrollmentBody {
    /// Checks each member.
    pub(super) fn parse(self, service: &Service) -> Result<(Method, Wanted), ApiError> {
        check_length("destination", self.destination.as_deref(), 254)?;
        let is_country = |id: &str| id.len() == 2 && id.bytes().all(|b| b.is_ascii_alphabetic());
        if self.country.as_deref().is_some_and(|id| !is_country(id)) {
            return Err(ApiError::invalid("country", "must be two letters (ISO 3166-1 alpha-2)"));
        }
        let method = self.method.into();
        let (destination, country) = (self.destination.as_deref(), self.country.as_deref());
        Ok((method, service.parse_destination(method, destination, country)?))
    }
}

/// What a person needs to enrol. For an authenticator app: `secret`, `otpauth_uri`, `qr_svg`; show them, never store
/// them. For what sends codes: `destination`, `resend_after`.
#[derive(Serialize, ToSchema)]
#[schema(as = Enrollment)]
pub struct EnrollmentBody {
    #[schema(example = "totp")]
    method: &'static str,
    /// Base32, for typing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: Option<String>,
    /// For tapping on a phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        required = false,
        value_type = String,
        example = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30"
    )]
    otpauth_uri: Option<String>,
    /// An SVG document, for scanning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    qr_svg: Option<String>,
    /// Where the code went, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "a••••@example.org")]
    destination: Option<String>,
    /// Seconds until another code can be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = u64, example = 30)]
    resend_after: Option<u64>,
    /// Until when the first code is taken.
    expires_at: Formatted,
}

impl From<BegunEnrollment> for EnrollmentBody {
    fn from(begun: BegunEnrollment) -> Self {
        let empty = Self {
            method: begun.method.as_str(),
            secret: None,
            otpauth_uri: None,
            qr_svg: None,
            destination: None,
            resend_after: None,
            expires_at: rfc3339(begun.expires_at),
        };
        match begun.prompt {
            EnrollmentPrompt::Totp { secret, otpauth_uri, qr_svg } => Self {
                secret: Some(secret.to_string()),
                otpauth_uri: Some(otpauth_uri.to_string()),
                qr_svg: Some(qr_svg.to_string()),
                ..empty
            },
            EnrollmentPrompt::Sent { destination, resend_after } => {
                Self { destination: Some(destination), resend_after: Some(resend_after), ..empty }
            }
        }
    }
}

/// Proves an enrolment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub struct ConfirmBody {
    /// As the person typed it: blanks and hyphens do not matter.
    #[schema(example = "123456")]
    pub(super) code: String,
}

/// A login passed by enrolling.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfirmedEnrollment)]
pub struct ConfirmedBody {
    #[serde(flatten)]
    pub(super) login: LoginBody,
    /// For a user who has none, as with the first authenticator: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Vec<String>, example = json!(["9F2K-7QXD-3M1A", "0XYB-4T8N-WK6P"]))]
    pub(super) recovery_codes: Option<Vec<String>>,
}
