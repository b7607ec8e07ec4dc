//! Which pending actions somebody asks for.

use jiff::Timestamp;
use records::{ActionId, ActionType, EventId};
use serde_json::Value;
use storage::PendingFilter;

use super::Alert;
use crate::{api::fields::Fields, error::ApiError};

/// What a page holds when nobody says.
const USUAL_PAGE: usize = 50;
/// No page holds more.
const LONGEST_PAGE: usize = 500;
/// How an action may stand.
const ALERTS: [Alert; 3] = [Alert::None, Alert::Due, Alert::Overdue];

/// A page of pending actions that somebody asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) filter: PendingFilter,
    pub(super) alert: Option<Alert>,
    /// Where the page before ended.
    pub(super) after: Option<(Timestamp, ActionId)>,
    pub(super) limit: usize,
}

impl Asked {
    /// Reads an input, which may be left out.
    ///
    /// # Errors
    /// 400 with everything that is wrong.
    pub(super) fn read(input: &Value, now: Timestamp) -> Result<Self, ApiError> {
        let mut fields = Fields::of(input);
        let event_types = fields.texts("event");
        let action_types = fields.texts("action");
        for action in &action_types {
            if !action.parse().is_ok_and(ActionType::awaits_country) {
                let message = format!("'{action}' is no action that the country decides on");
                fields.wrong("action", &message);
            }
        }
        let event_id = fields.id("eventId").map(EventId);
        let delivered = fields
            .is_given("delivered")
            .then(|| fields.flag("delivered"));
        let alert = fields.one_of("alert", &ALERTS.map(Alert::as_str));
        let older_than = fields.duration("olderThan");
        let older_than = older_than.map(|age| now.checked_sub(age).unwrap_or(Timestamp::MIN));
        let (from, until) = (fields.time("from"), fields.time("until"));
        let after = fields.text("after").map(read_cursor);
        if after == Some(None) {
            fields.wrong("after", "is not what a page before said");
        }
        let limit = fields.page(USUAL_PAGE, LONGEST_PAGE);
        fields.end()?;
        Ok(Self {
            filter: PendingFilter {
                event_types,
                action_types,
                event_id,
                delivered,
                from,
                until: until.into_iter().chain(older_than).min(),
            },
            alert: ALERTS.into_iter().find(|one| alert == Some(one.as_str())),
            after: after.flatten(),
            limit,
        })
    }
}

/// Where the next page begins: after this action.
pub(super) fn cursor((requested_at, id): (Timestamp, ActionId)) -> String {
    format!("{}-{}", requested_at.as_millisecond(), id.0.simple())
}

fn read_cursor(text: &str) -> Option<(Timestamp, ActionId)> {
    let (at, id) = text.rsplit_once('-')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some((at, uuid::Uuid::parse_str(id).ok()?.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        for milliseconds in [-1, 0, 1_700_000_000_123] {
            let at = Timestamp::from_millisecond(milliseconds).unwrap();
            let place = (at, uuid::Uuid::from_u128(7).into());
            assert_eq!(read_cursor(&cursor(place)), Some(place));
        }
        for broken in ["", "-", "7", "7-x", "x-00000000000000000000000000000007"] {
            assert_eq!(read_cursor(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_filter_is_the_same_from_a_query_and_as_json() {
        let now = Timestamp::UNIX_EPOCH;
        let query = json!({"event": "birth,death", "action": "REGISTER", "limit": "7"});
        let whole = json!({"event": ["birth", "death"], "action": ["REGISTER"], "limit": 7});
        let [query, whole] = [query, whole].map(|input| Asked::read(&input, now).unwrap());
        assert_eq!(query.filter, whole.filter);
        assert_eq!((query.limit, whole.limit), (7, 7));
        for wrong in [
            json!({"evnt": "birth"}),
            json!({"action": "READ"}),
            json!({"alert": "soon"}),
            json!({"olderThan": "long"}),
            json!({"limit": 0}),
            json!({"limit": 501}),
            json!({"after": "there"}),
        ] {
            assert!(Asked::read(&wrong, now).is_err(), "{wrong}");
        }
    }
}
