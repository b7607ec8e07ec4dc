//! Nothing that configuration or input can be makes the rules panic.

use forms::{ActionCheck, ActionType, Conditional, EventConfig};
use proptest::{collection, prelude::*, sample};
use serde_json::{Map, Value, json};

use crate::birth::{config, within, written};

/// Words that mean something to the rules, so that chance finds its way past the first check.
const WORDS: [&str; 40] = [
    "$form",
    "$now",
    "$data",
    "$flags",
    "type",
    "const",
    "enum",
    "not",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "properties",
    "required",
    "items",
    "contains",
    "pattern",
    "minLength",
    "format",
    "date",
    "formatMaximum",
    "daysFromDate",
    "days",
    "clause",
    "after",
    "referenceDate",
    "isLeafLevelLocation",
    "age",
    "asOfDateRef",
    "child.dob",
    "mother.known",
    "id",
    "fields",
    "1/child.dob",
    "/$now",
    "^[a-z]+(",
    "string",
    "2024-02-30",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        sample::select(&WORDS[..]).prop_map(str::to_owned),
        any::<String>()
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    collection::vec((word(), value), 0..5).prop_map(|members| members.into_iter().collect())
}

/// Every place in a JSON value, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let mut inside = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        places(value, &format!("{at}/{key}"), found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| inside(key, value)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(at, value)| inside(&at.to_string(), value));
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_json_is_compiled_or_refused(raw in anything()) {
        let _ = EventConfig::compile(raw.clone());
        if let Ok(conditional) = Conditional::compile(&raw) {
            within(|context| conditional.holds(context));
        }
    }

    #[test]
    fn a_configuration_broken_anywhere_is_compiled_or_refused(
        at in any::<sample::Index>(),
        replacement in anything(),
    ) {
        let mut event = written();
        let mut found = Vec::new();
        places(&event, "", &mut found);
        let place = event.pointer_mut(at.get::<String>(&found));
        *place.expect("the place was found in it") = replacement;
        if let Ok(event) = EventConfig::compile(event) {
            within(|context| event.check_declaration(&crate::birth::declaration(), context));
        }
    }

    #[test]
    fn a_conditional_takes_any_form(condition in anything(), form in object(anything())) {
        let schema = json!({ "properties": { "$form": { "properties": { "child.dob": condition }}}});
        if let Ok(conditional) = Conditional::compile(&schema) {
            within(|context| conditional.holds(&context.with_form(&form)));
        }
    }

    #[test]
    fn any_declaration_is_judged(
        mut declaration in object(anything()),
        answers in collection::vec(anything(), 7),
    ) {
        let config = config();
        let ids = config.fields().map(|field| field.id().to_owned());
        declaration.extend(ids.zip(answers));
        let report = within(|context| config.check_declaration(&declaration, context));
        prop_assert!(report.cleaned.len() <= declaration.len());
        let current = crate::birth::declaration();
        for action_type in ActionType::ALL {
            let check = ActionCheck {
                action_type,
                custom_action_type: None,
                current: &current,
                declaration: &declaration,
                annotation: &declaration,
            };
            within(|context| config.check_action(check, context));
        }
    }
}
