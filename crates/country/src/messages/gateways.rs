//! The SMS gateway and the mail server.

use lettre::{
    Address as MailAddress, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use toolkit::World;

use super::Language;
use crate::CountrySettings;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Way {
    Phone(String),
    Mail(String),
}

/// Where a message goes, and in which language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(super) way: Way,
    pub(super) language: Language,
}

impl Address {
    /// The phone, or else the mail address; what no message could be sent to counts as absent.
    pub(super) fn of(phone: Option<&str>, mail: Option<&str>, language: Language) -> Option<Self> {
        let phone = phone.map(str::trim).filter(|phone| is_phone(phone));
        let mail = mail
            .map(str::trim)
            .filter(|mail| mail.parse::<MailAddress>().is_ok());
        let way = match (phone, mail) {
            (Some(phone), _) => Way::Phone(phone.to_owned()),
            (None, Some(mail)) => Way::Mail(mail.to_owned()),
            (None, None) => return None,
        };
        Some(Self { way, language })
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=15).contains(&digits)
        && text
            .chars()
            .all(|letter| letter.is_ascii_digit() || " +-()".contains(letter))
}

/// A message, ready to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) to: Address,
    /// Mail only.
    pub(super) subject: String,
    pub(super) text: String,
}

/// The sender's address in the settings is none.
#[derive(Debug, thiserror::Error)]
#[error("'{address}' is not an address that mail can come from")]
pub struct MailAddressError {
    address: String,
    source: lettre::address::AddressError,
}

/// A message did not get through. The texts never name the person.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("the SMS gateway cannot be reached")]
    SmsUnreachable(#[source] reqwest::Error),
    #[error("the SMS gateway answered {0}")]
    SmsRefused(StatusCode),
    #[error("the mail cannot be written")]
    MailWritten(#[source] lettre::error::Error),
    #[error("the mail address is none")]
    MailAddress(#[source] lettre::address::AddressError),
    #[error("the mail server did not take the mail")]
    MailRefused(#[source] smtp::Error),
}

/// The ways out.
pub(super) struct Gateways {
    http: reqwest::Client,
    sms: String,
    mail: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    world: World,
}

impl Gateways {
    pub(super) fn new(
        settings: &CountrySettings,
        http: reqwest::Client,
        world: World,
    ) -> Result<Self, MailAddressError> {
        let from = settings
            .mail_from
            .parse()
            .map_err(|source| MailAddressError {
                address: settings.mail_from.clone(),
                source,
            })?;
        // Plain SMTP: the reference country's mail server is a stand-in on the same machine.
        let mail = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.smtp_host)
            .port(settings.smtp_port)
            .timeout(Some(settings.patience))
            .build();
        let sms = format!("{}/sms", settings.sms.trim_end_matches('/'));
        Ok(Self {
            http,
            sms,
            mail,
            from,
            world,
        })
    }

    /// Sends one message. `key` names it, so that a gateway whose answer got lost can tell a
    /// repeat from a second message.
    pub(super) async fn send(&self, key: &str, letter: &Letter) -> Result<(), SendError> {
        match &letter.to.way {
            Way::Phone(number) => self.text(key, number, &letter.text).await,
            Way::Mail(address) => self.mail(key, address, letter).await,
        }
    }

    async fn text(&self, key: &str, to: &str, text: &str) -> Result<(), SendError> {
        let request = self
            .http
            .post(&self.sms)
            .json(&json!({ "to": to, "text": text }));
        let answer = request.header("Idempotency-Key", key).send().await;
        match answer.map_err(SendError::SmsUnreachable)?.status() {
            status if status.is_success() => Ok(()),
            status => Err(SendError::SmsRefused(status)),
        }
    }

    async fn mail(&self, key: &str, to: &str, letter: &Letter) -> Result<(), SendError> {
        let to = to.parse().map_err(SendError::MailAddress)?;
        let name = key.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .date(self.world.now().into())
            .message_id(Some(format!("<{name}@{}>", self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(SendError::MailWritten)?;
        self.mail.send(mail).await.map_err(SendError::MailRefused)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(phone: &str, mail: &str) -> Option<Way> {
        Address::of(Some(phone), Some(mail), Language::English).map(|address| address.way)
    }

    #[test]
    fn the_phone_comes_first_and_what_is_none_does_not_count() {
        assert_eq!(
            way("0612345678", "a@b.example"),
            Some(Way::Phone("0612345678".to_owned()))
        );
        assert_eq!(
            way("none", "a@b.example"),
            Some(Way::Mail("a@b.example".to_owned()))
        );
        assert_eq!(way("", "nowhere"), None);
    }
}
