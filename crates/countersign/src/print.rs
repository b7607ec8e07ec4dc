//! What commands print for other programs to read.

use std::io::{self, ErrorKind, Write as _};

/// Prints to standard output. A reader that has seen enough and closed it is no error.
///
/// # Errors
/// When the output cannot be written.
pub fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
