//! A pass that an administrator issues for one login of one user, who enrols anew in it.

use super::look_up_secret;
use super::secret::{SubmittedCode, TokenDigest};
use std::ops::RangeInclusive;
use std::time::Duration;
use zeroize::Zeroizing;

/// For how long a pass may be good, in seconds: from a minute to a day.
pub const SECONDS: RangeInclusive<u64> = 60..=86_400;

/// For how long it is good if nobody says.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(900);

/// 80 random bits: with a lifetime of a day, a plain hash of them cannot be searched.
const LETTERS: usize = 16;

/// A pass as it is shown, once.
pub struct OneTimePass(Zeroizing<String>);

impl OneTimePass {
    /// A new pass.
    pub fn generate(random: &mut dyn rand::CryptoRng) -> Self {
        Self(look_up_secret::generate(LETTERS, random))
    }

    /// The pass itself, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database stores.
    pub fn digest(&self) -> Option<TokenDigest> {
        digest_submitted(&SubmittedCode::new(&self.0))
    }
}

impl std::fmt::Debug for OneTimePass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTimePass(..)")
    }
}

/// The digest of what a person typed; `None` if it cannot be a pass.
pub fn digest_submitted(code: &SubmittedCode) -> Option<TokenDigest> {
    look_up_secret::canonical(code, LETTERS).map(|letters| TokenDigest::of(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_found_however_it_is_typed() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let pass = OneTimePass::generate(&mut random);
        assert_eq!(pass.expose().len(), 19);
        let typed = pass.expose().to_lowercase().replace('-', " ").replace('0', "o");
        assert_eq!(digest_submitted(&SubmittedCode::new(&typed)), pass.digest());
        assert!(pass.digest().is_some());
        assert_eq!(digest_submitted(&SubmittedCode::new("9F2K-7QXD-3M1A")), None, "a recovery code");
        assert_eq!(format!("{pass:?}"), "OneTimePass(..)");
    }
}
