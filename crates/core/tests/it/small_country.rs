//! A country that fits on a page: one kind of event, three roles, one district with an office.

use serde_json::{Value, json};
use storage::{Place, PlaceKind};
use uuid::{Uuid, uuid};

/// The only area.
pub const DISTRICT: Uuid = uuid!("0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c01");
/// The office in it.
pub const OFFICE: Uuid = uuid!("0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c02");
/// An office at the top of the country.
pub const HEAD_OFFICE: Uuid = uuid!("0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c03");

/// May do everything with records.
pub const REGISTRAR: &str = "REGISTRAR";
/// May only declare.
pub const CLERK: &str = "CLERK";
/// Looks after users and system clients.
pub const ADMIN: &str = "ADMIN";

pub fn text(id: &str) -> Value {
    json!({"id": id, "defaultMessage": id, "description": id})
}

/// `/config/events`.
pub fn events() -> Value {
    let action = |kind: &str| json!({"type": kind, "label": text(kind), "flags": []});
    let reviewed = |kind: &str| {
        let mut action = action(kind);
        action["review"] = json!({"title": text("review"), "fields": []});
        action
    };
    let mut escalate = action("CUSTOM");
    escalate["customActionType"] = json!("ESCALATE");
    escalate["form"] = json!([]);
    json!([{
        "id": "birth",
        "label": text("birth"),
        "title": text("title"),
        "summary": {"fields": []},
        "flags": [],
        "dateOfEvent": {"$$field": "child.dob", "$$subfield": []},
        "declaration": {"label": text("form"), "pages": [{
            "id": "child",
            "type": "FORM",
            "title": text("child"),
            "fields": [
                {"id": "child.name", "type": "TEXT", "label": text("name"), "required": true},
                {"id": "child.dob", "type": "DATE", "label": text("dob")},
                {"id": "child.nid", "type": "TEXT", "label": text("nid")},
            ],
        }]},
        "actions": [
            reviewed("READ"), reviewed("DECLARE"), action("REGISTER"), action("REJECT"),
            action("ARCHIVE"), action("NOTIFY"), action("EDIT"), escalate,
        ],
        "advancedSearch": [],
    }])
}

/// `/config/workqueues`.
pub fn workqueues() -> Value {
    let queue = |slug: &str, clause: Value| {
        json!({
            "slug": slug,
            "name": text(slug),
            "icon": "File",
            "columns": [],
            "action": {"type": "READ"},
            "query": {"type": "and", "clauses": [clause]},
        })
    };
    json!([
        queue(
            "in-external-validation",
            json!({"flags": {"anyOf": ["register:requested"]}})
        ),
        queue(
            "to-register",
            json!({
                "status": {"type": "exact", "term": "DECLARED"},
                "flags": {"noneOf": ["register:requested"]},
            })
        ),
    ])
}

/// `/config/application`.
pub fn application() -> Value {
    json!({"PHONE_NUMBER_PATTERN": "^09[0-9]{8}$"})
}

/// `/config/roles`.
pub fn roles() -> Value {
    let role = |id: &str, scopes: &[&str]| json!({"id": id, "label": text(id), "scopes": scopes});
    json!([
        role(
            REGISTRAR,
            &[
                "type=record.create",
                "type=record.declare",
                "type=record.register",
                "type=record.reject",
                "type=record.read",
                "type=record.search",
                "type=record.notify",
                "type=record.edit",
                "type=record.archive",
                // Which templates are offered; a print from another is not refused for it.
                "type=record.print-certified-copies&templates=offered-to-registrars",
                "type=record.request-correction",
                "type=record.correct",
                "type=record.custom-action&customActionTypes=ESCALATE",
                "type=workqueue&ids=in-external-validation,to-register",
                "type=user.read&accessLevel=administrativeArea",
            ],
        ),
        role(
            CLERK,
            &[
                "type=record.create",
                "type=record.declare",
                "type=record.read"
            ]
        ),
        role(
            ADMIN,
            &[
                "type=integration.create",
                "type=user.read",
                "type=user.search",
                "type=user.create",
                "type=user.edit"
            ],
        ),
    ])
}

/// The places, as Core keeps them.
pub fn places() -> Vec<Place> {
    let place = |id, name: &str, parent_id, kind| Place {
        id,
        external_id: Some(name.to_owned()),
        name: name.to_owned(),
        parent_id,
        kind,
        valid_until: None,
    };
    let office = || PlaceKind::Location {
        location_type: Some("CRVS_OFFICE".to_owned()),
    };
    vec![
        place(DISTRICT, "District", None, PlaceKind::AdministrativeArea),
        place(OFFICE, "Office", Some(DISTRICT), office()),
        place(HEAD_OFFICE, "Head office", None, office()),
    ]
}
