use forms::ActionType;
use records::{
    ActionStatus, AssignmentRefusal, EventStatus, NeverCreated, Resolution, UserType, assigned_to,
    complete_declaration, may_act, pending, pending_correction, releases, resolution, state,
};
use serde_json::json;

use crate::story::{CLERK, OFFICE, Step, Story, birth};

fn declared() -> Story {
    let mut story = Story::begin();
    let declare = story.requested(ActionType::Declare, json!({"child.dob": "2026-01-02"}));
    story.accept(declare, json!({}));
    story
}

fn registered() -> Story {
    let mut story = declared();
    story.accepted(ActionType::Custom);
    let register = story.requested(ActionType::Register, json!({}));
    story.accept(register, json!({"child.nid": "N1"}));
    story
}

#[test]
fn what_the_country_adds_lies_over_what_was_sent() {
    let mut story = Story::begin();
    let sent = json!({"child.name": {"firstname": "A", "surname": "B"}, "child.dob": "2026-01-02"});
    let declare = story.requested(ActionType::Declare, sent);
    let accepted = story.accept(
        declare,
        json!({"child.name": {"surname": "C"}, "child.nid": "N1"}),
    );

    let complete = complete_declaration(&story.event, story.event.action(accepted).unwrap());
    let expected = json!({
        "child.name": {"firstname": "A", "surname": "C"},
        "child.dob": "2026-01-02",
        "child.nid": "N1",
    });
    assert_eq!(json!(complete), expected);
    let state = story.state();
    assert_eq!(json!(state.declaration), expected);
    assert_eq!(state.date_of_event.as_deref(), Some("2026-01-02"));
    assert_eq!(state.place_of_event.as_deref(), Some(OFFICE));
    assert_eq!(state.flags, ["by-clerk"]);
}

#[test]
fn a_domestic_address_says_where_it_happened() {
    let area = "3a0ce413-68f4-4492-8236-e7da6bf916bb";
    let home = |area: &str| {
        json!({"child.home": {
            "country": "CSG", "addressType": "DOMESTIC", "administrativeArea": area,
        }})
    };
    let mut story = Story::begin();
    let declare = story.requested(ActionType::Declare, home(area));
    story.accept(declare, json!({}));
    assert_eq!(story.state().place_of_event.as_deref(), Some(area));

    let declare = story.requested(ActionType::Declare, home("nowhere"));
    story.accept(declare, json!({}));
    assert_eq!(story.state().place_of_event.as_deref(), Some(OFFICE));
}

#[test]
fn nothing_else_is_decided_while_a_registration_waits_for_the_country() {
    let mut story = declared();
    story.accepted(ActionType::Custom);
    assert_eq!(story.may(ActionType::Register), Ok(()));
    let register = story.requested(ActionType::Register, json!({}));

    assert_eq!(story.state().status, EventStatus::Declared);
    assert_eq!(
        story.may(ActionType::Reject).unwrap_err().to_string(),
        "Action 'REJECT' cannot be performed on an event in 'DECLARED' state with \
         [register:requested, by-clerk, validated] flags. Available actions: READ."
    );
    assert_eq!(
        pending(&story.event)
            .map(|action| action.id)
            .collect::<Vec<_>>(),
        [register]
    );

    story.reject(register);
    assert_eq!(
        story.state().flags,
        ["register:rejected", "by-clerk", "validated"]
    );
    assert_eq!(story.may(ActionType::Register), Ok(()));
    assert_eq!(pending(&story.event).count(), 0);
}

#[test]
fn the_countrys_own_conditions_hold_an_action_back() {
    let story = declared();
    assert_eq!(
        story.may(ActionType::Register).unwrap_err().to_string(),
        "Conditions for action: REGISTER were not met, action cannot be performed"
    );
}

#[test]
fn a_new_record_offers_what_the_protocol_says_in_its_order() {
    let refusal = Story::begin().may(ActionType::Register).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Action 'REGISTER' cannot be performed on an event in 'CREATED' state with [] flags. \
         Available actions: READ, DECLARE, NOTIFY, DELETE, CUSTOM."
    );
}

#[test]
fn a_rejected_record_can_be_mended_and_a_custom_action_can_take_the_flag_off() {
    let mut story = declared();
    story.accepted(ActionType::Reject);
    assert_eq!(story.state().flags, ["rejected", "by-clerk"]);
    assert_eq!(story.may(ActionType::Edit), Ok(()));
    story.accepted(ActionType::Custom);
    assert_eq!(story.state().flags, ["by-clerk", "validated"]);
}

#[test]
fn a_correction_changes_the_record_once_it_is_approved() {
    let mut story = registered();
    let asked = story.requested(
        ActionType::RequestCorrection,
        json!({"child.dob": "2026-01-03"}),
    );
    let request = story.accept(asked, json!({}));
    assert_eq!(story.state().declaration["child.dob"], "2026-01-02");
    assert_eq!(story.state().flags[0], "correction-requested");
    assert_eq!(
        pending_correction(&story.event).map(|action| action.id),
        Some(request)
    );

    let step = Step {
        request: Some(request),
        declaration: json!({}),
        ..Step::default()
    };
    let approval = story.add(ActionType::ApproveCorrection, ActionStatus::Requested, step);
    assert_eq!(story.state().declaration["child.dob"], "2026-01-02");
    story.accept(approval, json!({"child.nid": "N2"}));
    let state = story.state();
    assert_eq!(state.declaration["child.dob"], "2026-01-03");
    assert_eq!(state.declaration["child.nid"], "N2");
    assert_eq!(pending_correction(&story.event), None);
}

#[test]
fn history_names_the_person_who_registered_and_the_number() {
    let state = registered().state();
    let registration = state.legal_statuses.registered.unwrap();
    assert_eq!(registration.created_by, CLERK);
    assert_eq!(registration.registration_number.as_deref(), Some("B1"));
    assert!(registration.accepted_at > registration.created_at);
}

#[test]
fn an_action_is_resolved_by_the_first_decision() {
    let mut story = declared();
    let reject = story.requested(ActionType::Reject, json!({}));
    assert_eq!(resolution(&story.event, reject), Resolution::Unresolved);
    let decision = story.reject(reject);
    let decision = story.event.action(decision).unwrap();
    assert_eq!(
        resolution(&story.event, reject),
        Resolution::Rejected(decision)
    );
}

#[test]
fn who_is_done_lets_go_of_the_record() {
    let mut story = Story::begin();
    let declare = story.requested(ActionType::Declare, json!({}));
    let sent = story.event.action(declare).unwrap().clone();
    assert!(!releases(&story.event, &sent, ActionStatus::Requested));
    assert!(releases(&story.event, &sent, ActionStatus::Accepted));
    assert!(releases(&story.event, &sent, ActionStatus::Rejected));

    let mut keeping = sent.clone();
    keeping.keep_assignment_if_rejected = Some(true);
    assert!(releases(&story.event, &keeping, ActionStatus::Accepted));
    assert!(!releases(&story.event, &keeping, ActionStatus::Rejected));

    let mut by_system = sent.clone();
    by_system.created_by_user_type = UserType::System;
    assert!(!releases(&story.event, &by_system, ActionStatus::Accepted));

    story.accepted(ActionType::Unassign);
    let other = Step {
        by: Some("other"),
        ..Step::default()
    };
    story.add(ActionType::Assign, ActionStatus::Accepted, other);
    assert!(!releases(&story.event, &sent, ActionStatus::Accepted));
}

#[test]
fn only_who_holds_a_record_changes_it() {
    let mut story = Story::begin();
    assert_eq!(may_act(&story.event, CLERK, UserType::User), Ok(()));
    let held_by = Some(CLERK.to_owned());
    assert_eq!(
        may_act(&story.event, "other", UserType::User),
        Err(AssignmentRefusal::NotYours { held_by })
    );
    assert!(may_act(&story.event, "client", UserType::System).is_err());

    story.accepted(ActionType::Unassign);
    assert_eq!(assigned_to(&story.event), None);
    let refusal = may_act(&story.event, CLERK, UserType::User).unwrap_err();
    assert_eq!(refusal.to_string(), "You are not assigned to this event");
    assert_eq!(may_act(&story.event, "client", UserType::System), Ok(()));
}

#[test]
fn a_record_that_was_never_created_has_no_state() {
    let mut event = Story::begin().event;
    event.actions.remove(0);
    assert_eq!(state(&event, &birth()), Err(NeverCreated(event.id)));
}

#[test]
fn an_edit_is_followed_by_declaring_anew_and_ends_with_it() {
    let mut story = declared();
    story.accepted(ActionType::Reject);
    story.accepted(ActionType::Edit);
    assert_eq!(story.state().flags, ["edit-in-progress", "by-clerk"]);
    assert_eq!(story.may(ActionType::Declare), Ok(()));
    assert!(story.may(ActionType::Archive).is_err());
    story.accepted(ActionType::Declare);
    assert_eq!(story.state().flags, ["by-clerk"]);
}

#[test]
fn a_notification_is_incomplete_until_it_is_declared() {
    let mut story = Story::begin();
    story.accepted(ActionType::Notify);
    // NOTIFY has no configuration of its own here, so it goes by DECLARE's.
    assert_eq!(story.state().flags, ["incomplete", "by-clerk"]);
    assert_eq!(story.state().status, EventStatus::Notified);
    story.accepted(ActionType::Declare);
    assert_eq!(story.state().flags, ["by-clerk"]);
}
