//! Where and when the event itself happened, as far as the configuration says how to tell.

use forms::{DateOfEvent, EventConfig};
use jiff::civil;
use serde_json::{Map, Value};
use uuid::{Uuid, Variant};

use super::{ActionCreation, EventIndex};
use crate::Declaration;

/// The id of the place: what the configured field answers (a place, or the area of a domestic
/// address), otherwise the office the record was started in.
pub(crate) fn place(
    config: &EventConfig,
    declaration: &Declaration,
    created_at_location: Option<&str>,
) -> Option<String> {
    let answer = config
        .place_of_event()
        .and_then(|reference| declaration.get(&reference.field));
    let place = match answer {
        Some(Value::Object(address)) => area_of(address),
        Some(Value::String(place)) => Some(place.as_str()),
        _ => None,
    };
    place
        .filter(|place| is_id(place))
        .or_else(|| created_at_location.filter(|office| is_id(office)))
        .map(str::to_owned)
}

/// The administrative area of a well-formed domestic address.
fn area_of(address: &Map<String, Value>) -> Option<&str> {
    let details_are_texts = match address.get("streetLevelDetails") {
        None => true,
        Some(Value::Object(details)) => details.values().all(Value::is_string),
        Some(_) => false,
    };
    let domestic = address.get("addressType")?.as_str()? == "DOMESTIC";
    (domestic && details_are_texts && address.get("country")?.is_string())
        .then(|| address.get("administrativeArea")?.as_str())?
}

/// Whether the text is a UUID as RFC 9562 has it, with hyphens.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && Uuid::parse_str(text).is_ok_and(|id| {
            let known = (1..=8).contains(&id.get_version_num());
            id.is_nil() || id.is_max() || (known && id.get_variant() == Variant::RFC4122)
        })
}

/// The day, as `YYYY-MM-DD`: what the configured field or date of the record says, otherwise the
/// day the record was started. `None` when what is configured is not answered with a date.
pub(crate) fn date(config: &EventConfig, index: &EventIndex) -> Option<String> {
    match config.date_of_event() {
        None => day_of(&index.created_at).map(str::to_owned),
        Some(DateOfEvent::Field(reference)) => {
            let answer = index.declaration.get(&reference.field)?.as_str()?;
            is_day(answer).then(|| answer.to_owned())
        }
        Some(DateOfEvent::Record(path)) => {
            let (day, time) = time_at(index, path)?.split_once('T')?;
            (is_day(day) && time.ends_with('Z')).then(|| day.to_owned())
        }
    }
}

/// The point in time that a state has at a path such as `legalStatuses.DECLARED.acceptedAt`.
fn time_at<'a>(index: &'a EventIndex, path: &str) -> Option<&'a str> {
    let of_step = |step: &'a Option<ActionCreation>, key: &str| {
        let step = step.as_ref()?;
        match key {
            "createdAt" => Some(step.created_at.as_str()),
            "acceptedAt" => Some(step.accepted_at.as_str()),
            _ => None,
        }
    };
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match (first, rest) {
        ("createdAt", "") => Some(&index.created_at),
        ("updatedAt", "") => Some(&index.updated_at),
        ("legalStatuses", step) => match step.split_once('.')? {
            ("DECLARED", key) => of_step(&index.legal_statuses.declared, key),
            ("REGISTERED", key) => of_step(&index.legal_statuses.registered, key),
            _ => None,
        },
        ("declaration", field) => index.declaration.get(field)?.as_str(),
        _ => None,
    }
}

fn day_of(time: &str) -> Option<&str> {
    time.split('T').next()
}

fn is_day(text: &str) -> bool {
    // Without the length check, other spellings of a date (`20260115`) would pass.
    text.len() == 10 && text.parse::<civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_exists_in_the_calendar() {
        assert!(is_day("2024-02-29"));
        for wrong in [
            "2025-02-29",
            "2025-2-1",
            "20250201",
            "2025-02-01T00:00:00Z",
            "",
            "today",
        ] {
            assert!(!is_day(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_id_is_a_uuid_with_hyphens() {
        assert!(is_id("a06ce413-68f4-4492-8236-e7da6bf916ba"));
        assert!(is_id("00000000-0000-0000-0000-000000000000"));
        for wrong in [
            "a06ce41368f444928236e7da6bf916ba",
            "a06ce413-68f4-0492-8236-e7da6bf916ba",
            "a06ce413-68f4-4492-c236-e7da6bf916ba",
            "",
        ] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }
}
