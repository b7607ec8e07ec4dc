//! Operations on people and system clients.

use crate::{
    accounts::{integrations, new_user, people, tokens::DATA_SEEDER},
    api::procedure::{
        Callers::{Anyone, People, PeopleAndSystems, Service},
        Procedure, procedure,
    },
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!("user.get", Query, People, people::get),
    procedure!("user.list", Query, People, people::list),
    procedure!("user.search", Query, PeopleAndSystems, people::search),
    procedure!("user.roles.list", Query, People, people::roles),
    procedure!(
        "user.changePassword",
        Mutation,
        People,
        people::change_password
    ),
    procedure!("user.activate", Mutation, People, people::activate),
    procedure!(
        "user.verifyLoggedInUserPassword",
        Mutation,
        People,
        people::verify_password
    ),
    procedure!(
        "user.sendUsernameReminder",
        Mutation,
        PeopleAndSystems,
        people::send_username_reminder
    ),
    procedure!(
        "integrations.create",
        Mutation,
        PeopleAndSystems,
        integrations::create
    ),
    procedure!(
        "integrations.authenticate",
        Mutation,
        Anyone,
        integrations::authenticate
    ),
    procedure!(
        "integrations.list",
        Query,
        PeopleAndSystems,
        integrations::list
    ),
    procedure!(
        "integrations.get",
        Query,
        PeopleAndSystems,
        integrations::get
    ),
    procedure!(
        "integrations.update",
        Mutation,
        PeopleAndSystems,
        integrations::update
    ),
    procedure!(
        "integrations.activate",
        Mutation,
        PeopleAndSystems,
        integrations::activate
    ),
    procedure!(
        "integrations.deactivate",
        Mutation,
        PeopleAndSystems,
        integrations::deactivate
    ),
    procedure!(
        "integrations.delete",
        Mutation,
        PeopleAndSystems,
        integrations::delete
    ),
    procedure!(
        "integrations.refreshSecret",
        Mutation,
        PeopleAndSystems,
        integrations::refresh_secret
    ),
    procedure!(
        "initialisation.users.create",
        Mutation,
        Service(DATA_SEEDER),
        new_user::bring_in
    ),
];
