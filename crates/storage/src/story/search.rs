//! Searching the projection.

use records::EventId;
use serde_json::{Value, json};

use super::Scene;
use crate::{Field, Filter, RecordQuery, Sort, Word};

/// The records that a filter finds, in the order they were made; counting must agree.
async fn found(scene: &Scene, filter: Filter) -> Vec<EventId> {
    let query = RecordQuery {
        filter,
        sort: vec![],
        offset: 0,
        limit: 100,
    };
    let page = scene.store.find_records(&query).await.unwrap();
    let counted = scene.store.count_records(&[query]).await.unwrap();
    assert_eq!(
        (page.records.len() as u64, counted),
        (page.total, vec![page.total])
    );
    page.records
        .iter()
        .map(|index| index["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

fn is(field: Field, text: &str) -> Filter {
    Filter::Is(field, text.to_owned())
}

fn name() -> Field {
    Field::at(["declaration", "child.name"])
}

pub async fn is_compares_exactly(scene: &Scene) {
    let one = scene
        .created_with(json!({ "status": "DECLARED", "declaration": {
            "child.sex": "male", "n": 12.5, "whole": 7, "yes": true, "none": null, "word": "null" } }))
        .await;
    let other = scene.created_with(json!({ "status": "REGISTERED" })).await;
    let declared = |id| Field::at(["declaration", id]);
    for (filter, expected) in [
        (is(Field::at(["status"]), "DECLARED"), vec![one]),
        (is(Field::at(["status"]), "declared"), vec![]),
        (is(Field::at(["type"]), "birth"), vec![one, other]),
        (is(Field::at(["id"]), &other.to_string()), vec![other]),
        (
            is(Field::at(["id"]), &other.to_string().to_uppercase()),
            vec![],
        ),
        (is(Field::at(["id"]), "no id"), vec![]),
        (is(declared("child.sex"), "male"), vec![one]),
        (is(declared("child.sex"), "mal"), vec![]),
        (is(declared("n"), "12.5"), vec![one]),
        (is(declared("whole"), "7"), vec![one]),
        (is(declared("yes"), "true"), vec![one]),
        (is(declared("yes"), "1"), vec![]),
        (is(declared("none"), "null"), vec![]),
        (is(declared("word"), "null"), vec![one]),
        (is(Field::at(["status", "deeper"]), "x"), vec![]),
        (is(Field::at(["flags"]), "[]"), vec![one, other]),
    ] {
        assert_eq!(found(scene, filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn one_of_takes_any(scene: &Scene) {
    let ada = scene
        .created_with(json!({ "createdBy": "ada", "declaration": { "n": 1 } }))
        .await;
    let bob = scene
        .created_with(json!({ "createdBy": "bob", "declaration": { "n": 2 } }))
        .await;
    scene.created_with(json!({ "createdBy": "eve" })).await;
    let one_of = |field, texts: &[String]| Filter::OneOf(field, texts.to_vec());
    let [a, b, quoted] = ["ada", "bob", "\"'"].map(str::to_owned);
    let author = || Field::at(["createdBy"]);
    assert_eq!(
        found(scene, one_of(author(), &[a, b, quoted])).await,
        [ada, bob]
    );
    assert_eq!(found(scene, one_of(author(), &[])).await, []);
    let number = Field::at(["declaration", "n"]);
    assert_eq!(found(scene, one_of(number, &["2".to_owned()])).await, [bob]);
    let id = one_of(Field::at(["id"]), &[bob.to_string(), "no id".to_owned()]);
    assert_eq!(found(scene, id).await, [bob]);
}

pub async fn between_includes_its_bounds(scene: &Scene) {
    let mut made = vec![];
    for day in ["2026-01-01", "2026-01-15", "2026-01-31"] {
        made.push(
            scene
                .created_with(json!({ "dateOfEvent": day, "declaration": { "d": day } }))
                .await,
        );
    }
    scene.created_with(json!({})).await;
    for field in [Field::at(["dateOfEvent"]), Field::at(["declaration", "d"])] {
        let between = |from: Option<&str>, to: Option<&str>| {
            Filter::Between(
                field.clone(),
                from.map(str::to_owned),
                to.map(str::to_owned),
            )
        };
        for (filter, expected) in [
            (between(Some("2026-01-01"), Some("2026-01-15")), &made[..2]),
            (between(Some("2026-01-02"), None), &made[1..]),
            (between(None, Some("2026-01-30")), &made[..2]),
            (between(None, None), &made[..]),
        ] {
            assert_eq!(found(scene, filter.clone()).await, expected, "{filter:?}");
        }
    }
}

pub async fn present_means_not_null(scene: &Scene) {
    let held = scene
        .created_with(json!({ "assignedTo": "ada", "declaration": { "x": false } }))
        .await;
    scene
        .created_with(json!({ "assignedTo": null, "declaration": { "x": null } }))
        .await;
    scene.created_with(json!({})).await;
    for field in [Field::at(["assignedTo"]), Field::at(["declaration", "x"])] {
        assert_eq!(found(scene, Filter::Present(field.clone())).await, [held]);
        let absent = Filter::Not(Box::new(Filter::Present(field)));
        assert_eq!(found(scene, absent).await.len(), 2);
    }
}

pub async fn like_finds_words_anywhere(scene: &Scene) {
    let name_of = |firstname: &str, surname: &str| json!({ "declaration": { "child.name": { "firstname": firstname, "surname": surname } } });
    let zoe = scene.created_with(name_of("Zoë", "de Müller_100%")).await;
    let joe = scene.created_with(name_of("Joe", "Miller")).await;
    let nobody = scene.created_with(json!({})).await;
    let like = |text: &str| Filter::Like(name(), text.to_owned());
    for (text, expected) in [
        ("zoe", vec![zoe]),
        ("OE", vec![zoe, joe]),
        ("muller ZOË", vec![zoe]),
        ("zoe miller", vec![]),
        ("100%", vec![zoe]),
        ("_", vec![zoe]),
        ("firstname", vec![]),
        ("", vec![zoe, joe, nobody]),
    ] {
        assert_eq!(found(scene, like(text)).await, expected, "{text}");
    }
    let first = Filter::Like(
        Field::at(["declaration", "child.name", "firstname"]),
        "m".to_owned(),
    );
    assert_eq!(found(scene, first).await, []);
}

pub async fn text_finds_beginnings_of_words(scene: &Scene) {
    let zoe = scene
        .created_with(json!({ "search": "Zoë Müller 2026-B-7" }))
        .await;
    let joe = scene.created_with(json!({ "search": "Joe  Muller" })).await;
    let text = |text: &str| Filter::Text(text.to_owned());
    for (words, expected) in [
        ("mull", vec![zoe, joe]),
        ("MÜLLER zo", vec![zoe]),
        ("zoe joe", vec![]),
        ("uller", vec![]),
        ("2026-b", vec![zoe]),
        ("%", vec![]),
        ("  ", vec![zoe, joe]),
    ] {
        assert_eq!(found(scene, text(words)).await, expected, "{words}");
    }
}

pub async fn flags_follow_the_record(scene: &Scene) {
    let id = scene
        .created_with(json!({ "flags": ["incomplete", "register:requested"] }))
        .await;
    let flag = |flag: &str| Filter::Flag(flag.to_owned());
    assert_eq!(found(scene, flag("register:requested")).await, [id]);
    assert_eq!(found(scene, flag("register")).await, []);
    let after = super::scene::projection(id, json!({ "flags": ["incomplete", "rejected"] }));
    let change = crate::Change {
        projection: Some(after),
        ..scene.change(id, 1)
    };
    scene.store.commit(change).await.unwrap();
    assert_eq!(found(scene, flag("register:requested")).await, []);
    assert_eq!(found(scene, flag("rejected")).await, [id]);
    assert_eq!(found(scene, flag("incomplete")).await, [id]);
}

pub async fn filters_combine(scene: &Scene) {
    let one = scene
        .created_with(json!({ "status": "DECLARED", "flags": ["x"] }))
        .await;
    let two = scene
        .created_with(json!({ "status": "REGISTERED", "assignedTo": "ada" }))
        .await;
    let declared = || is(Field::at(["status"]), "DECLARED");
    let adas = || is(Field::at(["assignedTo"]), "ada");
    let not = |filter| Filter::Not(Box::new(filter));
    for (filter, expected) in [
        (Filter::All(vec![]), vec![one, two]),
        (Filter::Any(vec![]), vec![]),
        (
            Filter::All(vec![declared(), Filter::Flag("x".to_owned())]),
            vec![one],
        ),
        (Filter::All(vec![declared(), adas()]), vec![]),
        (Filter::Any(vec![declared(), adas()]), vec![one, two]),
        (not(declared()), vec![two]),
        // Nobody holds the first: that is not ada.
        (not(adas()), vec![one]),
        (not(not(adas())), vec![two]),
        (not(Filter::Any(vec![declared(), adas()])), vec![]),
        (not(Filter::Flag("x".to_owned())), vec![two]),
    ] {
        assert_eq!(found(scene, filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn any_name_can_be_a_field(scene: &Scene) {
    for name in [
        "a.b", "a\"b", "a'b", "a\\b", "a\\\"b", "[0]", "$", "été", "", "a b", "\n", "?1", "#-1",
    ] {
        let mut declaration = serde_json::Map::new();
        declaration.insert(name.to_owned(), Value::from("here"));
        let id = scene
            .created_with(json!({ "declaration": declaration }))
            .await;
        let field = Field(vec!["declaration".to_owned(), name.to_owned()]);
        assert_eq!(
            found(scene, is(field.clone(), "here")).await,
            [id],
            "{name:?}"
        );
        assert_eq!(
            found(scene, Filter::Present(field.clone())).await,
            [id],
            "{name:?}"
        );
        assert_eq!(
            found(scene, Filter::Like(field, "here".to_owned())).await,
            [id],
            "{name:?}"
        );
    }
}

pub async fn pages_are_sorted_and_counted(scene: &Scene) {
    let mut made = vec![];
    for (updated, age) in [(Some("3"), 30), (Some("1"), 4), (None, 100), (Some("2"), 4)] {
        let index = json!({ "updatedAt": updated, "declaration": { "age": age } });
        made.push(scene.created_with(index).await);
    }
    let updated = |descending| Sort {
        field: Field::at(["updatedAt"]),
        descending,
    };
    let age = |descending| Sort {
        field: Field::at(["declaration", "age"]),
        descending,
    };
    for (sort, expected) in [
        (vec![updated(false)], [1, 3, 0, 2]),
        (vec![updated(true)], [0, 3, 1, 2]),
        (vec![age(false)], [1, 3, 0, 2]),
        (vec![age(true), updated(true)], [2, 0, 3, 1]),
        (vec![], [0, 1, 2, 3]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|&index| made[index].to_string())
            .collect();
        for (offset, limit) in [(0_usize, 4_usize), (0, 2), (1, 2), (3, 5), (4, 1)] {
            let query = RecordQuery {
                filter: Filter::All(vec![]),
                sort: sort.clone(),
                offset: offset as u64,
                limit: limit as u64,
            };
            let page = scene.store.find_records(&query).await.unwrap();
            let ids: Vec<_> = page
                .records
                .iter()
                .map(|index| index["id"].as_str().unwrap())
                .collect();
            assert_eq!(ids, expected[offset..(offset + limit).min(4)], "{query:?}");
            assert_eq!(page.total, 4);
        }
    }
}

pub async fn many_conditions_are_no_problem(scene: &Scene) {
    let id = scene.created_with(json!({ "createdBy": "9" })).await;
    let conditions = (0..5000)
        .map(|n| is(Field::at(["createdBy"]), &n.to_string()))
        .collect();
    assert_eq!(found(scene, Filter::Any(conditions)).await, [id]);
    let texts = (0..50_000).map(|n| n.to_string()).collect();
    assert_eq!(
        found(scene, Filter::OneOf(Field::at(["createdBy"]), texts)).await,
        [id]
    );
}

fn word(name: &str, word: Word) -> Filter {
    Filter::Word(name.to_owned(), word)
}

pub async fn a_word_is_found_under_its_name(scene: &Scene) {
    let zoe = scene
        .found_by(&[("child.name", "Zoë  Müller"), ("child.dob", "2026-01-20")])
        .await;
    let joe = scene
        .found_by(&[("mother.name", "Joe Müller"), ("child.dob", "2026-02-01")])
        .await;
    let one_of = |words: &[&str]| Word::OneOf(words.iter().map(|&word| word.to_owned()).collect());
    let between = |from: &str, to: &str| Word::Between(from.to_owned(), to.to_owned());
    for (filter, expected) in [
        (word("child.name", one_of(&["MULLER"])), vec![zoe]),
        (word("mother.name", one_of(&["muller"])), vec![joe]),
        (word("child.name", one_of(&["joe", "zoe"])), vec![zoe]),
        (word("child.name", one_of(&["zo"])), vec![]),
        (word("child.name", one_of(&[])), vec![]),
        (
            word("child.dob", between("2026-01-01", "2026-01-31")),
            vec![zoe],
        ),
        (
            word("child.dob", between("2026-01-20", "2026-02-01")),
            vec![zoe, joe],
        ),
        // Only quick words are found without a name.
        (Filter::Text("zoe".to_owned()), vec![]),
    ] {
        assert_eq!(found(scene, filter.clone()).await, expected, "{filter:?}");
    }
    let after = crate::Projection {
        texts: vec![],
        ..super::scene::projection(zoe, json!({}))
    };
    let change = crate::Change {
        projection: Some(after),
        ..scene.change(zoe, 1)
    };
    scene.store.commit(change).await.unwrap();
    let gone = word("child.name", one_of(&["zoe"]));
    assert_eq!(found(scene, gone).await, []);
}

pub async fn a_word_is_found_in_spite_of_a_slip(scene: &Scene) {
    let mut made = vec![];
    for name in ["John", "Jon", "Johnson", "Jo", "Zara", "محمد"] {
        made.push(scene.found_by(&[("name", name)]).await);
    }
    scene.found_by(&[("other", "John")]).await;
    let [john, jon, johnson, jo, zara, arabic] = made.try_into().unwrap();
    for (near, expected) in [
        ("john", vec![john, jon]),
        ("jonh", vec![john, jon]),
        ("JÖHN", vec![john, jon]),
        ("jonsen", vec![johnson]),
        ("jo", vec![jo]),
        ("j", vec![]),
        ("sara", vec![zara]),
        ("محمود", vec![arabic]),
        ("", vec![]),
    ] {
        let filter = word("name", Word::Near(near.to_owned()));
        assert_eq!(found(scene, filter).await, expected, "{near}");
    }
}

pub async fn numbers_compare_as_numbers(scene: &Scene) {
    let mut made = vec![];
    for number in [json!(9), json!(10), json!(10.5), json!("10"), json!(null)] {
        let index = json!({ "declaration": { "n": number } });
        made.push(scene.created_with(index).await);
    }
    let number = Field::at(["declaration", "n"]);
    for (from, to, expected) in [
        (9.0, 10.0, &made[..2]),
        (10.0, 11.0, &made[1..3]),
        (f64::NEG_INFINITY, 9.5, &made[..1]),
    ] {
        let filter = Filter::NumberBetween(number.clone(), from, to);
        assert_eq!(found(scene, filter).await, expected, "{from} {to}");
    }
}
