//! What the answers in a declaration are found by, field type by field type.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    person::Person,
    small_country::{self, DISTRICT, HEAD_OFFICE, OFFICE, REGISTRAR},
};

/// The small country, asking for more kinds of things.
async fn start() -> CoreUnderTest {
    let under_test = CoreUnderTest::start().await;
    let mut events = small_country::events();
    let label = events[0]["label"].clone();
    let field = |id: &str, kind: &str| json!({"id": id, "type": kind, "label": label});
    let mut address = field("child.address", "ADDRESS");
    address["configuration"] = json!({
        "streetAddressForm": [{
            "id": "town", "type": "TEXT", "required": false, "label": label,
            "parent": {"id": "country"},
        }],
    });
    events[0]["declaration"]["pages"][0]["fields"] = json!([
        field("child.name", "NAME"),
        field("child.dob", "DATE"),
        field("child.nid", "ID"),
        field("child.weight", "NUMBER"),
        field("child.mail", "EMAIL"),
        field("child.story", "TEXTAREA"),
        field("child.birthplace", "OFFICE"),
        address,
    ]);
    under_test.country.serve("/config/events", events);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    under_test
}

async fn declare(registrar: &Person<'_>, declaration: Value) -> String {
    let event = registrar.begin().await;
    let more = json!({ "declaration": declaration });
    registrar
        .ask("declare", &event, &event, more)
        .await
        .unwrap();
    event
}

async fn found(person: &Person<'_>, query: Value) -> Vec<String> {
    let search = json!({"query": query, "sort": [{"field": "createdAt"}]});
    let page = person.call("event.search", search).await.unwrap();
    let results = page["results"].as_array().unwrap();
    assert_eq!(page["total"], results.len());
    let ids = results.iter().map(|one| one["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

fn about(field: &str, kind: &str, term: &str) -> Value {
    json!({"data": {field: {"type": kind, "term": term}}})
}

fn named(firstname: &str, surname: &str) -> Value {
    json!({"child.name": {"firstname": firstname, "surname": surname}})
}

#[tokio::test]
async fn names_are_found_in_any_order_and_in_spite_of_a_slip() {
    let under_test = start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let john = declare(&registrar, named("John", "Doe")).await;
    let johnson = declare(&registrar, named("Johnson", "Doe")).await;
    let amina = declare(&registrar, named("Amina", "Müller Banda")).await;
    for (kind, term, expected) in [
        ("fuzzy", "John", vec![&john]),
        ("fuzzy", "doe jhon", vec![&john]),
        ("fuzzy", "Doe", vec![&john, &johnson]),
        ("fuzzy", "banda amina", vec![&amina]),
        ("fuzzy", "muler amena", vec![&amina]),
        ("exact", "muler", vec![]),
        ("exact", "MULLER", vec![&amina]),
        ("exact", "banda amina", vec![&amina]),
        ("exact", "Amina Doe", vec![]),
        // A mail address is one word, and no name.
        ("fuzzy", "john.doe@example.org", vec![]),
        ("fuzzy", "", vec![]),
        ("fuzzy", " ", vec![]),
    ] {
        let query = about("child.name", kind, term);
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&registrar, query).await, expected, "{kind} {term}");
    }
}

#[tokio::test]
async fn answers_are_compared_as_their_type_asks_for() {
    let under_test = start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let first = declare(
        &registrar,
        json!({
            "child.name": {"firstname": "A", "surname": "B"},
            "child.dob": "2026-01-10", "child.nid": "AB-12", "child.weight": 9,
            "child.mail": "Ada@Example.org", "child.story": "Born at dawn in the boat",
            "child.birthplace": OFFICE,
        }),
    );
    let first = first.await;
    let second = declare(
        &registrar,
        json!({
            "child.name": {"firstname": "A", "surname": "B"},
            "child.dob": "2026-01-12", "child.nid": "ab-12", "child.weight": 10.5,
            "child.mail": "eve.ada@example.org", "child.birthplace": HEAD_OFFICE,
        }),
    );
    let second = second.await;
    let range = |field: &str, from: &str, to: &str| json!({"data": {field: {"type": "range", "gte": from, "lte": to}}});
    let any_of =
        |field: &str, terms: &[&str]| json!({"data": {field: {"type": "anyOf", "terms": terms}}});
    let within = |place: uuid::Uuid| json!({"data": {"child.birthplace": {"type": "within", "location": place}}});
    let (one, two, both) = (
        vec![first.clone()],
        vec![second.clone()],
        vec![first.clone(), second.clone()],
    );
    for (query, expected) in [
        (about("child.dob", "exact", "2026-01-10"), &one),
        (about("child.dob", "exact", "2025-01-10"), &vec![]),
        (range("child.dob", "2026-01-11", "2026-01-31"), &two),
        (range("child.dob", "2026-01-10", "2026-01-12"), &both),
        (any_of("child.dob", &["2026-01-12", "2026-01-13"]), &two),
        (about("child.nid", "exact", "AB-12"), &one),
        (about("child.nid", "exact", "AB-1"), &vec![]),
        (about("child.nid", "fuzzy", "AB-13"), &both),
        (any_of("child.nid", &["ab-12", "x"]), &two),
        (about("child.weight", "exact", "9"), &one),
        (range("child.weight", "9.5", "10.5"), &two),
        (range("child.weight", "1", "20"), &both),
        (about("child.mail", "exact", "ADA@example.ORG"), &one),
        (about("child.mail", "exact", "ada"), &vec![]),
        (about("child.story", "fuzzy", "dawn boat"), &one),
        (within(OFFICE), &one),
        (within(DISTRICT), &one),
        (
            about("child.birthplace", "exact", &HEAD_OFFICE.to_string()),
            &two,
        ),
    ] {
        assert_eq!(found(&registrar, query.clone()).await, *expected, "{query}");
    }
    let (status, _) = registrar
        .call(
            "event.search",
            json!({"query": range("child.weight", "light", "heavy")}),
        )
        .await
        .unwrap_err();
    assert_eq!(status, 400);
}

#[tokio::test]
async fn addresses_are_found_by_country_area_and_street() {
    let under_test = start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let at_home = json!({
        "country": "FAR", "addressType": "DOMESTIC", "administrativeArea": DISTRICT,
        "streetLevelDetails": {"town": "Old Harbour"},
    });
    let abroad = json!({
        "country": "SWE", "addressType": "INTERNATIONAL",
        "streetLevelDetails": {"town": "Old Uppsala"},
    });
    let declared = |address: Value| {
        let mut declaration = named("A", "B");
        declaration["child.address"] = address;
        declare(&registrar, declaration)
    };
    let home = declared(at_home).await;
    let away = declared(abroad).await;
    for (address, expected) in [
        (
            json!({"country": "FAR", "addressType": "DOMESTIC"}),
            vec![&home],
        ),
        (
            json!({"country": "SWE", "addressType": "INTERNATIONAL"}),
            vec![&away],
        ),
        (
            json!({"country": "FAR", "administrativeArea": DISTRICT}),
            vec![&home],
        ),
        (
            json!({"country": "FAR", "administrativeArea": OFFICE}),
            vec![],
        ),
        (
            json!({"streetLevelDetails": {"town": "harbour"}}),
            vec![&home],
        ),
        (
            json!({"streetLevelDetails": {"town": "old"}}),
            vec![&home, &away],
        ),
        (
            json!({"country": "SWE", "streetLevelDetails": {"town": "harbour"}}),
            vec![],
        ),
        (json!({"streetLevelDetails": {"street": "old"}}), vec![]),
    ] {
        let query = about("child.address", "exact", &address.to_string());
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&registrar, query).await, expected, "{address}");
    }
    let lines: serde_json::Map<_, _> = (0..21).map(|at| (at.to_string(), json!("old"))).collect();
    let many = json!({ "streetLevelDetails": lines }).to_string();
    let search = json!({"query": about("child.address", "exact", &many)});
    let (status, error) = registrar.call("event.search", search).await.unwrap_err();
    assert_eq!(status, 400);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("more than 20 lines"), "{message}");
}
