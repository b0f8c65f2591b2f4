//! Ledgers of earlier versions.

use super::*;
use crate::cost::spent::QUARTER_MS;

/// The last version before this one that was released: 5 came together with 6.
const RELEASED: usize = 4;

/// What earlier versions write of a run and its attempt.
const ROWS: &str = "
    INSERT OR IGNORE INTO runs (id, conversation, terminal, command, route, keep_text, started_ms)
        VALUES ('run-1', 'run-1', NULL, 'complete', 'smart', 1, 1000);
    INSERT INTO attempts (run, number, started_ms, provider, model) VALUES ('run-1', 1, 7200000, 'openai', 'm');
    UPDATE attempts SET outcome = 'complete', cost_pico = 70, total_ms = 900, cost_source = 'computed'
        WHERE run = 'run-1';
    INSERT INTO attempts (run, number, started_ms, provider, model, outcome, total_ms)
        VALUES ('run-1', 2, 7200001, 'openai', 'm', 'cancelled', 5);";

/// How the first version spools a run and its attempt.
const SPOOLED: &str = r#"
{"run":{"id":"run-3","conversation":"run-3","started_ms":3,"command":"complete","route":"smart","system":null,"messages":[],"keep_text":true,"terminal":null}}
{"attempt":{"run":"run-3","number":1,"started_ms":4,"provider":"openai","model":"m"}}
{"attempt_end":{"run":"run-3","number":1,"outcome":"complete","served_model":null,"request_id":null,"first_content_ms":1,"total_ms":2,"usage_raw":null,"buckets":null,"price":null,"cost_pico":90,"cost_source":"computed","class":null,"failure":null,"partial_text":""}}
{"run_end":{"id":"run-3","ended_ms":9,"exit_code":0,"answer":"a","reasoning":"","served_by":"openai/m","finish":"stop"}}
"#;

/// A ledger as an earlier version made it, with a run in it.
fn of_version(version: usize, path: &Path) {
    file::ensure_private(path).expect("a file");
    let connection = connect(path).expect("a connection");
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).expect("a log");
    connection.execute_batch(&migrations::MIGRATIONS[..version].concat()).expect("the old schema");
    // From version 3 on, what was spent is written with each attempt, from version 5 on by spender.
    let spent = match version {
        0..3 => "",
        3..5 => "INSERT INTO spending VALUES (2, 'all', 70, 1);",
        _ => {
            "INSERT INTO spenders VALUES (1, 'openai', 'm', 'smart', 'complete', 'main', '', '', 0);
             UPDATE attempts SET spender = 1;
             INSERT INTO spent VALUES (8, x'0102010102000000000000008c010000');
             INSERT INTO spending VALUES ('all', 8, 70), ('route smart', 8, 70);"
        }
    };
    connection.execute_batch(&format!("{ROWS} {spent} PRAGMA user_version = {version}")).expect("rows");
}

#[test]
fn a_ledger_of_each_earlier_version_becomes_one_of_this_version_and_loses_nothing() {
    for version in 1..=RELEASED {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        of_version(version, &path);
        let mut ledger = healthy(&path);
        assert_eq!(ledger.lessons(0).expect("a read"), []);
        record(&mut ledger, "run-2");
        drop(ledger);
        let ledger = healthy(&path);
        assert_eq!(ids(&ledger), ["run-1", "run-2"]);
        assert_eq!(integrity(&ledger), "ok");
        let found = ledger.run("run-1").expect("a read").expect("a run");
        assert_eq!((found.start.route.as_str(), found.start.arm), ("smart", None));
        assert_eq!((found.attempts[0].start.role, found.attempts[0].start.asked), (AttemptRole::Main, None));
        assert_eq!(found.attempts[0].end.as_ref().and_then(|end| end.cost_pico), Some(70));
        let connection = ledger.connection.as_ref().expect("a connection");
        assert_eq!(migrations::version(connection).expect("a version"), migrations::VERSION);
        let spending = "SELECT group_concat(of), sum(cost_pico) FROM spending WHERE quarter = 8";
        let spent = connection.query_row(spending, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(spent.expect("what was spent earlier"), ("all,route smart".to_owned(), 140));
        let spending = ledger.spending(7_200_000..7_200_001 + QUARTER_MS).expect("a read");
        let [cell] = &spending.cells[..] else { panic!("{:?}", spending.cells) };
        let spender = &spending.spenders[&cell.spender];
        assert_eq!((spender.provider.as_str(), spender.route.as_str()), ("openai", "smart"));
        let sums = cell.sums;
        assert_eq!((sums.requests, sums.failures, sums.unknown, sums.cost.pico()), (2, 1, 1, 70));
    }
}

/// Runs and attempts of the last released version that differ in all that is kept in another way since.
const ROWS_OF_ALL_SORTS: &str = r#"
    INSERT INTO runs VALUES
        ('019acfd8-b4f1-7000-8000-00000000000a', '019acfd8-b4f1-7000-8000-00000000000a', '/dev/pts/1', 'chat', 'smart', 1, 5, 6, 0,
            'openai/m', 'stop', NULL),
        ('019acfd8-b4f1-7000-8000-00000000000b', '019acfd8-b4f1-7000-8000-00000000000a', NULL, 'chat', 'smart', 0, 7, NULL, NULL,
            NULL, NULL, 'canary: openai/m'),
        ('019ACFD8-b4f1-7000-8000-00000000000c', 'another', NULL, 'complete', '', 1, 8, 9, 6, 'openai/m', NULL, NULL),
        ('run-1', 'run-1', NULL, '', '', 1, 9, 9, 0, 'groq/n', 'length', NULL);
    INSERT INTO attempts (run, number, started_ms, provider, model, outcome, maybe_billed, served_model, request_id, usage_raw,
        input_total, output_total, price, cost_pico, cost_source, class, failure, partial_text, key_place, role, stream, tools,
        prompt_tokens) VALUES
        ('019acfd8-b4f1-7000-8000-00000000000a', 1, 5, 'openai', 'm', 'failed', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            'not_billed', 'server_error', '{"status":500}', 'half', 'OPENAI_API_KEY', 'main', 1, 0, 12),
        ('019acfd8-b4f1-7000-8000-00000000000a', 2, 6, 'openai', 'm', 'complete', 1, 'm', 'req_1', '{"input":7}', 7, 8, '{"total":"1"}',
            15, 'computed', NULL, NULL, '', NULL, 'hedge', 0, 1, 12),
        ('019acfd8-b4f1-7000-8000-00000000000b', 1, 7, 'groq', 'n', 'complete', 1, 'n-2026', 'req_2', 'no JSON', 7, 8, NULL, NULL,
            'unknown', NULL, NULL, '', NULL, 'canary', NULL, NULL, NULL),
        ('run-1', 1, 0, '', '', 'complete', 1, 'm', NULL, NULL, 1, 2, NULL, 3, 'provider', NULL, NULL, '', NULL, 'main', NULL, NULL, NULL),
        ('its run was lost', 1, 9, 'openai', 'm', 'started', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'unknown', NULL, NULL, '',
            NULL, 'main', NULL, NULL, NULL);
    INSERT INTO messages VALUES (3, '019acfd8-b4f1-7000-8000-00000000000a', 0, 'user', '[{"text":"why?"}]'), (5, 'run-1', 2, 'answer', '[]');
"#;

#[test]
fn every_column_of_an_earlier_version_is_told_as_it_was() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    file::ensure_private(&path).expect("a file");
    let connection = connect(&path).expect("a connection");
    connection.execute_batch(&migrations::MIGRATIONS[..RELEASED].concat()).expect("the old schema");
    connection.execute_batch(&format!("{ROWS_OF_ALL_SORTS} PRAGMA user_version = {RELEASED}")).expect("rows");
    let lists = ["runs", "attempts"].map(|table| {
        let columns = format!("SELECT group_concat(name) FROM pragma_table_info('{table}')");
        let columns: String = connection.query_row(&columns, [], |row| row.get(0)).expect("columns");
        format!("SELECT json_array({columns}) FROM {table} ORDER BY 1")
    });
    let told = |connection: &Connection| -> Vec<String> {
        let list = |sql: &String| -> Vec<String> {
            let mut statement = connection.prepare(sql).expect("a list");
            statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("rows")
        };
        lists.iter().flat_map(list).collect()
    };
    let before = told(&connection);
    drop(connection);
    let ledger = healthy(&path);
    let after = told(ledger.connection.as_ref().expect("a connection"));
    assert_eq!((before.len(), before), (9, after));
    let run = ledger.run("019acfd8-b4f1-7000-8000-00000000000a").expect("a read").expect("a run");
    assert_eq!(run.start.messages, [Message::text(Role::User, "why?")]);
    let conversation = ledger.conversations_spent(0..i64::MAX, 9).expect("a read").remove(0);
    assert_eq!((conversation.id, conversation.sums.requests), (run.start.id, 3));
}

#[test]
fn many_processes_upgrade_it_once() {
    for _ in 0..5 {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        of_version(1, &path);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let children: Vec<Child> = names.iter().map(|name| processes::child(&path, name, 5)).collect();
        for child in children {
            let output = child.wait_with_output().expect("its end");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        let ledger = healthy(&path);
        assert_eq!((ids(&ledger).len(), integrity(&ledger).as_str()), (41, "ok"));
    }
}

#[test]
fn what_a_process_of_an_earlier_version_cannot_write_meanwhile_waits_and_is_added() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    of_version(1, &path);
    let early = connect(&path).expect("a connection");
    record(&mut healthy(&path), "run-2");
    let refused = early.execute_batch(&ROWS.replace("run-1", "run-3")).expect_err("other tables").to_string();
    assert!(refused.starts_with("cannot modify runs"), "{refused}");
    drop(early);
    std::fs::write(spool::path(&path), SPOOLED).expect("spooled");
    let ledger = healthy(&path);
    assert_eq!(ids(&ledger), ["run-1", "run-2", "run-3"]);
    assert_eq!(ledger.run("run-3").expect("a read").expect("a run").spent().known.pico(), 90);
}
