//! What holds for every record, whatever has happened to it.

use forms::ActionType;
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use records::{ActionStatus, EventIndex, EventStatus, available_actions, current_declaration};
use serde_json::{Value, json};

use crate::story::{Step, Story, birth};

/// One thing that happens to a record: what is asked for, with what answers, and the outcome.
#[derive(Debug, Clone)]
struct Happening {
    kind: ActionType,
    declaration: Value,
    outcome: ActionStatus,
}

fn answers() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        Just(Value::Null),
        Just(json!("2026-01-02")),
        Just(json!({"surname": "B"})),
        Just(json!({"firstname": "A"})),
        Just(json!([1, null])),
    ];
    let field = select(vec!["child.name", "child.dob", "child.home", "child.nid"]);
    prop::collection::btree_map(field, value, 0..3).prop_map(|fields| json!(fields))
}

fn happening(outcomes: Vec<ActionStatus>) -> impl Strategy<Value = Happening> {
    let kinds: Vec<ActionType> = ActionType::ALL
        .into_iter()
        .filter(|kind| kind.awaits_country())
        .collect();
    (select(kinds), answers(), select(outcomes)).prop_map(|(kind, declaration, outcome)| {
        Happening {
            kind,
            declaration,
            outcome,
        }
    })
}

fn any_outcome() -> Vec<ActionStatus> {
    vec![
        ActionStatus::Requested,
        ActionStatus::Accepted,
        ActionStatus::Rejected,
    ]
}

impl Story {
    fn happens(&mut self, happening: &Happening) {
        let corrections = [ActionType::ApproveCorrection, ActionType::RejectCorrection];
        let request = corrections.contains(&happening.kind).then(|| {
            let request = self.event.actions.iter().rfind(|action| {
                action.action_type == ActionType::RequestCorrection
                    && action.status == ActionStatus::Accepted
            });
            request.map(|action| action.id)
        });
        let step = Step {
            declaration: happening.declaration.clone(),
            request: request.flatten(),
            ..Step::default()
        };
        let asked = self.add(happening.kind, ActionStatus::Requested, step);
        match happening.outcome {
            ActionStatus::Requested => {}
            ActionStatus::Accepted => drop(self.accept(asked, json!({}))),
            ActionStatus::Rejected => drop(self.reject(asked)),
        }
    }
}

fn told(happenings: &[Happening]) -> Story {
    let mut story = Story::begin();
    happenings
        .iter()
        .for_each(|happening| story.happens(happening));
    story
}

/// The state without what a request of this kind is known to change too: who touched the record
/// last and, of its own kind, who took the legal step.
fn settled(mut state: EventIndex, asked: ActionType) -> EventIndex {
    state.flags.retain(|flag| !flag.contains(':'));
    state.updated_by.clear();
    state.updated_by_user_role = None;
    state.updated_at_location = None;
    let step = match asked {
        ActionType::Declare => state.legal_statuses.declared.as_mut(),
        ActionType::Register => state.legal_statuses.registered.as_mut(),
        _ => None,
    };
    if let Some(step) = step {
        step.created_at.clear();
        step.created_by.clear();
        step.created_by_role = None;
        step.created_at_location = None;
    }
    state
}

proptest! {
    // The same cases on every run.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn a_pending_action_changes_nothing_but_its_flag(
        before in vec(happening(any_outcome()), 0..8),
        pending in happening(vec![ActionStatus::Requested]),
    ) {
        let mut story = told(&before);
        let state = story.state();
        story.happens(&pending);
        let after = story.state();

        let flag = format!("{}:requested", pending.kind.as_str().to_lowercase());
        prop_assert!(after.flags.contains(&flag));
        prop_assert_eq!(settled(after, pending.kind), settled(state, pending.kind));
    }

    #[test]
    fn a_rejected_action_equals_an_absent_one(
        before in vec(happening(any_outcome()), 0..6),
        rejected in happening(vec![ActionStatus::Rejected]),
        after in vec(happening(any_outcome()), 0..6),
    ) {
        let without = told(&[before.clone(), after.clone()].concat());
        let with = told(&[before, vec![rejected], after].concat());

        prop_assert_eq!(current_declaration(&with.event), current_declaration(&without.event));
        let (with, without) = (with.state(), without.state());
        prop_assert_eq!(with.status, without.status);
        prop_assert_eq!(&with.declaration, &without.declaration);
        prop_assert_eq!(&with.date_of_event, &without.date_of_event);
        let lasting = |state: &EventIndex| -> Vec<String> {
            state.flags.iter().filter(|flag| !flag.contains(':')).cloned().collect()
        };
        prop_assert_eq!(lasting(&with), lasting(&without));
    }

    #[test]
    fn a_declared_record_can_only_be_read_while_something_waits(
        before in vec(happening(any_outcome()), 0..8),
    ) {
        let state = told(&before).state();
        let waits = state.flags.iter().any(|flag| flag.ends_with(":requested"));
        let plain = state.status > EventStatus::Created
            && !state.flags.iter().any(|flag| flag == "edit-in-progress" || flag == "rejected");
        if waits && plain && state.status != EventStatus::Archived {
            let offered = available_actions(state.status, &state.flags);
            prop_assert_eq!(json!(offered), json!(["READ"]));
        }
    }

    #[test]
    fn actions_come_to_the_same_state_in_whatever_order_and_chunks_they_arrive(
        (whole, arriving) in vec(happening(any_outcome()), 0..6).prop_flat_map(|before| {
            let whole = told(&before);
            let actions = whole.event.actions.clone();
            (Just(whole), Just(actions).prop_shuffle())
        }),
        chunk in 1_usize..8,
    ) {
        let mut event = whole.event.clone();
        event.actions.clear();
        for chunk in arriving.chunks(chunk) {
            // As a store gives it back, and looked at on the way.
            let written = serde_json::to_string(&event).unwrap();
            event = serde_json::from_str(&written).unwrap();
            event.actions.extend(chunk.iter().cloned());
            let _ = records::state(&event, &birth());
        }
        prop_assert_eq!(records::state(&event, &birth()), Ok(whole.state()));
    }

    #[test]
    fn a_state_is_read_back_as_it_was_written(before in vec(happening(any_outcome()), 0..8)) {
        let state = told(&before).state();
        let written = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<EventIndex>(&written).unwrap(), state);
    }
}
