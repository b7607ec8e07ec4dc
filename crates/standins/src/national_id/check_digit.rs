//! The check digit of a national ID, after J. Verhoeff: it catches every single wrong digit and
//! every swap of neighbours, which are most of the mistakes people make when copying numbers.
//!
//! The tables of his scheme are computed rather than listed: multiplication in the symmetries of a
//! pentagon (0–4 turn it, 5–9 flip it), and a permutation applied once more at each place.

/// The permutation of Verhoeff's scheme, applied to a digit once per place.
const PERMUTED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// One symmetry of the pentagon after another.
const fn multiply(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// What undoes a symmetry: flips undo themselves.
const fn inverse(a: u8) -> u8 {
    if a < 5 { (5 - a) % 5 } else { a }
}

fn permuted(digit: u8, times: usize) -> u8 {
    // The permutation comes back to where it began after eight steps.
    (0..times % 8).fold(digit, |digit, _| PERMUTED[usize::from(digit % 10)])
}

fn fold(digits: impl DoubleEndedIterator<Item = u8>, first_place: usize) -> u8 {
    digits.rev().enumerate().fold(0, |so_far, (place, digit)| {
        multiply(so_far, permuted(digit, place + first_place))
    })
}

/// The digit to append to `digits` (each 0–9).
pub(super) fn check_digit(digits: &[u8]) -> u8 {
    inverse(fold(digits.iter().copied(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_valid(digits: &[u8]) -> bool {
        fold(digits.iter().copied(), 0) == 0
    }

    #[test]
    fn the_known_example_has_its_known_check_digit() {
        assert_eq!(check_digit(&[2, 3, 6]), 3);
    }

    #[test]
    fn every_single_wrong_digit_and_every_swap_of_neighbours_is_caught() {
        let mut number = vec![4, 0, 7, 1, 1, 9, 3, 5, 2];
        number.push(check_digit(&number));
        assert!(is_valid(&number));
        for place in 0..number.len() {
            for digit in (0..10).filter(|digit| *digit != number[place]) {
                let mut wrong = number.clone();
                wrong[place] = digit;
                assert!(!is_valid(&wrong));
            }
            if place > 0 && number[place] != number[place - 1] {
                let mut swapped = number.clone();
                swapped.swap(place, place - 1);
                assert!(!is_valid(&swapped));
            }
        }
    }
}
