//! Who may try what, and until when.
//!
//! Of a record's unfinished deliveries only the oldest is marked `head`; a claim looks at heads
//! alone. Triggers in the migrations move the next one up when a head is finished. Heads are
//! indexed by kind, so that what is due of kinds that are left alone is never walked over: each
//! other kind is asked for its first few, and the first of these are taken.

use std::collections::BTreeSet;

use jiff::Timestamp;
use records::{DeliveryId, EventId};
use rusqlite::{Connection, params};
use storage::Claim;

use super::row;
use crate::{
    column::{id, optional_time, signed},
    failure::Failure,
};

const EXPIRE: &str = "UPDATE deliveries
    SET state = 'expired', head = 0, owner = NULL, body = NULL, finished_at = ?1
    WHERE finished_at IS NULL AND expires_at <= ?1 AND (state = 'queued' OR due_at <= ?1)";

/// What is asked of heads that were never tried, and of those that were: `attempts` is compared as
/// the partial indexes compare it.
struct Heads {
    /// The first kind after one.
    next_kind: &'static str,
    /// The first that are due of a kind.
    due: &'static str,
    /// When the first of a kind is due.
    first: &'static str,
}

macro_rules! heads {
    ($attempts:literal) => {
        Heads {
            next_kind: concat!(
                "SELECT min(kind) FROM deliveries WHERE head = 1 AND ",
                $attempts,
                " AND kind > ?1"
            ),
            due: concat!(
                "SELECT due_at, position FROM deliveries WHERE head = 1 AND ",
                $attempts,
                " AND kind = ?1 AND due_at <= ?2 ORDER BY due_at, position LIMIT ?3"
            ),
            first: concat!(
                "SELECT min(due_at) AS due_at FROM deliveries WHERE head = 1 AND ",
                $attempts,
                " AND kind = ?1"
            ),
        }
    };
}

/// First attempts go first.
const HEADS: [Heads; 2] = [heads!("attempts = 0"), heads!("attempts > 0")];

const RELEASE: &str = "UPDATE deliveries SET state = 'queued', owner = NULL, due_at = ?1
    WHERE owner IS NOT NULL AND ";

/// Closes what is too late to be of use, unless somebody is trying it just now.
pub(super) fn expire(connection: &Connection, now: Timestamp) -> Result<(), Failure> {
    connection
        .prepare_cached(EXPIRE)?
        .execute([now.as_millisecond()])?;
    Ok(())
}

/// Leases the first that are due.
pub(super) fn claim(
    connection: &Connection,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
    except: &[String],
) -> Result<Vec<Claim>, Failure> {
    let Some(left) = Left::alone(connection, except)? else {
        return Ok(vec![]);
    };
    let mut claims = vec![];
    for position in due(connection, now, limit, &left)? {
        let mut lease = connection.prepare_cached(
            "UPDATE deliveries SET state = 'leased', owner = ?2, due_at = ?3,
               attempts = attempts + 1, fence = fence + 1
             WHERE position = ?1 RETURNING *",
        )?;
        let values = params![position, owner, lease_until.as_millisecond()];
        let leased = lease.query_and_then(values, |row| {
            Ok::<_, Failure>(Claim {
                delivery: row::delivery(row)?,
                fence: row.get("fence")?,
            })
        })?;
        for claim in leased {
            claims.push(claim?);
        }
    }
    Ok(claims)
}

/// When the first can be claimed.
pub(super) fn next_due(
    connection: &Connection,
    except: &[String],
) -> Result<Option<Timestamp>, Failure> {
    let Some(left) = Left::alone(connection, except)? else {
        return Ok(None);
    };
    let mut next: Option<Timestamp> = None;
    for heads in &HEADS {
        for kind in left.others(connection, heads)? {
            let mut select = connection.prepare_cached(heads.first)?;
            let first = select.query_and_then([kind], |row| optional_time(row, "due_at"))?;
            for first in first {
                next = next.into_iter().chain(first?).min();
            }
        }
    }
    Ok(next)
}

/// The head of one record.
pub(super) fn first_in_line(
    connection: &Connection,
    event: EventId,
) -> Result<Option<DeliveryId>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM deliveries WHERE event_id = ?1 AND head = 1 AND finished_at IS NULL",
    )?;
    let mut found = select.query_and_then([event.0.as_bytes()], |row| id(row, "id"))?;
    found.next().transpose()
}

/// Puts one node's claims back.
pub(crate) fn release(
    connection: &Connection,
    owner: &str,
    now: Timestamp,
) -> Result<u64, Failure> {
    let released = connection
        .prepare_cached(&format!("{RELEASE} owner = ?2"))?
        .execute(params![now.as_millisecond(), owner])?;
    Ok(released.try_into().unwrap_or(u64::MAX))
}

/// Puts the claims back of all nodes that gave no sign since a time.
pub(crate) fn release_of_silent(
    connection: &Connection,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64, Failure> {
    let released = connection
        .prepare_cached(&format!(
            "{RELEASE} owner NOT IN (SELECT node FROM nodes WHERE at >= ?2)"
        ))?
        .execute(params![now.as_millisecond(), since.as_millisecond()])?;
    Ok(released.try_into().unwrap_or(u64::MAX))
}

/// Takes claims back whose attempts were never begun; the fences stay as they are, and grow on.
pub(super) fn hand_back(
    connection: &Connection,
    claims: &[(DeliveryId, u64)],
    now: Timestamp,
) -> Result<u64, Failure> {
    let mut handed_back = 0;
    for (id, fence) in claims {
        let written = connection
            .prepare_cached(
                "UPDATE deliveries SET state = 'queued', owner = NULL, attempts = attempts - 1,
                   due_at = CASE WHEN attempts = 1 THEN min(created_at, ?3) ELSE ?3 END
                 WHERE id = ?1 AND state = 'leased' AND fence = ?2",
            )?
            .execute(params![
                id.0.as_bytes(),
                signed(*fence),
                now.as_millisecond()
            ])?;
        handed_back += u64::from(written > 0);
    }
    Ok(handed_back)
}

/// Whether a new delivery of this kind may be tried.
pub(super) fn is_paused(connection: &Connection, kind: &str) -> Result<bool, Failure> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM pauses WHERE kind = ?1 OR kind IS NULL")?
        .exists([kind])?)
}

/// Kinds that nobody claims.
struct Left(BTreeSet<String>);

impl Left {
    /// The excepted and the paused ones; `None` when all are paused.
    fn alone(connection: &Connection, except: &[String]) -> Result<Option<Self>, Failure> {
        let mut left: BTreeSet<_> = except.iter().cloned().collect();
        let mut select = connection.prepare_cached("SELECT kind FROM pauses")?;
        for kind in select.query_map([], |row| row.get(0))? {
            match kind? {
                Some(kind) => left.insert(kind),
                None => return Ok(None),
            };
        }
        Ok(Some(Self(left)))
    }

    /// All others that have heads.
    fn others(&self, connection: &Connection, heads: &Heads) -> Result<Vec<String>, Failure> {
        let mut others = vec![];
        let mut select = connection.prepare_cached(heads.next_kind)?;
        let mut last = String::new();
        while let Some(kind) = select.query_row([&last], |row| row.get::<_, Option<String>>(0))? {
            last.clone_from(&kind);
            if !self.0.contains(&kind) {
                others.push(kind);
            }
        }
        Ok(others)
    }
}

/// Positions of the first that are due, in the order in which they are tried.
fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
    left: &Left,
) -> Result<Vec<i64>, Failure> {
    let mut all = vec![];
    for heads in &HEADS {
        let room = limit - all.len();
        if room == 0 {
            break;
        }
        let most = signed(room.try_into().unwrap_or(u64::MAX));
        let mut due: Vec<(i64, i64)> = vec![];
        for kind in left.others(connection, heads)? {
            let mut select = connection.prepare_cached(heads.due)?;
            let values = params![kind, now.as_millisecond(), most];
            for found in select.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))? {
                due.push(found?);
            }
        }
        due.sort_unstable();
        all.extend(due.into_iter().map(|(_, position)| position).take(room));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn claiming_walks_along_the_index_of_a_kind_and_sorts_nothing() {
        let (_directory, connection) = new_file();
        let [first, again] = &HEADS;
        for (sql, step, values) in [
            (EXPIRE, "deliveries_expiring (expires_at<?)", 1),
            (first.due, "deliveries_first_due (kind=? AND due_at<?)", 3),
            (again.due, "deliveries_retry_due (kind=? AND due_at<?)", 3),
            (first.first, "deliveries_first_due (kind=?)", 1),
            (again.first, "deliveries_retry_due (kind=?)", 1),
            (first.next_kind, "deliveries_first_due (kind>?)", 1),
            (again.next_kind, "deliveries_retry_due (kind>?)", 1),
        ] {
            let plan = plan(&connection, sql, vec![1.into(); values]);
            assert!(plan.contains(step), "{plan}");
            assert!(!plan.contains("B-TREE"), "{plan}");
        }
    }

    #[test]
    fn releasing_looks_at_what_is_leased_alone() {
        let (_directory, connection) = new_file();
        for which in [
            "owner = ?2",
            "owner NOT IN (SELECT node FROM nodes WHERE at >= ?2)",
        ] {
            let sql = format!("{RELEASE} {which}");
            let plan = plan(&connection, &sql, vec![1.into(); 2]);
            assert!(plan.contains("deliveries_leased"), "{plan}");
        }
    }
}
