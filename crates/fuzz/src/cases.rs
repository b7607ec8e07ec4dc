//! The bytes of a case, from a seed and the case's number.

use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};

/// A case decides little when it is short, and is understood quickly; longer ones go further.
const LONGEST: usize = 4096;

/// The bytes of case `number`: the same ones for the same seed, whatever came before.
pub(crate) fn bytes(seed: u64, number: u64) -> Vec<u8> {
    // Cases far apart for seeds and numbers side by side.
    let start = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(number)
        .wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut chance = StdRng::seed_from_u64(start);
    let length = 16 << chance.random_range(0..=8_u32);
    let mut bytes = vec![0; chance.random_range(16..=length.clamp(16, LONGEST))];
    chance.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_cases() {
        assert_eq!(bytes(1, 7), bytes(1, 7));
        assert_ne!(bytes(1, 7), bytes(1, 8));
        assert_ne!(bytes(1, 7), bytes(2, 7));
        assert!((0..500).all(|number| (16..=LONGEST).contains(&bytes(3, number).len())));
    }
}
