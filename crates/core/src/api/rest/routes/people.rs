//! People's accounts, and what they did.

use serde_json::Value;

use super::{Input, Route, get, post};
use crate::api::rest::schemas::{self as schema, array_of, reference};

pub(super) fn routes() -> Vec<Route> {
    let tag = "People";
    let changed = |path: &str, name, summary: &str, body: Value| Route {
        tag,
        answer: reference("User"),
        ..post(path, name, summary, body)
    };
    let told = |path: &str, name, summary: &str| Route {
        tag,
        answer: schema::nothing(),
        ..post(path, name, summary, schema::nothing())
    };
    let page: &'static [(&str, &str)] = &[
        ("skip", "How many to pass over; 0 if not given"),
        ("count", "How many to show; 10 if not given"),
        ("timeStart", "Not before this date or time (ISO 8601)"),
        ("timeEnd", "Not after this date or time (ISO 8601)"),
    ];
    vec![
        Route {
            tag,
            answer: array_of(reference("User")),
            query: &[
                ("username", "A part of it"),
                ("mobile", "A part of it"),
                ("email", "A part of it"),
                ("status", "`pending`, `active` or `deactivated`"),
                ("primaryOfficeId", "Who works at this office"),
                (
                    "sortBy",
                    "`createdAt` (if not given), `firstname`, `surname`, `username`, `email`, \
                     `status` or `role`",
                ),
                ("sortOrder", "`asc` (if not given) or `desc`"),
                ("skip", "How many to pass over"),
                ("count", "How many to show; all if not given"),
            ],
            ..get("/users", "user.search", "The people whom you may look for")
        },
        Route {
            tag,
            answer: array_of(reference("UserSummary")),
            query: &[(
                "ids",
                "Of users and system clients, with commas between them",
            )],
            ..get(
                "/users/summaries",
                "user.summaries",
                "Who these are: names and roles, nothing else",
            )
        },
        Route {
            tag,
            answer: reference("Me"),
            ..get("/me", "user.me", "Who you are, and what you may do")
        },
        changed(
            "/users",
            "user.create",
            "Make an account; its owner is invited",
            reference("NewPerson"),
        ),
        Route {
            tag,
            input: Input::Text("userId"),
            answer: reference("User"),
            ..get("/users/{userId}", "user.get", "One person's account")
        },
        changed(
            "/users/{userId}",
            "user.update",
            "Change an account; what is not given stays",
            reference("PersonChanges"),
        ),
        changed(
            "/users/{userId}/deactivate",
            "user.deactivate",
            "Shut an account; whoever is signed in to it is shut out at once",
            reference("Reason"),
        ),
        changed(
            "/users/{userId}/reactivate",
            "user.reactivate",
            "Open an account that was shut",
            reference("Reason"),
        ),
        Route {
            tag,
            answer: schema::nothing(),
            ..post(
                "/users/{userId}/activate",
                "user.activate",
                "Finish setting up your own account; sign in again afterwards",
                reference("AccountSetUp"),
            )
        },
        Route {
            tag,
            answer: schema::nothing(),
            ..post(
                "/users/{userId}/password",
                "user.changePassword",
                "Another password for your own account; every session is over",
                reference("PasswordChange"),
            )
        },
        told(
            "/users/{userId}/resend-invite",
            "user.resendInvite",
            "Invite somebody again who has yet to set up their account",
        ),
        told(
            "/users/{userId}/reset-password",
            "user.sendResetPasswordInvite",
            "Take an account back to its start, with a temporary password",
        ),
        told(
            "/users/{userId}/username-reminder",
            "user.sendUsernameReminder",
            "Have somebody told their username",
        ),
        Route {
            tag,
            answer: schema::page_of("ActionDone"),
            query: page,
            ..get(
                "/users/{userId}/actions",
                "user.actions",
                "What somebody did to records, newest first",
            )
        },
        Route {
            tag,
            answer: schema::page_of("AuditEntry"),
            query: page,
            ..get(
                "/users/{userId}/audit",
                "user.audit.list",
                "What else somebody did, newest first",
            )
        },
        Route {
            tag,
            answer: array_of(schema::any("A role, as the country configured it")),
            ..get("/roles", "user.roles.list", "The country's roles")
        },
        Route {
            tag,
            answer: schema::any("`{success: true}`"),
            ..post(
                "/announcements",
                "announcement.broadcast",
                "Have everybody mailed who works here; once a day",
                reference("Announcement"),
            )
        },
    ]
}
