//! What the demo writes in the terminal: colours only where there is one.

use std::{
    fmt::Display,
    io::{IsTerminal as _, stdout},
};

/// Writes to standard output.
#[derive(Debug, Clone, Copy)]
pub struct Say {
    colours: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "31";

impl Say {
    /// To the terminal, or plainly to whatever else standard output is.
    #[must_use]
    pub fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colours: wanted && stdout().is_terminal(),
        }
    }

    /// A heading.
    pub fn heading(self, text: impl Display) {
        println!("\n{}", self.paint(BOLD, text));
    }

    /// Something that was done and found true.
    pub fn held(self, text: impl Display) {
        println!("  {} {text}", self.paint(GREEN, "✓"));
    }

    /// Something that turned out otherwise.
    pub fn failed(self, text: impl Display) {
        println!("  {} {text}", self.paint(RED, "✗"));
    }

    /// Something that befalls the system.
    pub fn happens(self, text: impl Display) {
        println!("  {} {text}", self.paint(YELLOW, "!"));
    }

    /// A call that is made.
    pub fn call(self, what: impl Display) {
        println!("    {}", self.paint(DIM, format_args!("→ {what}")));
    }

    /// What came back.
    pub fn answer(self, what: impl Display) {
        println!("    {}", self.paint(DIM, format_args!("← {what}")));
    }

    /// Anything else.
    pub fn line(self, text: impl Display) {
        println!("  {text}");
    }

    fn paint(self, colour: &str, text: impl Display) -> String {
        if self.colours {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_text_goes_to_what_is_no_terminal() {
        assert_eq!(Say { colours: false }.paint(GREEN, "✓"), "✓");
        assert_eq!(Say { colours: true }.paint(GREEN, "✓"), "\x1b[32m✓\x1b[0m");
    }
}
