//! Rows of CSV as JSON objects of texts: what has a header line and commas.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader};
use serde_json::{Map, Value};

use super::pieces::{LONGEST, filled};
use super::{Found, Why};

/// The most columns that are read.
const MOST_COLUMNS: usize = 1000;

/// Reads every row below the header.
pub(super) fn each_row(
    input: &mut dyn BufRead,
    found: &mut Found,
    read: &mut dyn FnMut(&Value, &mut Found) -> Result<(), Why>,
) -> io::Result<()> {
    let mut reader = Reader::new();
    let (mut values, mut ends) = (vec![0; 1 << 16], vec![0; MOST_COLUMNS]);
    let mut names: Option<Vec<String>> = None;
    loop {
        let line = reader.line();
        let Some(row) = next(&mut reader, input, &mut values, &mut ends)? else { return Ok(()) };
        let done = match (row, &names) {
            // A last row without a line end may have lost the end of its last value.
            (Row { ended: false, .. }, _) => Err(Why::CutOff),
            (Row { too_long: true, .. }, _) => Err(Why::TooLong),
            (Row { columns, .. }, None) => {
                names = Some(texts(&values, &ends[..columns]).collect());
                Ok(())
            }
            (Row { columns, .. }, Some(names)) if columns != names.len() => Err(Why::Shape),
            (Row { columns, .. }, Some(names)) => {
                let cells = texts(&values, &ends[..columns])
                    .map(|text| if text.is_empty() { Value::Null } else { Value::String(text) });
                let row: Map<String, Value> = names.iter().cloned().zip(cells).collect();
                read(&Value::Object(row), found)
            }
        };
        if let Err(why) = done {
            found.pass_over(why, line);
        }
    }
}

/// A row that was read.
struct Row {
    columns: usize,
    ended: bool,
    too_long: bool,
}

/// Reads the next row into `values` and `ends`; `None` at the end.
fn next(
    reader: &mut Reader,
    input: &mut dyn BufRead,
    values: &mut Vec<u8>,
    ends: &mut [usize],
) -> io::Result<Option<Row>> {
    let (mut filled_values, mut columns, mut too_long) = (0, 0, false);
    loop {
        let buffer = filled(input)?;
        let ended = !buffer.is_empty();
        let (result, taken, written, ended_columns) =
            reader.read_record(buffer, &mut values[filled_values..], &mut ends[columns..]);
        input.consume(taken);
        (filled_values, columns) = (filled_values + written, columns + ended_columns);
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull if values.len() < LONGEST => values.resize(values.len() * 2, 0),
            ReadRecordResult::OutputFull => (too_long, filled_values) = (true, 0),
            ReadRecordResult::OutputEndsFull => (too_long, columns) = (true, 0),
            ReadRecordResult::Record => return Ok(Some(Row { columns, ended, too_long })),
            ReadRecordResult::End => return Ok(None),
        }
    }
}

fn texts<'a>(values: &'a [u8], ends: &'a [usize]) -> impl Iterator<Item = String> + 'a {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let text = |(start, end): (usize, &usize)| values.get(start..*end).map(String::from_utf8_lossy);
    starts.zip(ends).map(move |span| text(span).unwrap_or_default().into_owned())
}
