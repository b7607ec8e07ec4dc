//! The shapes on the wire, as JSON Schema for the OpenAPI document.

use records::ActionType;
use serde_json::{Map, Value, json};

/// A schema kept under `components`.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A list.
pub(super) fn array_of(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// Any object.
pub(super) fn any(description: &str) -> Value {
    json!({"type": "object", "description": description, "additionalProperties": true})
}

/// An empty body.
pub(super) fn nothing() -> Value {
    json!({"type": "object", "description": "Nothing is needed"})
}

/// Numbers by slug.
pub(super) fn counts() -> Value {
    json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})
}

/// A page of a list, and how long the list is.
pub(super) fn page_of(name: &str) -> Value {
    object(
        &["results", "total"],
        &[
            ("results", array_of(reference(name))),
            ("total", json!({"type": "integer", "minimum": 0})),
        ],
    )
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn uuid(description: &str) -> Value {
    json!({"type": "string", "format": "uuid", "description": description})
}

fn time(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

fn one_of(values: &[&str], description: &str) -> Value {
    json!({"type": "string", "enum": values, "description": description})
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

fn object(required: &[&str], properties: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = properties
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({"type": "object", "required": required, "properties": properties})
}

/// What is sent to ask for an action of this type.
pub(super) fn action_request(action_type: ActionType) -> Value {
    let mut required = vec!["transactionId"];
    let mut properties = vec![
        ("transactionId", transaction_id()),
        (
            "declaration",
            answers("Answers that change; `null` clears one"),
        ),
        ("annotation", answers("Answers about the action itself")),
        (
            "keepAssignment",
            flag("Stay assigned whatever the country decides"),
        ),
        (
            "keepAssignmentIfAccepted",
            flag("Stay assigned when it is accepted"),
        ),
        (
            "keepAssignmentIfRejected",
            flag("Stay assigned when it is rejected"),
        ),
        (
            "createdAtLocation",
            uuid("System clients only: the office it happens at"),
        ),
    ];
    let content = |key: &str, schema: Value, needed: bool| {
        let keys: &[&str] = if needed { &[key] } else { &[] };
        object(keys, &[(key, schema)])
    };
    match action_type {
        ActionType::Reject | ActionType::Archive => {
            required.push("content");
            properties.push(("content", content("reason", text("Why"), true)));
        }
        ActionType::RejectCorrection => {
            required.extend(["content", "requestId"]);
            properties.push(("content", content("reason", text("Why"), true)));
            properties.push(("requestId", uuid("The correction request")));
        }
        ActionType::ApproveCorrection => {
            required.push("requestId");
            properties.push(("requestId", uuid("The correction request")));
            let immediate = flag("Requested and approved in one step");
            properties.push(("content", content("immediateCorrection", immediate, false)));
        }
        ActionType::Edit => {
            properties.push(("content", content("comment", text("What changed"), false)));
        }
        ActionType::PrintCertificate => {
            let template = text("The certificate template");
            properties.push(("content", content("templateId", template, false)));
        }
        ActionType::Custom => {
            required.push("customActionType");
            properties.push((
                "customActionType",
                text("Which of the country's custom actions"),
            ));
        }
        _ => {}
    }
    object(&required, &properties)
}

/// What is sent to begin a record and notify of it.
pub(super) fn create_and_notify() -> Value {
    let mut body = action_request(ActionType::Notify);
    body["required"] = json!(["transactionId", "eventType", "createdAtLocation"]);
    body["properties"]["eventType"] = text("Such as `birth`");
    body["properties"]["createdAtLocation"] = uuid("The office it happens at");
    body
}

/// What is left of a deleted record.
pub(super) fn deleted() -> Value {
    object(&["id"], &[("id", uuid("The record that was"))])
}

/// What is sent to say whether a record is a duplicate.
pub(super) fn duplicate_mark(action_type: ActionType) -> Value {
    let mut properties = vec![
        ("transactionId", transaction_id()),
        ("annotation", answers("Answers about the action itself")),
        ("keepAssignment", flag("Stay assigned")),
    ];
    if action_type == ActionType::MarkAsDuplicate {
        let of = object(
            &["duplicateOf"],
            &[("duplicateOf", uuid("The record it is a duplicate of"))],
        );
        properties.push(("content", of));
    }
    object(&["transactionId"], &properties)
}

fn transaction_id() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "description": "Yours, unique. Sending the same again never acts twice; it answers with \
                        what the first has become",
    })
}

fn answers(description: &str) -> Value {
    json!({"type": "object", "description": description, "additionalProperties": true})
}

/// Everything under `components.schemas`.
pub(super) fn components() -> Value {
    let mut all = Map::new();
    for (name, schema) in records()
        .into_iter()
        .chain(drafts_and_imports())
        .chain(submissions())
        .chain(search())
        .chain(accounts())
        .chain(people())
    {
        all.insert(name.to_owned(), schema);
    }
    Value::Object(all)
}

fn drafts_and_imports() -> Vec<(&'static str, Value)> {
    let types: Vec<&str> = ActionType::ALL
        .iter()
        .filter(|kind| **kind != ActionType::Delete)
        .map(|kind| kind.as_str())
        .collect();
    let draft = object(
        &["id", "eventId", "transactionId", "createdAt", "action"],
        &[
            ("id", uuid("The draft's id")),
            ("eventId", uuid("The record")),
            ("transactionId", text("The transaction that saved it")),
            ("createdAt", time("When it was saved")),
            (
                "action",
                any("The action it prepares, as if it were accepted; it has no id yet"),
            ),
        ],
    );
    let new_draft = object(
        &["transactionId", "type"],
        &[
            ("transactionId", transaction_id()),
            ("type", one_of(&types, "The action it prepares")),
            ("declaration", answers("Answers so far")),
            (
                "annotation",
                answers("Answers about the action itself so far"),
            ),
        ],
    );
    let item = object(
        &["id", "result"],
        &[
            ("id", uuid("The record")),
            (
                "result",
                one_of(
                    &["created", "unchanged"],
                    "Unchanged: it was here already, and the same",
                ),
            ),
        ],
    );
    let imported = object(
        &["errors", "items"],
        &[
            (
                "errors",
                flag("Never true; a record that fails ends the call"),
            ),
            ("items", array_of(item)),
        ],
    );
    vec![
        ("Draft", draft),
        ("NewDraft", new_draft),
        ("Imported", imported),
    ]
}

fn records() -> Vec<(&'static str, Value)> {
    let types: Vec<&str> = ActionType::ALL.iter().map(|kind| kind.as_str()).collect();
    let statuses = ["CREATED", "NOTIFIED", "DECLARED", "REGISTERED", "ARCHIVED"];
    let action = object(
        &[
            "id",
            "transactionId",
            "type",
            "status",
            "createdAt",
            "createdBy",
            "createdByUserType",
        ],
        &[
            ("id", uuid("The action's id")),
            ("transactionId", text("The transaction that made it")),
            ("type", one_of(&types, "What it does")),
            (
                "status",
                one_of(
                    &["Requested", "Accepted", "Rejected"],
                    "Requested: waits for the country. A decision is an action of its own",
                ),
            ),
            ("createdAt", time("When")),
            ("createdBy", text("Who")),
            (
                "createdByUserType",
                one_of(&["user", "system"], "A person or a system client"),
            ),
            ("createdByRole", text("The person's role")),
            (
                "createdBySignature",
                or_null(text("Path of the person's signature")),
            ),
            ("createdAtLocation", or_null(uuid("The office"))),
            (
                "declaration",
                answers("Answers it changes; absent on a refusal"),
            ),
            (
                "annotation",
                or_null(answers("Answers about the action itself")),
            ),
            (
                "originalActionId",
                or_null(uuid("The Requested action that this one decides")),
            ),
            ("assignedTo", text("ASSIGN: who holds the record now")),
            ("registrationNumber", text("REGISTER, accepted")),
            (
                "requestId",
                text("Corrections: the request that is answered"),
            ),
            ("customActionType", text("CUSTOM: which")),
            ("content", answers("By type; on a refusal `{reason}`")),
        ],
    );
    let document = object(
        &[
            "id",
            "type",
            "createdAt",
            "updatedAt",
            "trackingId",
            "actions",
        ],
        &[
            ("id", uuid("The record's id")),
            ("type", text("The event type, such as `birth`")),
            ("createdAt", time("When it began")),
            ("updatedAt", time("When its last action was written")),
            (
                "trackingId",
                json!({"type": "string", "pattern": "^[0-9A-Z]{6}$"}),
            ),
            ("actions", array_of(reference("Action"))),
        ],
    );
    let index = object(
        &[
            "id",
            "type",
            "status",
            "trackingId",
            "createdAt",
            "updatedAt",
            "flags",
            "declaration",
        ],
        &[
            ("id", uuid("The record's id")),
            ("type", text("The event type")),
            ("status", one_of(&statuses, "How far it has come")),
            ("trackingId", text("For people")),
            ("createdAt", time("When it began")),
            ("createdBy", text("Who began it")),
            (
                "createdByUserType",
                one_of(&["user", "system"], "A person or a system client"),
            ),
            ("createdAtLocation", or_null(text("The office"))),
            ("updatedAt", time("When an action was last accepted")),
            ("updatedBy", text("Who last asked for an action")),
            ("updatedByUserRole", text("Their role")),
            ("updatedAtLocation", or_null(text("Their office"))),
            ("assignedTo", or_null(text("Who holds it"))),
            (
                "dateOfEvent",
                or_null(json!({"type": "string", "format": "date"})),
            ),
            ("placeOfEvent", or_null(text("Where it happened"))),
            (
                "legalStatuses",
                answers("Who declared and registered it, when and where"),
            ),
            (
                "potentialDuplicates",
                array_of(answers("`{id, trackingId}`")),
            ),
            ("flags", array_of(json!({"type": "string"}))),
            ("declaration", answers("All answers")),
        ],
    );
    let new_event = object(
        &["type", "transactionId"],
        &[
            ("type", text("The event type, such as `birth`")),
            ("transactionId", transaction_id()),
            (
                "createdAtLocation",
                uuid("System clients only: the office it happens at"),
            ),
        ],
    );
    let assignment = object(
        &["transactionId"],
        &[
            ("transactionId", transaction_id()),
            ("type", text("ASSIGN or UNASSIGN; optional")),
        ],
    );
    vec![
        ("Action", action),
        ("EventDocument", document),
        ("EventIndex", index),
        ("NewEvent", new_event),
        ("Assignment", assignment),
    ]
}

fn submissions() -> Vec<(&'static str, Value)> {
    let delivery = object(
        &["id", "kind", "state", "attempts", "createdAt"],
        &[
            ("id", uuid("`webhook-id` of every attempt")),
            ("kind", text("The trigger, such as `REGISTER`")),
            (
                "state",
                one_of(
                    &["queued", "leased", "delivered", "expired"],
                    "Whether country config has it; says nothing of what it decided",
                ),
            ),
            ("attempts", json!({"type": "integer", "minimum": 0})),
            ("createdAt", time("When it began")),
            ("nextAttemptAt", or_null(time("When it is tried again"))),
            ("finishedAt", or_null(time("When country config had it"))),
            ("lastError", or_null(text("Why the last attempt failed"))),
        ],
    );
    let submission = object(
        &["eventId", "actionId", "type", "status", "createdAt"],
        &[
            ("eventId", uuid("The record")),
            ("actionId", uuid("The action")),
            ("type", text("What it does")),
            (
                "status",
                one_of(&["Requested", "Accepted", "Rejected"], "What it has become"),
            ),
            ("createdAt", time("When it was asked for")),
            ("reason", or_null(text("Why it was refused"))),
            ("resolvedAt", or_null(time("When it was decided"))),
            ("delivery", or_null(reference("Delivery"))),
            ("attempts", array_of(reference("Attempt"))),
        ],
    );
    let attempt = object(
        &["number", "startedAt", "durationMs", "outcome"],
        &[
            ("number", json!({"type": "integer", "minimum": 1})),
            ("startedAt", time("When it began")),
            ("durationMs", json!({"type": "integer", "minimum": 0})),
            ("status", or_null(json!({"type": "integer"}))),
            (
                "outcome",
                text("`accepted`, `pending`, `rejected`, or the kind of failure"),
            ),
            ("error", or_null(text("Why it failed"))),
        ],
    );
    let acceptance = object(
        &["transactionId"],
        &[
            ("transactionId", text("Yours")),
            (
                "registrationNumber",
                text("Needed for REGISTER; unique for good"),
            ),
            (
                "declaration",
                answers("What the country adds to the declaration"),
            ),
            (
                "annotation",
                answers("What the country adds to the annotation"),
            ),
            ("keepAssignment", flag("Leave the record with the person")),
        ],
    );
    let refusal = object(
        &["transactionId"],
        &[
            ("transactionId", text("Yours")),
            ("reason", text("Shown to the registrar")),
            ("keepAssignment", flag("Leave the record with the person")),
        ],
    );
    let error = object(
        &["message", "code", "data"],
        &[
            ("message", text("A sentence, or a list of problems as JSON")),
            (
                "fields",
                array_of(object(
                    &["field", "messageId", "message"],
                    &[
                        (
                            "field",
                            text("Whose answer will not do; its id or a path into it"),
                        ),
                        ("messageId", text("Under which the message is translated")),
                        ("message", text("Why, untranslated")),
                    ],
                )),
            ),
            ("code", text("Such as `CONFLICT`")),
            (
                "data",
                object(
                    &["code", "httpStatus"],
                    &[
                        ("code", text("The same")),
                        ("httpStatus", json!({"type": "integer"})),
                        ("details", answers("More about it")),
                    ],
                ),
            ),
        ],
    );
    vec![
        ("Delivery", delivery),
        ("Attempt", attempt),
        ("Submission", submission),
        (
            "Transaction",
            object(
                &["transactionId", "submissions"],
                &[
                    ("transactionId", text("As asked")),
                    ("submissions", array_of(reference("Submission"))),
                ],
            ),
        ),
        ("Acceptance", acceptance),
        ("Refusal", refusal),
        ("Error", error),
    ]
}

fn search() -> Vec<(&'static str, Value)> {
    let query = object(
        &["type", "clauses"],
        &[
            ("type", one_of(&["and", "or"], "How the clauses are joined")),
            (
                "clauses",
                array_of(answers(
                    "Fields of the record's index with what they must be, such as \
                     `{\"status\": {\"type\": \"exact\", \"term\": \"DECLARED\"}}`",
                )),
            ),
        ],
    );
    let search_query = object(
        &["query"],
        &[
            ("query", reference("Query")),
            (
                "limit",
                json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 10}),
            ),
            (
                "offset",
                json!({"type": "integer", "minimum": 0, "default": 0}),
            ),
            (
                "sort",
                array_of(object(
                    &["field"],
                    &[
                        ("field", text("A field of the index")),
                        ("direction", one_of(&["asc", "desc"], "The order")),
                    ],
                )),
            ),
        ],
    );
    vec![
        ("Query", query),
        ("SearchQuery", search_query),
        (
            "SearchResult",
            object(
                &["results", "total"],
                &[
                    ("results", array_of(reference("EventIndex"))),
                    ("total", json!({"type": "integer", "minimum": 0})),
                ],
            ),
        ),
        (
            "Reindex",
            object(
                &[],
                &[(
                    "waitForCompletion",
                    flag("Answer when all records have been gone through: unless false"),
                )],
            ),
        ),
        (
            "ReindexStatus",
            object(
                &["id", "timestamp", "status", "progress"],
                &[
                    ("id", uuid("Its id")),
                    ("timestamp", time("When it was asked for")),
                    (
                        "status",
                        one_of(&["running", "completed", "failed"], "Where it stands"),
                    ),
                    (
                        "progress",
                        object(
                            &["processed"],
                            &[("processed", json!({"type": "integer", "minimum": 0}))],
                        ),
                    ),
                    ("error_message", or_null(text("Why it was given up"))),
                    ("completed_at", or_null(time("When it ended"))),
                ],
            ),
        ),
        (
            "WorkqueueQuery",
            object(
                &["slug", "query"],
                &[
                    ("slug", text("The workqueue")),
                    ("query", reference("Query")),
                ],
            ),
        ),
    ]
}

fn accounts() -> Vec<(&'static str, Value)> {
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
    location.push(("locationType", or_null(text("Such as `CRVS_OFFICE`"))));
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
        ("SystemClient", client),
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

/// People's accounts, and what they did.
fn people() -> Vec<(&'static str, Value)> {
    let name = || {
        object(
            &["firstname", "surname"],
            &[("firstname", text("")), ("surname", text(""))],
        )
    };
    let kept = [
        ("name", name()),
        ("role", text("A role of the country's")),
        ("primaryOfficeId", uuid("The person's office")),
        (
            "mobile",
            text("As the country writes it; nobody else's. Empty for none"),
        ),
        ("email", text("Nobody else's. Empty for none")),
        ("fullHonorificName", text("Name with titles")),
        ("device", text("The device they were given")),
        ("data", answers("What else the country keeps of its people")),
    ];
    let with = |more: &[(&'static str, Value)]| [&kept[..], more].concat();
    let signature = (
        "signature",
        answers("`{path, originalFilename, type}` of an uploaded file"),
    );
    let status = one_of(
        &["pending", "active", "deactivated"],
        "Where the account stands",
    );
    let shut_or_open = one_of(&["active", "deactivated"], "Where the account stands");
    vec![
        (
            "User",
            object(
                &["id", "name", "role", "status", "primaryOfficeId"],
                &with(&[
                    ("id", uuid("`sub` of the person's tokens")),
                    ("status", status),
                    ("administrativeAreaId", uuid("The area of their office")),
                    ("signature", text("Path of their signature")),
                    ("avatar", text("Path of their picture")),
                ]),
            ),
        ),
        (
            "NewPerson",
            object(
                &["name", "role", "primaryOfficeId"],
                &with(std::slice::from_ref(&signature)),
            ),
        ),
        (
            "PersonChanges",
            object(&[], &with(&[signature, ("status", shut_or_open)])),
        ),
        (
            "Reason",
            object(
                &["reason"],
                &[
                    ("reason", text("Kept in the audit trail")),
                    ("comment", text("Kept with it")),
                ],
            ),
        ),
        (
            "Announcement",
            object(
                &["subject", "body", "locale"],
                &[
                    ("subject", text("Of the mail")),
                    ("body", text("Of the mail")),
                    ("locale", text("Its language")),
                ],
            ),
        ),
        (
            "ActionDone",
            object(
                &[
                    "id",
                    "eventId",
                    "trackingId",
                    "actionType",
                    "status",
                    "createdAt",
                ],
                &[
                    ("id", uuid("Of the action")),
                    ("eventId", uuid("The record")),
                    ("eventType", text("The record's")),
                    ("trackingId", text("The record's")),
                    ("actionType", text("Such as `REGISTER`")),
                    ("customActionType", or_null(text("Which custom action"))),
                    ("status", text("`Requested`, `Accepted` or `Rejected`")),
                    ("createdAt", time("When")),
                ],
            ),
        ),
        (
            "AuditEntry",
            object(
                &["id", "clientId", "operation", "createdAt"],
                &[
                    ("id", uuid("Of the entry")),
                    ("clientId", text("Who did it")),
                    ("clientType", one_of(&["user", "system"], "What they are")),
                    ("operation", text("Such as `user.password_changed`")),
                    ("requestData", answers("To whom, and why")),
                    ("responseSummary", or_null(answers("What came of it"))),
                    ("createdAt", time("When")),
                ],
            ),
        ),
    ]
}
