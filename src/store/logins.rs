//! Logins, by the digest of the id that the host holds.

use super::connection::directly;
use super::policies::StoredPolicy;
use super::schema::logins::dsl;
use super::schema::users as users_table;
use super::set_statement::Row as Noted;
use super::statement::{Bind, Fixed, statement};
use super::users::{self, User};
use super::{Db, StoreError, Swept, digest_from, id_from, limit, parsed, time_from};
use crate::domain::factor::{Factor, Method};
use crate::domain::id::Id;
use crate::domain::login::{LoginState, LoginStatus, Purpose, Reason};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::collections::HashMap;
use std::net::IpAddr;

/// A login.
#[derive(Debug, Clone)]
pub struct Login {
    /// Its name here.
    pub digest: TokenDigest,
    /// The site.
    pub site: Id,
    /// Our id of the user.
    pub user: Id,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: LoginState,
    /// Why it passed without a factor.
    pub reason: Option<Reason>,
    /// The policy's methods when it began.
    pub policy_methods: Vec<Method>,
    /// When it began.
    pub created_at: Timestamp,
    /// When the grace period that passed it ends.
    pub grace_ends_at: Option<Timestamp>,
    /// The person's address, as the host says.
    pub client_ip: Option<IpAddr>,
    /// What passed it, or what it has proven so far.
    pub factor: Option<Factor>,
    /// Whether it was passed by enrolling.
    pub enrolled_now: bool,
    /// The authenticator being enrolled, sealed.
    pub pending_state: Option<Vec<u8>>,
    /// The code that was sent for it, sealed.
    pub sent_code: Option<Vec<u8>>,
    /// For how long a browser may be trusted, as the policy was when it began; 0: not at all.
    pub trusted_device_days: u16,
    /// The policy's trust generation when it began.
    pub trust_generation: i64,
    /// The name of the authenticator being added in an open session.
    pub authenticator_name: Option<String>,
    /// What the person's browser is called, where it may be trusted.
    pub browser: Option<String>,
    /// Whether the policy, when it began, wanted weak secrets replaced.
    pub replaces_weak: bool,
}

impl Login {
    /// A login that begins now under this policy, with nothing proven, pending or sent.
    pub fn begun(
        digest: TokenDigest,
        user: &User,
        purpose: Purpose,
        state: LoginState,
        stored: &StoredPolicy,
        now: Timestamp,
    ) -> Self {
        Self {
            digest,
            site: user.site,
            user: user.id,
            purpose,
            state,
            reason: None,
            policy_methods: stored.policy.methods.clone(),
            created_at: now,
            grace_ends_at: None,
            client_ip: None,
            factor: None,
            enrolled_now: false,
            pending_state: None,
            sent_code: None,
            trusted_device_days: 0,
            trust_generation: stored.trust_generation,
            authenticator_name: None,
            browser: None,
            replaces_weak: stored.policy.replace_weak_secrets,
        }
    }
}

type Row = (
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    Option<String>,
    i32,
    i64,
    String,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
    bool,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    bool,
    i32,
    i64,
    Option<String>,
    Option<String>,
    bool,
);

const TABLE: &str = "logins";

fn decode_methods(text: &str) -> Result<Vec<Method>, StoreError> {
    text.split(',').map(|name| Method::parse(name).ok_or(StoreError::Corrupt(TABLE))).collect()
}

fn encode_methods(methods: &[Method]) -> String {
    methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(",")
}

fn login(row: Row) -> Result<Login, StoreError> {
    let (
        digest,
        site,
        user,
        purpose,
        status,
        reason,
        wrong_answers,
        epoch,
        policy_methods,
        created_at,
        expires_at,
        ended_at,
        grace_ends_at,
        client_ip,
        factor,
        enrolled_now,
        pending_state,
        sent_code,
        extended,
        trusted_device_days,
        trust_generation,
        authenticator_name,
        browser,
        replaces_weak,
    ) = row;
    Ok(Login {
        digest: TokenDigest(digest_from(&digest, TABLE)?),
        site: id_from(&site, TABLE)?,
        user: id_from(&user, TABLE)?,
        purpose: Purpose::parse(&purpose).ok_or(StoreError::Corrupt(TABLE))?,
        state: LoginState {
            status: LoginStatus::parse(&status).ok_or(StoreError::Corrupt(TABLE))?,
            wrong_answers,
            epoch,
            expires_at: Timestamp(expires_at),
            extended,
            ended_at: time_from(ended_at),
        },
        reason: parsed(reason.as_deref(), Reason::parse, TABLE)?,
        policy_methods: decode_methods(&policy_methods)?,
        created_at: Timestamp(created_at),
        grace_ends_at: time_from(grace_ends_at),
        client_ip: parsed(client_ip.as_deref(), |ip| ip.parse().ok(), TABLE)?,
        factor: parsed(factor.as_deref(), Factor::parse, TABLE)?,
        enrolled_now,
        pending_state,
        sent_code,
        trusted_device_days: u16::try_from(trusted_device_days).map_err(|_| StoreError::Corrupt(TABLE))?,
        trust_generation,
        authenticator_name,
        browser,
        replaces_weak,
    })
}

/// The login of that digest in that site; an enrolment in an open session is none.
pub fn find(db: &mut Db, site: Id, digest: &TokenDigest) -> Result<Option<Login>, StoreError> {
    Ok(get(db, digest)?.filter(|login| is_of(login, site)))
}

fn is_of(login: &Login, site: Id) -> bool {
    login.site == site && login.purpose.is_login()
}

/// The login of that digest in that site with its user, whom no other transaction writes about until this one ends.
pub fn lock(db: &mut Db, site: Id, digest: &TokenDigest) -> Result<Option<(Login, User)>, StoreError> {
    if let Some((login, user)) = db.ahead().take_login(digest) {
        return Ok(Some((login, user)).filter(|(login, _)| is_of(login, site)));
    }
    if !db.is_shared() {
        // SQLite has one writer, so that both can be read in one statement.
        return Ok(with_user(db, digest)?.filter(|(login, _)| is_of(login, site)));
    }
    let Some(login) = find(db, site, digest)? else { return Ok(None) };
    let user = users::lock(db, login.user)?;
    // Another process may have moved the login while this one waited for its user.
    Ok(find(db, site, digest)?.map(|login| (login, user)))
}

fn with_user(db: &mut Db, digest: &TokenDigest) -> Result<Option<(Login, User)>, StoreError> {
    let query = dsl::logins.inner_join(users_table::table).filter(dsl::id.eq(&digest.0[..]));
    let row =
        directly!(db, connection => Fixed(query).get_result::<(Row, users::Row)>(connection)).optional()?;
    row.map(|(row, user)| Ok((login(row)?, users::user(user)?))).transpose()
}

/// Our ids of the users of these logins.
pub(super) fn users_of(db: &mut Db, digests: &[TokenDigest]) -> Result<Vec<Id>, StoreError> {
    let ids: Vec<&[u8]> = digests.iter().map(|digest| &digest.0[..]).collect();
    let query = dsl::logins.filter(dsl::id.eq_any(ids)).select(dsl::user_id);
    let rows = directly!(db, connection => query.load::<Vec<u8>>(connection))?;
    rows.iter().map(|id| id_from(id, TABLE)).collect()
}

/// The logins of these digests.
pub(super) fn find_all(db: &mut Db, digests: &[TokenDigest]) -> Result<Vec<Login>, StoreError> {
    let ids: Vec<&[u8]> = digests.iter().map(|digest| &digest.0[..]).collect();
    let query = dsl::logins.filter(dsl::id.eq_any(ids));
    let rows = directly!(db, connection => query.load::<Row>(connection))?;
    rows.into_iter().map(login).collect()
}

/// The enrolment of that digest that this user has begun in an open session.
pub fn find_enrollment(db: &mut Db, user: Id, digest: &TokenDigest) -> Result<Option<Login>, StoreError> {
    Ok(get(db, digest)?.filter(|login| login.user == user && !login.purpose.is_login()))
}

fn get(db: &mut Db, digest: &TokenDigest) -> Result<Option<Login>, StoreError> {
    let query = dsl::logins.filter(dsl::id.eq(&digest.0[..]));
    let row = directly!(db, connection => query.get_result::<Row>(connection)).optional()?;
    row.map(login).transpose()
}

/// What an answer, a confirmation or a cancellation can change.
fn note_state(row: Noted, login: &Login) -> Noted {
    row.text("status", login.state.status.as_str())
        .int("wrong_answers", login.state.wrong_answers)
        .int("expires_at", login.state.expires_at.0)
        .maybe_int("ended_at", login.state.ended_at.map(|at| at.0))
        .maybe_text("factor", login.factor.map(Factor::as_str))
        .bool("enrolled_now", login.enrolled_now)
        .maybe_blob("pending_state", login.pending_state.as_deref())
        .maybe_blob("sent_code", login.sent_code.as_deref())
        .bool("extended", login.state.extended)
}

/// Adds a login.
pub fn insert(db: &mut Db, new: &Login) -> Result<(), StoreError> {
    let ip = new.client_ip.map(|ip| ip.to_string());
    if let Some(behind) = db.behind() {
        let row = Noted::default()
            .blob("id", &new.digest.0)
            .blob("site_id", &new.site.0)
            .blob("user_id", &new.user.0)
            .text("purpose", new.purpose.as_str())
            .maybe_text("reason", new.reason.map(Reason::as_str))
            .int("epoch", new.state.epoch)
            .text("policy_methods", encode_methods(&new.policy_methods))
            .int("created_at", new.created_at.0)
            .maybe_int("grace_ends_at", new.grace_ends_at.map(|at| at.0))
            .maybe_text("client_ip", ip)
            .int("trusted_device_days", new.trusted_device_days)
            .int("trust_generation", new.trust_generation)
            .maybe_text("authenticator_name", new.authenticator_name.as_deref())
            .maybe_text("browser", new.browser.as_deref())
            .bool("replaces_weak", new.replaces_weak);
        behind.begin(note_state(row, new));
        return Ok(());
    }
    let row = statement!(
        "INSERT INTO logins (id, site_id, user_id, purpose, status, reason, wrong_answers, epoch, \
              policy_methods, created_at, expires_at, ended_at, grace_ends_at, client_ip, factor, enrolled_now, \
              pending_state, sent_code, extended, trusted_device_days, trust_generation, authenticator_name, browser, replaces_weak) \
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &[
            Bind::Blob(&new.digest.0),
            Bind::Blob(&new.site.0),
            Bind::Blob(&new.user.0),
            Bind::Text(new.purpose.as_str()),
            Bind::Text(new.state.status.as_str()),
            Bind::MaybeText(new.reason.map(Reason::as_str)),
            Bind::Small(new.state.wrong_answers),
            Bind::Int(new.state.epoch),
            Bind::Text(&encode_methods(&new.policy_methods)),
            Bind::Int(new.created_at.0),
            Bind::Int(new.state.expires_at.0),
            Bind::MaybeInt(new.state.ended_at.map(|at| at.0)),
            Bind::MaybeInt(new.grace_ends_at.map(|at| at.0)),
            Bind::MaybeText(ip.as_deref()),
            Bind::MaybeText(new.factor.map(Factor::as_str)),
            Bind::Bool(new.enrolled_now),
            Bind::MaybeBlob(new.pending_state.as_deref()),
            Bind::MaybeBlob(new.sent_code.as_deref()),
            Bind::Bool(new.state.extended),
            Bind::Small(i32::from(new.trusted_device_days)),
            Bind::Int(new.trust_generation),
            Bind::MaybeText(new.authenticator_name.as_deref()),
            Bind::MaybeText(new.browser.as_deref()),
            Bind::Bool(new.replaces_weak),
        ]
    );
    row.run(db)?;
    Ok(())
}

/// Writes back what an answer, a confirmation or a cancellation changed, if the login still is in the status that the
/// caller saw: the one conditional write that passes a login. False if it is not.
pub fn advance(db: &mut Db, from: LoginStatus, to: &Login) -> Result<bool, StoreError> {
    if let Some(behind) = db.behind() {
        let row = Noted::default().blob("id", &to.digest.0).text("seen", from.as_str());
        behind.advance(note_state(row, to));
        return Ok(true);
    }
    let changed = statement!(
        "UPDATE logins SET status = ?, wrong_answers = ?, expires_at = ?, ended_at = ?, factor = ?, \
              enrolled_now = ?, pending_state = ?, sent_code = ?, extended = ? WHERE id = ? AND status = ?",
        &[
            Bind::Text(to.state.status.as_str()),
            Bind::Small(to.state.wrong_answers),
            Bind::Int(to.state.expires_at.0),
            Bind::MaybeInt(to.state.ended_at.map(|at| at.0)),
            Bind::MaybeText(to.factor.map(Factor::as_str)),
            Bind::Bool(to.enrolled_now),
            Bind::MaybeBlob(to.pending_state.as_deref()),
            Bind::MaybeBlob(to.sent_code.as_deref()),
            Bind::Bool(to.state.extended),
            Bind::Blob(&to.digest.0),
            Bind::Text(from.as_str()),
        ]
    );
    Ok(changed.run(db)? == 1)
}

/// How many logins of a user are pending that began after `since`; in a batch, after the earliest `since` of its items.
pub fn count_pending(db: &mut Db, user: Id, since: Timestamp) -> Result<i64, StoreError> {
    if let Some(pending) = db.ahead().take_pending(user) {
        return Ok(pending);
    }
    let pending = dsl::logins
        .filter(dsl::user_id.eq(&user.0[..]))
        .filter(dsl::ended_at.is_null())
        .filter(dsl::created_at.gt(since.0));
    Ok(directly!(db, connection => Fixed(pending.count()).get_result(connection))?)
}

/// How many logins of each of several users are pending that began after `since`; who has none is left out.
pub(super) fn count_pending_of(
    db: &mut Db,
    users: &[Id],
    since: Timestamp,
) -> Result<HashMap<Id, i64>, StoreError> {
    let ids: Vec<&[u8]> = users.iter().map(|id| &id.0[..]).collect();
    let query = dsl::logins
        .filter(dsl::user_id.eq_any(ids))
        .filter(dsl::ended_at.is_null())
        .filter(dsl::created_at.gt(since.0))
        .group_by(dsl::user_id)
        .select((dsl::user_id, diesel::dsl::count_star()));
    let rows = directly!(db, connection => query.load::<(Vec<u8>, i64)>(connection))?;
    rows.iter().map(|(id, count)| Ok((id_from(id, TABLE)?, *count))).collect()
}

/// The pending logins of a user beyond the newest `keep` that began after `since`: newest first.
pub fn surplus(db: &mut Db, user: Id, since: Timestamp, keep: i64) -> Result<Vec<Login>, StoreError> {
    let rows = dsl::logins
        .filter(dsl::user_id.eq(&user.0[..]))
        .filter(dsl::ended_at.is_null())
        .filter(dsl::created_at.gt(since.0))
        .order(dsl::created_at.desc())
        .offset(keep)
        .limit(16)
        .load::<Row>(db.for_read()?)?;
    rows.into_iter().map(login).collect()
}

/// Wipes the pending secrets of a user's logins, and the codes that were sent for them.
pub fn wipe_pending(db: &mut Db, user: Id) -> Result<(), StoreError> {
    let pending = dsl::logins.filter(dsl::user_id.eq(&user.0[..])).filter(dsl::ended_at.is_null());
    let nothing = (dsl::pending_state.eq(None::<Vec<u8>>), dsl::sent_code.eq(None::<Vec<u8>>));
    diesel::update(pending).set(nothing).execute(db.for_write()?)?;
    Ok(())
}

/// Ends the pending logins of a user, but for this one.
pub fn cancel_others(db: &mut Db, user: Id, but: &TokenDigest, now: Timestamp) -> Result<(), StoreError> {
    let others = dsl::logins
        .filter(dsl::user_id.eq(&user.0[..]))
        .filter(dsl::ended_at.is_null())
        .filter(dsl::id.ne(&but.0[..]));
    let canceled = (
        dsl::status.eq(LoginStatus::Canceled.as_str()),
        dsl::ended_at.eq(now.0),
        dsl::pending_state.eq(None::<Vec<u8>>),
        dsl::sent_code.eq(None::<Vec<u8>>),
    );
    diesel::update(others).set(canceled).execute(db.for_write()?)?;
    Ok(())
}

/// Forgets logins that began before `before`, the oldest first.
pub fn sweep(db: &mut Db, before: Timestamp, most: usize) -> Result<Swept, StoreError> {
    let old = dsl::logins
        .filter(dsl::created_at.lt(before.0))
        .order(dsl::created_at)
        .limit(limit(most))
        .select((dsl::id, dsl::created_at))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    let swept = Swept::of(&old);
    if swept.rows > 0 {
        let ids = old.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        diesel::delete(dsl::logins.filter(dsl::id.eq_any(ids))).execute(db.for_write()?)?;
    }
    Ok(swept)
}
