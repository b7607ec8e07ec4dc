//! Applications to the national ID system that were put off, until they are decided.

use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use toolkit::{ActionId, EventId};

use super::Applicant;
use crate::{
    FileError,
    file::File,
    messages::{Address, Notice},
    registration_number::Series,
};

/// How many are worked on in one round.
const AT_ONCE: u32 = 50;

/// What is asked, and what will be needed once it is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Application {
    pub(super) applicant: Applicant,
    pub(super) series: Series,
    pub(super) informant: Option<Address>,
    pub(super) notice: Notice,
}

/// An undecided application.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) event: EventId,
    pub(super) action: ActionId,
    pub(super) secret: String,
    pub(super) application: Application,
    /// The national ID system's id, once it took the application.
    pub(super) request_id: Option<String>,
    pub(super) attempts: u32,
}

/// What the secret of an answer's address leads to.
pub(super) enum Found {
    Open(Box<Open>),
    /// The answer came before.
    Decided,
    Nothing,
}

const COLUMNS: &str = "event_id, action_id, secret, body, request_id, attempts";

struct Row {
    event: String,
    action: String,
    secret: String,
    body: Option<String>,
    request_id: Option<String>,
    attempts: u32,
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            event: row.get(0)?,
            action: row.get(1)?,
            secret: row.get(2)?,
            body: row.get(3)?,
            request_id: row.get(4)?,
            attempts: row.get(5)?,
        })
    }

    /// `None` when it was decided before.
    fn open(self) -> Result<Option<Open>, FileError> {
        let Some(body) = self.body else {
            return Ok(None);
        };
        Ok(Some(Open {
            event: serde_json::from_value(self.event.into())?,
            action: serde_json::from_value(self.action.into())?,
            secret: self.secret,
            application: serde_json::from_str(&body)?,
            request_id: self.request_id,
            attempts: self.attempts,
        }))
    }
}

/// Writes an application down, to be sent at once. One that is there already stays as it is.
pub(super) async fn keep(
    file: &File,
    (event, action): (EventId, ActionId),
    application: &Application,
) -> Result<(), FileError> {
    let mut secret = [0; 32];
    file.world.fill(&mut secret);
    let (body, now) = (serde_json::to_string(application)?, file.now());
    file.run(move |transaction| {
        transaction.execute(
            "INSERT INTO applications (action_id, event_id, secret, body, due_at, made_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (action_id) DO NOTHING",
            (
                action.to_string(),
                event.to_string(),
                hex::encode(secret),
                body,
                now,
            ),
        )?;
        Ok(())
    })
    .await
}

/// The applications that are due, longest due first.
pub(super) async fn due(file: &File) -> Result<Vec<Open>, FileError> {
    let now = file.now();
    file.run(move |transaction| {
        let mut statement = transaction.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM applications WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2"
        ))?;
        let rows: Vec<Row> = statement
            .query_map((now, AT_ONCE), Row::read)?
            .collect::<Result<_, _>>()?;
        rows.into_iter()
            .filter_map(|row| row.open().transpose())
            .collect()
    })
    .await
}

/// Every open application is due: answers may have been sent while nobody listened.
pub(super) async fn all_due(file: &File) -> Result<(), FileError> {
    let now = file.now();
    file.run(move |transaction| {
        transaction.execute(
            "UPDATE applications SET due_at = ?1 WHERE due_at IS NOT NULL",
            [now],
        )?;
        Ok(())
    })
    .await
}

/// The application whose answers are sent to the address with this secret.
pub(super) async fn find(file: &File, secret: String) -> Result<Found, FileError> {
    file.run(move |transaction| {
        let row = transaction
            .query_row(
                &format!("SELECT {COLUMNS} FROM applications WHERE secret = ?1"),
                [secret],
                Row::read,
            )
            .optional()?;
        let Some(row) = row else {
            return Ok(Found::Nothing);
        };
        Ok(row
            .open()?
            .map_or(Found::Decided, |open| Found::Open(Box::new(open))))
    })
    .await
}

/// Writes down that the application was taken, or (`None`) must be sent anew, and when to look
/// next.
pub(super) async fn taken(
    file: &File,
    action: ActionId,
    request_id: Option<String>,
    due_at: i64,
) -> Result<(), FileError> {
    file.run(move |transaction| {
        transaction.execute(
            "UPDATE applications SET request_id = ?2, attempts = 0, due_at = ?3
             WHERE action_id = ?1 AND body IS NOT NULL",
            (action.to_string(), request_id, due_at),
        )?;
        Ok(())
    })
    .await
}

/// Writes down that asking failed, and when to try next.
pub(super) async fn failed(file: &File, action: ActionId, due_at: i64) -> Result<(), FileError> {
    file.run(move |transaction| {
        transaction.execute(
            "UPDATE applications SET attempts = attempts + 1, due_at = ?2
             WHERE action_id = ?1 AND body IS NOT NULL",
            (action.to_string(), due_at),
        )?;
        Ok(())
    })
    .await
}

/// Decided: the personal data goes. What stays lets a repeated answer be recognised.
pub(super) async fn decided(file: &File, action: ActionId) -> Result<(), FileError> {
    file.run(move |transaction| {
        transaction.execute(
            "UPDATE applications SET body = NULL, due_at = NULL WHERE action_id = ?1",
            [action.to_string()],
        )?;
        Ok(())
    })
    .await
}
