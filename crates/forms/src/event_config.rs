//! A country's configuration of one kind of event, read and compiled once.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::{
    ActionConfig, ActionType, AdvancedSearch, ConfigError, Context, Field, FieldType, Message,
    Page, Problem, SummaryField,
    conditional::Conditionals,
    form::untold,
    reading::{self, Object},
};

/// A country's event configuration, compiled once.
#[derive(Debug, Clone)]
pub struct EventConfig {
    id: String,
    json: Value,
    label: Message,
    title: Message,
    fallback_title: Option<Message>,
    date_of_event: Option<DateOfEvent>,
    place_of_event: Option<FieldReference>,
    summary: Vec<SummaryField>,
    flags: Vec<FlagConfig>,
    actions: Vec<ActionConfig>,
    action_order: Vec<String>,
    advanced_search: Vec<AdvancedSearch>,
    analytics: bool,
    pub(crate) pages: Vec<Page>,
    /// Page and index of the first field with an id.
    positions: HashMap<String, (usize, usize)>,
    /// Whether JavaScript decides anything, so that it may turn out that nothing is decided.
    has_scripts: bool,
}

/// Where the date of the event is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateOfEvent {
    /// In a field of the declaration.
    Field(FieldReference),
    /// In a date the record itself has, such as `createdAt`.
    Record(String),
}

/// A field of the declaration, or a value inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldReference {
    /// The field's id.
    pub field: String,
    /// The way into the field's value; empty for the whole.
    pub subfield: Vec<String>,
}

/// A flag of the country's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagConfig {
    /// The flag.
    pub id: String,
    /// Whether someone must act to clear it.
    pub requires_action: bool,
    /// What people call it.
    pub label: Message,
}

impl EventConfig {
    /// Compiles a configuration as country config serves it. Parts this crate has no use for are
    /// kept in [`Self::json`] unread.
    ///
    /// # Errors
    /// When a part cannot be used as it stands; the error names the part and the reason.
    pub fn compile(raw: Value) -> Result<Self, ConfigError> {
        let written = reading::object(&raw)?;
        let mut conditionals = Conditionals::default();
        let pages = Page::read_form(written, "declaration", &mut conditionals)?;
        let actions = reading::member(written, "actions").and_then(|_| {
            reading::each(written, "actions", |action| {
                ActionConfig::read(action, &mut conditionals)
            })
        })?;
        let mut config = Self {
            id: reading::text(written, "id")?.to_owned(),
            label: Message::read_needed(written, "label")?,
            title: Message::read_needed(written, "title")?,
            fallback_title: Message::read_member(written, "fallbackTitle")?,
            date_of_event: DateOfEvent::read(written)?,
            place_of_event: written
                .get("placeOfEvent")
                .map(FieldReference::read)
                .transpose()
                .map_err(|error| error.under("placeOfEvent"))?,
            summary: SummaryField::read_all(written, &mut conditionals)?,
            flags: reading::each(written, "flags", FlagConfig::read)?,
            actions,
            action_order: reading::each(written, "actionOrder", reading::as_text)?,
            advanced_search: reading::each(written, "advancedSearch", |section| {
                AdvancedSearch::read(section, &mut conditionals)
            })?,
            analytics: !written.contains_key("analytics") || reading::flag(written, "analytics")?,
            positions: positions(&pages),
            pages,
            has_scripts: conditionals.run_scripts(),
            json: Value::Null,
        };
        config.check_references()?;
        config.json = raw;
        Ok(config)
    }

    /// The event type, such as `birth`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The configuration as written, to be served again.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// What people call this kind of event.
    #[must_use]
    pub fn label(&self) -> &Message {
        &self.label
    }

    /// The template of a record's title, such as `{child.name.firstname}`.
    #[must_use]
    pub fn title(&self) -> &Message {
        &self.title
    }

    /// The title of a record whose own comes out empty.
    #[must_use]
    pub fn fallback_title(&self) -> Option<&Message> {
        self.fallback_title.as_ref()
    }

    /// Where the date of the event is found; the day the record was made when it is not said.
    #[must_use]
    pub fn date_of_event(&self) -> Option<&DateOfEvent> {
        self.date_of_event.as_ref()
    }

    /// Where the place of the event is found; the place the record was made when it is not said.
    #[must_use]
    pub fn place_of_event(&self) -> Option<&FieldReference> {
        self.place_of_event.as_ref()
    }

    /// What is shown of a record at a glance, in order.
    #[must_use]
    pub fn summary(&self) -> &[SummaryField] {
        &self.summary
    }

    /// What the advanced search asks for, in order.
    #[must_use]
    pub fn advanced_search(&self) -> &[AdvancedSearch] {
        &self.advanced_search
    }

    /// The order in which actions are offered, by type or, for custom ones, by their own name;
    /// empty when the country does not say.
    #[must_use]
    pub fn action_order(&self) -> &[String] {
        &self.action_order
    }

    /// Whether records of this kind go into the country's analytics. They do unless it says not.
    #[must_use]
    pub fn is_in_analytics(&self) -> bool {
        self.analytics
    }

    /// The flags of the country's own.
    #[must_use]
    pub fn flags(&self) -> &[FlagConfig] {
        &self.flags
    }

    /// Every configured action, in order.
    #[must_use]
    pub fn actions(&self) -> &[ActionConfig] {
        &self.actions
    }

    /// The configuration that governs an action; `custom` says which CUSTOM one.
    ///
    /// NOTIFY without one of its own goes by DECLARE's, and the two answers to a correction by
    /// REQUEST_CORRECTION's.
    #[must_use]
    pub fn action(&self, kind: ActionType, custom: Option<&str>) -> Option<&ActionConfig> {
        let of = |kind| {
            self.actions
                .iter()
                .find(|action| action.action_type() == kind)
        };
        match kind {
            ActionType::Notify => of(ActionType::Notify).or_else(|| of(ActionType::Declare)),
            ActionType::ApproveCorrection | ActionType::RejectCorrection => {
                of(ActionType::RequestCorrection)
            }
            ActionType::Custom if custom.is_some() => self
                .actions
                .iter()
                .find(|action| action.custom_action_type() == custom),
            _ => of(kind),
        }
    }

    /// The pages of the declaration, in order.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The fields of the declaration, in order. An id may come more than once, on fields that are
    /// shown at different times.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.pages.iter().flat_map(Page::fields)
    }

    /// The first field of the declaration with this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        let (page, at) = *self.positions.get(id)?;
        self.pages.get(page)?.fields().get(at)
    }

    /// Pages and fields of the declaration of which JavaScript leaves open whether they are shown.
    /// What is hidden is taken out, so nothing may be until this is settled.
    pub(crate) fn untold(
        &self,
        declaration: &Map<String, Value>,
        context: &Context<'_>,
    ) -> Vec<Problem> {
        if self.has_scripts {
            untold(&self.pages, declaration, context)
        } else {
            Vec::new()
        }
    }

    /// What one part says about another must be true.
    fn check_references(&self) -> Result<(), ConfigError> {
        if let Some(DateOfEvent::Field(date)) = &self.date_of_event {
            let field = self
                .referred(date)
                .map_err(|error| error.under("dateOfEvent"))?;
            if field.field_type() != FieldType::Date {
                let reason = format!("'{}' is no DATE field", date.field);
                return Err(ConfigError::new(reason).under("dateOfEvent"));
            }
        }
        if let Some(place) = &self.place_of_event {
            self.referred(place)
                .map_err(|error| error.under("placeOfEvent"))?;
        }
        self.check_search()
            .map_err(|error| error.under("advancedSearch"))?;
        self.check_order()
            .map_err(|error| error.under("actionOrder"))?;
        let known: HashSet<&str> = self.flags.iter().map(|flag| flag.id.as_str()).collect();
        for (index, action) in self.actions.iter().enumerate() {
            for (at, flag) in action.flags().iter().enumerate() {
                if !known.contains(flag.id.as_str()) && !INHERENT_FLAGS.contains(&&*flag.id) {
                    let reason = format!("the flag '{}' is not configured", flag.id);
                    return Err(ConfigError::new(reason)
                        .under(at)
                        .under("flags")
                        .under(index)
                        .under("actions"));
                }
            }
        }
        Ok(())
    }

    /// Each thing is searched for once, in fields that there are.
    fn check_search(&self) -> Result<(), ConfigError> {
        let asked = self
            .actions
            .iter()
            .flat_map(ActionConfig::annotation_fields);
        let known: HashSet<&str> = self.fields().chain(asked).map(Field::id).collect();
        let mut seen = HashSet::new();
        for (index, section) in self.advanced_search.iter().enumerate() {
            for (at, field) in section.fields.iter().enumerate() {
                let reason = if !field.is_known(|id| known.contains(id)) {
                    format!("no form has a field '{}'", field.field)
                } else if !seen.insert(&field.field) {
                    format!("'{}' is searched for twice", field.field)
                } else {
                    continue;
                };
                let error = ConfigError::new(reason).under("fieldId");
                return Err(error.under(at).under("fields").under(index));
            }
        }
        Ok(())
    }

    /// Only what can be offered has a place in the order of what is offered.
    fn check_order(&self) -> Result<(), ConfigError> {
        let own = |name: &str| {
            let mut own = self.actions.iter().map(ActionConfig::custom_action_type);
            own.any(|own| own == Some(name))
        };
        for (at, name) in self.action_order.iter().enumerate() {
            if !OFFERED.contains(&name.as_str()) && !own(name) {
                let reason = format!("'{name}' is neither an action to choose nor a custom one");
                return Err(ConfigError::new(reason).under(at));
            }
        }
        Ok(())
    }

    fn referred(&self, reference: &FieldReference) -> Result<&Field, ConfigError> {
        self.field(&reference.field).ok_or_else(|| {
            ConfigError::new(format!(
                "the declaration has no field '{}'",
                reference.field
            ))
        })
    }
}

/// Flags every record can carry without a country configuring them.
const INHERENT_FLAGS: [&str; 5] = [
    "incomplete",
    "rejected",
    "correction-requested",
    "potential-duplicate",
    "edit-in-progress",
];

/// Actions that people choose, in the protocol's spelling.
const OFFERED: [&str; 12] = [
    "READ",
    "DELETE",
    "DECLARE",
    "REGISTER",
    "EDIT",
    "REJECT",
    "MARK_AS_DUPLICATE",
    "ARCHIVE",
    "PRINT_CERTIFICATE",
    "REQUEST_CORRECTION",
    "ASSIGN",
    "UNASSIGN",
];

/// Dates the record itself has that can be the date of the event.
const RECORD_DATES: [&str; 6] = [
    "createdAt",
    "updatedAt",
    "legalStatuses.DECLARED.createdAt",
    "legalStatuses.DECLARED.acceptedAt",
    "legalStatuses.REGISTERED.createdAt",
    "legalStatuses.REGISTERED.acceptedAt",
];

fn positions(pages: &[Page]) -> HashMap<String, (usize, usize)> {
    let mut positions = HashMap::new();
    for (page, fields) in pages.iter().map(Page::fields).enumerate() {
        for (at, field) in fields.iter().enumerate() {
            positions.entry(field.id().to_owned()).or_insert((page, at));
        }
    }
    positions
}

impl DateOfEvent {
    fn read(event: &Object) -> Result<Option<Self>, ConfigError> {
        let Some(written) = event.get("dateOfEvent") else {
            return Ok(None);
        };
        let read = match written.get("$$event") {
            None => FieldReference::read(written).map(Self::Field),
            Some(Value::String(date)) if RECORD_DATES.contains(&date.as_str()) => {
                Ok(Self::Record(date.clone()))
            }
            Some(_) => {
                let reason = format!("must be one of {}", RECORD_DATES.join(", "));
                Err(ConfigError::new(reason).under("$$event"))
            }
        };
        read.map(Some).map_err(|error| error.under("dateOfEvent"))
    }
}

impl FieldReference {
    /// The value it leads to, if there is one.
    #[must_use]
    pub fn find_in<'v>(&self, form: &'v Map<String, Value>) -> Option<&'v Value> {
        let value = form.get(&self.field)?;
        self.subfield
            .iter()
            .try_fold(value, |value, key| value.get(key))
    }

    pub(crate) fn read(written: &Value) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        Ok(Self {
            field: reading::text(written, "$$field")?.to_owned(),
            subfield: reading::each(written, "$$subfield", reading::as_text)?,
        })
    }
}

impl FlagConfig {
    fn read(written: &Value) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let id = reading::text(written, "id")?;
        if INHERENT_FLAGS.contains(&id) || is_action_flag(id) {
            let reason = format!("'{id}' is a flag that records get by themselves");
            return Err(ConfigError::new(reason).under("id"));
        }
        Ok(Self {
            id: id.to_owned(),
            requires_action: reading::flag(written, "requiresAction")?,
            label: Message::read_needed(written, "label")?,
        })
    }
}

/// Whether it is a flag that says where an action stands, such as `register:requested`.
fn is_action_flag(flag: &str) -> bool {
    flag.split_once(':').is_some_and(|(action, status)| {
        ["requested", "accepted", "rejected"].contains(&status)
            && ActionType::ALL
                .iter()
                .any(|known| known.as_str().to_lowercase() == action)
    })
}
