//! Operations on records and their actions.

use records::ActionType;

use crate::{
    actions,
    api::procedure::{Callers, Kind, Procedure, procedure},
    stream,
};

/// The three operations on actions of one type: anyone whom the second argument lets may ask for
/// it, and whoever holds its action token may decide it.
macro_rules! action {
    ($path:literal, $callers:ident, $action_type:ident) => {
        [
            action!(@ $path, ".request", $callers, request, $action_type),
            action!(@ $path, ".accept", PeopleAndSystems, accept, $action_type),
            action!(@ $path, ".reject", PeopleAndSystems, reject, $action_type),
        ]
    };
    (@ $path:literal, $step:literal, $callers:ident, $run:ident, $action_type:ident) => {
        Procedure {
            name: concat!("event.actions.", $path, $step),
            kind: Kind::Mutation,
            callers: Callers::$callers,
            run: |core, call| Box::pin(actions::$run(core, call, ActionType::$action_type)),
        }
    };
}

pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!(
        "event.create",
        Mutation,
        Callers::PeopleAndSystems,
        actions::create
    ),
    procedure!("event.get", Query, Callers::PeopleAndSystems, actions::get),
    procedure!("event.delete", Mutation, Callers::People, actions::delete),
    procedure!(
        "event.bulkImport",
        Mutation,
        Callers::PeopleAndSystems,
        actions::bulk_import
    ),
    procedure!(
        "event.draft.create",
        Mutation,
        Callers::People,
        actions::create_draft
    ),
    procedure!(
        "event.draft.list",
        Query,
        Callers::People,
        actions::list_drafts
    ),
    procedure!(
        "event.actions.createAndNotify.request",
        Mutation,
        Callers::Systems,
        actions::create_and_notify
    ),
    procedure!(
        "event.actions.assignment.assign",
        Mutation,
        Callers::People,
        actions::assign
    ),
    procedure!(
        "event.actions.assignment.unassign",
        Mutation,
        Callers::People,
        actions::unassign
    ),
    procedure!(
        "event.getDuplicates",
        Query,
        Callers::People,
        actions::get_duplicates
    ),
    procedure!(
        "event.actions.duplicate.markAsDuplicate",
        Mutation,
        Callers::People,
        actions::mark_as_duplicate
    ),
    procedure!(
        "event.actions.duplicate.markNotDuplicate",
        Mutation,
        Callers::People,
        actions::mark_not_duplicate
    ),
    // Whatever the type of the action: REST names it by its id alone.
    procedure!(
        "event.actions.pending.accept",
        Mutation,
        Callers::PeopleAndSystems,
        actions::accept_any
    ),
    procedure!(
        "event.actions.pending.reject",
        Mutation,
        Callers::PeopleAndSystems,
        actions::reject_any
    ),
    procedure!(
        "transaction.get",
        Query,
        Callers::PeopleAndSystems,
        actions::transaction
    ),
    procedure!(
        "stream.listen",
        Query,
        Callers::PeopleAndSystems,
        stream::may_listen
    ),
];

/// Those on which the country decides.
pub(super) static DECIDED: [[Procedure; 3]; 11] = [
    action!("notify", PeopleAndSystems, Notify),
    action!("declare", People, Declare),
    action!("edit", People, Edit),
    action!("register", People, Register),
    action!("reject", People, Reject),
    action!("archive", People, Archive),
    action!("printCertificate", People, PrintCertificate),
    action!("custom", People, Custom),
    action!("correction.request", PeopleAndSystems, RequestCorrection),
    action!("correction.approve", PeopleAndSystems, ApproveCorrection),
    action!("correction.reject", PeopleAndSystems, RejectCorrection),
];
