//! Everything in the database, out of it and into it, in the form that stores have in common.

mod reading;
mod table;
mod writing;

use async_trait::async_trait;
use storage::{
    StoreError,
    moving::{Begun, Kept, KeptPage, Moved, MovingStore},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    column::{count, get, id, signed},
    connection::Connection,
    failure::Failure,
    store::Verdict,
};

#[async_trait]
impl MovingStore for PostgresStore {
    async fn deployment(&self) -> Result<Uuid, StoreError> {
        self.read(|connection| async move { deployment(&connection).await })
            .await
    }

    async fn count_kept(&self, kind: Kept) -> Result<u64, StoreError> {
        self.read(|connection| async move {
            let sql = format!("SELECT count(*) AS count FROM {}", table::of(kind).from);
            count(&connection.one(&sql, &[]).await?, "count")
        })
        .await
    }

    async fn kept(
        &self,
        kind: Kept,
        after: Option<&str>,
        limit: u64,
    ) -> Result<KeptPage, StoreError> {
        self.read(|connection| async move { reading::page(&connection, kind, after, limit).await })
            .await
    }

    async fn begin_move(&self, of: Uuid) -> Result<Begun, StoreError> {
        self.transaction(|connection| async move {
            let begun = begin(&connection, of).await?;
            Ok(match begun {
                Begun::On(_) => Verdict::Keep(begun),
                Begun::Ended | Begun::Taken(_) => Verdict::Undo(begun),
            })
        })
        .await
    }

    async fn bring_in(
        &self,
        kind: Kept,
        after: Option<&str>,
        page: KeptPage,
    ) -> Result<bool, StoreError> {
        let page = &page;
        self.transaction(|connection| async move {
            if !has_come_to(&connection, kind, after).await? {
                return Ok(Verdict::Undo(false));
            }
            writing::page(&connection, kind, &page.items).await?;
            let items = signed(page.items.len().try_into().unwrap_or(u64::MAX));
            connection
                .execute(
                    "INSERT INTO moved AS before (kind, next, items) VALUES ($1, $2, $3)
                     ON CONFLICT (kind) DO UPDATE SET next = excluded.next,
                       items = before.items + excluded.items",
                    &[&kind.as_str(), &page.next, &items],
                )
                .await?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn end_move(&self) -> Result<(), StoreError> {
        self.transaction(|connection| async move {
            for sql in [
                "UPDATE moves SET ended = true",
                "DELETE FROM moved",
                "UPDATE places_version SET version = version + 1",
                // What begins from here on comes after everything that was moved.
                "SELECT setval('delivery_positions', greatest(
                   nextval('delivery_positions'),
                   (SELECT max(position) FROM finished_deliveries),
                   (SELECT max(greatest(position, turn)) FROM unfinished_deliveries)))",
            ] {
                connection.execute(sql, &[]).await?;
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }
}

/// Fails while a deployment is being moved into the database.
pub(crate) async fn must_be_whole(connection: &Connection) -> Result<(), Failure> {
    let half = "SELECT FROM moves WHERE NOT ended";
    match connection.optional(half, &[]).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Unavailable {
            reason: "the database holds a part of a deployment: copying into it was broken off; \
                     copy again, which goes on from there, or make an empty one"
                .to_owned(),
            source: "a move into it has not ended".into(),
        }
        .into()),
    }
}

/// Fails while a node works on the database. Nodes give a sign every second, by the database's
/// clock.
pub(crate) async fn must_be_at_rest(connection: &Connection) -> Result<(), Failure> {
    let lives = "SELECT node FROM nodes
        WHERE at > extract(epoch FROM clock_timestamp()) * 1000 - 10000 ORDER BY node LIMIT 1";
    match connection.optional(lives, &[]).await? {
        None => Ok(()),
        Some(row) => {
            let node: String = get(&row, "node")?;
            Err(StoreError::Unavailable {
                reason: format!(
                    "the node {node} works on the database, or did until a few seconds ago"
                ),
                source: "a node gave a sign of life".into(),
            }
            .into())
        }
    }
}

async fn deployment(connection: &Connection) -> Result<Uuid, Failure> {
    let row = connection.one("SELECT id FROM deployment", &[]).await?;
    id(&row, "id")
}

async fn begin(connection: &Connection, of: Uuid) -> Result<Begun, Failure> {
    // Of two that begin at once, one comes after the other.
    let same = "SELECT id = $1 AS same FROM deployment FOR UPDATE";
    let same: bool = get(&connection.one(same, &[&of]).await?, "same")?;
    let ended = connection.optional("SELECT ended FROM moves", &[]).await?;
    let ended: Option<bool> = ended.map(|row| get(&row, "ended")).transpose()?;
    match ended {
        Some(true) if same => return Ok(Begun::Ended),
        Some(false) if same => return Ok(Begun::On(moved(connection).await?)),
        _ => {}
    }
    for kind in Kept::ALL {
        // A new database has its rules.
        let any = format!("SELECT FROM {} LIMIT 1", table::of(kind).from);
        if kind != Kept::Rules && connection.optional(&any, &[]).await?.is_some() {
            return Ok(Begun::Taken(kind));
        }
    }
    connection.execute("DELETE FROM moved", &[]).await?;
    connection
        .execute(
            "INSERT INTO moves (one_row, ended) VALUES (true, false)
             ON CONFLICT (one_row) DO UPDATE SET ended = false",
            &[],
        )
        .await?;
    connection
        .execute("UPDATE deployment SET id = $1", &[&of])
        .await?;
    Ok(Begun::On(vec![]))
}

async fn moved(connection: &Connection) -> Result<Vec<Moved>, Failure> {
    let mut all = vec![];
    for kind in Kept::ALL {
        let row = connection
            .optional(
                "SELECT next, items FROM moved WHERE kind = $1",
                &[&kind.as_str()],
            )
            .await?;
        if let Some(row) = row {
            all.push(Moved {
                kind,
                next: get(&row, "next")?,
                items: count(&row, "items")?,
            });
        }
    }
    Ok(all)
}

/// Whether this is where a move has come to with a kind; nobody else brings it on meanwhile.
async fn has_come_to(
    connection: &Connection,
    kind: Kept,
    after: Option<&str>,
) -> Result<bool, Failure> {
    let under_way = "SELECT FROM moves WHERE NOT ended FOR UPDATE";
    if connection.optional(under_way, &[]).await?.is_none() {
        return Ok(false);
    }
    let row = connection
        .optional("SELECT next FROM moved WHERE kind = $1", &[&kind.as_str()])
        .await?;
    let next: Option<Option<String>> = row.map(|row| get(&row, "next")).transpose()?;
    Ok(match (next, after) {
        (None, None) => true,
        (Some(Some(next)), Some(after)) => next == after,
        _ => false,
    })
}
