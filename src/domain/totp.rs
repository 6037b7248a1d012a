//! Time-based one-time passwords: RFC 6238 over RFC 4226, by totp-rs. HMAC-SHA-1, six digits, steps of 30 seconds.
//!
//! # Design
//! The library answers "does this code belong to that step"; which steps are looked at and which are spent is ours,
//! because single use is (RFC 6238 §5.2: a verifier must not accept the second attempt of a code).

use super::secret::{SubmittedCode, TotpKey};
use super::time::Timestamp;
use super::verification::Verification;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::Totp;
use zeroize::Zeroizing;

/// The length of a step in seconds (RFC 6238 §4.1, the default X).
pub const STEP_SECONDS: i64 = 30;

/// How many steps before and after the present one are accepted. RFC 6238 §5.2: at most one step is recommended as
/// the network delay; one step ahead covers a phone whose clock is fast (§6).
pub const WINDOW: i64 = 1;

/// The number of a 30-second step since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeStep(pub i64);

impl TimeStep {
    /// The step in which `at` lies.
    pub fn at(at: Timestamp) -> Self {
        Self(at.seconds().div_euclid(STEP_SECONDS))
    }
}

fn algorithm(key: &TotpKey) -> Totp {
    // The defaults of the builder are SHA-1, 6 digits, 30 s. The skew is 0: `verify` walks the window itself.
    totp_rs::Builder::new().with_secret(key.expose().to_vec()).with_skew(0).build_noncompliant()
}

/// Checks a code against the steps around `at`. `last` is the last step that was accepted for this key: a code is
/// accepted if it belongs to a step in the window that is later than `last`; one that belongs only to earlier ones is
/// a replay.
pub fn verify(key: &TotpKey, code: &SubmittedCode, last: TimeStep, at: Timestamp) -> Verification {
    let Some(digits) = code.six_digits() else { return Verification::Rejected };
    let totp = algorithm(key);
    let present = TimeStep::at(at).0;
    let mut replayed = false;
    for step in (present - WINDOW).max(0)..=present + WINDOW {
        let Ok(seconds) = u64::try_from(step * STEP_SECONDS) else { continue };
        // Compared in constant time by the library.
        if totp.check(digits, seconds).is_some() {
            if step > last.0 {
                return Verification::Accepted { marker: step };
            }
            replayed = true;
        }
    }
    if replayed { Verification::Replayed } else { Verification::Rejected }
}

/// Everything but RFC 3986 unreserved characters; a blank becomes `%20`, since some apps show a `+` as it is.
const URI_COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A label part without what would break the label: a colon separates issuer and account, and control or
/// direction-changing characters could make an app show another name than the one sent.
fn label_part(text: &str, most: usize) -> String {
    let unsafe_in_label = |c: char| {
        c.is_control()
            || matches!(c, ':' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = text.chars().map(|c| if unsafe_in_label(c) { ' ' } else { c }).collect();
    let clean = clean.trim();
    utf8_percent_encode(&clean.chars().take(most).collect::<String>(), URI_COMPONENT).to_string()
}

/// The `otpauth:` URI that apps read: issuer in the label and as a parameter, SHA-1/6/30 spelled out.
pub fn otpauth_uri(key: &TotpKey, issuer: &str, account: &str) -> Zeroizing<String> {
    // Each character can take 12 escaped bytes, and the issuer stands twice: the whole must fit into a QR code.
    let (issuer, account) = (label_part(issuer, 40), label_part(account, 64));
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        *key.to_base32(),
    ))
}

/// The URI as a QR code: an SVG document with dark modules on white and the four-module quiet zone that
/// ISO/IEC 18004 asks for, without script or style.
pub fn qr_svg(uri: &str) -> Zeroizing<String> {
    use fast_qr::convert::{Builder as _, svg::SvgBuilder};
    // 2331 bytes fit at level M; `otpauth_uri` stays below.
    let code = fast_qr::QRBuilder::new(uri).ecl(fast_qr::ECL::M).build();
    Zeroizing::new(code.map(|qr| SvgBuilder::default().margin(4).to_str(&qr)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEVER: TimeStep = TimeStep(-1);

    fn key() -> TotpKey {
        TotpKey::from_bytes(b"12345678901234567890").unwrap()
    }

    fn code_of(step: i64) -> SubmittedCode {
        let seconds = u64::try_from(step * STEP_SECONDS).unwrap();
        SubmittedCode::new(&algorithm(&key()).generate(seconds).to_string())
    }

    #[test]
    fn rfc_4226_appendix_d_vectors_hold() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in expected.iter().enumerate() {
            assert_eq!(code_of(i64::try_from(counter).unwrap()).expose(), *code);
        }
    }

    #[test]
    fn rfc_6238_appendix_b_vectors_hold_for_sha1() {
        // The appendix lists eight digits; six digits are the last six of them (RFC 4226 §5.3, modulo 10^6).
        let vectors = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, eight) in vectors {
            let verdict =
                verify(&key(), &SubmittedCode::new(&eight[2..]), NEVER, Timestamp::from_seconds(seconds));
            assert_eq!(verdict, Verification::Accepted { marker: seconds / 30 }, "{seconds}");
        }
    }

    #[test]
    fn the_window_ends_where_its_steps_end() {
        let code = code_of(100);
        let at = |ms: i64| verify(&key(), &code, NEVER, Timestamp(ms));
        assert_eq!(at(99 * 30_000 - 1), Verification::Rejected, "two steps early");
        assert_eq!(at(99 * 30_000), Verification::Accepted { marker: 100 }, "one step early");
        assert_eq!(at(102 * 30_000 - 1), Verification::Accepted { marker: 100 }, "end of one step late");
        assert_eq!(at(102 * 30_000), Verification::Rejected, "two steps late");
    }

    #[test]
    fn an_older_code_after_a_newer_one_is_a_replay() {
        let now = Timestamp(100 * 30_000);
        assert_eq!(verify(&key(), &code_of(99), TimeStep(100), now), Verification::Replayed);
        assert_eq!(verify(&key(), &code_of(100), TimeStep(100), now), Verification::Replayed);
        assert_eq!(verify(&key(), &code_of(101), TimeStep(100), now), Verification::Accepted { marker: 101 });
    }

    #[test]
    fn the_uri_is_what_apps_expect() {
        let uri = otpauth_uri(&key(), "A & B: Café", "alice smith+x@example.org\n\u{202e}");
        assert_eq!(
            *uri,
            "otpauth://totp/A%20%26%20B%20%20Caf%C3%A9:alice%20smith%2Bx%40example.org\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20%26%20B%20%20Caf%C3%A9\
             &algorithm=SHA1&digits=6&period=30"
        );
        let svg = qr_svg(&uri);
        assert!(svg.starts_with("<svg") && !svg.contains("style") && !svg.contains("script"));
    }

    #[test]
    fn the_longest_names_still_fit_into_a_qr_code() {
        let long = "\u{1d11e}".repeat(255);
        assert!(qr_svg(&otpauth_uri(&key(), &long, &long)).starts_with("<svg"));
    }

    proptest! {
        #[test]
        fn a_code_is_accepted_iff_its_step_is_in_the_window_and_later_than_the_last(
            now in 10_i64..10_000, offset in -4_i64..=4, last in -4_i64..=4,
        ) {
            let (step, last) = (now + offset, TimeStep(now + last));
            // Two steps may share a code by chance; then either counts.
            let same_code = |s: &i64| code_of(*s).expose() == code_of(step).expose();
            let expected = (now - WINDOW..=now + WINDOW).any(|s| same_code(&s) && s > last.0);
            let verdict = verify(&key(), &code_of(step), last, Timestamp(now * 30_000 + 17));
            prop_assert_eq!(matches!(verdict, Verification::Accepted { .. }), expected);
        }

        #[test]
        fn nothing_but_six_digits_is_ever_accepted(text in "\\PC{0,12}") {
            let code = SubmittedCode::new(&text);
            prop_assume!(code.six_digits().is_none());
            prop_assert_eq!(verify(&key(), &code, NEVER, Timestamp(0)), Verification::Rejected);
        }
    }
}
