//! What a request says of the form it wants, and of what it has.

use axum::http::{HeaderMap, header};

/// How a file may be packed; the build leaves packed ones beside the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// Smallest first.
    const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// As HTTP names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What is added to the name of a file that is packed so.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }
}

/// The codings that a client takes, the best for us first.
pub(crate) fn accepted(headers: &HeaderMap) -> Vec<Coding> {
    let takes = |coding: &Coding| {
        items(headers, &header::ACCEPT_ENCODING).any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().unwrap_or_default();
            named.eq_ignore_ascii_case(coding.name()) && !parts.any(is_never)
        })
    };
    Coding::ALL.into_iter().filter(takes).collect()
}

/// Whether a parameter says that the coding is not wanted: `q=0`, however many zeros it has.
fn is_never(parameter: &str) -> bool {
    let weight = parameter
        .split_once('=')
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    weight.is_some_and(|(_, weight)| weight.trim().parse() == Ok(0.0_f32))
}

/// Whether the client has what carries this entity tag.
pub(crate) fn has(headers: &HeaderMap, tag: &str) -> bool {
    items(headers, &header::IF_NONE_MATCH)
        .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

/// What a header lists, in as many headers as there are of it.
fn items<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let each = headers.get_all(name).into_iter();
    each.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_coding_is_taken_unless_it_is_worth_nothing() {
        let takes = |text: &str| accepted(&headers(header::ACCEPT_ENCODING, text));
        assert_eq!(takes("gzip, deflate, br"), [Coding::Brotli, Coding::Gzip]);
        assert_eq!(takes("br;q=0, gzip;q=0.5"), [Coding::Gzip]);
        assert_eq!(takes("br ; q=0.000"), []);
        assert_eq!(takes("identity"), []);
        assert_eq!(accepted(&HeaderMap::new()), []);
    }

    #[test]
    fn one_of_several_tags_may_be_the_right_one() {
        let known = |text: &str| has(&headers(header::IF_NONE_MATCH, text), "\"a\"");
        assert!(known("\"a\"") && known("\"b\", W/\"a\"") && known("*"));
        assert!(!known("\"b\"") && !known("a"));
    }
}
