//! Secrets as types that have no printable form. A plain secret and its stored form are different types, and only the
//! stored one reaches the database.

use super::shard::Shard;
use super::time::Timestamp;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::{Zeroize as _, Zeroizing};

macro_rules! unprintable {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

/// The shared secret of one TOTP authenticator.
#[derive(Clone)]
pub struct TotpKey(Zeroizing<Vec<u8>>);
unprintable!(TotpKey);

impl TotpKey {
    /// RFC 4226 §4 R6 recommends 160 bits.
    pub const LENGTH: usize = 20;

    /// A new key from the given generator.
    pub fn generate(random: &mut dyn rand::CryptoRng) -> Self {
        let mut bytes = Zeroizing::new(vec![0; Self::LENGTH]);
        random.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// RFC 4226 §4 R6: a shared secret must have at least 128 bits.
    const LEAST: usize = 16;

    /// The least that is taken over from another system. Many made secrets of 80 bits, which nobody guesses within the
    /// throttle's budget, but which are too short to last.
    const LEAST_IMPORTED: usize = 10;

    /// Refused below 128 bits.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= Self::LEAST).then(|| Self(Zeroizing::new(bytes.to_vec())))
    }

    /// A key of another system, which may be weak; refused below 80 bits.
    pub fn imported(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= Self::LEAST_IMPORTED).then(|| Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Whether it is shorter than RFC 4226 allows.
    pub fn is_weak(&self) -> bool {
        self.0.len() < Self::LEAST
    }

    /// The raw key, for the algorithm and for sealing only.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The key as people type it: base32 without padding.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }
}

/// What a person typed as a code, normalised once: white space and hyphens dropped, full-width digits made ASCII.
/// Nothing is known of its form yet; each method asks for the form that it understands.
pub struct SubmittedCode(Zeroizing<String>);
unprintable!(SubmittedCode);

impl SubmittedCode {
    /// Normalises `raw`. Never fails: a malformed code is a wrong code, not a malformed request.
    pub fn new(raw: &str) -> Self {
        let mut text = String::with_capacity(raw.len().min(64));
        // No code is longer; what follows cannot make it right, and is not worth the memory.
        for c in raw.chars().take(64) {
            match c {
                c if c.is_whitespace() || c == '-' => {}
                '\u{ff10}'..='\u{ff19}' => {
                    text.push(char::from(b'0' + u8::try_from(u32::from(c) - 0xff10).unwrap_or(0)));
                }
                c => text.push(c),
            }
        }
        Self(Zeroizing::new(text))
    }

    /// The code if it is exactly six ASCII digits.
    pub fn six_digits(&self) -> Option<&str> {
        (self.0.len() == 6 && self.0.bytes().all(|b| b.is_ascii_digit())).then_some(self.0.as_str())
    }

    /// The normalised text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A random bearer token that we hand out once: an API key or a login id. The database has its [`TokenDigest`] only.
pub struct Token(Zeroizing<String>);
unprintable!(Token);

impl Token {
    /// Random bytes in a token.
    pub const LENGTH: usize = 24;

    /// `prefix` followed by 192 random bits in base64url.
    pub fn generate(prefix: &str, random: &mut dyn rand::CryptoRng) -> Self {
        let mut bytes = [0; Self::LENGTH];
        random.fill_bytes(&mut bytes);
        let token = Self(Zeroizing::new(format!("{prefix}{}", BASE64URL_NOPAD.encode(&bytes))));
        bytes.zeroize();
        token
    }

    /// The id of a login: the shard of its user and when it begins, before 144 random bits.
    pub fn of_login(shard: Shard, now: Timestamp, random: &mut dyn rand::CryptoRng) -> Self {
        let mut bytes = [0; Self::LENGTH];
        random.fill_bytes(&mut bytes);
        // The first letter of base64 is the first six bits; the next seven are milliseconds until the year 2109.
        let time = now.0.to_be_bytes();
        bytes[..6].copy_from_slice(&time[2..]);
        bytes[0] = (shard.number() << 2) | (bytes[0] & 3);
        let token = Self(Zeroizing::new(BASE64URL_NOPAD.encode(&bytes)));
        bytes.zeroize();
        token
    }

    /// What a client presents as a token.
    pub fn received(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The token itself, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database stores.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(&self.0)
    }

    /// What the database stores of a login's id.
    pub fn login_digest(&self) -> TokenDigest {
        TokenDigest::of_login(&self.0)
    }
}

/// SHA-256 of a [`Token`]. A token has 144 random bits or more, so a plain hash cannot be searched; look-up is by this
/// value, so no comparison of secrets takes a telling time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(pub [u8; 32]);
unprintable!(TokenDigest);

impl TokenDigest {
    /// The digest of what a client presented.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// The digest of a login's id, whose first 6 bytes are instead the time that the id tells. So logins that begin
    /// together lie together in the database, and a batch of them writes a few of its pages instead of one for each.
    pub fn of_login(id: &str) -> Self {
        let mut digest = Self::of(id);
        if let Some(Ok(start)) = id.get(..8).map(|start| BASE64URL_NOPAD.decode(start.as_bytes()))
            && let Some(time) = digest.0.first_chunk_mut::<6>()
        {
            time.copy_from_slice(&start);
            time[0] &= 3;
        }
        digest
    }
}

/// One recovery code as it is shown to its user, once.
pub struct RecoveryCode(pub(super) Zeroizing<String>);
unprintable!(RecoveryCode);

impl RecoveryCode {
    /// The code as shown: groups of letters and digits joined by hyphens.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{Id, UserId};

    #[test]
    fn secrets_do_not_print() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let key = TotpKey::generate(&mut random);
        assert_eq!(format!("{key:?}"), "TotpKey(..)");
        assert_eq!(format!("{:?}", SubmittedCode::new("123456")), "SubmittedCode(..)");
        let token = Token::generate("t_", &mut random);
        assert_eq!(format!("{token:?} {:?}", token.digest()), "Token(..) TokenDigest(..)");
    }

    #[test]
    fn logins_are_stored_in_the_order_of_their_times() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let mut digest = |shard, at| {
            let shard = Shard::of_user(Id([1; 16]), &UserId::parse(shard).unwrap());
            Token::of_login(shard, Timestamp(at), &mut random).login_digest().0
        };
        let times = [0, 1, 1_700_000_000_000, 1_700_000_000_001, (1 << 42) - 1];
        let digests: Vec<_> = times.iter().map(|at| digest(at.to_string(), *at)).collect();
        assert!(digests.is_sorted());
        assert_eq!(digests[2][..6], 1_700_000_000_000_i64.to_be_bytes()[2..]);
        let twice = ["7", "7"].map(|user| digest(user.into(), 5));
        assert_ne!(twice[0], twice[1]);
    }

    #[test]
    fn what_is_no_id_of_a_login_has_a_digest_all_the_same() {
        for text in ["", "short", "ééééééééé", "no base64: \0!"] {
            assert_eq!(TokenDigest::of_login(text), TokenDigest::of(text));
        }
    }

    #[test]
    fn codes_are_normalised_before_they_are_read() {
        for raw in ["123456", " 123 456 ", "123-456", "\u{a0}123\u{2009}456\t", "１２３４５６"] {
            assert_eq!(SubmittedCode::new(raw).six_digits(), Some("123456"), "{raw:?}");
        }
        let long = "1".repeat(1 << 20);
        for raw in ["", "12345", "1234567", "+23456", "-", "12345a", "١٢٣٤٥٦", "12345６７", long.as_str()]
        {
            assert_eq!(SubmittedCode::new(raw).six_digits(), None, "{:.20}", raw);
        }
    }

    #[test]
    fn a_key_under_128_bits_is_refused() {
        assert!(TotpKey::from_bytes(&[1; 15]).is_none());
        assert!(TotpKey::from_bytes(&[]).is_none());
        assert!(TotpKey::from_bytes(&[1; 16]).is_some());
    }
}
