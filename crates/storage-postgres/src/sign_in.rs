//! What signing in needs: challenges, signing keys, revoked tokens.

use jiff::Timestamp;
use storage::{Challenge, SigningKey};
use tokio_postgres::Row;

use crate::{
    column::{get, harmless, id, text, time, to_word, word},
    connection::Connection,
    failure::Failure,
};

/// One statement, and so one transaction. Expired ones go, unless somebody holds them.
pub(crate) async fn save_challenge(
    connection: &Connection,
    challenge: &Challenge,
    now: Timestamp,
) -> Result<(), Failure> {
    connection
        .execute(
            "WITH expired AS (
               DELETE FROM challenges
               WHERE nonce IN (
                 SELECT nonce FROM challenges WHERE expires_at < $8 AND nonce <> $1
                 FOR UPDATE SKIP LOCKED
               )
             )
             INSERT INTO challenges
               (nonce, user_id, purpose, code_hash, failures, stage, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (nonce) DO UPDATE SET user_id = excluded.user_id,
               purpose = excluded.purpose, code_hash = excluded.code_hash,
               failures = excluded.failures, stage = excluded.stage,
               expires_at = excluded.expires_at",
            &[
                &harmless(&challenge.nonce),
                &challenge.user_id,
                &to_word(challenge.purpose)?,
                &challenge.code_hash,
                &i64::from(challenge.failures),
                &harmless(&challenge.stage),
                &challenge.expires_at.as_millisecond(),
                &now.as_millisecond(),
            ],
        )
        .await?;
    Ok(())
}

pub(crate) async fn challenge(
    connection: &Connection,
    nonce: &str,
) -> Result<Option<Challenge>, Failure> {
    let row = connection
        .optional(
            "SELECT * FROM challenges WHERE nonce = $1",
            &[&harmless(nonce)],
        )
        .await?;
    row.as_ref().map(read_challenge).transpose()
}

fn read_challenge(row: &Row) -> Result<Challenge, Failure> {
    Ok(Challenge {
        nonce: text(row, "nonce")?,
        user_id: id(row, "user_id")?,
        purpose: word(row, "purpose", "a challenge's purpose")?,
        code_hash: get(row, "code_hash")?,
        failures: u32::try_from(get::<i64>(row, "failures")?)
            .map_err(|error| Failure::unreadable("a challenge's failures", error))?,
        stage: text(row, "stage")?,
        expires_at: time(row, "expires_at")?,
    })
}

/// Adds a key unless there is one newer than `unless_newer_than`; all keys, newest first. One node
/// at a time, so that nodes that start together agree.
pub(crate) async fn add_key(
    connection: &Connection,
    key: &SigningKey,
    unless_newer_than: Option<Timestamp>,
) -> Result<Vec<SigningKey>, Failure> {
    connection
        .batch("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    let known = unless_newer_than.map_or(i64::MIN, Timestamp::as_millisecond);
    connection
        .execute(
            "INSERT INTO signing_keys (id, private_pem, created_at)
             SELECT $1, $2, $3
             WHERE NOT EXISTS (SELECT FROM signing_keys WHERE created_at > $4)",
            &[
                &key.id,
                &key.private_pem,
                &key.created_at.as_millisecond(),
                &known,
            ],
        )
        .await?;
    keys(connection).await
}

pub(crate) async fn keys(connection: &Connection) -> Result<Vec<SigningKey>, Failure> {
    let rows = connection
        .rows(
            "SELECT * FROM signing_keys ORDER BY created_at DESC, position DESC",
            &[],
        )
        .await?;
    let read = |row| {
        Ok(SigningKey {
            id: get(row, "id")?,
            private_pem: get(row, "private_pem")?,
            created_at: time(row, "created_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Refuses a token; those that have run out meanwhile are forgotten.
pub(crate) async fn revoke(
    connection: &Connection,
    id: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Failure> {
    connection
        .execute(
            "WITH over AS (
               DELETE FROM revoked_tokens
               WHERE id IN (
                 SELECT id FROM revoked_tokens WHERE until < $3 AND id <> $1
                 FOR UPDATE SKIP LOCKED
               )
             )
             INSERT INTO revoked_tokens AS known (id, until) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET until = greatest(known.until, excluded.until)",
            &[
                &harmless(id),
                &until.as_millisecond(),
                &now.as_millisecond(),
            ],
        )
        .await?;
    Ok(())
}
