//! A configuration that was found good.

use std::{collections::HashSet, sync::Arc};

use access::Scope;
use forms::EventConfig;
use indexmap::IndexMap;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use storage::ConfigurationKind::{self, Application, Events, Roles, Workqueues};

use super::{ConfigurationProblem, Role, Workqueue, documents::Documents};

/// A configuration that was found good, read and compiled.
#[derive(Debug, Clone)]
pub struct Current {
    events: IndexMap<String, Arc<EventConfig>>,
    workqueues: IndexMap<String, Workqueue>,
    roles: IndexMap<String, Role>,
    application: Arc<Value>,
    time_zone: TimeZone,
    warnings: Vec<ConfigurationProblem>,
    at: Timestamp,
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
            _ => (read_events(body, &mut problems), Arc::from(body)),
        };
        let workqueues = each(Workqueues, documents, &mut problems, |at, json| {
            Workqueue::read(at, json).map_err(|problem| vec![problem])
        });
        let workqueues = by_name(workqueues, Workqueues, "slug", &mut problems, |queue| {
            &queue.slug
        });
        let roles = each(Roles, documents, &mut problems, Role::read);
        let roles = by_name(roles, Roles, "id", &mut problems, |role| &role.id);
        let (application, time_zone) = read_application(documents, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        check_fields(&workqueues, &events)?;
        Ok(Self {
            warnings: dangling(&roles, &events, &workqueues),
            events,
            workqueues,
            roles,
            application: Arc::new(application),
            time_zone,
            at: documents.newest(),
            events_body,
        })
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

    /// What can be used as it stands, but is likely a mistake.
    #[must_use]
    pub fn warnings(&self) -> &[ConfigurationProblem] {
        &self.warnings
    }

    /// When it was fetched.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

fn parse(
    kind: ConfigurationKind,
    body: &str,
    problems: &mut Vec<ConfigurationProblem>,
) -> Option<Value> {
    match serde_json::from_str(body) {
        Ok(value) => Some(value),
        Err(error) => {
            let reason = format!("is not JSON: {error}");
            problems.push(ConfigurationProblem::new(kind, "/", reason));
            None
        }
    }
}

fn parse_list(
    kind: ConfigurationKind,
    body: &str,
    problems: &mut Vec<ConfigurationProblem>,
) -> Vec<Value> {
    match parse(kind, body, problems) {
        Some(Value::Array(list)) => list,
        Some(_) => {
            problems.push(ConfigurationProblem::new(kind, "/", "must be a list"));
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn read_events(
    body: &str,
    problems: &mut Vec<ConfigurationProblem>,
) -> IndexMap<String, Arc<EventConfig>> {
    let mut events = IndexMap::new();
    let list = parse_list(Events, body, problems);
    if list.is_empty() && problems.is_empty() {
        problems.push(ConfigurationProblem::new(
            Events,
            "/",
            "has no event at all",
        ));
    }
    for (at, json) in list.into_iter().enumerate() {
        match EventConfig::compile(json) {
            Ok(event) => {
                let id = event.id().to_owned();
                if events.insert(id.clone(), Arc::new(event)).is_some() {
                    problems.push(twice(Events, at, "id", &id));
                }
            }
            Err(error) => {
                let path = match error.path().as_str() {
                    "/" => format!("/{at}"),
                    within => format!("/{at}{within}"),
                };
                problems.push(ConfigurationProblem::new(Events, path, error.reason()));
            }
        }
    }
    events
}

fn each<T>(
    kind: ConfigurationKind,
    documents: &Documents,
    problems: &mut Vec<ConfigurationProblem>,
    read: impl Fn(usize, Value) -> Result<T, Vec<ConfigurationProblem>>,
) -> Vec<T> {
    let list = parse_list(kind, documents.body(kind), problems);
    let mut good = Vec::with_capacity(list.len());
    for (at, json) in list.into_iter().enumerate() {
        match read(at, json) {
            Ok(one) => good.push(one),
            Err(found) => problems.extend(found),
        }
    }
    good
}

fn by_name<T>(
    list: Vec<T>,
    kind: ConfigurationKind,
    key: &str,
    problems: &mut Vec<ConfigurationProblem>,
    name: impl Fn(&T) -> &String,
) -> IndexMap<String, T> {
    let mut map = IndexMap::with_capacity(list.len());
    for (at, one) in list.into_iter().enumerate() {
        let name = name(&one).clone();
        if map.contains_key(&name) {
            problems.push(twice(kind, at, key, &name));
        }
        map.insert(name, one);
    }
    map
}

fn twice(kind: ConfigurationKind, at: usize, key: &str, name: &str) -> ConfigurationProblem {
    let reason = format!("'{name}' is there twice");
    ConfigurationProblem::new(kind, format!("/{at}/{key}"), reason)
}

fn read_application(
    documents: &Documents,
    problems: &mut Vec<ConfigurationProblem>,
) -> (Value, TimeZone) {
    let body = documents.body(Application);
    let application = parse(Application, body, problems).unwrap_or_default();
    if !application.is_object() && problems.is_empty() {
        problems.push(ConfigurationProblem::new(
            Application,
            "/",
            "must be an object",
        ));
    }
    let zone = match application.get("SYSTEM_IANA_TIMEZONE") {
        None | Some(Value::Null) => Some(TimeZone::UTC),
        Some(name) => name.as_str().and_then(|name| TimeZone::get(name).ok()),
    };
    let zone = zone.unwrap_or_else(|| {
        let path = "/SYSTEM_IANA_TIMEZONE";
        let reason = "is not a time zone such as Asia/Dhaka";
        problems.push(ConfigurationProblem::new(Application, path, reason));
        TimeZone::UTC
    });
    (application, zone)
}

/// A workqueue that asks about a field no event has could never be shown.
fn check_fields(
    workqueues: &IndexMap<String, Workqueue>,
    events: &IndexMap<String, Arc<EventConfig>>,
) -> Result<(), Vec<ConfigurationProblem>> {
    let known = |id: &str| events.values().any(|event| event.field(id).is_some());
    let mut problems = Vec::new();
    for (at, queue) in workqueues.values().enumerate() {
        for id in queue.query.declaration_fields() {
            if !known(id) {
                let reason = format!("no event has a field '{id}'");
                let path = format!("/{at}/query");
                problems.push(ConfigurationProblem::new(Workqueues, path, reason));
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// Scopes that name events or workqueues there are not: they grant less than somebody thought.
fn dangling(
    roles: &IndexMap<String, Role>,
    events: &IndexMap<String, Arc<EventConfig>>,
    workqueues: &IndexMap<String, Workqueue>,
) -> Vec<ConfigurationProblem> {
    let mut warnings = Vec::new();
    for (at, role) in roles.values().enumerate() {
        for (position, scope) in role.scopes.iter().enumerate() {
            let path = format!("/{at}/scopes/{position}");
            for (what, name) in unknown(scope, events, workqueues) {
                let reason = format!("there is no {what} '{name}'");
                warnings.push(ConfigurationProblem::new(Roles, &*path, reason));
            }
        }
    }
    warnings
}

fn unknown<'a>(
    scope: &'a Scope,
    events: &IndexMap<String, Arc<EventConfig>>,
    workqueues: &IndexMap<String, Workqueue>,
) -> HashSet<(&'static str, &'a str)> {
    let options = scope.options();
    let named = options.event.iter().flatten();
    let mut unknown: HashSet<_> = named
        .filter(|id| !events.contains_key(id.as_str()))
        .map(|id| ("event", id.as_str()))
        .collect();
    if scope.kind() == "workqueue" {
        let slugs = options.ids.iter().flatten();
        let slugs = slugs.filter(|slug| !workqueues.contains_key(slug.as_str()));
        unknown.extend(slugs.map(|slug| ("workqueue", slug.as_str())));
    }
    unknown
}
