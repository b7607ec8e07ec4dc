//! The population register: who has which number, and which requests wait for one.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use world::World;

use super::check_digit::check_digit;
use crate::StoreError;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Waiting,
    Issued,
    Refused,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Issued => "issued",
            Self::Refused => "refused",
        }
    }

    fn of(text: &str) -> Self {
        [Self::Issued, Self::Refused]
            .into_iter()
            .find(|status| status.as_str() == text)
            .unwrap_or(Self::Waiting)
    }
}

/// One asynchronous request, as told to whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub request_id: String,
    pub reference: String,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub national_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Request {
    const COLUMNS: &str = "request_id, reference, status, national_id, reason";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            request_id: row.get(0)?,
            reference: row.get(1)?,
            status: Status::of(&row.get::<_, String>(2)?),
            national_id: row.get(3)?,
            reason: row.get(4)?,
        })
    }
}

/// An answer that is due at its callback URL.
#[derive(Debug, Clone)]
pub(super) struct Tell {
    pub request: Request,
    pub callback_url: String,
    /// Which ask this answers; a later ask makes it stale.
    pub asked: i64,
    /// How often it was tried before.
    pub tells: u32,
}

/// The number of the person known by `reference`: the one they have, or a new one.
pub(super) fn issue(
    connection: &Connection,
    world: &World,
    reference: &str,
) -> Result<String, StoreError> {
    let has: Option<String> = connection
        .query_row(
            "SELECT national_id FROM identities WHERE reference = ?1",
            [reference],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(number) = has {
        return Ok(number);
    }
    loop {
        let number = new_number(world);
        let taken = connection.execute(
            "INSERT INTO identities (reference, national_id) VALUES (?1, ?2)
             ON CONFLICT (national_id) DO NOTHING",
            (reference, &number),
        )? == 0;
        if !taken {
            return Ok(number);
        }
    }
}

/// Ten digits: a random nine that do not begin with 0, and their check digit.
fn new_number(world: &World) -> String {
    let mut digits: Vec<u8> = Vec::with_capacity(10);
    let nine = 100_000_000 + world.below(900_000_000);
    digits.extend(nine.to_string().bytes().map(|byte| byte - b'0'));
    digits.push(check_digit(&digits));
    digits
        .into_iter()
        .map(|digit| char::from(b'0' + digit))
        .collect()
}

/// Files a request, or finds the one with this reference. One that was answered before is answered
/// again: the number stays, a refusal is looked into anew, because papers may have been corrected.
pub(super) fn file(
    connection: &Connection,
    request_id: &str,
    reference: &str,
    surname: &str,
    callback_url: &str,
    decide_at: Timestamp,
) -> Result<Request, StoreError> {
    let decide_at = decide_at.as_millisecond();
    Ok(connection.query_row(
        &format!(
            "INSERT INTO requests
                 (request_id, reference, surname, callback_url, decide_at, status)
             VALUES (?1, ?2, ?3, ?4, ?5, 'waiting')
             ON CONFLICT (reference) DO UPDATE SET
                 callback_url = excluded.callback_url,
                 surname = excluded.surname,
                 asked = asked + 1,
                 tells = 0,
                 decide_at = CASE status WHEN 'refused' THEN excluded.decide_at ELSE decide_at END,
                 tell_at = CASE status WHEN 'issued' THEN excluded.decide_at END,
                 reason = NULL,
                 status = CASE status WHEN 'refused' THEN 'waiting' ELSE status END
             RETURNING {}",
            Request::COLUMNS
        ),
        (request_id, reference, surname, callback_url, decide_at),
        Request::read,
    )?)
}

/// The request with this id.
pub(super) fn find(
    connection: &Connection,
    request_id: &str,
) -> Result<Option<Request>, StoreError> {
    Ok(connection
        .query_row(
            &format!(
                "SELECT {} FROM requests WHERE request_id = ?1",
                Request::COLUMNS
            ),
            [request_id],
            Request::read,
        )
        .optional()?)
}

/// The newest requests first, at most 100.
pub(super) fn newest(connection: &Connection) -> Result<Vec<Request>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT {} FROM requests ORDER BY request_id DESC LIMIT 100",
        Request::COLUMNS
    ))?;
    Ok(statement
        .query_map([], Request::read)?
        .collect::<Result<_, _>>()?)
}

/// Decides every request whose time has come; `refusal` says why a surname is turned down.
pub(super) fn decide_due(
    connection: &Connection,
    world: &World,
    refusal: impl Fn(&str) -> Option<String>,
) -> Result<(), StoreError> {
    let now = world.now().as_millisecond();
    let due: Vec<(String, String, String)> = connection
        .prepare(
            "SELECT request_id, reference, surname FROM requests
             WHERE status = 'waiting' AND decide_at <= ?1 ORDER BY decide_at LIMIT 100",
        )?
        .query_map([now], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (request_id, reference, surname) in due {
        let reason = refusal(&surname);
        let (status, number) = match reason {
            Some(_) => (Status::Refused, None),
            None => (Status::Issued, Some(issue(connection, world, &reference)?)),
        };
        connection.execute(
            "UPDATE requests SET status = ?2, national_id = ?3, reason = ?4, tell_at = ?5
             WHERE request_id = ?1",
            (request_id, status.as_str(), number, reason, now),
        )?;
    }
    Ok(())
}

/// The answers whose callback is due, oldest first, at most `limit`.
pub(super) fn due_tells(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Tell>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT {}, callback_url, asked, tells FROM requests
         WHERE tell_at <= ?1 ORDER BY tell_at LIMIT ?2",
        Request::COLUMNS
    ))?;
    let rows = statement.query_map((now.as_millisecond(), limit), |row| {
        Ok(Tell {
            request: Request::read(row)?,
            callback_url: row.get(5)?,
            asked: row.get(6)?,
            tells: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes down how telling went: done, or to be tried again at `again_at`. A request that was
/// asked for again meanwhile is left as that ask made it.
pub(super) fn told(
    connection: &Connection,
    tell: &Tell,
    again_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE requests SET tell_at = ?3, tells = tells + 1 WHERE request_id = ?1 AND asked = ?2",
        (
            &tell.request.request_id,
            tell.asked,
            again_at.map(Timestamp::as_millisecond),
        ),
    )?;
    Ok(())
}
