//! What messages say: codes, and notices of what happened to an account; and what else is said to a user in the own
//! language.
//!
//! # Design
//! Calm and plain, for somebody who did not expect the message as well as for somebody who waits for it. No links: a
//! reader who learned that mail of this kind has none is harder to lead astray by one that has. No pictures and nothing
//! remote, so that reading tells nobody. Times are in UTC, and say so, since nothing here knows the reader's.
//!
//! Names come from outside: a site's, a user's, a browser's. In here they are one line of limited length without
//! control characters and without marks that turn the direction of writing, and in HTML they are escaped.

use super::Message;
use super::catalogue::{Catalogue, Language};
use crate::domain::destination::Destination;
use crate::domain::factor::Method;
use crate::domain::notice::Notice;
use crate::domain::time::Timestamp;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// Signing in.
    Login,
    /// A sensitive step by somebody who is signed in.
    StepUp,
    /// Setting up the address or number that it goes to.
    Enroll,
}

impl CodePurpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::StepUp => "step_up",
            Self::Enroll => "enroll",
        }
    }
}

/// The sentence for a reader whom the notice does not surprise.
const fn if_you(notice: &Notice) -> &'static str {
    match notice {
        Notice::AuthenticatorAdded(_)
        | Notice::AuthenticatorRemoved(_)
        | Notice::MfaDisabled
        | Notice::RecoveryCodeUsed(_)
        | Notice::RecoveryCodesReplaced
        | Notice::DeviceTrusted(_) => "notice.if_you.acted",
        Notice::MfaReset | Notice::OneTimePassIssued => "notice.if_you.asked",
        Notice::LockBegan(_) => "notice.if_you.locked",
        Notice::DeviceTokenReused(_) => "notice.if_you.copied",
    }
}

/// A message with a code; `minutes` is how long it is good.
pub fn code_message(
    locale: Option<&str>,
    site: &str,
    to: Destination,
    code: &str,
    purpose: CodePurpose,
    minutes: u64,
) -> Message {
    let language = Language::of(locale);
    let words = language.catalogue();
    let purpose = purpose.name();
    let site = plain(site, longest_name(&to));
    let minutes_text = minutes.to_string();
    let values = [("site", site.as_str()), ("code", code), ("minutes", &minutes_text)];
    let say = |name: &str| words.say(name, &values);
    let lasts = say(if minutes == 1 { "code.lasts.one" } else { "code.lasts.other" });
    match to {
        Destination::Phone(_) => {
            let is = say(&format!("code.sms.{purpose}"));
            text_message(to, format!("{is} {lasts} {}", say("code.sms.secret")))
        }
        Destination::Email(_) => {
            let is = say(&format!("code.is.{purpose}"));
            let stranger = say(&format!("code.stranger.{purpose}"));
            let paragraphs = [format!("{is} {lasts}"), say("code.secret"), stranger];
            mail(to, language, say(&format!("code.subject.{purpose}")), Some(code), &paragraphs)
        }
    }
}

/// A message about what happened at `at` to the account of the user who goes by `user_name`.
pub fn notice_message(
    locale: Option<&str>,
    site: &str,
    to: Destination,
    notice: &Notice,
    at: Timestamp,
    user_name: &str,
) -> Message {
    let language = Language::of(locale);
    let words = language.catalogue();
    let longest = longest_name(&to);
    let (site, user, at) = (plain(site, longest), plain(user_name, longest), date(words, at));
    let what = what_happened(words, notice, &site);
    let values = [("site", site.as_str()), ("user", &user), ("at", &at), ("what", &what)];
    let say = |name: &str| words.say(name, &values);
    match to {
        Destination::Phone(_) => text_message(to, say("notice.sms")),
        Destination::Email(_) => {
            let subject = say(&format!("notice.{}.subject", notice.to_parts().0));
            let if_you = format!("{} {}", say(if_you(notice)), say("notice.if_not_you"));
            let paragraphs = [say("notice.greeting"), what.clone(), say("notice.when"), if_you];
            mail(to, language, subject, None, &paragraphs)
        }
    }
}

/// The name that a new authenticator has until its user gives it another.
pub fn authenticator_name(locale: Option<&str>, method: Method) -> String {
    Language::of(locale).catalogue().say(&format!("name.{}", method.as_str()), &[])
}

/// The sentences that are of this notice alone.
fn what_happened(words: &Catalogue, notice: &Notice, site: &str) -> String {
    let name = notice.to_parts().0;
    let say = |part: &str, key: &str, value: &str| {
        words.say(&format!("notice.{name}.{part}"), &[("site", site), (key, value)])
    };
    match notice {
        Notice::AuthenticatorAdded(method) | Notice::AuthenticatorRemoved(method) => {
            say("what", "method", &words.say(&format!("method.{}", method.as_str()), &[]))
        }
        Notice::DeviceTrusted(name) | Notice::DeviceTokenReused(name) => {
            say("what", "name", &plain(name, LONGEST_NAME))
        }
        Notice::RecoveryCodeUsed(remaining) => {
            let left = match remaining {
                ..=0 => "left.none",
                1 => "left.one",
                2..=3 => "left.few",
                4.. => "left.other",
            };
            format!("{} {}", say("what", "", ""), say(left, "remaining", &remaining.to_string()))
        }
        Notice::LockBegan(seconds) => {
            let minutes = seconds.map(|seconds| seconds.div_ceil(60));
            let until = match minutes {
                None => "until.unlocked",
                Some(..=1) => "until.one",
                Some(2..) => "until.other",
            };
            let minutes = minutes.unwrap_or_default().to_string();
            format!("{} {}", say("what", "", ""), say(until, "minutes", &minutes))
        }
        Notice::MfaDisabled
        | Notice::MfaReset
        | Notice::RecoveryCodesReplaced
        | Notice::OneTimePassIssued => say("what", "", ""),
    }
}

/// The longest name in a mail.
const LONGEST_NAME: usize = 100;

/// How long a name may be in a message to there. A text message is paid by its length: 160 letters, or 70 where one of
/// them is outside the GSM alphabet.
const fn longest_name(to: &Destination) -> usize {
    match to {
        Destination::Email(_) => LONGEST_NAME,
        Destination::Phone(_) => 30,
    }
}

/// A name from outside, harmless: one line, no control characters, nothing that turns the direction of writing or is
/// not to be seen, at most `longest` characters.
fn plain(name: &str, longest: usize) -> String {
    let visible = name.chars().filter(|c| {
        !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    });
    let spaced: String = visible
        .map(|c| {
            if c.is_control() || c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }
        })
        .collect();
    let line = spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let kept: String = line.chars().take(longest.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

/// The point in time, to the minute, in the language's own form.
fn date(words: &Catalogue, at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map(|at| at.strftime(&words.say("at", &[])).to_string())
        .unwrap_or_default()
}

fn text_message(to: Destination, text: String) -> Message {
    Message { to, subject: String::new(), text, html: None }
}

/// A mail of paragraphs, with the code, if there is one, before them all: the first words of a mail are what a phone
/// shows of it.
fn mail(
    to: Destination,
    language: Language,
    subject: String,
    code: Option<&str>,
    paragraphs: &[String],
) -> Message {
    let mut text = String::new();
    let mut body = String::new();
    if let Some(code) = code {
        text = format!("{code}\n\n");
        let style = "font-size: 32px; font-weight: bold; letter-spacing: 4px; margin: 16px 0";
        body = format!("<p style=\"{style}\">{}</p>\n", escape(code));
    }
    text.push_str(&paragraphs.join("\n\n"));
    text.push('\n');
    for paragraph in paragraphs {
        body.push_str(&format!("<p>{}</p>\n", escape(paragraph)));
    }
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family: sans-serif; font-size: 16px; line-height: 1.5\">\n{body}</body>\n</html>\n",
        language.tag(),
        escape(&subject),
    );
    Message { to, subject, text, html: Some(html) }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [CodePurpose; 3] = [CodePurpose::Login, CodePurpose::StepUp, CodePurpose::Enroll];
    const LOCALES: [Option<&str>; 3] = [None, Some("en"), Some("de-AT")];
    /// 2026-11-22T14:05:59Z
    const AT: Timestamp = Timestamp(1_795_356_359_000);

    fn email() -> Destination {
        Destination::stored(Method::Email, b"alice@example.org").unwrap()
    }

    fn phone() -> Destination {
        Destination::stored(Method::Sms, b"+4915550100").unwrap()
    }

    fn notices() -> Vec<Notice> {
        vec![
            Notice::AuthenticatorAdded(Method::Totp),
            Notice::AuthenticatorRemoved(Method::Sms),
            Notice::AuthenticatorAdded(Method::Email),
            Notice::AuthenticatorAdded(Method::Webauthn),
            Notice::MfaDisabled,
            Notice::MfaReset,
            Notice::RecoveryCodeUsed(0),
            Notice::RecoveryCodeUsed(1),
            Notice::RecoveryCodeUsed(3),
            Notice::RecoveryCodeUsed(9),
            Notice::RecoveryCodesReplaced,
            Notice::LockBegan(None),
            Notice::LockBegan(Some(30)),
            Notice::LockBegan(Some(900)),
            Notice::OneTimePassIssued,
            Notice::DeviceTrusted("Firefox on Linux".into()),
            Notice::DeviceTokenReused("Firefox on Linux".into()),
        ]
    }

    /// Every message there is, with these names.
    fn all(site: &str, user: &str) -> Vec<Message> {
        let mut messages = Vec::new();
        for locale in LOCALES {
            for to in [email(), phone()] {
                for purpose in PURPOSES {
                    for minutes in [1, 10] {
                        messages.push(code_message(locale, site, to.clone(), "123456", purpose, minutes));
                    }
                }
                for notice in notices() {
                    messages.push(notice_message(locale, site, to.clone(), &notice, AT, user));
                }
            }
        }
        messages
    }

    /// The words of the HTML form, without its tags.
    fn words_of(html: &str) -> String {
        let body = &html[html.find("<body").unwrap()..];
        let mut words = String::new();
        for part in body.split('<') {
            words.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_mail_shows_the_code_first_and_not_in_its_subject() {
        for locale in LOCALES {
            for purpose in PURPOSES {
                let mail = code_message(locale, "Example", email(), "123456", purpose, 10);
                assert!(mail.text.starts_with("123456\n"), "{}", mail.text);
                assert!(words_of(mail.html.as_deref().unwrap()).starts_with("123456 "));
                assert!(!mail.subject.contains("123456") && mail.subject.contains("Example"));
                assert!(mail.text.contains("10 "), "{}", mail.text);
            }
        }
    }

    #[test]
    fn a_text_message_is_one_short_line_with_site_and_code() {
        for locale in LOCALES {
            for purpose in PURPOSES {
                let message = code_message(locale, "Example Association", phone(), "123456", purpose, 10);
                assert!(message.text.starts_with("123456 ") && message.text.contains("Example Association"));
                assert!(message.text.chars().count() <= 160, "{}", message.text);
                assert!(!message.text.contains('\n') && message.subject.is_empty() && message.html.is_none());
            }
        }
    }

    #[test]
    fn nothing_is_left_unsaid_in_any_language() {
        for message in all("Example", "Alice") {
            let text = &message.text;
            assert!(!text.contains(['{', '}']) && !text.contains("  "), "{text}");
            assert!(!text.lines().any(|line| line.starts_with(' ') || line.ends_with(' ')), "{text}");
            let is_mail = message.to == email();
            assert_eq!(message.subject.is_empty(), !is_mail, "{text}");
            assert_eq!(message.html.is_some(), is_mail, "{text}");
            if let Some(html) = message.html {
                assert_eq!(words_of(&html), text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }

    #[test]
    fn no_message_has_a_link_or_anything_remote() {
        for message in all("Example", "Alice") {
            let everything =
                format!("{}{}{}", message.subject, message.text, message.html.unwrap_or_default());
            for never in ["http", "www.", "href", "src=", "<img", "<script", "url("] {
                assert!(!everything.contains(never), "{never}: {everything}");
            }
        }
    }

    #[test]
    fn a_notice_says_what_happened_when_and_what_to_do() {
        for notice in notices() {
            let english = notice_message(None, "Example", email(), &notice, AT, "Alice").text;
            assert!(english.starts_with("Hello Alice,\n"), "{english}");
            for part in ["2026-11-22 14:05 UTC", "Example", "If this was not you"] {
                assert!(english.contains(part), "{part}: {english}");
            }
            let german = notice_message(Some("de"), "Example", email(), &notice, AT, "Alice").text;
            assert!(german.contains("22.11.2026, 14:05 UTC"), "{german}");
        }
    }

    #[test]
    fn a_notice_names_its_particulars() {
        let say = |notice| notice_message(None, "Example", email(), &notice, AT, "Alice").text;
        assert!(say(Notice::AuthenticatorAdded(Method::Totp)).contains("An authenticator app was set up"));
        assert!(say(Notice::RecoveryCodeUsed(3)).contains("Only 3 are left"));
        assert!(say(Notice::LockBegan(Some(900))).contains("15 minutes"));
        assert!(say(Notice::LockBegan(None)).contains("until an administrator"));
        assert!(say(Notice::DeviceTrusted("Firefox on Linux".into())).contains("Firefox on Linux"));
    }

    #[test]
    fn names_from_outside_are_one_harmless_line() {
        for (name, expected) in [
            ("  Example\r\nBcc: x\t ", "Example Bcc: x"),
            ("a\u{202e}b\u{2066}c\u{200f}d\u{0}e\u{feff}", "abcd e"),
            ("a\u{2028}b\u{85}c\u{a0}d", "a b c d"),
            ("שלום", "שלום"),
            ("\u{7}", ""),
        ] {
            assert_eq!(plain(name, 100), expected, "{name:?}");
        }
        assert_eq!(plain(&"ä".repeat(31), 30), format!("{}...", "ä".repeat(27)));
        assert_eq!(plain(&"ä".repeat(30), 30), "ä".repeat(30));
    }

    #[test]
    fn no_name_becomes_html_or_another_line() {
        let evil = "<img src=x>\u{202e}\"&'\r\nBcc: bob@example.org\n\n{code}";
        let calm = all("Example", "Alice");
        for (message, calm) in all(evil, evil).into_iter().zip(calm) {
            assert!(!message.subject.contains(['\n', '\r', '\u{202e}']), "{:?}", message.subject);
            assert_eq!(message.text.lines().count(), calm.text.lines().count(), "{:?}", message.text);
            assert_eq!(message.text.matches("123456").count(), calm.text.matches("123456").count());
            if let Some(html) = message.html {
                assert!(!html.contains("<img") && !html.contains('\u{202e}'), "{html}");
                assert_eq!(html.matches('<').count(), calm.html.unwrap_or_default().matches('<').count());
            }
        }
    }

    #[test]
    fn a_new_authenticator_is_named_in_its_users_language() {
        assert_eq!(authenticator_name(None, Method::Sms), "Phone");
        assert_eq!(authenticator_name(Some("de-AT"), Method::Sms), "Telefon");
        for (method, locale) in Method::ALL.iter().flat_map(|method| LOCALES.map(|locale| (method, locale))) {
            assert!(!authenticator_name(locale, *method).is_empty(), "{method:?} {locale:?}");
        }
    }
}
