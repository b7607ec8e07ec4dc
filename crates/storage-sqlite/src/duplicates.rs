//! Keys of possible duplicates: kept with the projection, and searched.

use std::collections::{BTreeSet, HashMap, HashSet};

use records::{DuplicateKey, DuplicateLookup, EventId, alike};
use rusqlite::{Connection, OptionalExtension as _, params};
use storage::{
    Candidates, LookedFor,
    spelling::{MOST_EDITS, first_letters, spellings},
};

use crate::{
    column::{self, json, signed},
    failure::Failure,
};

/// One range of keys.
const SEARCH: &str = "SELECT event_id FROM duplicate_keys
   WHERE block_id = ?1 AND text = ?2 AND day BETWEEN ?3 AND ?4 AND event_id <> ?5 LIMIT ?6";

/// Writes a record's keys in place of those it had; only what differs is written.
pub(crate) fn save(
    connection: &Connection,
    id: EventId,
    keys: &BTreeSet<DuplicateKey>,
) -> Result<(), Failure> {
    let before = keys_of(connection, id)?;
    for gone in before.difference(keys) {
        connection
            .prepare_cached(
                "DELETE FROM duplicate_keys
                 WHERE block_id = (SELECT id FROM duplicate_blocks WHERE name = ?1)
                   AND text = ?2 AND day = ?3 AND event_id = ?4",
            )?
            .execute(params![gone.block, gone.text, gone.day, id.0.as_bytes()])?;
    }
    for new in keys.difference(&before) {
        connection
            .prepare_cached(
                "INSERT INTO duplicate_blocks (name) VALUES (?1) ON CONFLICT DO NOTHING",
            )?
            .execute([&new.block])?;
        connection
            .prepare_cached(
                "INSERT INTO duplicate_keys (block_id, text, day, event_id, spelled)
                 SELECT id, ?2, ?3, ?4, ?5 FROM duplicate_blocks WHERE name = ?1
                 ON CONFLICT DO UPDATE SET spelled = excluded.spelled",
            )?
            .execute(params![
                new.block,
                new.text,
                new.day,
                id.0.as_bytes(),
                new.spelled
            ])?;
        if new.spelled {
            leave_to_spell(connection, &new.text)?;
        }
    }
    Ok(())
}

/// The keys of a record.
pub(crate) fn keys_of(
    connection: &Connection,
    id: EventId,
) -> Result<BTreeSet<DuplicateKey>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT name, text, day, spelled
         FROM duplicate_keys JOIN duplicate_blocks ON duplicate_blocks.id = block_id
         WHERE event_id = ?1",
    )?;
    let keys = select.query_map([id.0.as_bytes()], |row| {
        Ok(DuplicateKey {
            block: row.get("name")?,
            text: row.get("text")?,
            day: row.get("day")?,
            spelled: row.get("spelled")?,
        })
    })?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// Leaves a new text's spellings to be filed; see [`crate::filing`].
fn leave_to_spell(connection: &Connection, text: &str) -> Result<(), Failure> {
    let known = connection
        .prepare_cached("SELECT 1 FROM duplicate_spellings WHERE spelling = ?1 AND text = ?2")?
        .exists(params![first_letters(text), text])?;
    if !known {
        connection
            .prepare_cached(
                "INSERT INTO unspelled_texts (text) VALUES (?1) ON CONFLICT DO NOTHING",
            )?
            .execute([text])?;
    }
    Ok(())
}

/// A text whose spellings are not filed.
struct Unspelled {
    text: String,
    letters: Letters,
}

impl Unspelled {
    fn is_near(&self, text: &str, letters: Letters, edits: u8) -> bool {
        self.letters.may_be_near(letters, edits) && alike(text, &self.text, edits).is_some()
    }
}

/// Which letters a text has, as bits of which some letters share one: with a look at these, nearly
/// all texts that are not near are passed over.
#[derive(Debug, Clone, Copy)]
struct Letters(u64);

impl Letters {
    fn of(text: &str) -> Self {
        let bit = |letter: char| 1 << (u32::from(letter) % u64::BITS);
        Self(text.chars().map(bit).fold(0, |all, bit| all | bit))
    }

    /// An edit brings one letter at most that the other text does not have, and takes one at most.
    fn may_be_near(self, other: Self, edits: u8) -> bool {
        let more = |one: Self, other: Self| (one.0 & !other.0).count_ones();
        more(self, other) <= edits.into() && more(other, self) <= edits.into()
    }
}

fn unspelled_texts(connection: &Connection) -> Result<Vec<Unspelled>, Failure> {
    let mut select = connection.prepare_cached("SELECT text FROM unspelled_texts")?;
    let texts = select.query_map([], |row| {
        let text: String = row.get(0)?;
        Ok(Unspelled {
            letters: Letters::of(&text),
            text,
        })
    })?;
    Ok(texts.collect::<Result<_, _>>()?)
}

/// How many texts' spellings are not filed.
pub(crate) fn unspelled(connection: &Connection) -> Result<i64, Failure> {
    let mut count = connection.prepare_cached("SELECT count(*) FROM unspelled_texts")?;
    Ok(count.query_row([], |row| row.get(0))?)
}

/// Files the spellings of all texts whose are not.
pub(crate) fn spell(connection: &Connection) -> Result<(), Failure> {
    let texts = unspelled_texts(connection)?;
    let mut all: Vec<(String, &str)> = vec![];
    for Unspelled { text, .. } in &texts {
        let spellings = spellings(text, MOST_EDITS).into_iter();
        all.extend(spellings.map(|spelling| (spelling, text.as_str())));
    }
    // In the order of the index, so that each of its pages is written once.
    all.sort_unstable();
    for spelt in all {
        connection
            .prepare_cached(
                "INSERT INTO duplicate_spellings (spelling, text) VALUES (?1, ?2)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(spelt)?;
    }
    connection
        .prepare_cached("DELETE FROM unspelled_texts")?
        .execute([])?;
    Ok(())
}

/// See [`storage::RecordStore::duplicate_candidates`].
pub(crate) fn candidates(
    connection: &Connection,
    of: EventId,
    lookups: &BTreeSet<DuplicateLookup>,
    limit: usize,
) -> Result<Candidates, Failure> {
    let as_of = connection
        .prepare_cached("SELECT coalesce(max(position), 0) FROM actions")?
        .query_row([], |row| row.get(0))?;
    let mut found: BTreeSet<EventId> = BTreeSet::new();
    let unspelled = unspelled_texts(connection)?;
    let mut near: HashMap<(&str, u8), Vec<String>> = HashMap::new();
    let mut search = connection.prepare_cached(SEARCH)?;
    'looking: for lookup in lookups {
        let Some(block) = block_id(connection, &lookup.block)? else {
            continue;
        };
        let texts = match near.entry((&lookup.text, lookup.edits)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(nearly(connection, &unspelled, &lookup.text, lookup.edits)?)
            }
        };
        for text in &*texts {
            // One more than wanted tells that there are more.
            let most = signed((limit + 1) as u64);
            let (from, to) = lookup.days;
            let ids = search.query_and_then(
                params![block, *text, from, to, of.0.as_bytes(), most],
                |row| column::id(row, "event_id"),
            )?;
            for id in ids {
                found.insert(id?);
                if found.len() > limit {
                    break 'looking;
                }
            }
        }
    }
    let all = found.len() <= limit;
    let mut document =
        connection.prepare_cached("SELECT document FROM projections WHERE event_id = ?1")?;
    let mut records = Vec::new();
    for id in found.into_iter().take(limit) {
        let mut rows = document.query_and_then([id.0.as_bytes()], |row| {
            json(row, "document", "a projection")
        })?;
        records.extend(rows.next().transpose()?);
    }
    Ok(Candidates {
        records,
        all,
        as_of,
    })
}

/// Whether a record other than `of` that the lookups find was written since they were answered.
pub(crate) fn has_company(
    connection: &Connection,
    of: EventId,
    looked_for: &LookedFor,
) -> Result<bool, Failure> {
    // All that is written to a record comes with an action. Few others were at work meanwhile.
    let mut others = connection
        .prepare_cached("SELECT event_id FROM actions WHERE position > ?1 AND event_id <> ?2")?;
    let others: HashSet<EventId> = others
        .query_and_then(params![signed(looked_for.as_of), of.0.as_bytes()], |row| {
            column::id(row, "event_id")
        })?
        .collect::<Result<_, Failure>>()?;
    for other in others {
        let keys = keys_of(connection, other)?;
        let meets = |lookup: &DuplicateLookup| keys.iter().any(|key| lookup.finds(key));
        if looked_for.lookups.iter().any(meets) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn block_id(connection: &Connection, name: &str) -> Result<Option<i64>, Failure> {
    Ok(connection
        .prepare_cached("SELECT id FROM duplicate_blocks WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// The texts of keys that differ from this one in no more letters than that.
fn nearly(
    connection: &Connection,
    unspelled: &[Unspelled],
    text: &str,
    edits: u8,
) -> Result<Vec<String>, Failure> {
    let mut texts = BTreeSet::from([text.to_owned()]);
    if edits > 0 {
        let letters = Letters::of(text);
        let near = |other: &&Unspelled| other.is_near(text, letters, edits);
        texts.extend(
            unspelled
                .iter()
                .filter(near)
                .map(|other| other.text.clone()),
        );
        let mut select = connection
            .prepare_cached("SELECT text FROM duplicate_spellings WHERE spelling = ?1")?;
        for spelling in spellings(text, edits) {
            let mut rows = select.query([spelling])?;
            while let Some(row) = rows.next()? {
                let other: String = row.get(0)?;
                if alike(text, &other, edits).is_some() {
                    texts.insert(other);
                }
            }
        }
    }
    Ok(texts.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn a_search_is_a_range_of_an_index() {
        let (_directory, connection) = new_file();
        let values = vec![
            Value::from(1),
            Value::from("smith".to_owned()),
            Value::from(1),
            Value::from(9),
            Value::from(vec![0_u8; 16]),
            Value::from(10),
        ];
        let plan = plan(&connection, SEARCH, values);
        assert!(
            plan.contains("PRIMARY KEY (block_id=? AND text=? AND day>? AND day<?)"),
            "{plan}"
        );
    }

    #[test]
    fn texts_are_found_alike_before_and_after_their_spellings_are_filed() {
        let (_directory, connection) = new_file();
        let texts = [
            "amina", "amena", "maina", "anima", "am", "mbanda", "é", "zara",
        ];
        let wanted = ["amina", "am", "amin", "banda", "e", "sara", "nobody"];
        for text in texts {
            leave_to_spell(&connection, text).unwrap();
            leave_to_spell(&connection, text).unwrap();
        }
        assert_eq!(unspelled(&connection).unwrap(), 8);
        let found = || {
            let unspelled = unspelled_texts(&connection).unwrap();
            let pairs = wanted
                .iter()
                .flat_map(|text| [(text, 0), (text, 1), (text, 2)]);
            let found = pairs.map(|(text, edits)| nearly(&connection, &unspelled, text, edits));
            found.collect::<Result<Vec<_>, _>>().unwrap()
        };
        let before = found();
        assert_eq!(before[2], ["amena", "amina", "anima", "maina"]);
        spell(&connection).unwrap();
        assert_eq!(unspelled(&connection).unwrap(), 0);
        assert_eq!(found(), before);
        leave_to_spell(&connection, "amina").unwrap();
        assert_eq!(unspelled(&connection).unwrap(), 0);
    }
}
