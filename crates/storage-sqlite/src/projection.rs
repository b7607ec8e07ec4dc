//! Writing what a record comes to: its document, flags, search words, and keys as a
//! possible duplicate.

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

use records::EventId;
use rusqlite::{Connection, params, params_from_iter, types::Value as Sql};
use serde::Deserialize;
use serde_json::Value;
use storage::Projection;

use crate::{
    attachment,
    column::{json, to_json},
    duplicates,
    failure::Failure,
    words::{self, Words},
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
        .chain(["registration_number", "document", "words"])
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
    let words = Words::of(&projection.texts);
    let before = save_row(connection, id, projection, words.to_text()?)?;
    let had = Words::kept(before.words.as_deref())?;
    words::change(connection, id, &had, &words)?;
    change_flags(connection, id, &before.flags, &flags(&projection.index))?;
    attachment::save_references(connection, id, &projection.attachments)?;
    duplicates::save(connection, id, &projection.duplicate_keys)
}

/// What a record was found by.
#[derive(Default)]
struct Before {
    words: Option<String>,
    flags: BTreeSet<String>,
}

/// Writes the row. Only columns that differ are written: an index none of whose columns is written
/// stays as it is.
fn save_row(
    connection: &Connection,
    id: EventId,
    projection: &Projection,
    words: String,
) -> Result<Before, Failure> {
    let document = to_json(&projection.index)?;
    let mut row: Vec<Option<Cow<'_, str>>> = READ_OUT
        .iter()
        .map(|(_, steps)| text_at(&projection.index, steps))
        .collect();
    row.push(projection.registration_number.as_deref().map(Cow::Borrowed));
    row.push(Some(document.into()));
    row.push(Some(words.into()));
    let Some((differs, before)) = differing(connection, id, &row)? else {
        let values = row.into_iter().map(bound);
        connection
            .prepare_cached(&INSERT)?
            .execute(params_from_iter(std::iter::once(key(id)).chain(values)))?;
        return Ok(Before::default());
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
    Ok(before)
}

/// Of each column, whether it differs from what is kept, and what that is; `None` when nothing is.
fn differing(
    connection: &Connection,
    id: EventId,
    row: &[Option<Cow<'_, str>>],
) -> Result<Option<(Vec<bool>, Before)>, Failure> {
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
    let document: Flagged = json(kept, "document", "a projection")?;
    let before = Before {
        words: kept.get("words")?,
        flags: texts_in(&document.flags).map(str::to_owned).collect(),
    };
    Ok(Some((differs, before)))
}

/// As much of a projection's document as says which flags it has.
#[derive(Deserialize)]
struct Flagged {
    #[serde(default)]
    flags: Value,
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
        "SELECT registration_number, document, words FROM projections WHERE event_id = ?1",
    )?;
    let mut found = select.query_and_then([id.0.as_bytes()], |row| {
        let words: Option<String> = row.get("words")?;
        Ok::<_, Failure>(Projection {
            index: json(row, "document", "a projection")?,
            registration_number: row.get("registration_number")?,
            texts: Words::kept(words.as_deref())?.into_texts(),
            duplicate_keys: duplicates::keys_of(connection, id)?,
            attachments: attachment::references_of(connection, id)?,
        })
    })?;
    found.next().transpose()
}

fn flags(index: &Value) -> BTreeSet<&str> {
    index.get("flags").into_iter().flat_map(texts_in).collect()
}

fn texts_in(list: &Value) -> impl Iterator<Item = &str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str)
}

fn change_flags(
    connection: &Connection,
    id: EventId,
    before: &BTreeSet<String>,
    after: &BTreeSet<&str>,
) -> Result<(), Failure> {
    for gone in before.iter().filter(|flag| !after.contains(flag.as_str())) {
        connection
            .prepare_cached("DELETE FROM flags WHERE flag = ?1 AND event_id = ?2")?
            .execute(params![gone, id.0.as_bytes()])?;
    }
    for new in after.iter().filter(|flag| !before.contains(**flag)) {
        connection
            .prepare_cached("INSERT INTO flags (flag, event_id) VALUES (?1, ?2)")?
            .execute(params![new, id.0.as_bytes()])?;
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
            attachments: BTreeSet::new(),
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
