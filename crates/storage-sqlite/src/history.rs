//! What people did to records.

use async_trait::async_trait;
use rusqlite::{Row, params_from_iter, types::Value};
use storage::{ActionDone, ActionsOf, HistoryStore, StoreError};

use crate::{
    SqliteStore,
    column::{self, json, signed, to_json},
    failure::Failure,
};

#[async_trait]
impl HistoryStore for SqliteStore {
    async fn actions_of(
        &self,
        of: &ActionsOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<ActionDone>, u64), StoreError> {
        let (conditions, mut values) = narrowed(of)?;
        self.read(move |connection| {
            let total = connection
                .prepare_cached(&format!("SELECT count(*) FROM actions WHERE {conditions}"))?
                .query_row(params_from_iter(&values), |row| row.get(0))?;
            let mut select = connection.prepare_cached(&format!(
                "SELECT actions.event_id, actions.document, events.type, events.tracking_id
                 FROM actions JOIN events ON events.id = actions.event_id
                 WHERE {conditions}
                 ORDER BY {TAKEN_AT} DESC, position DESC LIMIT ? OFFSET ?"
            ))?;
            values.extend([signed(limit).into(), signed(offset).into()]);
            let actions = select.query_and_then(params_from_iter(&values), done)?;
            Ok((actions.collect::<Result<_, Failure>>()?, total))
        })
        .await
    }
}

/// Of the index `actions_by_author`.
const TAKEN_BY: &str = "actions.document ->> '$.createdBy'";
const TAKEN_AT: &str = "actions.document ->> '$.createdAt'";

fn narrowed(of: &ActionsOf) -> Result<(String, Vec<Value>), Failure> {
    let mut conditions = vec![format!("{TAKEN_BY} = ?")];
    let mut values = vec![Value::from(of.person.clone())];
    // Times of actions are texts that sort as the times do.
    for (comparison, at) in [(">=", of.from), ("<=", of.until)] {
        if let Some(at) = at {
            conditions.push(format!("{TAKEN_AT} {comparison} ?"));
            values.push(world::iso(at).into());
        }
    }
    if let Some(types) = &of.types {
        conditions.push("actions.type IN (SELECT value FROM json_each(?))".to_owned());
        values.push(to_json(types)?.into());
    }
    Ok((conditions.join(" AND "), values))
}

fn done(row: &Row<'_>) -> Result<ActionDone, Failure> {
    Ok(ActionDone {
        event_id: column::id(row, "event_id")?,
        event_type: row.get("type")?,
        tracking_id: row.get("tracking_id")?,
        action: json(row, "document", "an action")?,
    })
}
