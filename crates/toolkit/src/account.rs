//! Account triggers: what Core asks the country to tell a person, by mail or text message.
//!
//! There is nothing to approve. A message that cannot be sent is an error, and Core tries again
//! until the code in it has expired.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{settings::Secret, trigger::Delivery};

/// A person's name, as accounts carry it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// Given names.
    #[serde(default)]
    pub firstname: String,
    /// Family name.
    #[serde(default)]
    pub surname: String,
}

/// Whom to tell. Core leaves out what it does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// A mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Broadcasts: up to 500 mail addresses that must not see each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<String>,
}

/// Which code a person is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodePurpose {
    /// The second step of signing in (`2fa`).
    SignIn,
    /// A new password (`reset-password`).
    ResetPassword,
    /// A new telephone number (`change-phone-number`).
    ChangePhoneNumber,
    /// A new mail address (`change-email-address`).
    ChangeEmailAddress,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountEvent {
    /// An account was made (`user-created`), or its invitation is sent again (`resend-invite`).
    Invitation {
        /// The name to sign in with.
        username: String,
        /// The password to sign in with once.
        temporary_password: Secret,
        /// Whether this repeats an earlier invitation.
        again: bool,
    },
    /// A person's username changed (`user-updated`).
    UsernameChanged {
        /// The name until now.
        old: String,
        /// The name from now on.
        new: String,
    },
    /// A person, or an administrator for them, asked what their username is.
    UsernameReminder {
        /// The name to sign in with.
        username: String,
    },
    /// A code to deliver, before it expires.
    Code {
        /// What it is for.
        purpose: CodePurpose,
        /// The code.
        code: Secret,
    },
    /// An administrator reset a person's password.
    PasswordResetByAdmin {
        /// The password to sign in with once.
        temporary_password: Secret,
        /// `{id, name, role}` of the administrator.
        admin: Value,
    },
    /// A message to everyone, in portions of the recipient's `bcc`.
    Broadcast {
        /// The mail's subject.
        subject: String,
        /// The mail's text.
        body: String,
    },
    /// An event that this toolkit does not know, with its whole body.
    Other {
        /// The last part of the path.
        name: String,
        /// What Core sent.
        body: Value,
    },
}

/// One account trigger.
#[derive(Debug, Clone)]
pub struct AccountTrigger {
    /// What there is to tell.
    pub event: AccountEvent,
    /// Whom to tell.
    pub recipient: Recipient,
    /// Which delivery this is, and which attempt at it.
    pub delivery: Delivery,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    username: String,
    temporary_password: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Renamed {
    old_username: String,
    new_username: String,
}

#[derive(Deserialize)]
struct Reminder {
    username: String,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResetByAdmin {
    temporary_password: String,
    #[serde(default)]
    admin: Value,
}

#[derive(Deserialize)]
struct Broadcast {
    subject: String,
    body: String,
}

#[derive(Deserialize)]
struct Addressed {
    #[serde(default)]
    recipient: Recipient,
}

/// Reads the body of `POST /triggers/user/{name}`. An unknown name is no error, a known one
/// without its fields is.
pub(crate) fn parse(
    name: &str,
    body: Value,
) -> Result<(AccountEvent, Recipient), serde_json::Error> {
    let Addressed { recipient } = Addressed::deserialize(&body)?;
    let code = |purpose, body: &Value| {
        Code::deserialize(body).map(|it| AccountEvent::Code {
            purpose,
            code: Secret::new(it.code),
        })
    };
    let event = match name {
        "user-created" | "resend-invite" => {
            let it = Invitation::deserialize(&body)?;
            AccountEvent::Invitation {
                username: it.username,
                temporary_password: Secret::new(it.temporary_password),
                again: name == "resend-invite",
            }
        }
        "user-updated" => {
            let it = Renamed::deserialize(&body)?;
            AccountEvent::UsernameChanged {
                old: it.old_username,
                new: it.new_username,
            }
        }
        "username-reminder" => AccountEvent::UsernameReminder {
            username: Reminder::deserialize(&body)?.username,
        },
        "2fa" => code(CodePurpose::SignIn, &body)?,
        "reset-password" => code(CodePurpose::ResetPassword, &body)?,
        "change-phone-number" => code(CodePurpose::ChangePhoneNumber, &body)?,
        "change-email-address" => code(CodePurpose::ChangeEmailAddress, &body)?,
        "reset-password-by-admin" => {
            let it = ResetByAdmin::deserialize(&body)?;
            AccountEvent::PasswordResetByAdmin {
                temporary_password: Secret::new(it.temporary_password),
                admin: it.admin,
            }
        }
        "all-user-notification" => {
            let it = Broadcast::deserialize(&body)?;
            AccountEvent::Broadcast {
                subject: it.subject,
                body: it.body,
            }
        }
        other => AccountEvent::Other {
            name: other.to_owned(),
            body,
        },
    };
    Ok((event, recipient))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sign_in_code_names_its_purpose_and_recipient() {
        let body = json!({
            "recipient": { "name": { "firstname": "Ada", "surname": "Byron" }, "mobile": "+26097" },
            "code": "123456",
        });
        let (event, recipient) = parse("2fa", body).unwrap();
        let code = AccountEvent::Code {
            purpose: CodePurpose::SignIn,
            code: Secret::new("123456"),
        };
        assert_eq!(event, code);
        assert_eq!(recipient.mobile.as_deref(), Some("+26097"));
        assert_eq!(recipient.name.unwrap().surname, "Byron");
    }

    #[test]
    fn a_known_event_without_its_fields_is_an_error() {
        assert!(parse("user-created", json!({ "recipient": {} })).is_err());
    }

    #[test]
    fn an_unknown_event_is_handed_over_whole() {
        let (event, _) = parse("moon-landing", json!({ "step": 1 })).unwrap();
        let other = AccountEvent::Other {
            name: "moon-landing".to_owned(),
            body: json!({ "step": 1 }),
        };
        assert_eq!(event, other);
    }
}
