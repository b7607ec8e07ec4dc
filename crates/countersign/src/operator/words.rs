//! Values of answers as people read them.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A text as it may be shown: what a terminal would take as a command is made visible, lines stay.
/// Answers of country config are other people's texts.
#[must_use]
pub fn plain(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' => '\n',
        '\t' => ' ',
        // Letters that turn the direction of writing can make a line say something else.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(shown).collect()
}

/// The same, on one line.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    plain(&text.replace("\r\n", " ")).replace('\n', " ")
}

/// A value of an answer in a few words; nothing for what is not there.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// A whole number, in groups of three digits.
#[must_use]
pub fn number(value: &Value) -> String {
    let Some(number) = value.as_u64() else {
        return text(value);
    };
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A time of an answer, to the second, in UTC.
#[must_use]
pub fn time(value: &Value) -> String {
    match read_time(value) {
        Some(time) => {
            let time = time.to_zoned(TimeZone::UTC);
            time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
        }
        None => text(value),
    }
}

/// How long before `now` a time of an answer was: `40 s`, `12 min`, `3 h 20 min`, `2 days 4 h`.
#[must_use]
pub fn age(value: &Value, now: Timestamp) -> String {
    match read_time(value) {
        Some(time) => lasting(now.duration_since(time).as_secs()),
        None => text(value),
    }
}

/// How far after `now` a time of an answer is: `now`, `in 12 min`.
#[must_use]
pub fn ahead(value: &Value, now: Timestamp) -> String {
    match read_time(value) {
        Some(time) => match time.duration_since(now).as_secs() {
            i64::MIN..=0 => "now".to_owned(),
            seconds => format!("in {}", lasting(seconds)),
        },
        None => text(value),
    }
}

fn read_time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn lasting(seconds: i64) -> String {
    let two = |large: i64, unit: &str, small: i64, smaller: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {smaller}"),
    };
    let days = |days: i64| if days == 1 { "day" } else { "days" };
    match seconds {
        i64::MIN..0 => "0 s".to_owned(),
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min"),
        _ if seconds < 10 * DAY => {
            let whole = seconds / DAY;
            two(whole, days(whole), seconds % DAY / HOUR, "h")
        }
        _ => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ages_are_told_in_words() {
        for (seconds, words) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min"),
            (3600, "1 h"),
            (12_000, "3 h 20 min"),
            (86_400, "1 day"),
            (187_200, "2 days 4 h"),
            (8_640_000, "100 days"),
        ] {
            assert_eq!(lasting(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn times_to_come_are_told_in_words() {
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        assert_eq!(ahead(&json!("2026-03-02T12:00:00.100Z"), now), "now");
        assert_eq!(ahead(&json!("2026-03-02T12:05:00Z"), now), "in 5 min");
        assert_eq!(ahead(&json!(null), now), "");
    }

    #[test]
    fn numbers_are_told_in_groups() {
        assert_eq!(number(&json!(7)), "7");
        assert_eq!(number(&json!(1_234_567)), "1,234,567");
        assert_eq!(number(&json!(null)), "");
    }

    #[test]
    fn times_are_told_to_the_second() {
        assert_eq!(
            time(&json!("2026-03-02T12:00:01.250Z")),
            "2026-03-02 12:00:01Z"
        );
        assert_eq!(time(&json!("never")), "never");
    }

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        assert_eq!(plain("a\u{1b}]0;x\u{7}\nb"), "a\u{fffd}]0;x\u{fffd}\nb");
        assert_eq!(on_one_line("a\r\nb"), "a b");
    }
}
