//! What operators ask of deliveries.

use crate::{
    api::procedure::{Callers, Procedure, procedure},
    deliveries::{export, looking, orders, pauses, sending_one},
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!(
        "delivery.list",
        Query,
        Callers::PeopleAndSystems,
        looking::list
    ),
    procedure!(
        "delivery.summary",
        Query,
        Callers::PeopleAndSystems,
        looking::summary
    ),
    procedure!(
        "delivery.get",
        Query,
        Callers::PeopleAndSystems,
        looking::get
    ),
    procedure!(
        "delivery.export",
        Query,
        Callers::PeopleAndSystems,
        export::export
    ),
    procedure!(
        "delivery.pause",
        Mutation,
        Callers::PeopleAndSystems,
        pauses::pause
    ),
    procedure!(
        "delivery.resume",
        Mutation,
        Callers::PeopleAndSystems,
        pauses::resume
    ),
    procedure!(
        "delivery.sendNow",
        Mutation,
        Callers::PeopleAndSystems,
        sending_one::send_now
    ),
    procedure!(
        "delivery.resend",
        Mutation,
        Callers::PeopleAndSystems,
        sending_one::resend
    ),
    procedure!(
        "delivery.sending.start",
        Mutation,
        Callers::PeopleAndSystems,
        orders::start
    ),
    procedure!(
        "delivery.sending.list",
        Query,
        Callers::PeopleAndSystems,
        orders::list
    ),
    procedure!(
        "delivery.sending.get",
        Query,
        Callers::PeopleAndSystems,
        orders::get
    ),
    procedure!(
        "delivery.sending.stop",
        Mutation,
        Callers::PeopleAndSystems,
        orders::stop
    ),
];
