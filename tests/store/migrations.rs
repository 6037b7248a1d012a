//! Bringing the tables to the newest form.

use crate::{exists, insert_user, new_store};
use diesel::connection::SimpleConnection as _;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::domain::shard::Shard;
use mfa_sidecar::store::{AnyConnection, Db};

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

#[actix_web::test]
async fn a_migration_that_was_made_but_not_noted_is_made_again_and_loses_nothing() {
    let (place, store, site) = new_store().await;
    if !place.database.url().starts_with("mysql") {
        return; // Elsewhere the note is in the transaction that changes the tables.
    }
    let mut connection = AnyConnection::open(place.database.url()).unwrap();
    let server: Version = sql_query("SELECT VERSION() AS version").get_result(&mut connection).unwrap();
    if !server.version.contains("MariaDB") {
        return; // MySQL itself has no `ADD COLUMN IF NOT EXISTS`.
    }
    store.write(Shard::NONE, move |db| insert_user(db, site, 2, "alice")).await.unwrap();
    for forgotten in ["ORDER BY version DESC LIMIT 1", ""] {
        let mut db = Db::open(place.database.url()).unwrap();
        let forget = format!("DELETE FROM __diesel_schema_migrations {forgotten}");
        db.for_write().unwrap().batch_execute(&forget).unwrap();
        db.migrate().unwrap();
    }
    assert!(exists(&store, site, "alice").await);
}
