//! What a configuration says, and what is said about one that will not do.

use forms::{ActionType, DateOfEvent, EventConfig, FieldType};
use serde_json::{Value, json};

use crate::{
    birth::{config, declaration, within, written},
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
