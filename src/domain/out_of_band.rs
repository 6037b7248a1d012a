//! Codes that are sent: six random digits by e-mail or text message (SP 800-63B-4 §3.1.3), good once and for ten
//! minutes.
//!
//! # Design
//! What is kept of a code is a digest over the login, the purpose, the destination and the code, so that it opens
//! nothing else: another login, an enrolment, or the same login after its destination was swapped. A login has room for
//! one such code; sending another voids it. A code's place in time is its replay marker: once one is accepted for an
//! authenticator, that one and all that were sent before it are spent, by the same conditional write as a TOTP step.

use super::destination::Destination;
use super::factor::Method;
use super::id::Id;
use super::login::Purpose;
use super::secret::{SubmittedCode, TokenDigest};
use super::time::Timestamp;
use super::verification::Verification;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long a code is good. SP 800-63B-4 §3.1.3.1: at most 10 minutes.
pub const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Between two codes of one user to one destination.
pub const RESEND_PAUSE: Duration = Duration::from_secs(30);

/// Codes that a user may have sent within [`HOUR`], and that may go to a destination that is being enrolled, whoever asks.
pub const CODES_AN_HOUR: i64 = 10;

/// What the hourly caps are counted over.
pub const HOUR: Duration = Duration::from_secs(3600);

/// What a site's cost cap is counted over.
pub const DAY: Duration = Duration::from_secs(86_400);

/// A code as it is sent, and kept nowhere.
pub struct OutOfBandCode(Zeroizing<String>);

impl OutOfBandCode {
    /// Six random digits (SP 800-63B-4 §3.1.3.2: at least six).
    pub fn generate(random: &mut dyn rand::CryptoRng) -> Self {
        use rand::RngExt as _;
        Self(Zeroizing::new(format!("{:06}", random.random_range(0..1_000_000_u32))))
    }

    /// The digits, for the message only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for OutOfBandCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutOfBandCode(..)")
    }
}

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The login.
    pub login: TokenDigest,
    /// What the login is for.
    pub purpose: Purpose,
    /// Whether the code proves a new authenticator rather than a present one.
    pub enrolling: bool,
}

impl Binding {
    fn digest(&self, destination: &Destination, code: &str) -> TokenDigest {
        let step = if self.enrolling { "enroll" } else { "challenge" };
        let mut hash = Sha256::new();
        for part in [
            &self.login.0[..],
            self.purpose.as_str().as_bytes(),
            step.as_bytes(),
            destination.expose().as_bytes(),
            code.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        TokenDigest(hash.finalize().into())
    }
}

/// What a login remembers of the code that was sent for it. The database has it sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// Names the delivery.
    pub delivery: Id,
    /// The authenticator that it proves; `None` for one that is being enrolled.
    pub authenticator: Option<Id>,
    /// Where it went.
    pub destination: Destination,
    /// When.
    pub sent_at: Timestamp,
    /// From then on it is refused.
    pub expires_at: Timestamp,
    /// Its place among the codes of its authenticator: the time it was sent, or later if the clock was set back.
    place: i64,
    digest: TokenDigest,
}

/// The first byte of a stored code, which also says what its destination is.
const EMAIL_V1: u8 = 1;
const PHONE_V1: u8 = 2;

impl SentCode {
    /// Remembers `code`, which lasts from a time of sending up to a time. `proves` is the authenticator that sends it,
    /// with its replay marker.
    pub fn new(
        binding: &Binding,
        code: &OutOfBandCode,
        delivery: Id,
        proves: Option<(Id, i64)>,
        destination: Destination,
        (sent_at, expires_at): (Timestamp, Timestamp),
    ) -> Self {
        let digest = binding.digest(&destination, code.expose());
        let authenticator = proves.map(|(id, _)| id);
        // Behind every code that was accepted until now, whatever the clock says: a new code is no replay. Two that are
        // out at once after the clock was set back share a place, so that the first one answered spends the other.
        let place = proves.map_or(sent_at.0, |(_, marker)| sent_at.0.max(marker.saturating_add(1)));
        Self { delivery, authenticator, destination, sent_at, expires_at, place, digest }
    }

    /// Checks what was typed. `marker` is the last one stored for the authenticator.
    pub fn verify(
        &self,
        binding: &Binding,
        code: &SubmittedCode,
        marker: i64,
        now: Timestamp,
    ) -> Verification {
        let Some(digits) = code.six_digits() else { return Verification::Rejected };
        let same = binding.digest(&self.destination, digits).0.ct_eq(&self.digest.0);
        if !bool::from(same) {
            return Verification::Rejected;
        }
        if self.place <= marker {
            Verification::Replayed
        } else if now >= self.expires_at {
            Verification::Expired
        } else {
            Verification::Accepted { marker: self.place }
        }
    }

    /// Seconds until another code can be sent.
    pub fn resend_after(&self, now: Timestamp) -> u64 {
        self.sent_at.plus(RESEND_PAUSE).seconds_after(now)
    }

    /// The form to seal.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(128));
        bytes.push(match self.destination {
            Destination::Email(_) => EMAIL_V1,
            Destination::Phone(_) => PHONE_V1,
        });
        bytes.extend_from_slice(&self.delivery.0);
        // Ids are UUIDs, never zero.
        bytes.extend_from_slice(&self.authenticator.unwrap_or(Id([0; 16])).0);
        bytes.extend_from_slice(&self.sent_at.0.to_be_bytes());
        bytes.extend_from_slice(&self.expires_at.0.to_be_bytes());
        bytes.extend_from_slice(&self.place.to_be_bytes());
        bytes.extend_from_slice(&self.digest.0);
        bytes.extend_from_slice(self.destination.expose().as_bytes());
        bytes
    }

    /// Reads what [`Self::encode`] wrote; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (delivery, rest) = rest.split_first_chunk::<16>()?;
        let (authenticator, rest) = rest.split_first_chunk::<16>()?;
        let (sent_at, rest) = rest.split_first_chunk::<8>()?;
        let (expires_at, rest) = rest.split_first_chunk::<8>()?;
        let (place, rest) = rest.split_first_chunk::<8>()?;
        let (digest, destination) = rest.split_first_chunk::<32>()?;
        let method = match *kind {
            EMAIL_V1 => Method::Email,
            PHONE_V1 => Method::Sms,
            _ => return None,
        };
        Some(Self {
            delivery: Id(*delivery),
            authenticator: (*authenticator != [0; 16]).then_some(Id(*authenticator)),
            destination: Destination::stored(method, destination)?,
            sent_at: Timestamp(i64::from_be_bytes(*sent_at)),
            expires_at: Timestamp(i64::from_be_bytes(*expires_at)),
            place: i64::from_be_bytes(*place),
            digest: TokenDigest(*digest),
        })
    }
}

/// How many codes were sent within a time, and when the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// How many.
    pub count: i64,
    /// When the oldest of them was.
    pub oldest: Option<Timestamp>,
}

/// What was sent lately, as far as it bears on one more code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// When this user last had one sent to this destination that was not refused by the gateway.
    pub last: Option<Timestamp>,
    /// To anywhere for this user, within [`HOUR`].
    pub by_user: Sent,
    /// To this destination for anyone of the site, within [`HOUR`]; not counted for one that is proven.
    pub to_destination: Sent,
    /// By this method for anyone of the site, within [`DAY`]; not counted for one that costs nothing.
    pub by_site: Sent,
}

/// Whether one more code may be sent; else from when on. `site_limit` is the most that the site may send a day by the
/// method, `None` for one that costs nothing.
pub fn may_send(history: &History, site_limit: Option<i64>, now: Timestamp) -> Result<(), Timestamp> {
    let pause_ends = history.last.map(|at| at.plus(RESEND_PAUSE));
    let full = |sent: Sent, most: i64, span: Duration| {
        (sent.count >= most).then(|| sent.oldest.unwrap_or(now).plus(span))
    };
    let caps = [
        pause_ends,
        full(history.by_user, CODES_AN_HOUR, HOUR),
        full(history.to_destination, CODES_AN_HOUR, HOUR),
        site_limit.and_then(|most| full(history.by_site, most, DAY)),
    ];
    match caps.into_iter().flatten().filter(|until| now < *until).max() {
        None => Ok(()),
        Some(until) => Err(until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::destination::{EmailAddress, PhoneNumber};

    const NOW: Timestamp = Timestamp(1_000_000_000);
    const BINDING: Binding =
        Binding { login: TokenDigest([7; 32]), purpose: Purpose::Login, enrolling: false };

    fn email(text: &str) -> Destination {
        Destination::Email(EmailAddress::parse(text).unwrap())
    }

    fn sent(code: &str) -> SentCode {
        let code = OutOfBandCode(Zeroizing::new(code.into()));
        let to = email("alice@example.org");
        let lasts = (NOW, NOW.plus(CODE_LIFETIME));
        SentCode::new(&BINDING, &code, Id([1; 16]), Some((Id([2; 16]), 0)), to, lasts)
    }

    fn verdict(binding: &Binding, code: &str, marker: i64, now: Timestamp) -> Verification {
        sent("012345").verify(binding, &SubmittedCode::new(code), marker, now)
    }

    #[test]
    fn a_code_has_six_digits() {
        let mut random = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        for _ in 0..100 {
            let code = OutOfBandCode::generate(&mut random);
            assert!(SubmittedCode::new(code.expose()).six_digits().is_some(), "{}", code.expose());
        }
    }

    #[test]
    fn a_code_is_good_once_and_until_it_expires() {
        assert_eq!(verdict(&BINDING, "012345", 0, NOW), Verification::Accepted { marker: NOW.0 });
        assert_eq!(verdict(&BINDING, "012-345", 0, NOW), Verification::Accepted { marker: NOW.0 });
        assert_eq!(verdict(&BINDING, "012346", 0, NOW), Verification::Rejected);
        assert_eq!(verdict(&BINDING, "12345", 0, NOW), Verification::Rejected);
        assert_eq!(verdict(&BINDING, "012345", NOW.0, NOW), Verification::Replayed);
        let end = NOW.plus(CODE_LIFETIME);
        assert_eq!(verdict(&BINDING, "012345", 0, end), Verification::Expired);
        assert_eq!(
            verdict(&BINDING, "012345", 0, Timestamp(end.0 - 1)),
            Verification::Accepted { marker: NOW.0 }
        );
    }

    #[test]
    fn a_clock_set_back_makes_no_new_code_a_replay() {
        let code = OutOfBandCode(Zeroizing::new("012345".into()));
        let (later, proves) = (NOW.0 + 3_600_000, Id([2; 16]));
        let lasts = (NOW, NOW.plus(CODE_LIFETIME));
        let to = email("alice@example.org");
        let sent = SentCode::new(&BINDING, &code, Id([1; 16]), Some((proves, later)), to, lasts);
        let verdict = |marker| sent.verify(&BINDING, &SubmittedCode::new("012345"), marker, NOW);
        assert_eq!(verdict(later), Verification::Accepted { marker: later + 1 });
        assert_eq!(verdict(later + 1), Verification::Replayed);
    }

    #[test]
    fn a_code_opens_nothing_but_what_it_was_sent_for() {
        for other in [
            Binding { login: TokenDigest([8; 32]), ..BINDING },
            Binding { purpose: Purpose::StepUp, ..BINDING },
            Binding { enrolling: true, ..BINDING },
        ] {
            assert_eq!(verdict(&other, "012345", 0, NOW), Verification::Rejected, "{other:?}");
        }
        let swapped = SentCode { destination: email("mallory@example.org"), ..sent("012345") };
        let code = SubmittedCode::new("012345");
        assert_eq!(swapped.verify(&BINDING, &code, 0, NOW), Verification::Rejected);
    }

    #[test]
    fn a_sent_code_is_read_back_and_holds_no_digits() {
        let code = sent("012345");
        assert_eq!(SentCode::decode(&code.encode()), Some(code.clone()));
        let number = PhoneNumber::parse("+4915112345678", None).unwrap();
        let by_phone = SentCode { destination: Destination::Phone(number), authenticator: None, ..code };
        assert_eq!(SentCode::decode(&by_phone.encode()), Some(by_phone.clone()));
        assert!(!by_phone.encode().windows(6).any(|bytes| bytes == b"012345"));
        assert_eq!(SentCode::decode(&by_phone.encode()[..88]), None);
        assert_eq!(SentCode::decode(&[]), None);
    }

    #[test]
    fn codes_are_sent_with_pauses_and_within_caps() {
        let ago = |seconds| Some(NOW.minus(Duration::from_secs(seconds)));
        let fine = History::default();
        assert_eq!(may_send(&fine, Some(1), NOW), Ok(()));
        let just_sent = History { last: ago(29), ..fine };
        assert_eq!(may_send(&just_sent, None, NOW), Err(NOW.plus(Duration::from_secs(1))));
        assert_eq!(may_send(&History { last: ago(30), ..fine }, None, NOW), Ok(()));

        let ten = Sent { count: 10, oldest: ago(600) };
        let in_fifty_minutes = Err(NOW.plus(Duration::from_secs(3000)));
        assert_eq!(may_send(&History { by_user: ten, ..fine }, None, NOW), in_fifty_minutes);
        assert_eq!(may_send(&History { to_destination: ten, ..fine }, None, NOW), in_fifty_minutes);
        let nine = Sent { count: 9, oldest: ago(600) };
        assert_eq!(may_send(&History { by_user: nine, to_destination: nine, ..fine }, None, NOW), Ok(()));

        let site = History { by_site: Sent { count: 3, oldest: ago(86_300) }, ..fine };
        assert_eq!(may_send(&site, Some(3), NOW), Err(NOW.plus(Duration::from_secs(100))));
        assert_eq!(may_send(&site, Some(4), NOW), Ok(()));
        assert_eq!(may_send(&site, None, NOW), Ok(()));
        assert_eq!(may_send(&fine, Some(0), NOW), Err(NOW.plus(DAY)), "a limit of 0 sends nothing");
    }
}
