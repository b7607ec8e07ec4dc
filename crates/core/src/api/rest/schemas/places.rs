//! Places and system clients.

use serde_json::{Value, json};

use super::parts::{array_of, object, one_of, or_null, text, time, uuid};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let place = |parent: &'static str| {
        vec![
            ("id", uuid("The place's id")),
            ("name", text("For people")),
            ("externalId", or_null(text("The country's own id"))),
            ("validUntil", or_null(time("When it stops being used"))),
            (parent, or_null(uuid("The area it lies in"))),
        ]
    };
    let mut location = place("administrativeAreaId");
    let location_type = ("locationType", or_null(text("Such as `CRVS_OFFICE`")));
    location.push(location_type.clone());
    let changes = |parent: &'static str| {
        vec![
            (
                "id",
                uuid("The place's id: a new one makes a place, unless its `externalId` is known"),
            ),
            ("name", text("For people")),
            (
                "externalId",
                or_null(text(
                    "The country's own id. Empty for none; what is not given stays",
                )),
            ),
            (
                "validUntil",
                or_null(text(
                    "The date or time when it stops being used. Empty for never; what is not given stays",
                )),
            ),
            (
                parent,
                or_null(uuid("The area it lies in; none for the top of the country")),
            ),
        ]
    };
    let mut location_changes = changes("administrativeAreaId");
    location_changes.push(location_type);
    let client = object(
        &["id", "name", "scopes", "status"],
        &[
            ("id", uuid("Its client id")),
            ("name", text("For people")),
            ("scopes", array_of(text("An encoded scope"))),
            (
                "status",
                one_of(&["active", "deactivated"], "Whether it is let in"),
            ),
            ("createdBy", text("Who created it")),
            ("createdAt", time("When")),
            (
                "lastUsedAt",
                or_null(time("When it last asked for a token")),
            ),
        ],
    );
    vec![
        (
            "AdministrativeArea",
            object(&["id", "name"], &place("parentId")),
        ),
        ("Location", object(&["id", "name"], &location)),
        (
            "AdministrativeAreaChanges",
            object(&["id", "name"], &changes("parentId")),
        ),
        (
            "LocationChanges",
            object(&["id", "name"], &location_changes),
        ),
        ("SystemClient", client),
        (
            "SystemClientChanges",
            object(
                &[],
                &[
                    ("name", text("For people")),
                    (
                        "scopes",
                        array_of(text("An encoded scope, such as `type=record.notify`")),
                    ),
                ],
            ),
        ),
        (
            "NewSystemClient",
            object(
                &["name", "scopes"],
                &[
                    ("name", text("For people")),
                    (
                        "scopes",
                        array_of(text("An encoded scope, such as `type=record.notify`")),
                    ),
                ],
            ),
        ),
        (
            "NewSystemClientSecrets",
            object(
                &["clientId", "clientSecret", "shaSecret"],
                &[
                    ("clientId", uuid("For `client_credentials`")),
                    ("clientSecret", text("Shown this once")),
                    ("shaSecret", text("For signing what the client sends")),
                ],
            ),
        ),
        (
            "SecretRefresh",
            object(
                &[],
                &[(
                    "overlapSeconds",
                    json!({
                        "type": "integer",
                        "minimum": 0,
                        "description": "How long the old secret goes on working",
                    }),
                )],
            ),
        ),
    ]
}
