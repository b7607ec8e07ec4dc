//! What people did to records.

use async_trait::async_trait;
use futures::try_join;
use storage::{ActionDone, ActionsOf, HistoryStore, StoreError};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    column::{self, json, key, signed, text},
    connection::Values,
    failure::Failure,
};

/// Times of actions are texts that sort as the times do.
const WHICH: &str = "author_key = $1 AND actions.created_at >= $2
   AND ($3::text IS NULL OR actions.created_at <= $3)
   AND ($4::text[] IS NULL OR actions.type = ANY ($4))";

#[async_trait]
impl HistoryStore for PostgresStore {
    async fn actions_of(
        &self,
        of: &ActionsOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<ActionDone>, u64), StoreError> {
        let person = &key(&of.person);
        let from = &of.from.map(world::iso).unwrap_or_default();
        let until = &of.until.map(world::iso);
        let types = &of.types;
        self.read(|connection| async move {
            let how_many = format!("SELECT count(*) FROM actions WHERE {WHICH}");
            let newest = format!(
                "SELECT actions.event_id, actions.document, events.type, events.tracking_id
                 FROM actions JOIN events ON events.id = actions.event_id
                 WHERE {WHICH}
                 ORDER BY actions.created_at DESC, position DESC LIMIT $5 OFFSET $6"
            );
            let (limit, offset) = (signed(limit), signed(offset));
            let which: Values<'_> = &[person, from, until, types];
            let page: Values<'_> = &[person, from, until, types, &limit, &offset];
            let (total, rows) = try_join!(
                connection.one(&how_many, which),
                connection.rows(&newest, page)
            )?;
            let actions = rows.iter().map(done).collect::<Result<_, _>>()?;
            Ok((actions, column::count(&total, "count")?))
        })
        .await
    }
}

fn done(row: &Row) -> Result<ActionDone, Failure> {
    Ok(ActionDone {
        event_id: column::id(row, "event_id")?,
        event_type: text(row, "type")?,
        tracking_id: text(row, "tracking_id")?,
        action: json(row, "document", "an action")?,
    })
}
