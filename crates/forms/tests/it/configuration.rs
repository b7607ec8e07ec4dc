//! What a configuration says, and what is said about one that will not do.

use forms::{ActionType, DateOfEvent, EventConfig, Field, FieldType};
use serde_json::{Value, json};

use crate::{
    birth::{config, declaration, object, within, written},
    shared,
};

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut broken = written();
    change(&mut broken);
    EventConfig::compile(broken)
        .expect_err("it should be refused")
        .to_string()
}

#[test]
fn a_configuration_is_served_again_as_it_was_written() {
    assert_eq!(config().json().to_string(), written().to_string());
}

#[test]
fn a_real_countrys_events_compile() {
    let Some((_, events)) = shared::events() else {
        return;
    };
    let ids: Vec<&str> = events.iter().map(EventConfig::id).collect();
    assert_eq!(ids, ["tennis-club-membership", "birth", "death"]);
    for event in &events {
        assert!(event.fields().count() > 10);
        assert!(event.action(ActionType::Notify, None).is_some());
    }
}

#[test]
fn fields_are_found_by_id() {
    let config = config();
    let dob = config.field("child.dob").expect("the field is configured");
    assert_eq!(
        (dob.field_type(), dob.is_required()),
        (FieldType::Date, true)
    );
    assert!(config.field("child.shoe").is_none());
    let Some(DateOfEvent::Field(date)) = config.date_of_event() else {
        panic!("a field")
    };
    assert_eq!(date.field, "child.dob");
}

#[test]
fn actions_without_a_configuration_of_their_own_go_by_a_related_one() {
    let config = config();
    let governs = |kind, custom| Some(config.action(kind, custom)?.action_type());
    assert_eq!(governs(ActionType::Notify, None), Some(ActionType::Declare));
    assert_eq!(
        governs(ActionType::ApproveCorrection, None),
        Some(ActionType::RequestCorrection)
    );
    assert_eq!(
        governs(ActionType::Custom, Some("VALIDATE")),
        Some(ActionType::Custom)
    );
    assert_eq!(governs(ActionType::Custom, Some("ESCALATE")), None);
    assert_eq!(governs(ActionType::Archive, None), None);
}

#[test]
fn an_action_is_offered_while_its_conditionals_hold() {
    let config = config();
    let validate = config
        .action(ActionType::Custom, Some("VALIDATE"))
        .expect("configured");
    let flags = [vec![], vec!["validated".to_owned()]];
    let available = flags.map(|flags| {
        within(|context| {
            validate.is_available(&forms::Context {
                flags: Some(&flags),
                ..*context
            })
        })
    });
    assert_eq!(available, [true, false]);
}

#[test]
fn a_report_says_what_is_shown() {
    let mut given = declaration();
    given.insert("mother.email".into(), "ann@example.org".into());
    let report = within(|context| config().check_declaration(&given, context));
    assert_eq!(report.cleaned, declaration());
    assert_eq!(report.visible_pages, ["child", "mother"]);
}

#[test]
fn a_refusal_names_the_place_and_the_reason() {
    assert_eq!(
        refused(|event| event["declaration"]["pages"][0]["fields"][1]["type"] = "MOON".into()),
        "/declaration/pages/0/fields/1/type: 'MOON' is no type of field"
    );
    assert_eq!(
        refused(|event| event["dateOfEvent"]["$$field"] = "child.name".into()),
        "/dateOfEvent: 'child.name' is no DATE field"
    );
    assert_eq!(
        refused(|event| event["actions"][1]["flags"][0]["id"] = "lost".into()),
        "/actions/1/flags/0: the flag 'lost' is not configured"
    );
    let broken = refused(|event| {
        event["declaration"]["pages"][2]["conditional"] = json!({ "pattern": "(" });
    });
    assert!(
        broken.starts_with("/declaration/pages/2/conditional/pattern: not a usable regular"),
        "{broken}"
    );
}

#[test]
fn what_refers_to_nothing_is_refused() {
    let search = |field: &str, more: Value| {
        let mut field =
            json!({ "fieldId": field, "fieldType": "field", "config": { "type": "exact" } });
        field.as_object_mut().unwrap().extend(object(more));
        field
    };
    let searching = |fields: Value| {
        let title = json!({ "id": "t", "defaultMessage": "t" });
        refused(|event| event["advancedSearch"] = json!([{ "title": title, "fields": fields }]))
    };
    assert_eq!(
        searching(json!([search("child.shoe", json!({}))])),
        "/advancedSearch/0/fields/0/fieldId: no form has a field 'child.shoe'"
    );
    assert_eq!(
        searching(json!([
            search("child.dob", json!({})),
            search("child.dob", json!({}))
        ])),
        "/advancedSearch/0/fields/1/fieldId: 'child.dob' is searched for twice"
    );
    let elsewhere = json!({ "config": { "type": "exact", "searchFields": ["child.dob"] } });
    assert_eq!(
        searching(json!([search("any.dob", elsewhere)])),
        "/advancedSearch/0/fields/0: 'label' is missing"
    );
    assert!(
        searching(json!([search(
            "event.weather",
            json!({ "fieldType": "event" })
        )]))
        .starts_with("/advancedSearch/0/fields/0/fieldId: must be one of event.trackingId,")
    );
    assert_eq!(
        refused(|event| event["actionOrder"] = json!(["DECLARE", "VALIDATE", "DANCE"])),
        "/actionOrder/2: 'DANCE' is neither an action to choose nor a custom one"
    );
    assert!(
        refused(|event| event["dateOfEvent"] = json!({ "$$event": "someday" }))
            .starts_with("/dateOfEvent/$$event: must be one of createdAt, updatedAt,")
    );
    for flag in ["rejected", "print_certificate:requested"] {
        assert_eq!(
            refused(|event| event["flags"][0]["id"] = flag.into()),
            format!("/flags/0/id: '{flag}' is a flag that records get by themselves")
        );
    }
}

#[test]
fn a_field_has_what_its_type_needs() {
    let field = |field: Value| {
        Field::compile(&field)
            .map(drop)
            .map_err(|why| why.to_string())
    };
    let text = json!({ "id": "t", "defaultMessage": "t" });
    for (written, why) in [
        (
            json!({ "id": "a_b", "type": "TEXT" }),
            "/id: must not contain '_'",
        ),
        (
            json!({ "id": "a", "type": "SELECT" }),
            "/: 'options' is missing",
        ),
        (
            json!({ "id": "a", "type": "SELECT", "options": [{ "value": "x", "label": {} }] }),
            "/options/0/label: 'id' is missing",
        ),
        (
            json!({ "id": "a", "type": "AGE" }),
            "/: 'configuration' is missing",
        ),
        (
            json!({ "id": "a", "type": "AGE", "configuration": { "asOfDate": "b" } }),
            "/configuration/asOfDate: must be an object",
        ),
        (
            json!({ "id": "a", "type": "HTTP", "configuration": { "url": "/x", "method": "GO" } }),
            "/configuration/method: must be one of GET, POST, PUT, DELETE",
        ),
        (
            json!({ "id": "a", "type": "NUMBER", "configuration": { "min": "1" } }),
            "/configuration/min: must be a number",
        ),
        (
            json!({ "id": "a", "type": "TEXT", "parent": [{ "$$field": 7 }] }),
            "/parent/0/$$field: must be text",
        ),
    ] {
        assert_eq!(field(written), Err(why.to_owned()));
    }
    let options = json!([{ "value": "x", "label": text }, { "value": "y", "label": "Y" }]);
    assert_eq!(
        field(json!({ "id": "a", "type": "SELECT", "options": options })),
        Ok(())
    );
}

#[test]
fn conditionals_stand_only_where_they_mean_something() {
    let shown = json!([{ "type": "DISPLAY_ON_REVIEW", "conditional": true }]);
    assert_eq!(
        refused(|event| event["actions"][4]["conditionals"] = shown.clone()),
        "/actions/4/conditionals/0/type: 'DISPLAY_ON_REVIEW' is not allowed here, only SHOW, ENABLE"
    );
    assert_eq!(
        refused(|event| {
            event["summary"]["fields"] = json!([{ "fieldId": "child.dob", "conditionals": shown }]);
        }),
        "/summary/fields/0/conditionals/0/type: 'DISPLAY_ON_REVIEW' is not allowed here, only SHOW"
    );
}

#[test]
fn what_goes_without_saying_is_filled_in() {
    let config = config();
    assert!(config.is_in_analytics());
    assert!(config.action_order().is_empty() && config.advanced_search().is_empty());
    let field = config.field("child.dob").expect("configured");
    assert!(!field.is_in_analytics() && !field.is_secured());
    assert!(!config.pages()[0].is_completed_first());
}

#[test]
fn endless_nesting_is_refused() {
    let mut schema = json!({});
    for _ in 0..100 {
        schema = json!({ "not": schema });
    }
    let why = refused(|event| event["declaration"]["pages"][2]["conditional"] = schema);
    assert!(why.ends_with("nested more than 64 deep"), "{why}");
}

#[test]
fn keywords_that_cannot_be_honoured_are_refused() {
    for schema in [
        json!({ "$ref": "#/definitions/x" }),
        json!({ "format": "colour" }),
        json!({ "const": { "$data": "7/child.dob" } }),
        json!({ "formatMaximum": "2026-01-01" }),
    ] {
        assert!(forms::Conditional::compile(&schema).is_err(), "{schema}");
    }
}
