//! Nodes, and their duties.

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use storage::{Beat, News, NodeStore, StoreError};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    PostgresStore,
    column::{get, harmless, id, text, time},
    failure::Failure,
};

#[async_trait]
impl NodeStore for PostgresStore {
    async fn beat(&self, beat: Beat) -> Result<bool, StoreError> {
        let beat = &beat;
        self.write(|connection| async move {
            let row = connection
                .one(
                    "SELECT beat($1, $2, $3, $4, $5) AS kept",
                    &[
                        &harmless(&beat.node),
                        &beat.run,
                        &harmless(&beat.version),
                        &beat.started_at.as_millisecond(),
                        &beat.at.as_millisecond(),
                    ],
                )
                .await?;
            get(&row, "kept")
        })
        .await
    }

    async fn leave(&self, node: &str, run: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write(|connection| async move {
            let values = (harmless(node), now.as_millisecond());
            connection
                .execute("SELECT leave($1, $2, $3)", &[&values.0, &run, &values.1])
                .await?;
            Ok(())
        })
        .await
    }

    async fn nodes(&self) -> Result<Vec<Beat>, StoreError> {
        self.read(|connection| async move {
            let rows = connection
                .rows("SELECT * FROM nodes ORDER BY node COLLATE \"C\"", &[])
                .await?;
            rows.iter().map(beat).collect()
        })
        .await
    }

    async fn release_claims_of_silent(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.count_written(
            "SELECT release_claims_of_silent($1, $2) AS count",
            &[&since.as_millisecond(), &now.as_millisecond()],
        )
        .await
    }

    async fn take_duty(
        &self,
        duty: &str,
        node: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|connection| async move {
            let taken = connection
                .execute(
                    "INSERT INTO duties AS known (duty, node, until) VALUES ($1, $2, $4)
                     ON CONFLICT (duty) DO UPDATE SET node = excluded.node, until = excluded.until
                     WHERE known.node = excluded.node OR known.until <= $3",
                    &[
                        &harmless(duty),
                        &harmless(node),
                        &now.as_millisecond(),
                        &until.as_millisecond(),
                    ],
                )
                .await?;
            Ok(taken > 0)
        })
        .await
    }

    async fn give_up_duty(&self, duty: &str, node: &str) -> Result<(), StoreError> {
        self.write(|connection| async move {
            connection
                .execute(
                    "DELETE FROM duties WHERE duty = $1 AND node = $2",
                    &[&harmless(duty), &harmless(node)],
                )
                .await?;
            Ok(())
        })
        .await
    }

    fn news(&self) -> BoxStream<'static, News> {
        self.open.news.listen()
    }

    fn tell(&self, news: News) {
        self.open.news.tell(news);
    }
}

fn beat(row: &Row) -> Result<Beat, Failure> {
    Ok(Beat {
        node: text(row, "node")?,
        run: id(row, "run")?,
        version: text(row, "version")?,
        started_at: time(row, "started_at")?,
        at: time(row, "at")?,
    })
}
