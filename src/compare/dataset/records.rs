//! Records of CSV. Where a record ends is found here, so that its length is bounded, its line is known, and quotes that never
//! close are seen; the engine of the `csv` crate reads what is in it.

use std::io::BufRead;

use csv_core::{ReaderBuilder, Terminator};

use super::Problem;
use super::json::{Cell, Columns};
use super::lines::{Fault, Taken, take, text};

/// Reads records below a header.
pub(super) struct Records<R> {
    input: R,
    longest: usize,
    line: u64,
    header: Option<Header>,
}

struct Header {
    delimiter: u8,
    names: Vec<String>,
    /// Kept, as building one takes longer than reading a record.
    engine: csv_core::Reader,
}

/// Where in a record a byte stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of the value, unless another one follows.
    Closing,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R, longest: usize) -> Self {
        Self { input, longest, line: 1, header: None }
    }

    /// The next record that is not blank, as columns and their values, with its line.
    pub(super) fn next(&mut self) -> Option<Result<(u64, Columns), Fault>> {
        loop {
            let delimiters = self.header.as_ref().map_or(b",;\t".to_vec(), |header| vec![header.delimiter]);
            let start = self.line;
            let record = match self.record(&delimiters)? {
                Ok(record) => record,
                Err(fault) if self.header.is_none() => return Some(Err(Fault { last: true, ..fault })),
                Err(fault) => return Some(Err(fault)),
            };
            if record.trim().is_empty() {
                continue;
            }
            let Some(header) = &mut self.header else {
                match Header::read(&record) {
                    Ok(header) => self.header = Some(header),
                    Err(problem) => return Some(Err(Fault::last(start, problem))),
                }
                continue;
            };
            return Some(
                header.name(&record).map(|cells| (start, cells)).map_err(|problem| Fault::new(start, problem)),
            );
        }
    }

    /// The text of the next record.
    fn record(&mut self, delimiters: &[u8]) -> Option<Result<String, Fault>> {
        let (start, mut line) = (self.line, self.line);
        let (mut place, mut opened, mut malformed) = (Place::FieldStart, 0, None);
        let mut bytes = Vec::new();
        let mut end = |byte: u8| {
            place = match (place, byte) {
                (Place::FieldStart, b'"') => {
                    opened = line;
                    Place::Quoted
                }
                (Place::Quoted, b'"') | (Place::Closing, b'\r') => Place::Closing,
                (Place::FieldStart | Place::Plain | Place::Closing, b'\n') => Place::FieldStart,
                (Place::Closing, b'"') | (Place::Quoted, _) => Place::Quoted,
                (_, byte) if delimiters.contains(&byte) => Place::FieldStart,
                (Place::Closing, _) => {
                    malformed.get_or_insert(line);
                    Place::Plain
                }
                // A byte-order mark before the first value.
                (Place::FieldStart, 0xef | 0xbb | 0xbf) if line == 1 => Place::FieldStart,
                (Place::FieldStart | Place::Plain, _) => Place::Plain,
            };
            line += u64::from(byte == b'\n');
            byte == b'\n' && place == Place::FieldStart
        };
        let taken = take(&mut self.input, self.longest, &mut bytes, &mut end);
        self.line = line;
        Some(match taken {
            Err(problem) => Err(Fault::last(line, problem)),
            Ok(Taken::Nothing) => return None,
            Ok(_) if place == Place::Quoted => Err(Fault::last(start, Problem::Unclosed(opened))),
            Ok(Taken::TooLong) => Err(Fault::new(start, Problem::TooLong(self.longest))),
            Ok(Taken::Whole) => match malformed {
                None => text(&mut bytes, start == 1).map_err(|problem| Fault::new(start, problem)),
                Some(line) => {
                    let words = "a value goes on behind its closing quotes; write a quote within quotes twice";
                    Err(Fault::new(line, Problem::Syntax(words.to_owned())))
                }
            },
        })
    }
}

impl Header {
    /// Reads the names of the columns; what stands between them most often stands between all values.
    fn read(record: &str) -> Result<Self, Problem> {
        let (mut quoted, mut counts) = (false, [(b',', 0), (b';', 0), (b'\t', 0)]);
        for byte in record.bytes() {
            quoted ^= byte == b'"';
            if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !quoted && *delimiter == byte) {
                *count += 1;
            }
        }
        let most = counts.iter().rev().max_by_key(|(_, count)| *count);
        let delimiter = most.map_or(b',', |(delimiter, _)| *delimiter);
        let mut engine = ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        let names: Vec<String> =
            values(&mut engine, delimiter, record).iter().map(|name| name.trim().to_owned()).collect();
        let twice = |(index, name): (usize, &String)| !name.is_empty() && names[..index].contains(name);
        match names.iter().enumerate().find(|named| twice(*named)) {
            Some((_, name)) => Err(Problem::Twice(name.clone())),
            None => Ok(Self { delimiter, names, engine }),
        }
    }

    /// The values of a record with the names of their columns.
    fn name(&mut self, record: &str) -> Result<Columns, Problem> {
        let values = values(&mut self.engine, self.delimiter, record);
        let (count, wanted) = (values.len(), self.names.len());
        if count != wanted {
            let what = if count == 1 { "value" } else { "values" };
            let hint = if count > wanted { "; put a value that holds the separator in quotes" } else { "" };
            return Err(Problem::Syntax(format!("it has {count} {what}, and the header has {wanted}{hint}")));
        }
        if let Some((at, _)) =
            self.names.iter().enumerate().find(|(at, name)| name.is_empty() && !values[*at].is_empty())
        {
            return Err(Problem::Shape(format!("value {} stands below no name in the header", at + 1)));
        }
        let cell = |value: String| if value.is_empty() { Cell::Nothing } else { Cell::Text(value) };
        let named = self.names.iter().zip(values).filter(|(name, _)| !name.is_empty());
        Ok(named.map(|(name, value)| (name.clone(), cell(value))).collect())
    }
}

/// The values of one record.
fn values(engine: &mut csv_core::Reader, delimiter: u8, record: &str) -> Vec<String> {
    let ended = format!("{record}\n");
    let most = 1 + record.bytes().filter(|byte| *byte == delimiter).count();
    let (mut values, mut ends) = (vec![0; ended.len()], vec![0; most]);
    engine.reset();
    let (_, _, _, count) = engine.read_record(ended.as_bytes(), &mut values, &mut ends);
    let starts = std::iter::once(&0).chain(&ends);
    let value = |(start, end): (&usize, &usize)| String::from_utf8_lossy(&values[*start..*end]).into_owned();
    starts.zip(&ends[..count]).map(value).collect()
}
