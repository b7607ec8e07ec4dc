//! The wire of tRPC v11 with superjson, as `httpBatchLink` speaks it (contract, "tRPC").

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::future::join_all;
use serde_json::{Map, Value, json};

use super::{
    dispatch::{Incoming, dispatch},
    multipart,
    procedure::{Kind, Procedure},
};
use crate::{
    Core,
    error::{ApiError, ErrorCode},
    measure::http::Route,
};

/// More calls in one batch than any client makes by itself.
const LARGEST_BATCH: usize = 100;

/// The operations that a request names, joined by commas, when it is tRPC: its search string
/// begins with `batch` or `input`, or its path is an operation's name. Operations are served at
/// `/events/…`, at the root, and with the prefixes of OpenCRVS's gateway; those for services of the
/// deployment have prefixes of their own. A form that is sent to `/attachments` is a call of
/// `attachments.upload`, as OpenCRVS has it.
pub(super) fn procedures_of(path: &str, query: Option<&str>, form: bool) -> Option<String> {
    let path = path.trim_start_matches('/');
    let router = ["initialisation", "internal"]
        .into_iter()
        .find_map(|router| {
            let names = path.strip_prefix(router)?.strip_prefix('/')?;
            Some((router, names))
        });
    let names = match router {
        Some((router, names)) => names
            .split(',')
            .map(|name| format!("{router}.{name}"))
            .collect::<Vec<_>>()
            .join(","),
        None => {
            let path = path.strip_prefix("api/").unwrap_or(path);
            path.strip_prefix("events/").unwrap_or(path).to_owned()
        }
    };
    if form && names == "attachments" {
        return Some(UPLOAD.to_owned());
    }
    let marked =
        query.is_some_and(|query| query.starts_with("batch") || query.starts_with("input"));
    (marked || Procedure::named(&names).is_some()).then_some(names)
}

/// Takes a file, which comes as a form.
const UPLOAD: &str = "attachments.upload";

/// What measurements of a request call it, whatever it names.
pub(super) fn route_of(procedures: &str) -> Route {
    Route(match Procedure::named(procedures) {
        Some(procedure) => procedure.name,
        None if procedures.contains(',') => "batch",
        None => "none",
    })
}

/// Answers a call, or a batch of calls, of the operations named in `path`.
pub(super) async fn answer(
    core: Core,
    method: Method,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(boundary) = multipart::boundary(&headers)
        && path == UPLOAD
    {
        let outcome = upload(core.clone(), &boundary, &headers, &body).await;
        return respond(&core, vec![(path, outcome)], false);
    }
    let query = parse_query(query.as_deref().unwrap_or_default());
    let batch = query
        .iter()
        .any(|(name, value)| name == "batch" && value == "1");
    let names: Vec<&str> = if batch {
        path.split(',').collect()
    } else {
        vec![path.as_str()]
    };
    if names.len() > LARGEST_BATCH {
        let error = ApiError::new(
            ErrorCode::PayloadTooLarge,
            format!("A batch holds at most {LARGEST_BATCH} calls"),
        );
        return respond(&core, vec![(path.clone(), Err(error))], false);
    }
    let inputs = read_inputs(&method, &query, &body);
    let calls = names.iter().enumerate().map(|(position, name)| {
        let input = match &inputs {
            Ok(inputs) => Ok(input_of(inputs, batch, position)),
            Err(message) => Err(ApiError::new(ErrorCode::BadRequest, message.clone())),
        };
        call(
            core.clone(),
            method.clone(),
            (*name).to_owned(),
            input,
            &headers,
        )
    });
    let results = join_all(calls).await;
    let outcomes = names.into_iter().map(str::to_owned).zip(results).collect();
    respond(&core, outcomes, batch)
}

async fn call(
    core: Core,
    method: Method,
    name: String,
    input: Result<Value, ApiError>,
    headers: &HeaderMap,
) -> Result<Value, ApiError> {
    let procedure = Procedure::named(&name).ok_or_else(|| {
        ApiError::new(
            ErrorCode::NotFound,
            format!("No procedure found on path \"{name}\""),
        )
    })?;
    if procedure.kind == Kind::Mutation && method != Method::POST {
        return Err(ApiError::new(
            ErrorCode::MethodNotSupported,
            format!("Unsupported {method}-request to mutation procedure at path \"{name}\""),
        ));
    }
    dispatch(core, procedure, Incoming::from_headers(headers), input?).await
}

/// The form's fields are the input, and the file goes beside it. Whatever else it holds is left.
async fn upload(
    core: Core,
    boundary: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Value, ApiError> {
    let procedure = Procedure::named(UPLOAD).ok_or_else(|| ApiError::internal(UPLOAD))?;
    let mut incoming = Incoming::from_headers(headers);
    let mut input = Map::new();
    // Who may send nothing is told so whatever they send: a form that is broken is an empty one.
    let parts = multipart::parts(boundary, body);
    for part in parts.as_ref().map(Vec::as_slice).unwrap_or_default() {
        match (part.name.as_str(), &part.file_name) {
            ("file", name) => {
                let name = name.as_deref().unwrap_or("blob");
                input.insert("fileName".to_owned(), name.into());
                incoming = incoming.bringing(part.content.clone());
            }
            ("transactionId" | "path", None) => {
                let text = String::from_utf8_lossy(&part.content).into_owned();
                input.insert(part.name.clone(), text.into());
            }
            _ => {}
        }
    }
    let answer = dispatch(core, procedure, incoming, Value::Object(input)).await;
    match (answer, parts) {
        (Err(refused), Err(broken)) if refused.code == ErrorCode::BadRequest => Err(broken),
        (answer, _) => answer,
    }
}

/// `application/x-www-form-urlencoded` pairs; what cannot be decoded stays as it is.
pub(super) fn parse_query(text: &str) -> Vec<(String, String)> {
    let mut url = reqwest::Url::parse("http://query.invalid").ok();
    if let Some(url) = &mut url {
        url.set_query(Some(text));
    }
    url.iter()
        .flat_map(|url| url.query_pairs().into_owned().collect::<Vec<_>>())
        .collect()
}

fn read_inputs(method: &Method, query: &[(String, String)], body: &[u8]) -> Result<Value, String> {
    let text: &[u8] = if method == Method::POST {
        body
    } else {
        query
            .iter()
            .find(|(name, _)| name == "input")
            .map_or(&[][..], |(_, v)| v.as_bytes())
    };
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(text).map_err(|error| format!("The input is not JSON: {error}"))
}

fn input_of(inputs: &Value, batch: bool, position: usize) -> Value {
    let envelope = if batch {
        inputs.get(position.to_string())
    } else {
        Some(inputs)
    };
    envelope.map_or(Value::Null, unwrap_superjson)
}

/// Takes superjson's envelope off: values marked `undefined` are taken out, all other marks name
/// types that JSON already carries as the protocol wants them (dates are ISO strings).
fn unwrap_superjson(envelope: &Value) -> Value {
    let mut value = envelope.get("json").cloned().unwrap_or(Value::Null);
    if let Some(Value::Object(marks)) = envelope.pointer("/meta/values") {
        for (path, mark) in marks {
            if mark
                .as_array()
                .is_some_and(|m| m.first() == Some(&json!("undefined")))
            {
                remove(&mut value, &split_path(path));
            }
        }
    }
    value
}

/// Splits superjson's dotted path, where a dot within a name is written `\.`.
fn split_path(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped) => push(&mut steps, escaped),
                None => push(&mut steps, '\\'),
            },
            '.' => steps.push(String::new()),
            other => push(&mut steps, other),
        }
    }
    steps
}

fn push(steps: &mut [String], character: char) {
    if let Some(last) = steps.last_mut() {
        last.push(character);
    }
}

fn remove(value: &mut Value, path: &[String]) {
    let Some((last, above)) = path.split_last() else {
        return;
    };
    let mut parent = value;
    for step in above {
        let below = match parent {
            Value::Object(map) => map.get_mut(step),
            Value::Array(list) => step.parse::<usize>().ok().and_then(|at| list.get_mut(at)),
            _ => None,
        };
        let Some(below) = below else { return };
        parent = below;
    }
    if let Value::Object(map) = parent {
        map.shift_remove(last);
    }
}

type Outcome = (String, Result<Value, ApiError>);

fn respond(core: &Core, outcomes: Vec<Outcome>, batch: bool) -> Response {
    let mut statuses = Vec::with_capacity(outcomes.len());
    let mut retry_after = None;
    let mut bodies = Vec::with_capacity(outcomes.len());
    for (path, outcome) in outcomes {
        match outcome {
            Ok(value) => {
                statuses.push(200);
                bodies.push(success(value));
            }
            Err(error) => {
                statuses.push(error.code.status());
                retry_after = retry_after.max(error.retry_after_seconds());
                bodies.push(failure(core, &path, &error));
            }
        }
    }
    let mut distinct = statuses.clone();
    distinct.dedup();
    let status = match distinct.as_slice() {
        [only] => *only,
        _ => 207,
    };
    let body = if batch {
        Value::Array(bodies)
    } else {
        bodies.pop().unwrap_or(Value::Null)
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(body)).into_response();
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn success(value: Value) -> Value {
    if value.is_null() {
        // How superjson writes `undefined`, the result of an operation that answers nothing.
        json!({"result": {"data": {"json": null, "meta": {"values": ["undefined"]}}}})
    } else {
        json!({"result": {"data": {"json": value}}})
    }
}

fn failure(core: &Core, path: &str, error: &ApiError) -> Value {
    let (name, number, status) = error.code.parts();
    let mut data = Map::new();
    data.insert("code".into(), name.into());
    data.insert("httpStatus".into(), status.into());
    data.insert("path".into(), path.into());
    if let Some(details) = &error.details {
        data.insert("details".into(), Value::clone(details));
    }
    if !error.fields.is_empty() {
        data.insert("fields".into(), json!(error.fields));
    }
    if !core.settings.production {
        data.insert("stack".into(), format!("{error:?}").into());
    }
    json!({"error": {"json": {"message": error.message, "code": number, "data": data}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_marked_undefined_are_taken_out() {
        let envelope = json!({
            "json": {"a": null, "declaration": {"child.name": null, "kept": null}},
            "meta": {"values": {"a": ["undefined"], "declaration.child\\.name": ["undefined"]}},
        });
        assert_eq!(
            unwrap_superjson(&envelope),
            json!({"declaration": {"kept": null}})
        );
    }

    #[test]
    fn marks_that_point_nowhere_do_nothing() {
        let envelope = json!({
            "json": {"a": 1},
            "meta": {"values": {"b.c": ["undefined"], "": ["undefined"], "\\": ["undefined"]}},
        });
        assert_eq!(unwrap_superjson(&envelope), json!({"a": 1}));
    }
}
