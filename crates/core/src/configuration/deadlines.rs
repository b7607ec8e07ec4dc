//! How long the country may take to decide on an action, as it says itself.
//!
//! `GET /config/deadlines` is a list of rules, read from first to last: the first that fits an
//! action counts. A rule without `event` or `action` fits all of them. What no rule fits is alerted
//! after two days and waits for ever: nothing is resolved automatically unless the country says so.

use std::collections::BTreeSet;

use jiff::{SignedDuration, SpanRelativeTo, fmt::temporal::SpanParser};
use records::ActionType;
use serde_json::{Map, Value};
use storage::ConfigurationKind;

use super::{ConfigurationProblem, documents::Documents, reading::parse_list};

/// When an action is alerted of which the country says nothing.
const USUAL_ALERT: SignedDuration = SignedDuration::from_hours(48);
/// All that a rule may say.
const KEYS: [&str; 6] = [
    "event",
    "action",
    "alertAfter",
    "deadline",
    "whenPassed",
    "reason",
];
/// No reason is longer, in characters.
const LONGEST_REASON: usize = 1000;

/// How long the country may take, by type of record and action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deadlines(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    event: Option<String>,
    action: Option<ActionType>,
    patience: Patience,
}

/// How long one action may wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// After this long, operators are told.
    pub alert_after: SignedDuration,
    /// After this long, the country is too late.
    pub deadline: Option<Deadline>,
}

/// When the country is too late, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Counted from the request.
    pub after: SignedDuration,
    /// What Core does then.
    pub when_passed: WhenPassed,
    /// Why, for whoever reads the decision.
    pub reason: String,
}

/// What Core does when a deadline has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenPassed {
    /// Tells operators, and waits on.
    Alert,
    /// Refuses the action.
    Reject,
    /// Applies the action as it was requested.
    Accept,
}

impl WhenPassed {
    /// The word in the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Reject => "reject",
            Self::Accept => "accept",
        }
    }
}

/// Of what the country says nothing.
static USUAL: Patience = Patience {
    alert_after: USUAL_ALERT,
    deadline: None,
};

impl Deadlines {
    /// How long such an action may wait.
    #[must_use]
    pub fn of(&self, event_type: &str, action_type: ActionType) -> &Patience {
        let fits = |rule: &&Rule| {
            rule.event
                .as_deref()
                .is_none_or(|event| event == event_type)
                && rule.action.is_none_or(|action| action == action_type)
        };
        self.0
            .iter()
            .find(fits)
            .map_or(&USUAL, |rule| &rule.patience)
    }

    /// Every length of time after which the alert state of some action changes, shortest first.
    #[must_use]
    pub fn steps(&self) -> Vec<SignedDuration> {
        let all = self.0.iter().map(|rule| &rule.patience).chain([&USUAL]);
        let steps: BTreeSet<_> = all
            .flat_map(|patience| {
                let deadline = patience.deadline.as_ref().map(|deadline| deadline.after);
                [Some(patience.alert_after), deadline]
            })
            .flatten()
            .collect();
        steps.into_iter().collect()
    }

    /// Reads the document; what is wrong with it is added to the problems. `known` says whether
    /// there is such an event.
    pub(super) fn read(
        documents: &Documents,
        known: impl Fn(&str) -> bool,
        problems: &mut Vec<ConfigurationProblem>,
    ) -> Self {
        let kind = ConfigurationKind::Deadlines;
        let list = parse_list(kind, documents.body(kind), problems);
        let mut rules: Vec<(usize, Rule)> = Vec::with_capacity(list.len());
        for (at, json) in list.iter().enumerate() {
            let mut reading = Reading { at, problems };
            let Some(rule) = reading.rule(json, &known) else {
                continue;
            };
            if let Some((earlier, _)) = rules.iter().find(|(_, earlier)| earlier.covers(&rule)) {
                let reason = format!("never counts: the rule at /{earlier} fits all that it fits");
                reading.problem("", reason);
            }
            rules.push((at, rule));
        }
        Self(rules.into_iter().map(|(_, rule)| rule).collect())
    }
}

impl Rule {
    /// Whether it fits everything that another does.
    fn covers(&self, other: &Self) -> bool {
        (self.event.is_none() || self.event == other.event)
            && (self.action.is_none() || self.action == other.action)
    }
}

/// Reads one rule.
struct Reading<'a> {
    at: usize,
    problems: &'a mut Vec<ConfigurationProblem>,
}

impl Reading<'_> {
    fn problem(&mut self, path: &str, reason: impl Into<String>) {
        let path = format!("/{}{path}", self.at);
        let problem = ConfigurationProblem::new(ConfigurationKind::Deadlines, path, reason);
        self.problems.push(problem);
    }

    /// The rule; `None` when it cannot be told what it fits. With problems it is still used to
    /// find those of later ones.
    fn rule(&mut self, json: &Value, known: &impl Fn(&str) -> bool) -> Option<Rule> {
        let Value::Object(fields) = json else {
            self.problem("", "must be an object");
            return None;
        };
        for name in fields.keys().filter(|name| !KEYS.contains(&name.as_str())) {
            self.problem(&format!("/{}", pointer_step(name)), "is not known here");
        }
        let before = self.problems.len();
        let event = self.text(fields, "event");
        if let Some(event) = event.filter(|event| !known(event)) {
            self.problem("/event", format!("there is no event '{event}'"));
        }
        let action = self.text(fields, "action").and_then(|text| {
            let action = text.parse().ok();
            let decided = action.filter(|action: &ActionType| action.awaits_country());
            if decided.is_none() {
                let reason = format!("'{text}' is no action that the country decides on");
                self.problem("/action", reason);
            }
            decided
        });
        if self.problems.len() > before {
            return None;
        }
        Some(Rule {
            event: event.map(str::to_owned),
            action,
            patience: self.patience(fields, action),
        })
    }

    fn patience(&mut self, fields: &Map<String, Value>, action: Option<ActionType>) -> Patience {
        let alert_after = self.duration(fields, "alertAfter");
        let after = self.duration(fields, "deadline");
        if let (Some(alert), Some(deadline)) = (alert_after, after)
            && deadline < alert
        {
            self.problem("/deadline", "is before alertAfter");
        }
        let when_passed = match self.text(fields, "whenPassed") {
            None | Some("alert") => WhenPassed::Alert,
            Some("reject") => WhenPassed::Reject,
            Some("accept") => WhenPassed::Accept,
            Some(_) => {
                self.problem("/whenPassed", "must be alert, reject or accept");
                WhenPassed::Alert
            }
        };
        if fields.contains_key("whenPassed") && !fields.contains_key("deadline") {
            self.problem("/whenPassed", "means nothing without a deadline");
        }
        if when_passed == WhenPassed::Accept && action.is_none_or(|a| a == ActionType::Register) {
            let reason = "cannot be accept for REGISTER, since no registration number would come: \
                          name another action";
            self.problem("/whenPassed", reason);
        }
        let reason = self.text(fields, "reason");
        if reason.is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
            let longest = format!("is longer than {LONGEST_REASON} characters");
            self.problem("/reason", longest);
        }
        let written = fields.get("deadline").and_then(Value::as_str);
        Patience {
            alert_after: alert_after.unwrap_or_else(|| {
                // Nobody is alerted of what has passed its deadline already.
                after.map_or(USUAL_ALERT, |deadline| deadline.min(USUAL_ALERT))
            }),
            deadline: after.map(|after| Deadline {
                after,
                when_passed,
                reason: reason.map_or_else(
                    || {
                        let written = written.unwrap_or_default();
                        format!("The country did not decide within {written}")
                    },
                    str::to_owned,
                ),
            }),
        }
    }

    /// A text that is not empty, if there is one.
    fn text<'a>(&mut self, fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
        let value = fields.get(name)?;
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.problem(&format!("/{name}"), "must be a text");
        }
        text
    }

    /// A length of time such as `P2D` or `PT6H`, if there is one.
    fn duration(&mut self, fields: &Map<String, Value>, name: &str) -> Option<SignedDuration> {
        let value = fields.get(name)?;
        let duration = value.as_str().and_then(duration);
        if duration.is_none() {
            let reason = "must be a length of time such as P2D or PT6H, of weeks, days, hours, \
                          minutes and seconds, longer than nothing";
            self.problem(&format!("/{name}"), reason);
        }
        duration
    }
}

/// Reads an ISO 8601 duration that is as long at any time of the year; a day has 24 hours.
fn duration(text: &str) -> Option<SignedDuration> {
    let span = SpanParser::new().parse_span(text).ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    length.is_positive().then_some(length)
}

/// A name as a JSON pointer spells it.
fn pointer_step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use storage::StoredConfiguration;

    use super::*;

    fn read(document: &Value) -> (Deadlines, Vec<String>) {
        let mut documents = Documents::default();
        let kept = StoredConfiguration {
            body: document.to_string(),
            etag: None,
            at: Timestamp::UNIX_EPOCH,
        };
        documents.put(ConfigurationKind::Deadlines, kept);
        let mut problems = Vec::new();
        let known = |event: &str| ["birth", "death"].contains(&event);
        let deadlines = Deadlines::read(&documents, known, &mut problems);
        let told = problems.iter().map(|problem| {
            assert_eq!(problem.document, ConfigurationKind::Deadlines);
            format!("{} {}", problem.path, problem.reason)
        });
        (deadlines, told.collect())
    }

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    #[test]
    fn the_first_rule_that_fits_counts_and_what_none_fits_is_alerted_after_two_days() {
        let (deadlines, problems) = read(&json!([
            {"event": "birth", "action": "REGISTER", "alertAfter": "P1D", "deadline": "P1W"},
            {"event": "birth", "alertAfter": "PT6H"},
            {"action": "DECLARE", "deadline": "PT1H", "whenPassed": "accept", "reason": "Fine"},
        ]));
        assert_eq!(problems, [""; 0]);
        let alert = |event, action| deadlines.of(event, action).alert_after;
        assert_eq!(alert("birth", ActionType::Register), hours(24));
        assert_eq!(alert("birth", ActionType::Declare), hours(6));
        assert_eq!(alert("death", ActionType::Register), hours(48));
        let declare = deadlines.of("death", ActionType::Declare);
        assert_eq!(declare.alert_after, hours(1), "no later than the deadline");
        let deadline = declare.deadline.clone().unwrap();
        assert_eq!(deadline.when_passed, WhenPassed::Accept);
        assert_eq!(deadline.reason, "Fine");
        let weekly = deadlines.of("birth", ActionType::Register).deadline.clone();
        let weekly = weekly.unwrap();
        assert_eq!(weekly.when_passed, WhenPassed::Alert);
        assert_eq!(weekly.reason, "The country did not decide within P1W");
        assert_eq!(deadlines.steps(), [1, 6, 24, 48, 168].map(hours));
    }

    #[test]
    fn a_country_without_deadlines_has_the_usual_ones() {
        let (deadlines, problems) = read(&json!([]));
        assert_eq!(problems, [""; 0]);
        assert_eq!(deadlines, Deadlines::default());
        let patience = deadlines.of("birth", ActionType::Register);
        assert_eq!(patience.alert_after, hours(48));
        assert_eq!(patience.deadline, None);
    }

    #[test]
    fn everything_that_is_wrong_is_told_where_it_is() {
        let (_, problems) = read(&json!([
            {"event": "marriage"},
            {"action": "READ"},
            {"event": "birth", "alertAfter": "P1M", "deadline": "2 days"},
            {"event": "birth", "action": "DECLARE", "deadline": "-P2D", "whenPassed": "ignore"},
            {"action": "EDIT", "alertAfter": "P2D", "deadline": "P1D"},
            {"action": "ARCHIVE", "whenPassed": "reject", "a/b": 1},
            {"action": "REGISTER", "deadline": "P1D", "whenPassed": "accept"},
            {"event": "death", "deadline": "P1D", "whenPassed": "accept", "reason": " "},
            7,
        ]));
        let length = "must be a length of time such as P2D or PT6H, of weeks, days, hours, \
                      minutes and seconds, longer than nothing";
        let number = "cannot be accept for REGISTER, since no registration number would come: \
                      name another action";
        assert_eq!(
            problems,
            [
                "/0/event there is no event 'marriage'".to_owned(),
                "/1/action 'READ' is no action that the country decides on".to_owned(),
                format!("/2/alertAfter {length}"),
                format!("/2/deadline {length}"),
                format!("/3/deadline {length}"),
                "/3/whenPassed must be alert, reject or accept".to_owned(),
                "/3 never counts: the rule at /2 fits all that it fits".to_owned(),
                "/4/deadline is before alertAfter".to_owned(),
                "/5/a~1b is not known here".to_owned(),
                "/5/whenPassed means nothing without a deadline".to_owned(),
                format!("/6/whenPassed {number}"),
                format!("/7/whenPassed {number}"),
                "/7/reason must be a text".to_owned(),
                "/8 must be an object".to_owned(),
            ]
        );
        let (_, problems) = read(&json!({"event": "birth"}));
        assert_eq!(problems, ["/ must be a list"]);
    }
}
