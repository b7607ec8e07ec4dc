//! Messages to people: codes and passwords to users, news to informants.
//!
//! To the phone when there is one, by mail otherwise. What carries a code or a password is sent
//! while Core waits, and its failure is Core's to repeat, because Core knows when the code expires
//! and such a text must not lie about here. Everything else is written down first and sent in the
//! background (`outbox`), so that a dead gateway never delays a registration.

mod accounts;
mod gateways;
mod notice;
mod outbox;
mod texts;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use toolkit::{ActionId, Declaration, EventId};

pub use self::gateways::MailAddressError;
pub(crate) use self::{gateways::Address, notice::Notice};
use self::{gateways::Gateways, texts::Texts};
use crate::{CountrySettings, FileError, StartError, file::File};

/// A language that Talvera's messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    #[serde(rename = "en")]
    English,
    #[serde(rename = "fr")]
    French,
}

impl Language {
    /// The language by its code in forms and texts; `None` for one that Talvera does not write.
    pub(crate) fn of(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::English),
            "fr" => Some(Self::French),
            _ => None,
        }
    }
}

/// A condition on sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Only {
    /// Once Core has taken our acceptance of this action; never, if it was resolved otherwise.
    OnceResolved {
        /// The record.
        event: EventId,
        /// The action on it.
        action: ActionId,
        /// The registration number in the text. Should Core have taken the record under another
        /// one, because this one was amended meanwhile, the text is sent with that.
        #[serde(default)]
        number: String,
    },
}

/// The way to people; cheap to clone.
#[derive(Clone)]
pub(crate) struct Messages(Arc<Inner>);

struct Inner {
    file: File,
    gateways: Gateways,
    texts: Texts,
    language: Language,
    /// Rung when there is something new to send.
    due: Notify,
}

impl Messages {
    pub(crate) fn new(
        settings: &CountrySettings,
        file: File,
        http: reqwest::Client,
    ) -> Result<Self, StartError> {
        Ok(Self(Arc::new(Inner {
            gateways: Gateways::new(settings, http, file.world.clone())?,
            texts: Texts::read()?,
            language: settings.language,
            file,
            due: Notify::new(),
        })))
    }

    /// Where the informant of this declaration wants to be told; `None` when they left nothing
    /// that a message could be sent to.
    pub(crate) fn informant(&self, declaration: &Declaration) -> Option<Address> {
        let field = |id: &str| declaration.get(id)?.as_str();
        let language = field("informant.language").and_then(Language::of);
        let language = language.unwrap_or(self.0.language);
        Address::of(field("informant.phone"), field("informant.email"), language)
    }

    /// Tells the informant of this declaration, if they left a way to.
    pub(crate) async fn to_informant(
        &self,
        declaration: &Declaration,
        notice: &Notice,
    ) -> Result<(), FileError> {
        match self.informant(declaration) {
            Some(to) => self.notice(&to, notice, None).await,
            None => Ok(()),
        }
    }

    /// Writes a notice down for sending; the same notice twice is sent once.
    pub(crate) async fn notice(
        &self,
        to: &Address,
        notice: &Notice,
        only: Option<Only>,
    ) -> Result<(), FileError> {
        let Some(letter) = notice.letter(to, &self.0.texts) else {
            return Ok(());
        };
        outbox::keep(
            &self.0.file,
            vec![(notice.key(), outbox::Outgoing { letter, only })],
        )
        .await?;
        self.0.due.notify_one();
        Ok(())
    }
}
