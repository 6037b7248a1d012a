//! Mail, by SMTP (RFC 5321), with TLS and authentication where the server wants them.
//!
//! # Design
//! The URL says whether TLS is spoken, and what it says is done or the message does not go: "TLS if the server happens
//! to offer it" is what a man in the middle takes away, so there is no such form. A password never goes over a
//! connection without TLS, unless the server is this machine.

use super::{
    DeliveryError, Destination, Message, Sender, Sending, SetupError, TIMEOUT, Trust, cause, is_loopback,
};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use percent_encoding::percent_decode_str;
use std::fmt;
use std::time::Duration;
use url::{Host, Url};
use zeroize::Zeroizing;

/// What the operator sets of mail. Not printable, since it may hold a password.
#[derive(Clone)]
pub struct Settings {
    server: Server,
    from: Mailbox,
    /// The longest that a message may take: [`TIMEOUT`], unless a test says otherwise.
    pub timeout: Duration,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(..)")
    }
}

impl Settings {
    /// The forms of the URL, for messages about a wrong one.
    const FORMS: &str = "must be like smtps://user:password@host, smtp://user:password@host:587?tls=required \
                         or smtp://127.0.0.1:25";

    /// From the server's URL and the sender's address, which may have a name: `Example <mfa@example.org>`.
    pub fn parse(url: &str, from: &str) -> Result<Self, SetupError> {
        let server = Server::parse(url).map_err(|message| SetupError::new("smtp_url", message))?;
        // A second check than the parser's own: it would take a line break for white space.
        let from =
            (!from.contains(char::is_control)).then(|| from.parse().ok()).flatten().ok_or_else(|| {
                SetupError::new("mail_from", "must be like mfa@example.org or Example <mfa@example.org>")
            })?;
        Ok(Self { server, from, timeout: TIMEOUT })
    }

    /// Where mail goes, without user and password.
    pub fn server(&self) -> String {
        let tls = match self.server.security {
            Security::Plain => "without TLS",
            Security::StartTls => "with STARTTLS",
            Security::Tls => "with TLS",
        };
        format!("{}:{} {tls}", self.server.host, self.server.port)
    }

    /// Whether codes go over a wire as plain text.
    pub fn is_exposed(&self) -> bool {
        self.server.security == Security::Plain && !self.server.is_loopback()
    }
}

/// A mail server and how it is spoken to.
#[derive(Clone)]
struct Server {
    host: Host<String>,
    port: u16,
    security: Security,
    credentials: Option<(Zeroizing<String>, Zeroizing<String>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    Plain,
    StartTls,
    Tls,
}

impl Server {
    /// The errors hold no part of the URL: it has a password.
    fn parse(url: &str) -> Result<Self, &'static str> {
        let url = Url::parse(url).map_err(|_| Settings::FORMS)?;
        let (security, port) = match (url.scheme(), url.query()) {
            ("smtps", None) => (Security::Tls, 465),
            ("smtp", Some("tls=required")) => (Security::StartTls, 587),
            ("smtp", None) => (Security::Plain, 25),
            _ => return Err(Settings::FORMS),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(Settings::FORMS);
        }
        let host = match url.host().ok_or(Settings::FORMS)? {
            // A scheme that the parser does not know leaves addresses as names.
            Host::Domain(name) => Host::parse(name).map_err(|_| Settings::FORMS)?,
            host => host.to_owned(),
        };
        let decode = |text: &str| {
            let text =
                percent_decode_str(text).decode_utf8().map_err(|_| "user and password must be UTF-8")?;
            Ok::<_, &'static str>(Zeroizing::new(text.into_owned()))
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err("needs both user and password, or neither"),
            (user, Some(password)) => Some((decode(user)?, decode(password)?)),
        };
        let server = Self { host, port: url.port().unwrap_or(port), security, credentials };
        if server.credentials.is_some() && security == Security::Plain && !server.is_loopback() {
            return Err("would send the password without TLS: use smtps:// or ?tls=required");
        }
        Ok(server)
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&match &self.host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        })
    }

    /// The name or address as the resolver and a certificate have it: an IPv6 address without its brackets.
    fn name(&self) -> String {
        match &self.host {
            Host::Ipv6(address) => address.to_string(),
            host => host.to_string(),
        }
    }
}

/// Sends mail.
#[derive(Clone)]
pub struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

impl SmtpSender {
    /// Prepares; connects to nobody yet.
    pub fn new(settings: &Settings, trust: &Trust) -> Result<Self, SetupError> {
        let server = &settings.server;
        let tls = || {
            let mut parameters = TlsParameters::builder(server.name());
            for certificate in trust.extra() {
                parameters = parameters.add_root_certificate(Certificate::from_der(certificate.to_vec())?);
            }
            parameters.build()
        };
        let tls = match server.security {
            Security::Plain => Ok(Tls::None),
            Security::StartTls => tls().map(Tls::Required),
            Security::Tls => tls().map(Tls::Wrapper),
        };
        let tls = tls.map_err(|error| SetupError::new("smtp_url", cause(&error)))?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.name())
            .port(server.port)
            .tls(tls)
            .timeout(Some(settings.timeout));
        if let Some((user, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(user.to_string(), password.to_string()));
        }
        Ok(Self { transport: builder.build(), from: settings.from.clone(), timeout: settings.timeout })
    }

    /// Connects, with TLS and password, and asks the server for nothing: whether the settings serve.
    pub async fn check(&self) -> Result<(), DeliveryError> {
        match tokio::time::timeout(self.timeout, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(DeliveryError::NoAnswer("the mail server closed the connection".into())),
            Ok(Err(error)) => Err(verdict(&error)),
            Err(_) => Err(self.too_slow()),
        }
    }

    fn too_slow(&self) -> DeliveryError {
        DeliveryError::NoAnswer(format!("the mail server took longer than {:?}", self.timeout))
    }

    /// The message as it goes over the wire.
    fn compose(&self, message: Message) -> Result<lettre::Message, DeliveryError> {
        let unmailable =
            || DeliveryError::Refused("the destination is not an address that mail can go to".into());
        let Destination::Email(_) = &message.to else { return Err(unmailable()) };
        let to = message.to.expose().parse::<Address>().ok();
        let builder = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.ok_or_else(unmailable)?))
            .subject(message.subject)
            .message_id(None)
            .date_now()
            // RFC 3834 §5: an absence notice must not answer this.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ));
        let composed = match message.html {
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(message.text, html)),
            None => {
                builder.singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(message.text))
            }
        };
        composed.map_err(|error| DeliveryError::Refused(cause(&error)))
    }
}

impl Sender for SmtpSender {
    fn send(&self, message: Message) -> Sending {
        let sender = self.clone();
        Box::pin(async move {
            let message = sender.compose(message)?;
            // The transport's own limit is for the connection alone; this is for all of it.
            match tokio::time::timeout(sender.timeout, sender.transport.send(message)).await {
                Ok(sent) => sent.map(drop).map_err(|error| verdict(&error)),
                Err(_) => Err(sender.too_slow()),
            }
        })
    }
}

/// What an error means, in words without the server's own.
fn verdict(error: &Error) -> DeliveryError {
    if let Some(status) = error.status() {
        let text = format!("the mail server answered {status}");
        // RFC 5321 §4.2.1: 4yz asks to try again, as a server does that greylists. RFC 4954 §6: 530 to 538 are about the
        // password, which is a matter of the settings and not of the message.
        let about_settings = ["530", "534", "535", "538"].contains(&status.to_string().as_str());
        return if error.is_permanent() && !about_settings {
            DeliveryError::Refused(text)
        } else {
            DeliveryError::NoAnswer(text)
        };
    }
    if error.is_response() {
        return DeliveryError::NoAnswer("the mail server's answer is not SMTP".into());
    }
    let cause = cause(error);
    // The one refusal of the client's own that is about the message: an address that this server cannot take.
    if cause.contains("SMTPUTF8") {
        return DeliveryError::Refused("the mail server takes no address with letters beyond ASCII".into());
    }
    // What is left stems from the network, from TLS, or from a server that cannot do what was asked.
    DeliveryError::NoAnswer(format!("the mail server: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::factor::Method;

    const FROM: &str = "Example <mfa@example.org>";

    fn to(address: &str) -> Option<Destination> {
        Destination::stored(Method::Email, address.as_bytes())
    }

    fn server(url: &str) -> String {
        Settings::parse(url, FROM).unwrap().server()
    }

    fn refusal(url: &str) -> String {
        Settings::parse(url, FROM).unwrap_err().to_string()
    }

    fn sender() -> SmtpSender {
        let settings = Settings::parse("smtp://127.0.0.1:2525", FROM).unwrap();
        SmtpSender::new(&settings, &Trust::default()).unwrap()
    }

    fn message(to: Destination) -> Message {
        Message {
            to, subject: "Grüße".into(), text: "Ihr Code".into(), html: Some("<p>Ihr Code</p>".into())
        }
    }

    #[test]
    fn the_url_says_how_the_server_is_spoken_to() {
        assert_eq!(server("smtp://127.0.0.1:2525"), "127.0.0.1:2525 without TLS");
        assert_eq!(server("smtp://mail.example.org"), "mail.example.org:25 without TLS");
        assert_eq!(server("smtps://u:p@mail.example.org/"), "mail.example.org:465 with TLS");
        assert_eq!(server("smtp://u:p@mail.example.org?tls=required"), "mail.example.org:587 with STARTTLS");
        assert_eq!(server("smtps://[::1]:4650"), "[::1]:4650 with TLS");
        let settings = Settings::parse("smtps://alice%40example.org:p%3A%2F%C3%A4@h", FROM).unwrap();
        let (user, password) = settings.server.credentials.unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("alice@example.org", "p:/ä"));
    }

    #[test]
    fn a_url_that_is_not_understood_in_full_is_refused() {
        for url in [
            "",
            "mail.example.org",
            "mail.example.org:587",
            "http://mail.example.org",
            "smtp://",
            "smtp:mail.example.org",
            "smtp://u:s3cret@mail.example.org?tls=opportunistic",
            "smtp://mail.example.org?tl=required",
            "smtp://mail.example.org?tls=required&x=1",
            "smtps://mail.example.org?tls=none",
            "smtps://mail.example.org/name",
            "smtps://mail.example.org#x",
            "smtps://s3cret@mail.example.org",
            "smtps://:s3cret@mail.example.org",
            "smtps://mail.example.org:99999",
        ] {
            let said = refusal(url);
            assert!(said.starts_with("setting smtp_url: "), "{said}");
            assert!(!said.contains("s3cret") && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn a_password_goes_nowhere_without_tls() {
        for url in ["smtp://u:s3cret@mail.example.org", "smtp://u:s3cret@127.0.0.1.example.org:25"] {
            let said = refusal(url);
            assert!(said.contains("without TLS") && !said.contains("s3cret"), "{said}");
        }
        for url in ["smtp://u:p@127.0.0.1", "smtp://u:p@localhost:2525", "smtp://u:p@[::1]"] {
            assert!(!Settings::parse(url, FROM).unwrap().is_exposed(), "{url}");
        }
        assert!(Settings::parse("smtp://mail.example.org", FROM).unwrap().is_exposed());
    }

    #[test]
    fn the_sender_is_an_address_with_or_without_a_name() {
        let parse = |from| Settings::parse("smtp://127.0.0.1", from);
        for from in ["mfa@example.org", FROM, "\"Example, Inc.\" <mfa@example.org>", "Größe <a@b.de>"] {
            parse(from).unwrap();
        }
        for from in ["", "example.org", "Example", "a@b.de, c@d.de", "a@b.de\r\nBcc: c@d.de", "a <a@b.de\n>"]
        {
            let said = parse(from).unwrap_err().to_string();
            assert!(said.starts_with("setting mail_from: ") && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn settings_do_not_print() {
        let settings = Settings::parse("smtps://u:s3cret@mail.example.org", FROM).unwrap();
        assert_eq!(format!("{settings:?}"), "Settings(..)");
        assert!(!settings.server().contains("s3cret"));
    }

    #[test]
    fn a_mail_has_the_headers_of_an_automatic_message_and_two_forms_of_its_words() {
        let mail = sender().compose(message(to("alice@example.org").unwrap())).unwrap();
        let wire = String::from_utf8(mail.formatted()).unwrap();
        for line in [
            "From: Example <mfa@example.org>",
            "To: alice@example.org",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
        ] {
            assert!(wire.lines().any(|l| l == line), "{line}: {wire}");
        }
        for name in ["Date: ", "Message-ID: <", "Subject: =?utf-8?", "Content-Type: multipart/alternative;"] {
            assert!(wire.lines().any(|line| line.starts_with(name)), "{name}: {wire}");
        }
        assert!(wire.is_ascii());
        assert!(
            wire.find("text/plain") < wire.find("text/html"),
            "the better form is the last: RFC 2046 §5.1.4"
        );
    }

    #[test]
    fn what_is_no_address_never_reaches_the_wire() {
        for address in [
            "",
            "alice",
            "alice@",
            "@example.org",
            "alice@example.org\r\nRCPT TO:<bob@example.org>",
            "alice@example.org\n",
            "\"a\r\nb\"@example.org",
            "\"a\tb\"@example.org",
            "alice@example.org, bob@example.org",
            "Alice <alice@example.org>",
            "alice@exa mple.org",
            "alice\0@example.org",
            "alice@example.org> SIZE=1",
        ] {
            let Some(to) = to(address) else { continue };
            let refused = sender().compose(message(to)).unwrap_err();
            assert!(matches!(&refused, DeliveryError::Refused(text) if !text.contains("alice")), "{refused}");
        }
        let number = Destination::stored(Method::Sms, b"+15550100").unwrap();
        sender().compose(message(number)).unwrap_err();
    }

    #[test]
    fn a_subject_stays_one_header() {
        let mut message = message(to("alice@example.org").unwrap());
        message.subject = "Hello\r\nBcc: bob@example.org".into();
        let wire = String::from_utf8(sender().compose(message).unwrap().formatted()).unwrap();
        assert!(!wire.lines().any(|line| line.starts_with("Bcc")), "{wire}");
    }
}
