//! Which signed attempts have come in, so that a repetition of one is known for what it is.

use rusqlite::params;

use super::{Store, StoreError};
use crate::signature::{Stamp, TOLERANCE};

/// The signed attempts of the last minutes.
#[derive(Clone)]
pub(crate) struct Received {
    store: Store,
}

impl Received {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Keeps that this attempt has come in; `false` when it had come in before. To be called before
    /// anything is done about it, so that no repetition finds the answer that the first one got.
    ///
    /// What is too old to be believed is forgotten on the way: there is never more in the file than
    /// Core sends in twice the tolerance.
    pub(crate) async fn first_time(&self, stamp: Stamp) -> Result<bool, StoreError> {
        let tolerance = i64::try_from(TOLERANCE).unwrap_or(i64::MAX);
        let stale = self.store.world.now().as_second().saturating_sub(tolerance);
        self.store
            .write_along(move |transaction| {
                transaction
                    .prepare_cached("DELETE FROM received WHERE at < ?1")?
                    .execute([stale])?;
                let new = transaction
                    .prepare_cached(
                        "INSERT INTO received (at, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![stamp.at, stamp.id])?;
                Ok(new == 1)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::store_in, *};

    fn stamp(id: &str, at: i64) -> Stamp {
        Stamp {
            id: id.to_owned(),
            at,
        }
    }

    #[tokio::test]
    async fn an_attempt_is_new_once_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(folder.path()).await;
        let now = store.world.now().as_second();
        let received = Received::new(store);
        assert!(received.first_time(stamp("a", now)).await.unwrap());
        assert!(!received.first_time(stamp("a", now)).await.unwrap());
        assert!(received.first_time(stamp("a", now + 1)).await.unwrap());
        assert!(received.first_time(stamp("b", now)).await.unwrap());
        drop(received);
        let received = Received::new(store_in(folder.path()).await);
        assert!(!received.first_time(stamp("a", now)).await.unwrap());
    }
}
