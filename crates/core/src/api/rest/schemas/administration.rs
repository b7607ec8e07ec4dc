//! What administrators see of the deployment, and what anybody sees of the country.

use serde_json::{Value, json};

use super::parts::{any, array_of, flag, object, one_of, or_null, reference, text, time};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let problem = object(
        &["document", "path", "reason"],
        &[
            ("document", text("Such as `events`")),
            (
                "path",
                text("Where in it, as a JSON pointer; `/` for the whole"),
            ),
            ("reason", text("What is wrong")),
        ],
    );
    let refused = object(
        &["since", "problems"],
        &[
            ("since", time("When it was fetched")),
            ("problems", array_of(reference("ConfigurationProblem"))),
        ],
    );
    let status = object(
        &["version", "warnings"],
        &[
            (
                "version",
                or_null(text("Of the one in use; the same on every node")),
            ),
            (
                "since",
                or_null(time("When the newest of its documents was fetched")),
            ),
            (
                "askedAt",
                or_null(time("When this node asked country config last")),
            ),
            (
                "answeredAt",
                or_null(time("When country config answered last")),
            ),
            ("failure", or_null(text("Why it did not answer last"))),
            ("refused", or_null(refused)),
            ("warnings", array_of(reference("ConfigurationProblem"))),
        ],
    );
    let node = object(
        &["node", "version", "startedAt", "lastSeen", "silent"],
        &[
            ("node", text("Its name")),
            ("version", text("Of Core")),
            ("startedAt", time("When it began")),
            ("lastSeen", time("Its last sign of life")),
            ("silent", flag("For so long that others take it for dead")),
        ],
    );
    let country = object(
        &["state"],
        &[
            (
                "state",
                one_of(
                    &["up", "down", "recovering"],
                    "As the node that answers finds it",
                ),
            ),
            (
                "since",
                or_null(time("Since when; not told while it was always so")),
            ),
            (
                "nextProbe",
                or_null(time("When it is asked again, while it is down")),
            ),
        ],
    );
    let database = object(
        &["ok"],
        &[
            ("ok", flag("It answers")),
            ("error", or_null(text("Why not"))),
        ],
    );
    let configuration = object(
        &["version", "refused"],
        &[
            ("version", or_null(text("Of the one in use"))),
            (
                "refused",
                flag("Country config serves one that cannot be used"),
            ),
        ],
    );
    let health = object(
        &["asOf", "node", "version", "database", "country", "nodes"],
        &[
            ("asOf", time("Now")),
            ("node", text("Which node answers")),
            ("version", text("Of Core, on this node")),
            ("database", database),
            ("country", country),
            ("configuration", configuration),
            ("nodes", array_of(reference("Node"))),
        ],
    );
    let desk = object(
        &[
            "applicationName",
            "languages",
            "defaultLanguage",
            "coreVersion",
        ],
        &[
            (
                "applicationName",
                or_null(text("What the country calls it")),
            ),
            ("logo", or_null(text("As a `data:` URL"))),
            (
                "loginBackground",
                or_null(any("As the country configures it")),
            ),
            ("languages", array_of(text("Such as `fr`"))),
            ("defaultLanguage", text("The country's first")),
            ("coreVersion", text("Of Core")),
            (
                "configurationVersion",
                or_null(text("Of the configuration in use")),
            ),
        ],
    );
    let texts = object(
        &["languages"],
        &[(
            "languages",
            array_of(object(
                &["lang", "messages"],
                &[
                    ("lang", text("Such as `fr`")),
                    ("displayName", text("As its speakers call it")),
                    (
                        "messages",
                        json!({"type": "object", "additionalProperties": {"type": "string"}}),
                    ),
                ],
            )),
        )],
    );
    let fonts = json!({
        "type": "object",
        "description": "By family and style, where each is",
        "additionalProperties": {
            "type": "object", "additionalProperties": {"type": "string"},
        },
    });
    let certificate = object(
        &["id", "event", "label", "svgUrl"],
        &[
            ("id", text("Its name")),
            ("event", text("The type of record it is for")),
            ("label", any("`{id, defaultMessage}`: what it is called")),
            ("isDefault", flag("Chosen unless somebody chooses another")),
            ("fee", any("By how late the event was registered")),
            ("svgUrl", text("Where its drawing is, at Core")),
            ("fonts", fonts),
            ("conditionals", array_of(any("When it may be printed"))),
        ],
    );
    vec![
        ("ConfigurationProblem", problem),
        ("ConfigurationStatus", status),
        ("Node", node),
        ("SystemHealth", health),
        ("Desk", desk),
        ("Texts", texts),
        ("Certificates", array_of(certificate)),
    ]
}
