//! The store on its own: what every backend must hold, whatever the rules above it are.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod audit;
mod batch;
mod copying;
mod lane;
mod master_keys;
mod messages;
mod migrations;
mod rows;
#[path = "../support/test_database.rs"]
mod test_database;
mod trust;

use mfa_sidecar::domain::id::{Id, SiteName, UserId};
use mfa_sidecar::domain::policy::Grace;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::domain::throttle::Throttle;
use mfa_sidecar::domain::time::Timestamp;
use mfa_sidecar::store::sites::Site;
use mfa_sidecar::store::users::{Profile, User};
use mfa_sidecar::store::{self, Db, Grouping, Store, StoreError};
use std::path::Path;
use tempfile::TempDir;
use test_database::TestDatabase;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// A new database, and the directory that it lives in if it is a file.
struct Place {
    database: TestDatabase,
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { database: TestDatabase::new(directory.path()), directory }
    }

    /// For other files of the same test.
    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Opens it once more, as another replica does.
    fn open(&self) -> Store {
        Store::open(self.database.url(), Grouping::default()).unwrap()
    }
}

/// A new database with one site.
async fn new_store() -> (Place, Store, Id) {
    let place = Place::new();
    let store = place.open();
    let site = Site {
        id: Id([1; 16]),
        name: SiteName::parse("default").unwrap(),
        issuer: "Test".into(),
        created_at: NOW,
    };
    let id = site.id;
    store.write(Shard::NONE, move |db| store::sites::insert(db, &site)).await.unwrap();
    (place, store, id)
}

fn new_user(site: Id, id: Id, user_id: &str) -> User {
    User {
        id,
        site,
        user_id: UserId::parse(user_id).unwrap(),
        profile: Profile {
            name: user_id.into(),
            email: None,
            phone: None,
            roles: None,
            credential_version: None,
            locale: None,
        },
        epoch: 0,
        throttle: Throttle::default(),
        first_seen_at: NOW,
        grace: Grace::NotBegun { first_seen: NOW },
        preferred_method: None,
        enrolled: false,
        deleted: false,
    }
}

fn insert_user(db: &mut Db, site: Id, number: u8, user_id: &str) -> Result<(), StoreError> {
    store::users::insert(db, &new_user(site, Id([number; 16]), user_id))
}

async fn exists(store: &Store, site: Id, user: &str) -> bool {
    let user = UserId::parse(user).unwrap();
    store.read(move |db| store::users::find(db, site, &user)).await.unwrap().is_some()
}
