//! The table of REST routes, one file for each subject.

mod actions;
mod attachments;
mod audit;
mod configuration;
mod deliveries;
mod pending;
mod people;
mod records;
mod signing_in;
mod systems;

use std::sync::LazyLock;

use serde_json::Value;

use super::schemas::reference;

pub(super) use configuration::PUBLIC;
pub(super) use signing_in::SIGNING_IN;

/// HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

/// What a route makes the operation's input of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The path's parameters over the JSON body.
    Body,
    /// The path's parameters over those of the search string.
    Query,
    /// The fields of a form with a file in it; the file's bytes go beside.
    Form,
    /// The path's parameters, and `offset` out of the header `Upload-Offset`; the body's bytes go
    /// beside.
    Chunk,
    /// One parameter of the path, as a bare text.
    Text(&'static str),
}

/// How a route's answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// As JSON: what the operation answers.
    Json,
    /// As a file of deliveries, of which the operation answers what is to be in it.
    Deliveries,
    /// As events that are sent as they happen, to whoever the operation lets listen.
    Events,
    /// As the content of a file, of which the operation answers which.
    File,
}

/// One REST route.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path, parameters in braces.
    pub path: String,
    /// The operation it leads to.
    pub operation: &'static str,
    /// What it sends there.
    pub input: Input,
    /// The group it is shown in.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: String,
    /// The schema of the body, for POST.
    pub body: Option<Value>,
    /// The schema of the answer.
    pub answer: Value,
    /// How that is written.
    pub output: Output,
    /// Parameters of the search string, with what they mean.
    pub query: &'static [(&'static str, &'static str)],
}

/// Every route.
pub(super) fn all() -> &'static [Route] {
    static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
        let mut routes = records::routes();
        routes.extend(actions::routes());
        routes.extend(pending::routes());
        routes.extend(configuration::routes());
        routes.extend(people::routes());
        routes.extend(systems::routes());
        routes.extend(deliveries::routes());
        routes.extend(attachments::routes());
        routes.extend(audit::routes());
        routes
    });
    &ROUTES
}

fn route(verb: Verb, path: &str, name: &'static str, summary: &str) -> Route {
    Route {
        verb,
        path: path.to_owned(),
        operation: name,
        input: if verb == Verb::Post {
            Input::Body
        } else {
            Input::Query
        },
        tag: "Records",
        summary: summary.to_owned(),
        body: None,
        answer: reference("EventDocument"),
        output: Output::Json,
        query: &[],
    }
}

fn get(path: &str, name: &'static str, summary: &str) -> Route {
    route(Verb::Get, path, name, summary)
}

fn post(path: &str, name: &'static str, summary: &str, body: Value) -> Route {
    Route {
        body: Some(body),
        ..route(Verb::Post, path, name, summary)
    }
}
