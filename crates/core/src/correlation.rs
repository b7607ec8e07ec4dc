//! One id from the user's click to the last callback, carried as a W3C trace id.
//!
//! Spans say under which id they are in a field `correlation`, which a collector of traces takes for
//! the trace's; `step` is a span's own id where others know it beforehand, and `parent` that of the
//! step in somebody else's process that led to it.

use storage::NewDelivery;
use tracing::info_span;
use uuid::Uuid;
use world::World;

/// A fresh id: 32 lower-case hexadecimal digits.
#[must_use]
pub fn new(world: &World) -> String {
    let mut bytes = [0; 16];
    world.fill(&mut bytes);
    hex::encode(bytes)
}

/// The ids of the trace and of the caller's step in it, of a `traceparent` header; `None` when it is
/// not well formed.
#[must_use]
pub fn from_traceparent(header: &str) -> Option<(String, String)> {
    let mut parts = header.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| {
        text.len() == length
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && text.bytes().any(|b| b != b'0')
    };
    (version.len() == 2 && is_hex(trace, 32) && is_hex(parent, 16))
        .then(|| (trace.to_owned(), parent.to_owned()))
}

/// The step that a delivery is in its trace. It is made from the delivery's id, so that it is the
/// same on every attempt, and on every node.
#[must_use]
pub fn step(delivery: Uuid) -> String {
    let [.., a, b, c, d, e, f, g, h] = *delivery.as_bytes();
    // A step of zeros is not allowed.
    hex::encode([a | 1, b, c, d, e, f, g, h])
}

/// The header that carries an id on.
#[must_use]
pub fn traceparent(correlation: &str, delivery: Uuid) -> String {
    format!("00-{correlation}-{}-01", step(delivery))
}

/// Notes in the trace that a delivery begins here; its attempts, wherever they are made, come under
/// this.
pub(crate) fn begins(delivery: NewDelivery) -> NewDelivery {
    drop(info_span!(
        "delivery-begins",
        kind = delivery.kind,
        step = step(delivery.id.0),
        correlation = delivery.correlation,
    ));
    delivery
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_header() {
        let world = World::real();
        let id = new(&world);
        let delivery = world.new_id();
        let header = traceparent(&id, delivery);
        assert_eq!(from_traceparent(&header), Some((id, step(delivery))));
    }

    #[test]
    fn rubbish_is_no_id() {
        for rubbish in [
            "",
            "00",
            "00-xyz-1-01",
            &format!("00-{}-{}-01", "0".repeat(32), "1".repeat(16)),
        ] {
            assert_eq!(from_traceparent(rubbish), None, "{rubbish}");
        }
    }
}
