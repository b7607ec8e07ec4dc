//! Regular expressions as configuration writes them: JavaScript's, with Unicode on.
//!
//! The engine here reads almost the same language. What differs is rewritten: the shorthand
//! classes are ASCII in JavaScript, the dot stops at four line ends, and brackets and doubled
//! signs inside a class are plain characters there and set operations here.

use fancy_regex::{Regex, RegexBuilder};

use crate::ConfigError;

/// How many steps a pattern with look-around may take before it counts as not matching.
const STEPS: usize = 200_000;
/// How large, in bytes, a compiled pattern may grow.
const SIZE: usize = 1 << 20;

/// `\b` and `\B` where a word is made of ASCII.
const WORD_EDGE: &str = "(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))";
const NO_WORD_EDGE: &str =
    "(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))";

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles what configuration wrote.
    ///
    /// # Errors
    /// When it is no pattern, or too large a one.
    pub fn compile(written: &str) -> Result<Self, ConfigError> {
        RegexBuilder::new(&translate(written))
            .backtrack_limit(STEPS)
            .delegate_size_limit(SIZE)
            .delegate_dfa_size_limit(SIZE)
            .build()
            .map(Self)
            .map_err(|why| ConfigError::new(format!("not a usable regular expression: {why}")))
    }

    /// Whether the pattern is found anywhere in the text. Running out of steps counts as no.
    #[must_use]
    pub fn is_found_in(&self, text: &str) -> bool {
        self.0.is_match(text).unwrap_or(false)
    }
}

fn translate(written: &str) -> String {
    let mut out = String::with_capacity(written.len() + 16);
    let mut signs = written.chars().peekable();
    let mut in_class = false;
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => escape(signs.next(), in_class, &mut out),
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                if signs.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if signs.next_if_eq(&']').is_some() {
                    // An empty class matches nothing, its complement anything.
                    in_class = false;
                    let negated = out.ends_with('^');
                    out.truncate(out.len() - 1 - usize::from(negated));
                    out.push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(sign);
            }
            '-' if in_class && (out.ends_with('-') || signs.peek() == Some(&'-')) => {
                out.push_str("\\-");
            }
            '.' if !in_class => out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            // End of input only; some engines also stop before a last line end.
            '$' if !in_class => out.push_str(r"\z"),
            _ => out.push(sign),
        }
    }
    out
}

fn escape(escaped: Option<char>, in_class: bool, out: &mut String) {
    let class = |inner: &str, out: &mut String| {
        if in_class {
            out.push_str(inner);
        } else {
            out.push('[');
            out.push_str(inner);
            out.push(']');
        }
    };
    match escaped {
        Some('d') => class("0-9", out),
        Some('w') => class("A-Za-z0-9_", out),
        Some('s') => class(r"\s\u{FEFF}", out),
        Some('D') => out.push_str("[^0-9]"),
        Some('W') => out.push_str("[^A-Za-z0-9_]"),
        Some('S') => out.push_str(r"[^\s\u{FEFF}]"),
        Some('/') => out.push('/'),
        Some('b') if in_class => out.push_str(r"\x08"),
        Some('b') => out.push_str(WORD_EDGE),
        Some('B') => out.push_str(NO_WORD_EDGE),
        Some(sign) => {
            out.push('\\');
            out.push(sign);
        }
        None => out.push('\\'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern).unwrap().is_found_in(text)
    }

    #[test]
    fn patterns_are_searched_for_anywhere() {
        assert!(found("b", "abc"));
        assert!(!found("^b", "abc"));
    }

    #[test]
    fn shorthand_classes_are_ascii() {
        assert!(found(r"^\d+$", "123"));
        assert!(!found(r"^\d+$", "\u{661}\u{662}"));
        assert!(!found(r"^\w$", "é"));
        assert!(found(r"^[\d-]+$", "1-2"));
        assert!(found(r"\bab\b", "x ab y"));
        assert!(!found(r"\bab\b", "cab"));
        assert!(found(r"^[^\D]\/\u0041$", "7/A"));
    }

    #[test]
    fn the_end_is_the_very_end() {
        assert!(!found("^a$", "a\n"));
        assert!(!found("^.$", "\r"));
    }

    #[test]
    fn signs_inside_a_class_are_plain() {
        assert!(found("^[[&~]+$", "[&~"));
        assert!(found(r"^[\p{Script=Latin}0-9'.-]+$", "Ó'Neill-1."));
        assert!(!found("[]", "a"));
        assert!(found("[^]", "\n"));
        assert!(found(r"^a(?=b)", "ab"));
    }

    #[test]
    fn broken_and_huge_patterns_are_refused() {
        for pattern in ["(", "a**", "\\", "[", "((((a{99}){99}){99}){99}){99}"] {
            assert!(Pattern::compile(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_never_ends_is_cut_off() {
        assert!(!found(r"^(a+)+(?=b)\1$", &"a".repeat(40)));
    }
}
