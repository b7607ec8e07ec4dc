//! The store, as a node has it: what is kept is in memory, and over it are layers that each change
//! one thing about it.
//!
//! `gated`, the uppermost, is the way there: calls take time, fail, and never come back to a node
//! that has died. `watched` sees every call at the moment at which it takes effect, and holds laws
//! against it that cannot be seen from the outside. `faulty`, which is only there when somebody
//! asks whether the laws would notice, does not do as stores must.

mod faulty;
mod gated;
mod layer;
mod watched;

use std::sync::Arc;

use storage::Store;
use storage_memory::MemoryStore;
use world::World;

pub use self::faulty::Fault;
use self::{faulty::Faulty, gated::Gated, layer::Over, watched::Watched};
pub(crate) use self::{faulty::Lies, watched::Claims};
use crate::{node::Life, stage::Stage};

/// The store of one node.
pub(crate) fn of_node(stage: &Arc<Stage>, life: &Arc<Life>, world: &World) -> Arc<dyn Store> {
    let kept = stage.kept.seen_by(world.clone());
    let watched = Watched {
        stage: Arc::clone(stage),
        below: as_it_is(kept, stage.lies.as_ref()),
    };
    Arc::new(Over(Gated {
        stage: Arc::clone(stage),
        life: Arc::clone(life),
        below: Arc::new(Over(watched)),
    }))
}

/// The store without the way there: faulty, where it is told to be.
pub(crate) fn as_it_is(kept: MemoryStore, lies: Option<&Arc<Lies>>) -> Arc<dyn Store> {
    let kept: Arc<dyn Store> = Arc::new(kept);
    match lies {
        None => kept,
        Some(lies) => Arc::new(Over(Faulty {
            lies: Arc::clone(lies),
            below: kept,
        })),
    }
}
