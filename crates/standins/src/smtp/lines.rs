//! Lines from a stream, none longer than allowed.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// What came next on the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, without its ending.
    Whole {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it ended in CR LF, as SMTP wants. Only such a line can end a message:
        /// otherwise a bare LF would let one mail smuggle in another.
        proper: bool,
    },
    /// Longer than allowed; its rest was read away.
    TooLong,
    /// The other side is done.
    End,
}

/// The next line of at most `limit` bytes.
pub(super) async fn next(
    stream: &mut (impl AsyncBufRead + Unpin),
    limit: usize,
) -> io::Result<Line> {
    let mut bytes = Vec::new();
    let mut too_long = false;
    loop {
        let buffer = stream.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(Line::End);
        }
        let newline = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..newline.unwrap_or(buffer.len())];
        // One more than allowed: the CR of the ending does not count.
        too_long |= bytes.len() + part.len() > limit + 1;
        if !too_long {
            bytes.extend_from_slice(part);
        }
        let used = part.len() + usize::from(newline.is_some());
        stream.consume(used);
        if newline.is_some() {
            break;
        }
    }
    if too_long {
        return Ok(Line::TooLong);
    }
    let proper = bytes.last() == Some(&b'\r');
    if proper {
        bytes.pop();
    }
    Ok(Line::Whole { bytes, proper })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_cut_at_lf_and_say_whether_they_ended_properly() {
        let mut stream = &b"EHLO me\r\nbare\nunfinished"[..];
        let whole = |text: &str, proper| Line::Whole {
            bytes: text.into(),
            proper,
        };
        assert_eq!(
            next(&mut stream, 100).await.unwrap(),
            whole("EHLO me", true)
        );
        assert_eq!(next(&mut stream, 100).await.unwrap(), whole("bare", false));
        assert_eq!(next(&mut stream, 100).await.unwrap(), Line::End);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_skipped_and_the_next_one_is_read() {
        let mut stream = &b"0123456789\r\n01234\r\n"[..];
        assert_eq!(next(&mut stream, 5).await.unwrap(), Line::TooLong);
        let Line::Whole { bytes, .. } = next(&mut stream, 5).await.unwrap() else {
            panic!()
        };
        assert_eq!(bytes, b"01234");
    }
}
