//! Scripts that do not behave.

use std::{sync::Arc, time::Duration};

use script::{Limits, Script, ScriptError, Surroundings};
use serde_json::json;

use crate::{UNHURRIED, holds, value};

#[test]
fn what_never_ends_is_ended() {
    for code in [
        "() => { while (true) {} }",
        "() => { for (;;) try { for (;;) {} } catch {} finally { continue } }",
        "() => { const again = () => again(); for (;;) try { again() } catch {} }",
        "() => /^(a+)+$/.test('a'.repeat(40) + '!')",
        "() => /(.*a){20}$/u.test('a'.repeat(60) + 'b')",
        "() => 'x'.replace(/x/, () => { for (;;); })",
        "() => [2, 1].sort(() => { for (;;); })",
        "() => JSON.parse('[1]', () => { for (;;); })",
        "() => { eval('for (;;);') }",
        "() => new Function('for (;;);')()",
        "() => { function* on() { for (;;) yield 1 } for (const one of on()); }",
        "() => ({ get a() { for (;;); } }).a",
        "() => { throw { toString() { for (;;); } } }",
        "() => { const error = new Error(); error.toString = () => { for (;;); }; throw error }",
        "() => String({ [Symbol.toPrimitive]() { for (;;); } })",
    ] {
        assert_eq!(holds(code, 1), Err(ScriptError::TooLong), "{code}");
    }
    let answer = value("() => ({ toJSON() { for (;;); } })", 1);
    assert_eq!(answer, Err(ScriptError::TooLong));
    let reading = Script::compile_within("(() => { for (;;); })()", UNHURRIED);
    assert_eq!(reading.unwrap_err(), ScriptError::TooLong);
}

#[test]
fn what_eats_memory_is_stopped() {
    for code in [
        "() => { const all = []; for (;;) all.push(new Array(1000).fill(1)) }",
        "() => { let text = 'x'; for (;;) text += text }",
        "() => 'x'.repeat(2 ** 29).length",
        "() => new ArrayBuffer(2 ** 30)",
        "() => Array.from({ length: 2 ** 32 - 1 })",
        "() => new Array(2 ** 25).fill(0)",
        "() => 'x'.padEnd(2 ** 29).split('')",
    ] {
        let error = holds(code, 1).unwrap_err();
        let stopped = matches!(
            error,
            ScriptError::TooLarge | ScriptError::TooLong | ScriptError::Threw(_)
        );
        assert!(stopped, "{code}: {error}");
    }
    let hoard = "() => { const all = []; for (;;) all.push(new Array(1000).fill(1)) }";
    assert_eq!(holds(hoard, 1), Err(ScriptError::TooLarge));
}

#[test]
fn calls_without_end_are_an_exception() {
    for code in [
        "() => { const again = () => again() + 1; return again() }",
        "() => { const a = []; a[0] = a; return a.toString() + JSON.stringify(a) }",
        "() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a) }",
        "() => eval('('.repeat(1e5))",
        "() => JSON.parse('['.repeat(1e5))",
        "() => new RegExp('('.repeat(1e5))",
    ] {
        assert!(
            matches!(holds(code, 1), Err(ScriptError::Threw(_))),
            "{code}"
        );
    }
}

#[test]
fn what_no_question_reaches_is_left_behind_and_not_begun_again() {
    // One step of the interpreter, and hours of work: it cannot be broken off. What stays of it
    // is a thread.
    let impatient = Limits {
        patience: Duration::from_secs(2),
        ..UNHURRIED
    };
    let code = "() => { const a = 'a'.repeat(1 << 21); return a.indexOf(a.slice(1 << 20) + 'b') }";
    let script = Script::compile_within(code, impatient).unwrap();
    let surroundings = Surroundings {
        context: &Arc::from("{}"),
        today: "2026-01-15",
    };
    for _ in 0..20 {
        let answer = script.holds(None, surroundings);
        assert_eq!(answer, Err(ScriptError::TooLong));
    }
    assert_eq!(holds("() => true", 1), Ok(true));
}

#[test]
fn nothing_is_left_for_the_next_run() {
    let code = "(value, context) => {
        const before = [typeof globalThis.seen, 'abc'.includes('b'), [].evil, ({}).evil, context.evil]
        globalThis.seen = true
        String.prototype.includes = () => false
        Array.prototype.evil = Object.prototype.evil = 'evil'
        context.evil = value.evil = Date.now = 'evil'
        return before
    }";
    let clean = json!(["undefined", true, null, null, null]);
    for _ in 0..3 {
        assert_eq!(value(code, json!({})), Ok(clean.clone()));
    }
}

#[test]
fn tampering_with_the_language_helps_nobody() {
    let code = "() => {
        Boolean.prototype.valueOf = Object.prototype.toJSON = JSON.stringify = () => true
        Boolean = JSON.parse = () => true
        return false
    }";
    assert_eq!(holds(code, 1), Ok(false));
    assert_eq!(holds("() => globalThis", 1), Ok(true));
    assert!(value("() => { const a = {}; a.a = a; return a }", 1).is_err());
    assert!(value("() => 10n", 1).is_err());
}

#[test]
fn the_value_cannot_smuggle_code() {
    let value = json!({ "__proto__": { "a": 1 }, "toString": "x", "\u{2028}": "');evil('" });
    let code = "value => [Object.keys(value), value.a]";
    let answer = json!([["__proto__", "toString", "\u{2028}"], null]);
    assert_eq!(crate::value(code, value), Ok(answer));
}
