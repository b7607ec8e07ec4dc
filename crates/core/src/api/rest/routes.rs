//! The table of REST routes.

use std::sync::LazyLock;

use records::ActionType;
use serde_json::Value;

use super::schemas::{self as schema, array_of, reference};

/// HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Delete,
}

/// What a route makes the operation's input of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The path's parameters over the JSON body.
    Body,
    /// The path's parameters over those of the search string.
    Query,
    /// One parameter of the path, as a bare text.
    Text(&'static str),
}

/// One REST route.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path, parameters in braces.
    pub path: String,
    /// The operation it leads to.
    pub operation: &'static str,
    /// What it sends there.
    pub input: Input,
    /// The group it is shown in.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: String,
    /// The schema of the body, for POST.
    pub body: Option<Value>,
    /// The schema of the answer.
    pub answer: Value,
    /// Parameters of the search string, with what they mean.
    pub query: &'static [(&'static str, &'static str)],
}

/// Signing in, which is served beside the table of operations: path below `/auth`, what it does,
/// the fields it takes, and what it answers.
pub(super) const SIGNING_IN: [(&str, &str, &[&str], &str); 12] = [
    (
        "authenticate",
        "Begin to sign in; a code is sent",
        &["username", "password"],
        "nonce",
    ),
    (
        "verifyCode",
        "Sign in with the code that was sent",
        &["nonce", "code"],
        "token",
    ),
    (
        "resendAuthenticationCode",
        "Send a fresh code; the one before ends",
        &["nonce"],
        "nonce",
    ),
    (
        "refreshToken",
        "Exchange a good token for a fresh one",
        &["token"],
        "token",
    ),
    (
        "verifyToken",
        "Whether a token is good",
        &["token"],
        "valid",
    ),
    (
        "invalidateToken",
        "Sign out: the token ends",
        &["token"],
        "",
    ),
    (
        "token",
        "A token for a system client (`client_credentials`), or for one action (token exchange)",
        &["grant_type"],
        "access_token",
    ),
    (
        "verifyUser",
        "Recovery: name the mobile number or mail",
        &["retrieveFlow"],
        "nonce",
    ),
    (
        "verifyNumber",
        "Recovery: the code that was sent",
        &["nonce", "code"],
        "nonce",
    ),
    (
        "verifySecurityAnswer",
        "Recovery: the answer to a security question",
        &["nonce", "answer"],
        "nonce",
    ),
    (
        "changePassword",
        "Recovery: a new password",
        &["nonce", "newPassword"],
        "",
    ),
    (
        "sendUserName",
        "Recovery: send the username",
        &["nonce"],
        "",
    ),
];

/// Every route.
pub(super) fn all() -> &'static [Route] {
    static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
        let mut routes = records_and_search();
        routes.extend(actions());
        routes.extend(configuration_and_places());
        routes.extend(people());
        routes.extend(systems());
        routes
    });
    &ROUTES
}

fn route(verb: Verb, path: &str, name: &'static str, summary: &str) -> Route {
    Route {
        verb,
        path: path.to_owned(),
        operation: name,
        input: if verb == Verb::Post {
            Input::Body
        } else {
            Input::Query
        },
        tag: "Records",
        summary: summary.to_owned(),
        body: None,
        answer: reference("EventDocument"),
        query: &[],
    }
}

fn get(path: &str, name: &'static str, summary: &str) -> Route {
    route(Verb::Get, path, name, summary)
}

fn post(path: &str, name: &'static str, summary: &str, body: Value) -> Route {
    Route {
        body: Some(body),
        ..route(Verb::Post, path, name, summary)
    }
}

fn records_and_search() -> Vec<Route> {
    vec![
        post(
            "/events",
            "event.create",
            "Begin a record",
            reference("NewEvent"),
        ),
        get(
            "/events/{eventId}",
            "event.get",
            "Read a record with all its actions",
        ),
        Route {
            answer: array_of(reference("EventDocument")),
            ..get(
                "/events/{eventId}/duplicates",
                "event.getDuplicates",
                "The records that one may be a duplicate of",
            )
        },
        Route {
            answer: schema::deleted(),
            ..route(
                Verb::Delete,
                "/events/{eventId}",
                "event.delete",
                "Delete a record that was never notified or declared",
            )
        },
        Route {
            answer: reference("Imported"),
            ..post(
                "/events/import",
                "event.bulkImport",
                "Bring in whole records from elsewhere",
                array_of(reference("EventDocument")),
            )
        },
        Route {
            answer: array_of(reference("Draft")),
            ..get(
                "/drafts",
                "event.draft.list",
                "What you have begun to fill in, oldest first",
            )
        },
        Route {
            answer: reference("Draft"),
            ..post(
                "/events/{eventId}/draft",
                "event.draft.create",
                "Keep what you have filled in so far, in place of your earlier draft",
                reference("NewDraft"),
            )
        },
        Route {
            answer: reference("SearchResult"),
            ..post(
                "/events/search",
                "event.search",
                "Search records",
                reference("SearchQuery"),
            )
        },
        Route {
            answer: schema::nothing(),
            ..post(
                "/events/reindex",
                "event.reindex.trigger",
                "Look at all records again, and send them to country config",
                reference("Reindex"),
            )
        },
        Route {
            answer: array_of(reference("ReindexStatus")),
            query: &[("limit", "how many at most, newest first")],
            ..get(
                "/events/reindex",
                "event.reindex.status",
                "Where looking at all records stands",
            )
        },
        post(
            "/events/{eventId}/assign",
            "event.actions.assignment.assign",
            "Take a record into your hands",
            reference("Assignment"),
        ),
        post(
            "/events/{eventId}/unassign",
            "event.actions.assignment.unassign",
            "Let go of a record",
            reference("Assignment"),
        ),
        Route {
            answer: reference("Transaction"),
            ..get(
                "/transactions/{transactionId}",
                "transaction.get",
                "Where a submission of yours stands",
            )
        },
    ]
}

fn actions() -> Vec<Route> {
    const ACTIONS: [(&str, &str, ActionType, &str); 11] = [
        (
            "notify",
            "event.actions.notify.request",
            ActionType::Notify,
            "Notify of an event",
        ),
        (
            "declare",
            "event.actions.declare.request",
            ActionType::Declare,
            "Declare an event",
        ),
        (
            "edit",
            "event.actions.edit.request",
            ActionType::Edit,
            "Edit a declaration",
        ),
        (
            "register",
            "event.actions.register.request",
            ActionType::Register,
            "Register an event",
        ),
        (
            "reject",
            "event.actions.reject.request",
            ActionType::Reject,
            "Reject a declaration",
        ),
        (
            "archive",
            "event.actions.archive.request",
            ActionType::Archive,
            "Archive a record",
        ),
        (
            "print-certificate",
            "event.actions.printCertificate.request",
            ActionType::PrintCertificate,
            "Print a certificate",
        ),
        (
            "custom",
            "event.actions.custom.request",
            ActionType::Custom,
            "Take a custom action",
        ),
        (
            "request-correction",
            "event.actions.correction.request.request",
            ActionType::RequestCorrection,
            "Request a correction",
        ),
        (
            "approve-correction",
            "event.actions.correction.approve.request",
            ActionType::ApproveCorrection,
            "Approve a correction",
        ),
        (
            "reject-correction",
            "event.actions.correction.reject.request",
            ActionType::RejectCorrection,
            "Reject a correction",
        ),
    ];
    let mut routes = vec![Route {
        tag: "Actions",
        ..post(
            "/events/notify",
            "event.actions.createAndNotify.request",
            "Begin a record and notify of it in one request (system clients)",
            schema::create_and_notify(),
        )
    }];
    for (step, name, action_type, summary) in ACTIONS {
        let path = format!("/events/{{eventId}}/actions/{step}");
        let body = schema::action_request(action_type);
        routes.push(Route {
            tag: "Actions",
            ..post(&path, name, summary, body.clone())
        });
        // As OpenCRVS has these four.
        let own = match action_type {
            ActionType::Notify => "/events/{eventId}/notify",
            ActionType::RequestCorrection => "/events/{eventId}/correction/request",
            ActionType::ApproveCorrection => "/events/{eventId}/correction/approve",
            ActionType::RejectCorrection => "/events/{eventId}/correction/reject",
            _ => continue,
        };
        routes.push(Route {
            tag: "Actions",
            ..post(own, name, summary, body)
        });
    }
    for (step, name, action_type, summary) in [
        (
            "mark-as-duplicate",
            "event.actions.duplicate.markAsDuplicate",
            ActionType::MarkAsDuplicate,
            "Say that a record is a duplicate of another",
        ),
        (
            "mark-as-not-duplicate",
            "event.actions.duplicate.markNotDuplicate",
            ActionType::MarkAsNotDuplicate,
            "Say that a record is no duplicate",
        ),
    ] {
        let path = format!("/events/{{eventId}}/actions/{step}");
        routes.push(Route {
            tag: "Actions",
            ..post(&path, name, summary, schema::duplicate_mark(action_type))
        });
    }
    for (step, name, summary, body) in [
        (
            "accept",
            "event.actions.pending.accept",
            "Approve a pending action (country config)",
            "Acceptance",
        ),
        (
            "reject",
            "event.actions.pending.reject",
            "Refuse a pending action (country config)",
            "Refusal",
        ),
    ] {
        let path = format!("/events/{{eventId}}/actions/{{actionId}}/{step}");
        routes.push(Route {
            tag: "Decisions",
            ..post(&path, name, summary, reference(body))
        });
    }
    routes
}

fn configuration_and_places() -> Vec<Route> {
    let tag = "Configuration";
    vec![
        Route {
            tag,
            answer: array_of(schema::any(
                "An event configuration, as the country wrote it",
            )),
            ..get(
                "/config",
                "event.config.get",
                "The country's event configurations",
            )
        },
        Route {
            tag,
            answer: array_of(schema::any("A workqueue, as the country configured it")),
            ..get(
                "/workqueues",
                "workqueue.config.list",
                "The country's workqueues",
            )
        },
        Route {
            tag,
            answer: schema::counts(),
            ..post(
                "/workqueues/count",
                "workqueue.count",
                "How many records workqueues hold",
                array_of(reference("WorkqueueQuery")),
            )
        },
        Route {
            tag: "Places",
            answer: array_of(reference("Location")),
            query: &[
                (
                    "isActive",
                    "Only places in use (`true`) or no longer in use (`false`)",
                ),
                (
                    "locationType",
                    "Only places of this type, such as `CRVS_OFFICE`",
                ),
                (
                    "externalId",
                    "Only the place that the country knows by this id",
                ),
            ],
            ..get("/locations", "locations.list", "Offices and facilities")
        },
        Route {
            tag: "Places",
            answer: array_of(reference("AdministrativeArea")),
            query: &[(
                "isActive",
                "Only areas in use (`true`) or no longer in use (`false`)",
            )],
            ..get(
                "/administrative-areas",
                "administrativeAreas.list",
                "Provinces, districts and other areas",
            )
        },
    ]
}

fn people() -> Vec<Route> {
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

fn systems() -> Vec<Route> {
    let tag = "System clients";
    let client = || reference("SystemClient");
    let named = |path: &str, name, summary: &str| Route {
        tag,
        answer: client(),
        ..post(path, name, summary, schema::nothing())
    };
    vec![
        Route {
            tag,
            answer: reference("NewSystemClientSecrets"),
            ..post(
                "/integrations",
                "integrations.create",
                "Create a system client; its secret is shown once",
                reference("NewSystemClient"),
            )
        },
        Route {
            tag,
            answer: array_of(client()),
            ..get("/integrations", "integrations.list", "All system clients")
        },
        Route {
            tag,
            answer: client(),
            ..get(
                "/integrations/{id}",
                "integrations.get",
                "One system client",
            )
        },
        named(
            "/integrations/{id}/activate",
            "integrations.activate",
            "Let a system client in",
        ),
        named(
            "/integrations/{id}/deactivate",
            "integrations.deactivate",
            "Shut a system client out, at once",
        ),
        Route {
            tag,
            answer: reference("NewSystemClientSecrets"),
            ..post(
                "/integrations/{id}/refresh-secret",
                "integrations.refreshSecret",
                "Give a system client a new secret",
                reference("SecretRefresh"),
            )
        },
        Route {
            tag,
            answer: schema::any("What was deleted"),
            ..route(
                Verb::Delete,
                "/integrations/{id}",
                "integrations.delete",
                "Delete a system client",
            )
        },
    ]
}
