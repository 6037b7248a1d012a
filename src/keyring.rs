//! Sealing of what must not be read in the database: XChaCha20-Poly1305 under the master key.
//!
//! # Design
//! A sealed blob is `key id (8) ‖ nonce (24) ‖ ciphertext and tag`. The nonce is random; 192 bits make a repetition
//! practically impossible. The associated data says where the blob belongs, each part length-prefixed, so that a blob
//! that is moved to another row does not open. The keyring knows nothing of what it seals.
//!
//! The key file has one key a line, the first seals, all open. A key's id is derived from it, so that the file needs no
//! bookkeeping; subkeys are derived by purpose (HKDF, RFC 5869), so that no two uses share a key.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

const LINE_PREFIX: &str = "mfa-sidecar-master-key-v1:";
const KEY_ID_LENGTH: usize = 8;
const NONCE_LENGTH: usize = 24;

/// Names a master key without telling anything of it.
pub type KeyId = [u8; KEY_ID_LENGTH];

/// What went wrong with a key or a blob. Says nothing of their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The key file is not of the form that this service writes.
    #[error("the master key file is not of the expected form")]
    MalformedKeyFile,
    /// The blob was sealed under a key that the key file does not have.
    #[error("sealed under a master key that is not in the key file")]
    UnknownKey,
    /// The blob is damaged, was moved from another place, or the key is wrong.
    #[error("does not open: damaged, or moved from another place")]
    DoesNotOpen,
}

struct MasterKey {
    id: KeyId,
    sealing: XChaCha20Poly1305,
    naming: Hkdf<Sha256>,
}

/// The master keys of this service.
pub struct Keyring(Vec<MasterKey>);

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(..)")
    }
}

/// The content of a new key file: one random key of 256 bits.
pub fn generate_key_file(random: &mut dyn rand::CryptoRng) -> Zeroizing<String> {
    let mut key = Zeroizing::new([0_u8; 32]);
    random.fill_bytes(&mut *key);
    Zeroizing::new(format!("{LINE_PREFIX}{}\n", BASE64URL_NOPAD.encode(&*key)))
}

impl Keyring {
    /// Reads a key file: one key a line, the first one seals. Blank lines and lines that begin with `#` are skipped.
    pub fn parse(file: &str) -> Result<Self, KeyringError> {
        let lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(MasterKey::parse).collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty());
        keys.map(Self).ok_or(KeyringError::MalformedKeyFile)
    }

    /// The id of the key that seals.
    pub fn active_key(&self) -> KeyId {
        self.0[0].id
    }

    /// Seals `plain`, bound to `place`: the same parts in the same order open it.
    pub fn seal(
        &self,
        place: &[&[u8]],
        plain: &[u8],
        random: &mut dyn rand::CryptoRng,
    ) -> Result<Vec<u8>, KeyringError> {
        let key = &self.0[0];
        let mut nonce = [0; NONCE_LENGTH];
        random.fill_bytes(&mut nonce);
        let aad = length_prefixed(place);
        let sealed = key
            .sealing
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| KeyringError::DoesNotOpen)?;
        Ok([&key.id[..], &nonce, &sealed].concat())
    }

    /// Stands for `place` where it must be found again but not be read: the same under the same key, and of no use
    /// without it, even where there are few values to try.
    pub fn pseudonym(&self, place: &[&[u8]]) -> Result<[u8; 32], KeyringError> {
        let mut name = [0; 32];
        let info = [b"mfa-sidecar pseudonym", &length_prefixed(place)[..]].concat();
        self.0[0].naming.expand(&info, &mut name).map_err(|_| KeyringError::MalformedKeyFile)?;
        Ok(name)
    }

    /// Opens what [`Self::seal`] made for the same `place`.
    pub fn open(&self, place: &[&[u8]], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let (id, rest) = blob.split_first_chunk::<KEY_ID_LENGTH>().ok_or(KeyringError::DoesNotOpen)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(KeyringError::DoesNotOpen)?;
        let key = self.0.iter().find(|key| key.id == *id).ok_or(KeyringError::UnknownKey)?;
        let aad = length_prefixed(place);
        let plain = key.sealing.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad });
        plain.map(Zeroizing::new).map_err(|_| KeyringError::DoesNotOpen)
    }
}

impl MasterKey {
    fn parse(line: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(line.strip_prefix(LINE_PREFIX)?.as_bytes()).ok()?);
        if bytes.len() != 32 {
            return None;
        }
        let derive = Hkdf::<Sha256>::new(None, &bytes);
        let mut id = [0; KEY_ID_LENGTH];
        derive.expand(b"mfa-sidecar key id", &mut id).ok()?;
        let mut sealing = Zeroizing::new([0; 32]);
        derive.expand(b"mfa-sidecar sealing", &mut *sealing).ok()?;
        Some(Self { id, sealing: XChaCha20Poly1305::new_from_slice(&*sealing).ok()?, naming: derive })
    }
}

fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> impl rand::CryptoRng {
        rand::rand_core::UnwrapErr(rand::rngs::SysRng)
    }

    fn keyring() -> Keyring {
        Keyring::parse(&generate_key_file(&mut random())).unwrap()
    }

    #[test]
    fn a_blob_opens_only_in_its_place() {
        let ring = keyring();
        let blob = ring.seal(&[b"site", b"alice", b"1"], b"secret", &mut random()).unwrap();
        assert_eq!(ring.open(&[b"site", b"alice", b"1"], &blob).unwrap().as_slice(), b"secret");
        for place in [&[&b"site"[..], b"bob", b"1"][..], &[b"site", b"alice1", b""], &[b"sitealice", b"1"]] {
            assert_eq!(ring.open(place, &blob), Err(KeyringError::DoesNotOpen));
        }
    }

    #[test]
    fn a_pseudonym_is_the_same_under_the_same_key_only() {
        let (one, other) = (keyring(), keyring());
        let place = [&b"site"[..], b"+4915112345678"];
        assert_eq!(one.pseudonym(&place), one.pseudonym(&place));
        assert_ne!(one.pseudonym(&place), other.pseudonym(&place));
        assert_ne!(one.pseudonym(&place), one.pseudonym(&[b"sit", b"e+4915112345678"]));
    }

    #[test]
    fn a_damaged_or_truncated_blob_does_not_open() {
        let ring = keyring();
        let blob = ring.seal(&[b"x"], b"secret", &mut random()).unwrap();
        for at in 0..blob.len() {
            let mut damaged = blob.clone();
            damaged[at] ^= 1;
            assert!(ring.open(&[b"x"], &damaged).is_err(), "bit flipped in byte {at}");
            assert!(ring.open(&[b"x"], &blob[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn an_older_key_in_the_file_still_opens_and_a_missing_one_is_named_as_such() {
        let (old, new) = (generate_key_file(&mut random()), generate_key_file(&mut random()));
        let blob = Keyring::parse(&old).unwrap().seal(&[], b"secret", &mut random()).unwrap();
        let both = Keyring::parse(&format!("# new\n{}\n{}", *new, *old)).unwrap();
        assert_eq!(both.open(&[], &blob).unwrap().as_slice(), b"secret");
        assert_eq!(Keyring::parse(&new).unwrap().open(&[], &blob), Err(KeyringError::UnknownKey));
    }

    #[test]
    fn a_malformed_key_file_is_refused() {
        for file in ["", "# only a comment\n", "hello", "mfa-sidecar-master-key-v1:AAAA"] {
            assert_eq!(Keyring::parse(file).err(), Some(KeyringError::MalformedKeyFile));
        }
    }
}
