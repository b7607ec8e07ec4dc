//! What operators order: pauses, and sendings of many at once.

use jiff::Timestamp;
use storage::{Pause, Sending};
use tokio_postgres::Row;

use crate::{
    column::{harmless, json, optional_text, signed, text, time, to_json},
    connection::Connection,
    failure::Failure,
};

pub(super) async fn pauses(connection: &Connection) -> Result<Vec<Pause>, Failure> {
    let rows = connection
        .rows("SELECT * FROM pauses ORDER BY kind NULLS FIRST", &[])
        .await?;
    rows.iter().map(pause).collect()
}

fn pause(row: &Row) -> Result<Pause, Failure> {
    Ok(Pause {
        kind: optional_text(row, "kind")?,
        since: time(row, "since")?,
        by: text(row, "by")?,
        reason: optional_text(row, "reason")?,
    })
}

/// `false` when it is stopped already.
pub(super) async fn stop(connection: &Connection, pause: &Pause) -> Result<bool, Failure> {
    let written = connection
        .execute(
            "INSERT INTO pauses (kind, since, by, reason) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            &[
                &pause.kind.as_deref().map(harmless),
                &pause.since.as_millisecond(),
                &harmless(&pause.by),
                &pause.reason.as_deref().map(harmless),
            ],
        )
        .await?;
    Ok(written > 0)
}

/// `false` when it was not stopped.
pub(super) async fn resume(connection: &Connection, kind: Option<&str>) -> Result<bool, Failure> {
    let lifted = connection
        .execute(
            "DELETE FROM pauses WHERE kind IS NOT DISTINCT FROM $1",
            &[&kind.map(harmless)],
        )
        .await?;
    Ok(lifted > 0)
}

pub(super) async fn save(connection: &Connection, sending: &Sending) -> Result<(), Failure> {
    connection
        .execute(
            "INSERT INTO sendings (id, started_at, ended_at, document) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at,
               ended_at = excluded.ended_at, document = excluded.document
             WHERE sendings.ended_at IS NULL",
            &[
                &sending.id,
                &sending.started_at.as_millisecond(),
                &sending.ended_at.map(Timestamp::as_millisecond),
                &to_json(sending)?,
            ],
        )
        .await?;
    Ok(())
}

/// The newest orders, newest first.
pub(super) async fn sendings(
    connection: &Connection,
    under_way: bool,
    limit: u64,
) -> Result<Vec<Sending>, Failure> {
    let which = if under_way {
        "ended_at IS NULL"
    } else {
        "true"
    };
    let sql = format!(
        "SELECT document FROM sendings WHERE {which} ORDER BY started_at DESC, id DESC LIMIT $1"
    );
    let rows = connection.rows(&sql, &[&signed(limit)]).await?;
    let read = |row| json(row, "document", "an order to send deliveries");
    rows.iter().map(read).collect()
}
