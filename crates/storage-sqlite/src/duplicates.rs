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
            spell(connection, &new.text)?;
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

fn spell(connection: &Connection, text: &str) -> Result<(), Failure> {
    let known = connection
        .prepare_cached("SELECT 1 FROM duplicate_spellings WHERE spelling = ?1 AND text = ?2")?
        .exists(params![first_letters(text), text])?;
    if known {
        return Ok(());
    }
    for spelling in spellings(text, MOST_EDITS) {
        connection
            .prepare_cached("INSERT INTO duplicate_spellings (spelling, text) VALUES (?1, ?2)")?
            .execute(params![spelling, text])?;
    }
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
    let mut near: HashMap<(&str, u8), Vec<String>> = HashMap::new();
    let mut search = connection.prepare_cached(SEARCH)?;
    'looking: for lookup in lookups {
        let Some(block) = block_id(connection, &lookup.block)? else {
            continue;
        };
        let texts = match near.entry((&lookup.text, lookup.edits)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(nearly(connection, &lookup.text, lookup.edits)?)
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
fn nearly(connection: &Connection, text: &str, edits: u8) -> Result<Vec<String>, Failure> {
    let mut texts = BTreeSet::from([text.to_owned()]);
    if edits > 0 {
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
}
