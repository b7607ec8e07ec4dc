//! Records' lines: in which order what is to be delivered of a record must go.
//!
//! A delivery joins its record's line when it begins, and again, at the end, when it is sent once
//! more after it was finished. Of those in a line that are unfinished, nobody may try any but the
//! first. What is known here comes from what was asked of the store, in the order in which it took
//! effect; what the store makes of it is not believed.

use std::collections::BTreeMap;

use records::{ActionId, ActionStatus, EventId};

use crate::{
    Law,
    stage::{ByAction, Stage, now},
};

/// All lines of a world.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    last: u64,
    places: ByAction<u64>,
    /// In which place a delivery stood when an attempt was let go. One that lost its claim before it
    /// is sent may be late, and out of turn by then.
    let_go: BTreeMap<(ActionId, u32), u64>,
}

impl Lines {
    /// A delivery about this action begins, or begins again.
    pub fn joins(&mut self, action: ActionId) {
        self.last += 1;
        self.places.insert(action, self.last);
    }

    /// Somebody may make this attempt.
    pub fn lets_go(&mut self, action: ActionId, attempt: u32) {
        self.let_go.insert((action, attempt), self.place(action));
    }

    /// What there was before anybody looked was before all that has joined since.
    fn place(&self, action: ActionId) -> u64 {
        self.places.get(&action).copied().unwrap_or(0)
    }

    fn place_at(&self, action: ActionId, attempt: u32) -> u64 {
        let then = self.let_go.get(&(action, attempt)).copied();
        then.unwrap_or_else(|| self.place(action))
    }
}

/// This attempt at a delivery is let go.
pub(crate) fn let_go(stage: &Stage, event: EventId, action: ActionId, attempt: u32) {
    stage.lines().lets_go(action, attempt);
    hold(stage, event, (action, attempt), "is let go");
}

/// This attempt at a delivery is sent.
pub(crate) fn sent(stage: &Stage, event: EventId, action: ActionId, attempt: u32) {
    hold(stage, event, (action, attempt), "goes");
}

fn hold(stage: &Stage, event: EventId, (action, attempt): (ActionId, u32), does: &str) {
    let place = stage.lines().place_at(action, attempt);
    if let Some(first) = before(stage, event, place) {
        let what = format!("{action} {does} before {first}");
        stage.broken(Law::Order, what);
    }
}

/// Something of the record that stands before this place, and is still to be delivered.
fn before(stage: &Stage, event: EventId, place: u64) -> Option<ActionId> {
    let kept = stage.record(event)?;
    let requested = kept.actions.iter();
    let mut requested = requested.filter(|other| other.status == ActionStatus::Requested);
    let first = requested.find(|other| {
        let delivery = now(stage.store.delivery_of_action(other.id)).flatten();
        let waits = delivery.is_some_and(|delivery| delivery.finished_at.is_none());
        waits && stage.lines().place(other.id) < place
    });
    first.map(|first| first.id)
}
