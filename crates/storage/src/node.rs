//! The nodes that share a store: who lives, and who does what only one of them may do.

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use jiff::Timestamp;
use records::{ActionId, DeliveryId, EventId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;

/// A sign of life. A name belongs to one run of one node: the latest that began under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Beat {
    /// The node's name; its claims bear it.
    pub node: String,
    /// This run of it; later runs have later ids.
    pub run: Uuid,
    /// Which program it runs.
    pub version: String,
    /// When this run began.
    pub started_at: Timestamp,
    /// When it gave this sign.
    pub at: Timestamp,
}

/// What other nodes may want to know at once. It may be lost: whoever hears nothing looks at the
/// store now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something is due that its finder has no room for.
    Due,
    /// These deliveries moved: an attempt ended, or their action was decided.
    Moved(Vec<DeliveryId>),
    /// Somebody listens on this node: let it have [`News::Happened`] for a while.
    Listening,
    /// Records changed. These actions were asked for, tried or decided; what else there was, and
    /// what were too many to name, is not told.
    Happened(Vec<Happened>),
}

/// An action that was asked for, tried or decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Happened {
    /// On this record.
    pub event_id: EventId,
    /// The action that was requested.
    pub action_id: ActionId,
    /// Who requested it.
    pub person: Uuid,
}

/// Keeps nodes apart, and together.
#[async_trait]
pub trait NodeStore: Send + Sync {
    /// Writes a sign of life. `false`, and nothing written, when a later run has taken the name.
    async fn beat(&self, beat: Beat) -> Result<bool, StoreError>;

    /// Removes a node that stops, unless a later run has its name; what it had claimed is due at
    /// once, and its duties are anybody's.
    async fn leave(&self, node: &str, run: Uuid, now: Timestamp) -> Result<(), StoreError>;

    /// Every node that has beaten and not left, in order of their names.
    async fn nodes(&self) -> Result<Vec<Beat>, StoreError>;

    /// Puts back the claims, and lets go of the duties, of all nodes whose last sign is older than
    /// `since`, and of those that have none; due at once. Answers how many claims.
    async fn release_claims_of_silent(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Takes or keeps a duty that only one node has at a time; `false` while another has it and its
    /// time has not run out.
    async fn take_duty(
        &self,
        duty: &str,
        node: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Gives a duty up, if it is this node's.
    async fn give_up_duty(&self, duty: &str, node: &str) -> Result<(), StoreError>;

    /// News from other nodes, from now on. A store that serves one node has none.
    fn news(&self) -> BoxStream<'static, News> {
        stream::pending().boxed()
    }

    /// Tells other nodes, soon and without waiting; may be lost.
    fn tell(&self, _news: News) {}
}
