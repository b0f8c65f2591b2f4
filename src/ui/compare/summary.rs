//! The table of times, tokens and costs: a row for each model, columns as far as the width goes, and a line of what it comes
//! to.

use super::columns::one_line;
use super::page::{Ink, Page};
use super::text;
use super::{ModelView, View, figures};

/// Blanks between two columns.
const GAP: usize = 2;
/// The least width of the names.
const LEAST_NAME: usize = 12;

/// A column of figures.
struct Column {
    head: &'static str,
    /// Which columns go first where there is no room, the highest first; 0 never goes.
    rank: u8,
    cells: Vec<String>,
}

impl Column {
    fn new(head: &'static str, rank: u8, view: &View, cell: impl Fn(&ModelView) -> Option<String>) -> Self {
        let cells = view.models.iter().map(|model| cell(model).map(|cell| one_line(&cell)).unwrap_or_default());
        Self { head, rank, cells: cells.collect() }
    }

    fn width(&self) -> usize {
        self.cells.iter().map(|cell| text::width(cell)).chain([self.head.len(), 1]).max().unwrap_or(0)
    }

    /// A column that says nothing of anybody is not shown, unless the table needs it.
    fn is_shown(&self) -> bool {
        self.rank == 0 || self.cells.iter().any(|cell| !cell.is_empty())
    }
}

/// The table and the line under it.
pub(super) fn lines(view: &View, page: &Page) -> Vec<String> {
    let grid = Grid::new(view, page);
    let mut lines = vec![page.paint(Ink::Head, &grid.head())];
    for at in 0..view.models.len() {
        lines.extend(grid.row(view, at, page));
    }
    lines.extend(closing(view, page));
    lines
}

/// The columns that there is room for.
struct Grid {
    names: Vec<String>,
    /// The width of the names.
    name: usize,
    columns: Vec<Column>,
    notes: Vec<String>,
    /// Notes stand in their rows where no column suffers from it, else under them.
    has_notes: bool,
}

impl Grid {
    fn new(view: &View, page: &Page) -> Self {
        let names: Vec<String> = view.models.iter().map(|model| one_line(&model.name)).collect();
        let notes: Vec<String> = view.models.iter().map(note).collect();
        let widest = |texts: &[String]| texts.iter().map(|text| text::width(text)).max().unwrap_or(0);
        let (name, note) = (widest(&names).max("MODEL".len()), widest(&notes));
        let mut columns: Vec<Column> = columns(view, page).into_iter().filter(Column::is_shown).collect();
        let needed = |columns: &[Column]| columns.iter().map(|column| GAP + column.width()).sum::<usize>() + 1;
        let has_notes = note > 0 && needed(&columns) + name + GAP + note <= page.columns();
        while needed(&columns) + name > page.columns() {
            let spared = (0..columns.len()).filter(|at| columns[*at].rank > 0);
            let Some(first) = spared.max_by_key(|at| columns[*at].rank) else { break };
            columns.remove(first);
        }
        let name = name.min(page.columns().saturating_sub(needed(&columns)).max(LEAST_NAME));
        Self { names, name, columns, notes, has_notes }
    }

    fn head(&self) -> String {
        let head = |column: &Column| format!("  {:>width$}", column.head, width = column.width());
        let heads: Vec<String> = self.columns.iter().map(head).collect();
        let note = if self.has_notes { "  NOTE" } else { "" };
        format!(" {:width$}{}{note}", "MODEL", heads.concat(), width = self.name)
    }

    /// The lines of a model: figures beside its name, whose rest stands below, and its note.
    fn row(&self, view: &View, at: usize, page: &Page) -> Vec<String> {
        let is_baseline = at == view.baseline() && view.models.len() > 1;
        let (mark, ink) = if is_baseline { ("*", Ink::Head) } else { (" ", Ink::Plain) };
        let mut title = text::wrap(&self.names[at], ink, self.name, page).into_iter();
        let first = title.next().unwrap_or_default().padded(self.name);
        let figures: String = self.columns.iter().map(|column| figure(column, at)).collect();
        let ink = if view.models[at].failure.is_some() { Ink::Warning } else { Ink::Plain };
        let note = &self.notes[at];
        let beside = if self.has_notes { format!("  {}", page.paint(ink, note)) } else { String::new() };
        let mut lines = vec![format!("{mark}{first}{figures}{beside}")];
        lines.extend(title.map(|line| format!(" {}", line.text)));
        if !self.has_notes && !note.is_empty() {
            let room = page.columns().saturating_sub(3);
            lines.extend(text::wrap(note, ink, room, page).into_iter().map(|line| format!("   {}", line.text)));
        }
        lines
    }
}

/// A figure at the right of its column; `-` for what is unknown.
fn figure(column: &Column, row: usize) -> String {
    let cell = column.cells.get(row).map_or("", String::as_str);
    let cell = if cell.is_empty() { "-" } else { cell };
    format!("  {}{cell}", " ".repeat(column.width().saturating_sub(text::width(cell))))
}

fn note(model: &ModelView) -> String {
    one_line(model.failure.as_deref().unwrap_or(&model.note))
}

/// The columns, in the order in which they stand.
fn columns(view: &View, page: &Page) -> Vec<Column> {
    let total = |model: &ModelView| {
        let spread = model.spread.map(|spread| format!("{}{}", page.sign("±", "+-"), figures::time(spread)));
        Some(figures::time(model.total?) + &spread.unwrap_or_default())
    };
    let likeness = |likeness: f64| format!("{likeness:.2}");
    vec![
        Column::new("FIRST", 3, view, |model| model.first_token.map(figures::time)),
        Column::new("TOTAL", 0, view, total),
        Column::new("TOK/S", 5, view, |model| model.tokens_per_second.map(|rate| format!("{rate:.0}"))),
        Column::new("IN", 7, view, |model| model.tokens_in.map(figures::count)),
        Column::new("OUT", 4, view, |model| model.tokens_out.map(figures::count)),
        Column::new("(THINK)", 6, view, |model| model.thinking.map(|count| format!("({})", figures::count(count)))),
        Column::new("COST", 0, view, |model| model.cost.clone()),
        Column::new("AGREE", 2, view, |model| model.agreement.map(likeness)),
        Column::new("PASS", 1, view, |model| model.pass.clone()),
    ]
}

/// What it comes to: the best of the others beside the baseline, the sums, and who failed.
fn closing(view: &View, page: &Page) -> Vec<String> {
    let failed = view.models.iter().filter(|model| model.failure.is_some()).count();
    let remarks: Vec<String> = [
        best(view),
        view.cost.as_ref().map(|cost| format!("total {cost}")),
        view.wall.map(figures::time),
        (failed > 0).then(|| format!("{failed} of {} failed", view.models.len())),
    ]
    .into_iter()
    .flatten()
    .collect();
    if remarks.is_empty() {
        return Vec::new();
    }
    let room = page.columns().saturating_sub(1);
    let lines = text::flow(&remarks, page.dot(), Ink::Plain, room, page);
    lines.into_iter().map(|line| format!(" {}", line.text)).collect()
}

/// The cheapest of the others beside the baseline, or the fastest where no price is known.
fn best(view: &View) -> Option<String> {
    let baseline = view.models.get(view.baseline())?;
    let faster = |model: &ModelView| {
        let ratio = baseline.total?.as_secs_f64() / model.total?.as_secs_f64();
        ratio.is_finite().then_some(ratio)
    };
    let others = || {
        let answered = |(at, model): &(usize, &ModelView)| *at != view.baseline() && model.failure.is_none();
        view.models.iter().enumerate().filter(answered).map(|(_, model)| model)
    };
    let highest = |of: &dyn Fn(&ModelView) -> Option<f64>| {
        others()
            .filter(|model| of(model).is_some_and(f64::is_finite))
            .max_by(|one, other| of(one).partial_cmp(&of(other)).unwrap_or(std::cmp::Ordering::Equal))
    };
    let model = highest(&|model| model.cheaper).or_else(|| highest(&faster))?;
    let words = [("cheaper", "dearer", model.cheaper), ("faster", "slower", faster(model))];
    let told: Vec<String> = words.into_iter().filter_map(|(more, less, ratio)| told(more, less, ratio?)).collect();
    (!told.is_empty()).then(|| format!("{}: {} than the baseline", one_line(&model.name), told.join(", ")))
}

/// A ratio in words; `None` where it is too near to 1 to speak of.
fn told(more: &str, less: &str, ratio: f64) -> Option<String> {
    match ratio {
        1.05.. => Some(format!("{}x {more}", figures::ratio(ratio))),
        f64::EPSILON..0.95 => Some(format!("{}x {less}", figures::ratio(1.0 / ratio))),
        _ => None,
    }
}
