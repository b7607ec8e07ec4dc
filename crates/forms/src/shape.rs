//! What each type of field needs of its configuration besides what all fields have, and in what
//! shape. Core hardly uses any of it; the desk does, and a form it cannot show should be refused
//! where its author sees the reason.

use serde_json::Value;

use crate::{
    ConfigError, FieldReference, FieldType, Message,
    conditional::Conditionals,
    field::{ConditionalUse, Purpose},
    reading::{self, Object},
};

/// One part of a field's configuration: the way to it, such as `configuration/asOfDate`, its
/// shape, and whether it must be there.
struct Part(&'static str, Shape, bool);

const NEEDED: bool = true;
const MAY: bool = false;

#[derive(Clone, Copy)]
enum Shape {
    Text,
    Number,
    Flag,
    Object,
    Message,
    /// A reference to a field.
    Reference,
    /// One reference, or several.
    References,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    Texts,
    Messages,
    Anything,
    List,
    /// What can be chosen: `{value, label, conditionals?}`.
    Options,
}

/// What any field may have.
const COMMON: &[Part] = &[
    Part("parent", Shape::References, MAY),
    Part("placeholder", Shape::Message, MAY),
    Part("helperText", Shape::Message, MAY),
    Part("hideLabel", Shape::Flag, MAY),
    Part("configuration/prefix", Shape::Message, MAY),
    Part("configuration/postfix", Shape::Message, MAY),
    Part("configuration/maxLength", Shape::Number, MAY),
    Part("configuration/maxFileSize", Shape::Number, MAY),
];

const OPTIONS: &[Part] = &[Part("options", Shape::Options, NEEDED)];

fn parts(field_type: FieldType) -> &'static [Part] {
    match field_type {
        FieldType::Text => &[Part(
            "configuration/type",
            Shape::OneOf(&["text", "password"]),
            MAY,
        )],
        FieldType::Number => &[
            Part("configuration/min", Shape::Number, MAY),
            Part("configuration/max", Shape::Number, MAY),
            Part("configuration/integer", Shape::Flag, MAY),
        ],
        FieldType::Textarea => &[
            Part("configuration/rows", Shape::Number, MAY),
            Part("configuration/cols", Shape::Number, MAY),
        ],
        FieldType::Signature => &[Part("signaturePromptLabel", Shape::Message, NEEDED)],
        FieldType::Age => &[Part("configuration/asOfDate", Shape::Reference, NEEDED)],
        FieldType::Name => &[Part("configuration/order", Shape::Texts, MAY)],
        FieldType::ImageView => &[Part("configuration", Shape::Object, NEEDED)],
        FieldType::NumberWithUnit
        | FieldType::RadioGroup
        | FieldType::Select
        | FieldType::SelectDateRange
        | FieldType::FileWithOptions => OPTIONS,
        FieldType::BulletList => &[Part("items", Shape::Messages, NEEDED)],
        FieldType::AdministrativeArea => &[
            Part(
                "configuration/type",
                Shape::OneOf(&["ADMIN_STRUCTURE", "HEALTH_FACILITY", "CRVS_OFFICE"]),
                NEEDED,
            ),
            Part("configuration/partOf", Shape::Reference, MAY),
        ],
        FieldType::Location => &[Part("configuration/locationTypes", Shape::Texts, MAY)],
        FieldType::Address => &[Part("configuration/lineSeparator", Shape::Text, MAY)],
        FieldType::Data => &[Part("configuration/data", Shape::List, NEEDED)],
        FieldType::Button | FieldType::Loader => {
            &[Part("configuration/text", Shape::Message, NEEDED)]
        }
        FieldType::AlphaPrintButton => &[Part("configuration/template", Shape::Text, NEEDED)],
        FieldType::Http => &[
            Part("configuration/url", Shape::Text, NEEDED),
            Part(
                "configuration/method",
                Shape::OneOf(&["GET", "POST", "PUT", "DELETE"]),
                NEEDED,
            ),
            Part("configuration/trigger", Shape::Reference, MAY),
            Part("configuration/timeout", Shape::Number, MAY),
        ],
        FieldType::Autocomplete => &[
            Part("configuration/url", Shape::Text, NEEDED),
            Part("configuration/method", Shape::OneOf(&["GET", "POST"]), MAY),
        ],
        FieldType::Search => &[
            Part("configuration/query", Shape::Object, NEEDED),
            Part(
                "configuration/validation/validator",
                Shape::Anything,
                NEEDED,
            ),
            Part("configuration/validation/message", Shape::Message, NEEDED),
        ],
        FieldType::LinkButton => &[
            Part("configuration/url", Shape::Text, NEEDED),
            Part("configuration/text", Shape::Message, NEEDED),
        ],
        FieldType::VerificationStatus => &[
            Part("configuration/status", Shape::Message, NEEDED),
            Part("configuration/description", Shape::Message, NEEDED),
        ],
        FieldType::QueryParamReader => &[Part("configuration/pickParams", Shape::Texts, NEEDED)],
        FieldType::IdReader => &[Part("methods", Shape::List, NEEDED)],
        FieldType::Custom => &[Part("src", Shape::Text, NEEDED)],
        _ => &[],
    }
}

/// Whether a field has what its type needs, in the right shape.
pub(crate) fn check(
    field: &Object,
    field_type: FieldType,
    conditionals: &mut Conditionals,
) -> Result<(), ConfigError> {
    for part in parts(field_type).iter().chain(COMMON) {
        part.check(field, conditionals)?;
    }
    Ok(())
}

impl Part {
    fn check(&self, field: &Object, conditionals: &mut Conditionals) -> Result<(), ConfigError> {
        self.check_at(self.0, field, conditionals)
    }

    fn check_at(
        &self,
        path: &str,
        of: &Object,
        conditionals: &mut Conditionals,
    ) -> Result<(), ConfigError> {
        let (key, deeper) = path
            .split_once('/')
            .map_or((path, None), |(key, rest)| (key, Some(rest)));
        let Some(value) = of.get(key) else {
            return match self.2 {
                true => Err(ConfigError::new(format!("'{key}' is missing"))),
                false => Ok(()),
            };
        };
        let checked = match deeper {
            Some(rest) => {
                reading::object(value).and_then(|inner| self.check_at(rest, inner, conditionals))
            }
            None => self.1.check(value, conditionals),
        };
        checked.map_err(|error| error.under(key))
    }
}

impl Shape {
    fn check(self, value: &Value, conditionals: &mut Conditionals) -> Result<(), ConfigError> {
        let must = |fits: bool, what: &str| match fits {
            true => Ok(()),
            false => Err(ConfigError::new(format!("must be {what}"))),
        };
        match self {
            Self::Text => must(value.is_string(), "text"),
            Self::Number => must(value.is_number(), "a number"),
            Self::Flag => must(value.is_boolean(), "true or false"),
            Self::Object => must(value.is_object(), "an object"),
            Self::List => must(value.is_array(), "an array"),
            Self::Anything => Ok(()),
            Self::Message => Message::read(value).map(drop),
            Self::Reference => FieldReference::read(value).map(drop),
            Self::References if value.is_array() => {
                each(value, |one| Self::Reference.check_one(one))
            }
            Self::References => Self::Reference.check_one(value),
            Self::OneOf(allowed) => must(
                value.as_str().is_some_and(|text| allowed.contains(&text)),
                &format!("one of {}", allowed.join(", ")),
            ),
            Self::Texts => each(value, |one| Self::Text.check_one(one)),
            Self::Messages => each(value, |one| Self::Message.check_one(one)),
            Self::Options => each(value, |one| option(one, conditionals)),
        }
    }

    fn check_one(self, value: &Value) -> Result<(), ConfigError> {
        self.check(value, &mut Conditionals::default())
    }
}

fn each(
    value: &Value,
    mut check: impl FnMut(&Value) -> Result<(), ConfigError>,
) -> Result<(), ConfigError> {
    let mut items = reading::array(value)?.iter().enumerate();
    items.try_for_each(|(at, item)| check(item).map_err(|error| error.under(at)))
}

fn option(written: &Value, conditionals: &mut Conditionals) -> Result<(), ConfigError> {
    let written = reading::object(written)?;
    reading::text(written, "value")?;
    match reading::member(written, "label")? {
        Value::String(_) => {}
        label => Message::read(label)
            .map(drop)
            .map_err(|error| error.under("label"))?,
    }
    ConditionalUse::read_all(written, &[Purpose::Show, Purpose::Enable], conditionals).map(drop)
}
