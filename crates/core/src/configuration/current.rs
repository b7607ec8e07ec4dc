//! A configuration that was found good.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use forms::EventConfig;
use indexmap::IndexMap;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use storage::ConfigurationKind::{Events, Roles, Workqueues};

use super::{
    ConfigurationProblem, Deadlines, Role, Workqueue, documents::Documents, reading, warnings,
};

/// A configuration that was found good, read and compiled.
#[derive(Debug, Clone)]
pub struct Current {
    events: IndexMap<String, Arc<EventConfig>>,
    /// Ids of the fields that are not shown in a search, by event type.
    secured: HashMap<String, HashSet<String>>,
    /// Field and kind of condition that the country offers in its advanced search, by event type.
    offered: HashMap<String, HashSet<(String, String)>>,
    workqueues: IndexMap<String, Workqueue>,
    roles: IndexMap<String, Role>,
    application: Arc<Value>,
    time_zone: TimeZone,
    deadlines: Arc<Deadlines>,
    warnings: Vec<ConfigurationProblem>,
    at: Timestamp,
    version: String,
    /// What the events were compiled from, to know when they need not be again.
    events_body: Arc<str>,
}

impl Current {
    /// Reads and checks all documents; the events are taken over from `previous` where they are
    /// the same, since compiling a megabyte of forms takes a while.
    pub(super) fn read(
        documents: &Documents,
        previous: Option<&Self>,
    ) -> Result<Self, Vec<ConfigurationProblem>> {
        let mut problems = Vec::new();
        let body = documents.body(Events);
        let (events, events_body) = match previous {
            Some(previous) if *previous.events_body == *body => {
                (previous.events.clone(), Arc::clone(&previous.events_body))
            }
            _ => (reading::events(body, &mut problems), Arc::from(body)),
        };
        // Where an event cannot be read, nothing can be said of what refers to its fields.
        let events_are_known = problems.is_empty();
        let workqueues = reading::each(Workqueues, "slug", documents, &mut problems, |at, json| {
            let queue = Workqueue::read(at, json).map_err(|problem| vec![problem])?;
            if events_are_known {
                reading::check_fields(at, &queue, &events)?;
            }
            Ok((queue.slug.clone(), queue))
        });
        let roles = reading::each(Roles, "id", documents, &mut problems, |at, json| {
            let role = Role::read(at, json)?;
            Ok((role.id.clone(), role))
        });
        let (application, time_zone) = reading::application(documents, &mut problems);
        let known = |event: &str| !events_are_known || events.contains_key(event);
        let deadlines = Deadlines::read(documents, known, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            warnings: [
                warnings::unfindable(&events),
                warnings::dangling(&roles, &events, &workqueues),
            ]
            .concat(),
            secured: secured(&events),
            offered: offered(&events),
            events,
            workqueues,
            roles,
            application: Arc::new(application),
            time_zone,
            deadlines: Arc::new(deadlines),
            at: documents.newest(),
            version: documents.version(),
            events_body,
        })
    }

    /// Whether the events are the same as in another configuration.
    pub(super) fn has_events_of(&self, other: &Self) -> bool {
        *self.events_body == *other.events_body
    }

    /// Every event's configuration, in the country's order.
    pub fn events(&self) -> impl Iterator<Item = &Arc<EventConfig>> {
        self.events.values()
    }

    /// The configuration of one event type.
    #[must_use]
    pub fn event(&self, event_type: &str) -> Option<&Arc<EventConfig>> {
        self.events.get(event_type)
    }

    /// Whether a search shows the answer to a field: not when the country has marked it as secured,
    /// nor when it no longer has the field, since then nobody can say.
    #[must_use]
    pub fn is_shown(&self, event_type: &str, field: &str) -> bool {
        let known = self.event(event_type).and_then(|event| event.field(field));
        let secured = self.secured.get(event_type);
        known.is_some() && !secured.is_some_and(|secured| secured.contains(field))
    }

    /// Whether any event has a field with this id.
    #[must_use]
    pub fn has_field(&self, field: &str) -> bool {
        self.events().any(|event| event.field(field).is_some())
    }

    /// Whether any event's field with this id is secured.
    #[must_use]
    pub fn is_secured(&self, field: &str) -> bool {
        let mut events = self.secured.values();
        events.any(|secured| secured.contains(field))
    }

    /// Whether a secured field may be asked for by conditions of this kind, such as `range`,
    /// because every event that has it secured offers just that in its advanced search.
    #[must_use]
    pub fn offers(&self, field: &str, kind: &str) -> bool {
        let wanted = (field.to_owned(), kind.to_owned());
        let mut secured = self.secured.iter();
        secured.all(|(event, secured)| {
            let offered = self.offered.get(event);
            !secured.contains(field) || offered.is_some_and(|offered| offered.contains(&wanted))
        })
    }

    /// Every workqueue, in the country's order.
    pub fn workqueues(&self) -> impl Iterator<Item = &Workqueue> {
        self.workqueues.values()
    }

    /// The workqueue with this slug.
    #[must_use]
    pub fn workqueue(&self, slug: &str) -> Option<&Workqueue> {
        self.workqueues.get(slug)
    }

    /// Every role, in the country's order.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The role with this id.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.get(id)
    }

    /// The application's settings, as the country wrote them.
    #[must_use]
    pub fn application(&self) -> &Value {
        &self.application
    }

    /// The country's time zone; UTC where it does not say.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// How long the country may take to decide.
    #[must_use]
    pub fn deadlines(&self) -> &Arc<Deadlines> {
        &self.deadlines
    }

    /// What can be used as it stands, but is likely a mistake.
    #[must_use]
    pub fn warnings(&self) -> &[ConfigurationProblem] {
        &self.warnings
    }

    /// What tells it from every other one, the same on every node: a digest of the documents.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// When it was fetched.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

fn offered(
    events: &IndexMap<String, Arc<EventConfig>>,
) -> HashMap<String, HashSet<(String, String)>> {
    let list = |part: Option<&Value>| part.and_then(Value::as_array).cloned().unwrap_or_default();
    let conditions = |event: &Arc<EventConfig>| {
        let sections = list(event.json().get("advancedSearch")).into_iter();
        let fields = sections.flat_map(|section| list(section.get("fields")));
        let text = |part: Option<&Value>| part.and_then(Value::as_str).map(str::to_owned);
        let condition = |field: Value| {
            let kind = text(field.pointer("/config/type"))?;
            Some((text(field.get("fieldId"))?, kind))
        };
        fields.filter_map(condition).collect()
    };
    let each = events.iter();
    each.map(|(id, event)| (id.clone(), conditions(event)))
        .collect()
}

fn secured(events: &IndexMap<String, Arc<EventConfig>>) -> HashMap<String, HashSet<String>> {
    let fields = |event: &Arc<EventConfig>| {
        let secured = event.fields().filter(|field| field.is_secured());
        secured.map(|field| field.id().to_owned()).collect()
    };
    let each = events.iter();
    each.map(|(id, event)| (id.clone(), fields(event)))
        .collect()
}
