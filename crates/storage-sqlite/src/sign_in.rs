//! What signing in needs: challenges, signing keys, revoked tokens.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use storage::{Challenge, SigningKey};

use crate::{
    column::{id, time, to_word, word},
    failure::Failure,
};

pub(crate) fn save_challenge(
    connection: &Connection,
    challenge: &Challenge,
    now: Timestamp,
) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM challenges WHERE expires_at < ?1")?
        .execute([now.as_millisecond()])?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO challenges
               (nonce, user_id, purpose, code_hash, failures, stage, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            challenge.nonce,
            challenge.user_id.as_bytes(),
            to_word(challenge.purpose)?,
            challenge.code_hash,
            challenge.failures,
            challenge.stage,
            challenge.expires_at.as_millisecond(),
        ])?;
    Ok(())
}

pub(crate) fn challenge(
    connection: &Connection,
    nonce: &str,
) -> Result<Option<Challenge>, Failure> {
    let mut select = connection.prepare_cached("SELECT * FROM challenges WHERE nonce = ?1")?;
    let mut found = select.query_and_then([nonce], |row| {
        Ok(Challenge {
            nonce: row.get("nonce")?,
            user_id: id(row, "user_id")?,
            purpose: word(row, "purpose", "a challenge's purpose")?,
            code_hash: row.get("code_hash")?,
            failures: row.get("failures")?,
            stage: row.get("stage")?,
            expires_at: time(row, "expires_at")?,
        })
    })?;
    found.next().transpose()
}

/// Adds a key unless there is one newer than `unless_newer_than`; all keys, newest first.
pub(crate) fn add_key(
    connection: &Connection,
    key: &SigningKey,
    unless_newer_than: Option<Timestamp>,
) -> Result<Vec<SigningKey>, Failure> {
    let known = unless_newer_than.map_or(i64::MIN, Timestamp::as_millisecond);
    connection.execute(
        "INSERT INTO signing_keys (id, private_pem, created_at)
         SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE created_at > ?4)",
        params![
            key.id,
            key.private_pem,
            key.created_at.as_millisecond(),
            known
        ],
    )?;
    keys(connection)
}

pub(crate) fn keys(connection: &Connection) -> Result<Vec<SigningKey>, Failure> {
    let mut select = connection
        .prepare_cached("SELECT * FROM signing_keys ORDER BY created_at DESC, rowid DESC")?;
    let keys = select.query_and_then([], |row| {
        Ok(SigningKey {
            id: row.get("id")?,
            private_pem: row.get("private_pem")?,
            created_at: time(row, "created_at")?,
        })
    })?;
    keys.collect()
}

/// Refuses a token; those that have run out meanwhile are forgotten.
pub(crate) fn revoke(
    connection: &Connection,
    id: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM revoked_tokens WHERE until < ?1")?
        .execute([now.as_millisecond()])?;
    connection
        .prepare_cached(
            "INSERT INTO revoked_tokens (id, until) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET until = max(until, excluded.until)",
        )?
        .execute(params![id, until.as_millisecond()])?;
    Ok(())
}
