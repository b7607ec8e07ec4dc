//! Declarations of a real country over HTTP: every field that will not do is named, as the vectors
//! say, with its message's id and text.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use countersign_core::attachments::UnknownFiles;
use serde_json::{Value, json};
use storage::{Place, PlaceKind, User};

use crate::{core_under_test::CoreUnderTest, person::Person, small_country::REGISTRAR};

/// Of the 480 rows, one in so many is posted: all of them take a debug build a quarter of a minute
/// alone, and `conformance` holds the rules against all of them.
const ONE_IN: usize = 4;

/// The day of every row.
const TODAY: &str = "2026-01-15T12:00:00Z";

const SCOPES: [&str; 2] = ["type=record.create", "type=record.declare"];

/// What the rules of the form themselves say; all other texts are the country's.
const STANDARD: [(&str, &str); 6] = [
    ("error.required", "Required"),
    ("error.invalid", "Invalid input"),
    ("error.invalidDate", "Invalid date field"),
    ("error.invalidEmail", "Invalid email address"),
    ("error.unexpectedField", "Unexpected field"),
    (
        "error.hidden",
        "Hidden or disabled field should not receive a value",
    ),
];

fn shared(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(file);
    let text = std::fs::read_to_string(&path);
    if text.is_err() {
        println!("skipped: there is no {}", path.display());
    }
    text.ok()
}

/// The texts under each message id, wherever the configuration has them.
fn texts(written: &Value, found: &mut HashMap<String, HashSet<String>>) {
    match written {
        Value::Object(members) => {
            if let (Some(Value::String(id)), Some(Value::String(text))) =
                (members.get("id"), members.get("defaultMessage"))
            {
                found.entry(id.clone()).or_default().insert(text.clone());
            }
            members.values().for_each(|member| texts(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        _ => {}
    }
}

/// The row's person, under the row's own id.
async fn person<'a>(under_test: &'a CoreUnderTest, like: &User, row: &Value) -> Person<'a> {
    let text = |name: &str| row["user"][name].as_str().unwrap().to_owned();
    let user = User {
        id: text("sub").parse().unwrap(),
        username: text("sub"),
        email: None,
        role: text("role"),
        ..like.clone()
    };
    let store = &under_test.core.store;
    store
        .save_user(user.clone(), None, vec![], vec![])
        .await
        .unwrap();
    under_test.person_with_id(user.id, &user.role, &SCOPES)
}

/// The fields on the pages that the row's declaration shows.
fn shown_fields<'a>(events: &'a Value, row: &Value) -> HashSet<&'a str> {
    let events = events.as_array().unwrap();
    let event = events.iter().find(|event| event["id"] == row["eventType"]);
    let pages = event.unwrap()["declaration"]["pages"].as_array().unwrap();
    let visible = row["expected"]["visiblePages"].as_array().unwrap();
    let pages = pages.iter().filter(|page| visible.contains(&page["id"]));
    let fields = pages.flat_map(|page| page["fields"].as_array().unwrap());
    fields.map(|field| field["id"].as_str().unwrap()).collect()
}

/// The paths of the simple values inside an answer.
fn leaves(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                leaves(&format!("{path}.{name}"), value, found);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                leaves(&format!("{path}[{at}]"), value, found);
            }
        }
        Value::Null => {}
        _ => found.push(path.to_owned()),
    }
}

/// Declares; answers the fields that will not do, or the record.
async fn declare(
    person: &Person<'_>,
    event: &str,
    declaration: &Value,
) -> Result<Value, Vec<Value>> {
    let signature = json!({
        "path": "/signature.png", "originalFilename": "signature.png", "type": "image/png",
    });
    let more = json!({
        "declaration": declaration,
        "annotation": {"review.comment": "Fine", "review.signature": signature},
    });
    person
        .ask("declare", event, &format!("declare-{event}"), more)
        .await
        .map_err(|(status, error)| {
            assert_eq!(status, 400, "{error}");
            error["data"]["fields"].as_array().unwrap().clone()
        })
}

#[tokio::test]
async fn a_real_countrys_declarations_are_refused_field_by_field_as_the_vectors_say() {
    let (Some(events), Some(rows)) = (
        shared("data/farajaland-2.0.0/events.json"),
        shared("vectors/declarations.jsonl"),
    ) else {
        return;
    };
    let events: Value = serde_json::from_str(&events).unwrap();
    let rows: Vec<Value> = rows
        .lines()
        .step_by(ONE_IN)
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    let mut known: HashMap<String, HashSet<String>> = HashMap::new();
    texts(&events, &mut known);
    for (id, text) in STANDARD {
        known.entry(id.into()).or_default().insert(text.into());
    }

    // The rows' files are nowhere.
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.attachments.unknown = UnknownFiles::Accepted;
    })
    .await;
    under_test.clock.hold_at(TODAY.parse().unwrap());
    under_test.country.serve("/config/events", events.clone());
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    let leaf = |id: &Value| Place {
        id: id["id"].as_str().unwrap().parse().unwrap(),
        external_id: None,
        name: "leaf".to_owned(),
        parent_id: None,
        kind: PlaceKind::AdministrativeArea,
        valid_until: None,
    };
    let leaves_of = |row: &Value| row["leafAdminStructureLocationIds"].as_array().cloned();
    let areas = rows.iter().filter_map(leaves_of).flatten();
    core.store
        .save_places(areas.map(|id| leaf(&id)).collect())
        .await
        .unwrap();
    core.places.refresh(core.store.as_ref()).await.unwrap();

    let like = under_test.user("template", REGISTRAR).await;
    let (mut judged, mut hidden) = (0, 0);
    for row in &rows {
        let person = person(&under_test, &like, row).await;
        let begin = json!({"type": row["eventType"], "transactionId": row["id"]});
        let event = person.call("event.create", begin).await.unwrap();
        let event = event["id"].as_str().unwrap();
        let expected = &row["expected"];
        let cleaned = expected["cleaned"].as_object().unwrap();

        // Answers to what is not asked are refused before anything else is looked at.
        let mut unasked = Vec::new();
        for (id, value) in row["declaration"].as_object().unwrap() {
            if !cleaned.contains_key(id) {
                leaves(id, value, &mut unasked);
            }
        }
        if !unasked.is_empty() {
            hidden += 1;
            let refused = declare(&person, event, &row["declaration"])
                .await
                .unwrap_err();
            let named: Vec<&str> = refused
                .iter()
                .map(|problem| problem["field"].as_str().unwrap())
                .collect();
            assert_eq!(named, unasked, "{}", row["id"]);
            let all_hidden = refused
                .iter()
                .all(|problem| problem["messageId"] == "error.hidden");
            assert!(all_hidden, "{}: {refused:?}", row["id"]);
        }

        // The vectors judge hidden pages too; a declaration is judged on the pages it shows.
        let shown = shown_fields(&events, row);
        let mut errors = expected["errors"].as_array().unwrap().clone();
        errors.retain(|error| shown.contains(error["field"].as_str().unwrap()));
        let refused = match declare(&person, event, &expected["cleaned"]).await {
            Ok(document) => {
                let document = serde_json::from_value(document).unwrap();
                let declared = records::current_declaration(&document);
                assert_eq!(declared, *cleaned, "{}", row["id"]);
                Vec::new()
            }
            Err(refused) => refused,
        };
        let named: Vec<Value> = refused
            .iter()
            .map(|problem| json!({"field": problem["field"], "message": problem["messageId"]}))
            .collect();
        assert_eq!(named, errors, "{}", row["id"]);
        for problem in &refused {
            let (id, text) = (problem["messageId"].as_str(), problem["message"].as_str());
            let texts = &known[id.unwrap()];
            assert!(texts.contains(text.unwrap()), "{}: {problem}", row["id"]);
        }
        judged += 1;
    }
    println!("{judged} declarations judged over HTTP, {hidden} with answers nobody asked for");
    assert!(judged > 0);
}
