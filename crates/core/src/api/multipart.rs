//! Forms with files in them (RFC 7578), out of a body that is in memory: the parts are pieces of
//! it, and nothing is copied. Small enough to need nobody else's code, and bounded in all it does.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};

use crate::error::{ApiError, ErrorCode};

/// A form has no more parts.
const MOST_PARTS: usize = 16;
/// What stands above a part is no longer.
const LONGEST_HEAD: usize = 8 * 1024;
/// A boundary is no longer (RFC 2046).
const LONGEST_BOUNDARY: usize = 70;

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The field's name.
    pub(super) name: String,
    /// The file's name, where it is one.
    pub(super) file_name: Option<String>,
    /// What it holds.
    pub(super) content: Bytes,
}

/// What a request's parts are told apart by, when it is such a form.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary").unwrap_or_default();
    Some(boundary)
}

/// The parts of a form.
///
/// # Errors
/// 400 for what is none, or is cut off.
pub(super) fn parts(boundary: &str, body: &Bytes) -> Result<Vec<Part>, ApiError> {
    if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
        return Err(broken("it names no boundary"));
    }
    let delimiter = format!("\r\n--{boundary}");
    let opening = delimiter.trim_start().as_bytes();
    // The first delimiter may begin the body; something may also stand above it.
    let mut at = if body.starts_with(opening) {
        opening.len()
    } else {
        let found = find(body, delimiter.as_bytes()).ok_or_else(|| broken("it has no parts"))?;
        found + delimiter.len()
    };
    let mut parts = Vec::new();
    loop {
        let rest = body.slice(at.min(body.len())..);
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        if parts.len() == MOST_PARTS {
            return Err(broken("it has too many parts"));
        }
        // Spaces may stand behind a delimiter.
        let line_end = find(&rest, b"\r\n").ok_or_else(|| broken("it is cut off"))?;
        // The empty line may follow at once: a part without a head.
        let rest = rest.slice(line_end..);
        let head_end = find(&rest, b"\r\n\r\n").filter(|end| *end <= LONGEST_HEAD);
        let head_end = head_end.ok_or_else(|| broken("a part of it has no end of its head"))?;
        let (head, content) = (rest.slice(..head_end), rest.slice(head_end + 4..));
        let end = if content.starts_with(opening) {
            // Nothing in it, not even a line.
            return Err(broken("a part of it has no content"));
        } else {
            find(&content, delimiter.as_bytes()).ok_or_else(|| broken("it is cut off"))?
        };
        parts.push(part(&head, content.slice(..end))?);
        at += line_end + head_end + 4 + end + delimiter.len();
    }
}

fn part(head: &[u8], content: Bytes) -> Result<Part, ApiError> {
    let head = String::from_utf8_lossy(head);
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    });
    let disposition = disposition.unwrap_or_default();
    let name = parameter(disposition, "name").ok_or_else(|| broken("a part of it has no name"))?;
    // How browsers write a quote and an end of line within a name.
    let plain = |text: String| text.replace("%22", "\"").replace("%0D%0A", " ");
    Ok(Part {
        name: plain(name),
        file_name: parameter(disposition, "filename").map(plain),
        content,
    })
}

/// A parameter of a header's value, quoted or not.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    while !rest.is_empty() {
        let (name, after) = match rest.find(['=', ';']) {
            Some(at) => (rest.get(..at)?, rest.get(at..)?),
            None => return None,
        };
        let Some(after) = after.strip_prefix('=') else {
            rest = after.strip_prefix(';').unwrap_or_default();
            continue;
        };
        let (text, left) = text(after);
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = left;
    }
    None
}

/// The text at the beginning, and what follows the next semicolon.
fn text(value: &str) -> (String, &str) {
    let beyond = |rest: &'_ str| rest.find(';').map_or(rest.len(), |at| at + 1);
    let value = value.trim_start();
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find(';').unwrap_or(value.len());
        let (text, rest) = value.split_at(end);
        return (
            text.trim().to_owned(),
            rest.strip_prefix(';').unwrap_or(rest),
        );
    };
    let mut text = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let rest = quoted.get(at + 1..).unwrap_or_default();
                return (text, rest.get(beyond(rest)..).unwrap_or_default());
            }
            // Of a path (old browsers sent some), only a quote is ever written so.
            '\\' if quoted
                .get(at + 1..)
                .is_some_and(|rest| rest.starts_with('"')) =>
            {
                letters.next();
                text.push('"');
            }
            letter => text.push(letter),
        }
    }
    (text, "")
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    let (first, rest) = what.split_first()?;
    let mut from = 0;
    loop {
        let ahead = within.get(from..)?;
        let at = from + ahead.iter().position(|byte| byte == first)?;
        if within.get(at + 1..)?.starts_with(rest) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn broken(how: &str) -> ApiError {
    ApiError::new(
        ErrorCode::BadRequest,
        format!("The body is no multipart/form-data: {how}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Part>, ApiError> {
        parts("xyz", &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn a_form_is_taken_apart() {
        let form = "--xyz\r\nContent-Disposition: form-data; name=\"transactionId\"\r\n\r\nabc\r\n\
            --xyz\r\ncontent-disposition: form-data; name=file; filename=\"a \\\"b\\\"; ñ.png\"\r\n\
            Content-Type: image/png\r\n\r\n\x01\r\n--xy\r\n\r\n--xyz--\r\nignored";
        let parts = read(form).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (&*parts[0].name, &*parts[0].content),
            ("transactionId", &b"abc"[..])
        );
        assert_eq!(parts[0].file_name, None);
        assert_eq!(parts[1].name, "file");
        assert_eq!(parts[1].file_name.as_deref(), Some("a \"b\"; ñ.png"));
        assert_eq!(&*parts[1].content, b"\x01\r\n--xy\r\n");
    }

    #[test]
    fn an_empty_file_is_a_part_without_content() {
        let form = "above\r\n--xyz \r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\
            \r\n--xyz--";
        let parts = read(form).unwrap();
        assert_eq!((parts.len(), parts[0].content.len()), (1, 0));
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let whole = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--xyz--";
        assert!(read(whole).is_ok());
        for end in 0..whole.len() - 2 {
            assert!(read(&whole[..end]).is_err(), "{end}");
        }
        for broken in ["", "--xyz--no", "--xyz\r\n\r\n\r\nb\r\n--xyz--"] {
            let read = read(broken);
            assert!(read.is_err() || read.unwrap().is_empty(), "{broken}");
        }
        let many = format!("{}--xyz--", whole.trim_end_matches("--xyz--").repeat(17));
        assert!(read(&many).is_err());
    }

    #[test]
    fn a_form_says_what_its_parts_are_told_apart_by() {
        let of = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
            boundary(&headers)
        };
        let found = of("multipart/form-data; charset=utf-8; boundary=\"a b\"");
        assert_eq!(found.as_deref(), Some("a b"));
        let found = of("Multipart/Form-Data; boundary=----x");
        assert_eq!(found.as_deref(), Some("----x"));
        assert_eq!(of("multipart/form-data").as_deref(), Some(""));
        assert_eq!(of("application/json"), None);
    }
}
