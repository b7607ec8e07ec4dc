//! Actions that wait for the country's decision. Triggers in the migrations keep their table.

use async_trait::async_trait;
use jiff::Timestamp;
use records::{Action, ActionId};
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use storage::{PendingAction, PendingFilter, PendingStore, PendingTotals, StoreError};

use crate::{
    SqliteStore,
    column::{id, json, signed, time, to_json, word},
    delivery,
    failure::Failure,
};

#[async_trait]
impl PendingStore for SqliteStore {
    async fn pending_actions(
        &self,
        filter: &PendingFilter,
        after: Option<(Timestamp, ActionId)>,
        limit: u64,
    ) -> Result<Vec<PendingAction>, StoreError> {
        let filter = filter.clone();
        self.search(move |connection| page(connection, &filter, after, limit))
            .await
    }

    async fn pending_action(&self, id: ActionId) -> Result<Option<PendingAction>, StoreError> {
        self.read(move |connection| {
            let one = vec![id.0.as_bytes().to_vec().into()];
            Ok(select(connection, "pending.action_id = ?", one)?.pop())
        })
        .await
    }

    async fn count_pending(&self, filter: &PendingFilter) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.search(move |connection| {
            let (conditions, values) = narrowed(&filter)?;
            Ok(connection
                .prepare_cached(&format!("SELECT count(*) FROM pending WHERE {conditions}"))?
                .query_row(params_from_iter(values), |row| row.get(0))?)
        })
        .await
    }

    async fn pending_totals(&self, times: &[Timestamp]) -> Result<Vec<PendingTotals>, StoreError> {
        let times = times.to_vec();
        self.read(move |connection| totals(connection, &times))
            .await
    }
}

fn page(
    connection: &Connection,
    filter: &PendingFilter,
    after: Option<(Timestamp, ActionId)>,
    limit: u64,
) -> Result<Vec<PendingAction>, Failure> {
    let (mut conditions, mut values) = narrowed(filter)?;
    if let Some((at, action)) = after {
        conditions.push_str(" AND (requested_at, pending.action_id) > (?, ?)");
        values.extend([
            at.as_millisecond().into(),
            action.0.as_bytes().to_vec().into(),
        ]);
    }
    conditions.push_str(" ORDER BY requested_at, pending.action_id LIMIT ?");
    values.push(signed(limit).into());
    select(connection, &conditions, values)
}

fn select(
    connection: &Connection,
    which: &str,
    values: Vec<Value>,
) -> Result<Vec<PendingAction>, Failure> {
    let mut select = connection.prepare_cached(&format!("{SELECT} {which}"))?;
    let found = select.query_and_then(params_from_iter(values), |row| {
        pending_action(connection, row)
    })?;
    found.collect()
}

const SELECT: &str = "SELECT pending.*, events.tracking_id, actions.document
    FROM pending CROSS JOIN events ON events.id = pending.event_id
      CROSS JOIN actions ON actions.id = pending.action_id
    WHERE";

fn pending_action(connection: &Connection, row: &Row<'_>) -> Result<PendingAction, Failure> {
    let action: Action = json(row, "document", "an action")?;
    let delivery = connection
        .prepare_cached("SELECT * FROM deliveries WHERE action_id = ?1")?
        .query_and_then([action.id.0.as_bytes()], delivery::read)?
        .next()
        .transpose()?;
    Ok(PendingAction {
        event_id: id(row, "event_id")?,
        event_type: row.get("event_type")?,
        tracking_id: row.get("tracking_id")?,
        action_id: action.id,
        action_type: action.action_type,
        custom_action_type: action.custom_action_type,
        transaction_id: action.transaction_id,
        created_by: action.created_by,
        requested_at: time(row, "requested_at")?,
        delivery,
    })
}

fn narrowed(filter: &PendingFilter) -> Result<(String, Vec<Value>), Failure> {
    let mut conditions = String::from("TRUE");
    let mut values: Vec<Value> = vec![];
    for (column, words) in [
        ("event_type", &filter.event_types),
        ("action_type", &filter.action_types),
    ] {
        if !words.is_empty() {
            conditions.push_str(&format!(
                " AND pending.{column} IN (SELECT value FROM json_each(?))"
            ));
            values.push(to_json(words)?.into());
        }
    }
    if let Some(event) = filter.event_id {
        conditions.push_str(" AND pending.event_id = ?");
        values.push(event.0.as_bytes().to_vec().into());
    }
    if let Some(delivered) = filter.delivered {
        let not = if delivered { "" } else { "NOT " };
        conditions.push_str(&format!(
            " AND {not}EXISTS (SELECT 1 FROM deliveries
               WHERE deliveries.action_id = pending.action_id AND state = 'delivered')"
        ));
    }
    for (comparison, at) in [(">=", filter.from), ("<", filter.until)] {
        if let Some(at) = at {
            conditions.push_str(&format!(" AND requested_at {comparison} ?"));
            values.push(at.as_millisecond().into());
        }
    }
    Ok((conditions, values))
}

fn totals(connection: &Connection, times: &[Timestamp]) -> Result<Vec<PendingTotals>, Failure> {
    let mut types = connection.prepare_cached(
        "SELECT event_type, action_type, count(*) AS count, min(requested_at) AS oldest
         FROM pending GROUP BY event_type, action_type",
    )?;
    let mut before = connection.prepare_cached(
        "SELECT count(*) FROM pending
         WHERE event_type = ?1 AND action_type = ?2 AND requested_at < ?3",
    )?;
    let totals = types.query_and_then([], |row| {
        let event_type: String = row.get("event_type")?;
        let spelt: String = row.get("action_type")?;
        let before = times.iter().map(|at| {
            let values = params![event_type, spelt, at.as_millisecond()];
            Ok(before.query_row(values, |row| row.get(0))?)
        });
        Ok(PendingTotals {
            before: before.collect::<Result<_, Failure>>()?,
            action_type: word(row, "action_type", "an action's type")?,
            count: row.get("count")?,
            oldest: time(row, "oldest")?,
            event_type,
        })
    })?;
    totals.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn a_page_walks_along_the_ages_and_stops_at_its_limit() {
        let (_directory, connection) = new_file();
        let sql = format!(
            "{SELECT} TRUE AND (requested_at, pending.action_id) > (?, ?)
             ORDER BY requested_at, pending.action_id LIMIT ?"
        );
        let plan = plan(&connection, &sql, vec![1.into(); 3]);
        assert!(plan.contains("pending_by_age"), "{plan}");
        assert!(!plan.contains("B-TREE"), "{plan}");
    }
}
