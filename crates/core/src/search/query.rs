//! What a search asks for, as clients of the protocol and the country's workqueues write it.

use serde_json::{Map, Value};
use storage::Field;

use super::term::{DataTerm, DateTerm, Place, QueryError, Term};

/// The most conditions in one query. Stores bound how large a statement may be.
const MOST_CONDITIONS: usize = 200;
/// The most words, of all its texts together.
const MOST_WORDS: usize = 100;
/// The longest list of what a field may be.
const MOST_TERMS: usize = 1000;
/// What is said to a clause that asks nothing.
const NO_CONDITION: &str = "At least one query field must be specified.";
/// What a clause may ask.
const KEYS: [&str; 27] = [
    "id",
    "eventType",
    "text",
    "status",
    "trackingId",
    "legalStatuses.REGISTERED.registrationNumber",
    "assignedTo",
    "createdBy",
    "updatedBy",
    "updatedByUserRole",
    "createdByUserType",
    "legalStatuses.DECLARED.createdByRole",
    "legalStatuses.REGISTERED.createdByRole",
    "createdAt",
    "updatedAt",
    "legalStatuses.DECLARED.createdAt",
    "legalStatuses.DECLARED.acceptedAt",
    "legalStatuses.REGISTERED.createdAt",
    "legalStatuses.REGISTERED.acceptedAt",
    "dateOfEvent",
    "createdAtLocation",
    "updatedAtLocation",
    "placeOfEvent",
    "legalStatuses.DECLARED.createdAtLocation",
    "legalStatuses.REGISTERED.createdAtLocation",
    "flags",
    "data",
];
/// How deep groups of clauses go at most.
const MOST_LEVELS: usize = 10;

/// A query, read and understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    /// All of these conditions hold.
    Clause(Vec<Condition>),
}

/// One thing a record must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The record's names, numbers and ids have words that begin so.
    Text(String),
    /// The field is this.
    Exact(Field, Term),
    /// The field is one of these.
    AnyOf(Field, Vec<String>),
    /// The field, a moment in UTC, lies in this time.
    Moment(Field, DateTerm),
    /// The field, a day, lies in this time.
    Day(Field, DateTerm),
    /// The field is this place, or one that lies in it.
    Place(Field, Place),
    /// Has one of the first if they are given, none of the second, all of the third.
    Flags {
        /// At least one of them.
        any_of: Option<Vec<String>>,
        /// None of them.
        none_of: Vec<String>,
        /// Every one of them.
        all_of: Vec<String>,
    },
    /// The answer to this field of the declaration.
    Data(String, DataTerm),
}

impl Query {
    /// Reads a group of clauses (`{type, clauses}`) or a single clause.
    ///
    /// A condition that is not known is refused, where OpenCRVS drops it: dropped, it would show
    /// more records than were asked for.
    ///
    /// # Errors
    /// What is wrong, and where; also that it is too large, and which limit it passes.
    pub fn read(written: &Value) -> Result<Self, QueryError> {
        let query = Self::read_level(written, MOST_LEVELS)?;
        let mut conditions = Vec::new();
        query.gather(&mut conditions);
        for (what, there_are, most) in [
            (
                "conditions",
                conditions.iter().map(|one| one.size()).sum::<usize>(),
                MOST_CONDITIONS,
            ),
            (
                "words",
                conditions.iter().map(|one| one.words()).sum(),
                MOST_WORDS,
            ),
            (
                "terms in one list",
                conditions.iter().map(|one| one.terms()).max().unwrap_or(0),
                MOST_TERMS,
            ),
        ] {
            if there_are > most {
                return Err(QueryError::new(format!(
                    "has {there_are} {what}; a query has at most {most}"
                )));
            }
        }
        Ok(query)
    }

    fn gather<'a>(&'a self, conditions: &mut Vec<&'a Condition>) {
        match self {
            Self::All(queries) | Self::Any(queries) => {
                queries.iter().for_each(|query| query.gather(conditions));
            }
            Self::Clause(own) => conditions.extend(own),
        }
    }

    fn read_level(written: &Value, levels: usize) -> Result<Self, QueryError> {
        let object = written
            .as_object()
            .ok_or_else(|| QueryError::new("must be an object"))?;
        let Some(clauses) = object.get("clauses") else {
            return Condition::read_all(object).map(Self::Clause);
        };
        let Some(levels) = levels.checked_sub(1) else {
            return Err(QueryError::new(format!(
                "is too deep; groups of clauses go at most {MOST_LEVELS} levels deep"
            )));
        };
        let clauses = match clauses.as_array().map(Vec::as_slice) {
            Some([]) => Err(QueryError::no_clauses()),
            Some(clauses) => clauses
                .iter()
                .enumerate()
                .map(|(at, clause)| {
                    Self::read_level(clause, levels).map_err(|error| error.under(at))
                })
                .collect(),
            None => Err(QueryError::new("must be a list of clauses")),
        };
        let clauses = clauses.map_err(|error| error.under("clauses"))?;
        match object.get("type").and_then(Value::as_str) {
            Some("and") => Ok(Self::All(clauses)),
            Some("or") => Ok(Self::Any(clauses)),
            _ => Err(QueryError::new("must be 'and' or 'or'").under("type")),
        }
    }

    /// The ids of the declaration's fields that it asks about.
    pub fn declaration_fields(&self) -> Vec<&str> {
        match self {
            Self::All(queries) | Self::Any(queries) => {
                queries.iter().flat_map(Self::declaration_fields).collect()
            }
            Self::Clause(conditions) => conditions
                .iter()
                .filter_map(|condition| match condition {
                    Condition::Data(field, _) => Some(field.as_str()),
                    _ => None,
                })
                .collect(),
        }
    }
}

impl Condition {
    /// How many comparisons it comes to.
    fn size(&self) -> usize {
        match self {
            Self::Flags {
                any_of,
                none_of,
                all_of,
            } => {
                let any_of = any_of.as_ref().map_or(0, Vec::len);
                (any_of + none_of.len() + all_of.len()).max(1)
            }
            _ => 1,
        }
    }

    /// How many words are looked for one by one, as stores split them.
    fn words(&self) -> usize {
        let count = |text: &str| storage::fold(text).split_whitespace().count();
        match self {
            Self::Text(text) | Self::Data(_, DataTerm::Exact(text) | DataTerm::Fuzzy(text)) => {
                count(text)
            }
            _ => 0,
        }
    }

    /// How long its list is.
    fn terms(&self) -> usize {
        match self {
            Self::AnyOf(_, terms) | Self::Data(_, DataTerm::AnyOf(terms)) => terms.len(),
            _ => 0,
        }
    }

    fn read_all(clause: &Map<String, Value>) -> Result<Vec<Self>, QueryError> {
        // Where nothing at all is known, it is likely no clause; the protocol has a text for it.
        if !clause.keys().any(|key| KEYS.contains(&key.as_str())) {
            return Err(QueryError::new(NO_CONDITION));
        }
        let mut conditions = Vec::new();
        // What is null is left out, as clients of the protocol write it.
        for (key, written) in clause.iter().filter(|(_, written)| !written.is_null()) {
            let read = Self::read(key, written).map_err(|error| error.under(key.as_str()))?;
            conditions.extend(read);
        }
        if conditions.is_empty() && !clause.contains_key("data") {
            return Err(QueryError::new(NO_CONDITION));
        }
        Ok(conditions)
    }

    fn read(key: &str, written: &Value) -> Result<Vec<Self>, QueryError> {
        let one = match key {
            "id" => Self::Exact(field(key), Term::Text(text(written)?)),
            "eventType" => Self::Exact(field("type"), Term::Text(text(written)?)),
            "text" => Self::Text(text(written)?),
            "status" => Self::AnyOf(field(key), statuses(written)?),
            "trackingId"
            | "legalStatuses.REGISTERED.registrationNumber"
            | "assignedTo"
            | "createdBy"
            | "updatedBy"
            | "updatedByUserRole"
            | "createdByUserType" => Self::Exact(field(key), Term::read(written, "exact", "term")?),
            "legalStatuses.DECLARED.createdByRole" | "legalStatuses.REGISTERED.createdByRole" => {
                Self::AnyOf(field(key), any_of(written)?)
            }
            "createdAt"
            | "updatedAt"
            | "legalStatuses.DECLARED.createdAt"
            | "legalStatuses.DECLARED.acceptedAt"
            | "legalStatuses.REGISTERED.createdAt"
            | "legalStatuses.REGISTERED.acceptedAt" => {
                Self::Moment(field(key), DateTerm::read(written)?)
            }
            "dateOfEvent" => Self::Day(field(key), DateTerm::read(written)?),
            "createdAtLocation"
            | "updatedAtLocation"
            | "placeOfEvent"
            | "legalStatuses.DECLARED.createdAtLocation"
            | "legalStatuses.REGISTERED.createdAtLocation" => {
                Self::Place(field(key), Place::read(written)?)
            }
            "flags" => flags(written)?,
            "data" => return data(written),
            _ => return Err(QueryError::new("is not something records can be found by")),
        };
        Ok(vec![one])
    }
}

/// A field of a record's state, by its name on the wire.
fn field(key: &str) -> Field {
    Field(key.split('.').map(str::to_owned).collect())
}

fn text(written: &Value) -> Result<String, QueryError> {
    written
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| QueryError::new("must be text"))
}

fn texts(written: &Value) -> Result<Vec<String>, QueryError> {
    let list = written
        .as_array()
        .ok_or_else(|| QueryError::new("must be a list of texts"))?;
    let read = |(at, item)| text(item).map_err(|error| error.under(at));
    list.iter().enumerate().map(read).collect()
}

fn any_of(written: &Value) -> Result<Vec<String>, QueryError> {
    match (
        written.get("type").and_then(Value::as_str),
        written.get("terms"),
    ) {
        (Some("anyOf"), Some(terms)) => texts(terms).map_err(|error| error.under("terms")),
        _ => Err(QueryError::new("must be {type: 'anyOf', terms}")),
    }
}

fn statuses(written: &Value) -> Result<Vec<String>, QueryError> {
    let found = match written.get("type").and_then(Value::as_str) {
        Some("exact") => match Term::read(written, "exact", "term")? {
            Term::Text(status) => vec![status],
            Term::OfCaller(_) => return Err(QueryError::new("must be a status").under("term")),
        },
        _ => any_of(written)?,
    };
    let known = |status: &str| {
        records::EventStatus::ALL
            .iter()
            .any(|known| known.as_str() == status)
    };
    match found.iter().find(|status| !known(status)) {
        None => Ok(found),
        Some(unknown) => Err(QueryError::new(format!("'{unknown}' is not a status"))),
    }
}

fn flags(written: &Value) -> Result<Condition, QueryError> {
    let list = |key: &str| match written.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(list) => texts(list).map(Some).map_err(|error| error.under(key)),
    };
    if !written.is_object() {
        return Err(QueryError::new("must be {anyOf?, noneOf?, allOf?}"));
    }
    Ok(Condition::Flags {
        any_of: list("anyOf")?,
        none_of: list("noneOf")?.unwrap_or_default(),
        all_of: list("allOf")?.unwrap_or_default(),
    })
}

fn data(written: &Value) -> Result<Vec<Condition>, QueryError> {
    let fields = written
        .as_object()
        .ok_or_else(|| QueryError::new("must be an object of fields"))?;
    fields
        .iter()
        .map(|(id, term)| {
            let term = DataTerm::read(term).map_err(|error| error.under(id.as_str()))?;
            Ok(Condition::Data(id.clone(), term))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_nest_and_clauses_stand_alone() {
        let query = json!({"type": "or", "clauses": [
            {"trackingId": {"type": "exact", "term": "ABC123"}},
            {"type": "and", "clauses": [{"eventType": "birth"}]},
        ]});
        let exact = |key, text: &str| {
            Query::Clause(vec![Condition::Exact(
                field(key),
                Term::Text(text.to_owned()),
            )])
        };
        assert_eq!(
            Query::read(&query),
            Ok(Query::Any(vec![
                exact("trackingId", "ABC123"),
                Query::All(vec![exact("type", "birth")]),
            ]))
        );
    }

    #[test]
    fn a_query_that_is_not_understood_is_refused_where_it_goes_wrong() {
        for (query, path) in [
            (json!([]), "/"),
            (json!({}), "/"),
            (json!({"type": "and", "clauses": []}), "/clauses"),
            (
                json!({"type": "xor", "clauses": [{"eventType": "birth"}]}),
                "/type",
            ),
            (
                json!({"type": "and", "clauses": [{"eventTyp": "birth", "flags": {}}]}),
                "/clauses/0/eventTyp",
            ),
            (
                json!({"type": "and", "clauses": [{"eventTyp": "birth"}]}),
                "/clauses/0",
            ),
            (
                json!({"status": {"type": "exact", "term": "BORN"}}),
                "/status",
            ),
            (
                json!({"updatedAt": {"type": "timePeriod", "term": "lastWeek"}}),
                "/updatedAt/term",
            ),
            (
                json!({"createdAt": {"type": "exact", "term": "today"}}),
                "/createdAt/term",
            ),
            (json!({"flags": {"anyOf": [1]}}), "/flags/anyOf/0"),
            (
                json!({"assignedTo": {"type": "exact", "term": {"$userField": "name"}}}),
                "/assignedTo/term/$userField",
            ),
            (
                json!({"data": {"child.name": {"type": "near"}}}),
                "/data/child.name",
            ),
        ] {
            let error = Query::read(&query).unwrap_err();
            assert_eq!(error.pointer(), path, "{query}");
        }
    }

    #[test]
    fn a_query_that_is_too_large_is_refused_with_the_limit_it_passes() {
        let clause = json!({"eventType": "birth"});
        let many = |count: usize| json!({"type": "or", "clauses": vec![clause.clone(); count]});
        let deep = |levels: usize| {
            let group = |inner, _| json!({"type": "and", "clauses": [inner]});
            (0..levels).fold(clause.clone(), group)
        };
        let words = |count: usize| json!({"text": "word ".repeat(count)});
        let flags = |count: usize| json!({"flags": {"noneOf": vec!["rejected"; count]}});
        let terms =
            |count: usize| json!({"status": {"type": "anyOf", "terms": vec!["DECLARED"; count]}});
        type Make<'a> = &'a dyn Fn(usize) -> Value;
        let cases: [(Make<'_>, usize); 5] = [
            (&many, MOST_CONDITIONS),
            (&flags, MOST_CONDITIONS),
            (&deep, MOST_LEVELS),
            (&words, MOST_WORDS),
            (&terms, MOST_TERMS),
        ];
        for (make, most) in cases {
            assert!(Query::read(&make(most)).is_ok(), "{most}");
            let refused = Query::read(&make(most + 1)).unwrap_err();
            assert!(
                refused.message().contains(&format!("at most {most}")),
                "{refused}"
            );
        }
    }

    #[test]
    fn whatever_can_be_asked_is_known() {
        for key in KEYS {
            let asked = Condition::read(key, &json!(12));
            let reason = asked.unwrap_err();
            assert_ne!(
                reason.message(),
                "is not something records can be found by",
                "{key}"
            );
        }
    }

    #[test]
    fn what_is_null_asks_nothing() {
        let query = json!({"eventType": "birth", "legalStatuses.DECLARED.createdAtLocation": null});
        assert!(matches!(Query::read(&query), Ok(Query::Clause(all)) if all.len() == 1));
    }
}
