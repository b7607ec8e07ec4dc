//! System clients.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use storage::SystemClient;
use uuid::Uuid;

use crate::{
    column::{id, json, optional_time, time, to_json, to_word, word},
    failure::Failure,
};

pub(crate) fn save(connection: &Connection, client: &SystemClient) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO system_clients (id, name, scopes, secrets, sha_secret, status, created_by,
               created_at, last_used_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,
               secrets = excluded.secrets, sha_secret = excluded.sha_secret,
               status = excluded.status, created_by = excluded.created_by,
               created_at = excluded.created_at, last_used_at = excluded.last_used_at",
        )?
        .execute(params![
            client.id.as_bytes(),
            client.name,
            to_json(&client.scopes)?,
            to_json(&client.secrets)?,
            client.sha_secret,
            to_word(client.status)?,
            client.created_by,
            client.created_at.as_millisecond(),
            client.last_used_at.map(Timestamp::as_millisecond),
        ])?;
    Ok(())
}

pub(crate) fn load(connection: &Connection, id: Uuid) -> Result<Option<SystemClient>, Failure> {
    let mut select = connection.prepare_cached("SELECT * FROM system_clients WHERE id = ?1")?;
    select
        .query_and_then([id.as_bytes()], client)?
        .next()
        .transpose()
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<SystemClient>, Failure> {
    let mut select = connection
        .prepare_cached("SELECT * FROM system_clients ORDER BY created_at DESC, id DESC")?;
    select.query_and_then([], client)?.collect()
}

fn client(row: &Row<'_>) -> Result<SystemClient, Failure> {
    Ok(SystemClient {
        id: id(row, "id")?,
        name: row.get("name")?,
        scopes: json(row, "scopes", "a system client's scopes")?,
        secrets: json(row, "secrets", "a system client's secrets")?,
        sha_secret: row.get("sha_secret")?,
        status: word(row, "status", "a system client's status")?,
        created_by: row.get("created_by")?,
        created_at: time(row, "created_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}
