//! Usernames: what one may look like, and one made from a person's name.

use storage::{PersonName, fold};

use crate::{Core, error::ApiError};

/// The shortest username.
const SHORTEST: usize = 5;
/// The longest one.
const LONGEST: usize = 30;

/// Whether this may be a username: 5 to 30 of `a-z`, `0-9`, dots and dashes, beginning and ending
/// with a letter or a digit.
pub(super) fn is_username(text: &str) -> bool {
    let alphanumeric = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    (SHORTEST..=LONGEST).contains(&bytes.len())
        && alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes
            .iter()
            .all(|byte| alphanumeric(Some(byte)) || matches!(byte, b'.' | b'-'))
}

/// The username that a name suggests: the initials of the first names and the surname, such as
/// `jd.blam-smith`. Zeros fill up a short one.
pub(super) fn suggested(name: &PersonName) -> String {
    let initials: String = name
        .firstname
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .collect();
    let (initials, surname) = (plain(&initials), plain(&name.surname));
    let dot = if initials.is_empty() || surname.is_empty() {
        ""
    } else {
        "."
    };
    let mut username = format!("{initials}{dot}{surname}");
    while username.len() < SHORTEST {
        username.push('0');
    }
    shortened(&username, LONGEST).to_owned()
}

/// The suggested username, with a number behind it where that is taken.
///
/// # Errors
/// The store's failure.
pub(super) async fn free(core: &Core, name: &PersonName) -> Result<String, ApiError> {
    let suggested = suggested(name);
    let mut number = 0_u32;
    loop {
        let candidate = numbered(&suggested, number);
        if core.store.user_to_sign_in(&candidate).await?.is_none() {
            return Ok(candidate);
        }
        number += 1;
    }
}

/// Whether a username is what [`free`] would make of a name.
pub(super) fn is_made_from(username: &str, name: &PersonName) -> bool {
    let suggested = suggested(name);
    let digits = username.len()
        - username
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .len();
    let ends = (0..=digits).filter_map(|count| username.get(username.len() - count..));
    username == suggested
        || ends
            .filter_map(|end| end.parse::<u32>().ok())
            .any(|number| number > 0 && numbered(&suggested, number) == username)
}

fn numbered(suggested: &str, number: u32) -> String {
    if number == 0 {
        return suggested.to_owned();
    }
    let number = number.to_string();
    let kept = shortened(suggested, LONGEST.saturating_sub(number.len()));
    format!("{kept}{number}")
}

/// The beginning of an ASCII text, ending with a letter or a digit.
fn shortened(text: &str, longest: usize) -> &str {
    text.get(..longest)
        .unwrap_or(text)
        .trim_end_matches(['.', '-'])
}

/// What a username can show of a text: no accents, nothing but `a-z`, `0-9`, dots and dashes.
fn plain(text: &str) -> String {
    let shown: String = fold(text)
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        .collect();
    shown.trim_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(firstname: &str, surname: &str) -> PersonName {
        PersonName {
            firstname: firstname.to_owned(),
            surname: surname.to_owned(),
        }
    }

    #[test]
    fn usernames_are_plain() {
        for good in ["c.lungu", "k-m.01", "12345"] {
            assert!(is_username(good), "{good}");
        }
        for bad in [
            "abcd",
            ".lungu",
            "lungu.",
            "C.Lungu",
            "c lungu",
            "çlungu",
            &"a".repeat(31),
        ] {
            assert!(!is_username(bad), "{bad}");
        }
    }

    #[test]
    fn a_name_suggests_a_username() {
        for (first, last, expected) in [
            ("Jane Doevette", "Blam-Smith", "jd.blam-smith"),
            ("Éva", "Núñez Ó", "e.nunezo"),
            ("J", "Li", "j.li0"),
            ("", "Mweene", "mweene"),
            ("Amina", "", "a0000"),
            ("أمينة", "محمد", "00000"),
            ("B", "-.Long.-", "b.long"),
        ] {
            let suggested = suggested(&name(first, last));
            assert_eq!(suggested, expected);
            assert!(is_username(&suggested), "{suggested}");
        }
        let long = suggested(&name("A", &format!("{}-{}", "b".repeat(27), "c".repeat(9))));
        assert_eq!(long, format!("a.{}", "b".repeat(27)));
    }

    #[test]
    fn a_username_with_a_number_is_still_made_from_the_name() {
        let jane = name("Jane", "Smith");
        for made in ["j.smith", "j.smith1", "j.smith12"] {
            assert!(is_made_from(made, &jane), "{made}");
        }
        for other in ["j.smithy", "j.smith0", "b.smith", "smith", "é1"] {
            assert!(!is_made_from(other, &jane), "{other}");
        }
        let long = name("A", &"b".repeat(40));
        assert!(is_made_from(&numbered(&suggested(&long), 7), &long));
        assert_eq!(numbered(&suggested(&long), 17).len(), LONGEST);
    }
}
