//! Tables, for a terminal and for Markdown.

/// A heading, rows below it, and what is to be said of them.
pub struct Table {
    pub title: String,
    pub note: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Columns of words, at the left; numbers follow.
    words: usize,
}

impl Table {
    /// Columns of words, then columns of numbers.
    pub fn new(title: impl Into<String>, note: impl Into<String>, words: &[&str], numbers: &[&str]) -> Self {
        let head = words.iter().chain(numbers).map(|&cell| cell.to_owned()).collect();
        Self { title: title.into(), note: note.into(), head, rows: Vec::new(), words: words.len() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = std::iter::once(&self.head).chain(&self.rows).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.head.len()).map(width).collect()
    }

    /// Aligned, without the note.
    pub fn to_text(&self) -> String {
        let mut text = format!("\n{}\n", self.title);
        let widths = self.widths();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if column < self.words { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    /// With the note above.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("\n## {}\n\n", self.title);
        if !self.note.is_empty() {
            text += &format!("{}\n\n", self.note);
        }
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        text += &line(&self.head);
        let rules: Vec<String> =
            (0..self.head.len()).map(|i| if i < self.words { "---" } else { "---:" }.to_owned()).collect();
        text += &line(&rules);
        self.rows.iter().for_each(|row| text += &line(row));
        text
    }
}
