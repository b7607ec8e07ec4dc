//! Whether an answer has the shape its field's type asks for.
//!
//! Which faults are found, how many and in which order is the protocol's (the field type's own
//! check in OpenCRVS 2.0); the vectors in `field-values.jsonl` are the arbiter.

mod text;

use serde_json::Value;

use self::text::{is_email, is_time, is_uuid};
use crate::{Field, FieldType, Message, conditional::day, field::NameParts, message::Standard};

/// Which rules apply: an incomplete declaration may have incomplete names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    Complete,
    Partial,
}

/// Everything wrong with the shape of an answer.
pub(crate) fn problems(
    field: &Field,
    value: Option<&Value>,
    completeness: Completeness,
) -> Vec<Message> {
    let mut check = Check {
        faults: Vec::new(),
        completeness,
        whole_is_empty: is_text(value, ""),
    };
    check.field(field, value);
    let say = |fault| match fault {
        Fault::Missing => field.required_message(),
        Fault::Invalid => Standard::Invalid.into(),
        Fault::Date => Standard::InvalidDate.into(),
        Fault::Email => Standard::InvalidEmail.into(),
    };
    check.faults.into_iter().map(say).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Missing,
    Invalid,
    Date,
    Email,
}

/// One run over an answer, gathering faults in order.
struct Check {
    faults: Vec<Fault>,
    completeness: Completeness,
    /// An empty text that is no date counts as missing, not as malformed.
    whole_is_empty: bool,
}

impl Check {
    fn field(&mut self, field: &Field, value: Option<&Value>) {
        if !field.is_required() && is_nothing(value) {
            return;
        }
        match field.field_type() {
            FieldType::FieldGroup => self.object(value, |check, member| {
                for inner in field.fields() {
                    check.field(inner, member(inner.id()));
                }
            }),
            FieldType::Date => self.date(value),
            FieldType::Time => self.formatted(value, is_time, Fault::Invalid),
            FieldType::Email => self.formatted(value, is_email, Fault::Email),
            FieldType::DateRange => self.date_range(value),
            FieldType::SelectDateRange => {
                let periods = ["last7Days", "last30Days", "last90Days", "last365Days"];
                if !periods.iter().any(|period| is_text(value, period)) {
                    self.faults.push(Fault::Invalid);
                }
            }
            FieldType::Age => self.object(value, |check, member| {
                check.number(member("age"));
                check.text(member("asOfDateRef"));
            }),
            FieldType::Number | FieldType::Button => self.number(value),
            FieldType::NumberWithUnit => self.number_with_unit(field, value),
            FieldType::Checkbox => self.typed(value, Value::is_boolean),
            FieldType::Signature | FieldType::File => self.file(value),
            FieldType::FileWithOptions => self.files(field, value),
            FieldType::Address => self.address(field, value),
            FieldType::Name => self.name(field.name, value),
            FieldType::Autocomplete => self.object(value, |check, member| {
                check.text(member("label"));
                check.text(member("value"));
            }),
            FieldType::Data if is_nothing(value) => {}
            FieldType::Data => {
                self.object(value, |check, member| {
                    check.object(member("data"), |_, _| {})
                });
            }
            FieldType::Http | FieldType::Search => self.http(value),
            FieldType::QueryParamReader => self.object(value, |check, member| {
                check.record(member("data"), Self::text);
            }),
            FieldType::QrReader | FieldType::IdReader => self.object(value, |_, _| {}),
            FieldType::Custom => {}
            FieldType::AlphaPrintButton => self.text(value),
            _ if field.is_required() => self.filled_text(value),
            _ => self.text(value),
        }
    }

    /// A value of one JSON type.
    fn typed(&mut self, value: Option<&Value>, is_right: fn(&Value) -> bool) {
        match value {
            None | Some(Value::Null) => self.faults.push(Fault::Missing),
            Some(value) if is_right(value) => {}
            Some(_) => self.faults.push(Fault::Invalid),
        }
    }

    fn text(&mut self, value: Option<&Value>) {
        self.typed(value, Value::is_string);
    }

    fn number(&mut self, value: Option<&Value>) {
        self.typed(value, Value::is_number);
    }

    /// Text with something in it besides space.
    fn filled_text(&mut self, value: Option<&Value>) {
        self.text(value);
        let blank = |sign: char| (sign.is_whitespace() && sign != '\u{85}') || sign == '\u{feff}';
        let filled = match value {
            Some(Value::String(text)) => !text.trim_matches(blank).is_empty(),
            other => has_elements(other),
        };
        if !filled {
            self.faults.push(Fault::Missing);
        }
    }

    fn formatted(&mut self, value: Option<&Value>, fits: fn(&str) -> bool, fault: Fault) {
        match value.and_then(Value::as_str) {
            None => self.text(value),
            Some(text) if fits(text) => {}
            Some(_) if self.whole_is_empty => self.faults.push(Fault::Missing),
            Some(_) => self.faults.push(fault),
        }
    }

    fn date(&mut self, value: Option<&Value>) {
        self.formatted(value, |text| day(text).is_some(), Fault::Date);
    }

    /// An object, whose members `then` goes on to check.
    fn object<'v>(
        &mut self,
        value: Option<&'v Value>,
        then: impl FnOnce(&mut Self, &dyn Fn(&str) -> Option<&'v Value>),
    ) {
        self.typed(value, Value::is_object);
        if let Some(object) = value.and_then(Value::as_object) {
            then(self, &|key| object.get(key));
        }
    }

    /// An object with members of any name, each of which `each` checks.
    fn record(&mut self, value: Option<&Value>, each: fn(&mut Self, Option<&Value>)) {
        self.typed(value, Value::is_object);
        for member in value
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|map| map.values())
        {
            each(self, Some(member));
        }
    }

    /// Either of several shapes: when none fits, that is one fault, whatever was wrong inside.
    fn either(&mut self, fits: bool) {
        if !fits {
            self.faults.push(Fault::Invalid);
        }
    }

    fn is_clean(&self, value: Option<&Value>, of: impl FnOnce(&mut Self, Option<&Value>)) -> bool {
        let mut check = Self {
            faults: Vec::new(),
            ..*self
        };
        of(&mut check, value);
        check.faults.is_empty()
    }

    fn date_range(&mut self, value: Option<&Value>) {
        match value {
            Some(Value::String(_)) => self.date(value),
            Some(Value::Object(range))
                if ["start", "end"]
                    .iter()
                    .all(|end| range.get(*end).is_some_and(Value::is_string)) =>
            {
                self.date(range.get("start"));
                self.date(range.get("end"));
            }
            _ => self.faults.push(Fault::Invalid),
        }
    }

    fn number_with_unit(&mut self, field: &Field, value: Option<&Value>) {
        let required = field.is_required();
        self.object(value, |check, member| {
            let (number, unit) = (member("numericValue"), member("unit"));
            if required || number.is_some() {
                check.number(number);
            }
            if required || unit.is_some() {
                check.text(unit);
            }
        });
    }

    fn file(&mut self, value: Option<&Value>) {
        self.object(value, |check, member| {
            for part in ["path", "originalFilename", "type"] {
                check.text(member(part));
            }
        });
    }

    fn files(&mut self, field: &Field, value: Option<&Value>) {
        self.typed(value, Value::is_array);
        for file in value.and_then(Value::as_array).into_iter().flatten() {
            self.object(Some(file), |check, member| {
                for part in ["path", "originalFilename", "type", "option"] {
                    check.text(member(part));
                }
            });
        }
        if field.is_required() && !has_elements(value) {
            self.faults.push(Fault::Missing);
        }
    }

    fn name(&mut self, needed: NameParts, value: Option<&Value>) {
        if self.completeness == Completeness::Partial {
            let part_fits =
                |part: Option<&Value>| is_nothing(part) || is_some(part, Value::is_string);
            let fits = is_nothing(value)
                || value.and_then(Value::as_object).is_some_and(|name| {
                    ["firstname", "surname", "middlename"]
                        .iter()
                        .all(|part| part_fits(name.get(*part)))
                });
            return self.either(fits);
        }
        self.object(value, |check, member| {
            let parts = [("firstname", needed.firstname), ("surname", needed.surname)];
            for (part, needed) in parts {
                if needed {
                    check.filled_text(member(part));
                } else {
                    check.text(member(part));
                }
            }
            match member("middlename") {
                part if needed.middlename => check.filled_text(part),
                None => {}
                part => check.text(part),
            }
        });
    }

    fn http(&mut self, value: Option<&Value>) {
        let or_nothing =
            |value, is_right: fn(&Value) -> bool| is_nothing(value) || is_some(value, is_right);
        let fits = is_nothing(value)
            || value.and_then(Value::as_object).is_some_and(|answer| {
                or_nothing(answer.get("loading"), Value::is_boolean)
                    && (is_nothing(answer.get("error"))
                        || self.is_clean(answer.get("error"), |check, error| {
                            check.object(error, |check, member| {
                                check.number(member("statusCode"));
                                check.text(member("message"));
                            });
                        }))
            });
        self.either(fits);
    }

    fn address(&mut self, field: &Field, value: Option<&Value>) {
        let Some(address) = value.and_then(Value::as_object) else {
            return self.typed(value, Value::is_object);
        };
        let domestic = match address.get("addressType").and_then(Value::as_str) {
            Some("DOMESTIC") => true,
            Some("INTERNATIONAL") => false,
            // Which of the two shapes is meant is the part that is missing.
            _ => return self.faults.push(Fault::Missing),
        };
        let required = field.is_required();
        let before = self.faults.len();
        let country = address.get("country");
        if required || !is_nothing(country) {
            self.text(country);
        }
        self.street(required, address.get("streetLevelDetails"));
        let area = address.get("administrativeArea");
        if domestic && (required || !is_nothing(area)) {
            self.text(area);
        }
        let typed = self.faults.len() == before;
        if domestic && area.and_then(Value::as_str).is_some_and(|id| !is_uuid(id)) {
            self.faults.push(Fault::Invalid);
        }
        // Only an address whose parts are of the right type is asked about its lines.
        let street = address.get("streetLevelDetails").and_then(Value::as_object);
        let known = |line: &String| field.street_lines.contains(line);
        if typed && !street.is_none_or(|street| street.keys().all(known)) {
            self.faults.push(Fault::Invalid);
        }
    }

    fn street(&mut self, required: bool, street: Option<&Value>) {
        match street {
            None => {}
            Some(Value::Null) if !required => {}
            _ if required => self.record(street, Self::text),
            _ => self.record(street, |check, line| {
                if !is_nothing(line) {
                    check.text(line);
                }
            }),
        }
    }
}

fn is_nothing(value: Option<&Value>) -> bool {
    matches!(value, None | Some(Value::Null))
}

fn is_some(value: Option<&Value>, is_right: fn(&Value) -> bool) -> bool {
    value.is_some_and(is_right)
}

fn is_text(value: Option<&Value>, text: &str) -> bool {
    value.and_then(Value::as_str) == Some(text)
}

/// Whether a value that may be of the wrong type altogether is at least not empty: what has no
/// length is not called empty on top of being of the wrong type.
fn has_elements(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(object)) => match object.get("length") {
            None => true,
            Some(length) => length.as_f64().is_some_and(|length| length >= 1.0),
        },
        _ => true,
    }
}
