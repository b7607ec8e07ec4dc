//! What an operator looks for, as it comes in.

use jiff::Timestamp;
use records::EventId;
use serde_json::{Map, Value, json};
use storage::{DeliveryFilter, DeliveryState, StoreError};

use super::kinds;
use crate::{Core, api::fields::Fields};

/// The states on the wire.
pub(crate) const STATES: [(&str, DeliveryState); 4] = [
    ("queued", DeliveryState::Queued),
    ("leased", DeliveryState::Leased),
    ("delivered", DeliveryState::Delivered),
    ("expired", DeliveryState::Expired),
];

/// Reads a filter. Ages are turned into times here and now, so that what is ordered today does not
/// take in tomorrow's.
///
/// # Errors
/// The store's failure; what is wrong with the filter is for the end of `fields`.
pub(crate) async fn read(
    core: &Core,
    fields: &mut Fields<'_>,
) -> Result<DeliveryFilter, StoreError> {
    let known = if fields.is_given("kind") {
        Some(kinds::known(core).await?)
    } else {
        None
    };
    let states = fields.texts_of("state", &STATES.map(|(name, _)| name));
    let of_kinds = fields.texts("kind");
    for kind in &of_kinds {
        if let Some(known) = known.as_ref().filter(|known| !known.contains(kind)) {
            fields.wrong("kind", &kinds::unknown(kind, known));
        }
    }
    let event_type = fields.text("eventType").map(str::to_owned);
    let event_id = fields.id("eventId").map(EventId);
    let outcomes = fields.texts_of("outcome", &kinds::OUTCOMES);
    let attempts = fields.number("attempts", 0);
    let (from, until) = range(fields, core.world.now());
    Ok(DeliveryFilter {
        states: STATES
            .iter()
            .filter(|(name, _)| states.iter().any(|state| state == name))
            .map(|(_, state)| *state)
            .collect(),
        kinds: of_kinds,
        event_type,
        event_id,
        outcomes,
        attempts: attempts.map(|attempts| attempts.try_into().unwrap_or(u32::MAX)),
        from,
        until,
    })
}

/// `from` and `until`, or the same told as ages, `youngerThan` and `olderThan`.
fn range(fields: &mut Fields<'_>, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let mut ago = |name| {
        let age = fields.duration(name)?;
        Some(now.checked_sub(age).unwrap_or(Timestamp::MIN))
    };
    let (oldest, newest) = (ago("youngerThan"), ago("olderThan"));
    let (from, until) = (fields.time("from"), fields.time("until"));
    let from = from.into_iter().chain(oldest).max();
    let until = until.into_iter().chain(newest).min();
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        fields.wrong(
            "until",
            "leaves no time: what is looked for ends before it begins",
        );
    }
    (from, until)
}

/// A filter on the wire: what narrows nothing is left out.
pub(crate) fn on_wire(filter: &DeliveryFilter) -> Value {
    let mut shown = Map::new();
    let mut add = |name: &str, value: Value| {
        let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !nothing {
            shown.insert(name.to_owned(), value);
        }
    };
    add("state", json!(filter.states));
    add("kind", json!(filter.kinds));
    add("eventType", json!(filter.event_type));
    add("eventId", json!(filter.event_id));
    add("outcome", json!(filter.outcomes));
    add("attempts", json!(filter.attempts));
    add("from", json!(filter.from.map(world::iso)));
    add("until", json!(filter.until.map(world::iso)));
    Value::Object(shown)
}

/// Reads the filter that stands in the field `filter`.
///
/// # Errors
/// As [`read`].
pub(crate) async fn read_within(
    core: &Core,
    fields: &mut Fields<'_>,
) -> Result<DeliveryFilter, StoreError> {
    let mut inner = fields.inner("filter");
    let filter = read(core, &mut inner).await?;
    fields.take_in(inner);
    Ok(filter)
}
