//! Possible duplicates: found by their keys, and none slips in between.
//!
//! A decision may rest on a search for possible duplicates ([`storage::LookedFor`]). Of two that
//! race to be the first, on whichever nodes, one must see the other. Neither can see what the other
//! has not committed, so they take turns: a change that rests on such a search, or that adds keys to
//! a record, takes the locks of the blocks that its lookups ask about and of its new keys' blocks,
//! and holds them until what it wrote is there for everybody to see (`take_turn` in
//! `code/records.sql`). A lookup finds keys of its own block only. So of two changes of which one
//! looks for what the other adds, one has the block's lock first; the other waits for it to be
//! committed, and then looks again before it writes.
//!
//! Whether anything has changed since the search is told by a number that is made of all records
//! that the lookups find, with their versions ([`Candidates::as_of`]). A record that is changed at
//! the same moment without new keys takes no turn: it counts as coming after the decision, which was
//! not about that change.
//!
//! Locks are taken last, in the order of their numbers, after everything else that may have to wait
//! for somebody, so no two wait for each other. The keys themselves are written before: what counts
//! is when others see them.

use std::collections::{BTreeMap, BTreeSet};

use records::{DuplicateLookup, EventId, alike};
use storage::{Candidates, LookedFor, spelling::spellings};
use tokio_postgres::types::ToSql;

use crate::{
    column::{as_sent, get, harmless, id, key, number_of},
    connection::Connection,
    failure::Failure,
    projection,
};

/// As many records are looked at of each text of each lookup. When a name is so common that there
/// are more, a decision about it is not missed, but what comes after these may be.
const MOST: i32 = 2001;

/// Lookups as the parameters of the functions in `code/duplicates.sql`.
#[derive(Default)]
pub(crate) struct Columns {
    as_of: Option<i64>,
    blocks: Vec<i64>,
    texts: Vec<String>,
    groups: Vec<i32>,
    froms: Vec<i64>,
    tos: Vec<i64>,
    spelling_groups: Vec<i32>,
    spellings: Vec<String>,
}

impl Columns {
    pub(crate) fn of<'a>(lookups: impl IntoIterator<Item = &'a DuplicateLookup>) -> Self {
        let mut columns = Self::default();
        // Many lookups ask for the same text on other days or in other blocks.
        let mut groups: BTreeMap<(&str, u8), i32> = BTreeMap::new();
        for lookup in lookups {
            let next = i32::try_from(groups.len()).unwrap_or(i32::MAX);
            let group = *groups.entry((&lookup.text, lookup.edits)).or_insert(next);
            columns.blocks.push(number_of(&harmless(&lookup.block)));
            columns.texts.push(key(&lookup.text).into_owned());
            columns.groups.push(group);
            columns.froms.push(lookup.days.0);
            columns.tos.push(lookup.days.1);
        }
        for ((text, edits), group) in groups {
            if edits > 0 {
                for spelling in spellings(&key(text), edits) {
                    columns.spelling_groups.push(group);
                    columns.spellings.push(spelling);
                }
            }
        }
        columns
    }

    /// Of what a decision rests on; of nothing, the moment is NULL.
    pub(crate) fn looked_for(looked_for: Option<&LookedFor>) -> Self {
        looked_for.map_or_else(Self::default, |looked_for| Self {
            as_of: Some(looked_for.as_of.cast_signed()),
            ..Self::of(&looked_for.lookups)
        })
    }

    /// With the moment before, and the limit after them.
    pub(crate) fn values(&self) -> [&(dyn ToSql + Sync); 9] {
        [
            &self.as_of,
            &self.blocks,
            &self.texts,
            &self.groups,
            &self.froms,
            &self.tos,
            &self.spelling_groups,
            &self.spellings,
            &MOST,
        ]
    }
}

/// See [`storage::RecordStore::duplicate_candidates`].
pub(crate) async fn candidates(
    connection: &Connection,
    of: EventId,
    lookups: &BTreeSet<DuplicateLookup>,
    limit: usize,
) -> Result<Candidates, Failure> {
    let columns = Columns::of(lookups);
    let [_, asked @ ..] = columns.values();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&of.0];
    values.extend(asked);
    let rows = connection
        .rows(
            "SELECT lookup, text_key, event_id, version
             FROM duplicate_company($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &values,
        )
        .await?;
    let asked: Vec<&DuplicateLookup> = lookups.iter().collect();
    let mut company: BTreeMap<uuid::Uuid, i64> = BTreeMap::new();
    let mut found: BTreeSet<uuid::Uuid> = BTreeSet::new();
    for row in &rows {
        let (other, version) = (id(row, "event_id")?, get(row, "version")?);
        company.insert(other, version);
        let number: i32 = get(row, "lookup")?;
        let text: String = get(row, "text_key")?;
        let lookup = usize::try_from(number - 1)
            .ok()
            .and_then(|at| asked.get(at));
        // What shares a spelling may differ in more letters than were asked for.
        if lookup.is_some_and(|lookup| {
            let asked = key(&lookup.text);
            *asked == *text
                || alike(&as_sent(asked.into_owned()), &as_sent(text), lookup.edits).is_some()
        }) {
            found.insert(other);
        }
    }
    let all = found.len() <= limit;
    let ids: Vec<uuid::Uuid> = found.into_iter().take(limit).collect();
    // Read after the moment was taken: a record that moves on between the two makes the decision
    // stale, never wrong.
    let records = match ids.as_slice() {
        [] => vec![],
        ids => {
            let sql = "SELECT document FROM projections WHERE event_id = ANY ($1)";
            let rows = connection.rows(sql, &[&ids]).await?;
            rows.iter()
                .map(projection::document)
                .collect::<Result<_, _>>()?
        }
    };
    Ok(Candidates {
        records,
        all,
        as_of: moment(&company).cast_unsigned(),
    })
}

/// The database's `duplicate_moment`.
fn moment(company: &BTreeMap<uuid::Uuid, i64>) -> i64 {
    let met: Vec<String> = company
        .iter()
        .map(|(id, version)| format!("{id} {version}"))
        .collect();
    number_of(&met.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_store, plan};

    #[tokio::test]
    async fn the_database_makes_keys_and_numbers_as_the_program_does() {
        let (store, _database) = new_store().await;
        for text in ["", "a", "katherine", "क्षमा", "\u{f8ff}0b"] {
            let row = store.read(|connection| async move {
                connection.one("SELECT number_of($1)", &[&text]).await
            });
            assert_eq!(row.await.unwrap().get::<_, i64>(0), number_of(text));
        }
        for text in [
            "short".to_owned(),
            "ü".repeat(200),
            "ü".repeat(201),
            "🙂".repeat(500),
        ] {
            let text = text.as_str();
            let row = store.read(|connection| async move {
                connection.one("SELECT key_of($1)", &[&text]).await
            });
            assert_eq!(row.await.unwrap().get::<_, String>(0), key(text));
        }
    }

    #[tokio::test]
    async fn a_search_is_a_range_of_an_index() {
        let (store, _database) = new_store().await;
        let company = "SELECT * FROM duplicate_company('00000000-0000-0000-0000-000000000001',
            '{1}', '{smith}', '{0}', '{1}', '{9}', '{0,0}', '{smith,mith}', 10)";
        let plan = plan(&store, company).await;
        assert!(plan.contains("duplicate_spellings_pkey"), "{plan}");
        let range = "Index Cond: ((block = lookups.block) AND (text_key = ";
        assert!(
            plan.contains(range) && plan.contains("AND (day >= "),
            "{plan}"
        );
    }
}
