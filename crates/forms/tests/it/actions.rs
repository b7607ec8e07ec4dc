//! What an action may bring.

use forms::ActionType::{self, Custom, Declare, Edit, Notify, PrintCertificate, RequestCorrection};
use serde_json::{Map, Value, json};

use crate::birth::{declaration, object, wrong_with};

fn problem(field: &str, message: &str) -> (String, String) {
    (field.to_owned(), message.to_owned())
}

fn wrong_with_new(action_type: ActionType, declaration: Value) -> Vec<(String, String)> {
    wrong_with(action_type, &Map::new(), declaration, json!({}))
}

#[test]
fn a_complete_declaration_may_be_declared() {
    assert_eq!(wrong_with_new(Declare, declaration().into()), []);
}

#[test]
fn an_incomplete_declaration_may_be_notified_but_not_declared() {
    let partial = json!({ "child.name": { "firstname": "Ann" } });
    assert_eq!(wrong_with_new(Notify, partial.clone()), []);
    assert_eq!(wrong_with_new(Edit, partial.clone()), []);
    assert_eq!(
        wrong_with_new(Declare, partial),
        [
            problem("child.name", "error.required"),
            problem("child.dob", "dob.missing")
        ]
    );
}

#[test]
fn a_notification_must_still_make_sense() {
    assert_eq!(
        wrong_with_new(Notify, json!({ "child.dob": "soon", "child.shoe": 40 })),
        [
            problem("child.dob", "error.invalidDate"),
            problem("child.shoe", "error.unexpectedField")
        ]
    );
}

#[test]
fn the_countrys_own_rules_are_asked_too() {
    let mut late = declaration();
    late.insert("child.dob".into(), "2026-01-16".into());
    assert_eq!(
        wrong_with_new(Declare, late.into()),
        [problem("child.dob", "dob.future")]
    );
}

#[test]
fn an_update_is_judged_on_top_of_what_is_there() {
    let fix = json!({ "child.dob": "2026-01-03" });
    assert_eq!(
        wrong_with(ActionType::Register, &declaration(), fix, json!({})),
        []
    );
    let clear = json!({ "child.dob": null });
    assert_eq!(
        wrong_with(ActionType::Register, &declaration(), clear, json!({})),
        [problem("child.dob", "dob.missing")]
    );
}

#[test]
fn a_hidden_field_may_not_be_answered_but_may_be_cleared() {
    let mut hidden = declaration();
    hidden.insert("mother.email".into(), "ann@example.org".into());
    assert_eq!(
        wrong_with_new(Declare, hidden.clone().into()),
        [problem("mother.email", "error.hidden")]
    );
    let clear = json!({ "mother.email": null });
    assert_eq!(wrong_with(Declare, &hidden, clear, json!({})), []);
}

#[test]
fn what_an_update_hides_needs_no_clearing() {
    let mut known = declaration();
    known.insert("mother.known".into(), true.into());
    known.insert("mother.email".into(), "ann@example.org".into());
    known.insert(
        "father.age".into(),
        json!({ "age": 30, "asOfDateRef": "child.dob" }),
    );
    assert_eq!(
        wrong_with(Declare, &known, json!({ "mother.known": false }), json!({})),
        []
    );
}

#[test]
fn a_page_that_is_shown_asks_its_questions() {
    let mut known = declaration();
    known.insert("mother.known".into(), true.into());
    let (field, message) = ("father.age", "error.required");
    assert!(wrong_with_new(Declare, known.into()).contains(&problem(field, message)));
}

#[test]
fn the_review_page_is_decided_on_the_declaration() {
    let known = object(json!({
        "child.name": { "firstname": "Ann", "surname": "Lee" },
        "child.dob": "2026-01-02",
        "mother.known": true,
        "mother.email": "ann@example.org",
        "father.age": { "age": 30, "asOfDateRef": "child.dob" },
    }));
    assert_eq!(
        wrong_with(Declare, &known, json!({}), json!({ "review.comment": "" })),
        [problem("review.signature", "error.required")]
    );
}

#[test]
fn what_earlier_configurations_asked_for_does_not_stop_a_record() {
    let mut old = declaration();
    old.insert("child.shoe".into(), 40.into());
    assert_eq!(wrong_with(Declare, &old, json!({}), json!({})), []);
}

#[test]
fn a_correction_leaves_alone_what_cannot_be_corrected() {
    assert_eq!(
        wrong_with(
            RequestCorrection,
            &declaration(),
            json!({ "child.nid": "1" }),
            json!({})
        ),
        [problem("child.nid", "error.correctionNotAllowed")]
    );
    let fix = json!({ "child.dob": "2026-01-03" });
    assert_eq!(
        wrong_with(RequestCorrection, &declaration(), fix, json!({})),
        []
    );
}

#[test]
fn an_address_has_the_lines_the_country_asks_for() {
    let mut at = declaration();
    let place = |line: &str| {
        json!({
            "addressType": "DOMESTIC",
            "administrativeArea": crate::birth::LEAF,
            "streetLevelDetails": { line: "1" },
        })
    };
    at.insert("child.place".into(), place("street"));
    assert_eq!(wrong_with_new(Declare, at.clone().into()), []);
    at.insert("child.place".into(), place("planet"));
    assert_eq!(
        wrong_with_new(Declare, at.into()),
        [problem("child.place", "error.invalid")]
    );
}

#[test]
fn a_custom_action_answers_its_own_form() {
    let empty = Map::new();
    assert_eq!(
        wrong_with(Custom, &empty, json!({}), json!({})),
        [problem("validate.note", "error.required")]
    );
    assert_eq!(
        wrong_with(
            Custom,
            &empty,
            json!({}),
            json!({ "validate.note": "fine" })
        ),
        []
    );
}

#[test]
fn printing_says_who_collects_and_whether_they_were_recognised() {
    let print = |annotation| wrong_with(PrintCertificate, &declaration(), json!({}), annotation);
    assert_eq!(
        print(json!({})),
        [problem("who.collects", "error.required")]
    );
    assert_eq!(print(json!({ "who.collects": "FATHER" })), []);
    assert_eq!(
        print(json!({ "who.collects": "MOTHER" })),
        [problem("identity", "error.verificationMissing")]
    );
    assert_eq!(
        print(json!({ "who.collects": "MOTHER", "identity": true })),
        []
    );
}
