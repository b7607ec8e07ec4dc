//! Operations on files.

use crate::{
    api::procedure::{Callers::PeopleAndSystems, Procedure, procedure},
    attachments,
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!(
        "attachments.upload",
        Mutation,
        PeopleAndSystems,
        attachments::upload
    ),
    procedure!(
        "attachments.begin",
        Mutation,
        PeopleAndSystems,
        attachments::begin
    ),
    procedure!(
        "attachments.append",
        Mutation,
        PeopleAndSystems,
        attachments::append
    ),
    procedure!(
        "attachments.progress",
        Query,
        PeopleAndSystems,
        attachments::progress
    ),
    procedure!("attachments.get", Query, PeopleAndSystems, attachments::get),
];
