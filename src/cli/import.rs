//! `import FORMAT FILE`: takes over the TOTP secrets of another system.
//!
//! # Design
//! A file of secrets in the clear should not come to be: the exporter's output is piped into `import civicrm -`. Lines
//! that cannot be taken are named by their number, never by what they hold; the others are taken, and the import can be
//! run again.

use super::{Failure, SiteArg, admin_of};
use crate::domain::secret::TotpKey;
use crate::http::login_body::LoginUserBody;
use crate::service::Service;
use crate::service::import::ImportedUser;
use clap::ValueEnum;
use data_encoding::{BASE32_NOPAD, Encoding, Translate};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

#[derive(clap::Args)]
pub(super) struct Args {
    /// What FILE is
    format: Format,
    /// The file, or - for what another program pipes in
    file: PathBuf,
    #[command(flatten)]
    site: SiteArg,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line of JSON a user: {"user":{"id":"42","name":"alice"},"secret":"<base32>"}, as the CiviCRM extension exports
    Civicrm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    user: LoginUserBody,
    secret: Zeroizing<String>,
    #[serde(default = "six")]
    digits: u8,
    #[serde(default = "thirty")]
    period: u32,
    #[serde(default = "sha1")]
    algorithm: String,
}

const fn six() -> u8 {
    6
}

const fn thirty() -> u32 {
    30
}

fn sha1() -> String {
    "SHA1".into()
}

/// Base32 as people and programs write it: with blanks, hyphens and padding, in either case, and with spare bits at its
/// end that apps drop.
fn base32() -> Encoding {
    let mut specification = BASE32_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.ignore = " -=".into();
    specification.translate =
        Translate { from: "abcdefghijklmnopqrstuvwxyz".into(), to: "ABCDEFGHIJKLMNOPQRSTUVWXYZ".into() };
    // The specification is ours and well formed; the plain alphabet would only take less.
    specification.encoding().unwrap_or(BASE32_NOPAD)
}

/// Reads one line; the error says what is wrong and holds nothing of the line.
fn parse(line: &[u8]) -> Result<ImportedUser, String> {
    let Line { user, secret, digits, period, algorithm } = serde_json::from_slice(line)
        .map_err(|error| format!("not of the documented form, at column {}", error.column()))?;
    if (digits, period) != (6, 30) || !algorithm.eq_ignore_ascii_case("SHA1") {
        return Err("only six digits, 30 seconds and SHA1 can be taken over".into());
    }
    let (user_id, profile) = user.parse().map_err(|error| error.to_string())?;
    let bytes =
        base32().decode(secret.as_bytes()).map(Zeroizing::new).map_err(|_| "secret: is not base32")?;
    let key = TotpKey::imported(&bytes).ok_or("secret: is shorter than 80 bits")?;
    Ok(ImportedUser { user_id, profile, key })
}

pub(super) async fn run(service: &Service, args: Args) -> Result<(), Failure> {
    let Format::Civicrm = args.format;
    let by = admin_of(service, &args.site).await?;
    let mut users = Vec::new();
    let mut refused = 0;
    for (n, line) in open(&args.file)?.split(b'\n').enumerate() {
        let line = line.map(Zeroizing::new).map_err(|error| cannot_read(&args.file, &error))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match parse(&line) {
            Ok(user) => users.push(user),
            Err(why) => {
                refused += 1;
                eprintln!("line {}: {why}", n + 1);
            }
        }
    }
    let total = users.len();
    let done = service
        .import_totp(&by, users, |done| eprintln!("{} of {total}", done.enrolled + done.skipped))
        .await?;
    println!(
        "Imported {}, of which {} with a weak secret; {} were enrolled already; {refused} lines refused.",
        done.enrolled, done.weak, done.skipped
    );
    if done.enrolled > 0 {
        println!(
            "They have no recovery codes yet: those come with the next authenticator, or by self-service."
        );
    }
    if refused > 0 { Err(Failure::Said(format!("{refused} lines could not be taken"))) } else { Ok(()) }
}

fn open(file: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let opened = std::fs::File::open(file).map_err(|error| cannot_read(file, &error))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn cannot_read(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Said(format!("cannot read {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(line: &str) -> String {
        let why = parse(line.as_bytes()).unwrap_err();
        assert!(!why.contains("GEZD") && !why.contains("alice"), "{why}");
        why
    }

    #[test]
    fn a_line_is_read_with_and_without_what_it_may_leave_out() {
        let user = parse(
            br#"{"user":{"id":"42","name":"alice","email":"alice@example.org"},"secret":"GEZDGNBVGY3TQOJQ","digits":6,"period":30,"algorithm":"SHA1"}"#,
        )
        .unwrap();
        assert_eq!((user.user_id.as_str(), user.key.is_weak()), ("42", true));
        assert_eq!(user.profile.email.as_deref(), Some("alice@example.org"));
        let user = parse(
            br#"{"user":{"id":"42","name":"alice"},"secret":"gezd gnbv gy3t qojq gezd gnbv gy3t qojq ===="}"#,
        )
        .unwrap();
        assert_eq!((user.key.expose(), user.key.is_weak()), (&b"12345678901234567890"[..], false));
        // 26 letters are 130 bits, of which 128 are the key.
        let user =
            parse(br#"{"user":{"id":"42","name":"alice"},"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGZ"}"#).unwrap();
        assert_eq!(user.key.expose(), b"1234567890123456");
    }

    #[test]
    fn what_cannot_be_taken_is_refused_without_a_word_of_it() {
        // Abuse list, item 9: an empty or short secret.
        let line = |secret: &str, more: &str| {
            format!(r#"{{"user":{{"id":"42","name":"alice"}},"secret":"{secret}"{more}}}"#)
        };
        for secret in ["", "GEZD", "GEZDGNBVGY3TQOI", "===="] {
            assert!(why(&line(secret, "")).starts_with("secret: "), "{secret}");
        }
        assert_eq!(why(&line("GEZDGNBVGY3TQOJ1", "")), "secret: is not base32");
        for more in [r#","digits":8"#, r#","period":60"#, r#","algorithm":"SHA256""#] {
            assert!(why(&line("GEZDGNBVGY3TQOJQ", more)).starts_with("only six digits"), "{more}");
        }
        for wrong in ["", "x", "[]", "null", r#"{"user":{"id":"42","name":"alice"},"secret":5}"#] {
            assert!(why(wrong).starts_with("not of the documented form"), "{wrong}");
        }
        assert!(why(&line("GEZDGNBVGY3TQOJQ", r#","digits":"GEZD""#)).starts_with("not of the"));
        assert!(why(&line("GEZDGNBVGY3TQOJQ", r#","more":1"#)).starts_with("not of the"));
        assert!(
            why(r#"{"user":{"id":"..","name":"alice"},"secret":"GEZDGNBVGY3TQOJQ"}"#).contains("user.id")
        );
        assert!(why(r#"{"user":{"id":"42","name":""},"secret":"GEZDGNBVGY3TQOJQ"}"#).contains("name"));
    }
}
