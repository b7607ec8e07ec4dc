//! What an action brings, held against the form it answers.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    ActionType, Context, EventConfig, Field, Page, Problem, deep_merge, drop_nulls,
    form::{Form, without_hidden, without_hidden_fields},
    message::{Message, Standard},
    value::Completeness,
};

/// An action someone wants to take.
#[derive(Debug, Clone, Copy)]
pub struct ActionCheck<'a> {
    /// Its type.
    pub action_type: ActionType,
    /// For CUSTOM: which one.
    pub custom_action_type: Option<&'a str>,
    /// The record's declaration before it.
    pub current: &'a Map<String, Value>,
    /// What it changes in the declaration; a `null` clears a field.
    pub declaration: &'a Map<String, Value>,
    /// What it says besides.
    pub annotation: &'a Map<String, Value>,
}

impl EventConfig {
    /// What is wrong with what an action brings; nothing when it may go on.
    ///
    /// - NOTIFY and EDIT may be incomplete: only known fields, each of the right shape.
    /// - DECLARE, REGISTER and REQUEST_CORRECTION must leave the declaration complete, must not
    ///   answer what is hidden, and (a correction) not touch what cannot be corrected.
    /// - CUSTOM and PRINT_CERTIFICATE answer their own forms.
    /// - Other actions bring nothing that is checked here.
    ///
    /// `context.form` is not used: the form is the declaration, or the annotation laid over it.
    #[must_use]
    pub fn check_action(&self, check: ActionCheck<'_>, context: &Context<'_>) -> Vec<Problem> {
        match check.action_type {
            ActionType::Notify | ActionType::Edit => self.check_partial(&check, context),
            ActionType::RequestCorrection => {
                let untouchable = self.check_correctable(&check);
                if untouchable.is_empty() {
                    self.check_update(&check, context)
                } else {
                    untouchable
                }
            }
            ActionType::Declare | ActionType::Register => self.check_update(&check, context),
            ActionType::Custom => {
                let action = self.action(ActionType::Custom, check.custom_action_type);
                let fields = action.map(|action| action.form().iter().collect());
                let fields: Vec<&Field> = fields.unwrap_or_default();
                check_answers(&fields, check.annotation, &Map::new(), context)
            }
            ActionType::PrintCertificate => self.check_print(&check, context),
            _ => Vec::new(),
        }
    }

    fn check_partial(&self, check: &ActionCheck<'_>, context: &Context<'_>) -> Vec<Problem> {
        let nothing = Map::new();
        let review = self.review_fields(ActionType::Declare);
        let annotation = Form::new(check.annotation, &nothing, context);
        let declaration = Form::new(check.declaration, &nothing, context);
        let (annotation_root, declaration_root) = (annotation.root(), declaration.root());
        let mut problems = Vec::new();
        for id in check.annotation.keys() {
            problems.extend(match review.iter().find(|field| field.id() == id) {
                Some(field) => {
                    annotation.shape_problems(field, Completeness::Complete, &annotation_root)
                }
                None => vec![Problem::new(id, Standard::Unexpected.into())],
            });
        }
        for id in check.declaration.keys() {
            problems.extend(match self.field(id).map(Field::optional) {
                Some(field) => {
                    declaration.shape_problems(&field, Completeness::Partial, &declaration_root)
                }
                None => vec![Problem::new(id, Standard::Unexpected.into())],
            });
        }
        problems
    }

    fn check_correctable(&self, check: &ActionCheck<'_>) -> Vec<Problem> {
        let touched = check
            .declaration
            .keys()
            .filter(|id| self.field(id).is_some_and(Field::is_uncorrectable));
        touched
            .map(|id| Problem::new(id, Standard::CorrectionNotAllowed.into()))
            .collect()
    }

    fn check_update(&self, check: &ActionCheck<'_>, context: &Context<'_>) -> Vec<Problem> {
        // What earlier configurations asked for may stay on a record; nobody could take it off.
        let unknown = check
            .declaration
            .keys()
            .filter(|id| self.field(id).is_none());
        let unknown: Vec<Problem> = unknown
            .map(|id| Problem::new(id, Standard::Unexpected.into()))
            .collect();
        if !unknown.is_empty() {
            return unknown;
        }
        let mut merged = deep_merge(check.current, check.declaration);
        if check.action_type == ActionType::RequestCorrection {
            // A hidden field that cannot be corrected cannot be cleared either, so it must not
            // stand in the way of correcting others.
            let fixed: HashSet<&str> = self
                .fields()
                .filter(|field| field.is_uncorrectable())
                .map(Field::id)
                .collect();
            merged.retain(|id, _| !fixed.contains(id.as_str()));
        }
        let complete = drop_nulls(&merged);
        let untold = self.untold(&complete, context);
        if !untold.is_empty() {
            return untold;
        }
        let cleaned = without_hidden(self.pages(), &complete, context);
        let hidden = answered_though_hidden(&complete, &cleaned, check.declaration);
        if !hidden.is_empty() {
            return hidden;
        }
        let nothing = Map::new();
        let shown: Vec<&Field> = {
            let form = Form::new(&cleaned, &nothing, context);
            let root = form.root();
            let pages = self.pages().iter().filter(|page| page.is_visible(&root));
            pages.flat_map(Page::fields).collect()
        };
        let mut problems = check_answers(&shown, &cleaned, &nothing, context);
        if check.action_type != ActionType::RequestCorrection {
            let review: Vec<&Field> = self.review_fields(check.action_type).iter().collect();
            let given = drop_nulls(check.annotation);
            let annotation = without_hidden_fields(&review, &given, &nothing, context);
            problems.extend(check_answers(&review, &annotation, &cleaned, context));
        }
        problems
    }

    fn check_print(&self, check: &ActionCheck<'_>, context: &Context<'_>) -> Vec<Problem> {
        let Some(action) = self.action(check.action_type, None) else {
            return Vec::new();
        };
        let nothing = Map::new();
        let fields: Vec<&Field> = action.pages().iter().flat_map(Page::fields).collect();
        let mut problems = check_answers(&fields, check.annotation, check.current, context);
        let form = Form::new(check.annotation, &nothing, context);
        let root = form.root();
        let unanswered = action.pages().iter().filter(|page| {
            page.is_verification()
                && page.is_visible(&root)
                && !check
                    .annotation
                    .get(page.id())
                    .is_some_and(Value::is_boolean)
        });
        problems.extend(
            unanswered.map(|page| Problem::new(page.id(), Standard::VerificationMissing.into())),
        );
        problems
    }

    fn review_fields(&self, action_type: ActionType) -> &[Field] {
        self.action(action_type, None)
            .map_or(&[], |action| action.review_fields())
    }
}

/// What is wrong with the answers to some fields: hidden ones answered, then shown ones that
/// will not do.
fn check_answers(
    fields: &[&Field],
    answers: &Map<String, Value>,
    base: &Map<String, Value>,
    context: &Context<'_>,
) -> Vec<Problem> {
    let form = Form::new(answers, base, context);
    let root = form.root();
    let (mut shown, mut hidden, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for &field in fields {
        match field.shown(&root) {
            Ok(true) => shown.push(field),
            Ok(false) => hidden.push(field),
            Err(why) => problems.push(Problem::new(field.id(), Message::unchecked(&why))),
        }
    }
    let hidden = hidden.iter().filter(|field| {
        !shown.iter().any(|other| other.id() == field.id())
            && answers.get(field.id()).is_some_and(is_answer)
    });
    let hidden = hidden.map(|field| Problem::new(field.id(), Standard::Hidden.into()));
    problems.extend(hidden);
    problems.extend(shown.iter().flat_map(|field| form.problems(field, &root)));
    problems
}

/// Whether a hidden field was answered with anything to speak of.
fn is_answer(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

/// Values in the update that hiding took out again, by their path.
fn answered_though_hidden(
    complete: &Map<String, Value>,
    cleaned: &Map<String, Value>,
    update: &Map<String, Value>,
) -> Vec<Problem> {
    let answered = complete.iter().filter(|(id, _)| update.contains_key(*id));
    let hidden = answered.filter(|(id, _)| !cleaned.contains_key(*id));
    let message = Message::from(Standard::Hidden);
    hidden
        .flat_map(|(id, value)| leaves(id, value))
        .map(|path| Problem::new(path, message.clone()))
        .collect()
}

/// The paths of the simple values inside a value, such as `child.name.firstname` and `files[0]`.
fn leaves(path: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| leaves(&format!("{path}.{key}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, value)| leaves(&format!("{path}[{at}]"), value))
            .collect(),
        _ => vec![path.to_owned()],
    }
}
