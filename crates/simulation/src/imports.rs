//! Records that come in whole from elsewhere. Several actions may wait for the country on such a
//! one, which no person can bring about: they are delivered in their order.

use std::sync::Arc;

use records::{Action, ActionStatus, ActionType, EventDocument, UserType};
use serde_json::{Value, json};
use world::iso;

use crate::{
    Law,
    clock::BEGINNING,
    laws,
    operators::{self, insist},
    stage::{Stage, note},
    template::template,
};

/// What may wait, in this order.
const WAITING: [ActionType; 4] = [
    ActionType::Declare,
    ActionType::Edit,
    ActionType::Custom,
    ActionType::Register,
];

/// How often the country may lose something of a record.
const LOOKS: usize = 10;

/// Somebody brings a record in, and asks again when they hear nothing.
pub(crate) fn begin(stage: &Arc<Stage>) {
    let (stage, busy) = (Arc::clone(stage), stage.begin());
    tokio::spawn(async move {
        let document = record(&stage);
        note!(stage, "somebody brings {} in", document.id);
        stage.seen().imported.insert(document.id);
        let check = |stage: &Stage, status: u16, body: &Value, _: &str| {
            // It is the same each time, so it cannot differ from what is there.
            stage.hold(Law::Once, status != 409, || {
                format!("{} cannot be brought in again: {body}", document.id)
            });
            let kept = stage.record(document.id);
            let whole = kept.is_some_and(|kept| kept.actions.starts_with(&document.actions));
            stage.hold(Law::Acknowledged, whole || status != 200, || {
                format!("{} was brought in, and is not kept", document.id)
            });
        };
        insist(&stage, "event.bulkImport", &json!([document]), check).await;
        for _ in 0..LOOKS {
            stage.pause(1000).await;
            if stage.chance(stage.chances().lost_there) {
                lose_there(&stage, &document).await;
            }
        }
        drop(busy);
    });
}

/// The country has lost something that it had taken and not decided: operators send it once more.
async fn lose_there(stage: &Arc<Stage>, document: &EventDocument) {
    let mut taken = document.actions.clone();
    taken.retain(|action| laws::is_acknowledged(stage, action.id));
    taken.retain(|action| stage.decision(document.id, action.id).is_none());
    if let Some(lost) = stage.pick(&taken) {
        note!(stage, "the country loses {}", lost.id);
        operators::send_once_more(stage, "delivery.resend", lost.id).await;
    }
}

fn record(stage: &Stage) -> EventDocument {
    let at = iso(BEGINNING);
    let person = template().people.first().cloned().unwrap_or_default();
    let action = |kind, status| {
        let (id, transaction) = (stage.random.new_id(), stage.random.new_id().to_string());
        let (at, person) = (at.clone(), person.clone());
        Action::empty(
            id.into(),
            transaction,
            kind,
            status,
            at,
            person,
            UserType::User,
        )
    };
    let mut actions = vec![action(ActionType::Create, ActionStatus::Accepted)];
    for kind in WAITING {
        if stage.below(4) == 0 {
            continue;
        }
        let mut waiting = action(kind, ActionStatus::Requested);
        match kind {
            ActionType::Declare | ActionType::Edit => {
                let name = json!({ "child.name": "Amara" });
                waiting.declaration = serde_json::from_value(name).ok();
            }
            ActionType::Custom => waiting.custom_action_type = Some("ESCALATE".to_owned()),
            _ => {}
        }
        actions.push(waiting);
    }
    let id = stage.random.new_id();
    EventDocument {
        id: id.into(),
        event_type: "birth".to_owned(),
        created_at: at.clone(),
        updated_at: at,
        tracking_id: id.simple().to_string(),
        actions,
    }
}
