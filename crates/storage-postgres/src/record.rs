//! Records: how a decision is written, and how a record is read.

use std::{borrow::Cow, collections::BTreeSet};

use async_trait::async_trait;
use records::{Action, DuplicateLookup, EventDocument, EventId};
use storage::{
    AuditEntry, Candidates, Change, Committed, Created, NewRecord, Projection, RecordPage,
    RecordQuery, RecordStore, StoreError, StoredEvent,
};
use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;

use crate::{
    PostgresStore, caused,
    column::{self, from_json, get, harmless, json, key, signed, text, to_json, to_word},
    connection::Connection,
    duplicates,
    failure::Failure,
    projection, query,
};

#[async_trait]
impl RecordStore for PostgresStore {
    async fn create_record(&self, record: NewRecord) -> Result<Created, StoreError> {
        let record = &record;
        self.write(|connection| async move { create(&connection, record).await })
            .await
    }

    async fn record(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.read(|connection| async move { load(&connection, id).await })
            .await
    }

    async fn commit(&self, change: Change) -> Result<Committed, StoreError> {
        let (change, now) = (&change, self.open.world.now());
        self.write(|connection| async move { commit(&connection, change, now).await })
            .await
    }

    async fn make_durable(&self) -> Result<(), StoreError> {
        self.write(|connection| async move {
            connection.execute(MAKE_DURABLE, &[]).await?;
            Ok(())
        })
        .await
    }

    async fn transaction(&self, id: &str) -> Result<Vec<(EventId, Action)>, StoreError> {
        let transaction = &key(id);
        self.read(|connection| async move {
            let rows = connection
                .rows(
                    "SELECT event_id, document FROM actions WHERE transaction_key = $1
                     ORDER BY position",
                    &[transaction],
                )
                .await?;
            let action = |row| {
                Ok((
                    column::id(row, "event_id")?,
                    json(row, "document", "an action")?,
                ))
            };
            rows.iter().map(action).collect()
        })
        .await
    }

    async fn delete_record(
        &self,
        id: EventId,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        let entries = &caused::audit(&audit)?;
        self.write(|connection| async move {
            let row = connection
                .one(
                    "SELECT delete_record($1, $2, $3) AS deleted",
                    &[&id.0, &signed(expected_version), entries],
                )
                .await?;
            get(&row, "deleted")
        })
        .await
    }

    async fn find_records(&self, query: &RecordQuery) -> Result<RecordPage, StoreError> {
        self.search(|connection| async move { query::find(&connection, query).await })
            .await
    }

    async fn duplicate_candidates(
        &self,
        of: EventId,
        lookups: &BTreeSet<DuplicateLookup>,
        limit: usize,
    ) -> Result<Candidates, StoreError> {
        self.read(|connection| async move {
            duplicates::candidates(&connection, of, lookups, limit).await
        })
        .await
    }

    async fn count_records(&self, queries: &[RecordQuery]) -> Result<Vec<u64>, StoreError> {
        self.search(|connection| async move { query::count_each(&connection, queries).await })
            .await
    }

    async fn record_ids(
        &self,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<EventId>, StoreError> {
        // Everything sorts after this one, which nobody draws.
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let limit = signed(limit.try_into().unwrap_or(u64::MAX));
        self.read(|connection| async move {
            let sql = "SELECT id FROM events WHERE id > $1 ORDER BY id LIMIT $2";
            let rows = connection.rows(sql, &[&after, &limit]).await?;
            rows.iter().map(|row| column::id(row, "id")).collect()
        })
        .await
    }

    async fn projection(&self, id: EventId) -> Result<Option<Projection>, StoreError> {
        self.read(|connection| async move { projection::load(&connection, id).await })
            .await
    }

    async fn rebuild_projection(
        &self,
        id: EventId,
        expected_version: u64,
        projection: Projection,
    ) -> Result<bool, StoreError> {
        let columns = &projection::Columns::of(Some(&projection));
        self.write(|connection| async move {
            let expected = signed(expected_version);
            let mut values: Vec<&(dyn ToSql + Sync)> = vec![&id.0, &expected];
            values.extend(columns.values());
            let row = call(&connection, "rebuild_projection", &values).await?;
            make_durable(&connection, &row).await?;
            get(&row, "done")
        })
        .await
    }
}

async fn create(connection: &Connection, new: &NewRecord) -> Result<Created, Failure> {
    let document = &new.document;
    let actions = Actions::of(&document.actions)?;
    let projection = projection::Columns::of(Some(&new.projection));
    let deliveries = caused::deliveries(&new.deliveries)?;
    let entries = caused::audit(&new.audit)?;
    let [event_type, tracking_id, created_at, updated_at] = [
        &document.event_type,
        &document.tracking_id,
        &document.created_at,
        &document.updated_at,
    ]
    .map(|text| harmless(text));
    let transaction = key(&new.transaction_id);
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![
        &document.id.0,
        &event_type,
        &tracking_id,
        &transaction,
        &created_at,
        &updated_at,
    ];
    values.extend(actions.values());
    values.extend(projection.values());
    values.extend([&deliveries as &(dyn ToSql + Sync), &entries]);
    let row = call(connection, "create_record", &values).await?;
    let already: Option<Uuid> = get(&row, "already")?;
    let Some(already) = already else {
        make_durable(connection, &row).await?;
        return Ok(Created::New);
    };
    match load(connection, already.into()).await? {
        Some(record) => Ok(Created::Already(Box::new(record))),
        // Deleted in this moment.
        None => Box::pin(create(connection, new)).await,
    }
}

async fn commit(
    connection: &Connection,
    change: &Change,
    now: jiff::Timestamp,
) -> Result<Committed, Failure> {
    let (expected, now) = (signed(change.expected_version), now.as_millisecond());
    let actions = Actions::of(&change.actions)?;
    let projection = projection::Columns::of(change.projection.as_ref());
    let attempt = change.attempt.as_ref().map(caused::attempt).transpose()?;
    let closes = change.closes_delivery_of.map(|id| id.0);
    let delivery = caused::change_delivery(change.delivery.as_ref())?;
    let entries = caused::audit(&change.audit)?;
    let looked_for = duplicates::Columns::looked_for(change.looked_for.as_ref());
    let ends_drafts = change.ends_drafts();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&change.event_id.0, &expected, &now];
    values.extend(actions.values());
    values.push(&ends_drafts);
    values.extend(projection.values());
    values.extend([
        &attempt as &(dyn ToSql + Sync),
        &closes,
        &delivery,
        &entries,
    ]);
    values.extend(looked_for.values());
    let called = calling("commit_change", &values);
    // What rests on a search takes a turn: it is known before that it is to be made durable.
    let takes_turn = change.looked_for.is_some();
    let row = if takes_turn {
        connection
            .one_and_then(&called, &values, MAKE_DURABLE)
            .await
    } else {
        connection.one(&called, &values).await
    };
    let row = match row {
        Ok(row) => row,
        Err(failure) => {
            return match failure.own_code() {
                Some("CS001") => Ok(Committed::Stale),
                Some("CS002") => Ok(Committed::ClaimLost),
                _ => Err(failure),
            };
        }
    };
    if !takes_turn {
        make_durable(connection, &row).await?;
    }
    Ok(Committed::At {
        version: change.expected_version + 1,
        leased: get(&row, "leased")?,
    })
}

/// Calls one of the functions in `code/records.sql`.
async fn call(
    connection: &Connection,
    function: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Row, Failure> {
    connection.one(&calling(function, values), values).await
}

/// The statement that calls a function with these values.
fn calling(function: &str, values: &[&(dyn ToSql + Sync)]) -> String {
    let parameters: Vec<String> = (1..=values.len()).map(|at| format!("${at}")).collect();
    format!("SELECT * FROM {function}({})", parameters.join(", "))
}

/// A transaction that is durable together with all that were committed before it.
const MAKE_DURABLE: &str = "SELECT make_durable()";

/// What was written in turns is there for everybody to see before it is on the disk: it must be
/// there, too, before anybody is told that it was written.
async fn make_durable(connection: &Connection, row: &Row) -> Result<(), Failure> {
    if get(row, "to_make_durable")? {
        connection.execute(MAKE_DURABLE, &[]).await?;
    }
    Ok(())
}

/// Actions as eight parameters.
struct Actions<'a> {
    ids: Vec<Uuid>,
    transactions: Vec<Cow<'a, str>>,
    types: Vec<&'a str>,
    statuses: Vec<String>,
    originals: Vec<Option<Uuid>>,
    authors: Vec<Cow<'a, str>>,
    times: Vec<Cow<'a, str>>,
    documents: Vec<String>,
}

impl<'a> Actions<'a> {
    fn of(actions: &'a [Action]) -> Result<Self, Failure> {
        let each = || actions.iter();
        Ok(Self {
            ids: each().map(|action| action.id.0).collect(),
            transactions: each().map(|action| key(&action.transaction_id)).collect(),
            types: each().map(|action| action.action_type.as_str()).collect(),
            statuses: each()
                .map(|action| to_word(action.status))
                .collect::<Result<_, _>>()?,
            originals: each()
                .map(|action| action.original_action_id.map(|id| id.0))
                .collect(),
            authors: each().map(|action| key(&action.created_by)).collect(),
            times: each().map(|action| key(&action.created_at)).collect(),
            documents: each().map(to_json).collect::<Result<_, _>>()?,
        })
    }

    fn values(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            &self.ids,
            &self.transactions,
            &self.types,
            &self.statuses,
            &self.originals,
            &self.authors,
            &self.times,
            &self.documents,
        ]
    }
}

/// The hottest read there is: one row, and each action parsed where it arrived.
const LOAD: &str = "SELECT type, tracking_id, created_at, updated_at, version,
    ARRAY(SELECT document FROM actions WHERE event_id = $1 ORDER BY seq) AS actions
  FROM events WHERE id = $1";

async fn load(connection: &Connection, id: EventId) -> Result<Option<StoredEvent>, Failure> {
    let Some(row) = connection.optional(LOAD, &[&id.0]).await? else {
        return Ok(None);
    };
    let documents: Vec<&str> = row
        .try_get("actions")
        .map_err(|error| Failure::unreadable("a record's actions", error))?;
    let actions = documents
        .into_iter()
        .map(|text| from_json(text, "an action"))
        .collect::<Result<_, _>>()?;
    Ok(Some(StoredEvent {
        document: EventDocument {
            id,
            event_type: text(&row, "type")?,
            created_at: text(&row, "created_at")?,
            updated_at: text(&row, "updated_at")?,
            tracking_id: text(&row, "tracking_id")?,
            actions,
        },
        version: column::count(&row, "version")?,
    }))
}
