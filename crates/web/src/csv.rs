//! Comma-separated values (RFC 4180).

/// A table as text.
#[derive(Debug)]
pub(crate) struct Csv {
    text: String,
    rows: usize,
}

impl Csv {
    pub(crate) fn new(head: &[&str]) -> Self {
        let mut csv = Self {
            text: String::new(),
            rows: 0,
        };
        csv.line(head);
        csv
    }

    pub(crate) fn row(&mut self, cells: &[&str]) {
        self.line(cells);
        self.rows += 1;
    }

    /// How many rows it has, without the head.
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, cells: &[&str]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.text.push('"');
            // A spreadsheet runs a cell that begins like a formula; an apostrophe makes it text.
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                self.text.push('\'');
            }
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_it_begins_with() {
        let mut csv = Csv::new(&["name"]);
        for cell in ["=1+1", "+1", "-1", "@a", "a,\"b\"\nc", "plain"] {
            csv.row(&[cell]);
        }
        assert_eq!(csv.rows(), 6);
        assert_eq!(
            csv.into_text(),
            "\"name\"\r\n\"'=1+1\"\r\n\"'+1\"\r\n\"'-1\"\r\n\"'@a\"\r\n\"a,\"\"b\"\"\nc\"\r\n\"plain\"\r\n"
        );
    }
}
