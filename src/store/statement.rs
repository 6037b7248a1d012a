//! Hand-written statements for the hot path.
//!
//! # Design
//! diesel prepares an UPDATE and an INSERT anew each time, since their text may differ from call to call. A
//! [`Statement`]'s text never does, so diesel keeps it prepared: 1 µs instead of 4.5 µs on SQLite. Everything that is
//! not run at every login stays in diesel's own query language.

use super::connection::{AnyConnection, match_backend};
use super::{Db, StoreError};
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, Integer, Nullable, Text};

/// A value for a `?`.
pub(super) enum Bind<'a> {
    Blob(&'a [u8]),
    MaybeBlob(Option<&'a [u8]>),
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Int(i64),
    MaybeInt(Option<i64>),
    Small(i32),
    Bool(bool),
}

/// SQL with `?` for each value, in order.
pub(super) struct Statement<'a> {
    pub sql: &'static str,
    pub binds: &'a [Bind<'a>],
}

impl Statement<'_> {
    /// The number of rows that it changed.
    pub fn run(self, db: &mut Db) -> Result<usize, StoreError> {
        self.run_on(db.for_write()?)
    }

    /// The same on a connection.
    pub fn run_on(self, connection: &mut AnyConnection) -> Result<usize, StoreError> {
        Ok(match_backend!(connection, connection => self.execute(connection))?)
    }
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend
        + HasSqlType<Binary>
        + HasSqlType<Text>
        + HasSqlType<BigInt>
        + HasSqlType<Integer>
        + HasSqlType<Bool>,
    [u8]: ToSql<Binary, DB>,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    i32: ToSql<Integer, DB>,
    bool: ToSql<Bool, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut binds = self.binds.iter();
        for (i, part) in self.sql.split('?').enumerate() {
            if i > 0 {
                match binds.next() {
                    Some(Bind::Blob(v)) => out.push_bind_param::<Binary, [u8]>(v)?,
                    Some(Bind::MaybeBlob(v)) => out.push_bind_param::<Nullable<Binary>, _>(v)?,
                    Some(Bind::Text(v)) => out.push_bind_param::<Text, str>(v)?,
                    Some(Bind::MaybeText(v)) => out.push_bind_param::<Nullable<Text>, _>(v)?,
                    Some(Bind::Int(v)) => out.push_bind_param::<BigInt, _>(v)?,
                    Some(Bind::MaybeInt(v)) => out.push_bind_param::<Nullable<BigInt>, _>(v)?,
                    Some(Bind::Small(v)) => out.push_bind_param::<Integer, _>(v)?,
                    Some(Bind::Bool(v)) => out.push_bind_param::<Bool, _>(v)?,
                    None => {
                        return Err(diesel::result::Error::QueryBuilderError(
                            "a statement has fewer values than places for them".into(),
                        ));
                    }
                }
            }
            out.push_sql(part);
        }
        Ok(())
    }

    /// diesel would walk through it once more at each call, to find that out.
    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}
