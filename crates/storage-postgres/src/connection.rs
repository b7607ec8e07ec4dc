//! Connections: lent to one piece of work at a time, and never lent again once something about them
//! is doubtful.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, PoolError, QueueMode, RecyclingMethod, Runtime,
};
use futures::future::{self, Future};
use storage::StoreError;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use crate::{
    failure::Failure,
    server::{Purpose, Server},
};

/// How long work waits for a connection to become free, or to be made.
const WAIT: Duration = Duration::from_secs(10);

/// Values of a statement's parameters.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Connections that wait for work.
pub(crate) struct Pool {
    connections: deadpool_postgres::Pool,
    server: Server,
}

impl Pool {
    /// At most `size` connections of this purpose.
    pub(crate) fn new(server: &Server, purpose: Purpose, size: usize) -> Result<Self, StoreError> {
        let manager = Manager::from_config(
            server.config(purpose),
            server.tls(),
            ManagerConfig {
                // A connection that died is noticed by its own task; work that was cut off or met
                // a doubtful failure takes its connection away (`Lent`). A question before each
                // use would be a round trip on top of every statement.
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let connections = deadpool_postgres::Pool::builder(manager)
            .max_size(size)
            // Whoever was used last is lent first: what the server's process for it has planned and
            // read is then still in the processor's caches, however many others are idle.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|source| StoreError::Unavailable {
                reason: "connections to the database can't be kept".to_owned(),
                source: source.into(),
            })?;
        Ok(Self {
            connections,
            server: server.clone(),
        })
    }

    /// A connection, made when none is free.
    pub(crate) async fn lend(&self) -> Result<Connection, Failure> {
        let lent = self.connections.get().await.map_err(|error| match error {
            PoolError::Backend(error) => Failure::from(error),
            error => Failure::no_connection(&self.server, error),
        })?;
        Ok(Connection(Arc::new(Lent {
            client: Some(lent),
            server: self.server.clone(),
            in_transaction: AtomicBool::new(false),
            cut_off: AtomicBool::new(false),
            doubtful: AtomicBool::new(false),
        })))
    }
}

/// A connection on loan. Clones are the same loan; it ends with the last of them.
#[derive(Clone)]
pub(crate) struct Connection(Arc<Lent>);

struct Lent {
    /// Taken when the loan ends.
    client: Option<Object>,
    server: Server,
    /// A transaction was begun and not ended.
    in_transaction: AtomicBool,
    /// Nobody waited for the end of a statement: the server may be at it still.
    cut_off: AtomicBool,
    /// Something failed that leaves open what state the connection is in.
    doubtful: AtomicBool,
}

impl Connection {
    /// Runs a statement, prepared once for each connection.
    pub(crate) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Failure> {
        self.watched(async {
            let client = self.client()?;
            let statement = client.prepare_cached(sql).await?;
            Ok(client.query(&statement, values).await?)
        })
        .await
    }

    /// The first row of a statement's, if there is one.
    pub(crate) async fn optional(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Option<Row>, Failure> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The row of a statement that always has one.
    pub(crate) async fn one(&self, sql: &str, values: Values<'_>) -> Result<Row, Failure> {
        the_row(self.optional(sql, values).await?)
    }

    /// The row of a statement that always has one. Another statement, in a transaction of its own,
    /// goes to the server together with it and comes after it: one round trip for both.
    pub(crate) async fn one_and_then(
        &self,
        sql: &str,
        values: Values<'_>,
        then: &str,
    ) -> Result<Row, Failure> {
        let rows = self
            .watched(async {
                let client = self.client()?;
                let statement = client.prepare_cached(sql).await?;
                let then = client.prepare_cached(then).await?;
                // Each is sent when it is polled for the first time: the first one first.
                let (rows, done) =
                    future::join(client.query(&statement, values), client.execute(&then, &[]))
                        .await;
                let rows = rows?;
                done?;
                Ok(rows)
            })
            .await?;
        the_row(rows.into_iter().next())
    }

    /// Runs a statement and answers how many rows it wrote.
    pub(crate) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, Failure> {
        self.watched(async {
            let client = self.client()?;
            let statement = client.prepare_cached(sql).await?;
            Ok(client.execute(&statement, values).await?)
        })
        .await
    }

    /// Runs a statement that is not likely to come again, in one round trip and without keeping
    /// anything of it.
    pub(crate) async fn once(
        &self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, Failure> {
        self.watched(async { Ok(self.client()?.query_typed(sql, values).await?) })
            .await
    }

    /// Runs statements without parameters, one after the other.
    #[cfg(feature = "test-control")]
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Failure> {
        self.watched(async { Ok(self.client()?.batch_execute(sql).await?) })
            .await
    }

    /// Begins or ends a transaction.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Failure> {
        let begins = sql.starts_with("BEGIN");
        if begins {
            self.0.in_transaction.store(true, Ordering::Relaxed);
        }
        self.watched(async { Ok(self.client()?.batch_execute(sql).await?) })
            .await?;
        if !begins {
            self.0.in_transaction.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    fn client(&self) -> Result<&Object, Failure> {
        // Only the end of the loan takes it.
        self.0
            .client
            .as_ref()
            .ok_or_else(|| Failure::unreadable("a connection", "it was given back"))
    }

    /// Sees what becomes of a statement: whether it came to its end, and whether the connection can
    /// be used again.
    async fn watched<T>(
        &self,
        statement: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut watch = Watch {
            lent: &self.0,
            ended: false,
        };
        let result = statement.await;
        watch.ended = true;
        if let Err(failure) = &result
            && failure.ends_connection()
        {
            self.0.doubtful.store(true, Ordering::Relaxed);
        }
        result
    }
}

fn the_row(row: Option<Row>) -> Result<Row, Failure> {
    row.ok_or_else(|| Failure::unreadable("a row that must be there", "there is none"))
}

struct Watch<'a> {
    lent: &'a Lent,
    ended: bool,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.lent.cut_off.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let cut_off = *self.cut_off.get_mut();
        let sound = !cut_off && !*self.in_transaction.get_mut() && !*self.doubtful.get_mut();
        let Some(lent) = self.client.take() else {
            return;
        };
        if sound {
            return; // Dropped, and so given back.
        }
        let client = Object::take(lent);
        if cut_off && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The server would go on, for nobody.
            let (stop, tls) = (client.cancel_token(), self.server.tls());
            runtime.spawn(async move {
                if let Err(error) = stop.cancel_query(tls).await {
                    tracing::debug!(%error, "a statement that nobody waits for could not be stopped");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{column::get, plan::new_store};

    #[tokio::test]
    async fn what_goes_to_the_server_together_is_done_in_its_order() {
        let (store, _database) = new_store().await;
        let seen: i64 = store
            .write(|connection| async move {
                for table in ["one", "other"] {
                    let make = format!("CREATE TEMPORARY TABLE {table} (number bigint)");
                    connection.rows(&make, &[]).await?;
                }
                // Neither is known to the connection before.
                connection
                    .one_and_then(
                        "INSERT INTO one VALUES ($1) RETURNING number",
                        &[&7_i64],
                        "INSERT INTO other SELECT sum(number) FROM one",
                    )
                    .await?;
                get(
                    &connection.one("SELECT number FROM other", &[]).await?,
                    "number",
                )
            })
            .await
            .unwrap();
        assert_eq!(seen, 7);
    }
}
