//! Browsers that may skip the second factor for a while.
//!
//! # Design
//! A token is a *family*, which the browser keeps as long as it is trusted, and a *secret*, which changes at each use.
//! Both are random and stored as hashes. Who presents a family with a secret that is not the present one holds a copy
//! of a cookie that was in use before: then one of two browsers stole from the other, and the family is revoked. The
//! immediate predecessor is forgiven for a minute, since two tabs, or an answer that got lost, present it as well.

use super::secret::{Token, TokenDigest};
use super::time::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the immediate predecessor of a token is forgiven.
pub const FORGIVEN: Duration = Duration::from_secs(60);

/// What a browser holds in a cookie.
pub struct DeviceToken {
    family: Token,
    secret: Token,
}

impl DeviceToken {
    /// A token of a new family.
    pub fn generate(random: &mut dyn rand::CryptoRng) -> Self {
        Self { family: Token::generate("", random), secret: Token::generate("", random) }
    }

    /// Reads what a browser presented; `None` if it cannot be a token.
    pub fn parse(text: &str) -> Option<Self> {
        let (family, secret) = text.split_once('.')?;
        let token = |part: &str| {
            (BASE64URL_NOPAD.decode(part.as_bytes()).ok()?.len() == Token::LENGTH)
                .then(|| Token::received(part))
        };
        Some(Self { family: token(family)?, secret: token(secret)? })
    }

    /// The token that follows: the same family, another secret.
    pub fn successor(&self, random: &mut dyn rand::CryptoRng) -> Self {
        Self { family: Token::received(self.family.expose()), secret: Token::generate("", random) }
    }

    /// For the one answer that shows it.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}.{}", self.family.expose(), self.secret.expose()))
    }

    /// What the family is found by.
    pub fn family(&self) -> TokenDigest {
        self.family.digest()
    }

    /// What the database stores of the secret.
    pub fn secret(&self) -> TokenDigest {
        self.secret.digest()
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

/// The hashes of a family's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secrets {
    /// The one that is good.
    pub current: TokenDigest,
    /// The one before it.
    pub previous: Option<TokenDigest>,
    /// When the present one took its place.
    pub rotated_at: Timestamp,
}

/// What a presented secret is to its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The present one.
    Current,
    /// The one before, within a minute: not trusted, and nothing more.
    JustReplaced,
    /// An older one: the family is to be revoked.
    Reused,
}

impl Secrets {
    /// Judges a presented secret.
    pub fn judge(&self, presented: TokenDigest, now: Timestamp) -> Presented {
        if presented == self.current {
            Presented::Current
        } else if self.previous == Some(presented) && now < self.rotated_at.plus(FORGIVEN) {
            Presented::JustReplaced
        } else {
            Presented::Reused
        }
    }
}

/// A name for a browser, from what it says of itself (RFC 9110 §10.1.5), such as "Firefox on Linux". Only for its
/// owner's list: nothing is decided by it.
pub fn browser_name(user_agent: &str) -> String {
    // The first that matches: each of them also names the ones behind it, to be served like them.
    const BROWSERS: [(&str, &str); 7] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |table: &[(&'static str, &'static str)]| {
        table.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> impl rand::CryptoRng {
        rand::rand_core::UnwrapErr(rand::rngs::SysRng)
    }

    #[test]
    fn a_token_is_read_back_and_nothing_else_is() {
        let token = DeviceToken::generate(&mut random());
        let read = DeviceToken::parse(&token.expose()).unwrap();
        assert_eq!((read.family(), read.secret()), (token.family(), token.secret()));
        let next = token.successor(&mut random());
        assert_eq!(next.family(), token.family());
        assert_ne!(next.secret(), token.secret());
        for text in
            ["", ".", "a.b", &token.expose()[1..], &token.expose()[..40], &format!("{}.", *token.expose())]
        {
            assert!(DeviceToken::parse(text).is_none(), "{text}");
        }
        assert_eq!(format!("{token:?}"), "DeviceToken(..)");
    }

    #[test]
    fn an_older_secret_gives_its_family_away() {
        let digest = |n| TokenDigest([n; 32]);
        let secrets =
            Secrets { current: digest(3), previous: Some(digest(2)), rotated_at: Timestamp(100_000) };
        assert_eq!(secrets.judge(digest(3), Timestamp(999_999)), Presented::Current);
        assert_eq!(secrets.judge(digest(2), Timestamp(159_999)), Presented::JustReplaced);
        assert_eq!(secrets.judge(digest(2), Timestamp(160_000)), Presented::Reused);
        assert_eq!(secrets.judge(digest(1), Timestamp(100_001)), Presented::Reused);
        assert_eq!(Secrets { previous: None, ..secrets }.judge(digest(2), Timestamp(0)), Presented::Reused);
    }

    #[test]
    fn browsers_are_named_for_people() {
        let named = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 \
                 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "Browser"),
            ("", "Browser"),
        ];
        for (user_agent, name) in named {
            assert_eq!(browser_name(user_agent), name);
        }
    }
}
