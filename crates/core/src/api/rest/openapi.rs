//! The OpenAPI 3.1 document, made from the table of routes.

use serde_json::{Map, Value, json};

use super::{
    routes::{self, Input, Output, Route, Verb},
    schemas::{components, reference},
};

/// Describes every REST route.
#[must_use]
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for route in routes::all() {
        let verb = match route.verb {
            Verb::Get => "get",
            Verb::Post => "post",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
        };
        let path = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        if let Value::Object(verbs) = path {
            verbs.insert(verb.to_owned(), operation(route));
        }
    }
    for (step, summary, fields, answer) in routes::SIGNING_IN {
        let post = signing_in(step, summary, fields, answer);
        paths.insert(format!("/auth/{step}"), json!({ "post": post }));
    }
    for (path, summary, kind) in routes::PUBLIC {
        paths.insert(
            (*path).to_owned(),
            json!({ "get": public(path, summary, kind) }),
        );
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign Core",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "People and systems act on civil registration records; the country \
                            decides. An answer of 2xx means that the action is durable and that \
                            country config has it; 503 with `Retry-After` means that Core has it \
                            and keeps trying.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
            "schemas": components(),
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    let body = match (&route.body, route.input) {
        (_, Input::Chunk) => Some(("application/octet-stream", json!({}))),
        (Some(body), Input::Form) => Some(("multipart/form-data", body.clone())),
        (Some(body), _) => Some(("application/json", body.clone())),
        (None, _) => None,
    };
    if let Some((kind, schema)) = body {
        operation["requestBody"] = json!({
            "required": true,
            "content": {kind: {"schema": schema}},
        });
    }
    operation
}

/// A step of signing in: no token is needed, that is what it is for.
fn signing_in(step: &str, summary: &str, fields: &[&str], answer: &str) -> Value {
    let text: Map<String, Value> = fields
        .iter()
        .map(|field| ((*field).to_owned(), json!({"type": "string"})))
        .collect();
    let mut answered = Map::new();
    if !answer.is_empty() {
        let kind = if answer == "valid" {
            "boolean"
        } else {
            "string"
        };
        answered.insert(answer.to_owned(), json!({"type": kind}));
    }
    let mut id = "auth".to_owned();
    id.push_str(&step[..1].to_uppercase());
    id.push_str(&step[1..]);
    let error = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": reference("Error")}},
        })
    };
    json!({
        "operationId": id,
        "tags": ["Signing in"],
        "summary": summary,
        "parameters": [],
        "security": [],
        "requestBody": {
            "required": true,
            "content": {"application/json": {
                "schema": {"type": "object", "required": fields, "properties": text},
            }},
        },
        "responses": {
            "200": {
                "description": "Done",
                "content": {"application/json": {
                    "schema": {"type": "object", "properties": answered},
                }},
            },
            "400": error("Something is missing or malformed"),
            "401": error("Not proven"),
            "429": error("Too many tries; `Retry-After` says when to try again"),
        },
    })
}

/// What is about nobody, and asked for before anybody has signed in.
fn public(path: &str, summary: &str, kind: &str) -> Value {
    let answer = match kind {
        "Desk" => json!({"application/json": {"schema": reference("Desk")}}),
        "Certificates" => json!({"application/json": {"schema": reference("Certificates")}}),
        "Texts" => json!({"application/json": {"schema": reference("Texts")}}),
        bytes => json!({(bytes): {"schema": {"type": "string", "format": "binary"}}}),
    };
    let parameters: Vec<Value> = names_in(path)
        .map(|name| {
            json!({
                "name": name, "in": "path", "required": true, "schema": {"type": "string"},
            })
        })
        .collect();
    let error = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": reference("Error")}},
        })
    };
    json!({
        "operationId": name_of("get", path),
        "tags": ["The country"],
        "summary": summary,
        "parameters": parameters,
        "security": [],
        "responses": {
            "200": {"description": "As the country has it, with an ETag", "content": answer},
            "304": {"description": "As `If-None-Match` says"},
            "404": error("The country serves none"),
            "503": error("The country was not asked yet; `Retry-After` says when to ask again"),
        },
    })
}

/// The parameters in a path.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|step| step.strip_prefix('{')?.split('}').next())
}

/// Unique, and a fit name for a generated client's method: `postEventsEventIdActionsDeclare`.
fn operation_id(route: &Route) -> String {
    let verb = match route.verb {
        Verb::Get => "get",
        Verb::Post => "post",
        Verb::Patch => "patch",
        Verb::Delete => "delete",
    };
    name_of(verb, &route.path)
}

fn name_of(verb: &str, path: &str) -> String {
    let mut id = verb.to_owned();
    for word in path.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut characters = word.chars();
        if let Some(first) = characters.next() {
            id.push(first.to_ascii_uppercase());
            id.push_str(characters.as_str());
        }
    }
    id
}

fn parameters(route: &Route) -> Value {
    let in_path = route.path.split('/').filter_map(|step| {
        let name = step.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({
            "name": name, "in": "path", "required": true, "schema": {"type": "string"},
        }))
    });
    let in_query = route.query.iter().map(|(name, description)| {
        json!({
            "name": name, "in": "query", "required": false, "description": description,
            "schema": {"type": "string"},
        })
    });
    let in_header = (route.input == Input::Chunk).then(|| {
        json!({
            "name": "Upload-Offset", "in": "header", "required": true,
            "description": "At which byte of the file the chunk begins",
            "schema": {"type": "integer", "minimum": 0},
        })
    });
    in_path.chain(in_query).chain(in_header).collect()
}

fn responses(route: &Route) -> Value {
    let error = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": reference("Error")}},
        })
    };
    let content = match route.output {
        Output::Json => json!({"application/json": {"schema": route.answer}}),
        Output::File => json!({"*/*": {"schema": {}}}),
        Output::Deliveries => json!({
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        }),
        Output::Events => json!({"text/event-stream": {"schema": route.answer}}),
    };
    json!({
        "200": {
            "description": "Done",
            "content": content,
        },
        "400": error("The input is wrong; the message names every problem"),
        "401": error("No token, or one that is no longer good"),
        "403": error("The token's scopes do not allow it"),
        "404": error("It is not there, or not there for you"),
        "409": error("The record's state does not allow it, or somebody else holds it"),
        "503": error("Not now; `Retry-After` says when to ask again"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::api::procedure::Procedure;

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document = openapi();
        let text = document.to_string();
        for name in text.split("#/components/schemas/").skip(1) {
            let name = name.split('"').next().unwrap();
            assert!(
                document["components"]["schemas"].get(name).is_some(),
                "{name}"
            );
        }
    }

    #[test]
    fn every_route_leads_to_an_operation_and_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        for route in routes::all() {
            assert!(
                Procedure::named(route.operation).is_some(),
                "{} leads to no operation",
                route.path
            );
            assert!(
                names.insert(operation_id(route)),
                "{} is there twice",
                route.path
            );
        }
    }
}
