//! Text messages, by an HTTP gateway: one that speaks Twilio's API, or one that takes JSON of a form that the operator
//! gives.
//!
//! # Design
//! A gateway is asked once, straight (no proxy out of the environment, no redirect: both would carry number, code and
//! password elsewhere), and judged by its status. 2xx is "accepted". 4xx is "refused": the number, the password or the
//! balance is wrong, and asking again would not help, except for 408, 425 and 429, which say "not now". Everything else
//! is no answer. Of the body only Twilio's error number is read, since its words quote the number.

use super::{
    DeliveryError, Destination, Message, Sender, Sending, SetupError, TIMEOUT, Trust, cause, is_loopback,
};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response};
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// The body of [`Profile::Json`] unless the operator gives another.
pub const DEFAULT_TEMPLATE: &str = r#"{"from":"{from}","to":"{to}","text":"{text}"}"#;

/// What a gateway speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Twilio's "Messages" resource, which other gateways imitate: a form, Basic authentication.
    Twilio,
    /// JSON of the operator's form; Bearer authentication, or Basic if there is a user.
    Json,
}

/// What the operator sets of text messages. Not printable, since it may hold a password.
#[derive(Clone)]
pub struct Settings {
    profile: Profile,
    url: Url,
    from: String,
    user: Option<String>,
    secret: Option<Zeroizing<String>>,
    template: Value,
    /// The longest that a message may take: [`TIMEOUT`], unless a test says otherwise.
    pub timeout: Duration,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(..)")
    }
}

/// The settings as the operator wrote them.
#[derive(Clone, Default)]
pub struct Written<'a> {
    /// Where the gateway is asked.
    pub url: Option<&'a str>,
    /// Whom messages come from: a number or a name.
    pub from: Option<&'a str>,
    /// The gateway's user.
    pub user: Option<&'a str>,
    /// The password or token.
    pub secret: Option<&'a str>,
    /// The body, for [`Profile::Json`].
    pub template: Option<&'a str>,
}

impl Written<'_> {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        let Self { url, from, user, secret, template } = self;
        [url, from, user, secret, template].into_iter().all(Option::is_none)
    }
}

impl Settings {
    /// Understands what was written. The errors hold no part of it.
    pub fn parse(profile: Profile, written: &Written<'_>) -> Result<Self, SetupError> {
        let needed = |setting, value: Option<&str>| {
            value.map(str::to_owned).ok_or_else(|| SetupError::new(setting, "is needed for text messages"))
        };
        let url = parse_url(&needed("sms_url", written.url)?, written.secret.is_some())?;
        let from = needed("sms_from", written.from)?;
        if from.is_empty() || from.chars().count() > 64 || from.contains(char::is_control) {
            return Err(SetupError::new("sms_from", "must be a number like +15550100 or a name"));
        }
        if profile == Profile::Twilio {
            needed("sms_user", written.user)?;
            needed("sms_secret", written.secret)?;
            if written.template.is_some() {
                return Err(SetupError::new("sms_template", "is for the profile json"));
            }
        }
        check_credentials(written.user, written.secret)?;
        Ok(Self {
            profile,
            url,
            from,
            user: written.user.map(str::to_owned),
            secret: written.secret.map(|secret| Zeroizing::new(secret.to_owned())),
            template: parse_template(written.template.unwrap_or(DEFAULT_TEMPLATE))?,
            timeout: TIMEOUT,
        })
    }

    /// Where messages go, without what could be a password: the host and the profile.
    pub fn gateway(&self) -> String {
        let profile = match self.profile {
            Profile::Twilio => "twilio",
            Profile::Json => "json",
        };
        format!("{} (profile {profile})", self.url.host_str().unwrap_or_default())
    }

    /// Whether codes go over a wire as plain text.
    pub fn is_exposed(&self) -> bool {
        self.url.scheme() == "http" && !self.url.host().is_some_and(|host| is_loopback(&host))
    }
}

fn parse_url(text: &str, has_secret: bool) -> Result<Url, SetupError> {
    let wrong = |message| SetupError::new("sms_url", message);
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    let url = url.ok_or_else(|| wrong("must be like https://gateway.example.org/messages"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must be without user and password: give sms_user and sms_secret"));
    }
    if has_secret && url.scheme() == "http" && !url.host().is_some_and(|host| is_loopback(&host)) {
        return Err(wrong("would send the secret without TLS: use https://"));
    }
    Ok(url)
}

fn check_credentials(user: Option<&str>, secret: Option<&str>) -> Result<(), SetupError> {
    // RFC 7617 §2: a colon would end the user's name early.
    if user.is_some_and(|user| user.is_empty() || user.contains(':') || user.contains(char::is_control)) {
        return Err(SetupError::new("sms_user", "must not be empty nor hold a colon or a control character"));
    }
    if secret.is_some_and(|secret| secret.is_empty() || !secret.bytes().all(|b| (b' '..=b'~').contains(&b))) {
        return Err(SetupError::new("sms_secret", "must be printable ASCII"));
    }
    if user.is_some() && secret.is_none() {
        return Err(SetupError::new("sms_secret", "is needed beside sms_user"));
    }
    Ok(())
}

fn parse_template(text: &str) -> Result<Value, SetupError> {
    let wrong = |message| SetupError::new("sms_template", message);
    let template: Value = serde_json::from_str(text).map_err(|_| wrong("must be JSON"))?;
    // Filled in with words that cannot be in it otherwise.
    let filled = fill(&template, "\u{1}", "\u{2}", "\u{3}").to_string();
    if !filled.contains("\\u0002") || !filled.contains("\\u0003") {
        return Err(wrong("must hold {to} and {text} within its strings"));
    }
    Ok(template)
}

/// The template with its placeholders replaced, within strings only and in one pass: what a value holds is never taken
/// for a placeholder, nor for JSON.
fn fill(template: &Value, from: &str, to: &str, text: &str) -> Value {
    match template {
        Value::String(string) => Value::String(fill_string(string, from, to, text)),
        Value::Array(items) => items.iter().map(|item| fill(item, from, to, text)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), fill(value, from, to, text))).collect()
        }
        other => other.clone(),
    }
}

fn fill_string(template: &str, from: &str, to: &str, text: &str) -> String {
    let mut filled = String::with_capacity(template.len() + text.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("{from}", from), ("{to}", to), ("{text}", text)];
        match known.into_iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Sends text messages.
#[derive(Clone)]
pub struct SmsSender {
    client: Client,
    settings: Settings,
}

impl SmsSender {
    /// Prepares; connects to nobody yet.
    pub fn new(settings: &Settings, trust: &Trust) -> Result<Self, SetupError> {
        let wrong = |error: &dyn std::error::Error| SetupError::new("sms_url", cause(error));
        let client = Client::builder()
            .tls_backend_preconfigured(trust.tls().map_err(|error| wrong(&error))?)
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("mfa-sidecar/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.timeout)
            .build()
            .map_err(|error| wrong(&error))?;
        Ok(Self { client, settings: settings.clone() })
    }

    fn compose(&self, message: &Message) -> Result<Request, DeliveryError> {
        let unreachable = |what: &str| DeliveryError::Refused(format!("{what} a text message"));
        let Destination::Phone(_) = &message.to else {
            return Err(unreachable("the destination is not a number for"));
        };
        let to = message.to.expose();
        let Settings { profile, url, from, user, secret, template, .. } = &self.settings;
        let request = self.client.post(url.clone());
        let request = match profile {
            Profile::Twilio => request.form(&[("To", to), ("From", from), ("Body", &message.text)]),
            Profile::Json => {
                let body = fill(template, from, to, &message.text).to_string();
                request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body)
            }
        };
        let request = match (user, secret) {
            (Some(user), secret) => request.basic_auth(user, secret.as_deref()),
            (None, Some(secret)) => request.bearer_auth(secret.as_str()),
            (None, None) => request,
        };
        request.build().map_err(|_| unreachable("the settings do not make"))
    }
}

impl Sender for SmsSender {
    fn send(&self, message: Message) -> Sending {
        let sender = self.clone();
        Box::pin(async move {
            let request = sender.compose(&message)?;
            match sender.client.execute(request).await {
                Ok(response) => verdict(response, sender.settings.profile).await,
                Err(error) if error.is_timeout() => Err(DeliveryError::NoAnswer(format!(
                    "the SMS gateway took longer than {:?}",
                    sender.settings.timeout
                ))),
                // Without the URL, whose query may hold a password.
                Err(error) => {
                    let cause = cause(&error.without_url());
                    Err(DeliveryError::NoAnswer(format!("the SMS gateway: {cause}")))
                }
            }
        })
    }
}

async fn verdict(response: Response, profile: Profile) -> Result<(), DeliveryError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let mut text = format!("the SMS gateway answered {}", status.as_u16());
    if profile == Profile::Twilio
        && let Some(code) = twilio_code(response).await
    {
        text = format!("{text}, code {code}");
    }
    // RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4: these ask to try again.
    let not_now = matches!(status.as_u16(), 408 | 425 | 429);
    if status.is_client_error() && !not_now || status.is_redirection() {
        Err(DeliveryError::Refused(text))
    } else {
        Err(DeliveryError::NoAnswer(text))
    }
}

/// The number of the error, if the body is Twilio's, which is short.
async fn twilio_code(mut response: Response) -> Option<i64> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > 16 * 1024 {
            return None;
        }
    }
    serde_json::from_slice::<Value>(&body).ok()?.get("code")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::factor::Method;
    use serde_json::json;

    const URL: &str = "https://gateway.example.org/v1/messages?key=k3y";

    fn written() -> Written<'static> {
        Written { url: Some(URL), from: Some("+15550100"), ..Written::default() }
    }

    fn twilio() -> Written<'static> {
        Written { user: Some("AC01"), secret: Some("s3cret"), ..written() }
    }

    fn refusal(profile: Profile, written: &Written<'_>) -> String {
        let said = Settings::parse(profile, written).unwrap_err().to_string();
        assert!(!said.contains("s3cret") && !said.contains("k3y") && !said.contains('\n'), "{said}");
        said
    }

    fn request(profile: Profile, written: &Written<'_>, text: &str) -> Request {
        let settings = Settings::parse(profile, written).unwrap();
        let to = Destination::stored(Method::Sms, b"+4915550100").unwrap();
        let message = Message { to, subject: String::new(), text: text.into(), html: None };
        SmsSender::new(&settings, &Trust::default()).unwrap().compose(&message).unwrap()
    }

    fn json_body(written: &Written<'_>, text: &str) -> Value {
        let request = request(Profile::Json, written, text);
        serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap()
    }

    fn authorization(request: &Request) -> Option<&str> {
        let value = request.headers().get("authorization")?;
        assert!(value.is_sensitive(), "a header that prints");
        value.to_str().ok()
    }

    #[test]
    fn each_profile_says_what_it_needs() {
        for (profile, written, names) in [
            (Profile::Json, Written { url: None, ..written() }, "sms_url"),
            (Profile::Json, Written { from: None, ..written() }, "sms_from"),
            (Profile::Json, Written { from: Some(""), ..written() }, "sms_from"),
            (Profile::Json, Written { from: Some("a\nb"), ..written() }, "sms_from"),
            (Profile::Json, Written { user: Some("u"), ..written() }, "sms_secret"),
            (Profile::Json, Written { user: Some("s3cret:x"), secret: Some("x"), ..written() }, "sms_user"),
            (Profile::Json, Written { secret: Some("s3cret\n"), ..written() }, "sms_secret"),
            (Profile::Json, Written { secret: Some(""), ..written() }, "sms_secret"),
            (Profile::Twilio, Written { user: None, ..twilio() }, "sms_user"),
            (Profile::Twilio, Written { secret: None, ..twilio() }, "sms_secret"),
            (Profile::Twilio, Written { template: Some("{}"), ..twilio() }, "sms_template"),
        ] {
            let said = refusal(profile, &written);
            assert!(said.starts_with(&format!("setting {names}: ")), "{said}");
        }
        Settings::parse(Profile::Json, &written()).unwrap();
        Settings::parse(Profile::Twilio, &twilio()).unwrap();
    }

    #[test]
    fn a_url_that_would_give_something_away_is_refused() {
        for url in ["", "gateway", "ftp://h/", "https://", "https://u:s3cret@h/", "http://s3cret@127.0.0.1/"]
        {
            refusal(Profile::Json, &Written { url: Some(url), ..written() });
        }
        let plain = Written { url: Some("http://gateway.example.org/"), ..written() };
        assert!(Settings::parse(Profile::Json, &plain).unwrap().is_exposed());
        let said = refusal(Profile::Json, &Written { secret: Some("s3cret"), ..plain });
        assert!(said.contains("without TLS"), "{said}");
        for url in ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/", URL] {
            let settings = Settings::parse(Profile::Twilio, &Written { url: Some(url), ..twilio() }).unwrap();
            assert!(!settings.is_exposed());
        }
    }

    #[test]
    fn a_template_is_json_with_number_and_text_in_its_strings() {
        for template in
            ["", "{to} {text}", "{", "{}", r#"{"{to}":"{text}"}"#, r#"["{text}"]"#, r#""{to}{tex}""#]
        {
            let said = refusal(Profile::Json, &Written { template: Some(template), ..written() });
            assert!(said.starts_with("setting sms_template: "), "{said}");
        }
        Settings::parse(Profile::Json, &Written { template: Some(r#""{to}{text}""#), ..written() }).unwrap();
    }

    #[test]
    fn a_value_is_neither_json_nor_a_placeholder() {
        let text = "\"},{\"to\":\"+1\" {to} \\ \u{1F600}\n{from}";
        let expected = json!({"from": "+15550100", "to": "+4915550100", "text": text});
        assert_eq!(json_body(&written(), text), expected);
        let template =
            r#"{"messages":[{"to":["{to}"],"body":"<{{text}}> {x} {","n":1,"t":true}],"{from}":null}"#;
        let expected = json!({
            "messages": [{"to": ["+4915550100"], "body": "<{hi}> {x} {", "n": 1, "t": true}],
            "{from}": null
        });
        assert_eq!(json_body(&Written { template: Some(template), ..written() }, "hi"), expected);
    }

    #[test]
    fn the_gateway_is_shown_a_user_or_a_token_or_nothing() {
        let twilio = request(Profile::Twilio, &twilio(), "ä & b");
        assert_eq!(authorization(&twilio), Some("Basic QUMwMTpzM2NyZXQ="));
        assert_eq!(
            twilio.body().unwrap().as_bytes(),
            Some(&b"To=%2B4915550100&From=%2B15550100&Body=%C3%A4+%26+b"[..])
        );
        let bearer = Written { secret: Some("t0ken"), ..written() };
        assert_eq!(authorization(&request(Profile::Json, &bearer, "")), Some("Bearer t0ken"));
        let basic = Written { user: Some("u"), ..bearer };
        assert_eq!(authorization(&request(Profile::Json, &basic, "")), Some("Basic dTp0MGtlbg=="));
        assert_eq!(authorization(&request(Profile::Json, &written(), "")), None);
    }

    #[test]
    fn settings_do_not_print() {
        let settings = Settings::parse(Profile::Twilio, &twilio()).unwrap();
        assert_eq!(format!("{settings:?}"), "Settings(..)");
        assert_eq!(settings.gateway(), "gateway.example.org (profile twilio)");
    }

    #[tokio::test]
    async fn a_mail_is_not_sent_by_the_gateway() {
        let settings = Settings::parse(Profile::Json, &written()).unwrap();
        let to = Destination::stored(Method::Email, b"alice@example.org").unwrap();
        let message = Message { to, subject: String::new(), text: String::new(), html: None };
        let sender = SmsSender::new(&settings, &Trust::default()).unwrap();
        assert!(matches!(sender.send(message).await, Err(DeliveryError::Refused(_))));
    }
}
