//! Sites: one host installation each.

use super::connection::locking;
use super::schema::sites::dsl;
use super::{Db, StoreError, id_from, name_from};
use crate::domain::id::{Id, SiteName};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// One host installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Ours.
    pub id: Id,
    /// As the command line knows it.
    pub name: SiteName,
    /// As authenticator apps show it.
    pub issuer: String,
    /// When it was added.
    pub created_at: Timestamp,
}

type Row = (Vec<u8>, Vec<u8>, String, i64);

fn site((id, name, issuer, created_at): Row) -> Result<Site, StoreError> {
    Ok(Site {
        id: id_from(&id, "sites")?,
        name: name_from(name, SiteName::parse, "sites")?,
        issuer,
        created_at: Timestamp(created_at),
    })
}

/// The site of that id.
pub fn get(db: &mut Db, id: Id) -> Result<Site, StoreError> {
    site(dsl::sites.filter(dsl::id.eq(&id.0[..])).get_result::<Row>(db.for_read()?)?)
}

/// Holds the site until this transaction ends, for what is counted over all of its users.
pub fn lock(db: &mut Db, id: Id) -> Result<(), StoreError> {
    let query = dsl::sites.filter(dsl::id.eq(&id.0[..])).select(dsl::id);
    locking!(db, connection, query => query.get_result::<Vec<u8>>(connection))?;
    Ok(())
}

/// The site of that name.
pub fn find(db: &mut Db, name: &SiteName) -> Result<Option<Site>, StoreError> {
    let row = dsl::sites
        .filter(dsl::name.eq(name.as_str().as_bytes()))
        .get_result::<Row>(db.for_read()?)
        .optional()?;
    row.map(site).transpose()
}

/// All sites, by name.
pub fn list(db: &mut Db) -> Result<Vec<Site>, StoreError> {
    dsl::sites.order(dsl::name).load::<Row>(db.for_read()?)?.into_iter().map(site).collect()
}

/// Adds a site.
pub fn insert(db: &mut Db, site: &Site) -> Result<(), StoreError> {
    let row = (
        dsl::id.eq(&site.id.0[..]),
        dsl::name.eq(site.name.as_str().as_bytes()),
        dsl::issuer.eq(&site.issuer),
        dsl::created_at.eq(site.created_at.0),
    );
    diesel::insert_into(dsl::sites).values(row).execute(db.for_write()?)?;
    Ok(())
}
