//! When a rule takes two records for one event.

use forms::EventConfig;
use proptest::{prelude::*, sample::select};
use records::{ActionType, Declaration, DuplicateRule, duplicate_keys};
use serde_json::{Value, json};

fn text(id: &str) -> Value {
    json!({"id": id, "defaultMessage": id, "description": id})
}

/// A birth whose DECLARE looks for duplicates by this query.
fn config(query: &Value) -> EventConfig {
    let field = |id: &str, kind: &str| {
        json!({"id": id, "type": kind, "label": text(id), "options": [],
               "configuration": {"asOfDate": {"$$field": "child.dob"}}})
    };
    let rule = json!({"id": "rule", "label": text("rule"), "query": query});
    let written = json!({
        "id": "birth", "label": text("birth"), "title": text("title"),
        "declaration": {"label": text("form"), "pages": [{
            "id": "page", "title": text("page"), "fields": [
                field("child.name", "NAME"), field("child.dob", "DATE"),
                field("mother.name", "NAME"), field("mother.dob", "DATE"),
                field("mother.age", "AGE"), field("mother.idType", "SELECT"),
                field("mother.nid", "TEXT"), field("mother.passport", "TEXT"),
                field("mother.email", "EMAIL"), field("mother.story", "TEXTAREA"),
                field("child.weight", "NUMBER"), field("child.twin", "CHECKBOX"),
            ],
        }]},
        "actions": [
            {"type": "DECLARE", "label": text("declare"), "review": {"fields": []},
             "deduplication": rule},
        ],
    });
    EventConfig::compile(written).unwrap()
}

fn object(value: &Value) -> Declaration {
    value.as_object().unwrap().clone()
}

fn score(query: &Value, own: &Value, other: &Value) -> Option<f64> {
    let config = config(query);
    let rule = DuplicateRule::of(&config, ActionType::Declare).unwrap();
    let (own, other) = (object(own), object(other));
    let score = rule.score(&own, &other);
    if score.is_some() {
        assert!(findable(&rule, &config, &own, &other), "{own:?} {other:?}");
    }
    score
}

/// Whether what the rule looks for leads to the other record.
fn findable(
    rule: &DuplicateRule<'_>,
    config: &EventConfig,
    own: &Declaration,
    other: &Declaration,
) -> bool {
    let keys = duplicate_keys(config, other);
    let lookups = rule.lookups(own);
    let met = |lookup: &records::DuplicateLookup| keys.iter().any(|key| lookup.finds(key));
    lookups.iter().any(met)
}

fn fuzzy(field: &str) -> Value {
    json!({"type": "fuzzy", "fieldId": field})
}

fn strict(field: &str) -> Value {
    json!({"type": "strict", "fieldId": field})
}

fn within(field: &str, days: u32) -> Value {
    json!({"type": "dateRange", "fieldId": field, "options": {"days": days}})
}

fn across(field: &str, days: u32, against: &str) -> Value {
    let options = json!({"days": days, "matchAgainst": against});
    json!({"type": "dateRange", "fieldId": field, "options": options})
}

fn and(clauses: &[Value]) -> Value {
    json!({"type": "and", "clauses": clauses})
}

fn or(clauses: &[Value]) -> Value {
    json!({"type": "or", "clauses": clauses})
}

fn not(clause: &Value) -> Value {
    json!({"type": "not", "clause": clause})
}

fn name(firstname: &str, surname: &str) -> Value {
    json!({"firstname": firstname, "surname": surname})
}

/// A rule such as countries have: the same child declared twice, or two children of a mother who
/// cannot both be hers.
fn births() -> Value {
    let same_age = or(&[
        within("mother.dob", 365),
        within("mother.age", 365),
        across("mother.dob", 365, "mother.age"),
        across("mother.age", 365, "mother.dob"),
    ]);
    let none = json!({"type": "strict", "fieldId": "mother.idType", "options": {"value": "NONE"}});
    let same_id = or(&[
        not(&strict("mother.idType")),
        none,
        strict("mother.nid"),
        strict("mother.passport"),
    ]);
    let mother = [fuzzy("mother.name"), same_age, same_id];
    let with = |more: &[Value]| and(&[more, &mother].concat());
    or(&[
        with(&[fuzzy("child.name"), within("child.dob", 5)]),
        with(&[within("child.dob", 270)]),
        with(&[strict("child.name"), within("child.dob", 1095)]),
    ])
}

fn smith() -> Value {
    json!({
        "child.name": name("John", "Smith"), "child.dob": "2011-11-11",
        "mother.name": name("Mary", "Smith"), "mother.dob": "1990-11-12", "mother.nid": "23412387",
    })
}

fn changed(field: &str, value: Value) -> Value {
    let mut declaration = smith();
    declaration[field] = value;
    declaration
}

fn are_one(own: &Value, other: &Value) -> bool {
    score(&births(), own, other).is_some()
}

#[test]
fn the_same_birth_declared_twice_is_found() {
    assert!(are_one(&smith(), &smith()));
    assert!(are_one(
        &changed("mother.name", name("Marye", "Smiht")),
        &smith()
    ));
    assert!(are_one(&changed("child.name", name("", "Smiht")), &smith()));
}

#[test]
fn another_birth_is_not_found() {
    let other = json!({
        "child.name": name("Riku", "Rouvila"), "child.dob": "2000-10-13",
        "mother.name": name("Sofia", "Matthews"), "mother.dob": "1980-09-02",
        "mother.nid": "8653434",
    });
    assert!(!are_one(&smith(), &other));
    assert!(!are_one(
        &changed("mother.nid", json!("23412388")),
        &smith()
    ));
}

#[test]
fn a_mother_has_no_two_births_within_nine_months() {
    let sister = |born: &str| {
        let mut sister = changed("child.name", name("Janet", "Jones"));
        sister["child.dob"] = json!(born);
        sister
    };
    assert!(are_one(&sister("2011-12-01"), &smith()));
    assert!(are_one(&sister("2012-08-07"), &smith()));
    assert!(!are_one(&sister("2012-08-08"), &smith()));
    assert!(!are_one(&sister("2010-10-01"), &smith()));
    // The very same name three years later is a birth registered late.
    assert!(are_one(
        &changed("child.dob", json!("2014-11-01")),
        &smith()
    ));
    assert!(!are_one(
        &changed("child.dob", json!("2014-11-11")),
        &smith()
    ));
}

#[test]
fn papers_count_only_where_both_have_the_same_kind() {
    let with = |kind: &str| {
        let mut declaration = changed("mother.idType", json!(kind));
        declaration.as_object_mut().unwrap().remove("mother.nid");
        declaration
    };
    assert!(are_one(&with("NID"), &with("PASSPORT")));
    assert!(are_one(&with("NONE"), &with("NONE")));
    assert!(!are_one(&with("NID"), &with("NID")));
}

#[test]
fn an_age_stands_for_the_day_it_goes_back_to() {
    let aged = |age: u32| {
        let mut aged = smith();
        aged.as_object_mut().unwrap().remove("mother.dob");
        aged["mother.age"] = json!({"age": age, "asOfDateRef": "child.dob"});
        aged
    };
    assert!(are_one(&aged(21), &smith()));
    assert!(are_one(&smith(), &aged(21)));
    assert!(are_one(&aged(21), &aged(22)));
    assert!(!are_one(&aged(25), &smith()));
    assert!(!are_one(&smith(), &aged(25)));
}

#[test]
fn what_is_not_answered_is_matched_by_nothing() {
    let blank = || changed("child.dob", json!(""));
    assert!(!are_one(&blank(), &smith()));
    assert!(!are_one(&smith(), &blank()));
    assert!(!are_one(&json!({}), &json!({})));
    let rule = and(&[not(&strict("mother.nid")), fuzzy("child.name")]);
    let unknown = changed("mother.nid", Value::Null);
    assert!(score(&rule, &unknown, &smith()).is_none());
    // The other way round the other has not the same number.
    assert!(score(&rule, &smith(), &unknown).is_some());
}

#[test]
fn any_word_of_a_name_that_is_nearly_the_same_is_enough() {
    let rule = fuzzy("child.name");
    let child = |name: Value| json!({ "child.name": name });
    let alike = |one: Value, other: Value| score(&rule, &child(one), &child(other)).is_some();
    assert!(alike(name("John", "Smith"), name("Mary", "Smith")));
    // First names and surnames are mixed up often enough.
    assert!(alike(name("Smith", "John"), name("Jon", "Smyth")));
    assert!(alike(name("JOSÉ", ""), name("jose", "")));
    assert!(alike(name("O'Brien", ""), name("OBrien", "")));
    assert!(!alike(name("Ann", ""), name("Anna", "")));
    assert!(alike(name("Anna", ""), name("Ann", "")));
    assert!(!alike(name("Peter", "Jones"), name("Mary", "Smith")));
    assert!(alike(
        json!({"firstname": "A", "middlename": "Katherine", "surname": "B"}),
        name("Catherin", "C")
    ));
}

#[test]
fn a_name_is_strictly_the_same_when_its_words_stand_in_the_other() {
    let rule = strict("child.name");
    let child = |name: Value| json!({ "child.name": name });
    let same = |one: Value, other: Value| score(&rule, &child(one), &child(other)).is_some();
    let long = json!({"firstname": "Mary", "middlename": "John", "surname": "Smith"});
    assert!(same(name("John", "Smith"), name("john", "SMITH")));
    assert!(same(name("John", "Smith"), long.clone()));
    assert!(!same(name("Mary", "Smith"), long));
    assert!(!same(name("Smith", "John"), name("John", "Smith")));
    assert!(!same(name("John", "Smith"), name("John", "Smit")));
}

#[test]
fn other_answers_are_compared_as_wholes() {
    let about = |field: &str, one: Value, other: Value| {
        let own = json!({ field: one });
        let other = json!({ field: other });
        let strict = score(&strict(field), &own, &other).is_some();
        (strict, score(&fuzzy(field), &own, &other).is_some())
    };
    assert_eq!(
        about("mother.nid", json!("AB-1"), json!(" ab-1")),
        (true, true)
    );
    assert_eq!(
        about("mother.nid", json!("123456"), json!("123465")),
        (false, true)
    );
    assert_eq!(
        about("mother.nid", json!("12 34"), json!("12 99")),
        (false, false)
    );
    assert_eq!(
        about("mother.email", json!("A@x.org"), json!("a@x.org")),
        (true, true)
    );
    assert_eq!(about("child.weight", json!(3), json!(3.0)), (true, true));
    assert_eq!(about("child.twin", json!(true), json!(true)), (true, true));
    assert_eq!(
        about("child.twin", json!(false), json!(false)),
        (false, false)
    );
    assert_eq!(
        about(
            "mother.story",
            json!("born at home"),
            json!("she was born at home")
        ),
        (true, true)
    );
}

#[test]
fn closer_matches_score_higher() {
    let rule = and(&[fuzzy("child.name"), within("child.dob", 9)]);
    let child =
        |first: &str, born: &str| json!({"child.name": name(first, "Smith"), "child.dob": born});
    let own = child("Katherine", "2020-05-10");
    let scores: Vec<f64> = [
        child("Katherine", "2020-05-10"),
        child("Katherin", "2020-05-10"),
        child("Katherin", "2020-05-13"),
        child("Ann", "2020-05-13"),
        child("Ann", "2020-05-19"),
    ]
    .iter()
    .map(|other| score(&rule, &own, other).unwrap())
    .collect();
    assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
    let boosted = json!({"type": "fuzzy", "fieldId": "child.name", "options": {"boost": 3}});
    let plain = score(&fuzzy("child.name"), &own, &own).unwrap();
    assert_eq!(score(&boosted, &own, &own), Some(3.0 * plain));
}

#[test]
fn a_rule_that_hinges_on_a_difference_is_said_not_to_be_findable() {
    let findable = |query: &Value| {
        let config = config(query);
        DuplicateRule::of(&config, ActionType::Declare)
            .unwrap()
            .is_findable()
    };
    assert!(findable(&births()));
    assert!(findable(&and(&[
        not(&strict("mother.nid")),
        fuzzy("child.name")
    ])));
    assert!(!findable(&not(&strict("mother.nid"))));
    assert!(!findable(&or(&[
        not(&strict("mother.nid")),
        fuzzy("child.name")
    ])));
}

#[test]
fn a_notification_goes_by_the_rule_of_declarations() {
    let config = config(&births());
    assert!(DuplicateRule::of(&config, ActionType::Notify).is_some());
    assert!(DuplicateRule::of(&config, ActionType::Register).is_none());
}

fn answers() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "",
        "ann",
        "anna",
        "smith",
        "smiht",
        "smythe",
        "katherine",
        "catherin",
        "jo an",
    ];
    let name = (select(WORDS), select(WORDS)).prop_map(|(a, b)| name(a, b));
    const DAYS: &[&str] = &[
        "2020-02-29",
        "2020-03-01",
        "2020-03-05",
        "2021-02-28",
        "soon",
        "",
    ];
    let ages = (0..3_u8, select(&["child.dob", "gone"][..]))
        .prop_map(|(age, of)| json!({"age": age, "asOfDateRef": of}));
    const NUMBERS: &[&str] = &["12", "123456", "123465", "NONE", " none"];
    let odd = prop_oneof![
        Just(Value::Null),
        Just(json!([1])),
        Just(json!({"a": 1})),
        Just(json!(1e300)),
        any::<String>().prop_map(Value::from),
    ];
    let mut fields: Vec<BoxedStrategy<Value>> = vec![];
    for kind in [
        name.boxed(),
        select(DAYS).prop_map(Value::from).boxed(),
        ages.boxed(),
        select(NUMBERS).prop_map(Value::from).boxed(),
    ] {
        fields.push(prop_oneof![9 => kind, 1 => odd.clone()].boxed());
    }
    let [names, days, ages, numbers] = [0, 1, 2, 3].map(|at: usize| fields[at].clone());
    (
        names.clone(),
        days.clone(),
        names,
        days,
        ages,
        numbers.clone(),
        numbers,
    )
        .prop_map(|(child, dob, mother, mothers_dob, age, kind, nid)| {
            json!({
                "child.name": child, "child.dob": dob, "mother.name": mother,
                "mother.dob": mothers_dob, "mother.age": age, "mother.idType": kind,
                "mother.nid": nid,
            })
        })
}

fn queries() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "child.name",
        "mother.name",
        "mother.nid",
        "mother.idType",
        "child.dob",
    ];
    const DATES: &[&str] = &["child.dob", "mother.dob", "mother.age"];
    let leaf = prop_oneof![
        (select(NAMES), 0..3_u8, select(NAMES)).prop_map(|(field, edits, against)| json!({
            "type": "fuzzy", "fieldId": field,
            "options": {"fuzziness": edits, "matchAgainst": against},
        })),
        select(NAMES).prop_map(fuzzy),
        select(NAMES).prop_map(strict),
        select(NAMES).prop_map(|field| json!({
            "type": "strict", "fieldId": field, "options": {"value": "NONE"},
        })),
        (select(DATES), 0..400_u32, select(DATES))
            .prop_map(|(field, days, against)| across(field, days, against)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            several().prop_map(|clauses| and(&clauses)),
            several().prop_map(|clauses| or(&clauses)),
            inner.clone().prop_map(|clause| not(&clause)),
        ]
    })
}

proptest! {
    /// Whatever a findable rule matches, its lookups lead to; and nothing panics.
    #[test]
    fn every_match_is_found_by_its_keys(query in queries(), own in answers(), other in answers()) {
        let config = config(&query);
        let rule = DuplicateRule::of(&config, ActionType::Declare).unwrap();
        let (own, other) = (object(&own), object(&other));
        if rule.score(&own, &other).is_some() && rule.is_findable() {
            prop_assert!(findable(&rule, &config, &own, &other));
        }
    }

    /// It does not matter which of two records came first, as long as the rule compares a field
    /// with itself, and words may differ in as many letters whichever is asked about.
    #[test]
    fn who_comes_first_makes_no_difference(own in answers(), other in answers()) {
        let edits = json!({"type": "fuzzy", "fieldId": "child.name", "options": {"fuzziness": 1}});
        for query in [edits, within("child.dob", 5), within("mother.age", 400), strict("mother.nid")] {
            prop_assert_eq!(
                score(&query, &own, &other).is_some(),
                score(&query, &other, &own).is_some()
            );
        }
    }

    #[test]
    fn a_record_with_all_answers_matches_itself(own in answers(), query in queries()) {
        let config = config(&and(&[fuzzy("child.name"), strict("mother.nid")]));
        let rule = DuplicateRule::of(&config, ActionType::Declare).unwrap();
        let own = object(&own);
        let asked = !rule.lookups(&own).is_empty();
        if rule.score(&own, &own).is_some() {
            prop_assert!(asked, "{}", query);
        }
    }
}
