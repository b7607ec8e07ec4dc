//! Carries deliveries to country config and judges its answers.

use async_trait::async_trait;
use delivery::{Handler, Reply, Verdict};
use storage::{AttemptResult, Claim, Delivery, StoreError};

use crate::Core;

/// Sends through the one peer and decides what its answers mean for records.
pub struct Courier {
    core: Core,
}

impl Courier {
    /// A courier for this Core.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }
}

#[async_trait]
impl Handler for Courier {
    async fn send(&self, delivery: &Delivery) -> Reply {
        let _ = (&self.core, delivery);
        Reply::Failed(delivery::Failure {
            class: "internal",
            reason: String::new(),
        })
    }

    async fn judge(&self, _: &Claim, _: &Reply, _: AttemptResult) -> Result<Verdict, StoreError> {
        Ok(Verdict::Delivered { outcome: "pending" })
    }
}
