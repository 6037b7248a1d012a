//! Which writes go one after another: those about one user.

use super::id::{Id, UserId};
use sha2::{Digest as _, Sha256};

/// A sixty-fourth of all users. A store with several lanes takes the writes of one shard in one lane, so that two writes
/// about a user never wait for each other's locks within a process.
///
/// A login's id begins with its user's shard, since who names a login does not name its user. That tells whoever holds
/// the id six bits of a hash of the user's id, which they know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard(u8);

/// The alphabet of base64url (RFC 4648 §5): a letter for each shard.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Shard {
    /// How many there are.
    pub const COUNT: usize = LETTERS.len();

    /// For what is about no user.
    pub const NONE: Self = Self(0);

    /// The shard of a user.
    pub fn of_user(site: Id, user: &UserId) -> Self {
        let hash = Sha256::new().chain_update(site.0).chain_update(user.as_str().as_bytes()).finalize();
        Self(hash[0] & 63)
    }

    /// The shard that a login's id begins with; [`Shard::NONE`] for what is no id of ours, and will not be found.
    pub fn of_login(id: &str) -> Self {
        let position = id.bytes().next().and_then(|first| LETTERS.iter().position(|letter| *letter == first));
        position.and_then(|position| u8::try_from(position).ok()).map_or(Self::NONE, Self)
    }

    /// From 0 to 63.
    pub const fn number(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Token;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_logins_id_leads_to_the_shard_of_its_user() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let mut seen = [false; Shard::COUNT];
        for n in 0..2000 {
            let shard = Shard::of_user(Id([1; 16]), &UserId::parse(n.to_string()).unwrap());
            seen[usize::from(shard.number())] = true;
            assert_eq!(Shard::of_login(Token::of_login(shard, Timestamp(0), &mut random).expose()), shard);
        }
        assert!(seen.iter().all(|seen| *seen), "users spread over all of them");
        assert_eq!((Shard::of_login(""), Shard::of_login("é")), (Shard::NONE, Shard::NONE));
    }
}
