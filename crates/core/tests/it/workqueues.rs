//! Workqueues and search: a queue holds what its query finds, of what a person may find.

use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::Person,
    small_country::{self, CLERK, HEAD_OFFICE, REGISTRAR},
};

/// Adds a role with these scopes to the small country.
async fn with_role(under_test: &CoreUnderTest, id: &str, scopes: &[&str]) {
    let mut roles = small_country::roles();
    let mut role = roles[0].clone();
    role["id"] = json!(id);
    role["scopes"] = json!(scopes);
    roles.as_array_mut().unwrap().push(role);
    under_test.country.serve("/config/roles", roles);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
}

async fn found(person: &Person<'_>, query: Value) -> Vec<String> {
    let page = person
        .call("event.search", json!({"query": query}))
        .await
        .unwrap();
    let results = page["results"].as_array().unwrap();
    assert_eq!(page["total"], results.len());
    let mut ids: Vec<String> = results
        .iter()
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn counted(person: &Person<'_>, slug: &str) -> Value {
    let input = json!([{"slug": slug}]);
    person.call("workqueue.count", input).await.unwrap()[slug].clone()
}

#[tokio::test]
async fn a_queue_counts_exactly_what_a_search_with_its_query_finds() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let waiting = registrar.declared().await;
    let pending = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!({})));
    registrar
        .ask("register", &pending, "r", json!({}))
        .await
        .unwrap();

    let queues = small_country::workqueues();
    for (at, id) in [(0, &pending), (1, &waiting)] {
        let queue = &queues[at];
        assert_eq!(
            found(&registrar, queue["query"].clone()).await,
            [id.as_str()]
        );
        let slug = queue["slug"].as_str().unwrap();
        let sent = json!([{"slug": slug, "query": queue["query"]}]);
        let count = registrar.call("workqueue.count", sent).await.unwrap();
        assert_eq!(count, json!({slug: 1}));
        assert_eq!(counted(&registrar, slug).await, 1);
    }
}

#[tokio::test]
async fn a_record_that_was_only_begun_is_in_no_queue_and_found_by_no_search() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    registrar.begin().await;
    assert_eq!(
        found(&registrar, json!({"eventType": "birth"})).await.len(),
        0
    );
    let created = json!({"status": {"type": "exact", "term": "CREATED"}});
    assert_eq!(found(&registrar, created).await.len(), 0);
}

#[tokio::test]
async fn a_record_whose_declaration_waits_for_the_country_is_found() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    under_test.country.then(Answer::With(202, json!({})));
    let event = registrar.declared().await;
    let waiting = json!({"flags": {"anyOf": ["declare:requested"]}});
    assert_eq!(found(&registrar, waiting).await, [event]);
}

#[tokio::test]
async fn what_a_search_lacks_is_said_in_the_words_of_the_protocol() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let clauses = |clauses: Value| json!({"query": {"type": "and", "clauses": clauses}});
    for (search, code, path, message) in [
        (
            json!({}),
            "invalid_type",
            json!(["query"]),
            "Invalid input: expected object, received undefined",
        ),
        (
            clauses(json!([])),
            "too_small",
            json!(["query", "clauses"]),
            "At least one clause is required.",
        ),
        (
            clauses(json!([{"colour": "blue"}])),
            "custom",
            json!(["query", "clauses", 0]),
            "At least one query field must be specified.",
        ),
    ] {
        let (status, error) = registrar.call("event.search", search).await.unwrap_err();
        assert_eq!(status, 400);
        let problems: Value = serde_json::from_str(error["message"].as_str().unwrap()).unwrap();
        let problem = &problems[0];
        assert_eq!(
            [&problem["code"], &problem["path"], &problem["message"]],
            [&json!(code), &path, &json!(message)]
        );
    }
}

#[tokio::test]
async fn a_search_finds_records_by_who_when_where_and_what_was_answered() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.declared().await;
    let tracking_id = registrar.read(&event).await["trackingId"].clone();
    let mine = json!({"$userField": "id"});
    let here = json!({"$userField": "administrativeAreaId"});
    let hits = [
        json!({"trackingId": {"type": "exact", "term": tracking_id}}),
        json!({"text": tracking_id}),
        json!({"text": "amina ban"}),
        json!({"assignedTo": {"type": "exact", "term": mine}}),
        json!({"updatedAt": {"type": "timePeriod", "term": "last7Days"}}),
        json!({"createdAtLocation": {"type": "within", "location": here}}),
        json!({"legalStatuses.DECLARED.createdAtLocation": {"type": "within", "location": here}}),
        json!({"dateOfEvent": {"type": "range", "gte": "2026-01-01", "lte": "2026-01-31"}}),
        json!({"data": {"child.name": {"type": "fuzzy", "term": "BANDA"}}}),
        json!({"data": {"child.dob": {"type": "exact", "term": "2026-01-20"}}}),
        json!({"type": "or", "clauses": [{"eventType": "death"}, {"eventType": "birth"}]}),
        json!({"flags": {"noneOf": ["rejected"]}}),
    ];
    for query in hits {
        assert_eq!(
            found(&registrar, query.clone()).await,
            [event.as_str()],
            "{query}"
        );
    }
    let misses = [
        json!({"trackingId": {"type": "exact", "term": "ZZZZZZ"}}),
        json!({"text": "someone else"}),
        json!({"createdAtLocation": {"type": "within", "location": HEAD_OFFICE}}),
        json!({"createdAt": {"type": "exact", "term": "1999-12-31"}}),
        json!({"data": {"child.dob": {"type": "range", "gte": "2025-01-01", "lte": "2025-12-31"}}}),
        json!({"flags": {"anyOf": []}}),
        json!({"type": "and", "clauses": [{"eventType": "birth"}, {"flags": {"allOf": ["rejected"]}}]}),
    ];
    for query in misses {
        assert_eq!(found(&registrar, query.clone()).await.len(), 0, "{query}");
    }
}

#[tokio::test]
async fn a_search_shows_no_more_than_the_scopes_reach() {
    let under_test = CoreUnderTest::start().await;
    let elsewhere = "type=record.search&event=death";
    with_role(
        &under_test,
        "COLLEAGUE",
        &["type=record.search&placeOfEvent=administrativeArea"],
    )
    .await;
    with_role(&under_test, "STRANGER", &[elsewhere]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.declared().await;

    let stranger = under_test.person("STRANGER").await;
    assert_eq!(
        found(&stranger, json!({"eventType": "birth"})).await.len(),
        0
    );
    with_role(
        &under_test,
        "COLLEAGUE",
        &["type=record.search&declaredIn=location"],
    )
    .await;
    let colleague = under_test.person("COLLEAGUE").await;
    assert_eq!(
        found(&colleague, json!({"eventType": "birth"})).await,
        [event]
    );
    with_role(
        &under_test,
        "OWNER",
        &["type=record.search&declaredBy=user"],
    )
    .await;
    let owner = under_test.person("OWNER").await;
    assert_eq!(found(&owner, json!({"eventType": "birth"})).await.len(), 0);
}

#[tokio::test]
async fn who_may_not_search_or_see_a_queue_is_refused() {
    let under_test = CoreUnderTest::start().await;
    let clerk = under_test.person(CLERK).await;
    let query = json!({"query": {"eventType": "birth"}});
    assert_eq!(clerk.call("event.search", query).await.unwrap_err().0, 403);
    with_role(&under_test, "SEARCHER", &["type=record.search"]).await;
    let searcher = under_test.person("SEARCHER").await;
    let count = searcher
        .call("workqueue.count", json!([{"slug": "to-register"}]))
        .await;
    assert_eq!(count.unwrap_err().0, 403);
}

#[tokio::test]
async fn a_search_for_something_unheard_of_is_refused_where_it_is_wrong() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let query = json!({"query": {"data": {"child.nmae": {"type": "exact", "term": "A"}}}});
    let (status, error) = registrar.call("event.search", query).await.unwrap_err();
    assert_eq!(status, 400);
    let problems: Value = serde_json::from_str(error["message"].as_str().unwrap()).unwrap();
    assert_eq!(problems[0]["path"], json!(["query", "data", "child.nmae"]));
}

#[tokio::test]
async fn pages_follow_each_other_in_the_order_asked_for() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let mut trackings = Vec::new();
    for _ in 0..3 {
        let event = registrar.declared().await;
        let document = registrar.read(&event).await;
        trackings.push(document["trackingId"].as_str().unwrap().to_owned());
    }
    trackings.sort();
    let mut paged = Vec::new();
    for offset in 0..3 {
        let page = registrar.call(
            "event.search",
            json!({
                "query": {"eventType": "birth"}, "limit": 1, "offset": offset,
                "sort": [{"field": "trackingId", "direction": "asc"}],
            }),
        );
        let page = page.await.unwrap();
        assert_eq!(page["total"], 3);
        paged.push(
            page["results"][0]["trackingId"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(paged, trackings);
}

#[tokio::test]
async fn a_day_in_a_search_is_a_day_in_the_country() {
    let under_test = CoreUnderTest::start().await;
    let zone = json!({"SYSTEM_IANA_TIMEZONE": "Pacific/Kiritimati"});
    under_test.country.serve("/config/application", zone);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.declared().await;
    let created = registrar.read(&event).await["createdAt"].clone();
    let created: Timestamp = created.as_str().unwrap().parse().unwrap();
    // Fourteen hours ahead of UTC, summer and winter.
    let there = created.to_zoned(core.configuration.current().unwrap().time_zone().clone());
    let day = there.date();
    let on = |day: Date| json!({"createdAt": {"type": "exact", "term": day.to_string()}});
    assert_eq!(found(&registrar, on(day)).await, [event]);
    let around = [day.yesterday().unwrap(), day.tomorrow().unwrap()];
    for day in around {
        assert_eq!(found(&registrar, on(day)).await.len(), 0);
    }
}

#[tokio::test]
async fn a_secured_answer_is_not_shown_in_a_search() {
    let under_test = CoreUnderTest::start().await;
    let mut events = small_country::events();
    events[0]["declaration"]["pages"][0]["fields"][1]["secured"] = json!(true);
    under_test.country.serve("/config/events", events);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    let registrar = under_test.person(REGISTRAR).await;
    registrar.declared().await;
    let query = json!({"query": {"eventType": "birth"}});
    let page = registrar.call("event.search", query).await.unwrap();
    let shown = &page["results"][0]["declaration"];
    assert_eq!(*shown, json!({"child.name": "Amina Banda"}));
}

#[tokio::test]
async fn what_is_secured_is_found_exactly_or_not_at_all() {
    let under_test = CoreUnderTest::start().await;
    let mut events = small_country::events();
    let fields = &mut events[0]["declaration"]["pages"][0]["fields"];
    fields[1]["secured"] = json!(true);
    fields[2]["secured"] = json!(true);
    let offered = json!([{
        "title": {"id": "t", "defaultMessage": "t", "description": "t"},
        "fields": [{"fieldId": "child.dob", "fieldType": "field", "config": {"type": "range"}}],
    }]);
    events[0]["advancedSearch"] = offered;
    under_test.country.serve("/config/events", events);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.begin().await;
    let mut declaration = crate::person::birth();
    declaration["child.nid"] = json!("4711-22");
    let more = json!({ "declaration": declaration });
    registrar
        .ask("declare", &event, "declare", more)
        .await
        .unwrap();

    let about = |field: &str, term: Value| json!({"data": {field: term}});
    let exact = |text: &str| about("child.nid", json!({"type": "exact", "term": text}));
    assert_eq!(found(&registrar, exact("4711-22")).await, [event.as_str()]);
    assert!(found(&registrar, exact("4711")).await.is_empty());
    assert!(found(&registrar, json!({"text": "4711"})).await.is_empty());
    // The country's own advanced search offers this.
    let born = json!({"type": "range", "gte": "2026-01-01", "lte": "2026-02-01"});
    assert_eq!(
        found(&registrar, about("child.dob", born)).await,
        [event.as_str()]
    );
    for term in [
        json!({"type": "fuzzy", "term": "4711"}),
        json!({"type": "range", "gte": "4", "lte": "5"}),
        json!({"type": "anyOf", "terms": ["4711-22"]}),
    ] {
        let search = json!({"query": about("child.nid", term)});
        let (status, error) = registrar.call("event.search", search).await.unwrap_err();
        assert_eq!(status, 400);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("child.nid"), "{message}");
    }
    for field in [
        "declaration.child____nid",
        "declaration",
        "declaration.gone",
    ] {
        let search = json!({"query": {"eventType": "birth"}, "sort": [{"field": field}]});
        let (status, _) = registrar.call("event.search", search).await.unwrap_err();
        assert_eq!(status, 400, "{field}");
    }
    let sort = json!([{"field": "declaration.child____name"}]);
    let search = json!({"query": {"eventType": "birth"}, "sort": sort});
    registrar.call("event.search", search).await.unwrap();
}

#[tokio::test]
async fn a_search_at_its_limits_is_answered_and_past_them_refused() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    registrar.declared().await;
    let clause = json!({"data": {"child.name": {"type": "fuzzy", "term": "amina"}}});
    let clauses = |count| json!({"type": "or", "clauses": vec![clause.clone(); count]});
    let words = |count| json!({"text": "amina ".repeat(count)});
    let sort = json!(vec![json!({"field": "declaration.child____dob"}); 10]);
    for query in [clauses(100), words(100)] {
        let search = json!({"query": query, "sort": sort});
        let page = registrar.call("event.search", search).await.unwrap();
        assert_eq!(page["total"], 1);
    }
    let longer = json!(vec![json!({"field": "updatedAt"}); 11]);
    for search in [
        json!({"query": clauses(201)}),
        json!({"query": words(101)}),
        json!({"query": {"eventType": "birth"}, "sort": longer}),
    ] {
        let (status, error) = registrar.call("event.search", search).await.unwrap_err();
        assert_eq!(status, 400);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("at most"), "{message}");
    }
}
