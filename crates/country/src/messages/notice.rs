//! News for an informant.

use serde::{Deserialize, Serialize};
use toolkit::{ActionId, Trigger};

use super::{
    gateways::{Address, Letter},
    texts::Texts,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum News {
    Declared,
    Registered,
}

/// What there is to tell about one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    action: ActionId,
    event_type: String,
    tracking_id: String,
    news: News,
    registration_number: String,
}

impl Notice {
    fn of(trigger: &Trigger, news: News) -> Self {
        Self {
            action: trigger.action_id(),
            event_type: trigger.event.event_type.clone(),
            tracking_id: trigger.event.tracking_id.clone(),
            news,
            registration_number: String::new(),
        }
    }

    /// The declaration arrived.
    pub(crate) fn declared(trigger: &Trigger) -> Self {
        Self::of(trigger, News::Declared)
    }

    /// The event is registered.
    pub(crate) fn registered(trigger: &Trigger) -> Self {
        Self::of(trigger, News::Registered)
    }

    /// The same, with the number it is registered under.
    pub(crate) fn numbered(self, number: &str) -> Self {
        Self {
            registration_number: number.to_owned(),
            ..self
        }
    }

    /// One notice per action, however often the action is delivered.
    pub(super) fn key(&self) -> String {
        format!("informant-{}", self.action)
    }

    /// The notice as it is sent; `None` when Talvera has no text for such an event.
    pub(super) fn letter(&self, to: &Address, texts: &Texts) -> Option<Letter> {
        let news = match self.news {
            News::Declared => "declared",
            News::Registered => "registered",
        };
        let values = [
            ("trackingId", &*self.tracking_id),
            ("registrationNumber", &*self.registration_number),
        ];
        let text = format!("informant.{}.{news}", self.event_type);
        Some(Letter {
            to: to.clone(),
            subject: texts.write(to.language, "informant.subject", &values)?,
            text: texts.write(to.language, &text, &values)?,
        })
    }
}
