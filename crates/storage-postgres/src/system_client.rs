//! System clients.

use jiff::Timestamp;
use storage::SystemClient;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    column::{harmless, id, json, optional_time, text, time, to_json, to_word, word},
    connection::Connection,
    failure::Failure,
};

pub(crate) async fn save(connection: &Connection, client: &SystemClient) -> Result<(), Failure> {
    connection
        .execute(
            "INSERT INTO system_clients (id, name, scopes, secrets, sha_secret, status, created_by,
               created_at, last_used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,
               secrets = excluded.secrets, sha_secret = excluded.sha_secret,
               status = excluded.status, created_by = excluded.created_by,
               created_at = excluded.created_at, last_used_at = excluded.last_used_at",
            &[
                &client.id,
                &harmless(&client.name),
                &to_json(&client.scopes)?,
                &to_json(&client.secrets)?,
                &harmless(&client.sha_secret),
                &to_word(client.status)?,
                &harmless(&client.created_by),
                &client.created_at.as_millisecond(),
                &client.last_used_at.map(Timestamp::as_millisecond),
            ],
        )
        .await?;
    Ok(())
}

pub(crate) async fn load(
    connection: &Connection,
    id: Uuid,
) -> Result<Option<SystemClient>, Failure> {
    let sql = "SELECT * FROM system_clients WHERE id = $1";
    let row = connection.optional(sql, &[&id]).await?;
    row.as_ref().map(client).transpose()
}

/// Locked, so that of two changes the later one sees the earlier.
pub(crate) async fn load_locked(
    connection: &Connection,
    id: Uuid,
) -> Result<Option<SystemClient>, Failure> {
    let sql = "SELECT * FROM system_clients WHERE id = $1 FOR UPDATE";
    let row = connection.optional(sql, &[&id]).await?;
    row.as_ref().map(client).transpose()
}

pub(crate) async fn all(connection: &Connection) -> Result<Vec<SystemClient>, Failure> {
    let sql = "SELECT * FROM system_clients ORDER BY created_at DESC, id DESC";
    let rows = connection.rows(sql, &[]).await?;
    rows.iter().map(client).collect()
}

fn client(row: &Row) -> Result<SystemClient, Failure> {
    Ok(SystemClient {
        id: id(row, "id")?,
        name: text(row, "name")?,
        scopes: json(row, "scopes", "a system client's scopes")?,
        secrets: json(row, "secrets", "a system client's secrets")?,
        sha_secret: text(row, "sha_secret")?,
        status: word(row, "status", "a system client's status")?,
        created_by: text(row, "created_by")?,
        created_at: time(row, "created_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}
