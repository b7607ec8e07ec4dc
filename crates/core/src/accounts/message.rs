//! What country config is asked to tell a person about their account (contract, "Account
//! triggers"). Every message goes through the durable delivery: nobody's sign-in fails because it
//! could not be sent at once.

use std::time::Duration;

use ::delivery::Watcher;
use jiff::Timestamp;
use records::DeliveryId;
use serde_json::{Map, Value, json};
use storage::{NewDelivery, Subject, User};

use super::challenge::Issued;
use crate::{Core, correlation::begins, error::ApiError};

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
    /// They are invited once more.
    InvitedAgain {
        /// To sign in with for the first time.
        temporary_password: &'a str,
    },
    /// An administrator took their account back to its start.
    PasswordResetBy {
        /// To sign in with once.
        temporary_password: &'a str,
        /// Who did.
        admin: &'a User,
    },
    /// Their username is another one.
    UsernameChanged {
        /// What it was.
        old: &'a str,
    },
    /// The code to change where they are reached.
    ContactCode(Contact, &'a Issued),
}

/// Where somebody is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contact {
    /// On the phone.
    Mobile,
    /// By mail.
    Email,
}

impl Message<'_> {
    fn event(&self) -> &'static str {
        match self {
            Self::SignInCode(_) => "2fa",
            Self::RecoveryCode(_) => "reset-password",
            Self::UsernameReminder => "username-reminder",
            Self::UserCreated { .. } => "user-created",
            Self::InvitedAgain { .. } => "resend-invite",
            Self::PasswordResetBy { .. } => "reset-password-by-admin",
            Self::UsernameChanged { .. } => "user-updated",
            Self::ContactCode(Contact::Mobile, _) => "change-phone-number",
            Self::ContactCode(Contact::Email, _) => "change-email-address",
        }
    }

    fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::SignInCode(issued)
            | Self::RecoveryCode(issued)
            | Self::ContactCode(_, issued) => Some(issued.expires_at),
            Self::UsernameReminder
            | Self::UserCreated { .. }
            | Self::InvitedAgain { .. }
            | Self::PasswordResetBy { .. }
            | Self::UsernameChanged { .. } => None,
        }
    }
}

/// How long somebody who does something to an account waits for country config to be told.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Wakes the delivery and waits until it was tried once, or for a moment: usually what was done has
/// then come to its end when the answer comes. However the attempt went, the delivery goes on.
pub(super) async fn tried(core: &Core, mut watcher: Watcher) {
    core.engine.wake();
    tokio::select! {
        biased;
        () = watcher.moved(A_MOMENT) => {}
        () = core.stopping.cancelled() => {}
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
        Message::SignInCode(issued)
        | Message::RecoveryCode(issued)
        | Message::ContactCode(_, issued) => {
            body.insert("code".into(), issued.code.as_str().into());
        }
        Message::UsernameReminder => {
            body.insert("username".into(), user.username.as_str().into());
        }
        Message::UserCreated { temporary_password }
        | Message::InvitedAgain { temporary_password } => {
            body.insert("username".into(), user.username.as_str().into());
            body.insert("temporaryPassword".into(), (*temporary_password).into());
        }
        Message::PasswordResetBy {
            temporary_password,
            admin,
        } => {
            body.insert("temporaryPassword".into(), (*temporary_password).into());
            let admin = json!({"id": admin.id, "name": admin.name, "role": admin.role});
            body.insert("admin".into(), admin);
        }
        Message::UsernameChanged { old } => {
            body.insert("oldUsername".into(), (*old).into());
            body.insert("newUsername".into(), user.username.as_str().into());
        }
    }
    let event = message.event();
    let expires_at = message.expires_at();
    // Only codes are superseded: a person can use the newest alone.
    let superseded_by_key = expires_at.map(|_| format!("{event}:{}", user.id));
    begins(NewDelivery {
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
        lease: None,
    })
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
