//! The disk below the embedded database: full, and read-only.

use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::rounds;
use crate::site::Site;
use crate::volume::Volume;
use std::time::Instant;

/// An embedded database on a file system of its own.
fn site_on(volume: &Volume) -> Site {
    let mut site = Site::embedded();
    let moved = volume.path().join("data");
    std::fs::create_dir(&moved).unwrap();
    site.say(&["backup", moved.join("mfa.sqlite3").to_str().unwrap()]);
    let key = moved.join("master.key");
    std::fs::copy(site.master_key(), &key).unwrap();
    // As the service does with a key that it makes: what is not on the disk yet does not outlive the fault.
    std::fs::File::open(key).unwrap().sync_all().unwrap();
    std::fs::File::open(&moved).unwrap().sync_all().unwrap();
    site.data = moved;
    site.start_all();
    site
}

#[test]
fn a_full_disk_loses_nothing_and_the_service_goes_on_when_there_is_room() {
    let volume = Volume::mount();
    let mut site = site_on(&volume);
    let mut judge = Judge::new("disk full", "SQLite");
    for _ in 0..rounds(2, 20) {
        judge.round(&mut site, DEADLINE, |site, load| {
            volume.fill();
            load.is_denied(50);
            assert!(site.all_run(), "the service waits for room: {}", site.log());
            volume.free();
            Instant::now()
        });
    }
    judge.report();
}

#[test]
fn a_read_only_file_system_lets_nobody_in_and_loses_nothing() {
    let volume = Volume::mount();
    let mut site = site_on(&volume);
    let mut judge = Judge::new("read-only file system", "SQLite");
    for _ in 0..rounds(1, 10) {
        judge.round(&mut site, DEADLINE, |site, load| {
            volume.becomes_read_only();
            load.is_denied(50);
            assert!(site.all_run(), "the service does not end: {}", site.log());
            site.kill(0);
            let said = site.refused();
            assert!(said.contains("readonly") || said.contains("read-only"), "it says what it needs: {said}");
            volume.repair();
            let repaired = Instant::now();
            site.start(0);
            repaired
        });
    }
    judge.report();
}
