//! Operations on actions that wait for the country's decision.

use crate::{
    api::procedure::{Callers::PeopleAndSystems, Procedure, procedure},
    pending,
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!("pending.list", Query, PeopleAndSystems, pending::list),
    procedure!("pending.get", Query, PeopleAndSystems, pending::get),
    procedure!(
        "pending.resend",
        Mutation,
        PeopleAndSystems,
        pending::resend
    ),
    procedure!(
        "pending.approve",
        Mutation,
        PeopleAndSystems,
        pending::approve
    ),
    procedure!(
        "pending.reject",
        Mutation,
        PeopleAndSystems,
        pending::reject
    ),
    procedure!(
        "pending.handBack",
        Mutation,
        PeopleAndSystems,
        pending::hand_back
    ),
    procedure!("event.history", Query, PeopleAndSystems, pending::history),
];
