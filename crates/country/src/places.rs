//! Which province an office belongs to.

use std::collections::HashMap;

use serde::Deserialize;

use crate::configuration::{ConfigurationError, document};

/// The code of the country itself: for the Registrar General's office, and for offices that were
/// added in Core since this configuration was written.
const NATIONAL: &str = "TLV";

/// How far up to look; Talvera has provinces and districts.
const DEEPEST: usize = 8;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Locations {
    administrative_areas: Vec<Place>,
    locations: Vec<Place>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    id: String,
    part_of: String,
}

#[derive(Deserialize)]
struct Province {
    id: String,
    code: String,
}

/// Talvera's places, from `config/locations.json` and `config/provinces.json`.
#[derive(Debug)]
pub(crate) struct Places {
    part_of: HashMap<String, String>,
    codes: HashMap<String, String>,
}

impl Places {
    /// Reads the built-in documents.
    pub(crate) fn read() -> Result<Self, ConfigurationError> {
        let Locations {
            administrative_areas,
            locations,
        } = document!("locations.json")?;
        let provinces: Vec<Province> = document!("provinces.json")?;
        let part_of = administrative_areas
            .into_iter()
            .chain(locations)
            .map(|place| {
                let whole = place
                    .part_of
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                (place.id, whole)
            });
        Ok(Self {
            part_of: part_of.collect(),
            codes: provinces
                .into_iter()
                .map(|province| (province.id, province.code))
                .collect(),
        })
    }

    /// The code of the province that the place with this id lies in.
    pub(crate) fn province(&self, place: Option<&str>) -> &str {
        let mut at = place;
        for _ in 0..DEEPEST {
            let Some(id) = at else { break };
            if let Some(code) = self.codes.get(id) {
                return code;
            }
            at = self.part_of.get(id).map(String::as_str);
        }
        NATIONAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_office_outside_the_capital_has_the_code_of_its_province() {
        let places = Places::read().unwrap();
        for id in places.part_of.keys() {
            let national = places.part_of[id] == "0" && !places.codes.contains_key(id);
            assert_eq!(places.province(Some(id)) == NATIONAL, national, "{id}");
        }
    }

    #[test]
    fn an_office_nobody_configured_gets_the_national_code() {
        let places = Places::read().unwrap();
        assert_eq!(places.province(Some("elsewhere")), NATIONAL);
        assert_eq!(places.province(None), NATIONAL);
    }
}
