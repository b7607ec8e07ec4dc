//! The small country with a form that asks more, and with conditions on its actions.

use serde_json::{Value, json};

use crate::{core_under_test::CoreUnderTest, person::Person, small_country};

/// Holds when a field of the form has this value.
fn when(field: &str, value: Value) -> Value {
    json!({
        "$id": format!("{field} is {value}"),
        "type": "object",
        "properties": {"$form": {
            "type": "object",
            "properties": {field: {"const": value}},
            "required": [field],
        }},
        "required": ["$form"],
    })
}

fn text(id: &str) -> Value {
    json!({"id": id, "defaultMessage": id, "description": id})
}

fn field(id: &str, kind: &str) -> Value {
    json!({"id": id, "type": kind, "label": text(id)})
}

fn shown(mut field: Value, when: Value) -> Value {
    field["conditionals"] = json!([{"type": "SHOW", "conditional": when}]);
    field
}

fn required(mut field: Value) -> Value {
    field["required"] = json!(true);
    field
}

fn page(id: &str, kind: &str, fields: Value) -> Value {
    json!({"id": id, "type": kind, "title": text(id), "fields": fields})
}

/// Births with a mother who may be unknown, a mail address that is never corrected, a print form
/// that asks to see an identity, and an action of the country's own for births with a mother.
fn events() -> Value {
    let mut events = small_country::events();
    let mut nid = field("child.nid", "TEXT");
    nid["uncorrectable"] = json!(true);
    let unknown = || when("mother.unknown", json!(true));
    let known = || when("mother.unknown", json!(false));
    events[0]["declaration"]["pages"] = json!([page(
        "child",
        "FORM",
        json!([
            required(field("child.name", "TEXT")),
            field("child.dob", "DATE"),
            shown(nid, known()),
            field("mother.unknown", "CHECKBOX"),
            shown(required(field("mother.name", "TEXT")), known()),
            shown(field("mother.reason", "TEXT"), unknown()),
        ])
    )]);
    let mut verification = page("collector.verify", "VERIFICATION", json!([]));
    verification["conditional"] = when("collector.who", json!("INFORMANT"));
    let collector = required(field("collector.who", "TEXT"));
    let pages = json!([page("collector", "FORM", json!([collector])), verification]);
    let actions = events[0]["actions"].as_array_mut().unwrap();
    actions.retain(|action| action["type"] != "CUSTOM");
    let custom = |name: &str, form: Value, conditionals: Value| {
        json!({
            "type": "CUSTOM", "customActionType": name, "label": text(name), "flags": [],
            "form": form, "conditionals": conditionals,
        })
    };
    let enabled = json!([{"type": "ENABLE", "conditional": known()}]);
    actions.push(custom(
        "ESCALATE",
        json!([required(field("notes", "TEXT"))]),
        enabled,
    ));
    let form = |kind: &str, form: &str, pages: Value| {
        json!({
            "type": kind, "label": text(kind), "flags": [],
            form: {"label": text(form), "pages": pages},
        })
    };
    actions.push(form("PRINT_CERTIFICATE", "printForm", pages));
    actions.push(form("REQUEST_CORRECTION", "correctionForm", json!([])));
    events
}

/// A Core with this country.
pub async fn start() -> CoreUnderTest {
    let under_test = CoreUnderTest::start().await;
    under_test.country.serve("/config/events", events());
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    under_test
}

/// A complete declaration, with a mother.
pub fn with_mother() -> Value {
    json!({
        "child.name": "Amina Banda", "child.dob": "2026-01-10", "child.nid": "4711",
        "mother.unknown": false, "mother.name": "Esther Banda",
    })
}

impl Person<'_> {
    /// Begins and declares a birth with a mother, staying assigned; answers its id.
    pub async fn declared_with_mother(&self) -> String {
        let event = self.begin().await;
        let more = json!({ "declaration": with_mother() });
        self.ask("declare", &event, &format!("declare-{event}"), more)
            .await
            .unwrap();
        event
    }

    /// The same, registered.
    pub async fn registered_with_mother(&self) -> String {
        let event = self.declared_with_mother().await;
        self.ask("register", &event, &format!("register-{event}"), json!({}))
            .await
            .unwrap();
        event
    }
}
