//! Telling a caller which of their answers will not do.

use forms::Problem;
use records::{ActionType, Declaration};
use serde_json::{Map, Value};

use crate::error::{ApiError, ErrorCode, FieldProblem};

/// The id under which the protocol names an answer that no field asked for.
const UNEXPECTED: &str = "error.unexpectedField";

/// 400 that names every answer that will not do, for people and for programs: `fields` has each
/// with its message's id and text. The error's own message is the protocol's, which clients parse:
/// `[{"message","id","value"?}]`; or a sentence, where an action that completes a declaration
/// brings answers to fields that do not exist.
pub(super) fn refused(
    problems: &[Problem],
    action_type: ActionType,
    answers: &[&Declaration],
) -> ApiError {
    let partial = matches!(action_type, ActionType::Notify | ActionType::Edit);
    let message = if !partial && problems.iter().all(|p| p.message.id == UNEXPECTED) {
        let sentences = problems
            .iter()
            .map(|problem| format!("Field with id {} not found in event config", problem.field));
        sentences.collect::<Vec<_>>().join("; ")
    } else {
        let list = problems.iter().map(|problem| in_protocol(problem, answers));
        Value::Array(list.collect()).to_string()
    };
    let mut error = ApiError::new(ErrorCode::BadRequest, message);
    error.fields = problems
        .iter()
        .map(|problem| FieldProblem {
            field: problem.field.clone(),
            message_id: problem.message.id.clone(),
            message: problem.message.default_message.clone(),
        })
        .collect();
    error
}

fn in_protocol(problem: &Problem, answers: &[&Declaration]) -> Value {
    let mut entry = Map::new();
    entry.insert(
        "message".into(),
        problem.message.default_message.clone().into(),
    );
    entry.insert("id".into(), problem.field.clone().into());
    let found = answers
        .iter()
        .find_map(|answers| value_at(answers, &problem.field));
    if let Some(value) = found.filter(|value| !value.is_null()) {
        entry.insert("value".into(), value.clone());
    }
    Value::Object(entry)
}

/// What was answered under a field's id, or under a path inside an answer such as
/// `child.name.firstname` or `files[0].path`.
fn value_at<'a>(answers: &'a Declaration, path: &str) -> Option<&'a Value> {
    if let Some(value) = answers.get(path) {
        return Some(value);
    }
    answers.iter().find_map(|(id, value)| {
        let rest = path.strip_prefix(id.as_str())?;
        rest.starts_with(['.', '[']).then(|| inside(value, rest))?
    })
}

/// The value at the end of steps such as `.name` and `[0]`.
fn inside<'a>(value: &'a Value, steps: &str) -> Option<&'a Value> {
    if steps.is_empty() {
        return Some(value);
    }
    if let Some(steps) = steps.strip_prefix('[') {
        let (position, rest) = steps.split_once(']')?;
        return inside(value.get(position.parse::<usize>().ok()?)?, rest);
    }
    // Names may have dots in them.
    let steps = steps.strip_prefix('.')?;
    value.as_object()?.iter().find_map(|(name, value)| {
        let rest = steps.strip_prefix(name.as_str())?;
        let whole = rest.is_empty() || rest.starts_with(['.', '[']);
        whole.then(|| inside(value, rest))?
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(field: &str, id: &str, text: &str) -> Problem {
        let message = json!({ "id": id, "defaultMessage": text });
        serde_json::from_value(json!({ "field": field, "message": message })).unwrap()
    }

    fn declaration(value: Value) -> Declaration {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn every_answer_is_named_with_its_value_and_its_message() {
        let problems = [
            problem("child.name.first", "error.hidden", "Hidden"),
            problem("files[1].path", "error.hidden", "Hidden"),
            problem("mother.dob", "error.required", "Required"),
        ];
        let answers = declaration(json!({
            "child.name": {"first": "Ann"}, "files": [{}, {"path": "x"}], "mother.dob": null,
        }));
        let error = refused(&problems, ActionType::Declare, &[&answers]);
        let listed: Value = serde_json::from_str(&error.message).unwrap();
        let expected = json!([
            {"message": "Hidden", "id": "child.name.first", "value": "Ann"},
            {"message": "Hidden", "id": "files[1].path", "value": "x"},
            {"message": "Required", "id": "mother.dob"},
        ]);
        assert_eq!(listed, expected);
        assert_eq!(error.fields.len(), 3);
        assert_eq!(error.fields[2].message_id, "error.required");
    }

    #[test]
    fn fields_that_do_not_exist_are_told_in_a_sentence_unless_part_of_a_declaration_will_do() {
        let problems = [problem("a.b", UNEXPECTED, "Unexpected field")];
        let error = refused(&problems, ActionType::Declare, &[]);
        assert_eq!(error.message, "Field with id a.b not found in event config");
        assert_eq!(error.fields[0].field, "a.b");
        let error = refused(&problems, ActionType::Notify, &[]);
        assert!(error.message.starts_with('['), "{}", error.message);
    }
}
