//! From JSON Schema as written to a tree of checks.
//!
//! A keyword this crate does not know is passed over, as JSON Schema has it; one that would
//! change the meaning if passed over (`$ref` and its like) is refused.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    format::Format,
    pattern::Pattern,
    reference::{Reference, data_reference},
    schema::{Bound, Check, Operand, Range, Schema, Types},
    scripts::compile_script,
};
use crate::{
    ConfigError,
    reading::{self, Object},
};

/// Schemas inside schemas, at most this deep; real ones stay under ten.
const DEPTH: usize = 64;

/// Keywords that reach outside the schema, or depend on how other keywords came out.
const REFUSED: [&str; 6] = [
    "$ref",
    "$recursiveRef",
    "$dynamicRef",
    "unevaluatedProperties",
    "unevaluatedItems",
    "dependentSchemas",
];

/// Compiles schemas, each distinct pattern only once.
#[derive(Default)]
pub(crate) struct Compiler {
    patterns: HashMap<String, Arc<Pattern>>,
    /// Whether JavaScript was among what was compiled.
    pub(super) has_scripts: bool,
}

/// Where in the schema the compiler stands.
#[derive(Clone, Copy)]
struct At {
    /// Nesting of schemas.
    depth: usize,
    /// How far below the root the value in hand is.
    level: usize,
}

impl At {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    fn inside(self) -> Self {
        Self {
            level: self.level + 1,
            ..self.deeper()
        }
    }
}

impl Compiler {
    pub(crate) fn compile(&mut self, written: &Value) -> Result<Schema, ConfigError> {
        self.schema(written, At { depth: 0, level: 0 })
    }

    fn schema(&mut self, written: &Value, at: At) -> Result<Schema, ConfigError> {
        if at.depth > DEPTH {
            return Err(ConfigError::new(format!("nested more than {DEPTH} deep")));
        }
        let keywords = match written {
            Value::Bool(true) => return Ok(Schema::default()),
            Value::Bool(false) => return Ok(Schema(vec![Check::Always(false)])),
            other => reading::object(other)?,
        };
        let mut checks = Vec::new();
        for (keyword, value) in keywords {
            let check = self
                .keyword(keyword, value, keywords, at)
                .map_err(|error| error.under(keyword))?;
            checks.extend(check);
        }
        // Cheap refusals first: most schemas ask for a type, then for members.
        checks.sort_by_key(|check| match check {
            Check::Type(_) | Check::Always(_) => 0,
            Check::Required(_) | Check::Equals(_) | Check::OneOf(_) => 1,
            _ => 2,
        });
        Ok(Schema(checks))
    }

    fn keyword(
        &mut self,
        keyword: &str,
        value: &Value,
        siblings: &Object,
        at: At,
    ) -> Result<Option<Check>, ConfigError> {
        let check = match keyword {
            "type" => Check::Type(types(value, siblings)?),
            "const" => match data_reference(value) {
                Some(pointer) => Check::EqualsAt(Reference::json(pointer, at.level)?),
                None => Check::Equals(value.clone()),
            },
            "enum" => Check::OneOf(reading::array(value)?.to_vec()),
            "not" => Check::Not(self.schema(value, at.deeper())?),
            "allOf" => Check::All(self.schemas(value, at.deeper())?),
            "anyOf" => Check::Any(self.schemas(value, at.deeper())?),
            "oneOf" => Check::ExactlyOne(self.schemas(value, at.deeper())?),
            "if" => Check::When {
                condition: self.schema(value, at.deeper())?,
                then: self.branch("then", siblings, at)?,
                otherwise: self.branch("else", siblings, at)?,
            },
            "customClientValidator" => {
                self.has_scripts = true;
                Check::Script(compile_script(reading::object(value)?, "code")?)
            }
            "isLeafLevelLocation" => Check::LeafLocation,
            "required"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "propertyNames"
            | "dependentRequired"
            | "minProperties"
            | "maxProperties" => self.of_objects(keyword, value, siblings, at)?,
            "items" | "additionalItems" | "contains" | "minItems" | "maxItems" | "uniqueItems" => {
                return self.of_arrays(keyword, value, siblings, at);
            }
            "pattern" | "minLength" | "maxLength" | "format" | "daysFromDate" => {
                self.of_texts(keyword, value, at)?
            }
            "formatMinimum"
            | "formatMaximum"
            | "formatExclusiveMinimum"
            | "formatExclusiveMaximum" => {
                if siblings.get("format").and_then(Value::as_str) != Some("date") {
                    return Err(ConfigError::new("needs 'format': 'date' beside it"));
                }
                Check::DateLimit {
                    bound: bound(keyword),
                    limit: date_limit(value, at.level)?,
                }
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                Check::Number(bound(keyword), number(value)?)
            }
            "multipleOf" => match number(value)? {
                step if step > 0.0 => Check::MultipleOf(step),
                _ => return Err(ConfigError::new("must be more than 0")),
            },
            _ if REFUSED.contains(&keyword) => {
                return Err(ConfigError::new("is not supported in a conditional"));
            }
            _ => return Ok(None),
        };
        Ok(Some(check))
    }

    fn schemas(&mut self, value: &Value, at: At) -> Result<Vec<Schema>, ConfigError> {
        let schemas = reading::array(value)?.iter().enumerate();
        schemas
            .map(|(index, schema)| self.schema(schema, at).map_err(|error| error.under(index)))
            .collect()
    }

    fn branch(&mut self, key: &str, siblings: &Object, at: At) -> Result<Schema, ConfigError> {
        // The path reads `if/then`, which is not quite where it stands but easy to find.
        siblings.get(key).map_or_else(
            || Ok(Schema::default()),
            |schema| {
                self.schema(schema, at.deeper())
                    .map_err(|error| error.under(key))
            },
        )
    }

    fn named(&mut self, value: &Value, at: At) -> Result<Vec<(String, Schema)>, ConfigError> {
        let schemas = reading::object(value)?.iter();
        schemas
            .map(|(name, schema)| {
                let schema = self.schema(schema, at).map_err(|error| error.under(name))?;
                Ok((name.clone(), schema))
            })
            .collect()
    }

    fn pattern(&mut self, written: &str) -> Result<Arc<Pattern>, ConfigError> {
        if let Some(known) = self.patterns.get(written) {
            return Ok(Arc::clone(known));
        }
        let pattern = Arc::new(Pattern::compile(written)?);
        self.patterns
            .insert(written.to_owned(), Arc::clone(&pattern));
        Ok(pattern)
    }

    fn of_objects(
        &mut self,
        keyword: &str,
        value: &Value,
        siblings: &Object,
        at: At,
    ) -> Result<Check, ConfigError> {
        Ok(match keyword {
            "required" => Check::Required(names(value)?),
            "properties" => Check::Properties(self.named(value, at.inside())?),
            "patternProperties" => {
                let named = self.named(value, at.inside())?.into_iter();
                let with_pattern = |(pattern, schema): (String, Schema)| {
                    Ok((
                        self.pattern(&pattern)
                            .map_err(|error| error.under(&pattern))?,
                        schema,
                    ))
                };
                Check::PatternProperties(named.map(with_pattern).collect::<Result<_, _>>()?)
            }
            "additionalProperties" => {
                let keys = |key| siblings.get(key).and_then(Value::as_object);
                let patterns = keys("patternProperties").into_iter().flat_map(Object::keys);
                Check::OtherProperties {
                    names: keys("properties")
                        .into_iter()
                        .flat_map(Object::keys)
                        .cloned()
                        .collect(),
                    patterns: patterns
                        .map(|pattern| self.pattern(pattern))
                        .collect::<Result<_, _>>()?,
                    schema: self.schema(value, at.inside())?,
                }
            }
            "propertyNames" => Check::PropertyNames(self.schema(value, at.inside())?),
            "dependentRequired" => {
                let dependents = reading::object(value)?.iter();
                let read = |(key, value): (&String, &Value)| {
                    Ok((key.clone(), names(value).map_err(|error| error.under(key))?))
                };
                Check::Dependents(dependents.map(read).collect::<Result<_, ConfigError>>()?)
            }
            "minProperties" => Check::MemberCount(at_least(count(value)?)),
            _ => Check::MemberCount(at_most(count(value)?)),
        })
    }

    fn of_arrays(
        &mut self,
        keyword: &str,
        value: &Value,
        siblings: &Object,
        at: At,
    ) -> Result<Option<Check>, ConfigError> {
        let leading = siblings
            .get("items")
            .and_then(Value::as_array)
            .map(Vec::len);
        Ok(Some(match keyword {
            "items" if leading.is_some() => Check::Leading(self.schemas(value, at.inside())?),
            "items" => Check::Items {
                from: 0,
                schema: self.schema(value, at.inside())?,
            },
            "additionalItems" => match leading {
                Some(from) => Check::Items {
                    from,
                    schema: self.schema(value, at.inside())?,
                },
                None => return Ok(None),
            },
            "contains" => {
                let limit = |key: &str, otherwise| {
                    let limit = siblings.get(key).map_or(Ok(otherwise), count);
                    limit.map_err(|error| error.under(key))
                };
                let times = Range {
                    least: limit("minContains", 1)?,
                    most: limit("maxContains", usize::MAX)?,
                };
                Check::Contains {
                    schema: self.schema(value, at.inside())?,
                    times,
                }
            }
            "minItems" => Check::ItemCount(at_least(count(value)?)),
            "maxItems" => Check::ItemCount(at_most(count(value)?)),
            _ if value == &Value::Bool(true) => Check::Unique,
            _ => return Ok(None),
        }))
    }

    fn of_texts(&mut self, keyword: &str, value: &Value, at: At) -> Result<Check, ConfigError> {
        let written = || {
            value
                .as_str()
                .ok_or_else(|| ConfigError::new("must be text"))
        };
        Ok(match keyword {
            "pattern" => Check::Matches(self.pattern(written()?)?),
            "format" => Check::Format(Format::named(written()?)?),
            "minLength" => Check::Length(at_least(count(value)?)),
            "maxLength" => Check::Length(at_most(count(value)?)),
            _ => days_from_date(reading::object(value)?, at.level)?,
        })
    }
}

fn days_from_date(written: &Object, level: usize) -> Result<Check, ConfigError> {
    let days = reading::member(written, "days")?;
    let after = match reading::text(written, "clause")? {
        "after" => true,
        "before" => false,
        _ => return Err(ConfigError::new("must be 'after' or 'before'").under("clause")),
    };
    let reference = written
        .get("referenceDate")
        .map(|value| match data_reference(value) {
            Some(pointer) => Operand::At(Reference::loose(pointer, level)),
            None => Operand::Fixed(value.clone()),
        });
    let days = number(days).map_err(|error| error.under("days"))?;
    Ok(Check::DaysFrom {
        days,
        after,
        reference,
    })
}

fn date_limit(value: &Value, level: usize) -> Result<Operand, ConfigError> {
    match (data_reference(value), value) {
        (Some(pointer), _) => Ok(Operand::At(Reference::json(pointer, level)?)),
        (None, Value::String(_)) => Ok(Operand::Fixed(value.clone())),
        _ => Err(ConfigError::new("must be a date or a reference to one")),
    }
}

fn types(value: &Value, siblings: &Object) -> Result<Types, ConfigError> {
    let one = |name: &Value| match name.as_str() {
        Some("integer") => Ok(Types::INTEGER),
        Some("object") => Ok(Types::OBJECT),
        Some("array") => Ok(Types::ARRAY),
        Some("string") => Ok(Types::STRING),
        Some("number") => Ok(Types::NUMBER),
        Some("boolean") => Ok(Types::BOOLEAN),
        Some("null") => Ok(Types::NULL),
        _ => Err(ConfigError::new("must name types of JSON")),
    };
    let types = match value {
        Value::Array(names) => names
            .iter()
            .try_fold(Types::default(), |types, name| Ok(types.or(one(name)?)))?,
        name => one(name)?,
    };
    if siblings.get("nullable") == Some(&Value::Bool(true)) {
        return Ok(types.or(Types::NULL));
    }
    Ok(types)
}

fn bound(keyword: &str) -> Bound {
    match keyword {
        "minimum" | "formatMinimum" => Bound::AtLeast,
        "maximum" | "formatMaximum" => Bound::AtMost,
        "exclusiveMinimum" | "formatExclusiveMinimum" => Bound::MoreThan,
        _ => Bound::LessThan,
    }
}

fn number(value: &Value) -> Result<f64, ConfigError> {
    value
        .as_f64()
        .ok_or_else(|| ConfigError::new("must be a number"))
}

fn count(value: &Value) -> Result<usize, ConfigError> {
    value
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| ConfigError::new("must be a whole number, 0 or more"))
}

fn at_least(least: usize) -> Range {
    Range {
        least,
        most: usize::MAX,
    }
}

fn at_most(most: usize) -> Range {
    Range { least: 0, most }
}

fn names(value: &Value) -> Result<Vec<String>, ConfigError> {
    let name = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| ConfigError::new("must be names"))
    };
    reading::array(value)?.iter().map(name).collect()
}
