//! Which of the country's functions answers which trigger.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use records::{Action, ActionType, EventDocument};

use crate::{
    account::AccountTrigger,
    core_client::CoreClient,
    decision::{Decision, TriggerError},
    trigger::Trigger,
};

type Answering<T> = Pin<Box<dyn Future<Output = Result<T, TriggerError>> + Send>>;

/// A country's function, boxed.
pub(crate) type Handler<I, O> = Arc<dyn Fn(I) -> Answering<O> + Send + Sync>;

/// Boxes an async function or closure.
pub(crate) fn handler<I, O, F, Fut>(function: F) -> Handler<I, O>
where
    F: Fn(I) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O, TriggerError>> + Send + 'static,
{
    Arc::new(move |input| Box::pin(function(input)))
}

#[derive(Clone, Default)]
pub(crate) struct Handlers {
    actions: HashMap<(String, ActionType), Handler<Trigger, Decision>>,
    custom: HashMap<(String, String), Handler<Trigger, Decision>>,
    any: HashMap<ActionType, Handler<Trigger, Decision>>,
    pub(crate) account: Option<Handler<AccountTrigger, ()>>,
    pub(crate) ready: Option<Handler<CoreClient, ()>>,
    pub(crate) reindex: Option<Handler<Vec<EventDocument>, ()>>,
}

impl Handlers {
    pub(crate) fn on(&mut self, event: &str, kind: ActionType, it: Handler<Trigger, Decision>) {
        self.actions.insert((event.to_owned(), kind), it);
    }

    pub(crate) fn on_custom(&mut self, event: &str, kind: &str, it: Handler<Trigger, Decision>) {
        self.custom.insert((event.to_owned(), kind.to_owned()), it);
    }

    pub(crate) fn on_any(&mut self, kind: ActionType, it: Handler<Trigger, Decision>) {
        self.any.insert(kind, it);
    }

    /// The most particular one there is.
    pub(crate) fn find(
        &self,
        event_type: &str,
        action: &Action,
    ) -> Option<&Handler<Trigger, Decision>> {
        let custom = action
            .custom_action_type
            .as_ref()
            .and_then(|kind| self.custom.get(&(event_type.to_owned(), kind.clone())));
        custom
            .or_else(|| {
                self.actions
                    .get(&(event_type.to_owned(), action.action_type))
            })
            .or_else(|| self.any.get(&action.action_type))
    }
}
