//! Conditions on answers in the declaration: what a comparison means depends on the field's type.
//!
//! Names are compared word by word, in any order and in any part of the name, since people write
//! them in any order. Where OpenCRVS finds a record by any one word of a name and puts those that
//! have more of them first, ours must have them all: what is found is what was asked for, however
//! many Aminas there are. `fuzzy` lets each word have a slip or two of the pen
//! ([`storage::slips`]), as OpenCRVS does; it finds no beginnings of words.

use forms::FieldType;
use serde_json::Value;
use storage::{Field, Filter, Word, words};

use super::{
    answers::{has_words, is_place},
    term::{DataTerm, QueryError},
};
use crate::{configuration::Current, places::Hierarchy};

/// The most lines of an address that are looked at. Stores bound how large a statement may be.
const MOST_LINES: usize = 20;

/// The filter for one condition.
///
/// # Errors
/// When no event has such a field, or it cannot be compared so. A secured one cannot be felt out:
/// it is this exactly or it is not, unless the country's advanced search offers more.
pub(super) fn filter(
    configuration: &Current,
    places: &Hierarchy,
    id: &str,
    term: &DataTerm,
) -> Result<Filter, QueryError> {
    let mut types = configuration
        .events()
        .filter_map(|event| event.field(id))
        .map(forms::Field::field_type);
    let field_type = types
        .next()
        .ok_or_else(|| QueryError::new("no event has a field with this id"))?;
    let answer = Asked {
        id,
        field_type,
        // Where events differ in what the field is, the words of some would be missing.
        in_words: has_words(field_type) && types.all(|another| another == field_type),
    };
    if configuration.is_secured(id) && !configuration.offers(id, term.kind()) {
        return match (field_type, term) {
            (FieldType::Name | FieldType::Address, _) => Err(QueryError::new(
                "is secured, and nothing of its type can be compared exactly",
            )),
            (_, DataTerm::Exact(text)) => Ok(answer.is(text)),
            _ => Err(QueryError::new("is secured: only exact finds it")),
        };
    }
    Ok(match (field_type, term) {
        (FieldType::Name, DataTerm::Exact(name)) => answer.has_all(name, Spelt::Exactly),
        (FieldType::Name, DataTerm::Fuzzy(name)) => answer.has_all(name, Spelt::Nearly),
        (FieldType::Address, DataTerm::Exact(address) | DataTerm::Fuzzy(address)) => {
            answer.in_address(places, address)?
        }
        (FieldType::Address, DataTerm::Within(area)) => answer.lies_in(places, area),
        (FieldType::Name | FieldType::Address, _) => {
            return Err(QueryError::new("can only be compared by exact or fuzzy"));
        }
        (kind, DataTerm::Exact(place) | DataTerm::Fuzzy(place) | DataTerm::Within(place))
            if is_place(kind) =>
        {
            answer.lies_in(places, place)
        }
        (_, DataTerm::Within(_)) => return Err(QueryError::new("is not a place")),
        // Without regard to case: mail addresses are written in any.
        (FieldType::Email, DataTerm::Exact(text)) => answer.has_all(text, Spelt::Exactly),
        (FieldType::Textarea, DataTerm::Exact(text)) => answer.contains(text),
        (FieldType::Date, DataTerm::Exact(day) | DataTerm::Fuzzy(day)) => answer.is(day),
        (_, DataTerm::Exact(text)) => answer.is(text),
        (_, DataTerm::Fuzzy(text)) if answer.in_words => answer.has_all(text, Spelt::Nearly),
        (_, DataTerm::Fuzzy(text)) => answer.contains(text),
        (_, DataTerm::AnyOf(texts)) => answer.is_one_of(texts),
        (_, DataTerm::Range(from, to)) => answer.lies_between(from, to)?,
    })
}

/// What a search for no word at all finds.
fn nothing() -> Filter {
    Filter::Any(Vec::new())
}

/// How the words of an answer are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelt {
    Exactly,
    Nearly,
}

/// The field that is asked about.
struct Asked<'a> {
    id: &'a str,
    field_type: FieldType,
    /// Whether its answers are kept word for word, so that an index finds them.
    in_words: bool,
}

impl Asked<'_> {
    fn field(&self) -> Field {
        Field::at(["declaration", self.id])
    }

    fn word(&self, word: Word) -> Filter {
        Filter::Word(self.id.to_owned(), word)
    }

    /// Every word of the text is in the answer.
    fn has_all(&self, text: &str, spelt: Spelt) -> Filter {
        if !self.in_words {
            return self.contains(text);
        }
        let wanted = words(text);
        if wanted.is_empty() {
            return nothing();
        }
        let word = |word: String| match spelt {
            Spelt::Exactly => Word::OneOf(vec![word]),
            Spelt::Nearly => Word::Near(word),
        };
        let each = wanted.into_iter().map(|one| self.word(word(one)));
        Filter::All(each.collect())
    }

    /// The words of the text are anywhere in the answer, also within its words.
    fn contains(&self, text: &str) -> Filter {
        if text.trim().is_empty() {
            return nothing();
        }
        Filter::Like(self.field(), text.to_owned())
    }

    fn is(&self, text: &str) -> Filter {
        self.narrowed(text, Filter::Is(self.field(), text.to_owned()))
    }

    /// The same, found by the words of the text first.
    fn narrowed(&self, text: &str, filter: Filter) -> Filter {
        if self.in_words {
            Filter::All(vec![self.has_all(text, Spelt::Exactly), filter])
        } else {
            filter
        }
    }

    fn is_one_of(&self, texts: &[String]) -> Filter {
        let one_of = Filter::OneOf(self.field(), texts.to_vec());
        // Dates are of one word each.
        if self.in_words && self.field_type == FieldType::Date {
            Filter::All(vec![self.word(Word::OneOf(texts.to_vec())), one_of])
        } else {
            one_of
        }
    }

    fn lies_between(&self, from: &str, to: &str) -> Result<Filter, QueryError> {
        Ok(match self.field_type {
            FieldType::Date if self.in_words => {
                self.word(Word::Between(from.to_owned(), to.to_owned()))
            }
            FieldType::Number => {
                let number = |bound: &str| {
                    let number = bound.trim().parse().ok().filter(|n: &f64| !n.is_nan());
                    number.ok_or_else(|| QueryError::new("its bounds must be numbers"))
                };
                Filter::NumberBetween(self.field(), number(from)?, number(to)?)
            }
            _ => Filter::Between(self.field(), Some(from.to_owned()), Some(to.to_owned())),
        })
    }

    /// It is this place, or one that lies in it; an address is as its area is.
    fn lies_in(&self, places: &Hierarchy, place: &str) -> Filter {
        let below = places.below(place);
        let field = match self.field_type {
            FieldType::Address => Field::at(["declaration", self.id, "administrativeArea"]),
            _ => self.field(),
        };
        let is = Filter::OneOf(field, below.clone());
        if self.in_words {
            Filter::All(vec![self.word(Word::OneOf(below)), is])
        } else {
            is
        }
    }

    /// An address is asked for as JSON in a text; each part that is given must fit.
    fn in_address(&self, places: &Hierarchy, written: &str) -> Result<Filter, QueryError> {
        let address: Value = serde_json::from_str(written)
            .map_err(|error| QueryError::new(format!("the address is not JSON: {error}")))?;
        let text = |key: &str| address.get(key).and_then(Value::as_str);
        let mut all = Vec::new();
        if let Some(country) = text("country") {
            let field = Field::at(["declaration", self.id, "country"]);
            all.push(Filter::Is(field, country.to_owned()));
        }
        if let Some(area) = text("administrativeArea") {
            all.push(self.lies_in(places, area));
        }
        let lines = address.get("streetLevelDetails").and_then(Value::as_object);
        if lines.is_some_and(|lines| lines.len() > MOST_LINES) {
            return Err(QueryError::new(format!(
                "the address has more than {MOST_LINES} lines"
            )));
        }
        for (line, wanted) in lines.into_iter().flatten() {
            if let Some(wanted) = wanted.as_str().filter(|wanted| !wanted.is_empty()) {
                let line = Field::at(["declaration", self.id, "streetLevelDetails", line]);
                all.push(self.narrowed(wanted, Filter::Like(line, wanted.to_owned())));
            }
        }
        Ok(Filter::All(all))
    }
}
