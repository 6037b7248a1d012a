//! The tables as diesel sees them; `migrations/` says what each column is for.
#![allow(missing_docs)]

diesel::table! {
    master_keys (id) { id -> Binary, sealed -> Binary, created_at -> BigInt, }
}

diesel::table! {
    sites (id) { id -> Binary, name -> Binary, issuer -> Text, created_at -> BigInt, }
}

diesel::table! {
    policies (site_id) {
        site_id -> Binary,
        document -> Text,
        version -> BigInt,
        updated_at -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Binary,
        site_id -> Binary,
        name -> Text,
        digest -> Binary,
        roles -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    users (id) {
        id -> Binary,
        site_id -> Binary,
        user_id -> Binary,
        name -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        roles -> Nullable<Text>,
        credential_version -> Nullable<Binary>,
        epoch -> BigInt,
        failures -> Integer,
        locks -> Integer,
        locked_until -> Nullable<BigInt>,
        first_seen_at -> BigInt,
        grace_began_at -> Nullable<BigInt>,
        preferred_method -> Nullable<Text>,
        enrolled -> Bool,
        deleted -> Bool,
        locale -> Nullable<Text>,
    }
}

diesel::table! {
    authenticators (id) {
        id -> Binary,
        user_id -> Binary,
        method -> Text,
        name -> Text,
        state -> Binary,
        marker -> BigInt,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        weak -> Bool,
    }
}

diesel::table! {
    recovery_code_sets (user_id) { user_id -> Binary, setting -> Text, created_at -> BigInt, }
}

diesel::table! {
    recovery_codes (user_id, digest) { user_id -> Binary, digest -> Binary, used_at -> Nullable<BigInt>, }
}

diesel::table! {
    logins (id) {
        id -> Binary,
        site_id -> Binary,
        user_id -> Binary,
        purpose -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        wrong_answers -> Integer,
        epoch -> BigInt,
        policy_methods -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        grace_ends_at -> Nullable<BigInt>,
        client_ip -> Nullable<Text>,
        factor -> Nullable<Text>,
        enrolled_now -> Bool,
        pending_state -> Nullable<Binary>,
        sent_code -> Nullable<Binary>,
        extended -> Bool,
        trusted_device_days -> Integer,
        trust_generation -> BigInt,
        authenticator_name -> Nullable<Text>,
        browser -> Nullable<Text>,
        replaces_weak -> Bool,
    }
}

diesel::table! {
    trusted_devices (id) {
        id -> Binary,
        user_id -> Binary,
        family -> Binary,
        secret -> Binary,
        previous -> Nullable<Binary>,
        rotated_at -> BigInt,
        epoch -> BigInt,
        generation -> BigInt,
        name -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        expires_at -> BigInt,
    }
}

diesel::table! {
    one_time_passes (user_id) {
        user_id -> Binary,
        digest -> Binary,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Binary,
        site_id -> Binary,
        user_id -> Binary,
        method -> Text,
        destination -> Binary,
        sent_at -> BigInt,
        state -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> Binary,
        user_id -> Binary,
        sealed -> Binary,
        created_at -> BigInt,
        attempts -> Integer,
        next_attempt_at -> BigInt,
    }
}

diesel::table! {
    audit_events (site_id, id) {
        site_id -> Binary,
        id -> Binary,
        at -> BigInt,
        action -> Text,
        user_id -> Nullable<Binary>,
        actor -> Text,
        actor_key -> Nullable<Binary>,
        claimed_actor -> Nullable<Text>,
        method -> Nullable<Text>,
        cause -> Nullable<Text>,
        number -> Nullable<BigInt>,
        client_ip -> Nullable<Text>,
    }
}

diesel::table! {
    audit_blocks (site_id, last_id) { site_id -> Binary, last_id -> Binary, first_id -> Binary, users -> Binary, }
}

diesel::table! {
    replicas (id) { id -> Binary, key_ids -> Binary, seen_at -> BigInt, }
}

diesel::joinable!(logins -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(users, authenticators, recovery_codes, logins);
