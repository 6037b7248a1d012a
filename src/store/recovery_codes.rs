//! Recovery codes, as digests: one set a user, spent one by one.

use super::connection::directly;
use super::schema::{recovery_code_sets, recovery_codes};
use super::statement::{Bind, Fixed, statement};
use super::{Db, StoreError, id_from};
use crate::domain::id::Id;
use crate::domain::recovery_code::{HashSetting, RecoveryCodeDigest};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::collections::HashMap;

/// How a user's present set was hashed; `None` without a set.
pub fn setting(db: &mut Db, user: Id) -> Result<Option<HashSetting>, StoreError> {
    use recovery_code_sets::dsl;
    let text = dsl::recovery_code_sets
        .filter(dsl::user_id.eq(&user.0[..]))
        .select(dsl::setting)
        .get_result::<String>(db.for_read()?)
        .optional()?;
    text.map(|text| HashSetting::parse(&text).ok_or(StoreError::Corrupt("recovery_code_sets"))).transpose()
}

/// How many codes of a user are unspent.
pub fn remaining(db: &mut Db, user: Id) -> Result<i64, StoreError> {
    if let Some(remaining) = db.ahead().take_recovery_codes(user) {
        return Ok(remaining);
    }
    use recovery_codes::dsl;
    let unspent = dsl::recovery_codes.filter(dsl::user_id.eq(&user.0[..])).filter(dsl::used_at.is_null());
    Ok(directly!(db, connection => Fixed(unspent.count()).get_result(connection))?)
}

/// How many codes of each of several users are unspent; a user without any is left out.
pub fn remaining_of(db: &mut Db, users: &[Id]) -> Result<HashMap<Id, i64>, StoreError> {
    use recovery_codes::dsl;
    let ids: Vec<&[u8]> = users.iter().map(|id| &id.0[..]).collect();
    let counts = dsl::recovery_codes
        .filter(dsl::user_id.eq_any(ids))
        .filter(dsl::used_at.is_null())
        .group_by(dsl::user_id)
        .select((dsl::user_id, diesel::dsl::count_star()))
        .load::<(Vec<u8>, i64)>(db.for_read()?)?;
    counts.into_iter().map(|(id, count)| Ok((id_from(&id, "recovery_codes")?, count))).collect()
}

/// Replaces a user's set.
pub fn replace(
    db: &mut Db,
    user: Id,
    setting: &HashSetting,
    digests: &[RecoveryCodeDigest],
    now: Timestamp,
) -> Result<(), StoreError> {
    remove(db, user)?;
    {
        use recovery_code_sets::dsl;
        let row =
            (dsl::user_id.eq(&user.0[..]), dsl::setting.eq(setting.to_string()), dsl::created_at.eq(now.0));
        diesel::insert_into(dsl::recovery_code_sets).values(row).execute(db.for_write()?)?;
    }
    for digest in digests {
        let code = statement!(
            "INSERT INTO recovery_codes (user_id, digest) VALUES (?, ?)",
            &[Bind::Blob(&user.0), Bind::Blob(&digest.0)]
        );
        code.run(db)?;
    }
    Ok(())
}

/// Spends a code: the one conditional write. False if there is no such code or it was spent before.
pub fn spend(db: &mut Db, user: Id, digest: &RecoveryCodeDigest, now: Timestamp) -> Result<bool, StoreError> {
    let spent = statement!(
        "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND digest = ? AND used_at IS NULL",
        &[Bind::Int(now.0), Bind::Blob(&user.0), Bind::Blob(&digest.0)]
    );
    Ok(spent.run(db)? == 1)
}

/// Removes a user's set.
pub fn remove(db: &mut Db, user: Id) -> Result<(), StoreError> {
    use recovery_code_sets::dsl as sets;
    use recovery_codes::dsl as codes;
    diesel::delete(codes::recovery_codes.filter(codes::user_id.eq(&user.0[..]))).execute(db.for_write()?)?;
    diesel::delete(sets::recovery_code_sets.filter(sets::user_id.eq(&user.0[..])))
        .execute(db.for_write()?)?;
    Ok(())
}
