//! How a delivery begins and how an attempt is written down, by functions of the database's.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use storage::{AttemptResult, DeliveryState, NewDelivery, Next, Subject};

use crate::{
    column::{get, harmless, signed, to_json, to_word},
    connection::Connection,
    failure::Failure,
};

/// How many statements go to the server before their answers are waited for.
const TOGETHER: usize = 256;

/// Begins a delivery, queued, in the transaction of whatever causes it; unfinished ones with the same
/// key are void from now on.
pub(crate) async fn begin(connection: &Connection, new: &NewDelivery) -> Result<(), Failure> {
    let (event, action, body, key) = match &new.subject {
        Subject::Action {
            event_id,
            action_id,
        } => (Some(event_id.0), Some(action_id.0), None, None),
        Subject::Account {
            body,
            superseded_by_key,
        } => (
            None,
            None,
            Some(to_json(body)?),
            superseded_by_key.as_deref().map(harmless),
        ),
    };
    connection
        .execute(
            "SELECT begin_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, NULL)",
            &[
                &new.id.0,
                &harmless(&new.kind),
                &harmless(&new.path),
                &event,
                &action,
                &body,
                &key,
                &harmless(&new.correlation),
                &new.created_at.as_millisecond(),
                &new.expires_at.map(Timestamp::as_millisecond),
            ],
        )
        .await?;
    Ok(())
}

/// Begins several, of which the statements go to the server together.
pub(crate) async fn begin_all(connection: &Connection, all: &[NewDelivery]) -> Result<(), Failure> {
    let Some((first, others)) = all.split_first() else {
        return Ok(());
    };
    // The statement is prepared with the first, so that the others need not wait for that.
    begin(connection, first).await?;
    for some in others.chunks(TOGETHER) {
        try_join_all(some.iter().map(|new| begin(connection, new))).await?;
    }
    Ok(())
}

/// An attempt and what follows, as the database's functions take it.
pub(crate) struct Written<'a> {
    result: &'a AttemptResult,
    /// The state that follows.
    pub(crate) state: String,
    /// When it is due again, or was finished.
    pub(crate) at: i64,
}

impl<'a> Written<'a> {
    pub(crate) fn of(result: &'a AttemptResult) -> Result<Self, Failure> {
        let attempt = &result.attempt;
        let took = SignedDuration::from_millis(signed(attempt.duration_ms));
        let ended = attempt
            .started_at
            .checked_add(took)
            .unwrap_or(attempt.started_at);
        let (state, at) = match result.next {
            Next::Delivered => (DeliveryState::Delivered, ended),
            Next::Retry(due) => (DeliveryState::Queued, due),
            Next::Expired => (DeliveryState::Expired, ended),
        };
        Ok(Self {
            result,
            state: to_word(state)?,
            at: at.as_millisecond(),
        })
    }
}

/// Writes an attempt and what follows from it; `false` when the claim is lost.
pub(super) async fn finish(
    connection: &Connection,
    result: &AttemptResult,
) -> Result<bool, Failure> {
    let written = Written::of(result)?;
    let attempt = &written.result.attempt;
    let row = connection
        .one(
            "SELECT finish_attempt($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS held",
            &[
                &written.result.delivery_id.0,
                &signed(written.result.fence),
                &written.state,
                &written.at,
                &i32::try_from(attempt.number).unwrap_or(i32::MAX),
                &attempt.started_at.as_millisecond(),
                &signed(attempt.duration_ms),
                &attempt.status.map(i32::from),
                &attempt.answer.as_deref().map(harmless),
                &harmless(&attempt.outcome),
                &attempt.error.as_deref().map(harmless),
            ],
        )
        .await?;
    get(&row, "held")
}
