//! What a record would look like with what somebody is filling in.

use forms::ActionType;
use records::{
    Declaration, Draft, EventStatus, annotation_with_draft, state_after_draft, state_with_draft,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::story::{CLERK, Story, birth};

const LATER: &str = "2026-02-01T08:00:00.000Z";

fn object(value: Value) -> Declaration {
    serde_json::from_value(value).unwrap()
}

fn draft(story: &Story, kind: ActionType, declaration: Value) -> Draft {
    Draft {
        id: Uuid::from_u128(7),
        event_id: story.event.id,
        transaction_id: "drafted".to_owned(),
        action_type: kind,
        created_at: LATER.to_owned(),
        created_by: "other".to_owned(),
        created_by_role: Some("REGISTRAR".to_owned()),
        declaration: object(declaration),
        annotation: None,
    }
}

fn declared() -> Story {
    let mut story = Story::begin();
    let answers = json!({
        "child.name": {"firstname": "A", "surname": "B"}, "child.dob": "2026-01-02", "child.nid": "1",
    });
    let declare = story.requested(ActionType::Declare, answers);
    story.accept(declare, json!({}));
    story
}

#[test]
fn a_draft_shows_in_the_answers_and_leaves_the_record_where_it_stands() {
    let story = declared();
    let before = story.state();
    let changes = json!({
        "child.name": {"firstname": "C"}, "child.dob": "2026-01-03", "child.nid": null,
    });
    let seen = state_with_draft(&before, &draft(&story, ActionType::Edit, changes), &birth());

    let expected = json!({
        "child.name": {"firstname": "C", "surname": "B"}, "child.dob": "2026-01-03",
    });
    assert_eq!(json!(seen.declaration), expected);
    assert_eq!(seen.date_of_event.as_deref(), Some("2026-01-03"));
    assert_eq!(seen.updated_at, LATER);
    let mut rest = seen;
    rest.declaration = before.declaration.clone();
    rest.date_of_event.clone_from(&before.date_of_event);
    rest.updated_at.clone_from(&before.updated_at);
    assert_eq!(rest, before);
}

#[test]
fn a_drafted_address_moves_the_place_and_without_one_it_is_the_office() {
    let area = "3a0ce413-68f4-4492-8236-e7da6bf916bb";
    let home = json!({"child.home": {
        "country": "CSG", "addressType": "DOMESTIC", "administrativeArea": area,
    }});
    let story = declared();
    let before = story.state();
    let at = |home| {
        let draft = draft(&story, ActionType::Edit, home);
        state_with_draft(&before, &draft, &birth()).place_of_event
    };
    assert_eq!(at(home).as_deref(), Some(area));
    assert_eq!(at(json!({"child.home": null})), before.place_of_event);
}

#[test]
fn a_preview_shows_the_record_as_the_draft_would_leave_it() {
    let story = Story::begin();
    let draft = draft(
        &story,
        ActionType::Declare,
        json!({"child.dob": "2026-01-03"}),
    );
    let after = state_after_draft(&story.event, &draft, &birth()).unwrap();
    assert_eq!(after.status, EventStatus::Declared);
    assert_eq!(after.declaration["child.dob"], "2026-01-03");
    assert_eq!(after.updated_by, "other");
    assert_eq!(after.flags, Vec::<String>::new(), "no clerk declared it");
    let declared = after.legal_statuses.declared.unwrap();
    assert_eq!(
        (&*declared.created_by, &*declared.accepted_at),
        ("other", LATER)
    );
    assert_eq!(story.state().status, EventStatus::Created);
}

#[test]
fn a_drafted_correction_is_previewed_as_if_it_were_approved() {
    let mut story = declared();
    story.accepted(ActionType::Custom);
    story.accepted(ActionType::Register);
    let draft = draft(
        &story,
        ActionType::RequestCorrection,
        json!({"child.dob": "2026-01-03", "child.nid": null}),
    );
    let after = state_after_draft(&story.event, &draft, &birth()).unwrap();
    assert_eq!(after.declaration["child.dob"], "2026-01-03");
    assert!(!after.declaration.contains_key("child.nid"));
    assert!(!after.flags.contains(&"correction-requested".to_owned()));
}

#[test]
fn a_drafted_annotation_lies_over_the_last_one_of_its_action() {
    let mut story = declared();
    story.accepted(ActionType::PrintCertificate);
    let printed = story.event.actions.last_mut().unwrap();
    printed.annotation = Some(object(json!({"collector": "MOTHER", "paid": true})));
    assert_eq!(printed.created_by, CLERK);

    let mut draft = draft(&story, ActionType::PrintCertificate, json!({}));
    draft.annotation = Some(object(json!({"collector": "FATHER", "paid": null})));
    let of = |kind| json!(annotation_with_draft(&story.event, kind, &draft));
    assert_eq!(
        of(ActionType::PrintCertificate),
        json!({"collector": "FATHER"})
    );
    assert_eq!(of(ActionType::Declare), json!({}));

    let mut earlier = draft.clone();
    earlier.created_at = "2026-01-01T00:00:00.000Z".to_owned();
    let kind = ActionType::PrintCertificate;
    assert_eq!(
        json!(annotation_with_draft(&story.event, kind, &earlier)),
        json!({"collector": "MOTHER", "paid": true})
    );
}
