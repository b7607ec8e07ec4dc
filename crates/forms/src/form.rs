//! A form being filled in: which pages and fields are shown, and what is wrong with each.

use std::{borrow::Cow, collections::HashMap};

use script::ScriptError;
use serde_json::{Map, Value};

use crate::{
    Context, Field, FieldType, Message, Page, Problem,
    conditional::Root,
    field::Required,
    value::{self, Completeness},
};

/// What was answered, and what the questions are decided on: the answers, laid over the record's
/// declaration where the form is an annotation to it.
pub(crate) struct Form<'a> {
    answers: &'a Map<String, Value>,
    laid_over: Cow<'a, Map<String, Value>>,
    context: Context<'a>,
}

impl<'a> Form<'a> {
    pub(crate) fn new(
        answers: &'a Map<String, Value>,
        base: &Map<String, Value>,
        context: &Context<'a>,
    ) -> Self {
        let laid_over = if base.is_empty() {
            Cow::Borrowed(answers)
        } else {
            let mut both = base.clone();
            both.extend(
                answers
                    .iter()
                    .map(|(id, value)| (id.clone(), value.clone())),
            );
            Cow::Owned(both)
        };
        Self {
            answers,
            laid_over,
            context: *context,
        }
    }

    /// What the conditionals are asked about.
    pub(crate) fn root(&self) -> Root<'_> {
        Root::new(&self.context.with_form(&self.laid_over))
    }

    /// Everything wrong with the answer to a field, under the field's own id also where the
    /// fault is in a part of a group.
    pub(crate) fn problems(&self, field: &Field, root: &Root<'_>) -> Vec<Problem> {
        self.messages(field, self.answers.get(field.id()), root)
            .into_iter()
            .map(|message| Problem::new(field.id(), message))
            .collect()
    }

    fn messages(&self, field: &Field, value: Option<&Value>, root: &Root<'_>) -> Vec<Message> {
        match field.shown(root) {
            Ok(true) => {}
            Ok(false) => return Vec::new(),
            Err(why) => return vec![Message::unchecked(&why)],
        }
        if field.field_type() == FieldType::FieldGroup {
            // A group's own rules are asked only once its parts are in order.
            // A part of a part is looked for where it stands. (OpenCRVS 2.0 looks for it one group
            // further out, and asks for it where its group is hidden: what is required there can
            // be given by nobody.)
            let inner: Vec<Message> = field
                .fields()
                .iter()
                .flat_map(|part| {
                    let value = value.and_then(|group| group.get(part.id()));
                    self.messages(part, value, root)
                })
                .collect();
            return if inner.is_empty() {
                broken_rules(field, root).collect()
            } else {
                inner
            };
        }
        if self.may_be_empty(field) {
            return Vec::new();
        }
        let mut messages = value::problems(field, value, Completeness::Complete);
        messages.extend(broken_rules(field, root));
        messages
    }

    /// Faults in the shape alone, for a field that is shown and not left empty.
    pub(crate) fn shape_problems(
        &self,
        field: &Field,
        completeness: Completeness,
        root: &Root<'_>,
    ) -> Vec<Problem> {
        match field.shown(root) {
            Ok(true) if !self.may_be_empty(field) => {}
            Ok(_) => return Vec::new(),
            Err(why) => return vec![Problem::new(field.id(), Message::unchecked(&why))],
        }
        value::problems(field, self.answers.get(field.id()), completeness)
            .into_iter()
            .map(|message| Problem::new(field.id(), message))
            .collect()
    }

    /// Whether the field needs no answer and has none: absent, an empty text, or an object or
    /// list with nothing but empty texts in it. Looked up at the top of the form, also for a part
    /// of a group: such a part is only judged when it is required, as in OpenCRVS 2.0.
    fn may_be_empty(&self, field: &Field) -> bool {
        let empty = |value: &Value| value.as_str().is_some_and(str::is_empty);
        field.required == Required::No
            && match self.answers.get(field.id()) {
                None => true,
                Some(Value::Object(parts)) => parts.values().all(empty),
                Some(Value::Array(parts)) => parts.iter().all(empty),
                Some(value) => empty(value),
            }
    }
}

/// What the country's own rules say that do not hold, or cannot be checked.
fn broken_rules<'f>(
    field: &'f Field,
    root: &'f Root<'_>,
) -> impl Iterator<Item = Message> + use<'f> {
    let rules = field.validations.iter();
    rules.filter_map(|rule| match rule.validator.evaluate_for(root) {
        Ok(true) => None,
        Ok(false) => Some(rule.message.clone()),
        Err(why) => Some(Message::unchecked(&why)),
    })
}

/// Pages and fields of which it cannot be told whether they are shown.
pub(crate) fn untold<'p>(
    pages: impl IntoIterator<Item = &'p Page>,
    answers: &Map<String, Value>,
    context: &Context<'_>,
) -> Vec<Problem> {
    let nothing = Map::new();
    let form = Form::new(answers, &nothing, context);
    let root = form.root();
    let mut found = Vec::new();
    let mut tell = |id: &str, shown: Result<bool, ScriptError>| {
        found.extend(
            shown
                .err()
                .map(|why| Problem::new(id, Message::unchecked(&why))),
        );
    };
    for page in pages {
        tell(page.id(), page.shown(&root));
        for field in page.fields() {
            tell(field.id(), field.shown(&root));
        }
    }
    found
}

/// The answers without those to hidden pages and fields.
pub(crate) fn without_hidden(
    pages: &[Page],
    answers: &Map<String, Value>,
    context: &Context<'_>,
) -> Map<String, Value> {
    let nothing = Map::new();
    let form = Form::new(answers, &nothing, context);
    let root = form.root();
    let (shown, hidden): (Vec<&Page>, Vec<&Page>) =
        pages.iter().partition(|page| page.is_visible(&root));
    let shown: Vec<&Field> = shown.into_iter().flat_map(Page::fields).collect();
    let mut kept = answers.clone();
    for field in hidden.into_iter().flat_map(Page::fields) {
        if !shown.iter().any(|other| other.id() == field.id()) {
            kept.shift_remove(field.id());
        }
    }
    without_hidden_fields(&shown, &kept, &nothing, context)
}

/// The answers without those to hidden fields, laid over `base` to decide what is hidden.
///
/// Hiding one field can hide or show another, so this is repeated until nothing changes. Rules
/// that chase each other in a circle are cut off after as many rounds as there are fields.
pub(crate) fn without_hidden_fields(
    fields: &[&Field],
    answers: &Map<String, Value>,
    base: &Map<String, Value>,
    context: &Context<'_>,
) -> Map<String, Value> {
    let mut by_id: HashMap<&str, Vec<&Field>> = HashMap::new();
    for &field in fields {
        by_id.entry(field.id()).or_default().push(field);
    }
    let mut kept = answers.clone();
    for _ in 0..=fields.len() {
        let next: Map<String, Value> = {
            let form = Form::new(&kept, base, context);
            let root = form.root();
            let shown = |id: &str| {
                by_id
                    .get(id)
                    .is_none_or(|fields| fields.iter().any(|f| f.is_visible(&root)))
            };
            let shown = answers.iter().filter(|(id, _)| shown(id));
            shown
                .map(|(id, value)| (id.clone(), value.clone()))
                .collect()
        };
        if next.len() == kept.len() && next.keys().all(|id| kept.contains_key(id)) {
            return next;
        }
        kept = next;
    }
    kept
}
