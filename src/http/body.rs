//! Parts that several bodies share, and how they are read and written.

use super::problem::ApiError;
use crate::domain::factor::Method;
use crate::domain::id::RoleName;
use crate::domain::secret::{RecoveryCode, TokenDigest};
use crate::domain::time::Timestamp;
use crate::store::users::Profile;
use serde::{Deserialize, Serialize, Serializer};
use std::net::IpAddr;
use utoipa::{IntoParams, ToSchema};

/// A time in RFC 3339, UTC.
#[derive(ToSchema)]
#[schema(as = Time, value_type = String, format = DateTime, example = "2026-01-07T09:12:55Z")]
pub struct Formatted(#[allow(dead_code, reason = "the schema describes it as text")] Timestamp);

impl Serialize for Formatted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = jiff::Timestamp::from_millisecond(self.0.0).map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&time)
    }
}

/// The time, ready to be written.
pub fn rfc3339(at: Timestamp) -> Formatted {
    Formatted(at)
}

/// A time that a client sent.
pub fn parse_time(field: &'static str, text: &str) -> Result<Timestamp, ApiError> {
    let time: Result<jiff::Timestamp, _> = text.parse();
    time.map(|time| Timestamp(time.as_millisecond()))
        .map_err(|_| ApiError::invalid(field, "must be an RFC 3339 time"))
}

/// On whose behalf.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "documents the header")]
pub struct ActorHeader {
    /// The host's user who asks; recorded as claimed beside the key, which is the proven actor.
    #[param(rename = "Mfa-Actor", min_length = 1, max_length = 255, example = "1")]
    mfa_actor: Option<String>,
}

/// The user of a login.
#[derive(Serialize, ToSchema)]
#[schema(as = LoginUser)]
pub struct AcceptedUser {
    /// The host's id.
    #[schema(example = "42")]
    pub id: String,
    /// As the host named the user.
    #[schema(example = "alice")]
    pub name: String,
}

/// The kind of an authenticator.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Method)]
pub enum MethodName {
    /// An authenticator app.
    Totp,
    /// A code sent by e-mail.
    Email,
    /// A code sent by text message.
    Sms,
    /// A passkey or security key.
    Webauthn,
}

impl From<MethodName> for Method {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Totp => Self::Totp,
            MethodName::Email => Self::Email,
            MethodName::Sms => Self::Sms,
            MethodName::Webauthn => Self::Webauthn,
        }
    }
}

impl From<Method> for MethodName {
    fn from(method: Method) -> Self {
        match method {
            Method::Totp => Self::Totp,
            Method::Email => Self::Email,
            Method::Sms => Self::Sms,
            Method::Webauthn => Self::Webauthn,
        }
    }
}

/// What the host says of a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Profile, example = json!({"name": "alice", "email": "alice@example.org", "roles": ["editor"]}))]
pub struct ProfileBody {
    /// As apps and pages show it.
    #[schema(min_length = 1, max_length = 255, example = "alice")]
    pub name: String,
    /// For codes and notices.
    #[schema(min_length = 1, max_length = 254, example = "alice@example.org")]
    pub email: Option<String>,
    /// For codes.
    #[schema(min_length = 1, max_length = 32, example = "+15550100")]
    pub phone: Option<String>,
    /// The user's roles in the host.
    #[schema(max_items = 200, example = json!(["editor"]))]
    pub roles: Option<Vec<String>>,
    /// Opaque; changes when the password changes, and then voids what is open.
    #[schema(max_length = 1024, example = "2026-01-07T09:12:55Z")]
    pub credential_version: Option<String>,
    /// The language of messages to the user (BCP 47).
    #[schema(min_length = 1, max_length = 35, example = "en")]
    pub locale: Option<String>,
}

impl ProfileBody {
    /// Checks each member. What the host says of the credential is kept as a digest only.
    pub fn parse(self) -> Result<Profile, ApiError> {
        check_text("name", Some(&self.name), 255)?;
        check_text("email", self.email.as_deref(), 254)?;
        check_text("phone", self.phone.as_deref(), 32)?;
        check_text("locale", self.locale.as_deref(), 35)?;
        check_length("credential_version", self.credential_version.as_deref(), 1024)?;
        Ok(Profile {
            name: self.name,
            email: self.email,
            phone: self.phone,
            roles: self.roles.map(|names| parse_roles("roles", names)).transpose()?,
            credential_version: self.credential_version.map(|version| TokenDigest::of(&version).0),
            locale: self.locale,
        })
    }
}

/// Role names: at most 200, each of the form of a host's name.
pub fn parse_roles(field: &'static str, names: Vec<String>) -> Result<Vec<RoleName>, ApiError> {
    if names.len() > 200 {
        return Err(ApiError::invalid(field, "at most 200"));
    }
    names
        .into_iter()
        .map(|name| RoleName::parse(name).map_err(|error| ApiError::invalid(field, error.to_string())))
        .collect()
}

/// Refuses a text over `most` characters.
pub fn check_length(field: &'static str, text: Option<&str>, most: usize) -> Result<(), ApiError> {
    if text.is_some_and(|text| text.chars().count() > most) {
        return Err(ApiError::invalid(field, format!("at most {most} characters")));
    }
    Ok(())
}

/// Refuses an empty text, one over `most` characters, and control characters: a line break in an address or a name is
/// never meant.
pub fn check_text(field: &'static str, text: Option<&str>, most: usize) -> Result<(), ApiError> {
    check_length(field, text, most)?;
    match text {
        Some("") => Err(ApiError::invalid(field, "must not be empty")),
        Some(text) if text.contains(char::is_control) => {
            Err(ApiError::invalid(field, "must not have control characters"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Recovery codes for the one answer that shows them.
pub fn shown(codes: Vec<RecoveryCode>) -> Vec<String> {
    codes.iter().map(|code| code.expose().to_owned()).collect()
}

/// What the host says of a user that codes could be sent to, masked: a member for each method that has one.
pub type Destinations = std::collections::BTreeMap<&'static str, String>;

/// Ready to be written.
pub fn destinations(known: Vec<(Method, String)>) -> Destinations {
    known.into_iter().map(|(method, masked)| (method.as_str(), masked)).collect()
}

/// The address that the host reports.
pub fn client_ip(text: Option<&str>) -> Result<Option<IpAddr>, ApiError> {
    text.map(|text| text.parse().map_err(|_| ApiError::invalid("client.ip", "must be an IP address")))
        .transpose()
}
