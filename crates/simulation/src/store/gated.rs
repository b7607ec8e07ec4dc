//! The way from a node to the store.

use std::sync::Arc;

use async_trait::async_trait;
use storage::{Store, StoreError};

use super::layer::{Call, Layer};
use crate::{
    node::Life,
    stage::{Stage, note},
};

/// Between a node and the store.
pub(super) struct Gated {
    pub stage: Arc<Stage>,
    pub life: Arc<Life>,
    pub below: Arc<dyn Store>,
}

#[async_trait]
impl Layer for Gated {
    fn below(&self) -> &Arc<dyn Store> {
        &self.below
    }

    async fn enter(&self, call: Call) -> Result<(), StoreError> {
        self.life.cross(&self.stage, call.name).await;
        let chances = self.stage.chances();
        self.take_time(chances.store.slow).await;
        if self.stage.chance(chances.store.fails_before) {
            note!(self.stage, "{} {} fails", self.life.name, call.name);
            return Err(unavailable());
        }
        Ok(())
    }

    async fn leave(&self, call: Call) -> Result<(), StoreError> {
        self.life.cross(&self.stage, call.name).await;
        let chances = self.stage.chances();
        if call.writes {
            self.take_time(chances.store.slow).await;
            if self.stage.chance(chances.store.fails_after) {
                note!(
                    self.stage,
                    "{} {} takes effect and fails",
                    self.life.name,
                    call.name
                );
                return Err(unavailable());
            }
        }
        Ok(())
    }
}

impl Gated {
    async fn take_time(&self, slow: u64) {
        if slow > 0 && self.stage.chance(300) {
            self.stage.pause(slow).await;
            self.life.cross(&self.stage, "the store").await;
        }
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable {
        reason: "the connection was lost".to_owned(),
        source: "simulated".into(),
    }
}
