//! The HTML report: one file that needs nothing else, opens from disk, and treats every text in it as hostile.
//!
//! Whatever a model wrote goes in as JSON inside of `<script type="application/json">` and comes out through
//! `textContent`; the policy in the page's head lets run only the script that is ours and load nothing at all.

mod facts;
mod page;

#[cfg(test)]
mod tests;

pub use facts::{Met, ModelFigures, Pair, ReportAnswer, ReportHead, ReportRow, Section, Totals, Transcript};

use std::io::{self, Write};

/// Writes the report of a run: the head, the rows one by one as `rows` gives them, the foot. Nothing is kept, so a run of any
/// length takes the memory of its longest row; a row that cannot be had ends the writing with its error. No rows make a page
/// that says so.
///
/// The writer sees many small pieces: give it a buffer.
pub fn html<R>(head: &ReportHead, rows: R, out: &mut impl Write) -> io::Result<()>
where
    R: IntoIterator<Item = io::Result<ReportRow>>,
{
    page::begin(&head.title, out)?;
    page::data("head", out)?;
    page::json(head, out)?;
    page::end_of_data(out)?;
    page::data("rows", out)?;
    for row in rows {
        page::json(&row?, out)?;
    }
    page::end_of_data(out)?;
    page::end(out)
}
