//! Reading what callers send with actions. Every problem is named at once, with its path.

use std::str::FromStr;

use records::{ActionId, ActionType, Declaration, EventId, KeepAssignment};
use serde_json::{Map, Value, json};

use crate::error::{ApiError, InputProblem};

/// Longer ids of transactions are refused: they are kept and indexed for good. In characters.
const LONGEST_TRANSACTION_ID: usize = 255;
/// The same in bytes: what is longer cannot be a key in every store as it is.
const LARGEST_TRANSACTION_ID: usize = 400;
/// Longer texts (reasons, numbers, comments) are refused.
const LONGEST_TEXT: usize = 10_000;
/// Answers that take more bytes as JSON are refused. All actions of a record go to country config
/// together, with every delivery: a few of this size still fit what it takes, and what no longer
/// does would wait for ever.
const LARGEST_ANSWERS: usize = 1024 * 1024;

/// Reads the fields of an object and collects what is wrong with them.
pub(super) struct Reader<'a> {
    object: &'a Map<String, Value>,
    problems: Vec<InputProblem>,
    known: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(input: &'a Value) -> Result<Self, ApiError> {
        let Some(object) = input.as_object() else {
            return Err(ApiError::invalid(&[problem(
                "invalid_type",
                None,
                "expected an object",
            )]));
        };
        Ok(Self {
            object,
            problems: Vec::new(),
            known: Vec::new(),
        })
    }

    /// The value of a field; `null` counts as absent.
    fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn complain(&mut self, code: &str, name: &str, message: &str) {
        self.problems.push(problem(code, Some(name), message));
    }

    pub(super) fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        match self.take(name)? {
            Value::String(text) if text.chars().count() <= longest => Some(text.clone()),
            Value::String(_) => {
                self.complain("too_big", name, &format!("at most {longest} characters"));
                None
            }
            _ => {
                self.complain("invalid_type", name, "expected a text");
                None
            }
        }
    }

    pub(super) fn required_text(&mut self, name: &'static str, longest: usize) -> String {
        let before = self.problems.len();
        match self.text(name, longest) {
            Some(text) if !text.is_empty() => text,
            _ => {
                if self.problems.len() == before {
                    self.complain("invalid_type", name, "expected a text that is not empty");
                }
                String::new()
            }
        }
    }

    pub(super) fn id<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name, 64)?;
        let id = text.parse().ok();
        if id.is_none() {
            self.problems.push(InputProblem::no_uuid(vec![name.into()]));
        }
        id
    }

    pub(super) fn transaction_id(&mut self) -> String {
        let name = "transactionId";
        let text = self.required_text(name, LONGEST_TRANSACTION_ID);
        if text.len() > LARGEST_TRANSACTION_ID {
            let message = format!("at most {LARGEST_TRANSACTION_ID} bytes");
            self.complain("too_big", name, &message);
        }
        text
    }

    pub(super) fn required_id<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let before = self.problems.len();
        let id = self.id(name);
        if id.is_none() && self.problems.len() == before {
            self.complain("invalid_type", name, "expected a UUID");
        }
        id
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.take(name)?;
        if !value.is_boolean() {
            self.complain("invalid_type", name, "expected true or false");
        }
        value.as_bool()
    }

    pub(super) fn map(&mut self, name: &'static str) -> Option<Declaration> {
        match self.take(name)? {
            Value::Object(map) if is_larger_than(LARGEST_ANSWERS, map) => {
                self.complain(
                    "too_big",
                    name,
                    &format!(
                        "at most {LARGEST_ANSWERS} bytes: upload pictures and documents as files"
                    ),
                );
                None
            }
            Value::Object(map) => Some(map.clone()),
            _ => {
                self.complain("invalid_type", name, "expected an object");
                None
            }
        }
    }

    /// The optional `type` must be this action's own.
    pub(super) fn own_type(&mut self, action_type: ActionType) {
        if let Some(given) = self.text("type", 64)
            && given != action_type.as_str()
        {
            self.complain(
                "invalid_value",
                "type",
                &format!("expected \"{action_type}\""),
            );
        }
    }

    /// The `content` that this type of action carries. On the callback of a decision it may be
    /// left out: what was requested stands.
    pub(super) fn content(&mut self, action_type: ActionType, decision: bool) -> Option<Value> {
        let (key, required) = match action_type {
            ActionType::Reject | ActionType::Archive | ActionType::RejectCorrection => {
                ("reason", !decision)
            }
            ActionType::Edit => ("comment", false),
            ActionType::MarkAsDuplicate => ("duplicateOf", false),
            ActionType::PrintCertificate => ("templateId", false),
            ActionType::ApproveCorrection => ("immediateCorrection", false),
            _ => return None,
        };
        let mut content = self.map("content");
        let value = content
            .as_mut()
            .and_then(|content| content.shift_remove(key));
        let value = value.filter(|value| !value.is_null());
        let fits = match &value {
            Some(Value::String(text)) => {
                key != "immediateCorrection"
                    && (key != "duplicateOf" || text.parse::<EventId>().is_ok())
                    && text.chars().count() <= LONGEST_TEXT
                    && !(required && text.is_empty())
            }
            Some(Value::Bool(_)) => key == "immediateCorrection",
            Some(_) => false,
            None => !required,
        };
        if !fits {
            self.problems.push(InputProblem {
                code: "invalid_type".to_owned(),
                path: vec!["content".into(), key.into()],
                message: if required {
                    "Message cannot be empty"
                } else {
                    "Invalid input"
                }
                .to_owned(),
            });
        }
        match value {
            Some(value) => Some(json!({ key: value })),
            None if action_type == ActionType::Edit && !decision => Some(json!({})),
            None => None,
        }
    }

    pub(super) fn keep_assignment(&mut self) -> KeepAssignment {
        KeepAssignment {
            keep_assignment: self.flag("keepAssignment"),
            keep_assignment_if_accepted: self.flag("keepAssignmentIfAccepted"),
            keep_assignment_if_rejected: self.flag("keepAssignmentIfRejected"),
        }
    }

    /// Ends the reading; with `strict`, fields that nobody asked for are problems too.
    pub(super) fn finish(mut self, strict: bool) -> Result<(), ApiError> {
        if strict {
            let unknown: Vec<&String> = self
                .object
                .keys()
                .filter(|name| !self.known.contains(&name.as_str()))
                .collect();
            if !unknown.is_empty() {
                let names = unknown
                    .iter()
                    .map(|n| format!("\"{n}\""))
                    .collect::<Vec<_>>();
                let message = format!("Unrecognized keys: {}", names.join(", "));
                self.problems
                    .push(problem("unrecognized_keys", None, &message));
            }
        }
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(&self.problems))
        }
    }
}

/// Whether these take more than so many bytes as JSON; what cannot be written takes too many.
fn is_larger_than(most: usize, map: &Declaration) -> bool {
    serde_json::to_vec(map).map_or(true, |json| json.len() > most)
}

fn problem(code: &str, name: Option<&str>, message: &str) -> InputProblem {
    InputProblem {
        code: code.to_owned(),
        path: name.into_iter().map(Value::from).collect(),
        message: message.to_owned(),
    }
}

/// What comes with `….request`.
#[derive(Debug)]
pub(super) struct RequestInput {
    pub transaction_id: String,
    pub declaration: Declaration,
    pub annotation: Option<Declaration>,
    pub keep: KeepAssignment,
    pub created_at_location: Option<uuid::Uuid>,
    pub registration_number: Option<String>,
    pub request_id: Option<ActionId>,
    pub custom_action_type: Option<String>,
    pub content: Option<Value>,
}

impl RequestInput {
    pub(super) fn read(input: &Value, action_type: ActionType) -> Result<Self, ApiError> {
        let mut reader = Reader::new(input)?;
        reader.required_id::<EventId>("eventId");
        let read = Self::read_besides_record(&mut reader, action_type);
        // The protocol ignores surplus fields of these two, and refuses them everywhere else.
        reader.finish(!matches!(
            action_type,
            ActionType::Declare | ActionType::Custom
        ))?;
        Ok(read)
    }

    /// What comes with a NOTIFY of a record that is still to begin: its event type, and the rest.
    pub(super) fn read_with_event_type(input: &Value) -> Result<(String, Self), ApiError> {
        let mut reader = Reader::new(input)?;
        let event_type = reader.required_text("eventType", 255);
        let read = Self::read_besides_record(&mut reader, ActionType::Notify);
        reader.finish(false)?;
        Ok((event_type, read))
    }

    fn read_besides_record(reader: &mut Reader<'_>, action_type: ActionType) -> Self {
        reader.own_type(action_type);
        reader.flag("waitFor");
        reader.id::<ActionId>("originalActionId");
        Self {
            transaction_id: reader.transaction_id(),
            declaration: reader.map("declaration").unwrap_or_default(),
            annotation: reader.map("annotation"),
            keep: reader.keep_assignment(),
            created_at_location: reader.id("createdAtLocation"),
            registration_number: match action_type {
                ActionType::Register => reader.text("registrationNumber", LONGEST_TEXT),
                _ => None,
            },
            request_id: match action_type {
                ActionType::ApproveCorrection | ActionType::RejectCorrection => {
                    reader.required_id("requestId")
                }
                _ => None,
            },
            custom_action_type: match action_type {
                ActionType::Custom => Some(reader.required_text("customActionType", 255)),
                _ => None,
            },
            content: reader.content(action_type, false),
        }
    }
}

/// What comes with `….accept` and `….reject`.
#[derive(Debug)]
pub(super) struct CallbackInput {
    pub transaction_id: String,
    pub event_id: EventId,
    pub action_id: ActionId,
    pub declaration: Option<Declaration>,
    pub annotation: Option<Declaration>,
    pub registration_number: Option<String>,
    pub content: Option<Value>,
    pub reason: Option<String>,
    pub keep: KeepAssignment,
}

impl CallbackInput {
    pub(super) fn read(
        input: &Value,
        action_type: ActionType,
        accept: bool,
    ) -> Result<Self, ApiError> {
        let mut reader = Reader::new(input)?;
        let event_id = reader.required_id("eventId");
        let action_id = reader.required_id("actionId");
        let transaction_id = reader.transaction_id();
        let keep = reader.keep_assignment();
        let mut read = Self {
            transaction_id,
            event_id: EventId(uuid::Uuid::nil()),
            action_id: ActionId(uuid::Uuid::nil()),
            declaration: None,
            annotation: None,
            registration_number: None,
            content: None,
            reason: None,
            keep,
        };
        if accept {
            reader.own_type(action_type);
            read.declaration = reader.map("declaration");
            read.annotation = reader.map("annotation");
            read.content = reader.content(action_type, true);
            if action_type == ActionType::Register {
                let number = reader.required_text("registrationNumber", 255);
                read.registration_number = Some(number);
            }
        } else {
            read.reason = reader.text("reason", LONGEST_TEXT);
        }
        // Older toolkits send more than is needed; nothing of it is used.
        reader.finish(false)?;
        if let (Some(event_id), Some(action_id)) = (event_id, action_id) {
            read.event_id = event_id;
            read.action_id = action_id;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named_at_once() {
        let input = json!({"eventId": "x", "declaration": [], "surplus": 1});
        let error = RequestInput::read(&input, ActionType::Register).unwrap_err();
        let problems: Vec<Value> = serde_json::from_str(&error.message).unwrap();
        let paths: Vec<&Value> = problems.iter().map(|p| &p["path"]).collect();
        assert_eq!(
            paths,
            [
                &json!(["eventId"]),
                &json!(["transactionId"]),
                &json!(["declaration"]),
                &json!([])
            ]
        );
    }

    #[test]
    fn a_rejection_needs_a_reason() {
        let id = "0197f2c6-1111-7000-8000-000000000000";
        let input = json!({"eventId": id, "transactionId": "t", "content": {"reason": ""}});
        let error = RequestInput::read(&input, ActionType::Reject).unwrap_err();
        assert!(
            error.message.contains("Message cannot be empty"),
            "{}",
            error.message
        );
    }
}
