//! Where else a browser may be sent: one origin, as it is written in settings.

use std::{fmt, str::FromStr};

use axum::http::Uri;
use serde::Serialize;

/// An origin such as `https://codes.example` or `http://127.0.0.1:3040`, written as browsers write
/// theirs: in small letters, without the port that its scheme has anyway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin(String);

/// Why a text names no origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadOrigin {
    written: String,
    why: &'static str,
}

impl fmt::Display for BadOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` names no origin, which is written like https://codes.example or \
             http://127.0.0.1:3040: {}",
            self.written, self.why
        )
    }
}

impl std::error::Error for BadOrigin {}

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = text.trim();
        read(written).map(Self).map_err(|why| BadOrigin {
            written: written.to_owned(),
            why,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn read(written: &str) -> Result<String, &'static str> {
    if written.contains('*') {
        return Err("each origin has to be named; there are no wildcards");
    }
    let uri: Uri = written.parse().map_err(|_| "it is no URL")?;
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        Some("http") => 80,
        _ => return Err("it has to begin with https:// or http://"),
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("it has to name a host");
    };
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err("an origin has no path: it ends with the host and its port");
    }
    if authority.as_str().contains('@') {
        return Err("it must not carry a user name or a password");
    }
    let host = authority.host().to_ascii_lowercase();
    // Nothing else may get into the header that this becomes a part of; that header cannot name
    // IPv6 addresses.
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    if host.is_empty() || !host.chars().all(plain) {
        return Err("its host has to be a name or an IPv4 address, in ASCII");
    }
    let rest = authority.as_str().get(host.len()..).unwrap_or_default();
    match (rest, uri.port_u16()) {
        ("", _) => Ok(format!("{scheme}://{host}")),
        (_, Some(port)) if port == usual => Ok(format!("{scheme}://{host}")),
        (_, Some(port)) if port > 0 => Ok(format!("{scheme}://{host}:{port}")),
        _ => Err("its port has to be a number between 1 and 65535"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        text.parse().ok().map(|origin: Origin| origin.to_string())
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, written) in [
            ("https://codes.example", "https://codes.example"),
            (" https://Codes.Example/ ", "https://codes.example"),
            ("https://codes.example:443", "https://codes.example"),
            ("http://codes.example:80", "http://codes.example"),
            ("http://127.0.0.1:3040", "http://127.0.0.1:3040"),
            ("http://localhost:80443", ""),
        ] {
            assert_eq!(origin(text).unwrap_or_default(), written, "{text}");
        }
    }

    #[test]
    fn whatever_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "codes.example",
            "//codes.example",
            "https:",
            "https://",
            "https://*.example",
            "*",
            "https://codes.example/path",
            "https://codes.example?a=b",
            "https://ada:secret@codes.example",
            "wss://codes.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://codes.example; script-src *",
            "https://codes.example;script-src",
            "https://a,b",
            "https://bücher.example",
            "https://[::1]:3040",
            "https://codes.example:0",
            "https://codes.example:",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_write_instead() {
        let refused = "https://codes.example/list".parse::<Origin>().unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("`https://codes.example/list`"), "{said}");
        assert!(said.contains("no path"), "{said}");
    }
}
