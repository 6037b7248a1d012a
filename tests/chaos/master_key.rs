//! The master key missing, wrong, malformed or unreadable: the service says so in one line and leaves the data alone.

use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::site::Site;
use data_encoding::BASE64URL_NOPAD;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

#[test]
fn without_its_master_key_the_service_does_not_start_and_the_data_stays_as_it_is() {
    let mut site = Site::embedded();
    let mut judge = Judge::new("master key missing or wrong", "SQLite");
    site.start_all();
    let (file, aside) = (site.master_key(), site.path("aside"));
    let right = fs::read_to_string(&file).unwrap();
    let wrong = format!("mfa-sidecar-master-key-v1:{}\n", BASE64URL_NOPAD.encode(&[7; 32]));
    let faults: [(&str, Option<&[u8]>, u32, &str); 6] = [
        ("missing", None, 0o600, "is missing"),
        ("wrong", Some(wrong.as_bytes()), 0o600, "master key"),
        ("cut", Some(&right.as_bytes()[..right.len() / 2]), 0o600, "not of the expected form"),
        ("empty", Some(b""), 0o600, "not of the expected form"),
        ("no text", Some(b"\xff\xfe"), 0o600, "master.key"),
        ("unreadable", Some(right.as_bytes()), 0o000, "master.key"),
    ];
    for (fault, content, mode, sentence) in faults {
        judge.round(&mut site, DEADLINE, |site, _| {
            site.kill(0);
            let copy = |name: &str| {
                let path = site.path(&format!("{name}-{fault}"));
                site.say(&["backup", path.to_str().unwrap()]);
                fs::read(path).unwrap()
            };
            let before = copy("before");
            fs::rename(&file, &aside).unwrap();
            if let Some(content) = content {
                fs::write(&file, content).unwrap();
                fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            }
            let said = site.refused();
            assert!(said.contains(sentence), "{fault}: {said}");
            assert!(!said.contains(right.trim()), "{fault}: {said}");
            assert!(before == copy("after"), "{fault}: the data has changed");
            fs::rename(&aside, &file).unwrap();
            let put_back = Instant::now();
            site.start(0);
            put_back
        });
    }
    judge.report();
}
