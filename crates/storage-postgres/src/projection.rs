//! What a record comes to, as the database's functions take it, and reading it back.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use records::{DuplicateKey, EventId};
use serde_json::Value;
use storage::{Projection, SearchText, words};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    column::{as_sent, get, harmless, harmless_json, json_as_sent, optional_text},
    connection::Connection,
    failure::Failure,
};

/// A projection as ten parameters, in the order in which all functions that write one have them.
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
        };
        let Some(projection) = projection else {
            return columns;
        };
        columns.registration_number = projection.registration_number.as_deref().map(harmless);
        columns.document = Some(harmless_json(&projection.index).into_owned());
        columns.flags = flags(&projection.index).into_iter().map(harmless).collect();
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
        for key in &projection.duplicate_keys {
            columns.key_blocks.push(harmless(&key.block));
            columns.key_texts.push(harmless(&key.text));
            columns.key_days.push(key.day);
            columns.key_spelled.push(key.spelled);
        }
        columns
    }

    pub(crate) fn values(&self) -> [&(dyn ToSql + Sync); 10] {
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
               key_days, key_spelled
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
    })
}

/// The document of a row of `projections`.
pub(crate) fn document(row: &Row) -> Result<Value, Failure> {
    Ok(json_as_sent(get(row, "document")?))
}
