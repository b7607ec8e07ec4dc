//! What the demo and the benchmark use of the reference country: a registrar, and births to
//! declare, which are the country's own sample with what each needs changed.

use anyhow::Context as _;
use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::{Map, Value, json};
use world::World;

const SAMPLE: &str = include_str!("../../country/samples/birth.json");

/// A registrar of Port-Ormeau, where the sample birth took place: username and password.
pub const REGISTRAR: (&str, &str) = ("a.sorel", "demo-only");

/// Where a child was born, which decides how its national ID comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a hospital: the national ID system answers at once.
    Hospital,
    /// At home: people look into it first.
    Home,
}

/// A declaration of a birth a few days ago.
///
/// # Errors
/// When the sample is not one, which is a broken build.
pub fn birth(
    world: &World,
    (firstname, surname): (&str, &str),
    place: Place,
) -> anyhow::Result<Value> {
    let mut fields: Map<String, Value> =
        serde_json::from_str(SAMPLE).context("the sample birth cannot be read")?;
    let born = world
        .now()
        .to_zoned(TimeZone::UTC)
        .date()
        .checked_sub(3.days())?;
    fields.insert("child.dob".to_owned(), json!(born.to_string()));
    fields.insert(
        "child.name".to_owned(),
        json!({"firstname": firstname, "surname": surname}),
    );
    if place == Place::Home {
        let home = fields
            .get("mother.address")
            .cloned()
            .context("the sample has no address")?;
        let area = home.get("administrativeArea").cloned().unwrap_or_default();
        fields.shift_remove("child.facility");
        fields.insert("child.place".to_owned(), json!("HOME"));
        fields.insert("child.home".to_owned(), home);
        fields.insert("child.placeId".to_owned(), area);
    }
    Ok(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use world::SetClock;

    use super::*;

    fn world() -> World {
        let noon: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        World::seeded(Arc::new(SetClock::at(noon)), 1)
    }

    #[test]
    fn a_child_is_a_few_days_old_whenever_the_demo_is_played() {
        let birth = birth(&world(), ("Ada", "Lund"), Place::Hospital).unwrap();
        assert_eq!(birth["child.dob"], "2026-02-27");
        assert_eq!(birth["child.place"], "HEALTH_FACILITY");
    }

    #[test]
    fn a_child_born_at_home_was_born_where_its_mother_lives() {
        let birth = birth(&world(), ("Ada", "Lund"), Place::Home).unwrap();
        assert_eq!(birth["child.home"], birth["mother.address"]);
        assert_eq!(
            birth["child.placeId"],
            birth["mother.address"]["administrativeArea"]
        );
        assert_eq!(birth.get("child.facility"), None);
    }
}
