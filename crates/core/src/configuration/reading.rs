//! Reading documents: everything that is wrong is collected, so that it can be mended at once.

use std::sync::Arc;

use forms::EventConfig;
use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use storage::ConfigurationKind::{self, Application, Events, Workqueues};

use super::{ConfigurationProblem, Workqueue, documents::Documents};

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

/// The items of a document that is a list.
pub(super) fn parse_list(
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

/// Compiles every event.
pub(super) fn events(
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

/// Every item of a document that is a list, by its name. What is wrong with any is added to the
/// problems.
pub(super) fn each<T>(
    kind: ConfigurationKind,
    key: &str,
    documents: &Documents,
    problems: &mut Vec<ConfigurationProblem>,
    read: impl Fn(usize, Value) -> Result<(String, T), Vec<ConfigurationProblem>>,
) -> IndexMap<String, T> {
    let list = parse_list(kind, documents.body(kind), problems);
    let mut good = IndexMap::with_capacity(list.len());
    for (at, json) in list.into_iter().enumerate() {
        match read(at, json) {
            Ok((name, _)) if good.contains_key(&name) => {
                problems.push(twice(kind, at, key, &name));
            }
            Ok((name, one)) => {
                good.insert(name, one);
            }
            Err(found) => problems.extend(found),
        }
    }
    good
}

fn twice(kind: ConfigurationKind, at: usize, key: &str, name: &str) -> ConfigurationProblem {
    let reason = format!("'{name}' is there twice");
    ConfigurationProblem::new(kind, format!("/{at}/{key}"), reason)
}

/// The application's settings, and the country's time zone among them.
pub(super) fn application(
    documents: &Documents,
    problems: &mut Vec<ConfigurationProblem>,
) -> (Value, TimeZone) {
    let application = parse(Application, documents.body(Application), problems);
    let application = application.unwrap_or_else(|| Value::Object(Map::new()));
    if !application.is_object() {
        let reason = "must be an object";
        problems.push(ConfigurationProblem::new(Application, "/", reason));
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
pub(super) fn check_fields(
    at: usize,
    queue: &Workqueue,
    events: &IndexMap<String, Arc<EventConfig>>,
) -> Result<(), Vec<ConfigurationProblem>> {
    let known = |id: &str| events.values().any(|event| event.field(id).is_some());
    let fields = queue.query.declaration_fields().into_iter();
    let problems: Vec<_> = fields
        .filter(|id| !known(id))
        .map(|id| {
            let reason = format!("no event has a field '{id}'");
            ConfigurationProblem::new(Workqueues, format!("/{at}/query"), reason)
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}
