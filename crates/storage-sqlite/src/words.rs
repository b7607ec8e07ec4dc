//! The words that searches find records by.
//!
//! A record's own words stand with its projection. The index of all words, `words`, is filed in
//! batches ([`crate::filing`]): each word has its place elsewhere in it, so that one record alone
//! writes as many pages as it has words, and hundreds of records together hardly more. Until then
//! they stand in `unfiled_words`, and every search looks at both: none is ever behind a record.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use records::EventId;
use rusqlite::{Connection, functions::Context, params, types::ValueRef};
use serde::{Deserialize, Serialize};
use storage::{SearchText, words};

use crate::{
    column::{from_json, to_json},
    failure::Failure,
};

/// What a word stands under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    name: Cow<'a, str>,
    word: Cow<'a, str>,
}

/// Each word, and whether quick searches find the record by it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words<'a>(BTreeMap<Key<'a>, bool>);

/// The words of one answer, as they are kept: the field, whether quick searches find them, and
/// which they are.
#[derive(Serialize, Deserialize)]
struct Entry<'a>(Cow<'a, str>, bool, Vec<Cow<'a, str>>);

impl<'a> Words<'a> {
    /// All words of texts.
    pub(crate) fn of(texts: &'a [SearchText]) -> Self {
        let mut all = BTreeMap::new();
        for SearchText { name, text, quick } in texts {
            for word in words(text) {
                let name = Cow::Borrowed(name.as_str());
                let word = word.into();
                *all.entry(Key { name, word }).or_default() |= *quick;
            }
        }
        Self(all)
    }

    /// Words as they are kept; of a record that has none, nothing may be.
    pub(crate) fn kept(text: Option<&'a str>) -> Result<Self, Failure> {
        let entries = text.map_or(Ok(vec![]), entries)?;
        let keys = entries.into_iter().flat_map(|Entry(name, quick, words)| {
            words.into_iter().map(move |word| {
                let name = name.clone();
                (Key { name, word }, quick)
            })
        });
        Ok(Self(keys.collect()))
    }

    /// As they are kept; the same words are always the same text.
    pub(crate) fn to_text(&self) -> Result<String, Failure> {
        to_text(self.0.iter())
    }

    /// Each as a text of its own.
    pub(crate) fn into_texts(self) -> Vec<SearchText> {
        let texts = self.0.into_iter().map(|(key, quick)| SearchText {
            name: key.name.into_owned(),
            text: key.word.into_owned(),
            quick,
        });
        texts.collect()
    }
}

fn entries(text: &str) -> Result<Vec<Entry<'_>>, Failure> {
    from_json(text, "a record's words")
}

fn to_text<'a>(words: impl Iterator<Item = (&'a Key<'a>, &'a bool)>) -> Result<String, Failure> {
    let mut entries: BTreeMap<(&str, bool), Vec<Cow<'_, str>>> = BTreeMap::new();
    for (Key { name, word }, quick) in words {
        let entry = entries.entry((name, *quick)).or_default();
        entry.push(Cow::Borrowed(word));
    }
    let entries: Vec<Entry<'_>> = entries
        .into_iter()
        .map(|((name, quick), words)| Entry(name.into(), quick, words))
        .collect();
    to_json(&entries)
}

/// Has searches find a record by other words than before. Most changes leave names and numbers as
/// they were: only what differs is written.
pub(crate) fn change(
    connection: &Connection,
    id: EventId,
    before: &Words<'_>,
    after: &Words<'_>,
) -> Result<(), Failure> {
    let (before, after) = (&before.0, &after.0);
    let mut gone = before
        .iter()
        .filter(|(key, quick)| after.get(*key) != Some(*quick))
        .peekable();
    if gone.peek().is_some() {
        file_those_of(connection, id)?;
    }
    for (Key { name, word }, _) in gone {
        connection
            .prepare_cached("DELETE FROM words WHERE word = ?1 AND name = ?2 AND event_id = ?3")?
            .execute(params![word, name, id.0.as_bytes()])?;
    }
    let mut new = after
        .iter()
        .filter(|(key, quick)| before.get(*key) != Some(*quick))
        .peekable();
    if new.peek().is_some() {
        connection
            .prepare_cached("INSERT INTO unfiled_words (event_id, words) VALUES (?1, ?2)")?
            .execute(params![id.0.as_bytes(), to_text(new)?])?;
    }
    Ok(())
}

/// In the order of the index, so that each of its pages is written once.
macro_rules! file {
    ($which:literal) => {
        concat!(
            "INSERT INTO words (word, name, event_id, quick)
             SELECT word.value, entry.value ->> 0, event_id, entry.value ->> 1
             FROM unfiled_words, json_each(unfiled_words.words) AS entry,
               json_each(entry.value, '$[2]') AS word
             WHERE ",
            $which,
            " ORDER BY 1, 2, 3 ON CONFLICT DO UPDATE SET quick = excluded.quick"
        )
    };
}

fn file_those_of(connection: &Connection, id: EventId) -> Result<(), Failure> {
    let filed = connection
        .prepare_cached(file!("event_id = ?1"))?
        .execute([id.0.as_bytes()])?;
    if filed > 0 {
        connection
            .prepare_cached("DELETE FROM unfiled_words WHERE event_id = ?1")?
            .execute([id.0.as_bytes()])?;
    }
    Ok(())
}

/// Brings all unfiled words to their places in the index.
pub(crate) fn file(connection: &Connection) -> Result<(), Failure> {
    connection.prepare_cached(file!("TRUE"))?.execute([])?;
    connection
        .prepare_cached("DELETE FROM unfiled_words")?
        .execute([])?;
    Ok(())
}

/// How many changes' words are unfiled, at most.
pub(crate) fn unfiled(connection: &Connection) -> Result<i64, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT 1 + (SELECT max(position) FROM unfiled_words)
           - (SELECT min(position) FROM unfiled_words)",
    )?;
    let count: Option<i64> = select.query_row([], |row| row.get(0))?;
    Ok(count.unwrap_or(0))
}

/// All words that are unfiled.
pub(crate) fn all_unfiled(connection: &Connection) -> Result<BTreeSet<String>, Failure> {
    let mut all = BTreeSet::new();
    let mut select = connection.prepare_cached("SELECT words FROM unfiled_words")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        for Entry(_, _, words) in entries(text)? {
            all.extend(words.into_iter().map(Cow::into_owned));
        }
    }
    Ok(all)
}

/// What unfiled words are looked at for. Words are folded.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Wanted {
    /// One that quick searches find, and that begins so.
    Beginning(String),
    /// One of these, under a name.
    OneOf(String, BTreeSet<String>),
    /// One from the first to the last, under a name.
    Between(String, String, String),
}

impl Wanted {
    /// For the SQL function [`have_word`].
    pub(crate) fn to_json(&self) -> String {
        // Texts alone: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn finds(&self, Entry(name, quick, words): &Entry<'_>) -> bool {
        match self {
            Self::Beginning(with) => *quick && words.iter().any(|word| word.starts_with(with)),
            Self::OneOf(of, wanted) => {
                name == of && words.iter().any(|word| wanted.contains(&**word))
            }
            Self::Between(of, from, to) => {
                let range = from.as_str()..=to.as_str();
                name == of && words.iter().any(|word| range.contains(&&**word))
            }
        }
    }
}

/// The SQL function `have_word(words, wanted)`: whether words as they are kept have one that is
/// [`Wanted`], as JSON.
pub(crate) fn have_word(context: &Context<'_>) -> rusqlite::Result<bool> {
    let wanted = context.get_or_create_aux(1, |json: ValueRef<'_>| {
        let wanted: Wanted = serde_json::from_str(json.as_str()?)?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(wanted)
    })?;
    let words = context.get_raw(0).as_str()?;
    let entries: Vec<Entry<'_>> = serde_json::from_str(words)
        .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
    Ok(entries.iter().any(|entry| wanted.finds(entry)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use storage::{Filter, Projection, RecordQuery, Word};
    use uuid::Uuid;

    use super::*;
    use crate::{
        plan::{new_file, plan},
        projection, query,
    };

    const ADA: EventId = EventId(Uuid::from_u128(1));
    const BOB: EventId = EventId(Uuid::from_u128(2));

    fn begin(connection: &Connection, id: EventId) {
        connection
            .execute(
                "INSERT INTO events VALUES (?1, 'birth', hex(?1), hex(?1), '', '', 1)",
                [id.0.as_bytes()],
            )
            .unwrap();
    }

    fn save(connection: &Connection, id: EventId, texts: &[(&str, &str, bool)]) {
        let text = |(name, text, quick): &(&str, &str, bool)| SearchText {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
            quick: *quick,
        };
        let projection = Projection {
            index: json!({"flags": ["seen"]}),
            registration_number: None,
            texts: texts.iter().map(text).collect(),
            duplicate_keys: BTreeSet::new(),
            attachments: BTreeSet::new(),
        };
        projection::save(connection, id, &projection).unwrap();
        let kept = projection::load(connection, id).unwrap().unwrap();
        assert_eq!(
            Words::of(&kept.texts).to_text().unwrap(),
            Words::of(&projection.texts).to_text().unwrap()
        );
    }

    fn found(connection: &Connection, filter: Filter) -> usize {
        let query = RecordQuery {
            filter: query::spelt_out(connection, &filter).unwrap(),
            sort: vec![],
            offset: 0,
            limit: 10,
        };
        let count = query::count(&query);
        let mut select = connection.prepare(&count.text).unwrap();
        let values = rusqlite::params_from_iter(&count.values);
        select.query_row(values, |row| row.get(0)).unwrap()
    }

    fn rows(connection: &Connection, table: &str) -> usize {
        let count = format!("SELECT count(*) FROM {table}");
        connection.query_row(&count, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn words_are_found_as_soon_as_they_are_written_and_no_longer_than_they_stand() {
        let text = |text: &str| Filter::Text(text.to_owned());
        let word = |word| Filter::Word("name".to_owned(), word);
        let near = |text: &str| word(Word::Near(text.to_owned()));
        let one_of = |text: &str| word(Word::OneOf(vec![text.to_owned(), "nobody".to_owned()]));
        let between = |from: &str, to: &str| word(Word::Between(from.to_owned(), to.to_owned()));
        for filed_between in [false, true] {
            let (_directory, connection) = new_file();
            let file_some = || {
                if filed_between {
                    file(&connection).unwrap();
                    assert_eq!(rows(&connection, "unfiled_words"), 0);
                }
            };
            let found = |filter| found(&connection, filter);
            begin(&connection, ADA);
            begin(&connection, BOB);
            save(
                &connection,
                ADA,
                &[("name", "Ada Banda", true), ("place", "hill", false)],
            );
            save(&connection, BOB, &[("name", "Bob Banda", true)]);
            file_some();
            assert_eq!(found(text("ban ad")), 1);
            assert_eq!(found(text("band")), 2);
            assert_eq!(found(text("hill")), 0);
            assert_eq!(found(one_of("banda")), 2);
            assert_eq!(found(one_of("hill")), 0);
            assert_eq!(found(near("bamda")), 2);
            assert_eq!(found(between("ada", "ada")), 1);
            assert_eq!(found(between("b", "bob")), 2);
            // Another name, one that is not quick any more, and one that is again.
            save(
                &connection,
                ADA,
                &[("name", "Eve Banda", false), ("place", "hill", true)],
            );
            assert_eq!(found(text("ada")), 0);
            assert_eq!(found(text("eve")), 0);
            assert_eq!(found(text("banda")), 1);
            assert_eq!(found(text("hill")), 1);
            file_some();
            assert_eq!(found(one_of("ada")), 0);
            assert_eq!(found(one_of("eve")), 1);
            assert_eq!(found(near("bamda")), 2);
            save(&connection, ADA, &[("name", "Ada Banda", true)]);
            assert_eq!(found(text("ada banda")), 1);
            assert_eq!(found(text("hill")), 0);
            file_some();
            assert_eq!(unfiled(&connection).unwrap() > 0, !filed_between);

            connection.execute("DELETE FROM events", []).unwrap();
            for table in ["words", "unfiled_words", "flags", "projections"] {
                assert_eq!(rows(&connection, table), 0, "{table}");
            }
        }
    }

    #[test]
    fn a_record_leaves_the_index_by_its_own_words() {
        let (_directory, connection) = new_file();
        let trigger: String = connection
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE name = 'what_finds_a_record_goes_with_it'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        let body = trigger.split_once("BEGIN").unwrap().1;
        for (statement, step) in body.split(';').zip([
            "SEARCH flags USING PRIMARY KEY (flag=? AND event_id=?)",
            "SEARCH words USING PRIMARY KEY (word=? AND name=? AND event_id=?)",
        ]) {
            let sql = ["OLD.event_id", "OLD.document", "OLD.words"]
                .iter()
                .fold(statement.to_owned(), |sql, old| sql.replace(old, "?1"));
            let plan = plan(&connection, &sql, vec!["[]".to_owned().into()]);
            assert!(plan.contains(step), "{plan}");
        }
    }
}
