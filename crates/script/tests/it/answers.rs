//! Scripts that behave.

use std::sync::Arc;

use script::{Script, ScriptError, Surroundings};
use serde_json::{Value, json};

use crate::{UNHURRIED, holds, value};

#[test]
fn a_function_is_given_the_value_and_its_surroundings() {
    let code = "(value, context) => [value.id, context.$form.name]";
    assert_eq!(value(code, json!({ "id": 7 })), Ok(json!([7, "Ann"])));
}

#[test]
fn no_value_is_undefined() {
    let script = Script::compile_within("value => typeof value", UNHURRIED).unwrap();
    let surroundings = Surroundings {
        context: &Arc::from("{}"),
        today: "2026-01-15",
    };
    assert_eq!(script.value(None, surroundings), Ok("undefined".into()));
}

#[test]
fn every_way_of_writing_a_function_will_do() {
    for code in [
        "(value) => value > 1",
        "value => { return value > 1 }",
        "function (value) { return value > 1 }",
        "function named(value) { return value > 1 } // done",
        "/* first */ function (value) { return value > 1 }",
    ] {
        assert_eq!(
            (holds(code, 2), holds(code, 1)),
            (Ok(true), Ok(false)),
            "{code}"
        );
    }
}

#[test]
fn an_answer_is_true_as_javascript_takes_it() {
    for (answer, truth) in [
        ("'no'", true),
        ("''", false),
        ("0", false),
        ("[]", true),
        ("null", false),
        ("undefined", false),
        ("NaN", false),
        ("({ valueOf: () => false })", true),
    ] {
        assert_eq!(holds(&format!("() => {answer}"), 1), Ok(truth), "{answer}");
    }
}

#[test]
fn an_answer_is_written_as_json() {
    assert_eq!(value("() => undefined", 1), Ok(Value::Null));
    assert_eq!(
        value("() => ({ a: [1, , undefined] })", 1),
        Ok(json!({ "a": [1, null, null] }))
    );
    assert_eq!(
        value("() => 'Zoë \u{1F600}'", 1),
        Ok("Zoë \u{1F600}".into())
    );
}

#[test]
fn a_check_digit_is_computed_with_room_to_spare() {
    let code = "value => [...String(value)].reverse().reduce((sum, digit, at) => {
        const twice = Number(digit) * (at % 2 + 1)
        return sum + (twice > 9 ? twice - 9 : twice)
    }, 0) % 10 === 0";
    assert_eq!(holds(code, "4539148803436467"), Ok(true));
    assert_eq!(holds(code, "4539148803436468"), Ok(false));
}

#[test]
fn what_is_no_function_is_refused() {
    let refused = |code: &str| Script::compile_within(code, UNHURRIED).unwrap_err();
    assert_eq!(refused("7"), ScriptError::NotAFunction);
    for code in [
        "",
        "(",
        "value =>",
        "return 1",
        "import x from 'y'",
        "let a = 1",
    ] {
        let error = refused(code);
        assert!(
            matches!(error, ScriptError::Unreadable(_)),
            "{code}: {error}"
        );
    }
}

#[test]
fn what_a_script_throws_is_told() {
    for (thrown, words) in [
        ("new TypeError('no such thing')", "TypeError: no such thing"),
        ("'just text'", "just text"),
        ("Symbol('s')", "an exception without words"),
    ] {
        let told = ScriptError::Threw(words.to_owned());
        assert_eq!(holds(&format!("() => {{ throw {thrown} }}"), 1), Err(told));
    }
    let Err(ScriptError::Threw(long)) = holds("() => { throw 'x'.repeat(9999) }", 1) else {
        panic!("it must fail");
    };
    assert_eq!(long.len(), 200);
}

#[test]
fn an_answer_must_come_at_once() {
    assert_eq!(holds("async () => true", 1), Err(ScriptError::Later));
    assert_eq!(
        holds("() => Promise.resolve(true)", 1),
        Err(ScriptError::Later)
    );
}
