//! Numbers that stay: one action gets one number, on every retry, for good.

use records::ActionId;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{Store, StoreError};

/// How often a made-up number may turn out to be taken.
const ATTEMPTS: u32 = 20;

/// The country's registry of numbers it has given out.
///
/// A registration number must be the same however often Core delivers an action, and no two
/// actions may have the same one; the database's constraints guarantee both.
#[derive(Clone)]
pub struct Numbers {
    store: Store,
}

impl Numbers {
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// The number of `action`, or else the next one of `series` (such as `birth-2026`), which
    /// counts from 1; `format` writes it out. Numbers must differ between series,
    /// too, so `format` should include what the series is named after.
    ///
    /// # Errors
    /// When the file cannot be written, or `format` gives a number that another action has.
    pub async fn next<F>(
        &self,
        action: ActionId,
        series: &str,
        format: F,
    ) -> Result<String, StoreError>
    where
        F: FnOnce(u64) -> String + Send + 'static,
    {
        let (series, now) = (series.to_owned(), self.store.now());
        self.store
            .write(move |transaction| {
                if let Some(number) = given(transaction, action)? {
                    return Ok(number);
                }
                let next: i64 = transaction.query_row(
                    "INSERT INTO series (name, last) VALUES (?1, 1)
                     ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last",
                    [&series],
                    |row| row.get(0),
                )?;
                let number = format(next.unsigned_abs());
                if give(transaction, action, &number, now)? {
                    Ok(number)
                } else {
                    Err(StoreError::NumbersTaken(1))
                }
            })
            .await
    }

    /// The number of `action`, or else the first that `generate` makes and no other action has.
    ///
    /// # Errors
    /// When the file cannot be written, or twenty numbers in a row were taken.
    pub async fn for_action<F>(
        &self,
        action: ActionId,
        mut generate: F,
    ) -> Result<String, StoreError>
    where
        F: FnMut() -> String + Send + 'static,
    {
        let now = self.store.now();
        self.store
            .write(move |transaction| {
                if let Some(number) = given(transaction, action)? {
                    return Ok(number);
                }
                for _ in 0..ATTEMPTS {
                    let number = generate();
                    if give(transaction, action, &number, now)? {
                        return Ok(number);
                    }
                }
                Err(StoreError::NumbersTaken(ATTEMPTS))
            })
            .await
    }

    /// Takes the number of `action` out of use for good, so that [`Numbers::next`] or
    /// [`Numbers::for_action`] gives the action another; the number itself is never given again.
    /// Gives the number, or `None` when the action had none.
    ///
    /// For when Core says that the number is on another record already, as it does when the
    /// country's file was lost and its series count anew. An action that is stuck with it is told
    /// the new one through [`Pending::amend`](super::Pending::amend); one that was answered with
    /// it at once is decided anew at Core's next attempt, since that answer is forgotten here.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing changed.
    pub async fn void(&self, action: ActionId) -> Result<Option<String>, StoreError> {
        self.store
            .write(move |transaction| {
                let Some(number) = given(transaction, action)? else {
                    return Ok(None);
                };
                transaction.execute(
                    "UPDATE numbers SET action_id = 'void/' || number WHERE action_id = ?1",
                    [action.to_string()],
                )?;
                transaction.execute(
                    "DELETE FROM answers WHERE json_extract(body, '$.registrationNumber') = ?1",
                    [&number],
                )?;
                Ok(Some(number))
            })
            .await
    }
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Numbers")
    }
}

fn given(transaction: &Transaction<'_>, action: ActionId) -> rusqlite::Result<Option<String>> {
    transaction
        .query_row(
            "SELECT number FROM numbers WHERE action_id = ?1",
            [action.to_string()],
            |row| row.get(0),
        )
        .optional()
}

fn give(
    transaction: &Transaction<'_>,
    action: ActionId,
    number: &str,
    now: i64,
) -> rusqlite::Result<bool> {
    let written = transaction.execute(
        "INSERT INTO numbers (action_id, number, issued_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        params![action.to_string(), number, now],
    )?;
    Ok(written == 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::store::{Answer, Answers, tests::store_in};

    fn action(id: u128) -> ActionId {
        Uuid::from_u128(id).into()
    }

    #[tokio::test]
    async fn a_number_is_the_same_on_every_retry_of_one_action() {
        let folder = tempfile::tempdir().unwrap();
        let numbers = Numbers::new(store_in(folder.path()).await);
        let write = |n: u64| format!("2026B{n:06}");
        assert_eq!(
            numbers.next(action(1), "birth-2026", write).await.unwrap(),
            "2026B000001"
        );
        assert_eq!(
            numbers.next(action(2), "birth-2026", write).await.unwrap(),
            "2026B000002"
        );
        drop(numbers);
        let again = Numbers::new(store_in(folder.path()).await);
        assert_eq!(
            again.next(action(1), "birth-2026", write).await.unwrap(),
            "2026B000001"
        );
        assert_eq!(
            again.next(action(3), "birth-2026", write).await.unwrap(),
            "2026B000003"
        );
    }

    #[tokio::test]
    async fn a_void_number_is_never_given_again_and_its_action_gets_another() {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(folder.path()).await;
        let (numbers, answers) = (Numbers::new(store.clone()), Answers::new(store));
        let write = |n: u64| format!("B{n}");
        let next = |id| numbers.next(action(id), "birth", write);
        for (id, number) in [(1, "B1"), (2, "B2")] {
            assert_eq!(next(id).await.unwrap(), number);
            let answer = Answer {
                status: 200,
                body: Some(json!({ "registrationNumber": number })),
            };
            answers.record(number, Vec::new(), answer).await.unwrap();
        }
        assert_eq!(numbers.void(action(1)).await.unwrap().unwrap(), "B1");
        assert_eq!(numbers.void(action(9)).await.unwrap(), None);
        assert_eq!(next(1).await.unwrap(), "B3");
        assert_eq!(next(2).await.unwrap(), "B2");
        let taken = numbers.for_action(action(3), || "B1".to_owned()).await;
        assert!(matches!(taken, Err(StoreError::NumbersTaken(_))));
        assert_eq!(answers.recall("B1").await.unwrap(), None);
        assert!(answers.recall("B2").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_made_up_number_is_never_given_twice() {
        let folder = tempfile::tempdir().unwrap();
        let numbers = Numbers::new(store_in(folder.path()).await);
        let first = numbers
            .for_action(action(1), || "A".to_owned())
            .await
            .unwrap();
        assert_eq!(first, "A");
        let mut made = ["A", "B"].into_iter().cycle();
        let second = numbers
            .for_action(action(2), move || {
                made.next().unwrap_or_default().to_owned()
            })
            .await
            .unwrap();
        assert_eq!(second, "B");
        let none = numbers.for_action(action(3), || "A".to_owned()).await;
        assert!(matches!(none, Err(StoreError::NumbersTaken(_))));
    }
}
