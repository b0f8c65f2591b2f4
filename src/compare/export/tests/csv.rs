//! The table is read back by another reader, and runs nothing in a spreadsheet.

use csv_core::{ReadRecordResult, Reader};
use proptest::prelude::*;

use super::super::super::fixtures::comparison;
use super::super::Format;
use super::{of, two_rows};

/// The cells of a table, as another library reads them.
fn cells(mut input: &[u8]) -> Vec<Vec<String>> {
    let (mut reader, mut table) = (Reader::new(), Vec::new());
    let (mut output, mut ends) = (vec![0; input.len() + 1], vec![0; 64]);
    let (mut filled, mut ended) = (0, 0);
    loop {
        let (result, read, written, found) = reader.read_record(input, &mut output[filled..], &mut ends[ended..]);
        input = &input[read..];
        filled += written;
        ended += found;
        match result {
            ReadRecordResult::End => return table,
            ReadRecordResult::Record => {
                let starts = std::iter::once(0).chain(ends[..ended].iter().copied());
                let cell = |(start, end): (usize, &usize)| String::from_utf8(output[start..*end].to_vec()).unwrap();
                table.push(starts.zip(&ends[..ended]).map(cell).collect());
                (filled, ended) = (0, 0);
            }
            ReadRecordResult::InputEmpty => {}
            full => panic!("{full:?}"),
        }
    }
}

/// What the head of the module says: one `'` less where a guarded character follows.
fn unguarded(cell: &str) -> &str {
    let formula =
        cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula { cell.strip_prefix('\'').unwrap() } else { cell }
}

fn column(table: &[Vec<String>], name: &str) -> Vec<String> {
    let at = table[0].iter().position(|column| column == name).unwrap();
    table[1..].iter().map(|line| line[at].clone()).collect()
}

#[test]
fn a_line_for_each_answer_says_what_is_known() {
    let table = cells(of(Format::Csv, &comparison(&["a/one", "b/two"]), &two_rows()).as_bytes());
    let column = |name| column(&table, name);
    assert_eq!(column("id"), ["p1", "p1", "p2", "p2"]);
    assert_eq!(column("model"), ["a/one", "b/two", "a/one", "b/two"]);
    assert_eq!(column("status"), ["ok", "ok", "ok", "failed"]);
    assert_eq!(column("cost_usd"), ["0.0002166", "", "0.1", ""]);
    assert_eq!(column("passed"), ["true", "false", "", ""]);
    assert_eq!(column("checks_failed"), ["", "contains:Paris", "", ""]);
    assert_eq!(column("total_ms"), ["400", "1210", "300", ""]);
    assert_eq!(column("error"), ["", "", "", "429 <slow down>"]);
    assert_eq!(column("regressed"), ["", "", "", ""], "unknown without an earlier run");
    assert_eq!(column("text")[1], "Lyon, \"=1+1\"\nor so");
}

#[test]
fn a_formula_stays_a_text() {
    let file = of(Format::Csv, &comparison(&["a/one", "b/two"]), &two_rows());
    let table = cells(file.as_bytes());
    assert_eq!(column(&table, "text")[2], "'=2+5");
    assert_eq!(column(&table, "prompt")[2], "'=SUM(A1)");
    assert!(file.ends_with("\r\n"));
}

proptest! {
    #[test]
    fn another_reader_finds_every_cell(records in super::round_trip::records()) {
        let table = cells(of(Format::Csv, &comparison(&["a/one", "b/two", "c/three"]), &records).as_bytes());
        let answers = || records.iter().flat_map(|record| record.answers.iter().map(move |kept| (record, kept)));
        prop_assert_eq!(table.len(), 1 + answers().count());
        prop_assert!(table.iter().all(|line| line.len() == table[0].len()));
        let shown = |name| column(&table, name).iter().map(|cell| unguarded(cell).to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(shown("text"), answers().map(|(_, kept)| kept.answer.text.clone()).collect::<Vec<_>>());
        prop_assert_eq!(shown("prompt"), answers().map(|(record, _)| record.row.prompt.clone()).collect::<Vec<_>>());
        for name in ["id", "cluster", "prompt", "served_model", "error_class", "error", "checks_failed", "text", "reference"] {
            for cell in column(&table, name) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{}: {}", name, cell);
            }
        }
    }
}
