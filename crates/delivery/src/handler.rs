//! What the engine leaves to whoever uses it: sending, and saying what an answer means.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use storage::{AttemptResult, Claim, Delivery, StoreError};

/// Why there was no answer, or none of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class, as the attempt log has it: `timeout`, `connect`, `connection-lost`,
    /// `too-large`, `internal`.
    pub class: &'static str,
    /// A sentence for the operator.
    pub reason: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An HTTP answer with its whole body.
    Answer {
        /// The status.
        status: u16,
        /// The body, within the limit.
        body: Bytes,
        /// `Retry-After`, where the answer had one.
        retry_after: Option<Duration>,
    },
    /// None.
    Failed(Failure),
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Acknowledged, and the handler has written the attempt together with what follows from it.
    Settled {
        /// As the attempt log has it.
        outcome: &'static str,
    },
    /// Acknowledged; nothing follows from it but the end of the delivery.
    Delivered {
        /// For the attempt log.
        outcome: &'static str,
    },
    /// Not acknowledged: to be tried again.
    Again {
        /// For the attempt log: `http-status`, `contract-violation`, or the failure's class.
        outcome: &'static str,
        /// A sentence for the operator.
        reason: String,
    },
}

/// Sends deliveries and judges the answers.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Sends one attempt and waits for the whole answer, within the attempt's deadline.
    async fn send(&self, delivery: &Delivery) -> Reply;

    /// Says what the answer means. When effects follow from it, the handler writes them in one
    /// transaction with `delivered` (which already says so) and answers [`Verdict::Settled`].
    ///
    /// # Errors
    /// The store's failure; the delivery is then tried again, which is safe: the same delivery
    /// answered twice has its effects once.
    async fn judge(
        &self,
        claim: &Claim,
        reply: &Reply,
        delivered: AttemptResult,
    ) -> Result<Verdict, StoreError>;

    /// An attempt on this delivery has ended and is written down, unless the store failed.
    async fn ended(&self, _delivery: &Delivery) {}

    /// Asks the peer for nothing in particular, within a deadline: whether it answers at all.
    async fn probe(&self) -> bool;
}
