//! Actions that wait for the country's decision, kept apart by triggers so that finding them passes
//! over no others.

use async_trait::async_trait;
use jiff::Timestamp;
use records::{Action, ActionId};
use storage::{PendingAction, PendingFilter, PendingStore, PendingTotals, StoreError};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    PostgresStore,
    column::{count, get, harmless, id, json, signed, text, time},
    delivery,
    failure::Failure,
};

/// A row of this is a pending action with what its record and its delivery say.
const WAITING: &str = "
    SELECT pending.action_id, pending.event_id AS record_id, pending.event_type, pending.action_type,
      pending.requested_at, events.tracking_id, actions.document, deliveries.*
    FROM pending
    JOIN events ON events.id = pending.event_id
    JOIN actions ON actions.id = pending.action_id
    LEFT JOIN deliveries ON deliveries.action_id = pending.action_id";

#[async_trait]
impl PendingStore for PostgresStore {
    async fn pending_actions(
        &self,
        filter: &PendingFilter,
        after: Option<(Timestamp, ActionId)>,
        limit: u64,
    ) -> Result<Vec<PendingAction>, StoreError> {
        let mut conditions = Conditions::of(filter);
        if let Some((at, id)) = after {
            let at = conditions.value(at.as_millisecond());
            let id = conditions.value(id.0);
            conditions.and(&format!(
                "(pending.requested_at, pending.action_id) > ({at}, {id})"
            ));
        }
        let limit = conditions.value(signed(limit));
        let sql = format!(
            "{WAITING} WHERE {} ORDER BY pending.requested_at, pending.action_id LIMIT {limit}",
            conditions.text
        );
        let (sql, conditions) = (&sql, &conditions);
        self.search(|connection| async move {
            let rows = connection.rows(sql, &conditions.values()).await?;
            rows.iter().map(waiting).collect()
        })
        .await
    }

    async fn pending_action(&self, id: ActionId) -> Result<Option<PendingAction>, StoreError> {
        self.read(|connection| async move {
            let sql = format!("{WAITING} WHERE pending.action_id = $1");
            let row = connection.optional(&sql, &[&id.0]).await?;
            row.as_ref().map(waiting).transpose()
        })
        .await
    }

    async fn count_pending(&self, filter: &PendingFilter) -> Result<u64, StoreError> {
        let conditions = &Conditions::of(filter);
        self.search(|connection| async move {
            let sql = format!(
                "SELECT count(*) AS count FROM pending WHERE {}",
                conditions.text
            );
            count(&connection.one(&sql, &conditions.values()).await?, "count")
        })
        .await
    }

    async fn pending_totals(&self, times: &[Timestamp]) -> Result<Vec<PendingTotals>, StoreError> {
        let times: Vec<i64> = times.iter().map(|at| at.as_millisecond()).collect();
        let before: Vec<_> = (1..=times.len())
            .map(|number| format!("count(*) FILTER (WHERE requested_at < ${number})"))
            .collect();
        let sql = &format!(
            "SELECT event_type, action_type, count(*) AS count, min(requested_at) AS oldest,
               ARRAY[{}]::bigint[] AS before
             FROM pending GROUP BY event_type, action_type ORDER BY event_type, action_type",
            before.join(", ")
        );
        let times = &times;
        self.read(|connection| async move {
            let times: Vec<_> = times.iter().map(|at| at as &(dyn ToSql + Sync)).collect();
            let rows = connection.rows(sql, &times).await?;
            rows.iter().map(totals).collect()
        })
        .await
    }
}

/// Conditions, and the values of their parameters in order.
struct Conditions {
    text: String,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Conditions {
    fn of(filter: &PendingFilter) -> Self {
        let mut all = Self {
            text: "true".to_owned(),
            values: vec![],
        };
        let texts = |all: &[String]| -> Vec<String> {
            all.iter().map(|text| harmless(text).into_owned()).collect()
        };
        if !filter.event_types.is_empty() {
            let types = all.value(texts(&filter.event_types));
            all.and(&format!("pending.event_type = ANY ({types})"));
        }
        if !filter.action_types.is_empty() {
            let types = all.value(texts(&filter.action_types));
            all.and(&format!("pending.action_type = ANY ({types})"));
        }
        if let Some(event) = filter.event_id {
            let event = all.value(event.0);
            all.and(&format!("pending.event_id = {event}"));
        }
        if let Some(delivered) = filter.delivered {
            let not = if delivered { "" } else { "NOT " };
            all.and(&format!(
                "{not}EXISTS (
                   SELECT FROM finished_deliveries AS done
                   WHERE done.action_id = pending.action_id AND done.state = 'delivered'
                 )"
            ));
        }
        if let Some(from) = filter.from {
            let from = all.value(from.as_millisecond());
            all.and(&format!("pending.requested_at >= {from}"));
        }
        if let Some(until) = filter.until {
            let until = all.value(until.as_millisecond());
            all.and(&format!("pending.requested_at < {until}"));
        }
        all
    }

    /// Keeps a value, and answers how a condition names it.
    fn value(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| &**value as _).collect()
    }
}

fn waiting(row: &Row) -> Result<PendingAction, Failure> {
    let action: Action = json(row, "document", "an action")?;
    let delivered: Option<uuid::Uuid> = get(row, "id")?;
    Ok(PendingAction {
        event_id: id(row, "record_id")?,
        event_type: text(row, "event_type")?,
        tracking_id: text(row, "tracking_id")?,
        action_id: action.id,
        action_type: action.action_type,
        custom_action_type: action.custom_action_type,
        transaction_id: action.transaction_id,
        created_by: action.created_by,
        requested_at: time(row, "requested_at")?,
        delivery: delivered.map(|_| delivery::delivery(row)).transpose()?,
    })
}

fn totals(row: &Row) -> Result<PendingTotals, Failure> {
    let before: Vec<i64> = get(row, "before")?;
    Ok(PendingTotals {
        event_type: text(row, "event_type")?,
        action_type: serde_json::from_value(text(row, "action_type")?.into())
            .map_err(|error| Failure::unreadable("an action's type", error))?,
        count: count(row, "count")?,
        oldest: time(row, "oldest")?,
        before: before.into_iter().map(i64::unsigned_abs).collect(),
    })
}
