//! All data from one database to another, of whatever kind: rows as they are, in the order of their keys.
//!
//! # Design
//! No table is known here by more than the names and types of its columns, so that ids, sealed blobs and names arrive
//! byte for byte. A page of rows is read from one snapshot of the source and written in one transaction. The key
//! order is the same everywhere, since all keys are bytes; so what a killed copy has left is the beginning of each
//! table, the next one goes on behind its last row, and a target that holds anything else is told by that: its rows
//! are not the beginning of the source's. No mark is needed for it that could be wrong.
//!
//! In the end the source is read once more, from another snapshot, and both sides' rows are counted and digested. So a
//! source that was written meanwhile is found out, whoever wrote.

use super::connection::{AnyConnection, directly};
use super::{Db, StoreError, audit_blocks, replicas};
use crate::domain::time::Timestamp;
use diesel::backend::Backend;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use diesel::connection::SimpleConnection as _;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::row::NamedRow;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, Integer, Nullable, Text};
use sha2::{Digest as _, Sha256};
use std::marker::PhantomData;

/// Rows read and written at a time. At most 24 columns: within SQLite's 32,766 values a statement.
const PAGE: usize = 1000;

/// A column's type, as the database has it. Any may be NULL as far as this module is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blob,
    Text,
    Int,
    Small,
    Bool,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Blob(Option<Vec<u8>>),
    Text(Option<String>),
    Int(Option<i64>),
    Small(Option<i32>),
    Bool(Option<bool>),
}

impl Value {
    /// In a form that is the same whichever database it came from, and that no other row has.
    fn digest(&self, digest: &mut Sha256) {
        let mut bytes = |bytes: Option<&[u8]>| match bytes {
            None => digest.update([0]),
            Some(bytes) => {
                digest.update([1]);
                digest.update((bytes.len() as u64).to_be_bytes());
                digest.update(bytes);
            }
        };
        match self {
            Self::Blob(value) => bytes(value.as_deref()),
            Self::Text(value) => bytes(value.as_ref().map(String::as_bytes)),
            Self::Int(value) => bytes(value.map(i64::to_be_bytes).as_ref().map(|b| &b[..])),
            Self::Small(value) => bytes(value.map(i32::to_be_bytes).as_ref().map(|b| &b[..])),
            Self::Bool(value) => bytes(value.map(|value| [u8::from(value)]).as_ref().map(|b| &b[..])),
        }
    }
}

/// A table, known by a type, so that its rows can be read: diesel asks a row's type for its columns.
trait Table: 'static {
    const NAME: &'static str;
    /// How many of the columns, from the first on, are the key.
    const KEY: usize;
    const COLUMNS: &'static [(&'static str, Kind)];
}

type Rows = Vec<Vec<Value>>;

/// What can be done with a table without naming its type.
#[derive(Clone, Copy)]
struct Access {
    name: &'static str,
    key: usize,
    columns: &'static [(&'static str, Kind)],
    page: fn(&mut Db, Option<&[Value]>) -> Result<Rows, StoreError>,
    last: fn(&mut Db) -> Result<Option<Vec<Value>>, StoreError>,
}

macro_rules! tables {
    ($($table:ident($key:literal) { $($column:ident: $kind:ident,)* })*) => {
        $(
            #[allow(non_camel_case_types, reason = "the name of the table")]
            struct $table;

            impl Table for $table {
                const NAME: &'static str = stringify!($table);
                const KEY: usize = $key;
                const COLUMNS: &'static [(&'static str, Kind)] = &[$((stringify!($column), Kind::$kind),)*];
            }
        )*

        /// Every table but those that are no data: of the running services, and the blocks of audit events, which are
        /// made anew. Those first that others refer to.
        const TABLES: &[Access] = &[$(Access {
            name: $table::NAME,
            key: $table::KEY,
            columns: $table::COLUMNS,
            page: page::<$table>,
            last: last::<$table>,
        },)*];
    };
}

tables! {
    master_keys(1) { id: Blob, sealed: Blob, created_at: Int, }
    sites(1) { id: Blob, name: Blob, issuer: Text, created_at: Int, }
    policies(1) { site_id: Blob, document: Text, version: Int, updated_at: Int, updated_by: Text, }
    api_keys(1) {
        id: Blob, site_id: Blob, name: Text, digest: Blob, roles: Text, created_at: Int, expires_at: Int,
        revoked_at: Int,
    }
    users(1) {
        id: Blob, site_id: Blob, user_id: Blob, name: Text, email: Text, phone: Text, roles: Text,
        credential_version: Blob, epoch: Int, failures: Small, locks: Small, locked_until: Int, first_seen_at: Int,
        grace_began_at: Int, preferred_method: Text, enrolled: Bool, deleted: Bool, locale: Text,
        turn: Int,
    }
    authenticators(1) {
        id: Blob, user_id: Blob, method: Text, name: Text, state: Blob, marker: Int, created_at: Int,
        last_used_at: Int, weak: Bool,
    }
    recovery_code_sets(1) { user_id: Blob, setting: Text, created_at: Int, }
    recovery_codes(2) { user_id: Blob, digest: Blob, used_at: Int, }
    logins(1) {
        id: Blob, site_id: Blob, user_id: Blob, purpose: Text, status: Text, reason: Text, wrong_answers: Small,
        epoch: Int, policy_methods: Text, created_at: Int, expires_at: Int, ended_at: Int, grace_ends_at: Int,
        client_ip: Text, factor: Text, enrolled_now: Bool, pending_state: Blob, sent_code: Blob, extended: Bool,
        trusted_device_days: Small, trust_generation: Int, authenticator_name: Text, browser: Text,
        replaces_weak: Bool,
    }
    trusted_devices(1) {
        id: Blob, user_id: Blob, family: Blob, secret: Blob, previous: Blob, rotated_at: Int, epoch: Int,
        generation: Int, name: Text, created_at: Int, last_used_at: Int, expires_at: Int,
    }
    one_time_passes(1) { user_id: Blob, digest: Blob, expires_at: Int, used_at: Int, }
    deliveries(1) {
        id: Blob, site_id: Blob, user_id: Blob, method: Text, destination: Blob, sent_at: Int, state: Text,
    }
    outbox(1) { id: Blob, user_id: Blob, sealed: Blob, created_at: Int, attempts: Small, next_attempt_at: Int, }
    audit_events(2) {
        site_id: Blob, id: Blob, at: Int, action: Text, user_id: Blob, actor: Text, actor_key: Blob,
        claimed_actor: Text, method: Text, cause: Text, number: Int, client_ip: Text,
    }
}

struct Row<T>(Vec<Value>, PhantomData<T>);

impl<T, DB> QueryableByName<DB> for Row<T>
where
    T: Table,
    DB: Backend,
    Vec<u8>: FromSql<Binary, DB>,
    String: FromSql<Text, DB>,
    i64: FromSql<BigInt, DB>,
    i32: FromSql<Integer, DB>,
    bool: FromSql<Bool, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let value = |(name, kind): &(&str, Kind)| {
            Ok(match kind {
                Kind::Blob => Value::Blob(NamedRow::get::<Nullable<Binary>, _>(row, name)?),
                Kind::Text => Value::Text(NamedRow::get::<Nullable<Text>, _>(row, name)?),
                Kind::Int => Value::Int(NamedRow::get::<Nullable<BigInt>, _>(row, name)?),
                Kind::Small => Value::Small(NamedRow::get::<Nullable<Integer>, _>(row, name)?),
                Kind::Bool => Value::Bool(NamedRow::get::<Nullable<Bool>, _>(row, name)?),
            })
        };
        let values = T::COLUMNS.iter().map(value).collect::<deserialize::Result<_>>()?;
        Ok(Self(values, PhantomData))
    }
}

/// SQL with `?` for each value, in order.
struct Query<'a> {
    sql: &'a str,
    values: &'a [&'a Value],
}

impl<DB> QueryFragment<DB> for Query<'_>
where
    DB: Backend
        + HasSqlType<Binary>
        + HasSqlType<Text>
        + HasSqlType<BigInt>
        + HasSqlType<Integer>
        + HasSqlType<Bool>,
    Vec<u8>: ToSql<Binary, DB>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    i32: ToSql<Integer, DB>,
    bool: ToSql<Bool, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in self.values.iter().zip(parts) {
            match value {
                Value::Blob(value) => out.push_bind_param::<Nullable<Binary>, _>(value)?,
                Value::Text(value) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Value::Int(value) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Value::Small(value) => out.push_bind_param::<Nullable<Integer>, _>(value)?,
                Value::Bool(value) => out.push_bind_param::<Nullable<Bool>, _>(value)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryId for Query<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl diesel::query_builder::Query for Query<'_> {
    type SqlType = diesel::sql_types::Untyped;
}

impl<C> RunQueryDsl<C> for Query<'_> {}

fn load<T: Table>(db: &mut Db, sql: &str, values: &[&Value]) -> Result<Rows, StoreError> {
    let query = Query { sql, values };
    let rows: Vec<Row<T>> = directly!(db, connection => query.load(connection))?;
    Ok(rows.into_iter().map(|Row(values, _)| values).collect())
}

fn names(columns: &[(&str, Kind)], suffix: &str) -> String {
    columns.iter().map(|(name, _)| format!("{name}{suffix}")).collect::<Vec<_>>().join(", ")
}

/// The rows after the one of that key, in the order of their keys.
fn page<T: Table>(db: &mut Db, after: Option<&[Value]>) -> Result<Rows, StoreError> {
    let (all, key) = (names(T::COLUMNS, ""), names(&T::COLUMNS[..T::KEY], ""));
    let (condition, values) = match after {
        None => (String::new(), vec![]),
        Some([one]) => (format!("WHERE {key} > ?"), vec![one]),
        // Not `(a, b) > (?, ?)`, for which MariaDB would not use the index.
        Some(several) => {
            let (first, second) = (T::COLUMNS[0].0, T::COLUMNS[1].0);
            let condition = format!("WHERE {first} >= ? AND ({first} > ? OR {second} > ?)");
            (condition, vec![&several[0], &several[0], &several[1]])
        }
    };
    load::<T>(db, &format!("SELECT {all} FROM {} {condition} ORDER BY {key} LIMIT {PAGE}", T::NAME), &values)
}

/// The row with the greatest key.
fn last<T: Table>(db: &mut Db) -> Result<Option<Vec<Value>>, StoreError> {
    let all = names(T::COLUMNS, "");
    let key = names(&T::COLUMNS[..T::KEY], " DESC");
    Ok(load::<T>(db, &format!("SELECT {all} FROM {} ORDER BY {key} LIMIT 1", T::NAME), &[])?.pop())
}

fn insert(db: &mut Db, table: &Access, rows: &[Vec<Value>]) -> Result<(), StoreError> {
    let columns = table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let places = format!("({})", vec!["?"; columns.len()].join(", "));
    // As many a statement as lets the same text, prepared, serve almost all of them.
    for some in rows.chunks(PAGE / 4) {
        let all = vec![places.as_str(); some.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES {all}", table.name, columns.join(", "));
        let values: Vec<&Value> = some.iter().flatten().collect();
        let query = Query { sql: &sql, values: &values };
        directly!(db, connection => query.execute(connection))?;
    }
    Ok(())
}

/// Why a copy did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Either database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source is of an older version of this service.
    #[error("the source is not of the newest form: run `migrate` on it first")]
    OldSource,
    /// Both are the same database.
    #[error("source and target are the same database")]
    Same,
    /// A service runs on one of them.
    #[error("a service runs on the {0}, or was killed within the last minute: stop it first")]
    InUse(&'static str),
    /// The target has rows that are not the beginning of the source's.
    #[error("the target holds other data in {0}: copy into an empty database")]
    OtherData(&'static str),
    /// In the end both sides were not the same.
    #[error("source and target differ in {0}: the source was written meanwhile, or the copy tampered with")]
    Differs(&'static str),
}

/// How a copy goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Rows of the table that the target has by now.
    Copied(&'static str, u64),
    /// Rows of the table that were found the same on both sides.
    Verified(&'static str, u64),
}

/// Rows and digest of a table, or of its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    rows: u64,
    digest: [u8; 32],
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Rows that were written by this run.
    pub written: u64,
    /// Rows in all.
    pub rows: u64,
    /// A digest over all of them, the same for the same data in any database.
    pub digest: [u8; 32],
}

/// Copies all data of the database at `from` into that at `to`, which is brought to the newest form first. `progress`
/// hears of each page.
pub fn copy(
    from: &str,
    to: &str,
    now: Timestamp,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Copied, CopyError> {
    if from == to {
        return Err(CopyError::Same);
    }
    let (mut source, mut target) = (Db::open(from)?, Db::open(to)?);
    for db in [&mut source, &mut target] {
        wait_long(db)?;
    }
    if source.for_read()?.has_pending_migrations()? {
        return Err(CopyError::OldSource);
    }
    target.migrate()?;
    check_unused(&mut source, "source", now)?;
    check_unused(&mut target, "target", now)?;
    let reopen = || Db::open(from);
    let written = source.snapshot(&reopen, |source| write_all(source, &mut target, progress))?;
    // Another snapshot: what was written to the source since the first one shows.
    let copied = source.snapshot(&reopen, |source| verify_all(source, &mut target, progress))?;
    check_unused(&mut source, "source", now)?;
    Ok(Copied { written, ..copied })
}

/// Lifts the limits that keep logins from waiting: nobody waits here.
fn wait_long(db: &mut Db) -> Result<(), StoreError> {
    match db.for_write()? {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(connection) => connection
            .batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")?,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(connection) => connection.batch_execute("SET SESSION wait_timeout = 86400")?,
    }
    Ok(())
}

fn check_unused(db: &mut Db, which: &'static str, now: Timestamp) -> Result<(), CopyError> {
    let since = now.minus(replicas::SILENCE);
    if replicas::seen_since(db, since)?.is_empty() { Ok(()) } else { Err(CopyError::InUse(which)) }
}

fn write_all(
    source: &mut Db,
    target: &mut Db,
    progress: &mut dyn FnMut(&Progress),
) -> Result<u64, CopyError> {
    let mut begun = Vec::new();
    // All of the target before any of it is written: foreign data is left as it is.
    for table in TABLES {
        let (last, present) = ((table.last)(target)?, sum(target, table, None, &mut |_| {})?);
        let last = last.map(|row| row[..table.key].to_vec());
        if let Some(last) = &last
            && sum(source, table, Some(last), &mut |_| {})? != present
        {
            return Err(CopyError::OtherData(table.name));
        }
        begun.push((table, last, present.rows));
    }
    audit_blocks::forget_all(target)?;
    let mut written = 0;
    for (table, mut last, mut rows) in begun {
        loop {
            let page = (table.page)(source, last.as_deref())?;
            let Some(end) = page.last() else { break };
            target.begin()?;
            insert(target, table, &page)?;
            target.commit()?;
            last = Some(end[..table.key].to_vec());
            rows += page.len() as u64;
            written += page.len() as u64;
            progress(&Progress::Copied(table.name, rows));
        }
    }
    Ok(written)
}

fn verify_all(
    source: &mut Db,
    target: &mut Db,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Copied, CopyError> {
    let (mut rows, mut all) = (0, Sha256::new());
    for table in TABLES {
        let there = sum(source, table, None, &mut |_| {})?;
        let here = sum(target, table, None, &mut |rows| progress(&Progress::Verified(table.name, rows)))?;
        if here != there {
            return Err(CopyError::Differs(table.name));
        }
        rows += here.rows;
        all.update(here.digest);
    }
    Ok(Copied { written: 0, rows, digest: all.finalize().into() })
}

/// Rows and digest of a table, up to and including the row of key `until`.
fn sum(
    db: &mut Db,
    table: &Access,
    until: Option<&[Value]>,
    progress: &mut dyn FnMut(u64),
) -> Result<Sum, StoreError> {
    let (mut rows, mut digest, mut last) = (0, Sha256::new(), None::<Vec<Value>>);
    'table: loop {
        let page = (table.page)(db, last.as_deref())?;
        let Some(end) = page.last() else { break };
        last = Some(end[..table.key].to_vec());
        for row in &page {
            if until.is_some_and(|until| is_after(&row[..table.key], until)) {
                break 'table;
            }
            row.iter().for_each(|value| value.digest(&mut digest));
            rows += 1;
        }
        progress(rows);
    }
    Ok(Sum { rows, digest: digest.finalize().into() })
}

/// Whether a key comes after another one. All are bytes.
fn is_after(key: &[Value], other: &[Value]) -> bool {
    fn bytes(value: &Value) -> Option<&[u8]> {
        match value {
            Value::Blob(bytes) => bytes.as_deref(),
            Value::Text(_) | Value::Int(_) | Value::Small(_) | Value::Bool(_) => None,
        }
    }
    key.iter().map(bytes).gt(other.iter().map(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        table: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Integer)]
        key: i32,
    }

    #[test]
    fn every_table_and_column_is_copied() {
        let mut db = Db::open("sqlite::memory:").unwrap();
        db.migrate().unwrap();
        let columns: Vec<Column> = diesel::sql_query(
            "SELECT m.name AS \"table\", c.name AS name, c.type AS kind, c.pk AS \"key\" FROM sqlite_master m, \
             pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
             AND m.name NOT IN ('__diesel_schema_migrations', 'replicas', 'audit_blocks') ORDER BY m.name, c.cid",
        )
        .load(db.for_read().unwrap())
        .unwrap();
        let kind = |name: &str| match name {
            "BLOB" => Kind::Blob,
            "TEXT" => Kind::Text,
            "BIGINT" => Kind::Int,
            "INTEGER" => Kind::Small,
            "BOOLEAN" => Kind::Bool,
            other => panic!("a type that is not copied: {other}"),
        };
        let there: Vec<_> =
            columns.iter().map(|c| (c.table.as_str(), c.name.as_str(), kind(&c.kind), c.key > 0)).collect();
        let mut here: Vec<_> = TABLES.iter().collect();
        here.sort_by_key(|table| table.name);
        let of = |table: &&Access| {
            let table = **table;
            table
                .columns
                .iter()
                .enumerate()
                .map(move |(i, (name, kind))| (table.name, *name, *kind, i < table.key))
        };
        assert_eq!(here.iter().flat_map(of).collect::<Vec<_>>(), there);
    }

    #[test]
    fn rows_that_differ_in_any_value_or_in_where_a_value_ends_have_other_digests() {
        let blob = |bytes: &[u8]| Value::Blob(Some(bytes.to_vec()));
        let rows = [
            vec![blob(b"ab"), blob(b"c")],
            vec![blob(b"a"), blob(b"bc")],
            vec![blob(b""), blob(b"abc")],
            vec![Value::Blob(None), blob(b"abc")],
            vec![Value::Text(None), Value::Int(Some(0))],
            vec![Value::Text(None), Value::Int(None)],
            vec![Value::Text(Some(String::new())), Value::Int(None)],
            vec![Value::Bool(Some(true)), Value::Small(Some(1))],
            vec![Value::Bool(Some(false)), Value::Small(Some(1))],
        ];
        let digests: std::collections::HashSet<[u8; 32]> = rows
            .iter()
            .map(|row| {
                let mut digest = Sha256::new();
                row.iter().for_each(|value| value.digest(&mut digest));
                digest.finalize().into()
            })
            .collect();
        assert_eq!(digests.len(), rows.len());
    }
}
