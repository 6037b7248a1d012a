//! Where codes are sent: e-mail addresses and phone numbers, parsed once, and shown to people only masked.

use super::factor::Method;
use email_address::{EmailAddress as Parser, Options};
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type};
use std::fmt;

/// What stands for the hidden part of a destination, whatever its length.
const MASK: &str = "••••";

/// Why a destination was refused; the text is safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    /// Not an address of the form `name@domain`.
    #[error("must be an e-mail address such as alice@example.org")]
    EmailAddress,
    /// Not a phone number, or one without its country.
    #[error(
        "must be a phone number in international form such as +4915112345678, or come with its 'country'"
    )]
    PhoneNumber,
    /// A number that costs who sends to it.
    #[error("messages are not sent to premium-rate, shared-cost and personal numbers")]
    PremiumRate,
    /// Not among the countries that the operator allows.
    #[error("messages are not sent to this country")]
    Country,
}

/// An e-mail address, as it was given: mail servers may tell upper and lower case apart.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// RFC 5321 §4.5.3.1.3: a path has at most 256 octets, two of them brackets.
    const MOST_BYTES: usize = 254;

    /// An address with a domain of at least two labels; neither a display name nor an address literal, and so neither
    /// line breaks nor other control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidDestination> {
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        let parsed =
            Parser::parse_with_options(text, options).map_err(|_| InvalidDestination::EmailAddress)?;
        let address = parsed.as_str();
        let foreign = |c: char| c.is_control() || c.is_whitespace() || c == '"';
        // A last label of digits is an IP address without its brackets.
        let by_number =
            parsed.domain().rsplit('.').next().is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()));
        if address.len() > Self::MOST_BYTES || address.contains(foreign) || by_number {
            return Err(InvalidDestination::EmailAddress);
        }
        Ok(Self(address.to_owned()))
    }

    /// Reads what was stored. Only its form is looked at: a parser of a later version must not lock out whom an
    /// earlier one let enrol.
    fn stored(text: &str) -> Option<Self> {
        (text.contains('@') && !text.contains(char::is_control)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// A phone number in E.164 form: `+`, country calling code, national number; at most 15 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in international form, or in the national form of `country` (ISO 3166-1 alpha-2).
    ///
    /// Whether its length is possible is asked, not whether it is assigned: numbering plans change faster than the
    /// library's copy of them, and the code that is sent proves the number anyway.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self, InvalidDestination> {
        let wrong = InvalidDestination::PhoneNumber;
        let region = country.map(|id| id.to_ascii_uppercase().parse()).transpose().map_err(|_| wrong)?;
        let foreign = |c: char| c.is_control() || c.is_alphabetic() || is_line_end(c);
        if text.chars().count() > 32 || text.contains(foreign) {
            return Err(wrong);
        }
        let number = phonenumber::parse(region, text).map_err(|_| wrong)?;
        let e164 = number.format().mode(Mode::E164).to_string();
        let digits = e164.len().saturating_sub(1);
        if number.extension().is_some() || !(8..=15).contains(&digits) {
            return Err(wrong);
        }
        match number.number_type(&DATABASE) {
            Type::PremiumRate | Type::SharedCost | Type::PersonalNumber => {
                Err(InvalidDestination::PremiumRate)
            }
            _ => Ok(Self(e164)),
        }
    }

    /// Reads what was stored. Only its form is looked at: numbering plans change, and what was proven stays proven.
    fn stored(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let well_formed = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The number, for sending and sealing only.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The country calling code without its `+`; `None` for a stored number of a plan that is not known any more.
    pub(super) fn calling_code(&self) -> Option<u16> {
        phonenumber::parse(None, &self.0).ok().map(|number| number.code().value())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(..)")
    }
}

/// Whether a reader could take the character for the end of a line, though it is none in ASCII.
const fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Where a message is sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Destination {
    /// By e-mail.
    Email(EmailAddress),
    /// By text message.
    Phone(PhoneNumber),
}

impl Destination {
    /// The whole destination, for sending and sealing only.
    pub fn expose(&self) -> &str {
        match self {
            Self::Email(EmailAddress(address)) => address,
            Self::Phone(PhoneNumber(number)) => number,
        }
    }

    /// Reads what [`Self::expose`] gave and was stored, for that method; `None` for anything else.
    pub fn stored(method: Method, bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        match method {
            Method::Email => EmailAddress::stored(text).map(Self::Email),
            Method::Sms => PhoneNumber::stored(text).map(Self::Phone),
            Method::Totp | Method::Webauthn => None,
        }
    }

    /// What is the same for every way of writing it: most mail servers do not tell upper and lower case apart.
    pub fn mailbox(&self) -> String {
        self.expose().to_lowercase()
    }

    /// The method that sends codes there.
    pub const fn method(&self) -> Method {
        match self {
            Self::Email(_) => Method::Email,
            Self::Phone(_) => Method::Sms,
        }
    }

    /// For people: enough to recognise one's own, too little to learn another's.
    pub fn masked(&self) -> String {
        match self {
            Self::Email(EmailAddress(address)) => {
                let (local, domain) = address.rsplit_once('@').unwrap_or(("", address));
                let first = local.chars().next().map(String::from).unwrap_or_default();
                format!("{first}{MASK}@{domain}")
            }
            Self::Phone(number) => {
                let last = &number.0[number.0.len().saturating_sub(2)..];
                let code = number.calling_code().map(|code| code.to_string()).unwrap_or_default();
                format!("+{code} {MASK} {last}")
            }
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Destination(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_more_than_an_address_in_them_are_refused() {
        for text in [
            "",
            "alice",
            "alice@",
            "@example.org",
            "alice@example",
            "alice@example.org\n",
            "alice@example.org\u{2028}",
            "alice\u{2029}@example.org",
            "alice@example.org\r\nBcc: mallory@example.org",
            "alice@exa\nmple.org",
            "Alice <alice@example.org>",
            "alice@[127.0.0.1]",
            "alice@127.0.0.1",
            "alice@example.org, bob@example.org",
            "a b@example.org",
            "\"a\nb\"@example.org",
        ] {
            assert_eq!(EmailAddress::parse(text).err(), Some(InvalidDestination::EmailAddress), "{text:?}");
        }
        for text in ["alice@example.org", "a+b.c@mail.example.co.uk", "Älice@example.org"] {
            assert_eq!(EmailAddress::parse(text).unwrap().0, text);
        }
        assert!(EmailAddress::parse(&format!("a@{}.org", "x".repeat(300))).is_err());
    }

    #[test]
    fn numbers_are_read_in_international_and_national_form() {
        let read = |text, country| PhoneNumber::parse(text, country).map(|number| number.0);
        assert_eq!(read("+49 151 123-45678", None).unwrap(), "+4915112345678");
        assert_eq!(read("0151 12345678", Some("DE")).unwrap(), "+4915112345678");
        assert_eq!(read("0151 12345678", Some("de")).unwrap(), "+4915112345678");
        assert_eq!(read("(202) 555-0100", Some("US")).unwrap(), "+12025550100");
        assert_eq!(read("+15550100", None).unwrap(), "+15550100");
        for (text, country) in [
            ("", None),
            ("0151 12345678", None),
            ("+49", None),
            ("+4", None),
            ("+999123456789", None),
            ("12", Some("DE")),
            ("+49151123456789012345", None),
            ("0151 12345678", Some("XX")),
            ("0151 12345678", Some("Germany")),
            ("+4915112345678\n", None),
            ("+4915112345678\u{2028}", None),
            ("+4915112345678 ext 5", None),
            ("call me", Some("DE")),
        ] {
            assert_eq!(read(text, country), Err(InvalidDestination::PhoneNumber), "{text:?} {country:?}");
        }
    }

    #[test]
    fn numbers_that_cost_the_sender_are_refused() {
        let refused = |text| PhoneNumber::parse(text, None).err();
        for number in ["+499001234567", "+19002345678", "+447012345678"] {
            assert_eq!(refused(number), Some(InvalidDestination::PremiumRate), "{number}");
        }
    }

    #[test]
    fn what_was_stored_is_read_by_its_form() {
        let read = |method, text: &str| {
            Destination::stored(method, text.as_bytes()).map(|to| to.expose().to_owned())
        };
        assert_eq!(read(Method::Email, "alice@example.org").unwrap(), "alice@example.org");
        assert_eq!(read(Method::Sms, "+499001234567").unwrap(), "+499001234567", "whatever it costs by now");
        for (method, text) in [
            (Method::Email, "alice"),
            (Method::Email, "alice@example.org\n"),
            (Method::Sms, "4915112345678"),
            (Method::Sms, "+49x"),
            (Method::Sms, ""),
            (Method::Totp, "alice@example.org"),
        ] {
            assert_eq!(read(method, text), None, "{text:?}");
        }
    }

    #[test]
    fn masked_destinations_tell_only_their_owner() {
        let email = Destination::Email(EmailAddress::parse("alice@example.org").unwrap());
        assert_eq!(email.masked(), "a••••@example.org");
        let phone = Destination::Phone(PhoneNumber::parse("+4915112345678", None).unwrap());
        assert_eq!(phone.masked(), "+49 •••• 78");
        assert_eq!(format!("{email:?} {phone:?}"), "Destination(..) Destination(..)");
    }
}
