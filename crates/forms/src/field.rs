//! One field of a form: what it asks for, when it is shown, and what an answer must satisfy.

use script::ScriptError;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    ConfigError, FieldType, Message,
    conditional::{Conditional, Conditionals, Root},
    file_rules::FileRules,
    message::Standard,
    reading::{self, Object},
    shape,
    sources::{Default, Source},
    value::{self, Completeness},
};

/// Groups inside groups, at most this deep.
const DEPTH: usize = 16;

/// A compiled field.
#[derive(Debug, Clone)]
pub struct Field {
    id: String,
    field_type: FieldType,
    label: Option<Message>,
    pub(crate) required: Required,
    /// Hides the field unless one of them holds; empty when it is always shown.
    show: Vec<Conditional>,
    pub(crate) validations: Vec<Validation>,
    secured: bool,
    uncorrectable: bool,
    analytics: bool,
    pub(crate) name: NameParts,
    /// Ids of an address's free lines; others are refused.
    pub(crate) street_lines: Vec<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) sources: Vec<Source>,
    pub(crate) default: Option<Default>,
    files: Option<FileRules>,
}

/// Whether an answer must be there, and what is said when it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Required {
    No,
    Yes,
    YesSaying(Message),
}

/// A rule of the country's own on top of what the field's type asks for.
#[derive(Debug, Clone)]
pub(crate) struct Validation {
    pub(crate) validator: Conditional,
    pub(crate) message: Message,
}

/// Which parts of a NAME must not be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameParts {
    pub(crate) firstname: bool,
    pub(crate) middlename: bool,
    pub(crate) surname: bool,
}

impl Field {
    /// The field's id, such as `child.dob`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it asks for.
    #[must_use]
    pub fn field_type(&self) -> FieldType {
        self.field_type
    }

    /// Its label, which a decorative field may lack.
    #[must_use]
    pub fn label(&self) -> Option<&Message> {
        self.label.as_ref()
    }

    /// Whether it is left out of search, and seen only by who holds the record.
    #[must_use]
    pub fn is_secured(&self) -> bool {
        self.secured
    }

    /// Whether a correction may not touch it.
    #[must_use]
    pub fn is_uncorrectable(&self) -> bool {
        self.uncorrectable
    }

    /// Whether answers go into the country's analytics.
    #[must_use]
    pub fn is_in_analytics(&self) -> bool {
        self.analytics
    }

    /// Whether an answer must be given while the field is shown.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required != Required::No
    }

    /// Which files may answer it; `None` for what no file answers.
    #[must_use]
    pub fn files(&self) -> Option<&FileRules> {
        self.files.as_ref()
    }

    /// The fields of a FIELD_GROUP; none for any other type.
    #[must_use]
    pub fn fields(&self) -> &[Self] {
        &self.fields
    }

    /// Compiles a field on its own.
    ///
    /// # Errors
    /// When a part of it cannot be used as it stands.
    pub fn compile(written: &Value) -> Result<Self, ConfigError> {
        Self::read(written, &mut Conditionals::default())
    }

    /// What is wrong with the shape of an answer: the field type's own check, without the
    /// country's validations. `partial` is for incomplete declarations (NOTIFY), where a name may
    /// lack parts.
    #[must_use]
    pub fn check_value(&self, value: Option<&Value>, partial: bool) -> Vec<Message> {
        let completeness = if partial {
            Completeness::Partial
        } else {
            Completeness::Complete
        };
        value::problems(self, value, completeness)
    }

    /// Shown when one of its SHOW conditionals holds, or when it has none.
    pub(crate) fn is_visible(&self, root: &Root<'_>) -> bool {
        self.show.is_empty() || self.shown(root).unwrap_or(false)
    }

    /// [`Self::is_visible`], or why that cannot be told.
    pub(crate) fn shown(&self, root: &Root<'_>) -> Result<bool, ScriptError> {
        let mut untold = None;
        for conditional in &self.show {
            match conditional.evaluate_for(root) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(why) => untold = Some(why),
            }
        }
        untold.map_or(Ok(self.show.is_empty()), Err)
    }

    /// What is said when the answer is missing.
    pub(crate) fn required_message(&self) -> Message {
        match &self.required {
            Required::YesSaying(message) => message.clone(),
            Required::No | Required::Yes => Standard::Required.into(),
        }
    }

    /// The same field, needing no answer: incomplete declarations are checked with it.
    pub(crate) fn optional(&self) -> Self {
        Self {
            required: Required::No,
            ..self.clone()
        }
    }

    pub(crate) fn read(
        written: &Value,
        conditionals: &mut Conditionals,
    ) -> Result<Self, ConfigError> {
        Self::read_at(written, conditionals, 0)
    }

    fn read_at(
        written: &Value,
        conditionals: &mut Conditionals,
        depth: usize,
    ) -> Result<Self, ConfigError> {
        if depth > DEPTH {
            return Err(ConfigError::new(format!(
                "fields nested more than {DEPTH} deep"
            )));
        }
        let written = reading::object(written)?;
        let id = reading::text(written, "id")?;
        if id.contains('_') {
            // The protocol's clients write other signs of an id as underscores.
            return Err(ConfigError::new("must not contain '_'").under("id"));
        }
        let field_type = field_type(written)?;
        let required = Required::read(written)?;
        let any = [Purpose::Show, Purpose::Enable, Purpose::DisplayOnReview];
        let uses = ConditionalUse::read_all(written, &any, conditionals)?;
        let shows = uses.into_iter().filter(|it| it.purpose == Purpose::Show);
        let show = shows.map(|shown| shown.conditional).collect();
        let validations = Validation::read_all(written, "validation", conditionals)?;
        shape::check(written, field_type, conditionals)?;
        let fields = match field_type {
            FieldType::FieldGroup => {
                reading::member(written, "fields")?;
                reading::each(written, "fields", |written| {
                    Self::read_at(written, conditionals, depth + 1)
                })?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            id: id.to_owned(),
            field_type,
            label: Message::read_member(written, "label")?,
            name: NameParts::read(written, required != Required::No)?,
            required,
            show,
            validations,
            secured: reading::flag(written, "secured")?,
            uncorrectable: reading::flag(written, "uncorrectable")?,
            analytics: reading::flag(written, "analytics")?,
            street_lines: street_lines(written)?,
            fields,
            sources: Source::read_all(written)?,
            default: Default::read(written)?,
            files: matches!(
                field_type,
                FieldType::File | FieldType::FileWithOptions | FieldType::Signature
            )
            .then(|| FileRules::read(configuration(written))),
        })
    }
}

/// The type of a field, or of what is searched like one.
pub(crate) fn field_type(written: &Object) -> Result<FieldType, ConfigError> {
    let name = reading::text(written, "type")?;
    FieldType::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name))
        .map_err(|_| ConfigError::new(format!("'{name}' is no type of field")).under("type"))
}

fn configuration(written: &Object) -> Option<&Object> {
    written.get("configuration")?.as_object()
}

fn street_lines(written: &Object) -> Result<Vec<String>, ConfigError> {
    let Some(configuration) = configuration(written) else {
        return Ok(Vec::new());
    };
    reading::each(configuration, "streetAddressForm", |line| {
        reading::text(reading::object(line)?, "id").map(str::to_owned)
    })
    .map_err(|error| error.under("configuration"))
}

impl Validation {
    /// The rules under `key`.
    pub(crate) fn read_all(
        field: &Object,
        key: &str,
        conditionals: &mut Conditionals,
    ) -> Result<Vec<Self>, ConfigError> {
        reading::each(field, key, |written| {
            let written = reading::object(written)?;
            let validator = conditionals
                .compile(reading::member(written, "validator")?)
                .map_err(|error| error.under("validator"))?;
            let message = Message::read_needed(written, "message")?;
            Ok(Self { validator, message })
        })
    }
}

impl Required {
    fn read(written: &Object) -> Result<Self, ConfigError> {
        match written.get("required") {
            None | Some(Value::Bool(false)) => Ok(Self::No),
            Some(Value::Bool(true)) => Ok(Self::Yes),
            Some(Value::Object(required)) => reading::member(required, "message")
                .and_then(|message| Message::read(message).map_err(|error| error.under("message")))
                .map(Self::YesSaying)
                .map_err(|error| error.under("required")),
            Some(_) => Err(ConfigError::new("must be true, false or a message").under("required")),
        }
    }
}

impl NameParts {
    /// First name and surname are needed unless the configuration names the parts; of the parts
    /// it names, one is needed if it says so, and one it leaves out if the whole name is.
    fn read(written: &Object, whole: bool) -> Result<Self, ConfigError> {
        let parts = configuration(written).and_then(|configuration| configuration.get("name"));
        let Some(parts) = parts else {
            return Ok(Self {
                firstname: true,
                middlename: false,
                surname: true,
            });
        };
        let needed = |part: &str| {
            let Some(part) = parts.get(part) else {
                return Ok(None);
            };
            let required = reading::object(part).and_then(Required::read)?;
            Ok(Some(required != Required::No))
        };
        let needed = |part: &str| {
            needed(part).map_err(|error: ConfigError| {
                error.under(part).under("name").under("configuration")
            })
        };
        Ok(Self {
            firstname: needed("firstname")?.unwrap_or(whole),
            middlename: needed("middlename")?.unwrap_or(false),
            surname: needed("surname")?.unwrap_or(whole),
        })
    }
}

/// What a conditional on a field or an action decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Show,
    Enable,
    DisplayOnReview,
}

/// A conditional and what it decides.
#[derive(Debug, Clone)]
pub(crate) struct ConditionalUse {
    pub(crate) purpose: Purpose,
    pub(crate) conditional: Conditional,
}

impl ConditionalUse {
    /// Those under `conditionals`, each of which must be for one of the purposes allowed here.
    pub(crate) fn read_all(
        of: &Object,
        allowed: &[Purpose],
        conditionals: &mut Conditionals,
    ) -> Result<Vec<Self>, ConfigError> {
        reading::each(of, "conditionals", |written| {
            Self::read(reading::object(written)?, allowed, conditionals)
        })
    }

    fn read(
        written: &Object,
        allowed: &[Purpose],
        conditionals: &mut Conditionals,
    ) -> Result<Self, ConfigError> {
        let name = reading::text(written, "type")?;
        let purpose = allowed.iter().find(|purpose| purpose.name() == name);
        let Some(&purpose) = purpose else {
            let names: Vec<&str> = allowed.iter().map(|purpose| purpose.name()).collect();
            let reason = format!("'{name}' is not allowed here, only {}", names.join(", "));
            return Err(ConfigError::new(reason).under("type"));
        };
        let conditional = conditionals
            .compile(reading::member(written, "conditional")?)
            .map_err(|error| error.under("conditional"))?;
        Ok(Self {
            purpose,
            conditional,
        })
    }
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Show => "SHOW",
            Self::Enable => "ENABLE",
            Self::DisplayOnReview => "DISPLAY_ON_REVIEW",
        }
    }
}
