//! What a handler takes from a request. In this order, whatever the request holds: the key (401), its role (403), then
//! path, parameters and body (400).

use super::problem::ApiError;
use crate::domain::id::{Id, UserId};
use crate::service::Service;
use crate::service::caller::Caller;
use crate::service::error::{FieldError, MfaError};
use crate::service::step_up::StepUp;
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use percent_encoding::percent_decode;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// The header with the host's user on whose behalf an administrator's call is made.
const CLAIMED_ACTOR: &str = "Mfa-Actor";

/// The header with the id of a login that proves the user anew.
const STEP_UP: &str = "Mfa-Step-Up";

/// A request by a caller with the authority `C`, with a JSON body `T`; `()` takes none.
pub struct Request<C, T = ()> {
    /// Who calls.
    pub by: C,
    /// The body.
    pub body: T,
}

/// How a body is read.
pub trait Body: Sized + 'static {
    /// Reads it from the request's bytes.
    fn read(req: &HttpRequest, bytes: &[u8]) -> Result<Self, ApiError>;
}

/// Without a body, whatever was sent is ignored.
impl Body for () {
    fn read(_: &HttpRequest, _: &[u8]) -> Result<Self, ApiError> {
        Ok(())
    }
}

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> Body for Json<T> {
    fn read(req: &HttpRequest, bytes: &[u8]) -> Result<Self, ApiError> {
        let content_type =
            req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let essence = content_type.split(';').next().unwrap_or("").trim();
        if !["application/json", "application/merge-patch+json"]
            .iter()
            .any(|t| essence.eq_ignore_ascii_case(t))
        {
            return Err(ApiError::invalid("Content-Type", "must be application/json"));
        }
        parse_json(bytes).map(Self)
    }
}

/// A JSON object. What serde derives also reads a struct from an array, member by member; the API does not.
#[derive(Default)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Object<T>, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(OnlyMap(PhantomData))
    }
}

/// Reads a JSON object; says what is wrong where without repeating anything that was sent.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        let message = match inner.classify() {
            serde_json::error::Category::Data => describe(&inner.to_string()),
            _ => format!("not JSON at line {} column {}", inner.line(), inner.column()),
        };
        // An unknown member is the last part of its path, and was sent: only where it stood is told.
        let known = match path.rsplit_once('.') {
            _ if !message.starts_with("unknown") => path.as_str(),
            Some((parent, _)) => parent,
            None => ".",
        };
        invalid_member("body", format!("{known}: {message}"))
    })?;
    json.end().map_err(|_| invalid_member("body", "more than one JSON value".into()))?;
    Ok(value)
}

fn invalid_member(field: &'static str, message: String) -> ApiError {
    MfaError::InvalidRequest(vec![FieldError { field, message }]).into()
}

/// serde's sentence without the value that it quotes.
fn describe(message: &str) -> String {
    let at = message.rfind(" at line ").unwrap_or(message.len());
    let message = &message[..at];
    if message.starts_with("missing field") || message.starts_with("duplicate field") {
        return message.to_owned();
    }
    let expected = message.rfind("expected ").map_or("", |i| &message[i..]);
    match (message.starts_with("unknown field"), expected) {
        (true, expected) => format!("unknown member, {expected}"),
        (false, "") => "not of the documented form".into(),
        (false, expected) => expected.to_owned(),
    }
}

impl<C, T> FromRequest for Request<C, T>
where
    C: TryFrom<Caller, Error = MfaError> + 'static,
    T: Body,
{
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let by = C::try_from(authenticate(&req).await?)?;
            let bytes = web::Bytes::from_request(&req, &mut payload).await.map_err(|error| {
                match error.as_response_error().status_code().as_u16() {
                    413 => ApiError::PayloadTooLarge,
                    _ => ApiError::invalid("body", "could not be read"),
                }
            })?;
            Ok(Self { by, body: T::read(&req, &bytes)? })
        })
    }
}

async fn authenticate(req: &HttpRequest) -> Result<Caller, ApiError> {
    let service = req.app_data::<web::Data<Service>>().ok_or(MfaError::WorkerGone)?;
    let header = req.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    // RFC 9110 §11.1: the scheme is case-insensitive.
    let token =
        header.and_then(|value| value.split_once(' ')).filter(|(s, _)| s.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else { return Err(MfaError::Unauthenticated.into()) };
    let caller = service.authenticate(token.trim()).await?;
    match req.headers().get(CLAIMED_ACTOR) {
        None => Ok(caller),
        Some(value) => {
            let name = std::str::from_utf8(value.as_bytes()).ok().and_then(|name| UserId::parse(name).ok());
            let name = name.ok_or_else(|| ApiError::invalid("Mfa-Actor", "must be a host's user id"))?;
            Ok(caller.claiming(name))
        }
    }
}

/// The `n`th segment of the path (`/v1/users/42` has 42 as its third), decoded exactly once. Routing sees the path
/// before decoding, so an encoded slash is part of its segment.
pub fn path_segment(req: &HttpRequest, n: usize) -> Result<String, ApiError> {
    let raw = req.uri().path().split('/').nth(n).unwrap_or("");
    let decoded = percent_decode(raw.as_bytes()).decode_utf8();
    decoded.map(Into::into).map_err(|_| ApiError::invalid("path", "must be percent-encoded UTF-8"))
}

/// The user id that is the third segment of the path.
pub fn path_user(req: &HttpRequest) -> Result<UserId, ApiError> {
    UserId::parse(path_segment(req, 3)?).map_err(|error| ApiError::invalid("user_id", error.to_string()))
}

/// An id of ours that a client sent in a body.
pub fn parse_id(text: &str) -> Result<Id, ApiError> {
    Id::parse(text).ok_or_else(|| ApiError::invalid("authenticator_id", "is not one that this service gave"))
}

/// An id of ours in the path; what cannot be one is one that is not there.
pub fn path_id(req: &HttpRequest, n: usize) -> Result<Id, ApiError> {
    Id::parse(&path_segment(req, n)?).ok_or_else(|| MfaError::AuthenticatorNotFound.into())
}

/// The login that the client names as its user's fresh proof.
pub fn step_up(req: &HttpRequest) -> StepUp {
    StepUp::by_login(req.headers().get(STEP_UP).and_then(|value| value.to_str().ok()))
}

/// The parameters behind the `?`: decoded once, and only those in `known`.
pub fn query(req: &HttpRequest, known: &[&'static str]) -> Result<Vec<(&'static str, String)>, ApiError> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode(text.as_bytes()).decode_utf8().map(String::from)
    };
    let pairs = req.query_string().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Ok(name), Ok(value)) = (decode(name), decode(value)) else {
                return Err(ApiError::invalid("query", "must be percent-encoded UTF-8"));
            };
            let known = known.iter().find(|known| **known == name);
            known.map(|name| (*name, value)).ok_or_else(|| ApiError::invalid("query", "unknown parameter"))
        })
        .collect()
}

/// The single value of a parameter; twice is refused.
pub fn single<'a>(
    pairs: &'a [(&'static str, String)],
    name: &'static str,
) -> Result<Option<&'a str>, ApiError> {
    let mut values = pairs.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        (_, Some(_)) => Err(ApiError::invalid(name, "given twice")),
    }
}

/// `limit`: 1 to 200, 50 if it is not given.
pub fn limit(pairs: &[(&'static str, String)]) -> Result<usize, ApiError> {
    let Some(text) = single(pairs, "limit")? else { return Ok(50) };
    let number = text.parse().ok().filter(|n| (1..=200).contains(n));
    number.ok_or_else(|| ApiError::invalid("limit", "must be a number from 1 to 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only parsed")]
    struct Sample {
        code: String,
        days: Option<u16>,
    }

    fn error(json: &str) -> String {
        parse_json::<Sample>(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_was_sent_is_never_repeated() {
        for json in [
            r#"{"code": "x", "days": "s3cret"}"#,
            r#"{"code": ["s3cret"]}"#,
            r#"{"s3cret": 1}"#,
            r#"{"code": "x", "days": 99999, "s3cret": "x"}"#,
            r#""s3cret""#,
            r#"{"code": "s3cret"} s3cret"#,
        ] {
            let text = error(json);
            assert!(!text.contains("s3cret"), "{text}");
        }
        assert!(error(r#"{"days": 1}"#).contains("missing field `code`"));
        assert!(error(r#"{"code": 123456}"#).contains("code: expected a string"));
        assert!(error("{").contains("not JSON"));
        assert!(error(r#"["x", 1]"#).contains("expected an object"), "members by position");
    }
}
