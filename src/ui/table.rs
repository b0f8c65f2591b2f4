//! Tables without boxes: aligned columns that fit the width. Where the width cannot hold that many columns, each row
//! becomes a list of heads with their values.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle};
use unicode_width::UnicodeWidthStr;

use super::sanitize::{clean, clean_line};
use super::style::Style;

/// The least width a column is worth drawing at.
const LEAST_COLUMN: usize = 6;
/// Spaces between two columns.
const GAP: usize = 2;
/// What the rule under the heads is made of.
const RULE: char = '─';

/// Heads and rows of cells; every cell is sanitised when the table is drawn.
#[derive(Clone, Debug, Default)]
pub struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    alignments: Vec<CellAlignment>,
    whole: Vec<usize>,
}

impl Table {
    /// A table with these heads.
    pub fn new<Head: Into<String>>(heads: impl IntoIterator<Item = Head>) -> Self {
        Self { heads: heads.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Aligns these columns, counted from 0, to the right, as numbers want it.
    #[must_use]
    pub fn right(mut self, columns: &[usize]) -> Self {
        for column in columns {
            self.align(*column, CellAlignment::Right);
        }
        self
    }

    /// Never wraps these columns, counted from 0: names that a reader copies.
    #[must_use]
    pub fn whole(self, columns: &[usize]) -> Self {
        Self { whole: columns.to_vec(), ..self }
    }

    /// Aligns one column, counted from 0.
    pub(super) fn align(&mut self, column: usize, alignment: CellAlignment) {
        let columns = self.alignments.len().max(column + 1);
        self.alignments.resize(columns, CellAlignment::Left);
        self.alignments[column] = alignment;
    }

    /// Appends a row. It may be shorter or longer than the heads.
    pub fn row<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The drawn table, each line ended. With a `width`, for a terminal: a rule under the heads, cells wrapped so that no
    /// line is wider. Without one, for files and pipes: one line for each row.
    pub fn render(&self, width: Option<usize>, color: bool) -> String {
        let columns = self.columns();
        match width {
            _ if columns == 0 => String::new(),
            None => self.draw(None, color),
            Some(width) if self.least_width() <= width || self.fits(width) => self.draw(Some(width), color),
            Some(width) => self.list(width, color),
        }
    }

    fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).chain([self.heads.len()]).max().unwrap_or(0)
    }

    /// The least width at which columns are worth drawing.
    fn least_width(&self) -> usize {
        let least = |column: usize| if self.whole.contains(&column) { self.content(column) } else { LEAST_COLUMN };
        (0..self.columns()).map(|column| least(column) + GAP).sum::<usize>().saturating_sub(GAP)
    }

    /// The width of a column's widest cell.
    fn content(&self, column: usize) -> usize {
        let cells = self.rows.iter().chain([&self.heads]).filter_map(|row| row.get(column));
        cells.map(|cell| clean_line(cell).width()).max().unwrap_or(0)
    }

    /// Whether the table is that narrow of itself.
    pub fn fits(&self, width: usize) -> bool {
        self.draw(None, false).lines().all(|line| line.width() <= width)
    }

    fn draw(&self, width: Option<usize>, color: bool) -> String {
        let mut table = comfy_table::Table::new();
        table.set_content_arrangement(ContentArrangement::Disabled);
        let mut style = NOTHING.content_lines(ContentLineStyle::none().junction(' '));
        if let Some(width) = width {
            style = style.header_separator(LineStyle::none().fill(RULE).junction(' '));
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        }
        table.load_style(style);
        let cell = if width.is_some() { clean } else { clean_line };
        let columns = self.columns();
        let padded = |cells: &[String]| {
            let mut cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
            cells.resize(columns, String::new());
            cells
        };
        table.set_header(padded(&self.heads));
        table.add_rows(self.rows.iter().map(|row| padded(row)));
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, u16::from(index + 1 < columns)));
            if width.is_some() && self.whole.contains(&index) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            column.set_cell_alignment(self.alignments.get(index).copied().unwrap_or(CellAlignment::Left));
        }
        set_off_heads(&table.trim_fmt(), width.is_some(), color)
    }

    /// Each row as lines of head and value, with an empty line between rows; a cell without text has none.
    fn list(&self, width: usize, color: bool) -> String {
        let heads: Vec<String> = self.heads.iter().map(|head| clean_line(head)).collect();
        if self.rows.is_empty() {
            return heads.join("\n") + "\n";
        }
        let indent = heads.iter().map(|head| head.width() + GAP).max().unwrap_or(0);
        let line = |(index, value): (usize, &String)| {
            let head = heads.get(index).map_or("", String::as_str);
            let value = clean_line(value);
            let room = width.saturating_sub(indent);
            // What has no room beside its head stands below it, a name whole, where a reader can copy it.
            let is_narrow = room * 2 < width || value.split(' ').any(|word| word.width() > room);
            if value.width() > room && is_narrow {
                let value = wrapped(&value, width.saturating_sub(GAP), GAP);
                return format!("{}\n{}{value}\n", Style::BOLD.paint(head, color), " ".repeat(GAP));
            }
            let value = wrapped(&value, room, indent);
            let blanks = " ".repeat(indent.saturating_sub(head.width()));
            format!("{}{blanks}{value}\n", Style::BOLD.paint(head, color))
        };
        let said = |(_, value): &(usize, &String)| !value.trim().is_empty();
        let row = |row: &Vec<String>| row.iter().enumerate().filter(said).map(line).collect::<String>();
        self.rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }
}

/// The text in lines of at most that width where its words allow it; lines after the first are indented.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if column > 0 && column + 1 + word.width() > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.width();
    }
    out
}

/// Heads in bold, down to the rule under them where there is one, else the first line; the rule itself dim.
fn set_off_heads(drawn: &str, ruled: bool, color: bool) -> String {
    let is_rule = |line: &str| ruled && !line.is_empty() && line.chars().all(|c| c == RULE || c == ' ');
    let mut out = String::with_capacity(drawn.len() + 1);
    let mut in_head = true;
    for line in drawn.lines() {
        let style = match (in_head, is_rule(line)) {
            (true, true) => Style::DIM,
            (true, false) => Style::BOLD,
            _ => Style::PLAIN,
        };
        in_head = in_head && ruled && !is_rule(line);
        style.paint_into(line, color, &mut out);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_has_little_room_beside_its_head_stands_below_it() {
        let mut table = Table::new(["Name", "Wert", "Beschreibung lang"]);
        table.row(["Müller", "1", "ein langer Text"]);
        let drawn = table.render(Some(20), false);
        assert_eq!(drawn, "Name\n  Müller\nWert               1\nBeschreibung lang\n  ein langer Text\n");
    }

    fn sample() -> Table {
        let mut table = Table::new(["model", "price", "why"]).right(&[1]);
        table.row(["openai/gpt-5.4-mini", "$0.40", "cheapest that is healthy and long enough for the prompt"]);
        table.row(["漢字/模型", "$12.00", "\x1b]0;evil\x07"]);
        table
    }

    fn letters(text: &str) -> Vec<char> {
        let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != RULE).collect();
        letters.sort_unstable();
        letters
    }

    #[test]
    fn off_a_terminal_a_row_is_a_line() {
        let drawn = sample().render(None, false);
        assert_eq!(
            drawn,
            "model                 price  why\n\
             openai/gpt-5.4-mini   $0.40  cheapest that is healthy and long enough for the prompt\n\
             漢字/模型            $12.00  ^[]0;evil^G\n"
        );
    }

    #[test]
    fn on_a_terminal_no_line_is_wider_than_the_screen_and_no_letter_is_lost() {
        for width in [24, 40, 60, 80] {
            let drawn = sample().render(Some(width), false);
            assert!(drawn.lines().all(|line| line.width() <= width), "{width}\n{drawn}");
            assert!(drawn.contains('─'), "{drawn}");
            assert_eq!(letters(&drawn), letters(&sample().render(None, false)), "{drawn}");
        }
    }

    #[test]
    fn too_many_columns_for_the_width_become_lines() {
        let list = sample().render(Some(16), false);
        assert!(
            list.starts_with("model\n  openai/gpt-5.4-mini\nprice  $0.40\nwhy    cheapest\n       that is\n"),
            "{list}"
        );
        assert!(!sample().render(Some(1), false).is_empty());
        let mut wide = Table::new(["a", "b", "c", "d", "e", "f", "g"]);
        wide.row(["1", "2", "3", "4", "5", "6", "7"]);
        assert!(wide.render(Some(40), false).starts_with("a  b  c"), "a narrow table stays a table");
    }

    #[test]
    fn a_whole_column_is_never_wrapped() {
        let drawn = sample().whole(&[0]).render(Some(44), false);
        assert!(drawn.contains("\nopenai/gpt-5.4-mini "), "{drawn}");
        let listed = sample().whole(&[0]).render(Some(34), false);
        assert!(listed.starts_with("model  openai/gpt-5.4-mini\n"), "{listed}");
        assert_eq!(letters(&drawn), letters(&sample().render(None, false)));
    }

    #[test]
    fn a_name_without_room_beside_its_head_stands_below_it() {
        let mut table = Table::new(["answered by", "tries", "a", "b", "c", "d"]);
        table.row(["groq/llama-3.3-70b-versatile", "2", "first one", "second one", "third one", "fourth one"]);
        let listed = table.render(Some(40), false);
        assert!(listed.starts_with("answered by\n  groq/llama-3.3-70b-versatile\ntries        2\n"), "{listed}");
        assert!(listed.lines().all(|line| line.width() <= 40), "{listed}");
    }

    #[test]
    fn heads_are_bold_when_colour_is_on() {
        let drawn = sample().render(Some(80), true);
        assert!(drawn.starts_with("\x1b[1mmodel"), "{drawn:?}");
        assert_eq!(drawn.matches("\x1b[1m").count(), 1);
    }

    #[test]
    fn no_columns_draw_nothing() {
        assert_eq!(Table::default().render(Some(80), true), "");
    }
}
