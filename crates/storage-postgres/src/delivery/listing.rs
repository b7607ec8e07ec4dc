//! Deliveries that a filter lets through.

use jiff::Timestamp;
use storage::{DeliveryFilter, DeliveryPage, DeliveryState};
use tokio_postgres::types::ToSql;

use super::row;
use crate::{
    column::{count, get, harmless, signed, to_word},
    connection::Connection,
    failure::Failure,
};

/// Conditions, and the values of their parameters in order.
struct Conditions {
    text: String,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Conditions {
    fn of(filter: &DeliveryFilter) -> Result<Self, Failure> {
        let mut all = Self {
            text: "true".to_owned(),
            values: vec![],
        };
        // Written out, so that the database sees at once which of its two tables has none.
        if !filter.states.is_empty() {
            let words: Result<Vec<_>, Failure> = filter.states.iter().map(quoted).collect();
            all.text
                .push_str(&format!(" AND state IN ({})", words?.join(", ")));
        }
        if !filter.kinds.is_empty() {
            all.and("kind = ANY ($)", texts(&filter.kinds));
        }
        if let Some(event_type) = &filter.event_type {
            all.and(
                "EXISTS (SELECT FROM events WHERE events.id = event_id AND events.type = $)",
                harmless(event_type).into_owned(),
            );
        }
        if let Some(event) = filter.event_id {
            all.and("event_id = $", event.0);
        }
        if !filter.outcomes.is_empty() {
            all.and("last_outcome = ANY ($)", texts(&filter.outcomes));
        }
        if let Some(attempts) = filter.attempts {
            all.and("attempts >= $", i32::try_from(attempts).unwrap_or(i32::MAX));
        }
        if let Some(from) = filter.from {
            all.and("created_at >= $", Timestamp::as_millisecond(from));
        }
        if let Some(until) = filter.until {
            all.and("created_at < $", Timestamp::as_millisecond(until));
        }
        Ok(all)
    }

    /// Adds a condition with one parameter, which stands as `$` in it.
    fn and(&mut self, condition: &str, value: impl ToSql + Sync + Send + 'static) {
        self.values.push(Box::new(value));
        let number = format!("${}", self.values.len());
        self.text.push_str(" AND ");
        self.text.push_str(&condition.replace('$', &number));
    }

    /// The conditions between these two, of which the second has one more parameter.
    fn statement(&mut self, before: &str, after: &str, value: i64) -> String {
        self.values.push(Box::new(value));
        let after = after.replace('$', &format!("${}", self.values.len()));
        format!("{before} {} {after}", self.text)
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| &**value as _).collect()
    }
}

fn quoted(state: &DeliveryState) -> Result<String, Failure> {
    Ok(format!("'{}'", to_word(state)?))
}

fn texts(all: &[String]) -> Vec<String> {
    all.iter().map(|text| harmless(text).into_owned()).collect()
}

/// A page of them, newest first.
pub(super) async fn page(
    connection: &Connection,
    filter: &DeliveryFilter,
    after: Option<u64>,
    limit: u64,
) -> Result<DeliveryPage, Failure> {
    let mut conditions = Conditions::of(filter)?;
    if let Some(after) = after {
        conditions.and("position < $", signed(after));
    }
    // One more than asked for tells whether there is another page.
    let sql = conditions.statement(
        "SELECT * FROM deliveries WHERE",
        "ORDER BY position DESC LIMIT $",
        signed(limit.saturating_add(1)),
    );
    let mut rows = connection.rows(&sql, &conditions.values()).await?;
    let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match rows.last() {
        Some(last) if more => Some(count(last, "position")?),
        _ => None,
    };
    let deliveries = rows.iter().map(row::delivery).collect::<Result<_, _>>()?;
    Ok(DeliveryPage { deliveries, next })
}

/// How many they are, counted no further than this.
pub(super) async fn counted(
    connection: &Connection,
    filter: &DeliveryFilter,
    at_most: u64,
) -> Result<u64, Failure> {
    let mut conditions = Conditions::of(filter)?;
    let sql = conditions.statement(
        "SELECT count(*) AS count FROM (SELECT FROM deliveries WHERE",
        "LIMIT $) AS found",
        signed(at_most),
    );
    let row = connection.one(&sql, &conditions.values()).await?;
    Ok(get::<i64>(&row, "count")?.unsigned_abs())
}
