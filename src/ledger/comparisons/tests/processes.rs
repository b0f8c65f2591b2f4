//! Several processes at once: this test program runs itself again.

use super::*;

/// Which ledger the child process works on, and the id of its comparison.
const CHILD: &str = "LLMX_TEST_COMPARISON";
const ROWS: usize = 400;

fn child(path: &std::path::Path, id: &str) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "ledger::comparisons::tests::processes::in_a_process_of_its_own", "--nocapture"])
        .env(CHILD, format!("{id}:{}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process")
}

fn text(id: &str, row: usize) -> String {
    format!("{id} {row} {}", "long ".repeat(10_000))
}

/// Not a test of its own: the other test starts it in processes of their own, where it writes a comparison.
#[test]
fn in_a_process_of_its_own() {
    let Ok(settings) = std::env::var(CHILD) else { return };
    let (id, path) = settings.split_once(':').expect("an id and a path");
    let mut ledger = healthy(std::path::Path::new(path));
    ledger.begin_comparison(&comparison(id)).expect("begun");
    for index in 0..ROWS {
        ledger.comparison_row(id, &row(index)).expect("written");
        for model in 0..2 {
            let mut kept = answer(index, model, 0);
            kept.answer.text = text(id, index);
            ledger.comparison_answer(id, &kept).expect("written");
        }
    }
    ledger.end_comparison(id, &Ended::default()).expect("ended");
}

#[test]
fn two_processes_write_two_comparisons_while_a_third_reads_them() {
    let home = directory();
    let path = home.path().join("new/ledger.db");
    let ids = ["0199aaaa", "0199bbbb"];
    let mut children: Vec<Child> = ids.iter().map(|id| child(&path, id)).collect();
    let (mut rounds, mut halfway, mut longest) = (0, 0, 0);
    while children.iter_mut().any(|child| child.try_wait().expect("a state").is_none()) {
        let ledger = healthy(&path);
        for id in ids {
            let records: Vec<Record> = ledger.records(id).collect::<Result<_, _>>().expect("records");
            assert!(
                records.iter().enumerate().all(|(index, record)| record.row.index == index),
                "in order, none is missing"
            );
            // Rows are read one by one: the writer may come between two, never into one.
            for one in &records {
                let models = one.answers.iter().map(|kept| kept.answer.model);
                assert!(models.eq(0..one.answers.len()), "in the order in which they were written");
                assert!(one.answers.iter().all(|kept| kept.answer.text == text(id, one.row.index)), "each is whole");
            }
            let whole = records.iter().filter(|record| record.answers.len() == 2).count();
            halfway += usize::from(whole > 0 && whole < ROWS);
        }
        longest = longest.max(beside(&path, "-wal").metadata().map_or(0, |log| log.len()));
        rounds += 1;
    }
    for child in children {
        let output = child.wait_with_output().expect("its end");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    assert!(rounds > 0 && halfway > 0, "it was read while it was written");
    assert!(longest < 2 * LONGEST_LOG_OF_A_WRITER, "the log stays short: {longest}");
    let ledger = healthy(&path);
    for id in ids {
        let records: Vec<Record> = ledger.records(id).collect::<Result<_, _>>().expect("records");
        assert_eq!(records.len(), ROWS);
        assert!(records.iter().all(|one| one.answers.iter().all(|kept| kept.answer.text == text(id, one.row.index))));
        assert_eq!(ledger.find_comparison(id).expect("a read").expect("one").ended, Some(Ended::default()));
    }
    assert_eq!(integrity(&ledger), "ok");
}
