//! The trace context that ties a user's click to the last callback (W3C Trace Context).

use axum::http::HeaderMap;
use world::World;

use crate::trigger::Correlation;

impl Correlation {
    /// The caller's trace, continued; a new one when it sent none.
    pub(crate) fn of(headers: &HeaderMap, world: &World) -> Self {
        let given = headers.get("traceparent").and_then(|it| it.to_str().ok());
        let (id, flags) = match given.and_then(parts) {
            Some((id, _, flags)) => (id.to_owned(), flags.to_owned()),
            None => (random::<16>(world), "01".to_owned()),
        };
        // Our own step in the trace; all zeros is not allowed.
        let step = random::<8>(world);
        let traceparent = format!("00-{id}-{step}-{flags}");
        Self { id, traceparent }
    }
}

/// The trace id in a `traceparent`; empty when it is none.
pub(crate) fn trace_id(traceparent: &str) -> &str {
    parts(traceparent).map_or("", |(id, ..)| id)
}

/// The step in the trace that a `traceparent` names; `None` when it is none.
pub(crate) fn step(traceparent: &str) -> Option<&str> {
    parts(traceparent).map(|(_, step, _)| step)
}

/// Trace id, step and flags.
fn parts(traceparent: &str) -> Option<(&str, &str, &str)> {
    let mut fields = traceparent.trim().split('-');
    let (version, id, step, flags) = (
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    );
    let hex = |text: &str, digits: usize| {
        text.len() == digits
            && text
                .bytes()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |text: &str| text.bytes().all(|it| it == b'0');
    let valid = hex(version, 2) && version != "ff" && hex(id, 32) && hex(step, 16) && hex(flags, 2);
    (valid && !zero(id) && !zero(step)).then_some((id, step, flags))
}

fn random<const N: usize>(world: &World) -> String {
    let mut bytes = [0; N];
    world.fill(&mut bytes);
    if let Some(last) = bytes.last_mut() {
        *last |= 1;
    }
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_callers_trace_goes_on_with_a_step_of_our_own() {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_static(GIVEN));
        let correlation = Correlation::of(&headers, &World::real());
        assert_eq!(correlation.id, "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(correlation.traceparent, GIVEN);
        assert_eq!(trace_id(&correlation.traceparent), correlation.id);
    }

    #[test]
    fn without_a_valid_one_a_new_trace_begins() {
        for given in [
            "",
            "00-xyz",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_static(given));
            let correlation = Correlation::of(&headers, &World::real());
            assert_eq!(
                trace_id(&correlation.traceparent),
                correlation.id,
                "{given}"
            );
        }
    }
}
