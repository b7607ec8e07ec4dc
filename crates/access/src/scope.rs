//! One scope: what kind of right, and how far it goes.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{
    encoding::{self, Pair},
    kinds::{self, Takes},
};

/// How far from their own office a person may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Jurisdiction {
    /// Their own area and what lies below it.
    AdministrativeArea,
    /// Their own office only.
    Location,
    /// Everywhere.
    All,
}

/// Whose doing a record must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActedBy {
    /// The holder's own.
    User,
}

/// What narrows a scope down. `None` everywhere narrows nothing; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Event types, such as `birth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Vec<String>>,
    /// Where it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_of_event: Option<Jurisdiction>,
    /// Where it was declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_in: Option<Jurisdiction>,
    /// Who declared it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_by: Option<ActedBy>,
    /// Where it was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_in: Option<Jurisdiction>,
    /// Who registered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_by: Option<ActedBy>,
    /// Which custom actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_action_types: Option<Vec<String>>,
    /// Which certificate templates the holder is offered. It says no more: the print itself is not
    /// refused for its template, as OpenCRVS has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<String>>,
    /// Which users or places, counted from the holder's office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_level: Option<Jurisdiction>,
    /// Users of which roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Vec<String>>,
    /// Which workqueues or dashboards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
}

/// A right, as a role grants it and a token carries it. Only ever holds options its kind takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    kind: &'static str,
    takes: Takes,
    options: Options,
}

impl Scope {
    /// A scope of this kind; options that the kind does not take are dropped.
    ///
    /// `None` when there is no such kind, or `ids` is missing where the kind demands it.
    #[must_use]
    pub fn new(kind: &str, options: Options) -> Option<Self> {
        let (kind, takes) = kinds::kind(kind)?;
        let keep = |name| takes.takes(name);
        let options = Options {
            event: options.event.filter(|_| keep("event")),
            place_of_event: options.place_of_event.filter(|_| keep("placeOfEvent")),
            declared_in: options.declared_in.filter(|_| keep("declaredIn")),
            declared_by: options.declared_by.filter(|_| keep("declaredBy")),
            registered_in: options.registered_in.filter(|_| keep("registeredIn")),
            registered_by: options.registered_by.filter(|_| keep("registeredBy")),
            custom_action_types: options
                .custom_action_types
                .filter(|_| keep("customActionTypes")),
            templates: options.templates.filter(|_| keep("templates")),
            access_level: options.access_level.filter(|_| keep("accessLevel")),
            role: options.role.filter(|_| keep("role")),
            ids: options.ids.filter(|_| keep("ids")),
        };
        (takes != Takes::Ids || options.ids.is_some()).then_some(Self {
            kind,
            takes,
            options,
        })
    }

    /// Reads the query-string form, such as
    /// `type=record.register&event=birth,death&placeOfEvent=administrativeArea`.
    ///
    /// Options that the kind does not take are ignored. `None` when the kind is unknown or an
    /// option it takes has a value it does not: a scope that cannot be understood grants nothing.
    /// The forms of older versions are not read here, see [`Scope::from_legacy`].
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let pairs = encoding::pairs(text);
        let value = |name: &str| pairs.iter().find(|pair| pair.name == name);
        let (kind, takes) = kinds::kind(value("type")?.single()?)?;

        // `Some(None)`: not given or not taken; `None`: given, and not understood.
        let list = |name: &str| match value(name).filter(|_| takes.takes(name)) {
            Some(pair) => pair.list().map(Some),
            None => Some(None),
        };
        let reach = |name: &str| match value(name).filter(|_| takes.takes(name)) {
            Some(pair) => jurisdiction(pair).map(Some),
            None => Some(None),
        };
        let by = |name: &str| match value(name).filter(|_| takes.takes(name)) {
            Some(pair) => (pair.single() == Some("user")).then_some(Some(ActedBy::User)),
            None => Some(None),
        };
        let options = Options {
            event: list("event")?,
            place_of_event: reach("placeOfEvent")?,
            declared_in: reach("declaredIn")?,
            declared_by: by("declaredBy")?,
            registered_in: reach("registeredIn")?,
            registered_by: by("registeredBy")?,
            custom_action_types: list("customActionTypes")?,
            templates: list("templates")?,
            access_level: reach("accessLevel")?,
            role: list("role")?,
            ids: list("ids")?,
        };
        Self::new(kind, options)
    }

    /// Writes the query-string form. [`Scope::decode`] reads it back to the same scope.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = format!("type={}", self.kind);
        let options = &self.options;
        let list = |text: &mut String, name: &str, values: &Option<Vec<String>>| {
            if let Some(values) = values.as_ref().filter(|values| !values.is_empty()) {
                encoding::append_list(text, name, values);
            }
        };
        let word = |text: &mut String, name: &str, value: Option<&str>| {
            if let Some(value) = value {
                encoding::append(text, name, value);
            }
        };
        let by = |by: Option<ActedBy>| by.map(|ActedBy::User| "user");
        let reach = |reach: Option<Jurisdiction>| reach.map(Jurisdiction::as_str);
        list(&mut text, "event", &options.event);
        word(&mut text, "placeOfEvent", reach(options.place_of_event));
        word(&mut text, "declaredIn", reach(options.declared_in));
        word(&mut text, "declaredBy", by(options.declared_by));
        word(&mut text, "registeredIn", reach(options.registered_in));
        word(&mut text, "registeredBy", by(options.registered_by));
        list(&mut text, "customActionTypes", &options.custom_action_types);
        list(&mut text, "templates", &options.templates);
        word(&mut text, "accessLevel", reach(options.access_level));
        list(&mut text, "role", &options.role);
        list(&mut text, "ids", &options.ids);
        text
    }

    /// What kind of right, such as `record.declare`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// What narrows it down.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) const fn takes(&self) -> Takes {
        self.takes
    }
}

/// `{type, options}`, without `options` for kinds that take none: the object form of a scope.
impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = self.takes == Takes::Nothing;
        let mut object = serializer.serialize_struct("Scope", if plain { 1 } else { 2 })?;
        object.serialize_field("type", self.kind)?;
        if !plain {
            object.serialize_field("options", &self.options)?;
        }
        object.end()
    }
}

impl Jurisdiction {
    /// The spelling on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdministrativeArea => "administrativeArea",
            Self::Location => "location",
            Self::All => "all",
        }
    }
}

fn jurisdiction(pair: &Pair) -> Option<Jurisdiction> {
    let text = pair.single()?;
    [
        Jurisdiction::AdministrativeArea,
        Jurisdiction::Location,
        Jurisdiction::All,
    ]
    .into_iter()
    .find(|known| known.as_str() == text)
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::RngSeed};

    use super::*;

    #[test]
    fn an_option_the_kind_does_not_take_is_dropped() {
        let scope = Scope::decode("type=record.create&ids=a&declaredIn=weird&event=birth").unwrap();
        assert_eq!(scope.encode(), "type=record.create&event=birth");
    }

    #[test]
    fn an_option_that_is_not_understood_spoils_the_scope() {
        for text in [
            "type=record.read&placeOfEvent=weird",
            "type=record.read&placeOfEvent=all,location",
            "type=record.read&placeOfEvent[]=location",
            "type=record.read&event[a]=birth",
            "type=record.read&event[]=birth,death",
            "type=record.read&event=birth&event%5B%5D=death,",
            "type=record.read&declaredBy=other",
            "type=record.read&type=record.edit",
            "type=workqueue",
            "type=nope",
            "",
        ] {
            assert_eq!(Scope::decode(text), None, "{text}");
        }
    }

    #[test]
    fn lists_can_be_written_in_every_way_query_strings_can() {
        for text in [
            "type=record.read&event=birth,death",
            "?type=record.read&event=birth&event=death",
            "type=record.read&event[]=birth&event[]=death",
            "event[0]=birth&event[1]=death&type=record.read",
            "type=record%2Eread&event=bi%72th,death",
        ] {
            assert_eq!(
                Scope::decode(text).map(|scope| scope.encode()).as_deref(),
                Some("type=record.read&event=birth,death"),
                "{text}"
            );
        }
    }

    proptest! {
        // The same cases on every run.
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

        #[test]
        fn decoding_never_panics(text in ".{0,60}") {
            let _ = Scope::decode(&text);
            let _ = Scope::decode(&format!("type=record.read&{text}"));
        }

        #[test]
        fn what_is_encoded_decodes_to_the_same(
            kind in prop::sample::select(&kinds::ALL_SCOPE_KINDS[..]),
            values in prop::collection::vec(".{0,8}", 1..4),
            reach in prop::sample::select(vec![
                Jurisdiction::AdministrativeArea, Jurisdiction::Location, Jurisdiction::All,
            ]),
        ) {
            let scope = Scope::new(kind, Options {
                event: Some(values.clone()),
                registered_in: Some(reach),
                declared_by: Some(ActedBy::User),
                ids: Some(values.clone()),
                role: Some(values),
                ..Options::default()
            }).unwrap();
            prop_assert_eq!(Scope::decode(&scope.encode()), Some(scope));
        }
    }
}
