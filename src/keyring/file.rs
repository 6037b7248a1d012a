//! The master key's file: made once, and changed only as a whole.
//!
//! # Design
//! A key that is lost takes every authenticator with it. So the file is never written in place: the new content goes
//! into a file beside it, which is on disk before it takes the old one's name, and the name is on disk before anybody
//! hears of it. Owner and mode stay those of the old file, so that an administrator who rotates does not lock the
//! service out. What is taken out of the file goes to another one first, `….retired`: backups of before open only with
//! that. Who needs no such backup any more removes it.

use super::{KeyId, KeyringError, MasterKey, generate_key_file, key_lines};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// What the system says.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is in it.
    #[error(transparent)]
    Content(#[from] KeyringError),
    /// Somebody else is changing it.
    #[error("another command is changing it")]
    Busy,
}

impl From<FileError> for KeyringError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Content(error) => error,
            FileError::Io(_) | FileError::Busy => Self::NoFile,
        }
    }
}

/// A master key file, by its path.
#[derive(Debug, Clone)]
pub struct KeyFile(PathBuf);

/// The right to change a key file, until it is dropped. Ends with the process, however that ends.
pub struct KeyFileLock {
    /// The file itself, if the path is a link to it.
    path: PathBuf,
    directory: File,
}

impl KeyFile {
    /// The file at `path`.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the keys go that are taken out of it.
    pub fn retired(&self) -> PathBuf {
        beside(&self.0, ".retired")
    }

    /// Its content.
    pub fn read(&self) -> io::Result<Zeroizing<String>> {
        std::fs::read_to_string(&self.0).map(Zeroizing::new)
    }

    /// Makes it with one new key, for its owner only. One that another process made a moment earlier is left alone.
    pub fn create(&self, random: &mut dyn rand::CryptoRng) -> io::Result<()> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.0) {
            Ok(mut file) => {
                let text = generate_key_file(random);
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes the right to change it, which one process has at a time.
    pub fn lock(&self) -> Result<KeyFileLock, FileError> {
        let path = std::fs::canonicalize(&self.0)?;
        // The file itself is replaced: a lock on it would be a lock on the old one.
        let directory = File::open(path.parent().unwrap_or(Path::new("/")))?;
        match directory.try_lock() {
            Ok(()) => Ok(KeyFileLock { path, directory }),
            Err(std::fs::TryLockError::WouldBlock) => Err(FileError::Busy),
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl KeyFileLock {
    /// Adds a new key at the end; its id.
    pub fn add(&self, random: &mut dyn rand::CryptoRng) -> Result<KeyId, FileError> {
        let mut text = KeyFile::at(&self.path).read()?;
        let line = generate_key_file(random);
        let key = MasterKey::parse(line.trim_end()).ok_or(KeyringError::MalformedKeyFile)?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&line);
        self.replace(&text)?;
        Ok(key.id)
    }

    /// Takes every key but those of `kept` out of it; how many there were.
    pub fn retire_all_but(&self, kept: &[KeyId]) -> Result<usize, FileError> {
        let text = KeyFile::at(&self.path).read()?;
        let (mut rest, mut retired) = (Zeroizing::new(String::new()), Zeroizing::new(String::new()));
        let mut count = 0;
        for line in text.lines() {
            let is_kept = match key_lines(line).next() {
                None => true,
                Some(key) => kept.contains(&MasterKey::parse(key).ok_or(KeyringError::MalformedKeyFile)?.id),
            };
            count += usize::from(!is_kept);
            let to = if is_kept { &mut rest } else { &mut retired };
            to.push_str(line);
            to.push('\n');
        }
        if count > 0 {
            self.append_retired(&retired)?;
            self.replace(&rest)?;
        }
        Ok(count)
    }

    fn append_retired(&self, lines: &str) -> io::Result<()> {
        let path = KeyFile::at(&self.path).retired();
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        self.own(&file)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        self.directory.sync_all()
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        // Left by one that was killed; nobody else writes it while this one has the lock.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        self.own(&file)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        self.directory.sync_all()
    }

    /// Gives a file the owner and mode of the key file.
    fn own(&self, file: &File) -> io::Result<()> {
        let (present, new) = (std::fs::metadata(&self.path)?, file.metadata()?);
        if (present.uid(), present.gid()) != (new.uid(), new.gid()) {
            fchown(file, Some(present.uid()), Some(present.gid()))?;
        }
        file.set_permissions(Permissions::from_mode(present.mode() & 0o777))
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::super::Keyring;
    use super::*;

    fn random() -> impl rand::CryptoRng {
        rand::rand_core::UnwrapErr(rand::rngs::SysRng)
    }

    fn new_file(directory: &Path) -> KeyFile {
        let file = KeyFile::at(&directory.join("master.key"));
        file.create(&mut random()).unwrap();
        file
    }

    fn ids(path: &Path) -> Vec<KeyId> {
        Keyring::load(KeyFile::at(path)).unwrap().ids()
    }

    #[test]
    fn keys_are_added_at_the_end_and_retired_into_a_file_of_their_own() {
        let directory = tempfile::tempdir().unwrap();
        let file = new_file(directory.path());
        let text = format!("# of the year before\n{}", file.read().unwrap().trim_end());
        std::fs::write(file.path(), text).unwrap();
        let old = ids(file.path())[0];
        let lock = file.lock().unwrap();
        let new = lock.add(&mut random()).unwrap();
        assert_eq!(ids(file.path()), [old, new]);
        assert_eq!(lock.retire_all_but(&[old, new]).unwrap(), 0);
        assert!(!file.retired().exists());
        assert_eq!(lock.retire_all_but(&[new]).unwrap(), 1);
        assert_eq!((ids(file.path()), ids(&file.retired())), (vec![new], vec![old]));
        assert!(file.read().unwrap().starts_with("# of the year before\n"));
        let newer = lock.add(&mut random()).unwrap();
        assert_eq!(lock.retire_all_but(&[newer]).unwrap(), 1);
        assert_eq!(ids(&file.retired()), [old, new], "what was retired before stays");
    }

    #[test]
    fn owner_mode_and_link_stay_and_what_a_killed_process_left_does_not_matter() {
        let directory = tempfile::tempdir().unwrap();
        let real = new_file(directory.path());
        std::fs::set_permissions(real.path(), Permissions::from_mode(0o640)).unwrap();
        let link = directory.path().join("link.key");
        std::os::unix::fs::symlink(real.path(), &link).unwrap();
        std::fs::write(directory.path().join("master.key.new"), "half a k").unwrap();
        let before = std::fs::metadata(real.path()).unwrap();
        let file = KeyFile::at(&link);
        let lock = file.lock().unwrap();
        lock.add(&mut random()).unwrap();
        let after = std::fs::metadata(real.path()).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        assert_ne!(after.ino(), before.ino(), "another file took its name");
        assert_eq!(ids(&link).len(), 2);
    }

    #[test]
    fn one_process_changes_it_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let file = new_file(directory.path());
        let lock = file.lock().unwrap();
        assert!(matches!(file.lock(), Err(FileError::Busy)));
        drop(lock);
        assert!(file.lock().is_ok());
    }
}
