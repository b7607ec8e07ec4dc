//! Whatever a form can hold is kept as it is, to the letter.

use records::EventId;
use serde_json::{Value, json};

use super::{
    Scene,
    scene::{at, projection},
};
use crate::{
    ConfigurationKind, Created, Filter, RecordQuery, SearchText, StoredConfiguration, Subject,
};

/// Writes a record whose declaration and index are this, and reads it back from every place.
async fn survives(scene: &Scene, declaration: Value) {
    let transaction: uuid::Uuid = scene.id();
    let mut new = scene.new_record(&transaction.to_string());
    let id: EventId = new.document.id;
    let text = |value: &Value| serde_json::to_string(value).unwrap();
    new.document.actions[0].declaration = declaration.as_object().cloned();
    new.document.actions[0].annotation = declaration.as_object().cloned();
    new.projection = projection(id, json!({ "declaration": declaration }));
    new.audit[0].details = declaration.clone();
    let (document, index) = (new.document.clone(), new.projection.index.clone());
    assert_eq!(scene.store.create_record(new).await.unwrap(), Created::New);

    let store = &scene.store;
    let kept = store.record(id).await.unwrap().unwrap().document;
    let written = serde_json::to_value(&document).unwrap();
    let kept = serde_json::to_value(&kept).unwrap();
    assert_eq!(text(&kept), text(&written), "byte for byte");
    // What is derived need not keep the order of its fields.
    let kept = store.projection(id).await.unwrap().unwrap().index;
    assert_eq!(kept, index);
    let everything = RecordQuery {
        filter: Filter::All(vec![]),
        sort: vec![],
        offset: 0,
        limit: 10,
    };
    let page = store.find_records(&everything).await.unwrap();
    let found = page.records.iter().find(|found| found["id"] == index["id"]);
    assert_eq!(found, Some(&index));
    let (audit, _) = store.audit(Some(id), None, 0, 10).await.unwrap();
    assert_eq!(text(&audit[0].details), text(&declaration), "byte for byte");

    let mut code = scene.code("", 0, None);
    code.subject = Subject::Account {
        body: declaration.clone(),
        superseded_by_key: None,
    };
    store.enqueue_delivery(code.clone()).await.unwrap();
    let kept = store.delivery(code.id).await.unwrap().unwrap();
    let Subject::Account { body, .. } = kept.new.subject else {
        panic!("it is about an account");
    };
    assert_eq!(text(&body), text(&declaration), "byte for byte");
}

pub async fn a_nul_in_a_text_is_kept(scene: &Scene) {
    survives(
        scene,
        json!({ "child.name": "Zoë\u{0}Banda", "\u{0}": ["\u{0}", "a\u{0}"] }),
    )
    .await;
}

pub async fn what_looks_like_an_escape_is_kept(scene: &Scene) {
    // Backslashes and letters, such as somebody types them; among them the spelling of half a
    // character, which as an escape no JSON of ours can carry.
    let typed = r"\u0000 \ud800 \\u0000 \n %00 &#0; \x00 \";
    assert!(serde_json::from_str::<Value>(r#""\ud800""#).is_err());
    survives(scene, json!({ "child.name": typed, typed: true })).await;
}

pub async fn letters_of_every_kind_are_kept(scene: &Scene) {
    let letters =
        "\u{1}\u{7f}\u{85}\u{a0}\u{200f}\u{2028}\u{feff}\u{fffd}\u{fffe}\u{ffff}\u{10ffff}";
    let accents = "e\u{301} \u{e9} \u{1f469}\u{200d}\u{1f467} \u{645}\u{64f}\u{62d}";
    survives(scene, json!({ letters: accents, "": letters })).await;
}

pub async fn a_text_of_a_million_letters_is_kept(scene: &Scene) {
    survives(scene, json!({ "note": "Ā".repeat(1 << 19), "last": "x" })).await;
    // One word of it, found by what it begins with or not at all, but kept.
    let mut new = scene.new_record("long");
    let id = new.document.id;
    new.projection.texts = vec![SearchText {
        name: "note".to_owned(),
        text: format!("amina {}", "b".repeat(1 << 20)),
        quick: true,
    }];
    assert_eq!(scene.store.create_record(new).await.unwrap(), Created::New);
    let query = RecordQuery {
        filter: Filter::Text("amina".to_owned()),
        sort: vec![],
        offset: 0,
        limit: 10,
    };
    let page = scene.store.find_records(&query).await.unwrap();
    assert_eq!((page.total, &page.records[0]["id"]), (1, &json!(id)));
}

pub async fn numbers_are_kept_as_they_were_read(scene: &Scene) {
    let numbers = r#"{
        "whole": [0, -0, 9007199254740993, 18446744073709551615, -9223372036854775808],
        "broken": [0.1, 0.30000000000000004, 1.0, -0.0, 1e-7, 5e-324, 1.7976931348623157e308,
            2.2250738585072014e-308, 123456789.12345679, 8.41, 9.95, 4.35, 1e21, 1e22, 1e23],
        "longer than a number can be": [123456789012345678901234567890, 0.1234567890123456789012345]
    }"#;
    let numbers: Value = serde_json::from_str(numbers).unwrap();
    // What is read of it once is what is read of it ever after.
    let again: Value = serde_json::from_str(&numbers.to_string()).unwrap();
    assert_eq!(again.to_string(), numbers.to_string());
    survives(scene, numbers).await;
    assert!(
        serde_json::from_str::<Value>("1e400").is_err(),
        "what has no value never comes here"
    );
}

pub async fn a_configuration_is_kept_to_the_letter(scene: &Scene) {
    let document = StoredConfiguration {
        body: "\u{feff}[ { \"id\" : \"\\u0000\", \"n\": 1.50 } ]\n\t ".to_owned(),
        etag: Some("W/\"\u{e9}\"".to_owned()),
        at: at(1),
    };
    let kind = ConfigurationKind::Events;
    let save = vec![(kind, document.clone())];
    scene.store.save_configuration(save).await.unwrap();
    let kept = scene.store.configuration().await.unwrap();
    assert_eq!(kept, [(kind, document)]);
}
