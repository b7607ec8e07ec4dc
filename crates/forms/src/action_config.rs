//! What a country's configuration says about one kind of action.

use serde_json::Value;

use crate::{
    ActionType, ConfigError, Context, Deduplication, Field, Message, Page,
    conditional::{Conditional, Conditionals},
    field::{ConditionalUse, Purpose},
    reading::{self, Object},
};

/// One configured action.
#[derive(Debug, Clone)]
pub struct ActionConfig {
    action_type: ActionType,
    custom_action_type: Option<String>,
    label: Message,
    flags: Vec<FlagChange>,
    conditionals: Vec<ConditionalUse>,
    review: Vec<Field>,
    form: Vec<Field>,
    pages: Vec<Page>,
    deduplication: Option<Deduplication>,
}

/// A flag that an accepted action puts on the record, or takes off it.
#[derive(Debug, Clone)]
pub struct FlagChange {
    /// The flag.
    pub id: String,
    /// Put on, or taken off.
    pub operation: FlagOperation,
    /// Only when this holds; always when there is none.
    pub conditional: Option<Conditional>,
}

/// What happens to a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FlagOperation {
    Add,
    Remove,
}

impl ActionConfig {
    /// The action's type.
    #[must_use]
    pub fn action_type(&self) -> ActionType {
        self.action_type
    }

    /// For CUSTOM: which one.
    #[must_use]
    pub fn custom_action_type(&self) -> Option<&str> {
        self.custom_action_type.as_deref()
    }

    /// What people call it.
    #[must_use]
    pub fn label(&self) -> &Message {
        &self.label
    }

    /// The flags it changes once accepted, in order.
    #[must_use]
    pub fn flags(&self) -> &[FlagChange] {
        &self.flags
    }

    /// The fields its annotation answers: a custom action's form, the pages of a print or
    /// correction form, or the fields on the review page.
    pub fn annotation_fields(&self) -> impl Iterator<Item = &Field> {
        let pages = self.pages.iter().flat_map(Page::fields);
        self.form.iter().chain(pages).chain(&self.review)
    }

    /// The fields of the review page.
    #[must_use]
    pub fn review_fields(&self) -> &[Field] {
        &self.review
    }

    /// The fields of a custom action's form.
    #[must_use]
    pub fn form(&self) -> &[Field] {
        &self.form
    }

    /// The pages of a print or correction form.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// How duplicates are looked for before the action. (OpenCRVS 2.0 has it on DECLARE and
    /// REGISTER only; here a country can ask for it on NOTIFY, too.)
    #[must_use]
    pub fn deduplication(&self) -> Option<&Deduplication> {
        self.deduplication.as_ref()
    }

    /// Whether the action is offered at all: its first SHOW conditional, if it has one. The
    /// context carries the record's declaration as form, its flags and its status.
    #[must_use]
    pub fn is_visible(&self, context: &Context<'_>) -> bool {
        self.holds(Purpose::Show, context)
    }

    /// Whether the action may be taken where it is offered: its first ENABLE conditional.
    #[must_use]
    pub fn is_enabled(&self, context: &Context<'_>) -> bool {
        self.holds(Purpose::Enable, context)
    }

    /// Offered and may be taken.
    #[must_use]
    pub fn is_available(&self, context: &Context<'_>) -> bool {
        self.is_visible(context) && self.is_enabled(context)
    }

    fn holds(&self, purpose: Purpose, context: &Context<'_>) -> bool {
        let rule = self
            .conditionals
            .iter()
            .find(|conditional| conditional.purpose == purpose);
        rule.is_none_or(|rule| rule.conditional.holds(context))
    }

    pub(crate) fn read(
        written: &Value,
        conditionals: &mut Conditionals,
    ) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let action_type = action_type(written)?;
        let mut config = Self {
            action_type,
            custom_action_type: None,
            label: Message::read_needed(written, "label")?,
            flags: reading::each(written, "flags", |flag| {
                FlagChange::read(flag, conditionals)
            })?,
            conditionals: ConditionalUse::read_all(written, offered(action_type), conditionals)?,
            review: Vec::new(),
            form: Vec::new(),
            pages: Vec::new(),
            deduplication: deduplication(written, action_type)?,
        };
        match action_type {
            ActionType::Custom => {
                config.custom_action_type =
                    Some(reading::text(written, "customActionType")?.to_owned());
                reading::member(written, "form")?;
                config.form =
                    reading::each(written, "form", |field| Field::read(field, conditionals))?;
            }
            ActionType::PrintCertificate => {
                config.pages = Page::read_form(written, "printForm", conditionals)?;
            }
            ActionType::RequestCorrection => {
                config.pages = Page::read_form(written, "correctionForm", conditionals)?;
            }
            ActionType::Read | ActionType::Declare => {
                config.review = reading::inner(written, "review", |review| {
                    reading::member(review, "fields")?;
                    reading::each(review, "fields", |field| Field::read(field, conditionals))
                })?;
            }
            _ => {}
        }
        Ok(config)
    }
}

/// What conditionals of an action can be for. Reading cannot be taken away from who may read.
fn offered(action_type: ActionType) -> &'static [Purpose] {
    match action_type {
        ActionType::Read => &[],
        _ => &[Purpose::Show, Purpose::Enable],
    }
}

/// Only the actions that bring a declaration look for duplicates; elsewhere it is not read.
fn deduplication(
    written: &Object,
    action_type: ActionType,
) -> Result<Option<Deduplication>, ConfigError> {
    use ActionType::{Declare, Notify, Register};
    let looks = matches!(action_type, Notify | Declare | Register);
    let rule = written.get("deduplication").filter(|_| looks);
    let rule = rule.map(Deduplication::read).transpose();
    rule.map_err(|error| error.under("deduplication"))
}

fn action_type(written: &Object) -> Result<ActionType, ConfigError> {
    let name = reading::text(written, "type")?;
    let action_type: ActionType = name
        .parse()
        .map_err(|why| ConfigError::new(format!("{why}")).under("type"))?;
    let configurable = matches!(
        action_type,
        ActionType::Read
            | ActionType::Notify
            | ActionType::Declare
            | ActionType::Edit
            | ActionType::Reject
            | ActionType::Register
            | ActionType::Archive
            | ActionType::PrintCertificate
            | ActionType::RequestCorrection
            | ActionType::Custom
    );
    if configurable {
        Ok(action_type)
    } else {
        Err(ConfigError::new(format!("{name} cannot be configured")).under("type"))
    }
}

impl FlagChange {
    fn read(written: &Value, conditionals: &mut Conditionals) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let operation = match reading::text(written, "operation")? {
            "add" => FlagOperation::Add,
            "remove" => FlagOperation::Remove,
            _ => return Err(ConfigError::new("must be 'add' or 'remove'").under("operation")),
        };
        let conditional = conditionals.compile_member(written, "conditional")?;
        Ok(Self {
            id: reading::text(written, "id")?.to_owned(),
            operation,
            conditional,
        })
    }
}
