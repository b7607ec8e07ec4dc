//! A script knows no time, no place and no chance.

use serde_json::json;

use crate::value;

#[test]
fn the_clock_stands_still_at_the_given_day() {
    let code = "() => [new Date().toISOString(), Date.now(), new Date().getFullYear(), Date()]";
    let now = json!([
        "2026-01-15T00:00:00.000Z",
        1_768_435_200_000_u64,
        2026,
        "Thu Jan 15 2026 00:00:00 GMT+0000 (Coordinated Universal Time)"
    ]);
    assert_eq!(value(code, 1), Ok(now));
}

#[test]
fn there_is_one_time_zone() {
    let code = "() => ['2026-07-01T12:00', '2026-07-01 12:00', 'July 1, 2026 12:00', '2026-07-01T14:00+02:00',
            'Wed Jul 01 2026 12:00:00 GMT+0000 (Coordinated Universal Time)']
        .map(text => new Date(text))
        .concat(new Date(2026, 6, 1, 12), new Date(new Date(2026, 6, 1, 12)))
        .map(date => [date.toISOString(), date.getHours(), date.getTimezoneOffset()])";
    let noon = json!(["2026-07-01T12:00:00.000Z", 12, 0]);
    assert_eq!(value(code, 1), Ok(vec![noon; 7].into()));
}

#[test]
fn days_are_days() {
    let code = "() => ['2026-07-01', '2026-7-1', '2026/07/01', 'soon'].map(text => {
        const date = new Date(text); return isNaN(date) ? String(date) : date.toDateString() })";
    let day = "Wed Jul 01 2026";
    assert_eq!(value(code, 1), Ok(json!([day, day, day, "Invalid Date"])));
    let code = "() => { const date = new Date(); date.setDate(31); date.setMonth(1)
        return [date.toISOString(), date instanceof Date, date.constructor === Date,
            Object.prototype.toString.call(date), JSON.stringify(date)] }";
    let answer = json!([
        "2026-03-03T00:00:00.000Z",
        true,
        true,
        "[object Date]",
        "\"2026-03-03T00:00:00.000Z\""
    ]);
    assert_eq!(value(code, 1), Ok(answer));
}

#[test]
fn nothing_is_left_to_chance() {
    let why = "Error: there is no Math.random here: a rule must come out the same every time";
    let error = value("() => Math.random()", 1).unwrap_err();
    assert_eq!(error, script::ScriptError::Threw(why.to_owned()));
}

#[test]
fn there_is_no_way_out() {
    let code = "() => ['require', 'process', 'fetch', 'XMLHttpRequest', 'setTimeout', 'std', 'os',
        'performance', 'Proxy', 'WeakRef', 'FinalizationRegistry', 'window', 'document']
        .filter(name => name in globalThis)";
    assert_eq!(value(code, 1), Ok(json!([])));
    let all = value(
        "() => Object.getOwnPropertyNames(Function('return this')()).sort()",
        1,
    );
    assert!(!all.unwrap().as_array().unwrap().is_empty());
    assert!(value("() => import('std')", 1).is_err());
    assert_eq!(
        value("() => { console.log('heard by nobody'); return 1 }", 1),
        Ok(1.into())
    );
}
