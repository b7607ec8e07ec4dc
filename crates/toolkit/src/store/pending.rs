//! Actions the country still owes a decision, with the token that can deliver it.

mod reconcile;
mod rows;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use records::{ActionId, ActionType, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;

pub use self::reconcile::{ReconcileError, Reconciled};
use self::rows::HeldToken;
pub(crate) use self::rows::{Callback, Outcome};
use super::{Store, StoreError};
use crate::{core_client::ActionShape, decision::Accept, settings::Secret};

/// Which action, of which record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PendingKey {
    /// The record.
    pub event: EventId,
    /// The action on it.
    pub action: ActionId,
}

/// What was decided in the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// The action applies.
    Accept(Accept),
    /// The action is refused.
    Reject {
        /// A sentence a registrar can act on.
        reason: String,
    },
}

impl Resolution {
    /// Refuses, for `reason`.
    pub fn reject(reason: impl Into<String>) -> Self {
        Self::Reject {
            reason: reason.into(),
        }
    }
}

/// How far a pending action has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PendingState {
    /// The country has not decided yet.
    Waiting,
    /// Decided; Core is being told.
    Resolving,
    /// Decided, but Core refuses to be told, and time will hardly help: see the last error. It is
    /// still tried, soon at first, since what came damaged to Core is refused as well, then ever
    /// more seldom up to once an hour; at once after [`Pending::retry`], and whenever Core delivers
    /// the action again with a fresh token.
    Stuck,
    /// Core knows, or had resolved it otherwise: see the last error.
    Done,
}

/// A pending action as the country sees it. The token stays inside.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingAction {
    /// Which action.
    pub key: PendingKey,
    /// The event type, such as `birth`.
    pub event_type: String,
    /// The kind of action.
    pub action_type: ActionType,
    /// For a custom action, which one.
    pub custom_action_type: Option<String>,
    /// The transaction id of the callback that resolves it.
    pub transaction_id: String,
    /// What the country put beside it.
    pub note: Value,
    /// When it was first stored.
    pub received_at: Timestamp,
    /// How far it has come.
    pub state: PendingState,
    /// The decision, once there is one. Once Core knows it, fields are no longer kept.
    pub resolution: Option<Resolution>,
    /// How often Core was called with the decision.
    pub attempts: u32,
    /// Why the last call did not succeed, or what Core said when it had decided otherwise.
    pub last_error: Option<String>,
}

/// What [`Pending::complete`] did.
#[derive(Debug, Clone, PartialEq)]
pub enum Completion {
    /// The decision is written down and will reach Core.
    Recorded,
    /// There was a decision already, and it stands; fields are no longer in it once Core knows.
    AlreadyDecided(Resolution),
    /// No such action is stored here.
    Unknown,
    /// Core awaits no decision on it any more ([`Pending::reconcile`]): somebody else decided.
    NoLongerAwaited,
    /// A REGISTER needs a registration number that is not empty; nothing was decided.
    NumberMissing,
}

/// What is stored when an action is put aside.
#[derive(Debug)]
pub(crate) struct WaitingAction {
    pub(crate) key: PendingKey,
    pub(crate) event_type: String,
    pub(crate) action: ActionShape,
    pub(crate) token: Option<Secret>,
    pub(crate) traceparent: String,
    pub(crate) note: Value,
}

/// The token that can deliver a decision, as it is kept.
pub(crate) struct StoredToken {
    pub(crate) key: PendingKey,
    pub(crate) token: Secret,
    sealed: Vec<u8>,
}

/// The pending store: find what is undecided, and decide it whenever the answer comes.
#[derive(Clone)]
pub struct Pending {
    store: Store,
    /// Tells the worker that there is something to do.
    pub(crate) due: Arc<Notify>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}

impl Pending {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            due: Arc::new(Notify::new()),
        }
    }

    /// Everything that is not done, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn list(&self) -> Result<Vec<PendingAction>, StoreError> {
        self.store.read(rows::list).await
    }

    /// One action, done or not.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn get(
        &self,
        event: EventId,
        action: ActionId,
    ) -> Result<Option<PendingAction>, StoreError> {
        let key = PendingKey { event, action };
        self.store
            .read(move |connection| rows::get(connection, key))
            .await
    }

    /// Decides. The decision is on disk when this returns; Core is told in the background, as
    /// often as it takes, across restarts. The first decision stands.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing was decided.
    pub async fn complete(
        &self,
        event: EventId,
        action: ActionId,
        resolution: Resolution,
    ) -> Result<Completion, StoreError> {
        let (key, now) = (PendingKey { event, action }, self.store.now());
        let done = self
            .store
            .write(move |write| rows::complete(write, key, &resolution, now))
            .await?;
        self.due.notify_one();
        Ok(done)
    }

    /// Decides anew about a stuck action, for when Core refuses the decision as it was made, such
    /// as one that sets a field the form does not have. Gives [`Completion::Recorded`], or the
    /// decision that stands because the action is not stuck.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing was decided.
    pub async fn amend(
        &self,
        event: EventId,
        action: ActionId,
        resolution: Resolution,
    ) -> Result<Completion, StoreError> {
        let (key, now) = (PendingKey { event, action }, self.store.now());
        let done = self
            .store
            .write(move |write| rows::amend(write, key, &resolution, now))
            .await?;
        self.due.notify_one();
        Ok(done)
    }

    /// Tells Core again at once, for an action that is resolving or stuck. Gives whether there was
    /// one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn retry(&self, event: EventId, action: ActionId) -> Result<bool, StoreError> {
        let (key, now) = (PendingKey { event, action }, self.store.now());
        let found = self
            .store
            .write(move |write| rows::retry(write, key, now))
            .await?;
        self.due.notify_one();
        Ok(found)
    }

    /// Stores an action; one that is there already gets the fresher token and note.
    pub(crate) async fn hold(&self, waiting: WaitingAction) -> Result<(), StoreError> {
        let sealed = self.seal(&waiting.key, waiting.token.as_ref())?;
        let (now, id) = (self.store.now(), self.store.world.new_id());
        self.store
            .write(move |write| rows::hold(write, &waiting, sealed, id, now))
            .await?;
        self.due.notify_one();
        Ok(())
    }

    /// A later delivery of an action put aside brought a fresher token.
    pub(crate) async fn renew(&self, key: PendingKey, token: &Secret) -> Result<(), StoreError> {
        let (sealed, now) = (self.seal(&key, Some(token))?, self.store.now());
        self.store
            .write(move |write| rows::renew(write, key, sealed, now))
            .await?;
        self.due.notify_one();
        Ok(())
    }

    /// The handler decided at once after all. Gives a decision that was made meanwhile, and
    /// therefore stands; forgets the action otherwise.
    pub(crate) async fn release(&self, key: PendingKey) -> Result<Option<Resolution>, StoreError> {
        self.store
            .write(move |write| rows::release(write, key))
            .await
    }

    /// The callbacks that are due, at most `limit`.
    pub(crate) async fn due(&self, limit: u32) -> Result<Vec<Callback>, StoreError> {
        let now = self.store.now();
        self.store
            .read(move |connection| rows::due(connection, now, limit))
            .await
    }

    /// The token of a callback.
    pub(crate) fn token(&self, callback: &Callback) -> Result<Option<Secret>, StoreError> {
        callback
            .token
            .as_deref()
            .map(|sealed| self.store.seal.open(&callback.key, sealed))
            .transpose()
    }

    /// When the next callback is due, in milliseconds since 1970.
    pub(crate) async fn next_due(&self) -> Result<Option<i64>, StoreError> {
        self.store.read(rows::next_due).await
    }

    /// Core is back: what waits for its next attempt need not wait longer.
    pub(crate) async fn bring_forward(&self) -> Result<(), StoreError> {
        let now = self.store.now();
        self.store
            .write(move |write| rows::bring_forward(write, now))
            .await
    }

    /// Writes down how a callback went.
    pub(crate) async fn settle(
        &self,
        callback: Callback,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let now = self.store.now();
        self.store
            .write(move |write| rows::settle(write, &callback, &outcome, now))
            .await
    }

    /// The tokens of everything that is not done; those written under another key are left out.
    pub(crate) async fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        let held = self.store.read(rows::tokens).await?;
        let open = |HeldToken { key, sealed }| {
            let token = self.store.seal.open(&key, &sealed).ok()?;
            Some(StoredToken { key, token, sealed })
        };
        Ok(held.into_iter().filter_map(open).collect())
    }

    /// Keeps a fresh token in the place of the stored one.
    pub(crate) async fn replace_token(
        &self,
        stored: StoredToken,
        fresh: &Secret,
    ) -> Result<(), StoreError> {
        let world = &self.store.world;
        let fresh = self.store.seal.close(&stored.key, fresh, world)?;
        self.store
            .write(move |write| rows::replace_token(write, stored.key, &stored.sealed, &fresh))
            .await
    }

    /// Forgets what was done, and answered, before `before` (milliseconds since 1970).
    pub(crate) async fn purge(&self, before: i64) -> Result<(), StoreError> {
        self.store
            .write(move |write| rows::purge(write, before))
            .await
    }

    fn seal(
        &self,
        key: &PendingKey,
        token: Option<&Secret>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        token
            .map(|token| self.store.seal.close(key, token, &self.store.world))
            .transpose()
    }
}
