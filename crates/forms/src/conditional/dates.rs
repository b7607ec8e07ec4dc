//! Dates as the protocol compares them: calendar days as text, moments as UTC milliseconds.

use jiff::civil::Date;
use serde_json::Value;

const DAY: f64 = 86_400_000.0;

/// Reads `YYYY-MM-DD`, four, two and two digits, of a day that exists.
pub(crate) fn day(text: &str) -> Option<Date> {
    let (year, month, day) = digits(text)?;
    Date::new(year, month, day).ok()
}

fn digits(text: &str) -> Option<(i16, i8, i8)> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let (year, month, day) = (text.get(0..4)?, text.get(5..7)?, text.get(8..10)?);
    shaped.then_some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// The day on which someone of `age` on the day `on` was born, as far as an age can tell: whole
/// years earlier, the 28th when there was no 29th of February. `None` before the year 1.
pub(crate) fn born(age: f64, on: Date) -> Option<Date> {
    if !(-9_999.0..=9_999.0).contains(&age) {
        return None;
    }
    let year = i16::try_from(i64::from(on.year()) - age.trunc() as i64).ok()?;
    let first = Date::new(year, on.month(), 1)
        .ok()
        .filter(|date| date.year() >= 1)?;
    first
        .with()
        .day(on.day().min(first.days_in_month()))
        .build()
        .ok()
}

/// A moment in UTC milliseconds from what a form holds: text, or milliseconds themselves, as
/// JavaScript makes a date of them.
pub(crate) fn moment(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => moment_of(text),
        Value::Number(millis) => millis.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}

/// A moment in UTC milliseconds from a day, or from a day and a time in ISO 8601. A month or a year
/// alone is its first day, as JavaScript has it.
pub(crate) fn moment_of(text: &str) -> Option<f64> {
    let digits = match text.len() {
        4 => digits(&format!("{text}-01-01")),
        7 => digits(&format!("{text}-01")),
        _ => digits(text),
    };
    if let Some((year, month, day)) = digits {
        // The 30th of February is two days after the 28th, JavaScript says.
        let first = Date::new(year, month, 1).ok()?;
        let within = (1..=31).contains(&day).then(|| f64::from(day - 1))?;
        return Some(midnight(first) + within * DAY);
    }
    // A time without an offset is taken as UTC, the only zone a server has to agree on.
    let moment = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| format!("{text}Z").parse())
        .ok()?;
    Some(moment.as_millisecond() as f64)
}

/// Midnight UTC of the day.
pub(crate) fn midnight(date: Date) -> f64 {
    let epoch = Date::constant(1970, 1, 1);
    let days = epoch.until(date).map_or(0, |span| span.get_days());
    f64::from(days) * DAY
}

/// The moment `days` (which may be negative) after another.
pub(crate) fn days_after(moment: f64, days: f64) -> f64 {
    moment + days * DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        day(text).unwrap()
    }

    #[test]
    fn only_days_that_exist_are_read() {
        assert!(day("2024-02-29").is_some());
        for text in [
            "2023-02-29",
            "2024-2-9",
            "2024-13-01",
            "24-01-01",
            "+024-01-01",
            "",
            "x",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn an_age_goes_back_whole_years() {
        assert_eq!(born(30.0, date("2026-01-15")), Some(date("1996-01-15")));
        assert_eq!(born(1.0, date("2024-02-29")), Some(date("2023-02-28")));
        assert_eq!(born(2.9, date("2026-01-15")), Some(date("2024-01-15")));
        assert_eq!(born(-1.0, date("2026-01-15")), Some(date("2027-01-15")));
        assert_eq!(born(5_000.0, date("2026-01-15")), None);
        assert_eq!(born(f64::NAN, date("2026-01-15")), None);
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(midnight(date("1970-01-02")), DAY);
        assert_eq!(moment(&"2024-03-01".into()), Some(1_709_251_200_000.0));
        assert_eq!(
            moment(&"2024-03-01T00:00:00".into()),
            Some(1_709_251_200_000.0)
        );
        assert_eq!(moment(&"2024-02-30".into()), Some(1_709_251_200_000.0));
        assert_eq!(moment(&"2024-03".into()), Some(1_709_251_200_000.0));
        assert_eq!(moment(&"1970".into()), Some(0.0));
        for nothing in ["soon", "2024-13-01", "2024-01-32", "2024-13", "", "\u{661}"] {
            assert_eq!(moment(&nothing.into()), None, "{nothing}");
        }
    }
}
