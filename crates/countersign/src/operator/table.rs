//! Tables for people: columns stand under each other, and a line stays within the window.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::on_one_line;

/// Between columns.
const GAP: &str = "  ";
/// A column that is cut keeps at least this much.
const LEAST: usize = 12;

/// A table that is filled row by row.
#[derive(Debug)]
pub struct Table {
    titles: Vec<&'static str>,
    right: Vec<&'static str>,
    cut: Option<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(titles: &[&'static str]) -> Self {
        Self {
            titles: titles.to_vec(),
            right: Vec::new(),
            cut: None,
            rows: Vec::new(),
        }
    }

    /// These columns hold numbers: they are aligned at their right.
    #[must_use]
    pub fn right(mut self, titles: &[&'static str]) -> Self {
        self.right.extend(titles);
        self
    }

    /// This column is cut when a line would be longer than the window is wide.
    #[must_use]
    pub fn cut(mut self, title: &'static str) -> Self {
        self.cut = Some(title);
        self
    }

    /// Adds a row, a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<String> = cells.into_iter().map(|cell| on_one_line(&cell)).collect();
        cells.resize(self.titles.len(), String::new());
        self.rows.push(cells);
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table, made for the window that standard output is shown in; as wide as it needs to be
    /// where that is none.
    #[must_use]
    pub fn print(&self) -> String {
        let window = terminal_size::terminal_size_of(std::io::stdout());
        self.print_within(window.map(|(width, _)| usize::from(width.0)))
    }

    fn print_within(&self, window: Option<usize>) -> String {
        let mut widths: Vec<usize> = self.titles.iter().map(|title| title.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let all = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        let too_much = window.map_or(0, |window| all.saturating_sub(window));
        for (title, width) in self.titles.iter().zip(&mut widths) {
            if self.cut == Some(title) {
                *width = width.saturating_sub(too_much).max(LEAST.min(*width));
            }
        }
        let titles: Vec<String> = self
            .titles
            .iter()
            .map(|title| (*title).to_owned())
            .collect();
        let mut text = String::new();
        for row in std::iter::once(&titles).chain(&self.rows) {
            let mut line = String::new();
            for ((cell, width), title) in row.iter().zip(&widths).zip(&self.titles) {
                let cell = fit(cell, *width);
                let space = " ".repeat(width.saturating_sub(cell.width()));
                if !line.is_empty() {
                    line.push_str(GAP);
                }
                if self.right.contains(title) {
                    line.push_str(&space);
                    line.push_str(&cell);
                } else {
                    line.push_str(&cell);
                    line.push_str(&space);
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// The text, cut to this width.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut left = width.saturating_sub(1);
    for letter in text.chars() {
        let wide = letter.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        kept.push(letter);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["KIND", "TRIED", "WHY"])
            .right(&["TRIED"])
            .cut("WHY");
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        table.row(row(["REGISTER", "12", "country config answered 500"]));
        table.row(row(["user/2fa", "1", ""]));
        table
    }

    #[test]
    fn columns_stand_under_each_other() {
        let expected = "KIND      TRIED  WHY\n\
                        REGISTER     12  country config answered 500\n\
                        user/2fa      1\n";
        assert_eq!(table().print_within(None), expected);
    }

    #[test]
    fn a_line_is_cut_to_the_window() {
        let expected = "KIND      TRIED  WHY\n\
                        REGISTER     12  country confi…\n\
                        user/2fa      1\n";
        assert_eq!(table().print_within(Some(31)), expected);
    }

    #[test]
    fn wide_letters_take_the_room_they_take() {
        let mut table = Table::new(&["A", "B"]);
        table.row(["登記".to_owned(), "x".to_owned()]);
        assert_eq!(table.print_within(None), "A     B\n登記  x\n");
    }

    #[test]
    fn nothing_in_a_cell_reaches_the_terminal_as_a_command() {
        let mut table = Table::new(&["A"]);
        table.row(["\u{1b}[2J\nx".to_owned()]);
        assert_eq!(table.print_within(None), "A\n\u{fffd}[2J x\n");
    }
}
