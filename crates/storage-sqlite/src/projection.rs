//! Writing what a record comes to: its document, flags, search words, and keys as a
//! possible duplicate.

use std::collections::{BTreeMap, BTreeSet};

use records::EventId;
use rusqlite::{Connection, params};
use serde_json::Value;
use storage::{Projection, SearchText, words};

use crate::{
    column::{json, to_json},
    duplicates,
    failure::Failure,
};

/// Writes a record's projection, new or in place of the one before.
pub(crate) fn save(
    connection: &Connection,
    id: EventId,
    projection: &Projection,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO projections (event_id, registration_number, document)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (event_id) DO UPDATE SET registration_number = excluded.registration_number,
               document = excluded.document",
        )?
        .execute(params![
            id.0.as_bytes(),
            projection.registration_number,
            to_json(&projection.index)?,
        ])?;
    save_words(connection, id, &projection.texts)?;
    let flagged = flags_of(connection, id)?;
    replace(
        connection,
        id,
        flagged.iter().map(String::as_str).collect(),
        flags(&projection.index),
        "DELETE FROM flags WHERE flag = ?1 AND event_id = ?2",
        "INSERT INTO flags (flag, event_id) VALUES (?1, ?2)",
    )?;
    duplicates::save(connection, id, &projection.duplicate_keys)
}

/// A record's projection as it is kept.
pub(crate) fn load(connection: &Connection, id: EventId) -> Result<Option<Projection>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT registration_number, document FROM projections WHERE event_id = ?1",
    )?;
    let mut found = select.query_and_then([id.0.as_bytes()], |row| {
        Ok::<_, Failure>(Projection {
            index: json(row, "document", "a projection")?,
            registration_number: row.get("registration_number")?,
            texts: vec![],
            duplicate_keys: duplicates::keys_of(connection, id)?,
        })
    })?;
    let Some(mut projection) = found.next().transpose()? else {
        return Ok(None);
    };
    let kept = words_of(connection, id)?;
    projection.texts = kept
        .into_iter()
        .map(|(Key { name, word }, quick)| SearchText {
            name,
            text: word,
            quick,
        })
        .collect();
    Ok(Some(projection))
}

/// What a word stands under.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    word: String,
}

/// Each word, and whether quick searches find the record by it.
type Words = BTreeMap<Key, bool>;

/// Writes the words of a record. Most changes leave names and numbers as they were: only what
/// differs is written.
fn save_words(connection: &Connection, id: EventId, texts: &[SearchText]) -> Result<(), Failure> {
    let mut after = Words::new();
    for SearchText { name, text, quick } in texts {
        for word in words(text) {
            let name = name.clone();
            *after.entry(Key { name, word }).or_default() |= *quick;
        }
    }
    let before = words_of(connection, id)?;
    for (Key { name, word }, _) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        connection
            .prepare_cached("DELETE FROM words WHERE word = ?1 AND name = ?2 AND event_id = ?3")?
            .execute(params![word, name, id.0.as_bytes()])?;
    }
    for (key, quick) in after
        .iter()
        .filter(|(key, quick)| before.get(*key) != Some(*quick))
    {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO words (word, name, event_id, quick)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![key.word, key.name, id.0.as_bytes(), quick])?;
    }
    Ok(())
}

fn words_of(connection: &Connection, id: EventId) -> Result<Words, Failure> {
    let mut select =
        connection.prepare_cached("SELECT name, word, quick FROM words WHERE event_id = ?1")?;
    let words = select.query_map([id.0.as_bytes()], |row| {
        let (name, word) = (row.get("name")?, row.get("word")?);
        Ok((Key { name, word }, row.get("quick")?))
    })?;
    Ok(words.collect::<Result<_, _>>()?)
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
