//! The documents fit each other, the forms compile, and what Core asks for is served.

use std::collections::{BTreeSet, HashMap, HashSet};

use access::Scope;
use forms::EventConfig;
use serde_json::{Map, Value};

use crate::talvera::Talvera;

macro_rules! config {
    ($file:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../config/", $file))).unwrap()
    };
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Every `{id, defaultMessage}` anywhere in a document.
fn messages<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    if let (Some(id), Some(words)) = (value.get("id"), value.get("defaultMessage")) {
        found.push((text(id), text(words)));
    }
    let parts: Vec<&Value> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => vec![],
    };
    parts.into_iter().for_each(|part| messages(part, found));
}

fn spoken(content: &Value) -> HashMap<&str, &Map<String, Value>> {
    list(&content["languages"])
        .iter()
        .map(|it| (text(&it["lang"]), it["messages"].as_object().unwrap()))
        .collect()
}

fn leaves() -> HashSet<String> {
    let places = config!("locations.json");
    let areas = list(&places["administrativeAreas"]);
    let wholes: HashSet<_> = areas.iter().map(|area| text(&area["partOf"])).collect();
    let ids = areas.iter().map(|area| text(&area["id"]));
    ids.filter(|id| !wholes.contains(&*format!("Location/{id}")))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_text_is_written_in_english_and_french() {
    let content = config!("content-client.json");
    let spoken = spoken(&content);
    for document in [
        config!("events.json"),
        config!("workqueues.json"),
        config!("roles.json"),
        config!("application.json"),
        config!("certificates.json"),
    ] {
        let mut found = Vec::new();
        messages(&document, &mut found);
        for (id, words) in found {
            assert_eq!(spoken["en"].get(id).map(text), Some(words), "{id}");
            assert!(spoken["fr"].contains_key(id), "{id} has no French");
        }
    }
    for content in [
        content.clone(),
        config!("content-login.json"),
        config!("content-notification.json"),
    ] {
        let spoken = self::spoken(&content);
        let ids = |lang: &str| spoken[lang].keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(ids("en"), ids("fr"));
    }
}

#[test]
fn every_place_lies_in_one_that_exists() {
    let places = config!("locations.json");
    let areas = list(&places["administrativeAreas"]);
    let known: HashSet<String> = areas
        .iter()
        .map(|area| format!("Location/{}", text(&area["id"])))
        .collect();
    for place in areas.iter().chain(list(&places["locations"])) {
        let whole = text(&place["partOf"]);
        assert!(whole == "Location/0" || known.contains(whole), "{place}");
    }
}

#[test]
fn every_user_has_a_role_and_an_office_that_exist() {
    let (users, roles, places) = (
        config!("users.json"),
        config!("roles.json"),
        config!("locations.json"),
    );
    let ids = |items: &Value| -> HashSet<String> {
        list(items)
            .iter()
            .map(|item| text(&item["id"]).to_owned())
            .collect()
    };
    let (roles, offices) = (ids(&roles), ids(&places["locations"]));
    let mut names = HashSet::new();
    for user in list(&users) {
        assert!(roles.contains(text(&user["role"])), "{user}");
        let office = text(&user["primaryOfficeId"]).rsplit('_').next().unwrap();
        assert!(offices.contains(office), "{user}");
        assert!(names.insert(text(&user["username"]).to_owned()), "{user}");
    }
}

#[test]
fn every_scope_is_understood_and_names_only_queues_roles_and_actions_that_exist() {
    let (roles, queues, events) = (
        config!("roles.json"),
        config!("workqueues.json"),
        config!("events.json"),
    );
    let slugs: HashSet<_> = list(&queues)
        .iter()
        .map(|queue| text(&queue["slug"]))
        .collect();
    let names: HashSet<_> = list(&roles).iter().map(|role| text(&role["id"])).collect();
    let custom: HashSet<_> = list(&events)
        .iter()
        .flat_map(|event| list(&event["actions"]))
        .filter_map(|action| action.get("customActionType")?.as_str())
        .collect();
    for role in list(&roles) {
        for scope in list(&role["scopes"]).iter().map(text) {
            assert!(Scope::decode(scope).is_some(), "{scope}");
            for (key, values) in scope.split('&').filter_map(|part| part.split_once('=')) {
                let known = match key {
                    "ids" => &slugs,
                    "role" => &names,
                    "customActionTypes" => &custom,
                    _ => continue,
                };
                values
                    .split(',')
                    .for_each(|value| assert!(known.contains(value), "{scope}"));
            }
        }
    }
}

#[test]
fn registrars_see_what_is_in_external_validation() {
    let (roles, queues) = (config!("roles.json"), config!("workqueues.json"));
    let queue = list(&queues)
        .iter()
        .find(|queue| queue["slug"] == "in-external-validation");
    let flags = &queue.unwrap()["query"]["clauses"][0]["flags"]["anyOf"];
    assert_eq!(list(flags), ["register:requested"]);
    for role in [
        "LOCAL_REGISTRAR",
        "PROVINCIAL_REGISTRAR",
        "NATIONAL_REGISTRAR",
    ] {
        let role = list(&roles).iter().find(|it| it["id"] == role).unwrap();
        let queues = list(&role["scopes"])
            .iter()
            .map(text)
            .find(|it| it.contains("=workqueue"));
        assert!(queues.unwrap().contains("in-external-validation"));
    }
}

#[test]
fn every_form_compiles_and_takes_its_sample_without_a_complaint() {
    let samples: HashMap<&str, &str> = HashMap::from([
        ("birth", include_str!("../../samples/birth.json")),
        ("death", include_str!("../../samples/death.json")),
        ("marriage", include_str!("../../samples/marriage.json")),
    ]);
    let leaf_locations = leaves();
    for raw in list(&config!("events.json")) {
        let event = EventConfig::compile(raw.clone()).unwrap();
        let sample: Map<String, Value> = serde_json::from_str(samples[event.id()]).unwrap();
        let context = forms::Context {
            form: &sample,
            now: "2026-01-15",
            online: true,
            user: None,
            leaf_locations: &leaf_locations,
            flags: None,
            status: None,
            event: None,
        };
        let report = event.check_declaration(&sample, &context);
        assert_eq!(report.problems, [], "{}", event.id());
        assert_eq!(
            report.cleaned,
            sample,
            "{}: nothing in the sample is hidden",
            event.id()
        );
    }
}

#[test]
fn the_national_id_is_shown_once_the_child_has_one() {
    let events = config!("events.json");
    let birth = list(&events)
        .iter()
        .find(|event| event["id"] == "birth")
        .unwrap();
    let event = EventConfig::compile(birth.clone()).unwrap();
    let mut form: Map<String, Value> =
        serde_json::from_str(include_str!("../../samples/birth.json")).unwrap();
    form.insert("child.nationalId".to_owned(), "1234567890".into());
    let leaf_locations = leaves();
    let context = forms::Context {
        form: &form,
        now: "2026-01-15",
        online: true,
        user: None,
        leaf_locations: &leaf_locations,
        flags: None,
        status: None,
        event: None,
    };
    assert_eq!(event.check_declaration(&form, &context).cleaned, form);
}

#[tokio::test]
async fn core_finds_everything_it_reads() {
    let talvera = Talvera::start().await;
    for path in [
        "/config/events",
        "/config/workqueues",
        "/config/roles",
        "/config/application",
        "/config/deadlines",
        "/config/locations",
        "/certificates",
        "/content/client",
        "/content/login",
        "/content/notification",
    ] {
        let answer = talvera.client.get(talvera.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    let users = talvera.client.get(talvera.url("/config/users"));
    assert_eq!(
        users.try_clone().unwrap().send().await.unwrap().status(),
        401
    );
    let seeder = serde_json::json!({ "sub": "opencrvs:data-seeder-service" });
    let token = talvera.core.token(seeder);
    let users: Value = users
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(list(&users).len(), 12);
}

#[tokio::test]
async fn every_event_has_a_certificate_whose_drawing_asks_for_fields_that_there_are() {
    let talvera = Talvera::start().await;
    let (events, certificates) = (config!("events.json"), config!("certificates.json"));
    for event in list(&events) {
        let certificate = list(&certificates)
            .iter()
            .find(|certificate| {
                certificate["event"] == event["id"] && certificate["isDefault"] == true
            })
            .unwrap_or_else(|| panic!("{} has none", event["id"]));
        let url = talvera.url(text(&certificate["svgUrl"]));
        let drawing = talvera.client.get(url).send().await.unwrap();
        let drawing = drawing.text().await.unwrap();
        assert!(drawing.starts_with("<svg"), "{drawing}");
        let config = EventConfig::compile(event.clone()).unwrap();
        let mut asked = 0;
        for part in drawing.split("$lookup $declaration \"").skip(1) {
            let path = part.split('"').next().unwrap();
            let known = config.fields().any(|field| {
                let rest = path.strip_prefix(field.id());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            assert!(known, "{path}");
            asked += 1;
        }
        assert!(asked > 5, "{asked}");
        let registered = "legalStatuses.REGISTERED.registrationNumber";
        assert!(drawing.contains(registered), "{drawing}");
    }
}
