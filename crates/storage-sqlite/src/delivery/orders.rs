//! What operators order: to stop, to send now, to send once more.

use jiff::Timestamp;
use records::DeliveryId;
use rusqlite::{Connection, params};
use storage::{Pause, Resent, Sending};

use crate::{
    column::{json, optional_time, signed, time, to_json},
    failure::Failure,
};

/// Makes queued ones due; how many there were.
pub(super) fn hurry(
    connection: &Connection,
    ids: &[DeliveryId],
    now: Timestamp,
) -> Result<u64, Failure> {
    let mut hurried = 0;
    for id in ids {
        let written = connection
            .prepare_cached(
                "UPDATE deliveries SET due_at = min(due_at, ?2) WHERE id = ?1 AND state = 'queued'",
            )?
            .execute(params![id.0.as_bytes(), now.as_millisecond()])?;
        hurried += u64::from(written > 0);
    }
    Ok(hurried)
}

/// Opens a delivery again, or hurries it.
pub(super) fn resend(
    connection: &Connection,
    id: DeliveryId,
    now: Timestamp,
) -> Result<Resent, Failure> {
    let stands = connection
        .prepare_cached(
            "SELECT finished_at, owner, due_at,
               EXISTS (SELECT 1 FROM pending WHERE pending.action_id = deliveries.action_id)
                 AS waits
             FROM deliveries WHERE id = ?1",
        )?
        .query_and_then([id.0.as_bytes()], |row| {
            Ok::<_, Failure>((
                optional_time(row, "finished_at")?.is_some(),
                row.get::<_, Option<String>>("owner")?.is_some() && time(row, "due_at")? > now,
                row.get::<_, bool>("waits")?,
            ))
        })?
        .next()
        .transpose()?;
    Ok(match stands {
        None => Resent::Unknown,
        Some((false, true, _)) => Resent::UnderWay,
        Some((false, false, _)) => {
            hurry(connection, &[id], now)?;
            Resent::Hurried
        }
        Some((true, _, false)) => Resent::Over,
        Some((true, _, true)) => {
            reopen(connection, id, now)?;
            Resent::Queued
        }
    })
}

/// Puts a finished delivery of a record last in its line.
fn reopen(connection: &Connection, id: DeliveryId, now: Timestamp) -> Result<(), Failure> {
    // Positions come from this sequence: whatever begins later has a later one.
    let turn: i64 = connection
        .prepare_cached(
            "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'deliveries' RETURNING seq",
        )?
        .query_row([], |row| row.get(0))?;
    connection
        .prepare_cached(
            "UPDATE deliveries SET state = 'queued', finished_at = NULL, due_at = ?2, turn = ?3,
               head = NOT EXISTS (
                 SELECT 1 FROM deliveries AS others
                 WHERE others.event_id = deliveries.event_id AND others.finished_at IS NULL
               )
             WHERE id = ?1",
        )?
        .execute(params![id.0.as_bytes(), now.as_millisecond(), turn])?;
    Ok(())
}

pub(super) fn pauses(connection: &Connection) -> Result<Vec<Pause>, Failure> {
    let mut select = connection.prepare_cached("SELECT * FROM pauses ORDER BY kind NULLS FIRST")?;
    let pauses = select.query_and_then([], |row| {
        Ok(Pause {
            kind: row.get("kind")?,
            since: time(row, "since")?,
            by: row.get("by")?,
            reason: row.get("reason")?,
        })
    })?;
    pauses.collect()
}

pub(super) fn pause(connection: &Connection, pause: &Pause) -> Result<bool, Failure> {
    let written = connection.execute(
        "INSERT INTO pauses (kind, since, by, reason) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
        params![
            pause.kind,
            pause.since.as_millisecond(),
            pause.by,
            pause.reason
        ],
    )?;
    Ok(written > 0)
}

pub(super) fn resume(connection: &Connection, kind: Option<&str>) -> Result<bool, Failure> {
    Ok(connection.execute("DELETE FROM pauses WHERE kind IS ?1", [kind])? > 0)
}

pub(super) fn save_sending(connection: &Connection, sending: &Sending) -> Result<(), Failure> {
    connection.execute(
        "INSERT INTO sendings (id, started_at, ended_at, document) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at,
           ended_at = excluded.ended_at, document = excluded.document
         WHERE sendings.ended_at IS NULL",
        params![
            sending.id.as_bytes(),
            sending.started_at.as_millisecond(),
            sending.ended_at.map(Timestamp::as_millisecond),
            to_json(sending)?,
        ],
    )?;
    Ok(())
}

pub(super) fn sendings(
    connection: &Connection,
    under_way: bool,
    limit: u64,
) -> Result<Vec<Sending>, Failure> {
    let which = if under_way {
        "ended_at IS NULL"
    } else {
        "TRUE"
    };
    let mut select = connection.prepare_cached(&format!(
        "SELECT document FROM sendings WHERE {which} ORDER BY started_at DESC, id DESC LIMIT ?1"
    ))?;
    let sendings = select.query_and_then([signed(limit)], |row| {
        json(row, "document", "an order to send")
    })?;
    sendings.collect()
}

/// Which deliveries may still keep what answers said, though nobody needs it any more.
const ANSWERED: &str = "SELECT position FROM deliveries
    WHERE finished_at IS NOT NULL AND has_answers = 1 AND finished_at < ?1
      AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.action_id = deliveries.action_id)
    ORDER BY finished_at, position LIMIT ?2";

pub(super) fn forget_answers(
    connection: &Connection,
    before: Timestamp,
    limit: u64,
) -> Result<u64, Failure> {
    let mut select = connection.prepare_cached(ANSWERED)?;
    let values = params![before.as_millisecond(), signed(limit)];
    let positions: Vec<i64> = select
        .query_map(values, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for position in &positions {
        connection
            .prepare_cached(
                "UPDATE attempts SET answer = NULL
                 WHERE delivery_id = (SELECT id FROM deliveries WHERE position = ?1)
                   AND answer IS NOT NULL",
            )?
            .execute([position])?;
        connection
            .prepare_cached("UPDATE deliveries SET has_answers = 0 WHERE position = ?1")?
            .execute([position])?;
    }
    Ok(positions.len().try_into().unwrap_or(u64::MAX))
}

/// An attempt was written down late, on a delivery whose answers may have been forgotten.
pub(super) fn has_answers_again(connection: &Connection, id: DeliveryId) -> Result<(), Failure> {
    connection
        .prepare_cached("UPDATE deliveries SET has_answers = 1 WHERE id = ?1 AND has_answers = 0")?
        .execute([id.0.as_bytes()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn what_is_to_be_forgotten_is_found_by_an_index_that_forgets_it_too() {
        let (_directory, connection) = new_file();
        let plan = plan(&connection, ANSWERED, vec![1.into(); 2]);
        let step = "deliveries_with_answers (finished_at>? AND finished_at<?)";
        assert!(plan.contains(step), "{plan}");
        assert!(!plan.contains("B-TREE"), "{plan}");
    }
}
