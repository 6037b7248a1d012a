//! Recovery codes: look-up secrets (NIST SP 800-63B-4 §3.1.2).
//!
//! # Design
//! Ten codes of 60 random bits each, from Crockford's base32 alphabet without the letters that people misread, in
//! three groups of four. One salt a set, so that one run of argon2id answers for all ten: the digest is looked up, and
//! the look-up that finds it spends it. 60 bits under argon2id cannot be searched even by who holds the database.

use super::look_up_secret;
use super::secret::{RecoveryCode, SubmittedCode};
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use std::fmt;

/// Codes in a set.
pub const CODES_PER_SET: usize = 10;

/// 60 random bits.
const LETTERS: usize = 12;

/// Ten new codes.
pub fn generate_set(random: &mut dyn rand::CryptoRng) -> Vec<RecoveryCode> {
    (0..CODES_PER_SET).map(|_| RecoveryCode(look_up_secret::generate(LETTERS, random))).collect()
}

/// The cost of argon2id (RFC 9106): memory in KiB, passes, lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Degree of parallelism.
    pub lanes: u32,
}

impl HashCost {
    /// The OWASP minimum for argon2id: 19 MiB, two passes, one lane.
    pub const DEFAULT: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// Reads `m=19456,t=2,p=1`. `None` if it is not of that form or argon2 refuses the numbers.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',').map(|part| part.split_once('='));
        let mut number = |name| match parts.next()?? {
            (key, value) if key == name => value.parse().ok(),
            _ => None,
        };
        let cost = Self { memory_kib: number("m")?, passes: number("t")?, lanes: number("p")? };
        (parts.next().is_none() && cost.params().is_some()).then_some(cost)
    }

    /// Whether each number is at least the default's.
    pub fn is_at_least_default(&self) -> bool {
        self.memory_kib >= Self::DEFAULT.memory_kib && self.passes >= Self::DEFAULT.passes && self.lanes >= 1
    }

    fn params(&self) -> Option<Params> {
        // Four GiB would stop the machine, not an attacker.
        (self.memory_kib <= 4 * 1024 * 1024)
            .then(|| Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok())
            .flatten()
    }
}

impl fmt::Display for HashCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={},t={},p={}", self.memory_kib, self.passes, self.lanes)
    }
}

/// How one set of codes was hashed: cost and salt, in the PHC string form without the hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashSetting {
    cost: HashCost,
    salt: [u8; 16],
}

/// The stored form of one recovery code.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCodeDigest(pub [u8; 32]);

impl fmt::Debug for RecoveryCodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodeDigest(..)")
    }
}

impl HashSetting {
    /// A setting for a new set, with a salt of its own.
    pub fn new(cost: HashCost, random: &mut dyn rand::CryptoRng) -> Self {
        let mut salt = [0; 16];
        random.fill_bytes(&mut salt);
        Self { cost, salt }
    }

    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("$argon2id$v=19$")?;
        let (cost, salt) = rest.split_once('$')?;
        let salt = BASE64_NOPAD.decode(salt.as_bytes()).ok()?;
        Some(Self { cost: HashCost::parse(cost)?, salt: salt.try_into().ok()? })
    }

    /// The digest of what a person typed. Slow on purpose: run it off the request path. `None` if the text cannot be
    /// a recovery code, which is known without hashing.
    pub fn digest_submitted(&self, code: &SubmittedCode) -> Option<RecoveryCodeDigest> {
        self.hash(&look_up_secret::canonical(code, LETTERS)?)
    }

    /// The digest of a code that [`generate_set`] made. Slow on purpose.
    pub fn digest(&self, code: &RecoveryCode) -> Option<RecoveryCodeDigest> {
        self.digest_submitted(&SubmittedCode::new(code.expose()))
    }

    fn hash(&self, canonical: &str) -> Option<RecoveryCodeDigest> {
        let mut digest = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.cost.params()?)
            .hash_password_into(canonical.as_bytes(), &self.salt, &mut digest)
            .ok()?;
        Some(RecoveryCodeDigest(digest))
    }
}

impl fmt::Display for HashSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$argon2id$v=19${}${}", self.cost, BASE64_NOPAD.encode(&self.salt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn cheap() -> HashCost {
        HashCost::parse("m=8,t=1,p=1").unwrap()
    }

    fn random() -> impl rand::CryptoRng {
        rand::rand_core::UnwrapErr(rand::rngs::SysRng)
    }

    #[test]
    fn a_set_has_ten_different_codes_in_groups() {
        let codes = generate_set(&mut random());
        let mut texts: Vec<_> = codes.iter().map(|c| c.expose().to_owned()).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 10);
        for text in texts {
            assert!(text.split('-').all(|group| group.len() == 4) && text.len() == 14, "{text}");
        }
    }

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let setting = HashSetting::new(cheap(), &mut random());
        let stored = setting.digest(&RecoveryCode(Zeroizing::new("0123-45AB-1Z00".into()))).unwrap();
        for typed in ["0123-45AB-1Z00", "012345ab1z00", " o123 45AB  iZ0O ", "O12345abLzoo"] {
            assert_eq!(setting.digest_submitted(&SubmittedCode::new(typed)), Some(stored.clone()), "{typed}");
        }
        assert_ne!(setting.digest_submitted(&SubmittedCode::new("0123-45AB-1Z01")), Some(stored));
    }

    #[test]
    fn what_cannot_be_a_code_is_not_hashed() {
        let setting = HashSetting::new(cheap(), &mut random());
        for typed in ["", "123456", "0123-45AB-1Z0", "0123-45AB-1Z000", "0123-45AB-1Z0ß", "UUUU-UUUU-UUUU"] {
            assert_eq!(setting.digest_submitted(&SubmittedCode::new(typed)), None, "{typed}");
        }
    }

    #[test]
    fn settings_are_read_back_and_nonsense_is_not() {
        let setting = HashSetting::new(HashCost::DEFAULT, &mut random());
        assert_eq!(HashSetting::parse(&setting.to_string()), Some(setting));
        for text in ["", "m=8", "m=8,t=1", "m=8,t=0,p=1", "m=x,t=1,p=1", "t=1,m=8,p=1", "m=8,t=1,p=1,x=1"] {
            assert_eq!(HashCost::parse(text), None, "{text}");
        }
    }
}
