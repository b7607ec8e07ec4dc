//! How many attempts may be under way, and how many of them for one kind of trigger: a kind whose
//! answers hang never takes the last slots from the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Attempts under way on this node, by kind.
#[derive(Debug)]
pub(crate) struct Slots {
    all: usize,
    /// Most for one kind.
    share: usize,
    taken: Mutex<HashMap<String, usize>>,
}

/// What may be claimed now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// This many, even if they are all of one kind.
    pub limit: usize,
    /// None of these kinds: they have their share.
    pub except: Vec<String>,
}

impl Slots {
    pub(crate) fn new(all: usize) -> Self {
        let all = all.max(1);
        Self {
            all,
            share: (all * 3 / 4).max(1),
            taken: Mutex::default(),
        }
    }

    pub(crate) fn room(&self) -> Room {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way: usize = taken.values().sum();
        let (full, open): (Vec<_>, Vec<_>) =
            taken.iter().partition(|(_, count)| **count >= self.share);
        let most = open.iter().map(|(_, count)| **count).max().unwrap_or(0);
        let mut except: Vec<String> = full.into_iter().map(|(kind, _)| kind.clone()).collect();
        except.sort_unstable();
        Room {
            limit: self.all.saturating_sub(under_way).min(self.share - most),
            except,
        }
    }

    /// Takes a slot until what is answered is dropped.
    pub(crate) fn take(self: &Arc<Self>, kind: &str) -> Slot {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken.entry(kind.to_owned()).or_default() += 1;
        Slot {
            kind: kind.to_owned(),
            slots: Arc::clone(self),
        }
    }
}

/// One attempt's place.
#[derive(Debug)]
pub(crate) struct Slot {
    kind: String,
    slots: Arc<Slots>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self
            .slots
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.kind) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.kind);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kind_leaves_slots_to_the_others() {
        let slots = Arc::new(Slots::new(8));
        assert_eq!(
            slots.room(),
            Room {
                limit: 6,
                except: vec![]
            }
        );
        let held: Vec<Slot> = (0..6).map(|_| slots.take("REGISTER")).collect();
        let full = vec!["REGISTER".to_owned()];
        assert_eq!(
            slots.room(),
            Room {
                limit: 2,
                except: full
            }
        );
        drop(held);
        assert_eq!(slots.room().limit, 6);
    }

    #[test]
    fn a_single_slot_serves_every_kind_in_turn() {
        let slots = Arc::new(Slots::new(0));
        let held = slots.take("REGISTER");
        assert_eq!(slots.room().limit, 0);
        drop(held);
        assert_eq!(slots.room().limit, 1);
    }
}
