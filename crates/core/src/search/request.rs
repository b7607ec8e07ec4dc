//! A page of a search: what is asked for, and what of each record is shown.

use serde_json::Value;
use storage::{Field, Sort};

use super::{query::Query, term::QueryError};
use crate::{configuration::Current, error::ApiError};

/// How many records a page holds when nobody says.
const PAGE: u64 = 100;
/// How many it holds at most.
const LARGEST_PAGE: u64 = 10_000;
/// How many fields it is sorted by at most.
const MOST_SORTS: usize = 10;
/// Dots in the ids of declaration fields, as clients of the protocol write them in `sort`.
const DOT: &str = "____";

/// A search as a client sends it: `{query, limit?, offset?, sort?}`.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What to find.
    pub query: Query,
    /// How many at most.
    pub limit: u64,
    /// How many to pass over.
    pub offset: u64,
    /// In which order: what was touched last comes first when nobody says.
    pub sort: Vec<Sort>,
}

impl SearchRequest {
    /// Reads a search. `query` and `sort` may also come as JSON in a text, which is how REST
    /// clients of OpenCRVS put them.
    ///
    /// # Errors
    /// 400 naming the place.
    pub fn read(input: &Value) -> Result<Self, ApiError> {
        Ok(Self::parse(input)?)
    }

    fn parse(input: &Value) -> Result<Self, QueryError> {
        let part = |key: &str| input.get(key).filter(|part| !part.is_null());
        let query = part("query").ok_or_else(QueryError::no_query);
        let query = query
            .and_then(unwrapped)
            .and_then(|query| Query::read(&query))
            .map_err(|error| error.under("query"))?;
        let number = |key: &str, default: u64| match part(key) {
            None => Ok(default),
            // REST clients send numbers of a query string as texts.
            Some(Value::String(digits)) => digits.parse().ok().ok_or(()),
            Some(number) => number.as_u64().ok_or(()),
        };
        let number = |key: &str, default: u64| {
            number(key, default)
                .map_err(|()| QueryError::new("must be a whole number, 0 or more").under(key))
        };
        let limit = number("limit", PAGE)?;
        if limit > LARGEST_PAGE {
            let message = format!("must be at most {LARGEST_PAGE}");
            return Err(QueryError::new(message).under("limit"));
        }
        let sort = match part("sort") {
            None => Ok(Vec::new()),
            Some(sort) => unwrapped(sort).and_then(|sort| read_sort(&sort)),
        };
        let mut sort = sort.map_err(|error| error.under("sort"))?;
        if sort.is_empty() {
            sort.push(Sort {
                field: Field::at(["updatedAt"]),
                descending: true,
            });
        }
        Ok(Self {
            query,
            limit,
            offset: number("offset", 0)?,
            sort,
        })
    }
}

fn unwrapped(written: &Value) -> Result<Value, QueryError> {
    match written {
        Value::String(json) => serde_json::from_str(json)
            .map_err(|error| QueryError::new(format!("is not JSON: {error}"))),
        written => Ok(written.clone()),
    }
}

fn read_sort(written: &Value) -> Result<Vec<Sort>, QueryError> {
    let list = written
        .as_array()
        .ok_or_else(|| QueryError::new("must be a list of {field, direction}"))?;
    if list.len() > MOST_SORTS {
        let message = format!("must be at most {MOST_SORTS} fields");
        return Err(QueryError::new(message));
    }
    let read = |(at, one): (usize, &Value)| {
        let field = one.get("field").and_then(Value::as_str);
        let field =
            field.ok_or_else(|| QueryError::new("must be text").under("field").under(at))?;
        let descending = match one.get("direction").map(Value::as_str) {
            None | Some(Some("asc")) => false,
            Some(Some("desc")) => true,
            _ => {
                let error = QueryError::new("must be 'asc' or 'desc'");
                return Err(error.under("direction").under(at));
            }
        };
        Ok(Sort {
            field: sort_field(field),
            descending,
        })
    };
    list.iter().enumerate().map(read).collect()
}

fn sort_field(name: &str) -> Field {
    let Some(answer) = name.strip_prefix("declaration.") else {
        return Field(name.split('.').map(str::to_owned).collect());
    };
    // `child____name.firstname`: the dots of the field's id are written out, the others are steps.
    let mut steps = vec!["declaration".to_owned()];
    if answer.contains(DOT) {
        steps.extend(answer.split('.').map(|step| step.replace(DOT, ".")));
    } else {
        steps.push(answer.to_owned());
    }
    Field(steps)
}

/// A record's state as a search shows it: without the answers that [`Current::is_shown`] keeps back.
#[must_use]
pub fn visible_index(mut index: Value, configuration: &Current) -> Value {
    let event_type = index.get("type").and_then(Value::as_str);
    let event_type = event_type.unwrap_or_default().to_owned();
    if let Some(answers) = index.get_mut("declaration").and_then(Value::as_object_mut) {
        answers.retain(|id, _| configuration.is_shown(&event_type, id));
    }
    index
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_search_has_a_page_and_an_order_of_its_own() {
        let search = SearchRequest::read(&json!({"query": {"eventType": "birth"}})).unwrap();
        assert_eq!((search.limit, search.offset), (100, 0));
        assert_eq!(search.sort[0].field, Field::at(["updatedAt"]));
        assert!(search.sort[0].descending);
    }

    #[test]
    fn query_and_order_may_be_json_in_a_text() {
        let search = SearchRequest::read(&json!({
            "query": r#"{"eventType":"birth"}"#,
            "sort": r#"[{"field":"declaration.child____name.firstname"}]"#,
            "limit": "5",
        }));
        let search = search.unwrap();
        assert_eq!(search.limit, 5);
        let name = Field::at(["declaration", "child.name", "firstname"]);
        assert_eq!(
            search.sort,
            [Sort {
                field: name,
                descending: false
            }]
        );
    }

    #[test]
    fn a_search_that_makes_no_sense_is_refused() {
        for input in [
            json!(null),
            json!({"query": "{"}),
            json!({"query": {"eventType": "birth"}, "limit": -1}),
            json!({"query": {"eventType": "birth"}, "limit": 1e9}),
            json!({"query": {"eventType": "birth"}, "sort": [{"field": "a", "direction": "up"}]}),
        ] {
            assert!(SearchRequest::read(&input).is_err(), "{input}");
        }
    }
}
