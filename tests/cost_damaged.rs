//! A report reads and changes nothing: a damaged ledger stays where it is, one that cannot be written is read all the same.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::support::Home;

#[test]
fn a_damaged_ledger_stays_where_it_is_and_the_report_is_an_error() {
    let home = Home::new();
    let ledger = home.path("data/llmx/ledger.db");
    fs::create_dir_all(ledger.parent().expect("a parent")).expect("the folder");
    fs::write(&ledger, vec![7_u8; 40_000]).expect("damage");
    fs::write(ledger.with_extension("db.spool.jsonl"), "\n").expect("rows that wait");
    for command in [&["cost"][..], &["cost", "--json"], &["cost", "budget"], &["cost", "explain", "last"], &["log"]] {
        let output = home.llmx().args(command).run();
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(output.code == 1 && said.contains("is damaged"), "{command:?}: {said}");
    }
    assert_eq!(fs::read(&ledger).expect("still there"), vec![7_u8; 40_000]);
    assert_eq!(fs::read_dir(ledger.parent().expect("a parent")).expect("the folder").count(), 2);
}

#[test]
fn a_ledger_that_cannot_be_written_is_read_as_it_is() {
    let home = Home::new();
    home.llmx().args(["complete", "--sim", "-q", "hello"]).run().expect_code(0);
    let ledger = home.path("data/llmx/simulated/ledger.db");
    fs::set_permissions(&ledger, Permissions::from_mode(0o444)).expect("its permissions");
    let output = home.llmx().args(["cost", "--sim", "--by", "model"]).run().expect_code(0);
    assert!(output.stdout.contains("gpt"), "{}{}", output.stdout, output.stderr);
    let mode = fs::metadata(&ledger).expect("still there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o444, "nobody asked for it to be changed");
}
