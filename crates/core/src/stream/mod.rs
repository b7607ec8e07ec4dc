//! Tells those who listen to `GET /stream` what happens, as it happens (contract, "REST").
//!
//! What is told is no truth of its own: it is looked up when it is told, as `GET /transactions`
//! would answer it. So what waits for a listener is only which submissions moved, a bounded set, and
//! whoever reads too slowly is told to look for themselves. Nothing here is kept, and nothing is
//! done while nobody listens. Other nodes are told by [`storage::News`] while somebody listens there;
//! what gets lost on the way is found by looking now and then. Start at [`listen`].

mod connection;
mod elsewhere;
mod mailbox;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::gauge;
use records::{Action, ActionStatus, EventDocument, EventId};
use serde_json::{Value, json};
use storage::Happened;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Core,
    api::procedure::Call,
    error::{ApiError, ErrorCode},
    settings::StreamSettings,
};

pub(crate) use connection::listen;
use elsewhere::Elsewhere;
use mailbox::Mailbox;

/// How many listen on this node.
const LISTENERS: &str = "countersign_stream_listeners";

/// Who listens on this node, and what other nodes are told.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    listeners: Mutex<HashMap<Uuid, Vec<Arc<Mailbox>>>>,
    /// Moves when any record changes.
    records: watch::Sender<()>,
    /// Moves when a configuration is taken into use.
    configuration: watch::Sender<()>,
    elsewhere: Elsewhere,
}

/// `stream.listen`: anybody may who is signed in; what they are told is about themselves.
///
/// # Errors
/// 401 as for every operation.
pub(crate) async fn may_listen(core: Core, call: Call) -> Result<Value, ApiError> {
    call.caller()?;
    let current = core.configuration.current();
    let version = current.as_ref().map(|current| current.version()).ok();
    Ok(json!({ "configuration": version }))
}

impl Stream {
    /// Whether anybody listens, here or on another node.
    pub(crate) fn is_heard(&self) -> bool {
        !self.lock().is_empty() || self.elsewhere.listens()
    }

    /// An action was asked for, tried or decided.
    pub(crate) fn happened(&self, event_id: EventId, requested: &Action) {
        if !self.is_heard() {
            return;
        }
        self.records.send_replace(());
        match requested.created_by.parse() {
            Ok(person) => {
                let happened = Happened {
                    event_id,
                    action_id: requested.id,
                    person,
                };
                self.deliver(&happened);
                self.elsewhere.tell(Some(happened));
            }
            // Nobody with such an id can listen.
            Err(_) => self.elsewhere.tell(None),
        }
    }

    /// A record began, perhaps with actions that the country decides on.
    pub(crate) fn begun(&self, document: &EventDocument) {
        self.changed();
        let requested = document.actions.iter();
        for action in requested.filter(|action| action.status == ActionStatus::Requested) {
            self.happened(document.id, action);
        }
    }

    /// A record changed, and nobody waits to be told.
    pub(crate) fn changed(&self) {
        if self.is_heard() {
            self.records.send_replace(());
            self.elsewhere.tell(None);
        }
    }

    /// A configuration was taken into use here.
    pub(crate) fn configured(&self) {
        self.configuration.send_replace(());
    }

    /// Something happened on another node.
    fn heard(&self, all: &[Happened]) {
        self.records.send_replace(());
        for happened in all {
            self.deliver(happened);
        }
    }

    fn deliver(&self, happened: &Happened) {
        for mailbox in self.lock().get(&happened.person).into_iter().flatten() {
            mailbox.put(happened.event_id, happened.action_id);
        }
    }

    /// Somebody begins to listen. Answers whether they are the first on this node.
    ///
    /// Where a network breaks, nobody says that a connection is over, and it looks alive for many
    /// minutes: of as many as there may be the oldest makes room, unless all of them are new.
    fn enter(
        &self,
        person: Uuid,
        settings: &StreamSettings,
    ) -> Result<(Arc<Mailbox>, bool), ApiError> {
        let most = settings.per_person;
        let mut listeners = self.lock();
        let first = listeners.is_empty();
        let own = listeners.entry(person).or_default();
        if own.len() >= most
            && let Some(oldest) = own.first().filter(|one| one.age() >= settings.yields_after)
        {
            oldest.end();
            own.remove(0);
            gauge!(LISTENERS).decrement(1.0);
        }
        if own.len() >= most {
            let message = format!("At most {most} connections of one person listen at once");
            return Err(ApiError::new(ErrorCode::TooManyRequests, message)
                .retry_after(connection::RETRY_WHEN_FULL));
        }
        let mailbox = Arc::new(Mailbox::default());
        own.push(Arc::clone(&mailbox));
        gauge!(LISTENERS).increment(1.0);
        Ok((mailbox, first))
    }

    fn leave(&self, person: Uuid, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.lock();
        if let Some(own) = listeners.get_mut(&person) {
            let before = own.len();
            own.retain(|other| !Arc::ptr_eq(other, mailbox));
            // Unless it made room for another before.
            if own.len() < before {
                gauge!(LISTENERS).decrement(1.0);
            }
            if own.is_empty() {
                listeners.remove(&person);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Vec<Arc<Mailbox>>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
