//! JavaScript from configuration decides what it is asked, and nothing when it fails.

use forms::{Conditional, EventConfig, Field, Problem};
use serde_json::{Value, json};

use crate::birth::{declaration, object, within, written};

/// `$form` has this field, and the code says yes to it.
fn judged(field: &str, code: &str) -> Value {
    json!({
        "type": "object",
        "properties": { "$form": {
            "type": "object",
            "properties": { field: { "customClientValidator": { "code": code } } },
            "required": [field],
        }},
        "required": ["$form"],
    })
}

/// What is wrong with the child in the declaration when a part of the form asks more.
fn wrong_with(at: &str, more: Value) -> Vec<Problem> {
    let mut event = written();
    object(more).into_iter().for_each(|(key, value)| {
        event.pointer_mut(at).unwrap()[&key] = value;
    });
    let event = EventConfig::compile(event).unwrap_or_else(|why| panic!("{why}"));
    let report = within(|context| event.check_declaration(&declaration(), context));
    let mut problems = report.problems;
    problems.retain(|problem| problem.field.starts_with("child"));
    problems
}

const DOB: &str = "/declaration/pages/0/fields/1";

fn rule(code: &str) -> Value {
    let message = json!({ "id": "dob.rule", "defaultMessage": "No", "description": "" });
    json!({ "validation": [{ "validator": judged("child.dob", code), "message": message }] })
}

fn said(problems: &[Problem]) -> Vec<(&str, &str)> {
    let said = problems
        .iter()
        .map(|problem| (&*problem.field, &*problem.message.id));
    said.collect()
}

#[test]
fn a_rule_in_javascript_judges_an_answer() {
    let good =
        "(value, context) => value < context.$now && context.$form['child.name'].surname === 'Lee'";
    assert_eq!(wrong_with(DOB, rule(good)), []);
    let bad = "value => new Date(value).getDay() === 0";
    assert_eq!(
        said(&wrong_with(DOB, rule(bad))),
        [("child.dob", "dob.rule")]
    );
}

#[test]
fn a_rule_that_fails_is_not_met_and_says_so() {
    for (code, why) in [
        (
            "value => window.isFine(value)",
            "ReferenceError: window is not defined",
        ),
        ("async value => true", "promise"),
        ("() => { for (;;); }", "ran too long"),
        (
            "() => { const all = []; for (;;) all.push(new Array(1000).fill(1)) }",
            "too",
        ),
    ] {
        let problems = wrong_with(DOB, rule(code));
        assert_eq!(
            said(&problems),
            [("child.dob", "error.ruleNotChecked")],
            "{code}"
        );
        let text = &problems[0].message.default_message;
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn nothing_is_hidden_by_a_rule_that_fails() {
    let fails = judged("child.dob", "() => nothing.here");
    let show = json!({ "conditionals": [{ "type": "SHOW", "conditional": fails }] });
    let problems = wrong_with(DOB, show);
    assert_eq!(said(&problems), [("child.dob", "error.ruleNotChecked")]);
    let problems = wrong_with("/declaration/pages/0", json!({ "conditional": fails }));
    assert_eq!(said(&problems), [("child", "error.ruleNotChecked")]);
}

#[test]
fn failing_never_turns_a_no_into_a_yes() {
    let fails = judged("child.dob", "() => nothing.here");
    for schema in [
        json!({ "not": fails }),
        json!({ "anyOf": [fails, true] }),
        json!({ "if": fails, "then": false }),
        json!({ "not": { "not": fails } }),
    ] {
        let conditional = Conditional::compile(&schema).unwrap();
        within(|context| {
            let form = declaration();
            let context = context.with_form(&form);
            assert!(!conditional.holds(&context), "{schema}");
            assert!(conditional.evaluate(&context).is_err(), "{schema}");
        });
    }
}

#[test]
fn an_age_is_widened_for_javascript_too() {
    let code =
        "(value, context) => value.dob === '1996-01-15' && context.$form.age.dob === value.dob";
    let conditional = Conditional::compile(&judged("age", code)).unwrap();
    let form = object(json!({ "age": { "age": 30, "asOfDateRef": "child.dob" } }));
    assert!(within(
        |context| conditional.holds(&context.with_form(&form))
    ));
}

#[test]
fn the_lowest_areas_are_known_to_scripts_that_name_them() {
    let code =
        "(value, context) => context.$leafAdminStructureLocationIds.some(({ id }) => id === value)";
    let conditional = Conditional::compile(&judged("area", code)).unwrap();
    let holds = |area: &str| {
        let form = object(json!({ "area": area }));
        within(|context| conditional.holds(&context.with_form(&form)))
    };
    assert!(holds(crate::birth::LEAF));
    assert!(!holds("elsewhere"));
}

#[test]
fn what_is_no_javascript_is_refused_with_its_place() {
    let mut event = written();
    event.pointer_mut(DOB).unwrap()["validation"] = rule("value =>")["validation"].clone();
    let error = EventConfig::compile(event).unwrap_err();
    let place = "/declaration/pages/0/fields/1/validation/0/validator\
                 /properties/$form/properties/child.dob/customClientValidator/code";
    assert_eq!(error.path(), place);
    assert!(
        error.reason().contains("cannot be read: SyntaxError"),
        "{error}"
    );
}

#[test]
fn a_value_is_copied_or_computed() {
    let from = |field: &str| json!({ "$$field": field, "$$subfield": ["surname"] });
    let mut computed = from("mother.name");
    computed["$$code"] = "(surname, context) => surname && surname + ' ' + context.$now".into();
    let text = |value: Value| {
        let field = json!({ "id": "family", "type": "TEXT", "value": value });
        Field::compile(&field).unwrap()
    };
    let derived = |value: Value, form: Value| {
        let form = object(form);
        within(|context| text(value).derived_value(&context.with_form(&form)))
    };
    let form = json!({ "child.name": { "surname": "Lee" } });
    assert_eq!(
        derived(from("child.name"), form.clone()),
        Ok(Some("Lee".into()))
    );
    let both = json!([computed, from("child.name")]);
    assert_eq!(derived(both.clone(), form), Ok(Some("Lee".into())));
    let form = json!({ "mother.name": { "surname": "Ray" } });
    assert_eq!(derived(both, form), Ok(Some("Ray 2026-01-15".into())));
    assert_eq!(derived(json!([]), json!({})), Ok(None));
}

#[test]
fn a_default_is_fixed_or_computed() {
    let default = |value: Value| {
        let field = json!({ "id": "on", "type": "DATE", "defaultValue": value });
        let field = Field::compile(&field).unwrap_or_else(|why| panic!("{why}"));
        within(|context| field.default_value(context))
    };
    assert_eq!(default("2026-01-01".into()), Ok(Some("2026-01-01".into())));
    let today = json!({ "$$code": "(nothing, context) => nothing ?? context.$now" });
    assert_eq!(default(today), Ok(Some("2026-01-15".into())));
    assert!(default(json!({ "$$code": "() => context.user.role" })).is_err());
}
