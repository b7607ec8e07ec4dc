//! The client for Core: the country's own system client, and errors with names.

use serde_json::json;
use toolkit::{
    ClientCredentials, CoreClient, CoreError, CountryConfig, ErrorCode, EventId, NewEvent, Secret,
    Settings, World,
};

use crate::{
    country::{seconds, set_world, settings},
    fake_core::{FakeCore, Mood},
};

fn with_client(mut settings: Settings, secret: &str) -> Settings {
    settings.credentials = Some(ClientCredentials {
        id: "c".to_owned(),
        secret: Secret::new(secret),
    });
    settings
}

async fn client(settings: Settings, world: World) -> CoreClient {
    CountryConfig::open(settings, world)
        .await
        .unwrap()
        .client()
        .unwrap()
}

fn some_event() -> EventId {
    World::real().new_id().into()
}

#[tokio::test]
async fn a_system_client_signs_in_once_for_many_calls_and_again_when_its_token_ends() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, clock) = set_world();
    let client = client(with_client(settings(&core, folder.path()), "right"), world).await;
    let event = some_event();
    let (one, two) = tokio::join!(client.get_event(event), client.get_event(event));
    assert_eq!(one.unwrap().id, event);
    two.unwrap();
    let tokens = || {
        core.calls()
            .into_iter()
            .map(|it| it.token)
            .collect::<Vec<_>>()
    };
    assert_eq!(tokens(), ["client-token-1", "client-token-1"]);
    clock.advance(seconds(600));
    client.get_event(event).await.unwrap();
    assert_eq!(tokens()[2], "client-token-2");
}

#[tokio::test]
async fn a_query_and_a_mutation_carry_their_input() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let settings = with_client(settings(&core, folder.path()), "right");
    let client = client(settings, World::real()).await;
    let event = some_event();
    client.get_event(event).await.unwrap();
    let new = NewEvent {
        event_type: "birth".to_owned(),
        transaction_id: "t-1".to_owned(),
        created_at_location: None,
    };
    // The stand-in answers no record here; what counts is what it was asked.
    client.create_event(&new).await.unwrap_err();
    let calls = core.calls();
    assert_eq!(calls[0].procedure, "event.get");
    assert_eq!(calls[0].input, json!({ "eventId": event }));
    assert_eq!(calls[1].procedure, "event.create");
    assert_eq!(
        calls[1].input,
        json!({ "type": "birth", "transactionId": "t-1" })
    );
}

#[tokio::test]
async fn what_core_refuses_has_a_code_a_status_and_a_sentence() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let settings = with_client(settings(&core, folder.path()), "right");
    let client = client(settings, World::real()).await;
    core.set_mood(Mood::Refusing(409, "assigned to somebody else"));
    let Err(CoreError::Refused {
        code,
        http_status,
        message,
        ..
    }) = client.get_event(some_event()).await
    else {
        panic!("Core refused, the client did not say so");
    };
    assert_eq!(code, ErrorCode("CONFLICT".to_owned()));
    assert_eq!(
        (http_status, message.as_str()),
        (409, "assigned to somebody else")
    );
}

#[tokio::test]
async fn a_wrong_secret_is_reported_as_core_says_it() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let settings = with_client(settings(&core, folder.path()), "wrong");
    let client = client(settings, World::real()).await;
    let refused = client.get_event(some_event()).await.unwrap_err();
    assert_eq!(refused.http_status(), Some(401));
    assert!(refused.to_string().contains("invalid_client"), "{refused}");
    assert!(!refused.to_string().contains("wrong"));
}
