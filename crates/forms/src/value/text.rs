//! The shapes of text that fields ask for.

/// `HH:MM`, on the clock of 24 hours.
pub(super) fn is_time(text: &str) -> bool {
    let two = |digits: &str, below: u8| {
        digits.len() == 2
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && digits.parse::<u8>().is_ok_and(|number| number < below)
    };
    text.split_once(':')
        .is_some_and(|(hours, minutes)| two(hours, 24) && two(minutes, 60))
}

/// An address people have, stricter than the mail standards.
pub(super) fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let name_sign = |sign: u8| sign.is_ascii_alphanumeric() || b"_'+-.".contains(&sign);
    let name_fits = name.bytes().all(name_sign)
        && !name.starts_with('.')
        && !text.contains("..")
        && name
            .bytes()
            .last()
            .is_some_and(|sign| !b"'.".contains(&sign));
    let label = |label: &str| {
        label.starts_with(|sign: char| sign.is_ascii_alphanumeric())
            && label
                .bytes()
                .all(|sign| sign.is_ascii_alphanumeric() || sign == b'-')
    };
    let top =
        |label: &str| label.len() >= 2 && label.bytes().all(|sign| sign.is_ascii_alphabetic());
    let domain_fits = domain
        .rsplit_once('.')
        .is_some_and(|(labels, last)| labels.split('.').all(label) && top(last));
    name_fits && domain_fits
}

/// The versions and variants that exist, the nil and the max UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    let shaped = text.len() == 36
        && text.bytes().enumerate().all(|(at, sign)| match at {
            8 | 13 | 18 | 23 => sign == b'-',
            _ => sign.is_ascii_hexdigit(),
        });
    let sign = |at: usize| text.as_bytes().get(at).copied().unwrap_or_default();
    let versioned = matches!(sign(14), b'1'..=b'8')
        && matches!(sign(19).to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b');
    let all = |digit: u8| text.bytes().all(|sign| sign == b'-' || sign == digit);
    shaped && (versioned || all(b'0') || all(b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_on_the_clock() {
        assert!(["00:00", "23:59"].into_iter().all(is_time));
        assert!(
            !["24:00", "7:30", "07:60", "+7:30", "07:30:00", ""]
                .into_iter()
                .any(is_time)
        );
    }

    #[test]
    fn mail_addresses_have_a_name_and_a_domain() {
        assert!(
            ["ann.lee+1@example.org", "a@b-c.d.co"]
                .into_iter()
                .all(is_email)
        );
        let wrong = [
            "ann",
            "ann@lee",
            "@b.co",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "a@b.c",
            "a@-b.co",
        ];
        assert!(!wrong.into_iter().any(is_email));
    }

    #[test]
    fn uuids_are_of_a_version_that_exists() {
        assert!(is_uuid("9c77178e-8f08-4dc7-9a3b-2a0a42f9517a"));
        assert!(is_uuid("00000000-0000-0000-0000-000000000000"));
        assert!(!is_uuid("9c77178e-8f08-9dc7-9a3b-2a0a42f9517a"));
        assert!(!is_uuid("9c77178e-8f08-4dc7-7a3b-2a0a42f9517a"));
        assert!(!is_uuid(""));
    }
}
