//! What country config is asked to tell a person about their account (contract, "Account
//! triggers"). Every message goes through the durable delivery: nobody's sign-in fails because it
//! could not be sent at once.

use jiff::Timestamp;
use records::DeliveryId;
use serde_json::{Map, Value, json};
use storage::{NewDelivery, Subject, User};

use super::challenge::Issued;
use crate::{Core, error::ApiError};

/// A message to a person.
pub(super) enum Message<'a> {
    /// The code to sign in with.
    SignInCode(&'a Issued),
    /// The code to get back into an account with.
    RecoveryCode(&'a Issued),
    /// Their username, which they had forgotten.
    UsernameReminder,
    /// Their account was made.
    UserCreated {
        /// To sign in with for the first time.
        temporary_password: &'a str,
    },
}

impl Message<'_> {
    fn event(&self) -> &'static str {
        match self {
            Self::SignInCode(_) => "2fa",
            Self::RecoveryCode(_) => "reset-password",
            Self::UsernameReminder => "username-reminder",
            Self::UserCreated { .. } => "user-created",
        }
    }

    fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::SignInCode(issued) | Self::RecoveryCode(issued) => Some(issued.expires_at),
            Self::UsernameReminder | Self::UserCreated { .. } => None,
        }
    }
}

/// Writes the message down for delivery, durable when it returns.
///
/// # Errors
/// The store's failure.
pub(super) async fn send(
    core: &Core,
    user: &User,
    message: Message<'_>,
    correlation: &str,
) -> Result<(), ApiError> {
    let delivery = delivery(core, user, message, correlation);
    core.store.enqueue_delivery(delivery).await?;
    core.engine.wake();
    Ok(())
}

/// The delivery of a message, to be written together with what it tells of.
pub(super) fn delivery(
    core: &Core,
    user: &User,
    message: Message<'_>,
    correlation: &str,
) -> NewDelivery {
    let mut body = Map::new();
    body.insert("recipient".into(), recipient(user));
    match &message {
        Message::SignInCode(issued) | Message::RecoveryCode(issued) => {
            body.insert("code".into(), issued.code.as_str().into());
        }
        Message::UsernameReminder => {
            body.insert("username".into(), user.username.as_str().into());
        }
        Message::UserCreated { temporary_password } => {
            body.insert("username".into(), user.username.as_str().into());
            body.insert("temporaryPassword".into(), (*temporary_password).into());
        }
    }
    let event = message.event();
    let expires_at = message.expires_at();
    // Only codes are superseded: a person can use the newest alone.
    let superseded_by_key = expires_at.map(|_| format!("{event}:{}", user.id));
    NewDelivery {
        id: DeliveryId(core.world.new_id()),
        kind: format!("user/{event}"),
        path: format!("/triggers/user/{event}"),
        subject: Subject::Account {
            body: Value::Object(body),
            superseded_by_key,
        },
        correlation: correlation.to_owned(),
        created_at: core.world.now(),
        expires_at,
    }
}

fn recipient(user: &User) -> Value {
    let mut recipient = json!({"name": user.name});
    if let Some(map) = recipient.as_object_mut() {
        for (field, value) in [("mobile", &user.mobile), ("email", &user.email)] {
            if let Some(value) = value {
                map.insert(field.into(), value.as_str().into());
            }
        }
    }
    recipient
}
