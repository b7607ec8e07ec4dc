//! What is handed along on this node, so that nobody reads again what was written just now.
//!
//! Whoever asks for an action knows the record that they committed; whoever carries its delivery to
//! the country sends that record and decides on it; and whoever asked waits for what was decided.
//! What the first attempt sends is made ready while the request is being committed.
//! Nothing rests on what is carried alone: a decision names the version that it was made on, and one
//! on a record that moved meanwhile is made anew, on what the store has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use records::{Action, ActionId, EventDocument};
use storage::StoredEvent;

/// By action, for as long as somebody waits for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carried(Arc<Mutex<HashMap<ActionId, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    asked: Option<Arc<StoredEvent>>,
    message: Readiness,
    decided: Option<Box<EventDocument>>,
}

/// What an attempt sends: the record, and the token that goes out with it.
#[derive(Debug)]
pub(super) struct Message {
    pub body: Bytes,
    pub token: String,
}

/// How far the first attempt's message is.
#[derive(Debug, Default)]
enum Readiness {
    #[default]
    NotYet,
    Ready(Message),
    /// The attempt has it, or has begun without it.
    Gone,
}

/// Somebody who waits for an action; what is carried for it goes with this.
#[derive(Debug)]
pub(super) struct Carrying {
    action: ActionId,
    all: Carried,
}

impl Carried {
    /// Carries a record whose last action this is, as the store will have it once that is committed.
    pub(super) fn begin(&self, action: ActionId, asked: Option<StoredEvent>) -> Carrying {
        let entry = Entry {
            asked: asked.map(Arc::new),
            message: Readiness::NotYet,
            decided: None,
        };
        self.lock().insert(action, entry);
        Carrying {
            action,
            all: self.clone(),
        }
    }

    /// The record whose last action this is, as it was committed.
    pub(super) fn asked(&self, action: ActionId) -> Option<Arc<StoredEvent>> {
        self.lock().get(&action)?.asked.clone()
    }

    /// The same, for the last time.
    pub(super) fn take_asked(&self, action: ActionId) -> Option<Arc<StoredEvent>> {
        self.lock().get_mut(&action)?.asked.take()
    }

    /// Makes the first attempt's message ready, from the record whose last action this is, unless
    /// the attempt has begun.
    pub(super) fn prepare(
        &self,
        action: ActionId,
        make: impl FnOnce(&StoredEvent) -> Option<Message>,
    ) {
        let asked = match self.lock().get(&action) {
            Some(entry) if matches!(entry.message, Readiness::NotYet) => entry.asked.clone(),
            _ => None,
        };
        let Some(message) = asked.and_then(|asked| make(&asked)) else {
            return;
        };
        if let Some(entry) = self.lock().get_mut(&action)
            && matches!(entry.message, Readiness::NotYet)
        {
            entry.message = Readiness::Ready(message);
        }
    }

    /// The first attempt's message, if it is ready; it need not be made ready any more.
    pub(super) fn take_message(&self, action: ActionId) -> Option<Message> {
        let mut all = self.lock();
        let message = &mut all.get_mut(&action)?.message;
        match std::mem::replace(message, Readiness::Gone) {
            Readiness::Ready(message) => Some(message),
            Readiness::NotYet | Readiness::Gone => None,
        }
    }

    /// Tells whoever waits here what the record is now that the action is decided, durably.
    pub(super) fn decided(&self, action: ActionId, document: Box<EventDocument>) {
        if let Some(entry) = self.lock().get_mut(&action) {
            entry.decided = Some(document);
        }
    }

    /// The record as the decision on this action left it.
    pub(super) fn take_decided(&self, action: ActionId) -> Option<Box<EventDocument>> {
        self.lock().get_mut(&action)?.decided.take()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ActionId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Carrying {
    fn drop(&mut self) {
        self.all.lock().remove(&self.action);
    }
}

/// An action as it is read back, to the last digit: every attempt sends the same bytes, whether it
/// reads the record or was handed it.
pub(super) fn as_kept(action: &Action) -> Option<Action> {
    let text = serde_json::to_string(action).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use records::{ActionStatus, ActionType, UserType};
    use serde_json::json;

    use super::*;

    fn action() -> Action {
        let id = uuid::Uuid::from_u128(1);
        Action::empty(
            id.into(),
            id.to_string(),
            ActionType::Declare,
            ActionStatus::Requested,
            "2026-01-20T10:00:00.000Z".to_owned(),
            "me".to_owned(),
            UserType::User,
        )
    }

    #[test]
    fn an_action_is_carried_as_it_will_be_read() {
        let mut action = action();
        action.content = Some(json!(null));
        let map = json!({"far": 1e300, "near": 0.1, "many": 123_456_789_012_345_680.0_f64});
        action.declaration = map.as_object().cloned();
        let kept = as_kept(&action).unwrap();
        assert_eq!(
            as_kept(&kept).as_ref(),
            Some(&kept),
            "reading changes no more"
        );
        assert_eq!(kept.content, None);
    }

    fn document() -> EventDocument {
        EventDocument {
            id: uuid::Uuid::from_u128(2).into(),
            event_type: "birth".to_owned(),
            created_at: String::new(),
            updated_at: String::new(),
            tracking_id: String::new(),
            actions: vec![],
        }
    }

    #[test]
    fn a_message_is_made_ready_for_the_first_attempt_and_no_other() {
        let (carried, id) = (Carried::default(), action().id);
        let asked = StoredEvent {
            document: document(),
            version: 1,
        };
        let message = |token: &str| {
            Some(Message {
                body: Bytes::new(),
                token: token.to_owned(),
            })
        };
        let _carrying = carried.begin(id, Some(asked.clone()));
        carried.prepare(id, |_| message("one"));
        carried.prepare(id, |_| panic!("it is ready"));
        assert_eq!(carried.take_message(id).unwrap().token, "one");
        assert!(carried.take_message(id).is_none());

        let _carrying = carried.begin(id, Some(asked));
        assert!(
            carried.take_message(id).is_none(),
            "the attempt begins without it"
        );
        carried.prepare(id, |_| panic!("nobody would take it"));
    }

    #[test]
    fn what_is_carried_goes_with_whoever_waited_for_it() {
        let carried = Carried::default();
        let id = action().id;
        let document = document();
        carried.decided(id, Box::new(document.clone()));
        assert_eq!(carried.take_decided(id), None, "nobody waits");
        let carrying = carried.begin(id, None);
        carried.decided(id, Box::new(document.clone()));
        assert_eq!(carried.take_decided(id), Some(Box::new(document)));
        drop(carrying);
        assert!(carried.lock().is_empty());
    }
}
