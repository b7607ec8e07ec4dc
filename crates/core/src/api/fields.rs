//! The inputs of our own operations, taken apart field by field. The search string of a REST path
//! gives texts, tRPC gives JSON: both are understood. Whatever is wrong is told at once and names
//! its field, also a field that nobody knows: a filter that is misspelt must not let all through.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::{ApiError, InputProblem};

/// An input, and what is wrong with it so far.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    given: Option<&'a Map<String, Value>>,
    path: Vec<Value>,
    known: BTreeSet<&'static str>,
    problems: Vec<InputProblem>,
}

impl<'a> Fields<'a> {
    /// The fields of an input; `null` has none.
    pub(crate) fn of(input: &'a Value) -> Self {
        Self::at(input, Vec::new())
    }

    fn at(input: &'a Value, path: Vec<Value>) -> Self {
        let mut fields = Self {
            given: input.as_object(),
            path,
            known: BTreeSet::new(),
            problems: Vec::new(),
        };
        if !input.is_null() && fields.given.is_none() {
            fields.problems.push(InputProblem {
                code: "invalid_type".to_owned(),
                path: fields.path.clone(),
                message: "must be an object".to_owned(),
            });
        }
        fields
    }

    /// The fields of an object within; [`Fields::take_in`] ends the reading of it.
    pub(crate) fn inner(&mut self, name: &'static str) -> Self {
        let path = self.path_of(name);
        Self::at(self.given(name).unwrap_or(&Value::Null), path)
    }

    /// What is wrong with an object within counts here, too.
    pub(crate) fn take_in(&mut self, mut inner: Self) {
        inner.refuse_unknown();
        self.problems.append(&mut inner.problems);
    }

    /// Whether the field is there at all.
    pub(crate) fn is_given(&mut self, name: &'static str) -> bool {
        self.given(name).is_some()
    }

    /// A text that is not empty.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        match self.given(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim()),
            _ => {
                self.wrong(name, "must be a text that is not empty");
                None
            }
        }
    }

    /// A reason in somebody's words, no longer than `longest` letters.
    pub(crate) fn reason(&mut self, needed: bool, longest: usize) -> Option<String> {
        if needed && self.given("reason").is_none() {
            self.wrong("reason", "is needed: say why, in your words");
            return None;
        }
        let reason = self.text("reason")?;
        if reason.chars().count() > longest {
            self.wrong(
                "reason",
                &format!("must be no longer than {longest} letters"),
            );
        }
        Some(reason.to_owned())
    }

    /// Texts: a list, or one text with commas between them.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<String> {
        let texts: Option<Vec<String>> = match self.given(name) {
            None => return Vec::new(),
            Some(Value::String(list)) => {
                let each = list.split(',').map(|text| text.trim().to_owned());
                Some(each.collect())
            }
            Some(Value::Array(list)) => list
                .iter()
                .map(|text| text.as_str().map(|text| text.trim().to_owned()))
                .collect(),
            Some(_) => None,
        };
        match texts {
            Some(texts) if !texts.iter().any(String::is_empty) => texts,
            _ => {
                self.wrong(name, "must be a list of texts that are not empty");
                Vec::new()
            }
        }
    }

    /// Texts out of these.
    pub(crate) fn texts_of(&mut self, name: &'static str, allowed: &[&str]) -> Vec<String> {
        let texts = self.texts(name);
        for text in &texts {
            if !allowed.contains(&text.as_str()) {
                let allowed = allowed.join(", ");
                self.wrong(name, &format!("'{text}' is none of {allowed}"));
            }
        }
        texts
    }

    /// One text out of these.
    pub(crate) fn one_of(&mut self, name: &'static str, allowed: &[&str]) -> Option<&'a str> {
        let text = self.text(name)?;
        if !allowed.contains(&text) {
            let allowed = allowed.join(", ");
            self.wrong(name, &format!("'{text}' is none of {allowed}"));
        }
        Some(text)
    }

    /// A whole number, from `least` on.
    pub(crate) fn number(&mut self, name: &'static str, least: u64) -> Option<u64> {
        let number = match self.given(name)? {
            Value::String(digits) => digits.parse().ok(),
            number => number.as_u64(),
        };
        let number = number.filter(|number| *number >= least);
        if number.is_none() {
            self.wrong(name, &format!("must be a whole number, {least} or more"));
        }
        number
    }

    /// How many a page holds at most: so many as are asked for in `limit`, or else `usual`.
    pub(crate) fn page(&mut self, usual: usize, longest: usize) -> usize {
        if !self.is_given("limit") {
            return usual;
        }
        let limit = self.number("limit", 1).unwrap_or(1);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if limit > longest {
            self.wrong("limit", &format!("must be no more than {longest}"));
        }
        limit.min(longest)
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        match self.given(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }

    /// An id.
    pub(crate) fn id(&mut self, name: &'static str) -> Option<Uuid> {
        let id = self.given(name)?.as_str().map(str::parse);
        match id {
            Some(Ok(id)) => Some(id),
            _ => {
                self.problems
                    .push(InputProblem::no_uuid(self.path_of(name)));
                None
            }
        }
    }

    /// An id without which nothing can be done.
    pub(crate) fn needed_id(&mut self, name: &'static str) -> Uuid {
        if self.given(name).is_none() {
            self.wrong(name, "is needed");
        }
        self.id(name).unwrap_or_default()
    }

    /// A text without which nothing can be done.
    pub(crate) fn needed_text(&mut self, name: &'static str) -> Option<&'a str> {
        if self.given(name).is_none() {
            self.wrong(name, "is needed");
        }
        self.text(name)
    }

    /// A whole number without which nothing can be done.
    pub(crate) fn needed_number(&mut self, name: &'static str) -> Option<u64> {
        if self.given(name).is_none() {
            self.wrong(name, "is needed");
        }
        self.number(name, 0)
    }

    /// A point in time.
    pub(crate) fn time(&mut self, name: &'static str) -> Option<Timestamp> {
        let time = self.given(name)?.as_str().map(str::parse);
        match time {
            Some(Ok(time)) => Some(time),
            _ => {
                self.wrong(
                    name,
                    "must be a time with its zone, like 2026-03-02T12:00:00Z",
                );
                None
            }
        }
    }

    /// A length of time that is not negative, such as `90s`, `2h` or `P2D`.
    pub(crate) fn duration(&mut self, name: &'static str) -> Option<SignedDuration> {
        let duration = self.given(name)?.as_str().and_then(read_duration);
        if duration.is_none() {
            self.wrong(name, "must be a length of time, like 90s, 2h, 3d or PT30M");
        }
        duration
    }

    /// Says what is wrong with a field.
    pub(crate) fn wrong(&mut self, name: &'static str, message: &str) {
        self.problems.push(InputProblem {
            code: "custom".to_owned(),
            path: self.path_of(name),
            message: message.to_owned(),
        });
    }

    /// The end of reading.
    ///
    /// # Errors
    /// 400 with everything that is wrong, fields that nobody has asked for included.
    pub(crate) fn end(mut self) -> Result<(), ApiError> {
        self.refuse_unknown();
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(&self.problems))
        }
    }

    fn refuse_unknown(&mut self) {
        for name in self.given.iter().flat_map(|given| given.keys()) {
            if !self.known.contains(name.as_str()) {
                let mut path = self.path.clone();
                path.push(name.as_str().into());
                let known: Vec<&str> = self.known.iter().copied().collect();
                self.problems.push(InputProblem {
                    code: "unrecognized_keys".to_owned(),
                    path,
                    message: format!("is not known here; there are {}", known.join(", ")),
                });
            }
        }
    }

    fn path_of(&self, name: &'static str) -> Vec<Value> {
        let mut path = self.path.clone();
        path.push(name.into());
        path
    }

    /// The field, unless it is left out or `null`.
    fn given(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.insert(name);
        self.given?.get(name).filter(|value| !value.is_null())
    }
}

/// Days and weeks are 24 hours and seven times that: there is no place whose clocks could change.
fn read_duration(text: &str) -> Option<SignedDuration> {
    let span: jiff::Span = text.trim().parse().ok()?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(relative).ok()?;
    (!duration.is_negative()).then_some(duration)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_json_say_the_same() {
        for input in [
            json!({"kind": "REGISTER,DECLARE", "attempts": "3", "olderThan": "2h"}),
            json!({"kind": ["REGISTER", "DECLARE"], "attempts": 3, "olderThan": "PT2H"}),
        ] {
            let mut fields = Fields::of(&input);
            assert_eq!(fields.texts("kind"), ["REGISTER", "DECLARE"]);
            assert_eq!(fields.number("attempts", 0), Some(3));
            let two_hours = SignedDuration::from_hours(2);
            assert_eq!(fields.duration("olderThan"), Some(two_hours));
            fields.end().unwrap();
        }
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let input = json!({
            "filter": {"stat": "queued", "from": "yesterday"}, "limit": "-1", "id": "7",
        });
        let mut fields = Fields::of(&input);
        let mut filter = fields.inner("filter");
        filter.time("from");
        fields.take_in(filter);
        fields.number("limit", 1);
        fields.id("id");
        let message = fields.end().unwrap_err().message;
        for named in ["\"stat\"", "\"from\"", "\"limit\"", "\"id\""] {
            assert!(message.contains(named), "{named} in {message}");
        }
    }

    #[test]
    fn lengths_of_time_are_read_as_people_and_as_machines_write_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("2d", 172_800),
            ("1w", 604_800),
            ("P1DT1S", 86_401),
        ] {
            let read = read_duration(text).map(|duration| duration.as_secs());
            assert_eq!(read, Some(seconds), "{text}");
        }
        for text in ["", "2", "-5m", "a while", "1mo"] {
            assert_eq!(read_duration(text), None, "{text}");
        }
    }
}
