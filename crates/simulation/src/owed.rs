//! The country asks what it still owes a decision, and makes good what it has forgotten.

use std::{collections::BTreeSet, sync::Arc};

use records::{ActionId, ActionStatus};
use serde_json::{Value, json};

use crate::{
    Law,
    client::{Heard, call},
    country,
    stage::{Stage, note},
    template::template,
};

/// Asks with the country's own system client, and calls back for what was acknowledged and never
/// decided.
pub(crate) fn ask(stage: &Arc<Stage>) {
    let (stage, busy) = (Arc::clone(stage), stage.begin());
    tokio::spawn(async move {
        note!(stage, "the country asks what it owes");
        let before = decisions(&stage);
        let check = |stage: &Stage, status: u16, body: &Value| match status {
            200 => is_true(stage, &before, &listed(body)),
            503 => {}
            _ => {
                let what = format!("{status} to the country that asks what it owes: {body}");
                stage.broken(Law::Sense, what);
            }
        };
        let who = (template().country.as_str(), None);
        let input = json!({ "limit": 500 });
        if let Heard::Answer(200, body) = call(&stage, who, "pending.list", &input, check).await {
            for action in listed(&body) {
                country::make_good(&stage, action);
            }
        }
        drop(busy);
    });
}

/// Actions that wait for the country, and those that are decided.
#[derive(Default)]
struct Decisions {
    waiting: BTreeSet<ActionId>,
    made: BTreeSet<ActionId>,
}

fn decisions(stage: &Stage) -> Decisions {
    let mut all = Decisions::default();
    for document in stage
        .records()
        .into_iter()
        .filter_map(|id| stage.record(id))
    {
        for action in &document.actions {
            if action.status == ActionStatus::Requested {
                match document.resolution_of(action.id) {
                    None => all.waiting.insert(action.id),
                    Some(_) => all.made.insert(action.id),
                };
            }
        }
    }
    all
}

fn listed(body: &Value) -> BTreeSet<ActionId> {
    let all = body["pendingActions"].as_array().into_iter().flatten();
    all.filter_map(|one| one["actionId"].as_str()?.parse().ok())
        .collect()
}

/// All that has waited all the while is told, and nothing that was decided before.
fn is_true(stage: &Stage, before: &Decisions, listed: &BTreeSet<ActionId>) {
    let now = decisions(stage);
    let mut waited = before.waiting.intersection(&now.waiting);
    let missing = waited.find(|id| !listed.contains(id));
    stage.hold(Law::Owed, missing.is_none(), || {
        format!("the country is not told that it owes {missing:?}")
    });
    let settled = listed.intersection(&before.made).next();
    stage.hold(Law::Owed, settled.is_none(), || {
        format!("the country is told that it owes {settled:?}, which is decided")
    });
}
