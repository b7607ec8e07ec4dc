//! Those who wait for room for something new, each kind in its order.
//!
//! Only the first of a kind may go. So it alone is told when there may be room, and whoever leaves
//! a line's head tells the next: however many wait, a place costs a wake or two, not one for each.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Notify;

/// A line for each kind.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    next: u64,
    lines: BTreeMap<String, BTreeMap<u64, Arc<Notify>>>,
}

/// A place in a line.
#[derive(Debug)]
pub(super) struct Ticket {
    number: u64,
    /// Told when there may be room.
    pub(super) told: Arc<Notify>,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Goes to the end of its kind's line.
    pub(super) fn join(&mut self, kind: &str) -> Ticket {
        let number = self.next;
        self.next += 1;
        let told = Arc::new(Notify::new());
        let line = self.lines.entry(kind.to_owned()).or_default();
        line.insert(number, Arc::clone(&told));
        Ticket { number, told }
    }

    /// Whether others of this kind go first; without a ticket, all who wait do.
    pub(super) fn is_behind(&self, kind: &str, ticket: Option<&Ticket>) -> bool {
        let first = self.first(kind).map(|(number, _)| number);
        first.is_some_and(|first| ticket.is_none_or(|own| first < own.number))
    }

    /// Leaves its line. When it was the first there, there may be room for the next.
    pub(super) fn leave(&mut self, kind: &str, ticket: &Ticket) {
        let was_first = !self.is_behind(kind, Some(ticket));
        if let Some(line) = self.lines.get_mut(kind) {
            line.remove(&ticket.number);
            if line.is_empty() {
                self.lines.remove(kind);
            }
        }
        if was_first && let Some((_, told)) = self.first(kind) {
            told.notify_one();
        }
    }

    /// Tells the first of each kind that there may be room, in the order in which they came.
    pub(super) fn tell(&self) {
        let mut first: Vec<_> = self.lines.values().filter_map(first_of).collect();
        first.sort_unstable_by_key(|(number, _)| *number);
        for (_, told) in first {
            told.notify_one();
        }
    }

    fn first(&self, kind: &str) -> Option<(u64, &Notify)> {
        first_of(self.lines.get(kind)?)
    }
}

fn first_of(line: &BTreeMap<u64, Arc<Notify>>) -> Option<(u64, &Notify)> {
    let (number, told) = line.first_key_value()?;
    Some((*number, told.as_ref()))
}
