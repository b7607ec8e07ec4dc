//! Records told step by step, on a small configuration of our own.

use forms::{ActionType, Context, EventConfig};
use records::{
    Action, ActionId, ActionStatus, Declaration, EventDocument, EventId, EventIndex, Refusal,
    UserType, allowed, state,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub const CLERK: &str = "clerk";
pub const OFFICE: &str = "a06ce413-68f4-4492-8236-e7da6bf916ba";

/// A birth that must be validated before it is registered; clerks' declarations are marked.
pub fn birth() -> EventConfig {
    let text = |id: &str| json!({"id": id, "defaultMessage": id, "description": id});
    let field = |id: &str, kind: &str| json!({"id": id, "type": kind, "label": text(id)});
    let when = |key: &str, test: Value| json!({"type": "object", "properties": {key: test}, "required": [key]});
    let clerk = json!({
        "type": "object", "properties": {"role": {"const": "CLERK"}}, "required": ["role"],
    });
    let action =
        |kind: &str, flags: Value| json!({"type": kind, "label": text(kind), "flags": flags});
    let mut declare = action(
        "DECLARE",
        json!([{"id": "by-clerk", "operation": "add", "conditional": when("$user", clerk)}]),
    );
    declare["review"] = json!({"title": text("review"), "fields": []});
    let mut register = action("REGISTER", json!([]));
    register["conditionals"] = json!([{
        "type": "ENABLE",
        "conditional": when("$flags", json!({"type": "array", "contains": {"const": "validated"}})),
    }]);
    let mut validate = action(
        "CUSTOM",
        json!([
            {"id": "validated", "operation": "add"},
            {"id": "rejected", "operation": "remove"},
        ]),
    );
    validate["customActionType"] = json!("VALIDATE");
    validate["form"] = json!([]);

    EventConfig::compile(json!({
        "id": "birth",
        "label": text("birth"),
        "title": text("title"),
        "summary": {"fields": []},
        "flags": [
            {"id": "validated", "requiresAction": false, "label": text("validated")},
            {"id": "by-clerk", "requiresAction": false, "label": text("by-clerk")},
        ],
        "dateOfEvent": {"$$field": "child.dob", "$$subfield": []},
        "placeOfEvent": {"$$field": "child.home", "$$subfield": []},
        "declaration": {
            "label": text("form"),
            "pages": [{
                "id": "child",
                "type": "FORM",
                "title": text("child"),
                "fields": [
                    field("child.name", "NAME"),
                    field("child.dob", "DATE"),
                    field("child.home", "ADDRESS"),
                    field("child.nid", "TEXT"),
                ],
            }],
        },
        "actions": [declare, register, validate],
    }))
    .unwrap()
}

/// Whose doing a step is, and what it carries.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub declaration: Value,
    pub original: Option<ActionId>,
    pub request: Option<ActionId>,
    pub by: Option<&'static str>,
}

/// A record in the making. Ids and times count up, so that a story is the same every time.
#[derive(Debug, Clone)]
pub struct Story {
    pub event: EventDocument,
}

impl Story {
    /// A record that CLERK has just started, and holds.
    pub fn begin() -> Self {
        let mut story = Self {
            event: EventDocument {
                id: EventId(Uuid::from_u128(1)),
                event_type: "birth".to_owned(),
                created_at: time(0),
                updated_at: time(0),
                tracking_id: "ABC123".to_owned(),
                actions: Vec::new(),
            },
        };
        story.accepted(ActionType::Create);
        story.accepted(ActionType::Assign);
        story
    }

    pub fn accepted(&mut self, kind: ActionType) -> ActionId {
        self.add(kind, ActionStatus::Accepted, Step::default())
    }

    /// CLERK asks for something that the country decides on.
    pub fn requested(&mut self, kind: ActionType, declaration: Value) -> ActionId {
        self.add(
            kind,
            ActionStatus::Requested,
            Step {
                declaration,
                ..Step::default()
            },
        )
    }

    /// The country accepts, adding to the declaration.
    pub fn accept(&mut self, original: ActionId, declaration: Value) -> ActionId {
        self.resolve(original, ActionStatus::Accepted, declaration)
    }

    /// The country refuses.
    pub fn reject(&mut self, original: ActionId) -> ActionId {
        self.resolve(original, ActionStatus::Rejected, Value::Null)
    }

    fn resolve(&mut self, original: ActionId, status: ActionStatus, with: Value) -> ActionId {
        let asked = self.event.action(original).unwrap();
        let (kind, request) = (asked.action_type, asked.request_id.clone());
        let step = Step {
            declaration: with,
            original: Some(original),
            request: request.map(|id| id.parse().unwrap()),
            by: None,
        };
        self.add(kind, status, step)
    }

    pub fn add(&mut self, kind: ActionType, status: ActionStatus, step: Step) -> ActionId {
        let number = self.event.actions.len() as u128;
        let id = ActionId(Uuid::from_u128(100 + number));
        let declaration: Option<Declaration> = match step.declaration {
            Value::Object(fields) => Some(fields),
            _ => None,
        };
        let by = step.by.unwrap_or(CLERK).to_owned();
        self.event.updated_at = time(number);
        self.event.actions.push(Action {
            id,
            transaction_id: format!("transaction-{number}"),
            action_type: kind,
            status,
            created_at: time(number),
            created_by: by.clone(),
            created_by_user_type: UserType::User,
            created_by_role: Some("CLERK".to_owned()),
            created_by_signature: None,
            created_at_location: Some(OFFICE.to_owned()),
            declaration,
            annotation: None,
            original_action_id: step.original,
            assigned_to: (kind == ActionType::Assign).then_some(by),
            registration_number: (kind == ActionType::Register).then(|| "B1".to_owned()),
            request_id: step.request.map(|id| id.to_string()),
            custom_action_type: (kind == ActionType::Custom).then(|| "VALIDATE".to_owned()),
            content: None,
            keep_assignment_if_accepted: None,
            keep_assignment_if_rejected: None,
        });
        id
    }

    pub fn state(&self) -> EventIndex {
        state(&self.event, &birth()).unwrap()
    }

    /// Whether CLERK may take this action next.
    pub fn may(&self, action: ActionType) -> Result<(), Refusal> {
        let around = Context {
            form: &Declaration::new(),
            now: "2026-01-15",
            online: true,
            user: None,
            leaf_locations: &std::collections::HashSet::new(),
            flags: None,
            status: None,
            event: None,
        };
        allowed(&self.state(), &birth(), action, None, &around)
    }
}

fn time(number: u128) -> String {
    format!("2026-01-15T10:{:02}:{:02}.000Z", number / 60, number % 60)
}
