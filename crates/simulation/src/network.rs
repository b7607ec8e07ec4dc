//! The way from a node to the country: slow, and now and then it loses or doubles what it carries.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use countersign_core::peer::{Answer, Network, Request};
use delivery::Failure;

use crate::{
    codes, country, laws,
    node::Life,
    stage::{Stage, note},
};

/// A node's only network.
pub(crate) struct ToCountry {
    stage: Arc<Stage>,
    life: Arc<Life>,
}

impl fmt::Debug for ToCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToCountry").finish_non_exhaustive()
    }
}

impl ToCountry {
    pub fn new(stage: &Arc<Stage>, life: &Arc<Life>) -> Self {
        Self {
            stage: Arc::clone(stage),
            life: Arc::clone(life),
        }
    }
}

#[async_trait]
impl Network for ToCountry {
    async fn exchange(&self, request: Request) -> Result<Answer, Failure> {
        let stage = &self.stage;
        self.life.cross(stage, "the network").await;
        let (chances, name) = (stage.chances(), &self.life.name);
        note!(stage, "{name} sends {}", request.path);
        let id = laws::header(&request, "webhook-id");
        let under_way = self.life.sends(id);
        if under_way.is_none() && !id.is_empty() {
            laws::sent_beside_itself(stage, id);
        }
        let trigger = country::read(&request).map(Arc::new);
        match &trigger {
            Some(trigger) => laws::sent(stage, trigger),
            None => codes::sent(stage, &request),
        }
        let longest = u64::try_from(chances.way.as_millis()).unwrap_or(u64::MAX);
        if stage.chance(chances.lost) {
            note!(stage, "lost on its way to the country");
            return self.nothing(longest).await;
        }
        stage.pause(longest).await;
        if stage.chance(chances.doubled) {
            let (stage, request) = (Arc::clone(stage), request.clone());
            let trigger = trigger.clone();
            tokio::spawn(async move {
                stage.pause(4 * longest).await;
                note!(stage, "comes twice: {}", request.path);
                let _ = country::arrive(&stage, &request, trigger.as_deref()).await;
            });
        }
        let answer = country::arrive(stage, &request, trigger.as_deref()).await;
        if stage.chance(chances.lost) {
            note!(stage, "the answer is lost on its way back");
            return self.nothing(longest).await;
        }
        stage.pause(longest).await;
        self.life.cross(stage, "the network").await;
        answer
    }
}

impl ToCountry {
    /// A connection that breaks, or one that nothing comes out of.
    async fn nothing(&self, longest: u64) -> Result<Answer, Failure> {
        if self.stage.below(2) == 0 {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        self.stage.pause(longest).await;
        self.life.cross(&self.stage, "the network").await;
        Err(failure("connection-lost"))
    }
}

/// No answer, or none of use.
pub(crate) fn failure(class: &'static str) -> Failure {
    Failure {
        class,
        reason: format!("simulated: {class}"),
    }
}
