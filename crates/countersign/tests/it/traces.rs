//! What one registration leads to is one trace, from the user's request to the country's callback.

use std::time::Duration;

use jiff::{ToSpan as _, tz::TimeZone};
use reqwest::Client;
use serde_json::{Value, json};
use world::World;

use faults::desk::Desk;

use crate::{
    collector::{Collector, Span},
    deployment,
};

const BIRTH: &str = include_str!("../../../country/samples/birth.json");

const CORE: &str = "countersign-core";

#[tokio::test]
async fn a_registration_is_one_trace_from_the_request_through_the_delivery_to_the_callback() {
    let builder = Client::builder().no_proxy();
    let http = builder.timeout(Duration::from_secs(30)).build().unwrap();
    let world = World::real();
    let collector = Collector::start().await;
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    let deployment = deployment::start(&http, &world, &environment).await;
    let desk = Desk::sign_in(&http, &deployment).await;
    register_at_home(&desk, &world).await;

    // The country's answer to a birth at home comes later, by a callback.
    let callback = collector
        .find("callback", |spans| {
            let of_core = |span: &&Span| span.name == "callback" && span.service == CORE;
            spans.iter().find(of_core).cloned()
        })
        .await;
    let trace = &callback.trace;
    let of = |name: &'static str, parent: Option<String>| {
        let collector = &collector;
        let trace = trace.clone();
        async move {
            let look = |spans: &[Span]| {
                let fits = |span: &&Span| {
                    span.trace == trace
                        && span.name == name
                        && parent.as_ref().is_none_or(|parent| span.parent == *parent)
                };
                spans.iter().find(fits).cloned()
            };
            collector.find(name, look).await
        }
    };
    let request = of("event.actions.register.request", None).await;
    assert_eq!(request.service, CORE);
    assert_eq!(request.parent, "", "the desk says of no trace of its own");
    let delivery = of("begin REGISTER", Some(request.id)).await;
    let attempt = of("deliver REGISTER", Some(delivery.id.clone())).await;
    assert_eq!(attempt.service, CORE);
    let taken = of(
        "/trigger/events/{event}/actions/{action}",
        Some(delivery.id),
    )
    .await;
    assert_eq!(taken.service, "countersign-country");
    let call = of("event.actions.register.accept", Some(taken.id)).await;
    assert_eq!(call.service, CORE);
    assert_eq!(callback.parent, call.id);
    deployment.end().await;
}

/// Takes a birth at home up to where its registration is asked for.
async fn register_at_home(desk: &Desk, world: &World) {
    let transaction = || world.new_id().to_string();
    let input = json!({ "type": "birth", "transactionId": transaction() });
    let record = desk.insist("/events", &input).await;
    let id = record["id"].as_str().unwrap();
    let mut birth: Value = serde_json::from_str(BIRTH).unwrap();
    let today = world.now().to_zoned(TimeZone::UTC).date();
    birth["child.dob"] = json!(today.checked_sub(3.days()).unwrap().to_string());
    let home = birth["mother.address"].clone();
    birth["child.place"] = json!("HOME");
    birth["child.placeId"] = home["administrativeArea"].clone();
    birth["child.home"] = home;
    birth.as_object_mut().unwrap().remove("child.facility");
    let input = json!({
        "transactionId": transaction(),
        "declaration": birth,
        "annotation": {},
        "keepAssignmentIfAccepted": true,
    });
    desk.insist(&format!("/events/{id}/actions/declare"), &input)
        .await;
    let input = json!({ "transactionId": transaction(), "declaration": {}, "annotation": {} });
    desk.insist(&format!("/events/{id}/actions/register"), &input)
        .await;
}
