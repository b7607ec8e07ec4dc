//! One id from the user's click to the last callback, carried as a W3C trace id.

use uuid::Uuid;
use world::World;

/// A fresh id: 32 lower-case hexadecimal digits.
#[must_use]
pub fn new(world: &World) -> String {
    let mut bytes = [0; 16];
    world.fill(&mut bytes);
    hex::encode(bytes)
}

/// The trace id of a `traceparent` header; `None` when it is not well formed.
#[must_use]
pub fn from_traceparent(header: &str) -> Option<String> {
    let mut parts = header.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| {
        text.len() == length
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && text.bytes().any(|b| b != b'0')
    };
    (version.len() == 2 && is_hex(trace, 32) && is_hex(parent, 16)).then(|| trace.to_owned())
}

/// The header that carries an id on. The parent is made from the delivery's id, so that it is the
/// same on every attempt.
#[must_use]
pub fn traceparent(correlation: &str, delivery: Uuid) -> String {
    let [.., a, b, c, d, e, f, g, h] = *delivery.as_bytes();
    // A parent of zeros is not allowed.
    format!(
        "00-{correlation}-{}-01",
        hex::encode([a | 1, b, c, d, e, f, g, h])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_header() {
        let world = World::real();
        let id = new(&world);
        let header = traceparent(&id, world.new_id());
        assert_eq!(from_traceparent(&header), Some(id));
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
