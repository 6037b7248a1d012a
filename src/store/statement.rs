//! Statements for the hot path.
//!
//! # Design
//! diesel prepares an UPDATE and an INSERT anew each time, since their text may differ from call to call. A
//! hand-written [`Statement`] is kept prepared: one that [`statement!`] makes is found again by its type, another one by
//! its text. diesel's own reads are kept as well; those of every login come as [`Fixed`].
//! Everything that is not run at every login stays in diesel's own query language.

use super::connection::{AnyConnection, match_backend};
use super::{Db, StoreError};
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, Integer, Nullable, Text};
use std::marker::PhantomData;

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

/// SQL with `?` for each value, in order. `K` stands for the text.
pub(super) struct Statement<'a, K = Various> {
    pub sql: &'static str,
    pub binds: &'a [Bind<'a>],
    pub known: PhantomData<K>,
}

/// Whether a type stands for one text.
pub(super) trait Known: 'static {
    const IS_ONE: bool = true;
}

/// Stands for no text of its own.
pub(super) enum Various {}

impl Known for Various {
    const IS_ONE: bool = false;
}

/// A [`Statement`] whose text is written there and nowhere else.
macro_rules! statement {
    ($sql:literal, $binds:expr) => {{
        enum This {}
        impl $crate::store::statement::Known for This {}
        let known = std::marker::PhantomData::<This>;
        $crate::store::statement::Statement { sql: $sql, binds: $binds, known }
    }};
}
pub(super) use statement;

impl<'a> Statement<'a> {
    pub fn new(sql: &'static str, binds: &'a [Bind<'a>]) -> Self {
        Self { sql, binds, known: PhantomData }
    }
}

impl<K: Known> Statement<'_, K> {
    /// The number of rows that it changed.
    pub fn run(self, db: &mut Db) -> Result<usize, StoreError> {
        self.run_on(db.for_write()?)
    }

    /// The same on a connection.
    pub fn run_on(self, connection: &mut AnyConnection) -> Result<usize, StoreError> {
        Ok(match_backend!(connection, connection => self.execute(connection))?)
    }
}

impl<DB, K> QueryFragment<DB> for Statement<'_, K>
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

impl<K: Known> QueryId for Statement<'_, K> {
    type QueryId = K;
    const HAS_STATIC_QUERY_ID: bool = K::IS_ONE;
}

impl<C, K> RunQueryDsl<C> for Statement<'_, K> {}

/// A query of diesel's whose text is always the same; another one does not compile. diesel would walk through it once
/// more at each call, to find that out.
pub(super) struct Fixed<Q>(pub Q);

impl<DB: Backend, Q: QueryFragment<DB> + QueryId> QueryFragment<DB> for Fixed<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        const { assert!(Q::HAS_STATIC_QUERY_ID, "the text differs from call to call") };
        Ok(true)
    }
}

impl<Q: QueryId> QueryId for Fixed<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Fixed<Q> {
    type SqlType = Q::SqlType;
}

impl<C, Q> RunQueryDsl<C> for Fixed<Q> {}
