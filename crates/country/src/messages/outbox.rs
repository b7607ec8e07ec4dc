//! Messages that are sent in the background: durable, retried until a gateway takes them, and
//! forgotten but for their key once it has.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use toolkit::{Pending, PendingState, Resolution, StoreError};

use super::{
    Messages, Only,
    gateways::{Letter, Way},
};
use crate::{FileError, file::File};

/// How often to look when nothing rings.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest wait between two tries of one message.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// How many messages one round takes on.
const AT_ONCE: u32 = 50;

/// One message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outgoing {
    pub(super) letter: Letter,
    pub(super) only: Option<Only>,
}

struct Due {
    key: String,
    attempts: u32,
    outgoing: Outgoing,
}

/// Writes messages down, all or none; one whose key is known was taken on before.
pub(super) async fn keep(file: &File, messages: Vec<(String, Outgoing)>) -> Result<(), FileError> {
    let now = file.now();
    file.run(move |transaction| {
        for (key, outgoing) in messages {
            transaction.execute(
                "INSERT INTO messages (key, body, due_at, made_at) VALUES (?1, ?2, ?3, ?3)
                 ON CONFLICT (key) DO NOTHING",
                (key, serde_json::to_string(&outgoing)?, now),
            )?;
        }
        Ok(())
    })
    .await
}

async fn due(file: &File) -> Result<Vec<Due>, FileError> {
    let now = file.now();
    file.run(move |transaction| {
        let mut statement = transaction.prepare_cached(
            "SELECT key, attempts, body FROM messages WHERE due_at <= ?1 AND body IS NOT NULL
             ORDER BY due_at LIMIT ?2",
        )?;
        let rows: Vec<(String, u32, String)> = statement
            .query_map((now, AT_ONCE), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        rows.into_iter()
            .map(|(key, attempts, body)| {
                Ok(Due {
                    key,
                    attempts,
                    outgoing: serde_json::from_str(&body)?,
                })
            })
            .collect()
    })
    .await
}

/// Sent, or not to be sent at all.
async fn close(file: &File, key: String) -> Result<(), FileError> {
    file.run(move |transaction| {
        transaction.execute(
            "UPDATE messages SET body = NULL, due_at = NULL WHERE key = ?1",
            [key],
        )?;
        Ok(())
    })
    .await
}

async fn put_off(file: &File, key: String, due_at: i64) -> Result<(), FileError> {
    file.run(move |transaction| {
        transaction.execute(
            "UPDATE messages SET attempts = attempts + 1, due_at = ?2 WHERE key = ?1",
            (key, due_at),
        )?;
        Ok(())
    })
    .await
}

/// Messages could not be worked on.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What to do about a message now.
enum Verdict {
    Send,
    Wait,
    Drop,
}

impl Messages {
    /// Sends until `shutdown`; what is not sent by then is sent after the next start.
    pub(crate) async fn deliver(self, pending: Pending, shutdown: CancellationToken) {
        let work = async {
            loop {
                if let Err(error) = self.round(&pending).await {
                    tracing::error!(%error, cause = ?error, "messages cannot be sent");
                }
                let rung = self.0.due.notified();
                let _ = tokio::time::timeout(LOOK_EVERY, rung).await;
            }
        };
        shutdown.run_until_cancelled(work).await;
    }

    async fn round(&self, pending: &Pending) -> Result<(), RoundError> {
        let file = &self.0.file;
        // A gateway that is down is asked once a round: its other messages wait for the next one.
        let (mut no_sms, mut no_mail) = (false, false);
        for Due {
            key,
            attempts,
            mut outgoing,
        } in due(file).await?
        {
            let down = match outgoing.letter.to.way {
                Way::Phone(_) => &mut no_sms,
                Way::Mail(_) => &mut no_mail,
            };
            let again_at = file.again_after(attempts, LONGEST_WAIT);
            match verdict(pending, &mut outgoing).await? {
                Verdict::Drop => close(file, key).await?,
                Verdict::Wait => put_off(file, key, again_at).await?,
                Verdict::Send if *down => {}
                Verdict::Send => match self.0.gateways.send(&key, &outgoing.letter).await {
                    Ok(()) => close(file, key).await?,
                    Err(error) => {
                        *down = true;
                        // Without its causes: what gateways say can name the person.
                        tracing::warn!(%key, %error, attempts, "a message waits");
                        put_off(file, key, again_at).await?;
                    }
                },
            }
        }
        Ok(())
    }
}

async fn verdict(pending: &Pending, outgoing: &mut Outgoing) -> Result<Verdict, StoreError> {
    let Some(Only::OnceResolved {
        event,
        action,
        number,
    }) = &outgoing.only
    else {
        return Ok(Verdict::Send);
    };
    let Some(found) = pending.get(*event, *action).await? else {
        return Ok(Verdict::Drop);
    };
    Ok(match (found.state, found.resolution, found.last_error) {
        (PendingState::Done, Some(Resolution::Accept(accept)), None) => {
            let stands = accept.registration_number.unwrap_or_default();
            if !number.is_empty() && *number != stands {
                outgoing.letter.text = outgoing.letter.text.replace(number, &stands);
            }
            Verdict::Send
        }
        (PendingState::Done, ..) => Verdict::Drop,
        _ => Verdict::Wait,
    })
}
