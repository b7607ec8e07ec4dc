//! Operations on people and system clients.

use crate::{
    accounts::{
        announcement, integrations, internal, new_user, people,
        tokens::{AUTH_SERVICE, DATA_SEEDER},
    },
    api::procedure::{
        Callers::{Anyone, People, PeopleAndSystems, Service},
        Procedure, procedure,
    },
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!("user.get", Query, People, people::get),
    procedure!("user.list", Query, People, people::list),
    procedure!("user.summaries", Query, People, people::summaries),
    procedure!("user.me", Query, People, people::me),
    procedure!("user.search", Query, PeopleAndSystems, people::search),
    procedure!("user.roles.list", Query, People, people::roles),
    procedure!("user.create", Mutation, PeopleAndSystems, people::create),
    procedure!("user.update", Mutation, PeopleAndSystems, people::update),
    procedure!(
        "user.deactivate",
        Mutation,
        PeopleAndSystems,
        people::deactivate
    ),
    procedure!(
        "user.reactivate",
        Mutation,
        PeopleAndSystems,
        people::reactivate
    ),
    procedure!(
        "user.resendInvite",
        Mutation,
        PeopleAndSystems,
        people::resend_invite
    ),
    procedure!(
        "user.sendUsernameReminder",
        Mutation,
        PeopleAndSystems,
        people::send_username_reminder
    ),
    procedure!(
        "user.sendResetPasswordInvite",
        Mutation,
        People,
        people::send_reset_password_invite
    ),
    procedure!(
        "user.changePassword",
        Mutation,
        People,
        people::change_password
    ),
    procedure!(
        "user.verifyLoggedInUserPassword",
        Mutation,
        People,
        people::verify_password
    ),
    procedure!("user.activate", Mutation, People, people::activate),
    procedure!("user.changeAvatar", Mutation, People, people::change_avatar),
    procedure!(
        "user.requestPhoneChange",
        Mutation,
        People,
        people::request_phone_change
    ),
    procedure!(
        "user.requestEmailChange",
        Mutation,
        People,
        people::request_email_change
    ),
    procedure!("user.changePhone", Mutation, People, people::change_phone),
    procedure!("user.changeEmail", Mutation, People, people::change_email),
    procedure!("user.actions", Query, People, people::actions),
    procedure!("user.audit.list", Query, People, people::audit),
    procedure!(
        "user.audit.record",
        Mutation,
        PeopleAndSystems,
        people::record_audit
    ),
    procedure!(
        "announcement.broadcast",
        Mutation,
        People,
        announcement::broadcast
    ),
    procedure!(
        "internal.user.ping",
        Query,
        Service(AUTH_SERVICE),
        internal::ping
    ),
    procedure!(
        "internal.user.verifyPassword",
        Mutation,
        Service(AUTH_SERVICE),
        internal::verify_password
    ),
    procedure!(
        "internal.user.verifyUser",
        Mutation,
        Service(AUTH_SERVICE),
        internal::verify_user
    ),
    procedure!(
        "internal.user.verifySecurityAnswer",
        Mutation,
        Service(AUTH_SERVICE),
        internal::verify_answer
    ),
    procedure!(
        "internal.user.changePassword",
        Mutation,
        Service(AUTH_SERVICE),
        internal::change_password
    ),
    procedure!(
        "internal.user.audit.record",
        Mutation,
        Service(AUTH_SERVICE),
        internal::record_audit
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
