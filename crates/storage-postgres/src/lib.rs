//! The store of many nodes: one PostgreSQL database, whoever runs it.
//!
//! [`PostgresStore`] implements every trait of `storage`. The tables and what they forbid by
//! themselves are in `migrations/`; statements that belong together and must cost one round trip
//! are functions in `src/code/`, which the database keeps in a schema of this program's own
//! (`code`), so that nodes of two versions can share a database. Start at `migrations/`, then read
//! `record` for how a decision is written, and `duplicates` for how nodes that never meet keep from
//! overlooking each other.
//!
//! Times are kept to the millisecond. This crate may not know what actions, declarations or
//! deliveries mean: the service decides, this keeps.

mod account;
mod attachment;
mod audit;
mod caused;
mod clock;
mod code;
mod column;
mod configuration;
mod connection;
mod delivery;
mod draft;
mod duplicates;
mod failure;
#[cfg(feature = "test-control")]
mod forget;
mod haste;
mod history;
mod migrations;
mod moving;
mod near;
mod news;
mod node;
mod pending;
mod place;
#[cfg(test)]
mod plan;
mod projection;
mod query;
mod reach;
mod rebuild;
mod record;
mod server;
mod sign_in;
mod store;
mod system_client;
mod tls;

pub use clock::DatabaseClock;
pub use migrations::Migrate;
pub use reach::{Reached, reach};
pub use store::PostgresStore;
