//! The memory store passes the story that every store must pass.

use std::sync::Arc;

use storage_memory::MemoryStore;
use world::{SetClock, World};

async fn new_store() -> (MemoryStore, ()) {
    let clock = Arc::new(SetClock::at(jiff::Timestamp::UNIX_EPOCH));
    (MemoryStore::new(World::seeded(clock, 1)), ())
}

storage::stories!(new_store);
