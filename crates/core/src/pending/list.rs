//! What waits, for operators and for the country.

use records::ActionId;
use serde_json::{Value, json};
use storage::PendingAction;

use super::{
    Alert, Standing,
    filter::{Asked, cursor},
    may_see, named,
    standing::on_wire,
};
use crate::{
    Core,
    actions::attempt_on_wire,
    api::procedure::Call,
    configuration::Deadlines,
    error::{ApiError, ErrorCode},
};

/// How many actions are read at a time when most of them may not be asked for.
const READ_AT_ONCE: u64 = 500;
/// How many are looked at for one page; a page may then be short, or empty, and still not the last.
const LOOKED_AT: usize = 10_000;

/// `pending.list`: the actions that the country owes a decision, oldest first, a page at a time. No
/// answer says anything of what was declared.
///
/// # Errors
/// 403 but for the country's own system client (one with the rights to confirm and to reject) and
/// for those who see deliveries or decide by hand; 400.
pub async fn list(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    may_see(caller)?;
    let now = core.world.now();
    let asked = Asked::read(&call.input, now)?;
    let deadlines = core.configuration.deadlines();
    let (found, next) = core.find(&asked, &deadlines, now).await?;
    let details = json!({ "filter": call.input, "count": found.len() });
    let entry = core.audit_entry(caller, "pending.list", None, details);
    core.reads.note(entry).await;
    let found: Vec<_> = found
        .iter()
        .map(|action| on_wire(action, &deadlines, now))
        .collect();
    Ok(json!({
        "asOf": world::iso(now),
        "pendingActions": found,
        "next": next.map(cursor),
    }))
}

/// `pending.get`: one action that waits, with every attempt to deliver it.
///
/// # Errors
/// 403 as [`list`]; 404 when it does not wait, with how it was decided where it was.
pub async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    may_see(caller)?;
    let id = named(&call)?;
    let Some(action) = core.store.pending_action(id).await? else {
        return Err(core.waits_not(id, ErrorCode::NotFound).await);
    };
    let attempts = match &action.delivery {
        Some(delivery) => core.store.attempts(delivery.new.id).await?,
        None => Vec::new(),
    };
    let details = json!({ "actionId": id });
    let entry = core.audit_entry(caller, "pending.get", Some(action.event_id), details);
    core.reads.note(entry).await;
    let mut shown = on_wire(&action, &core.configuration.deadlines(), core.world.now());
    shown["attempts"] = attempts.iter().map(attempt_on_wire).collect();
    Ok(shown)
}

type Place = (jiff::Timestamp, ActionId);

impl Core {
    /// A page of what is asked for, and where the next one begins if there may be one.
    async fn find(
        &self,
        asked: &Asked,
        deadlines: &Deadlines,
        now: jiff::Timestamp,
    ) -> Result<(Vec<PendingAction>, Option<Place>), ApiError> {
        let mut filter = asked.filter.clone();
        if let (Some(Alert::Due | Alert::Overdue), Some(first)) =
            (asked.alert, deadlines.steps().first())
        {
            // What is younger is not due under any rule.
            let until = now.checked_sub(*first).unwrap_or(jiff::Timestamp::MIN);
            // The store leaves out what was requested at the end itself.
            let until = until
                .checked_add(jiff::SignedDuration::from_millis(1))
                .unwrap_or(until);
            filter.until = filter.until.into_iter().chain([until]).min();
        }
        let is_asked_for = |action: &PendingAction| {
            let patience = deadlines.of(&action.event_type, action.action_type);
            let alert = Standing::of(action.requested_at, patience, now).alert;
            asked.alert.is_none_or(|wanted| wanted == alert)
        };
        let mut found = Vec::new();
        let mut after = asked.after;
        let mut looked_at = 0;
        loop {
            let read = match asked.alert {
                None => asked.limit as u64,
                Some(_) => READ_AT_ONCE,
            };
            // One more tells whether there is another page.
            let batch = self.store.pending_actions(&filter, after, read + 1).await?;
            let more = batch.len() as u64 > read;
            for action in batch.into_iter().take(read as usize) {
                if found.len() == asked.limit {
                    return Ok((found, after));
                }
                after = Some((action.requested_at, action.action_id));
                looked_at += 1;
                if is_asked_for(&action) {
                    found.push(action);
                }
            }
            if !more {
                return Ok((found, None));
            }
            if found.len() == asked.limit || looked_at >= LOOKED_AT {
                return Ok((found, after));
            }
        }
    }
}
