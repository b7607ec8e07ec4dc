//! What a record comes to, as the database's functions take it, and reading it back.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use records::{DuplicateKey, EventId};
use serde_json::Value;
use storage::{
    Projection, SearchText,
    spelling::{MOST_EDITS, spellings},
    words,
};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    column::{as_sent, get, harmless, harmless_json, json_as_sent, key, optional_text},
    connection::Connection,
    failure::Failure,
};

/// A projection as thirteen parameters, in the order in which all functions that write one have them.
pub(crate) struct Columns<'a> {
    registration_number: Option<Cow<'a, str>>,
    document: Option<Value>,
    flags: Vec<Cow<'a, str>>,
    names: Vec<String>,
    words: Vec<String>,
    quick: Vec<bool>,
    key_blocks: Vec<Cow<'a, str>>,
    key_texts: Vec<Cow<'a, str>>,
    key_days: Vec<i64>,
    key_spelled: Vec<bool>,
    /// The spellings of those texts that are found by them, and of which text each is.
    key_spellings: Vec<String>,
    key_spelt: Vec<Cow<'a, str>>,
    attachments: Vec<Cow<'a, str>>,
}

impl<'a> Columns<'a> {
    /// Of no projection, the document is NULL.
    pub(crate) fn of(projection: Option<&'a Projection>) -> Self {
        let mut columns = Self {
            registration_number: None,
            document: None,
            flags: vec![],
            names: vec![],
            words: vec![],
            quick: vec![],
            key_blocks: vec![],
            key_texts: vec![],
            key_days: vec![],
            key_spelled: vec![],
            key_spellings: vec![],
            key_spelt: vec![],
            attachments: vec![],
        };
        let Some(projection) = projection else {
            return columns;
        };
        columns.registration_number = projection.registration_number.as_deref().map(harmless);
        columns.document = Some(harmless_json(&projection.index).into_owned());
        columns.flags = flags(&projection.index).into_iter().map(harmless).collect();
        columns.attachments = projection
            .attachments
            .iter()
            .map(|path| key(path))
            .collect();
        // Each word once, in an order that is always the same.
        let mut all: BTreeMap<(&str, String), bool> = BTreeMap::new();
        for SearchText { name, text, quick } in &projection.texts {
            for word in words(text) {
                *all.entry((name, word)).or_default() |= *quick;
            }
        }
        for ((name, word), quick) in all {
            columns.names.push(harmless(name).into_owned());
            columns.words.push(harmless(&word).into_owned());
            columns.quick.push(quick);
        }
        let mut spelt = BTreeSet::new();
        for one in &projection.duplicate_keys {
            columns.key_blocks.push(harmless(&one.block));
            columns.key_texts.push(harmless(&one.text));
            columns.key_days.push(one.day);
            columns.key_spelled.push(one.spelled);
            if one.spelled {
                spelt.insert(key(&one.text));
            }
        }
        for text in spelt {
            for spelling in spellings(&text, MOST_EDITS) {
                columns.key_spellings.push(spelling);
                columns.key_spelt.push(text.clone());
            }
        }
        columns
    }

    pub(crate) fn values(&self) -> [&(dyn ToSql + Sync); 13] {
        [
            &self.registration_number,
            &self.document,
            &self.flags,
            &self.names,
            &self.words,
            &self.quick,
            &self.key_blocks,
            &self.key_texts,
            &self.key_days,
            &self.key_spelled,
            &self.key_spellings,
            &self.key_spelt,
            &self.attachments,
        ]
    }
}

fn flags(index: &Value) -> BTreeSet<&str> {
    let flags = index.get("flags").and_then(Value::as_array);
    let flags = flags.into_iter().flatten();
    flags.filter_map(Value::as_str).collect()
}

/// A record's projection as it is kept.
pub(crate) async fn load(
    connection: &Connection,
    id: EventId,
) -> Result<Option<Projection>, Failure> {
    let row = connection
        .optional(
            "SELECT registration_number, document, names, words, quick, key_blocks, key_texts,
               key_days, key_spelled,
               ARRAY(
                 SELECT path_key FROM attachment_references WHERE event_id = $1 ORDER BY path_key
               ) AS attachments
             FROM projections JOIN found_by USING (event_id) WHERE event_id = $1",
            &[&id.0],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Projection, Failure> {
    let texts = |column: &str| -> Result<Vec<String>, Failure> {
        let kept: Vec<String> = get(row, column)?;
        Ok(kept.into_iter().map(as_sent).collect())
    };
    let (names, words, quick) = (
        texts("names")?,
        texts("words")?,
        get::<Vec<bool>>(row, "quick")?,
    );
    let words = names.into_iter().zip(words).zip(quick);
    let (blocks, key_texts) = (texts("key_blocks")?, texts("key_texts")?);
    let days: Vec<i64> = get(row, "key_days")?;
    let spelled: Vec<bool> = get(row, "key_spelled")?;
    let keys = blocks.into_iter().zip(key_texts).zip(days).zip(spelled);
    Ok(Projection {
        index: document(row)?,
        registration_number: optional_text(row, "registration_number")?,
        texts: words
            .map(|((name, text), quick)| SearchText { name, text, quick })
            .collect(),
        duplicate_keys: keys
            .map(|(((block, text), day), spelled)| DuplicateKey {
                block,
                text,
                day,
                spelled,
            })
            .collect(),
        attachments: texts("attachments")?.into_iter().collect(),
    })
}

/// The document of a row of `projections`.
pub(crate) fn document(row: &Row) -> Result<Value, Failure> {
    Ok(json_as_sent(get(row, "document")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::new_store;

    /// Everything that is read out of a projection's document.
    const READ_OUT: &str = "SELECT (to_jsonb(projections) - 'document')::text AS columns
        FROM projections";

    #[tokio::test]
    async fn what_an_older_program_writes_is_read_out_all_the_same() {
        let (store, _database) = new_store().await;
        let status = |who: &str| json!({ "createdBy": who, "createdAtLocation": "an office" });
        let mut registered = status("a registrar");
        registered["registrationNumber"] = json!("B1");
        let document = &json!({
            "type": "birth", "status": "REGISTERED", "trackingId": "ABC123",
            "assignedTo": "one", "createdAt": "2026-01-01", "createdBy": "another",
            "createdAtLocation": "here", "updatedAt": "2026-01-02", "updatedBy": "a third",
            "updatedAtLocation": "there", "dateOfEvent": "2025-12-31", "placeOfEvent": "elsewhere",
            "legalStatuses": { "DECLARED": status("a clerk"), "REGISTERED": registered },
        });
        let (ours, theirs) = store
            .read(|connection| async move {
                let record = "INSERT INTO events VALUES ($1, 'birth', 'ABC123', 't', '', '', 1, 0)";
                let id = uuid::Uuid::nil();
                connection.execute(record, &[&id]).await?;
                let write = "SELECT write_projection($1, true, NULL, $2, '{}', '{}', '{}', '{}',
                    '{}', '{}', '{}', '{}', '{}', '{}', '{}')";
                connection.rows(write, &[&id, document]).await?;
                let ours: String = get(&connection.one(READ_OUT, &[]).await?, "columns")?;
                // Such a program says nothing of it when it connects, and writes no columns.
                let says = "SELECT set_config('countersign.reads_projections_out', '', false)";
                connection.execute(says, &[]).await?;
                connection.execute("DELETE FROM projections", &[]).await?;
                let write = "INSERT INTO projections (event_id, document) VALUES ($1, $2)";
                connection.execute(write, &[&id, document]).await?;
                let theirs: String = get(&connection.one(READ_OUT, &[]).await?, "columns")?;
                Ok((ours, theirs))
            })
            .await
            .unwrap();
        assert_eq!(ours, theirs);
        // Only a number that is the record's own is left out of this document.
        assert_eq!(ours.matches("null").count(), 2, "{ours}");
    }
}
