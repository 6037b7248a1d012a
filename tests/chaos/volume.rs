//! A file system of the harness's own, in an image that it mounts: to be filled up and to become read-only.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// In MiB: room for the database of the load and for its write-ahead log, which takes 64 MiB before it is reused.
const SIZE: u64 = 192;

/// Mounted until it is dropped.
pub struct Volume {
    directory: TempDir,
}

impl Volume {
    pub fn mount() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test mounts a file system: run it as root, or in a container of which you are root"
        );
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let volume = Self { directory };
        File::create(volume.image()).unwrap().set_len(SIZE * 1024 * 1024).unwrap();
        // With a journal the system would not let it be written again before a repair of its own.
        run("mkfs.ext4", &["-q", "-m", "0", "-O", "^has_journal"], &[&volume.image()]);
        std::fs::create_dir(volume.path()).unwrap();
        volume.attach();
        volume
    }

    fn image(&self) -> PathBuf {
        self.directory.path().join("image")
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("mounted")
    }

    fn attach(&self) {
        run("mount", &["-t", "ext4", "-o", "loop,errors=remount-ro"], &[&self.image(), &self.path()]);
    }

    /// Leaves no room at all.
    pub fn fill(&self) {
        let mut filler = File::create(self.path().join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while filler.write_all(&vec![1; size]).is_ok() {}
        }
        // What is only promised to a file could still be taken from it.
        let _ = filler.sync_all();
    }

    pub fn free(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }

    /// What the system does when the disk below fails: nothing can be written any more, by whoever has files open.
    pub fn becomes_read_only(&self) {
        let output = Command::new("findmnt").args(["-no", "SOURCE"]).arg(self.path()).output().unwrap();
        let device = String::from_utf8(output.stdout).unwrap();
        let device = Path::new(device.trim()).file_name().unwrap();
        let trigger = Path::new("/sys/fs/ext4").join(device).join("trigger_fs_error");
        std::fs::write(trigger, "chaos").unwrap();
        assert!(File::create(self.path().join("new")).is_err(), "it is read-only");
    }

    /// What an operator does then, with every file on it closed.
    pub fn repair(&self) {
        run("umount", &[], &[&self.path()]);
        // Status 1: errors were corrected.
        let status = Command::new("fsck.ext4").args(["-p", "-f"]).arg(self.image()).output().unwrap().status;
        assert!(status.code().is_some_and(|code| code <= 1), "{status}");
        self.attach();
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a test that failed may have left files open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

#[track_caller]
fn run(program: &str, arguments: &[&str], paths: &[&Path]) {
    let output = Command::new(program).args(arguments).args(paths).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}
