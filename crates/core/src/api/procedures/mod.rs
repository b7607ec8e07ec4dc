//! The table of operations.

mod accounts;
mod actions;
mod attachments;
mod audit;
mod configuration;
mod deliveries;
mod initialisation;
mod pending;
mod places;
mod reindex;
mod search;

use std::{collections::HashMap, sync::LazyLock};

use super::procedure::Procedure;

pub(super) use initialisation::is_set_up;

/// Every operation, by what it is about.
static TABLES: [&[Procedure]; 11] = [
    accounts::PROCEDURES,
    actions::PROCEDURES,
    attachments::PROCEDURES,
    audit::PROCEDURES,
    configuration::PROCEDURES,
    deliveries::PROCEDURES,
    initialisation::PROCEDURES,
    pending::PROCEDURES,
    places::PROCEDURES,
    reindex::PROCEDURES,
    search::PROCEDURES,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Procedure>> = LazyLock::new(|| {
    Procedure::all()
        .map(|procedure| (procedure.name, procedure))
        .collect()
});

impl Procedure {
    /// Every operation there is.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let decided = actions::DECIDED.iter().map(<[Self; 3]>::as_slice);
        TABLES.iter().copied().chain(decided).flatten()
    }

    /// The operation of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        BY_NAME.get(name).copied()
    }
}
