//! What can be used as it stands, but is likely a mistake.

use std::{collections::BTreeSet, sync::Arc};

use access::Scope;
use forms::EventConfig;
use indexmap::IndexMap;
use records::DuplicateRule;
use storage::ConfigurationKind::{Events, Roles};

use super::{ConfigurationProblem, Role, Workqueue};

/// Scopes that name events or workqueues there are not: they grant less than somebody thought.
pub(super) fn dangling(
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

/// Rules for duplicates that hinge on what another record is not like: that would be nearly every
/// record there is, so only what the rest of the rule leads to is found.
pub(super) fn unfindable(events: &IndexMap<String, Arc<EventConfig>>) -> Vec<ConfigurationProblem> {
    let reason = "some of what this rule matches cannot be looked up: an 'or' or the whole of it \
                  rests on 'not' alone; only the rest is found";
    let mut warnings = Vec::new();
    for (at, event) in events.values().enumerate() {
        for (position, action) in event.actions().iter().enumerate() {
            let kind = action.action_type();
            let looks = action.deduplication().is_some();
            let rule = looks.then(|| DuplicateRule::of(event, kind)).flatten();
            if rule.is_some_and(|rule| !rule.is_findable()) {
                let path = format!("/{at}/actions/{position}/deduplication/query");
                warnings.push(ConfigurationProblem::new(Events, &*path, reason));
            }
        }
    }
    warnings
}

fn unknown<'a>(
    scope: &'a Scope,
    events: &IndexMap<String, Arc<EventConfig>>,
    workqueues: &IndexMap<String, Workqueue>,
) -> BTreeSet<(&'static str, &'a str)> {
    let options = scope.options();
    let named = options.event.iter().flatten();
    let mut unknown: BTreeSet<_> = named
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
