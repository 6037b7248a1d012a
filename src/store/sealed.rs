//! Every place where something is sealed: read page by page, and replaced, when the master key changes.

use super::statement::{Bind, Statement};
use super::{Db, StoreError, id_from};
use crate::domain::id::Id;
use diesel::prelude::*;
use std::collections::HashMap;

/// What is sealed. The known texts of `master_keys` are not among these: each belongs to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A confirmed authenticator's state.
    Authenticator,
    /// The authenticator that is being enrolled in a login.
    Pending,
    /// The code that was sent for a login.
    SentCode,
    /// A notice that waits to be sent.
    Notice,
}

/// A row that may hold something sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The row's id.
    pub id: Vec<u8>,
    /// Our id of its user.
    pub user: Id,
    /// What is sealed there, if anything is.
    pub blob: Option<Vec<u8>>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Authenticator, Self::Pending, Self::SentCode, Self::Notice];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authenticator => "authenticators",
            Self::Pending => "enrolments under way",
            Self::SentCode => "codes that were sent",
            Self::Notice => "notices that wait",
        }
    }
}

type Row = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// The rows of a kind after the one of id `after`, in the order of their ids; at most `limit`. Also those with nothing
/// sealed, so that a page is found without a search of unknown length.
pub fn page(db: &mut Db, kind: Kind, after: &[u8], limit: i64) -> Result<Vec<Sealed>, StoreError> {
    use super::schema::{authenticators, logins, outbox};
    let rows: Vec<Row> = match kind {
        Kind::Authenticator => authenticators::table
            .filter(authenticators::id.gt(after))
            .order(authenticators::id)
            .limit(limit)
            .select((authenticators::id, authenticators::user_id, authenticators::state.nullable()))
            .load(db.for_read()?)?,
        Kind::Pending => logins::table
            .filter(logins::id.gt(after))
            .order(logins::id)
            .limit(limit)
            .select((logins::id, logins::user_id, logins::pending_state))
            .load(db.for_read()?)?,
        Kind::SentCode => logins::table
            .filter(logins::id.gt(after))
            .order(logins::id)
            .limit(limit)
            .select((logins::id, logins::user_id, logins::sent_code))
            .load(db.for_read()?)?,
        Kind::Notice => outbox::table
            .filter(outbox::id.gt(after))
            .order(outbox::id)
            .limit(limit)
            .select((outbox::id, outbox::user_id, outbox::sealed.nullable()))
            .load(db.for_read()?)?,
    };
    rows.into_iter().map(|(id, user, blob)| Ok(Sealed { id, user: id_from(&user, "users")?, blob })).collect()
}

/// Site and host's id of users, as bytes: what their blobs are bound to.
pub fn owners(db: &mut Db, users: &[Id]) -> Result<HashMap<Id, (Id, Vec<u8>)>, StoreError> {
    use super::schema::users::dsl;
    let ids: Vec<&[u8]> = users.iter().map(|id| &id.0[..]).collect();
    let rows = dsl::users.filter(dsl::id.eq_any(ids)).select((dsl::id, dsl::site_id, dsl::user_id)).load::<(
        Vec<u8>,
        Vec<u8>,
        Vec<u8>,
    )>(
        db.for_read()?,
    )?;
    rows.into_iter()
        .map(|(id, site, name)| Ok((id_from(&id, "users")?, (id_from(&site, "users")?, name))))
        .collect()
}

/// Puts another blob in the place of `from`: one conditional write. False if something else is there by now.
pub fn replace(db: &mut Db, kind: Kind, id: &[u8], from: &[u8], to: &[u8]) -> Result<bool, StoreError> {
    let sql = match kind {
        Kind::Authenticator => "UPDATE authenticators SET state = ? WHERE id = ? AND state = ?",
        Kind::Pending => "UPDATE logins SET pending_state = ? WHERE id = ? AND pending_state = ?",
        Kind::SentCode => "UPDATE logins SET sent_code = ? WHERE id = ? AND sent_code = ?",
        Kind::Notice => "UPDATE outbox SET sealed = ? WHERE id = ? AND sealed = ?",
    };
    let binds = [Bind::Blob(to), Bind::Blob(id), Bind::Blob(from)];
    Ok(Statement::new(sql, &binds).run(db)? == 1)
}
