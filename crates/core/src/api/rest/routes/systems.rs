//! System clients.

use super::{Route, Verb, get, post, route};
use crate::api::rest::schemas::{self as schema, array_of, reference};

pub(super) fn routes() -> Vec<Route> {
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
        Route {
            tag,
            answer: client(),
            ..post(
                "/integrations/{id}",
                "integrations.update",
                "Another name or other scopes; what is not given stays",
                reference("SystemClientChanges"),
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
