//! Deliveries found by what operators look for.

use rusqlite::{Connection, params_from_iter, types::Value};
use storage::{DeliveryFilter, DeliveryPage, DeliveryState};

use super::row;
use crate::{
    column::{signed, to_json},
    failure::Failure,
};

/// A page of what the filter lets through, newest first.
pub(super) fn page(
    connection: &Connection,
    filter: &DeliveryFilter,
    after: Option<u64>,
    limit: u64,
) -> Result<DeliveryPage, Failure> {
    let (mut conditions, mut values) = narrowed(filter)?;
    if let Some(after) = after {
        conditions.push_str(" AND position < ?");
        values.push(signed(after).into());
    }
    // One more than asked for, to know whether there is one.
    values.push(signed(limit.saturating_add(1)).into());
    let mut select = connection.prepare_cached(&format!(
        "SELECT * FROM deliveries WHERE {conditions} ORDER BY position DESC LIMIT ?"
    ))?;
    let found = select.query_and_then(params_from_iter(values), |row| {
        Ok::<_, Failure>((row.get::<_, u64>("position")?, row::delivery(row)?))
    })?;
    let mut found = found.collect::<Result<Vec<_>, _>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(position, _)| *position);
    let deliveries = found.into_iter().map(|(_, delivery)| delivery).collect();
    Ok(DeliveryPage { deliveries, next })
}

/// How many the filter lets through, counted no further than `at_most`.
pub(super) fn count(
    connection: &Connection,
    filter: &DeliveryFilter,
    at_most: u64,
) -> Result<u64, Failure> {
    let (conditions, mut values) = narrowed(filter)?;
    values.push(signed(at_most).into());
    Ok(connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE {conditions} LIMIT ?)"
        ))?
        .query_row(params_from_iter(values), |row| row.get(0))?)
}

fn narrowed(filter: &DeliveryFilter) -> Result<(String, Vec<Value>), Failure> {
    let mut conditions = String::from("TRUE");
    let mut values = vec![];
    let mut add = |condition: &str, value: Value| {
        conditions.push_str(" AND ");
        conditions.push_str(condition);
        values.push(value);
    };
    if !filter.states.is_empty() {
        let states = to_json(&filter.states)?;
        add("state IN (SELECT value FROM json_each(?))", states.into());
    }
    if !filter.kinds.is_empty() {
        let kinds = to_json(&filter.kinds)?;
        add("kind IN (SELECT value FROM json_each(?))", kinds.into());
    }
    if let Some(event_type) = &filter.event_type {
        add(
            "(SELECT type FROM events WHERE events.id = deliveries.event_id) = ?",
            event_type.clone().into(),
        );
    }
    if let Some(event) = filter.event_id {
        add("event_id = ?", event.0.as_bytes().to_vec().into());
    }
    if !filter.outcomes.is_empty() {
        let outcomes = to_json(&filter.outcomes)?;
        add(
            "last_outcome IN (SELECT value FROM json_each(?))",
            outcomes.into(),
        );
    }
    if let Some(attempts) = filter.attempts {
        add("attempts >= ?", attempts.into());
    }
    if let Some(from) = filter.from {
        add("created_at >= ?", from.as_millisecond().into());
    }
    if let Some(until) = filter.until {
        add("created_at < ?", until.as_millisecond().into());
    }
    // Says to SQLite what follows from the states, so that it finds the index of what waits.
    let unfinished =
        |state: &DeliveryState| matches!(state, DeliveryState::Queued | DeliveryState::Leased);
    if !filter.states.is_empty() && filter.states.iter().all(unfinished) {
        conditions.push_str(" AND finished_at IS NULL");
    }
    Ok((conditions, values))
}

#[cfg(test)]
mod tests {
    use records::EventId;

    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn a_page_stops_at_its_limit_and_what_waits_is_not_sought_in_what_is_finished() {
        let (_directory, connection) = new_file();
        let waiting = DeliveryFilter {
            states: vec![DeliveryState::Queued, DeliveryState::Leased],
            outcomes: vec!["timeout".to_owned()],
            ..DeliveryFilter::default()
        };
        let of_record = DeliveryFilter {
            event_id: Some(EventId(uuid::Uuid::nil())),
            ..DeliveryFilter::default()
        };
        for (filter, step) in [
            (DeliveryFilter::default(), "PRIMARY KEY (rowid<?)"),
            (waiting, "deliveries_unfinished "),
            (of_record, "deliveries_of_event (event_id=?"),
        ] {
            let (conditions, mut values) = narrowed(&filter).unwrap();
            values.push(1.into());
            let sql = format!(
                "SELECT * FROM deliveries WHERE {conditions} AND position < ?
                 ORDER BY position DESC LIMIT 10"
            );
            let plan = plan(&connection, &sql, values);
            assert!(plan.contains(step), "{plan}");
            assert!(!plan.contains("B-TREE"), "{plan}");
        }
    }
}
