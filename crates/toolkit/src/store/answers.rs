//! What was answered to each delivery, so that the same one gets the same answer again.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{Store, StoreError};

/// An answer to Core that stands: a status and, for most acceptances, a body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
}

/// A recorded answer, and the digest of the request it answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) digest: Vec<u8>,
    pub(crate) answer: Answer,
}

/// The answers given so far.
#[derive(Clone)]
pub(crate) struct Answers {
    store: Store,
}

impl Answers {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    pub(crate) async fn recall(&self, delivery: &str) -> Result<Option<Recorded>, StoreError> {
        let delivery = delivery.to_owned();
        let row = self
            .store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT digest, status, body FROM answers WHERE delivery = ?1",
                )?;
                let row = statement
                    .query_row([delivery], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?))
                    })
                    .optional()?;
                Ok(row)
            })
            .await?;
        let Some((digest, status, body)) = row else {
            return Ok(None);
        };
        let body = body
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(StoreError::Unreadable)?;
        Ok(Some(Recorded {
            digest,
            answer: Answer { status, body },
        }))
    }

    pub(crate) async fn record(
        &self,
        delivery: &str,
        digest: Vec<u8>,
        answer: Answer,
    ) -> Result<(), StoreError> {
        let (delivery, now) = (delivery.to_owned(), self.store.now());
        self.store
            .write(move |transaction| {
                transaction.execute(
                    "INSERT INTO answers (delivery, digest, status, body, answered_at)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    params![
                        delivery,
                        digest,
                        answer.status,
                        answer.body.map(|it| it.to_string()),
                        now
                    ],
                )?;
                Ok(())
            })
            .await
    }
}
