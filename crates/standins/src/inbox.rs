//! The messages that were sent to people, whatever carried them.

use serde::Serialize;

use crate::{Shared, StoreError};

/// How a message travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// To a phone.
    Sms,
    /// To a mailbox.
    Mail,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mail => "mail",
        }
    }
}

/// One message that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    pub id: String,
    pub kind: Kind,
    pub to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub text: String,
    /// ISO 8601, UTC.
    pub at: String,
}

/// A message that is arriving.
#[derive(Debug)]
pub(crate) struct Arriving {
    pub kind: Kind,
    pub to: String,
    pub subject: Option<String>,
    pub text: String,
    /// The sender's own name for it. A sender that repeats itself because our answer got lost does
    /// not make a second message.
    pub sender_key: Option<String>,
}

/// Keeps `messages`, all or none; answers with their ids, in order.
pub(crate) async fn keep(
    shared: &Shared,
    messages: Vec<Arriving>,
) -> Result<Vec<String>, StoreError> {
    let at = world::iso(shared.world.now());
    let named: Vec<_> = messages
        .into_iter()
        .map(|message| (shared.world.new_id().to_string(), message))
        .collect();
    shared
        .store
        .run(move |connection| {
            named
                .into_iter()
                .map(|(id, message)| {
                    Ok(connection.query_row(
                        "INSERT INTO messages (id, kind, recipient, subject, text, at, sender_key)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                         ON CONFLICT (sender_key) DO UPDATE SET sender_key = excluded.sender_key
                         RETURNING id",
                        (
                            id,
                            message.kind.as_str(),
                            message.to,
                            message.subject,
                            message.text,
                            &at,
                            message.sender_key,
                        ),
                        |row| row.get(0),
                    )?)
                })
                .collect()
        })
        .await
}

/// The newest messages first, at most 200; only those to `recipient` when one is given.
pub(crate) async fn newest(
    shared: &Shared,
    recipient: Option<String>,
) -> Result<Vec<Message>, StoreError> {
    shared
        .store
        .run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, kind, recipient, subject, text, at FROM messages
                 WHERE ?1 IS NULL OR recipient = ?1
                 ORDER BY id DESC LIMIT 200",
            )?;
            let rows = statement.query_map([recipient], |row| {
                let kind: String = row.get(1)?;
                Ok(Message {
                    id: row.get(0)?,
                    kind: if kind == Kind::Sms.as_str() {
                        Kind::Sms
                    } else {
                        Kind::Mail
                    },
                    to: row.get(2)?,
                    subject: row.get(3)?,
                    text: row.get(4)?,
                    at: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
}
