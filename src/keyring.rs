//! Sealing of what must not be read in the database: XChaCha20-Poly1305 under the master key.
//!
//! # Design
//! A sealed blob is `key id (8) ‖ nonce (24) ‖ ciphertext and tag`. The nonce is random; 192 bits make a repetition
//! practically impossible. The associated data says where the blob belongs, each part length-prefixed, so that a blob
//! that is moved to another row does not open. The keyring knows nothing of what it seals.
//!
//! The key file has one key a line, the oldest first; all open, and the database says which one seals
//! ([`crate::service::master_key`]). A key's id is derived from it, so that the file needs no bookkeeping; subkeys are
//! derived by purpose (HKDF, RFC 5869), so that no two uses share a key.
//!
//! A key that is not at hand is looked for in the file once more before it counts as unknown: during a rotation the
//! file gains a key while the service runs.

mod file;

pub use file::{FileError, KeyFile, KeyFileLock};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;
use std::sync::{Arc, PoisonError, RwLock};
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
    /// The key file cannot be read any more.
    #[error("the master key file cannot be read")]
    NoFile,
    /// Another command has made another key the one that seals.
    #[error("another master key was activated meanwhile")]
    Overtaken,
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
pub struct Keyring {
    /// Oldest first.
    keys: RwLock<Vec<Arc<MasterKey>>>,
    /// Where they came from, to look there again.
    file: Option<KeyFile>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(..)")
    }
}

/// A new random key of 256 bits, as a line of a key file.
pub fn generate_key_file(random: &mut dyn rand::CryptoRng) -> Zeroizing<String> {
    let mut key = Zeroizing::new([0_u8; 32]);
    random.fill_bytes(&mut *key);
    Zeroizing::new(format!("{LINE_PREFIX}{}\n", BASE64URL_NOPAD.encode(&*key)))
}

/// The id of the key that a blob was sealed under; `None` for what is no blob.
pub fn key_of(blob: &[u8]) -> Option<KeyId> {
    blob.first_chunk::<KEY_ID_LENGTH>().copied()
}

impl Keyring {
    /// Reads the content of a key file: one key a line. Blank lines and lines that begin with `#` are skipped.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        Ok(Self { keys: RwLock::new(parse_keys(text)?), file: None })
    }

    /// Reads a key file, which is read again when a key is missing.
    pub fn load(file: KeyFile) -> Result<Self, FileError> {
        let ring = Self::parse(&file.read()?)?;
        Ok(Self { file: Some(file), ..ring })
    }

    /// The ids of the keys at hand, oldest first.
    pub fn ids(&self) -> Vec<KeyId> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).iter().map(|key| key.id).collect()
    }

    /// Whether the file has other keys by now.
    pub fn is_outdated(&self) -> Result<bool, FileError> {
        let Some(file) = &self.file else { return Ok(false) };
        Ok(!parse_keys(&file.read()?)?.iter().map(|key| key.id).eq(self.ids()))
    }

    /// Reads the file again and keeps exactly its keys, if all of `needed` are among them.
    pub fn refresh(&self, needed: &[KeyId]) -> Result<(), FileError> {
        let Some(file) = &self.file else { return Ok(()) };
        let fresh = parse_keys(&file.read()?)?;
        let has = |id: &KeyId| fresh.iter().any(|key| key.id == *id);
        if !needed.iter().all(has) {
            return Err(KeyringError::UnknownKey.into());
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The key of that id: at hand, or in the file by now. Keys are only added here, since nobody has checked whether
    /// what the file lacks is needed.
    fn key(&self, id: &KeyId) -> Result<Arc<MasterKey>, KeyringError> {
        let find = || {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            keys.iter().find(|key| key.id == *id).map(Arc::clone)
        };
        if let Some(key) = find() {
            return Ok(key);
        }
        let text = self.file.as_ref().and_then(|file| file.read().ok()).ok_or(KeyringError::UnknownKey)?;
        let found =
            parse_keys(&text)?.into_iter().find(|key| key.id == *id).ok_or(KeyringError::UnknownKey)?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if !keys.iter().any(|key| key.id == *id) {
            keys.push(Arc::clone(&found));
        }
        Ok(found)
    }

    /// Seals `plain` under the key of id `under`, bound to `place`: the same parts in the same order open it.
    pub fn seal(
        &self,
        under: &KeyId,
        place: &[&[u8]],
        plain: &[u8],
        random: &mut dyn rand::CryptoRng,
    ) -> Result<Vec<u8>, KeyringError> {
        let key = self.key(under)?;
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
    pub fn pseudonym(&self, under: &KeyId, place: &[&[u8]]) -> Result<[u8; 32], KeyringError> {
        let mut name = [0; 32];
        let info = [b"mfa-sidecar pseudonym", &length_prefixed(place)[..]].concat();
        self.key(under)?.naming.expand(&info, &mut name).map_err(|_| KeyringError::MalformedKeyFile)?;
        Ok(name)
    }

    /// Opens what [`Self::seal`] made for the same `place`.
    pub fn open(&self, place: &[&[u8]], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let (id, rest) = blob.split_first_chunk::<KEY_ID_LENGTH>().ok_or(KeyringError::DoesNotOpen)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(KeyringError::DoesNotOpen)?;
        let key = self.key(id)?;
        let aad = length_prefixed(place);
        let plain = key.sealing.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad });
        plain.map(Zeroizing::new).map_err(|_| KeyringError::DoesNotOpen)
    }
}

/// What stands in the lines of a key file that are not blank and no comment.
fn key_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn parse_keys(text: &str) -> Result<Vec<Arc<MasterKey>>, KeyringError> {
    let keys = key_lines(text).map(|line| MasterKey::parse(line).map(Arc::new)).collect::<Option<Vec<_>>>();
    keys.filter(|keys| !keys.is_empty()).ok_or(KeyringError::MalformedKeyFile)
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

    fn keyring() -> (Keyring, KeyId) {
        let ring = Keyring::parse(&generate_key_file(&mut random())).unwrap();
        let id = ring.ids()[0];
        (ring, id)
    }

    #[test]
    fn a_blob_opens_only_in_its_place() {
        let (ring, id) = keyring();
        let blob = ring.seal(&id, &[b"site", b"alice", b"1"], b"secret", &mut random()).unwrap();
        assert_eq!(ring.open(&[b"site", b"alice", b"1"], &blob).unwrap().as_slice(), b"secret");
        for place in [&[&b"site"[..], b"bob", b"1"][..], &[b"site", b"alice1", b""], &[b"sitealice", b"1"]] {
            assert_eq!(ring.open(place, &blob), Err(KeyringError::DoesNotOpen));
        }
    }

    #[test]
    fn a_pseudonym_is_the_same_under_the_same_key_only() {
        let ((one, id), (other, others)) = (keyring(), keyring());
        let place = [&b"site"[..], b"+4915112345678"];
        assert_eq!(one.pseudonym(&id, &place), one.pseudonym(&id, &place));
        assert_ne!(one.pseudonym(&id, &place), other.pseudonym(&others, &place));
        assert_ne!(one.pseudonym(&id, &place), one.pseudonym(&id, &[b"sit", b"e+4915112345678"]));
    }

    #[test]
    fn a_damaged_or_truncated_blob_does_not_open() {
        let (ring, id) = keyring();
        let blob = ring.seal(&id, &[b"x"], b"secret", &mut random()).unwrap();
        for at in 0..blob.len() {
            let mut damaged = blob.clone();
            damaged[at] ^= 1;
            assert!(ring.open(&[b"x"], &damaged).is_err(), "bit flipped in byte {at}");
            assert!(ring.open(&[b"x"], &blob[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn every_key_in_the_file_opens_and_a_missing_one_is_named_as_such() {
        let (old, new) = (generate_key_file(&mut random()), generate_key_file(&mut random()));
        let ring = Keyring::parse(&old).unwrap();
        let blob = ring.seal(&ring.ids()[0], &[], b"secret", &mut random()).unwrap();
        assert_eq!(key_of(&blob), Some(ring.ids()[0]));
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

    #[test]
    fn a_key_that_came_into_the_file_meanwhile_is_found_and_one_that_went_is_dropped_only_if_not_needed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let (old, new) = (generate_key_file(&mut random()), generate_key_file(&mut random()));
        let of = |text: &str| Keyring::parse(text).unwrap().ids()[0];
        let (old_id, new_id) = (of(&old), of(&new));
        std::fs::write(&path, &*old).unwrap();
        let ring = Keyring::load(KeyFile::at(&path)).unwrap();
        assert_eq!(ring.seal(&new_id, &[], b"secret", &mut random()), Err(KeyringError::UnknownKey));

        std::fs::write(&path, format!("{}{}", *old, *new)).unwrap();
        let blob = ring.seal(&new_id, &[], b"secret", &mut random()).unwrap();
        assert_eq!(ring.open(&[], &blob).unwrap().as_slice(), b"secret");
        assert_eq!(ring.ids(), [old_id, new_id]);
        assert!(!ring.is_outdated().unwrap());

        std::fs::write(&path, &*new).unwrap();
        assert!(ring.refresh(&[old_id, new_id]).is_err());
        assert_eq!(ring.ids(), [old_id, new_id], "a key that is needed stays");
        assert!(ring.is_outdated().unwrap());
        ring.refresh(&[new_id]).unwrap();
        assert_eq!(ring.ids(), [new_id]);
    }
}
