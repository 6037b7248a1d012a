//! Names that come from outside (a host's user ids, site names, role names) and ids that we make.

use std::fmt;

/// Why a name from outside was refused; the text is safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 255 characters and at most 1020 bytes, without control characters, without leading or trailing \
     white space, and not '.' or '..'"
)]
pub struct InvalidName;

/// The contract's rule for user ids, site names and role names alike. Names are compared byte for byte: never folded,
/// trimmed or normalised.
fn check_name(name: &str) -> Result<(), InvalidName> {
    let length_ok = name.len() <= 1020 && (1..=255).contains(&name.chars().count());
    let edges_ok = !name.starts_with(char::is_whitespace) && !name.ends_with(char::is_whitespace);
    // "." and ".." change a path's meaning in some clients before it is ever sent.
    if length_ok && edges_ok && !name.contains(char::is_control) && name != "." && name != ".." {
        Ok(())
    } else {
        Err(InvalidName)
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the rule of [`InvalidName`].
            pub fn parse(name: impl Into<String>) -> Result<Self, InvalidName> {
                let name = name.into();
                check_name(&name)?;
                Ok(Self(name))
            }

            /// The name as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The host's own stable id of a user.
    UserId
);
name!(
    /// The name of a site, as the command line knows it.
    SiteName
);
name!(
    /// A role that a user has in the host.
    RoleName
);

/// An id that we make: a UUIDv7, so that rows made together lie together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 16]);

impl Id {
    /// The first of all ids in their order.
    pub const LEAST: Self = Self([0; 16]);

    /// The last one.
    pub const GREATEST: Self = Self([0xff; 16]);

    /// The id right after this one; the last has none, and stays.
    pub fn next(self) -> Self {
        Self(u128::from_be_bytes(self.0).saturating_add(1).to_be_bytes())
    }

    /// The id right before this one; the first has none, and stays.
    pub fn previous(self) -> Self {
        Self(u128::from_be_bytes(self.0).saturating_sub(1).to_be_bytes())
    }

    /// The id as shown outside: a hyphenated lower-case UUID.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(*uuid::Uuid::try_parse(text).ok()?.as_bytes());
        (id.to_string() == text).then_some(id)
    }

    /// A new id: 48 bits of time, 74 random bits (RFC 9562 §5.7).
    pub fn new(now: super::time::Timestamp, random: &mut dyn rand::CryptoRng) -> Self {
        let mut bytes = [0; 10];
        random.fill_bytes(&mut bytes);
        let millis = u64::try_from(now.0).unwrap_or(0);
        Self(*uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().as_bytes())
    }

    /// Sorts before every id of that time or later, and after every earlier one.
    pub fn least_at(time: super::time::Timestamp) -> Self {
        let millis = u64::try_from(time.0).unwrap_or(0);
        let [_, _, time @ ..] = millis.to_be_bytes();
        let mut id = [0; 16];
        id[..6].copy_from_slice(&time);
        Self(id)
    }

    /// A new id that sorts after those of the same millisecond with a smaller `sequence`, until that wraps: the count
    /// takes the place of the first 26 random bits, 48 remain.
    pub fn in_order(now: super::time::Timestamp, sequence: u32, random: &mut dyn rand::CryptoRng) -> Self {
        let Self(mut bytes) = Self::new(now, random);
        let [a, b, c, d] = (sequence & 0x03ff_ffff).to_be_bytes();
        // 26 bits: 12 into rand_a behind the version, 14 into rand_b behind the variant.
        let (high, low) = (u16::from_be_bytes([a, b]) << 2 | u16::from(c >> 6), [c & 0x3f, d]);
        bytes[6] = 0x70 | u8::try_from(high >> 8 & 0x0f).unwrap_or(0);
        bytes[7] = high.to_be_bytes()[1];
        bytes[8] = 0x80 | low[0];
        bytes[9] = low[1];
        Self(bytes)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_byte_for_byte() {
        for name in ["a", "A", "á", "a\u{301}", "a+b/c,d%2F", "...", "user name", "\u{202e}x"] {
            assert_eq!(UserId::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_outside_the_rule_are_refused() {
        let long = "x".repeat(256);
        for name in ["", " a", "a ", "\u{a0}a", ".", "..", "a\nb", "a\0", "\u{7f}", long.as_str()] {
            assert_eq!(UserId::parse(name), Err(InvalidName), "{name:?}");
        }
        assert!(UserId::parse("x".repeat(255)).is_ok());
        assert!(UserId::parse("\u{1d11e}".repeat(255)).is_ok(), "255 characters of 4 bytes are 1020 bytes");
    }

    #[test]
    fn ids_in_order_sort_by_time_and_then_by_sequence() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let now = crate::domain::time::Timestamp(1_700_000_000_000);
        let sequences = [0, 1, 0x3fff, 0x4000, 0x4001, 0x00ff_ffff, 0x03ff_ffff];
        let ids: Vec<_> = sequences.iter().map(|s| Id::in_order(now, *s, &mut random)).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| uuid::Uuid::from_bytes(id.0).get_version_num() == 7));
        let later = crate::domain::time::Timestamp(now.0 + 1);
        assert!(ids[6] < Id::in_order(later, 0, &mut random));
        assert!(Id::least_at(now) < ids[0] && ids[6] < Id::least_at(later));
    }

    #[test]
    fn ids_are_read_only_in_the_form_they_are_written() {
        let id = Id([7; 16]);
        assert_eq!(Id::parse(&id.to_string()), Some(id));
        assert_eq!(Id::parse("0190C0DE-0000-7000-8000-000000000000"), None);
        assert_eq!(Id::parse("07070707070707070707070707070707"), None);
    }
}
