//! Writing what a record comes to: its document, flags and search words.

use std::collections::BTreeSet;

use records::EventId;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use storage::{Projection, fold};

use crate::{
    column::{json, to_json},
    failure::Failure,
};

/// Writes a record's projection, new or in place of the one before.
pub(crate) fn save(
    connection: &Connection,
    id: EventId,
    projection: &Projection,
) -> Result<(), Failure> {
    let search_text = fold(&projection.search_text);
    let before: Option<String> = connection
        .prepare_cached("SELECT search_text FROM projections WHERE event_id = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))
        .optional()?;
    connection
        .prepare_cached(
            "INSERT INTO projections (event_id, registration_number, search_text, document)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (event_id) DO UPDATE SET registration_number = excluded.registration_number,
               search_text = excluded.search_text, document = excluded.document",
        )?
        .execute(params![
            id.0.as_bytes(),
            projection.registration_number,
            search_text,
            to_json(&projection.index)?,
        ])?;
    // Most changes leave names and numbers as they were: only what differs is written.
    replace(
        connection,
        id,
        before.as_deref().map(words).unwrap_or_default(),
        words(&search_text),
        "DELETE FROM search_words WHERE word = ?1 AND event_id = ?2",
        "INSERT INTO search_words (word, event_id) VALUES (?1, ?2)",
    )?;
    let flagged = flags_of(connection, id)?;
    replace(
        connection,
        id,
        flagged.iter().map(String::as_str).collect(),
        flags(&projection.index),
        "DELETE FROM flags WHERE flag = ?1 AND event_id = ?2",
        "INSERT INTO flags (flag, event_id) VALUES (?1, ?2)",
    )
}

/// A record's projection as it is kept.
pub(crate) fn load(connection: &Connection, id: EventId) -> Result<Option<Projection>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT registration_number, search_text, document FROM projections WHERE event_id = ?1",
    )?;
    let mut found = select.query_and_then([id.0.as_bytes()], |row| {
        Ok(Projection {
            index: json(row, "document", "a projection")?,
            registration_number: row.get("registration_number")?,
            search_text: row.get("search_text")?,
        })
    })?;
    found.next().transpose()
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

fn flags(index: &Value) -> BTreeSet<&str> {
    let flags = index.get("flags").and_then(Value::as_array);
    flags
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn flags_of(connection: &Connection, id: EventId) -> Result<Vec<String>, Failure> {
    let mut select = connection.prepare_cached("SELECT flag FROM flags WHERE event_id = ?1")?;
    let flags = select.query_map([id.0.as_bytes()], |row| row.get(0))?;
    Ok(flags.collect::<Result<_, _>>()?)
}

fn replace(
    connection: &Connection,
    id: EventId,
    before: BTreeSet<&str>,
    after: BTreeSet<&str>,
    delete: &str,
    insert: &str,
) -> Result<(), Failure> {
    for (sql, texts) in [
        (delete, before.difference(&after)),
        (insert, after.difference(&before)),
    ] {
        for text in texts {
            connection
                .prepare_cached(sql)?
                .execute(params![text, id.0.as_bytes()])?;
        }
    }
    Ok(())
}
