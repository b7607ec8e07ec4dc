//! Writing what a record comes to: its document, flags, search words, and keys as a
//! possible duplicate.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use records::EventId;
use rusqlite::{Connection, params, params_from_iter, types::Value as Sql};
use serde_json::Value;
use storage::{Projection, SearchText, words};

use crate::{
    column::{json, to_json},
    duplicates,
    failure::Failure,
};

/// What of a projection's document stands in columns of its own, since queues and searches ask for
/// it most: each column, and the steps to what it holds.
pub(crate) const READ_OUT: [(&str, &[&str]); 17] = [
    ("type", &["type"]),
    ("status", &["status"]),
    ("tracking_id", &["trackingId"]),
    ("assigned_to", &["assignedTo"]),
    ("created_at", &["createdAt"]),
    ("created_by", &["createdBy"]),
    ("created_at_location", &["createdAtLocation"]),
    ("updated_at", &["updatedAt"]),
    ("updated_by", &["updatedBy"]),
    ("updated_at_location", &["updatedAtLocation"]),
    ("date_of_event", &["dateOfEvent"]),
    ("place_of_event", &["placeOfEvent"]),
    (
        "registered_as",
        &["legalStatuses", "REGISTERED", "registrationNumber"],
    ),
    (
        "declared_in",
        &["legalStatuses", "DECLARED", "createdAtLocation"],
    ),
    ("declared_by", &["legalStatuses", "DECLARED", "createdBy"]),
    (
        "registered_in",
        &["legalStatuses", "REGISTERED", "createdAtLocation"],
    ),
    (
        "registered_by",
        &["legalStatuses", "REGISTERED", "createdBy"],
    ),
];

/// All columns but the key, in the order in which statements have them.
static COLUMNS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let read_out = READ_OUT.iter().map(|(column, _)| *column);
    read_out
        .chain(["registration_number", "document"])
        .collect()
});
static SELECT: LazyLock<String> = LazyLock::new(|| {
    let columns = COLUMNS.join(", ");
    format!("SELECT {columns} FROM projections WHERE event_id = ?1")
});
static INSERT: LazyLock<String> = LazyLock::new(|| {
    let (columns, values) = (COLUMNS.join(", "), ", ?".repeat(COLUMNS.len()));
    format!("INSERT INTO projections (event_id, {columns}) VALUES (?{values})")
});

/// Writes a record's projection, new or in place of the one before.
pub(crate) fn save(
    connection: &Connection,
    id: EventId,
    projection: &Projection,
) -> Result<(), Failure> {
    save_row(connection, id, projection)?;
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

/// Writes the row. Only columns that differ are written: an index none of whose columns is written
/// stays as it is.
fn save_row(connection: &Connection, id: EventId, projection: &Projection) -> Result<(), Failure> {
    let document = to_json(&projection.index)?;
    let mut row: Vec<Option<Cow<'_, str>>> = READ_OUT
        .iter()
        .map(|(_, steps)| text_at(&projection.index, steps))
        .collect();
    row.push(projection.registration_number.as_deref().map(Cow::Borrowed));
    row.push(Some(document.into()));
    let Some(differs) = differing(connection, id, &row)? else {
        let values = row.into_iter().map(bound);
        connection
            .prepare_cached(&INSERT)?
            .execute(params_from_iter(std::iter::once(key(id)).chain(values)))?;
        return Ok(());
    };
    let all = row.into_iter().zip(COLUMNS.iter()).zip(differs);
    let (mut set, mut values) = (String::new(), vec![key(id)]);
    for ((value, column), _) in all.filter(|(_, differs)| *differs) {
        values.push(bound(value));
        let comma = if set.is_empty() { "" } else { ", " };
        set.push_str(&format!("{comma}{column} = ?{}", values.len()));
    }
    if !set.is_empty() {
        let update = format!("UPDATE projections SET {set} WHERE event_id = ?1");
        connection
            .prepare_cached(&update)?
            .execute(params_from_iter(values))?;
    }
    Ok(())
}

/// Of each column, whether it differs from what is kept; `None` when nothing is.
fn differing(
    connection: &Connection,
    id: EventId,
    row: &[Option<Cow<'_, str>>],
) -> Result<Option<Vec<bool>>, Failure> {
    let mut select = connection.prepare_cached(&SELECT)?;
    let mut kept = select.query([id.0.as_bytes()])?;
    let Some(kept) = kept.next()? else {
        return Ok(None);
    };
    let mut differs = Vec::with_capacity(row.len());
    for (at, value) in row.iter().enumerate() {
        let before = kept.get_ref(at)?.as_str_or_null();
        differs.push(before.map_err(rusqlite::Error::from)? != value.as_deref());
    }
    Ok(Some(differs))
}

fn key(id: EventId) -> Sql {
    id.0.as_bytes().to_vec().into()
}

fn bound(text: Option<Cow<'_, str>>) -> Sql {
    text.map(Cow::into_owned).into()
}

/// The text at the end of these steps; of what is no text, how JSON writes it.
fn text_at<'a>(index: &'a Value, steps: &[&str]) -> Option<Cow<'a, str>> {
    let end = steps
        .iter()
        .try_fold(index, |value, step| value.get(step))?;
    match end {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::new_file;

    #[test]
    fn columns_follow_the_document() {
        let (_directory, connection) = new_file();
        let id = EventId(uuid::Uuid::from_u128(7));
        connection
            .execute(
                "INSERT INTO events VALUES (?1, 'birth', 'ABC123', 't', '', '', 1)",
                [id.0.as_bytes()],
            )
            .unwrap();
        let of = |index: Value, number: Option<&str>| Projection {
            index,
            registration_number: number.map(str::to_owned),
            texts: vec![],
            duplicate_keys: BTreeSet::new(),
        };
        let declared = json!({
            "type": "birth", "status": "DECLARED", "assignedTo": "ada", "dateOfEvent": 7,
            "legalStatuses": {"DECLARED": {"createdBy": "ada"}},
        });
        let registered = json!({
            "type": "birth", "status": "REGISTERED", "assignedTo": null, "dateOfEvent": {"a": 1},
            "legalStatuses": {"DECLARED": {"createdBy": "ada"},
              "REGISTERED": {"createdBy": "bob", "registrationNumber": "B1"}},
        });
        for projection in [
            of(declared.clone(), None),
            of(registered.clone(), Some("B1")),
            of(registered, Some("B1")),
            of(declared, None),
        ] {
            save(&connection, id, &projection).unwrap();
            let kept = load(&connection, id).unwrap().unwrap();
            assert_eq!(kept, projection);
            for (column, steps) in READ_OUT {
                let read: Option<String> = connection
                    .query_row(&format!("SELECT {column} FROM projections"), [], |row| {
                        row.get(0)
                    })
                    .unwrap();
                let expected = text_at(&projection.index, steps);
                assert_eq!(read.as_deref(), expected.as_deref(), "{column}");
            }
        }
    }
}
