//! Deliveries: begun, claimed, finished, and what operators do with them.
//!
//! What must happen at once is done by functions of the database's (`code/deliveries.sql`); read
//! these first.

mod listing;
mod order;
mod row;
mod writing;

use async_trait::async_trait;
use jiff::Timestamp;
use records::{ActionId, DeliveryId, EventId};
use storage::{
    Attempt, AttemptResult, AuditEntry, Claim, Delivery, DeliveryFilter, DeliveryPage,
    DeliveryStore, DeliveryTotals, NewDelivery, Pause, Resent, Sending, StoreError,
};
use uuid::Uuid;

pub(crate) use self::{
    row::delivery,
    writing::{Written, begin, begin_all},
};
use crate::{
    PostgresStore, audit,
    column::{count, harmless, id, optional_time, signed, text, word},
    connection::{Connection, Values},
    failure::Failure,
    store::Verdict,
};

/// More rows of counts than this are added up to fewer.
const COUNTS_KEPT: u64 = 20_000;

#[async_trait]
impl DeliveryStore for PostgresStore {
    async fn enqueue_delivery(&self, delivery: NewDelivery) -> Result<(), StoreError> {
        let new = &delivery;
        self.write(|connection| async move { begin(&connection, new).await })
            .await
    }

    async fn enqueue_together(
        &self,
        deliveries: Vec<NewDelivery>,
        entries: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        let together = &Together::new(deliveries, entries);
        self.transaction(|connection| async move { together.enqueue(&connection).await })
            .await
    }

    async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError> {
        let (now, until) = (now.as_millisecond(), lease_until.as_millisecond());
        let limit = signed(u64::try_from(limit).unwrap_or(u64::MAX));
        let sql = &format!(
            "SELECT {}, fence FROM claim_deliveries($1, $2, $3, $4, $5)",
            row::UNFINISHED
        );
        self.write(|connection| async move {
            let rows = connection
                .rows(sql, &[&harmless(owner), &now, &until, &limit, &except])
                .await?;
            rows.iter().map(row::claim).collect()
        })
        .await
    }

    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError> {
        let result = &result;
        self.write(|connection| async move { writing::finish(&connection, result).await })
            .await
    }

    async fn release_claims(&self, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
        let owner = harmless(owner);
        self.count_written(
            "SELECT release_claims_of($1, $2) AS count",
            &[&owner, &now.as_millisecond()],
        )
        .await
    }

    async fn next_delivery_due(&self, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
        self.read(|connection| async move {
            let row = connection
                .one("SELECT next_delivery_due($1) AS due_at", &[&except])
                .await?;
            optional_time(&row, "due_at")
        })
        .await
    }

    async fn hand_back(
        &self,
        claims: &[(DeliveryId, u64)],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = claims.iter().map(|(id, _)| id.0).collect();
        let fences: Vec<i64> = claims.iter().map(|(_, fence)| signed(*fence)).collect();
        self.count_written(
            "SELECT hand_back_deliveries($1, $2, $3) AS count",
            &[&ids, &fences, &now.as_millisecond()],
        )
        .await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.one_delivery("SELECT * FROM deliveries WHERE id = $1", id.0)
            .await
    }

    async fn delivery_of_action(&self, id: ActionId) -> Result<Option<Delivery>, StoreError> {
        self.one_delivery("SELECT * FROM deliveries WHERE action_id = $1", id.0)
            .await
    }

    async fn first_in_line(&self, event_id: EventId) -> Result<Option<DeliveryId>, StoreError> {
        self.read(|connection| async move {
            let first = "SELECT id FROM unfinished_deliveries WHERE event_id = $1 AND head";
            let rows = connection.rows(first, &[&event_id.0]).await?;
            rows.first().map(|row| id(row, "id")).transpose()
        })
        .await
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
        self.read(|connection| async move {
            let rows = connection
                .rows(
                    "SELECT * FROM attempts WHERE delivery_id = $1 ORDER BY number",
                    &[&id.0],
                )
                .await?;
            rows.iter().map(row::attempt).collect()
        })
        .await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<u64>,
        limit: u64,
    ) -> Result<DeliveryPage, StoreError> {
        self.search(
            |connection| async move { listing::page(&connection, filter, after, limit).await },
        )
        .await
    }

    async fn count_deliveries(
        &self,
        filter: &DeliveryFilter,
        at_most: u64,
    ) -> Result<u64, StoreError> {
        self.search(
            |connection| async move { listing::counted(&connection, filter, at_most).await },
        )
        .await
    }

    async fn send_now(
        &self,
        ids: &[DeliveryId],
        now: Timestamp,
        entries: Vec<AuditEntry>,
    ) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let (ids, now, entries) = (&ids, now.as_millisecond(), &entries);
        self.transaction(|connection| async move {
            let row = connection
                .one("SELECT send_deliveries_now($1, $2) AS count", &[ids, &now])
                .await?;
            audit::append(&connection, entries).await?;
            Ok(Verdict::Keep(count(&row, "count")?))
        })
        .await
    }

    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        entries: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError> {
        let (now, entries) = (now.as_millisecond(), &entries);
        self.transaction(|connection| async move {
            let row = connection
                .one("SELECT resend_delivery($1, $2) AS became", &[&id.0, &now])
                .await?;
            let became = match text(&row, "became")?.as_str() {
                "queued" => Resent::Queued,
                "hurried" => Resent::Hurried,
                "under way" => Resent::UnderWay,
                "over" => Resent::Over,
                _ => Resent::Unknown,
            };
            if !matches!(became, Resent::Queued | Resent::Hurried) {
                return Ok(Verdict::Undo(became));
            }
            audit::append(&connection, entries).await?;
            Ok(Verdict::Keep(became))
        })
        .await
    }

    async fn pauses(&self) -> Result<Vec<Pause>, StoreError> {
        self.read(|connection| async move { order::pauses(&connection).await })
            .await
    }

    async fn pause(&self, pause: Pause, entries: Vec<AuditEntry>) -> Result<bool, StoreError> {
        let (pause, entries) = (&pause, &entries);
        self.transaction(|connection| async move {
            audit::append(&connection, entries).await?;
            order::stop(&connection, pause).await.map(Verdict::Keep)
        })
        .await
    }

    async fn resume(
        &self,
        kind: Option<&str>,
        entries: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        let entries = &entries;
        self.transaction(|connection| async move {
            audit::append(&connection, entries).await?;
            order::resume(&connection, kind).await.map(Verdict::Keep)
        })
        .await
    }

    async fn save_sending(
        &self,
        sending: Sending,
        entries: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let (sending, entries) = (&sending, &entries);
        self.transaction(|connection| async move {
            order::save(&connection, sending).await?;
            audit::append(&connection, entries).await?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn sendings(&self, under_way: bool, limit: u64) -> Result<Vec<Sending>, StoreError> {
        self.read(|connection| async move { order::sendings(&connection, under_way, limit).await })
            .await
    }

    async fn forget_answers(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.count_written(
            "SELECT forget_answers($1, $2) AS count",
            &[&before.as_millisecond(), &signed(limit)],
        )
        .await
    }

    async fn delivery_totals(&self) -> Result<Vec<DeliveryTotals>, StoreError> {
        let (totals, counts) = self
            .read(|connection| async move { totals(&connection).await })
            .await?;
        if counts > COUNTS_KEPT {
            let added_up = self
                .write(|connection| async move {
                    connection
                        .execute("SELECT add_up_finished_counts()", &[])
                        .await
                })
                .await;
            if let Err(error) = added_up {
                tracing::debug!(%error, "the counts of finished deliveries were not added up");
            }
        }
        Ok(totals)
    }
}

/// Deliveries that begin together or not at all.
struct Together {
    /// In the order of their keys: two that take several keys' places never wait for each other.
    deliveries: Vec<NewDelivery>,
    ids: Vec<Uuid>,
    entries: Vec<AuditEntry>,
}

impl Together {
    fn new(mut deliveries: Vec<NewDelivery>, entries: Vec<AuditEntry>) -> Self {
        deliveries.sort_by(|one, other| key(one).cmp(&key(other)));
        Self {
            ids: deliveries.iter().map(|new| new.id.0).collect(),
            deliveries,
            entries,
        }
    }

    /// Whoever begins several does so alone, so that of two who begin the same ones the later one
    /// finds them.
    async fn enqueue(&self, connection: &Connection) -> Result<Verdict<bool>, Failure> {
        const ALONE: &str = "SELECT pg_advisory_xact_lock(7270)";
        const KNOWN: &str = "SELECT FROM deliveries WHERE id = ANY ($1) LIMIT 1";
        connection.rows(ALONE, &[]).await?;
        if connection.optional(KNOWN, &[&self.ids]).await?.is_some() {
            return Ok(Verdict::Undo(false));
        }
        begin_all(connection, &self.deliveries).await?;
        audit::append(connection, &self.entries).await?;
        Ok(Verdict::Keep(true))
    }
}

impl PostgresStore {
    async fn one_delivery(&self, sql: &str, id: Uuid) -> Result<Option<Delivery>, StoreError> {
        self.read(|connection| async move {
            let row = connection.optional(sql, &[&id]).await?;
            row.as_ref().map(delivery).transpose()
        })
        .await
    }

    /// Runs a statement that writes, and says how much in a column `count`.
    pub(crate) async fn count_written(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<u64, StoreError> {
        self.write(|connection| async move { count(&connection.one(sql, values).await?, "count") })
            .await
    }
}

/// Totals by kind and state, and how many rows of counts there are.
async fn totals(connection: &Connection) -> Result<(Vec<DeliveryTotals>, u64), Failure> {
    let rows = connection
        .rows(
            "SELECT kind, state, count(*) AS count, min(created_at) AS oldest, 0::bigint AS rows
             FROM unfinished_deliveries GROUP BY kind, state
             UNION ALL
             SELECT kind, state, sum(count)::bigint, NULL, count(*)
             FROM finished_counts GROUP BY kind, state HAVING sum(count) > 0
             ORDER BY kind, state",
            &[],
        )
        .await?;
    let mut counts = 0;
    let mut totals = vec![];
    for row in &rows {
        counts += count(row, "rows")?;
        totals.push(DeliveryTotals {
            kind: text(row, "kind")?,
            state: word(row, "state", "a delivery's state")?,
            count: count(row, "count")?,
            oldest: optional_time(row, "oldest")?,
        });
    }
    Ok((totals, counts))
}

fn key(new: &NewDelivery) -> Option<&str> {
    match &new.subject {
        storage::Subject::Account {
            superseded_by_key, ..
        } => superseded_by_key.as_deref(),
        storage::Subject::Action { .. } => None,
    }
}
