//! Bringing the tables to the newest form.

use crate::{exists, insert_user, new_store};
use diesel::connection::SimpleConnection as _;
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::store::Db;

#[actix_web::test]
async fn a_migration_that_was_made_but_not_noted_is_made_again_and_loses_nothing() {
    let (place, store, site) = new_store().await;
    if !place.database.url().starts_with("mysql") {
        return; // Elsewhere the note is in the transaction that changes the tables.
    }
    store.write(Shard::NONE, move |db| insert_user(db, site, 2, "alice")).await.unwrap();
    for forgotten in ["WHERE version = (SELECT MAX(version) FROM __diesel_schema_migrations)", ""] {
        let mut db = Db::open(place.database.url()).unwrap();
        let forget = format!("DELETE FROM __diesel_schema_migrations {forgotten}");
        db.for_write().unwrap().batch_execute(&forget).unwrap();
        db.migrate().unwrap();
    }
    assert!(exists(&store, site, "alice").await);
}
