//! `llmx cost import` through the binary: made-up logs of other tools, in a home that holds nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use llmx::cost::spent::Sums;
use llmx::ledger::Ledger;
use serde_json::{Value, json};

use crate::support::{Home, Output};

fn claude(message: &str, output: u64) -> Value {
    json!({
        "type": "assistant", "sessionId": "s1", "cwd": "/home/u/shop", "requestId": format!("req-{message}"),
        "timestamp": "2026-11-20T10:00:00.000Z",
        "message": {"id": message, "model": "claude-sonnet-4-5-20250929", "content": [{"type": "text", "text": "SECRET ANSWER"}],
            "usage": {"input_tokens": 1000, "cache_creation_input_tokens": 3000, "cache_read_input_tokens": 5000,
                "output_tokens": output, "service_tier": "standard",
                "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000}}}
    })
}

fn codex(total: u64, last: u64) -> Value {
    let used = |input: u64| json!({"input_tokens": input, "cached_input_tokens": 0, "output_tokens": 0, "reasoning_output_tokens": 0});
    json!({"timestamp": "2026-11-20T11:00:00Z", "type": "event_msg", "payload": {"type": "token_count",
        "info": {"total_token_usage": used(total), "last_token_usage": used(last)}}})
}

fn codex_session(events: &[Value]) -> String {
    let head = [
        json!({"timestamp": "2026-11-20T10:59:00Z", "type": "session_meta", "payload": {"id": "c1", "cwd": "/home/u/shop"}}),
        json!({"timestamp": "2026-11-20T10:59:00Z", "type": "turn_context", "payload": {"model": "gpt-4o"}}),
    ];
    lines(&[&head, events].concat())
}

fn spend(id: &str, model: &str, spend: f64) -> Value {
    json!({"request_id": id, "call_type": "acompletion", "spend": spend, "prompt_tokens": 1000, "completion_tokens": 100,
        "startTime": "2026-11-20T12:00:00.000Z", "endTime": "2026-11-20T12:00:02.000Z", "model": model,
        "custom_llm_provider": "openai", "metadata": {}, "request_tags": ["job:nightly"]})
}

fn lines(values: &[Value]) -> String {
    values.iter().flat_map(|value| [value.to_string(), "\n".to_owned()]).collect()
}

fn write(home: &Home, path: &str, text: &str) -> PathBuf {
    let path = home.path(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("its directory");
    fs::write(&path, text).expect("a log");
    path
}

/// Milliseconds since 1970, until 2100.
const EVER: std::ops::Range<i64> = 0..4_102_444_800_000;

const CLAUDE: &str = "home/.claude/projects/-work-shop/s1.jsonl";
const CODEX: &str = "home/.codex/sessions/2026/11/20/rollout-2026-11-20T10-59-00-c1.jsonl";

/// The database as simonw/llm makes it, as far as it matters.
fn llm_database(home: &Home) -> PathBuf {
    let path = write(home, "config/io.datasette.llm/logs.db", "");
    let database = rusqlite::Connection::open(&path).expect("a database");
    let tables = "CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, response TEXT, conversation_id TEXT,
            duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER, token_details TEXT,
            resolved_model TEXT);
        INSERT INTO responses VALUES ('01a', 'gpt-4o', 'SECRET PROMPT', 'SECRET ANSWER', '01c', 900,
            '2026-11-20T13:00:00.123456', 1000, 100, NULL, NULL);
        INSERT INTO responses VALUES ('01b', 'llama3.2:latest', 'SECRET PROMPT', 'SECRET ANSWER', '01c', 900,
            '2026-11-20T13:00:00', 1000, 100, NULL, NULL);
        CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER,
            datetime_utc TEXT);
        INSERT INTO turns VALUES ('01a', '01c', 'gpt-4o', 1000, 100, '2026-11-20T13:00:00.123456');
        INSERT INTO turns VALUES ('01d', '01c', 'gpt-4o', 2000, 0, '2026-11-20T13:05:00');";
    database.execute_batch(tables).expect("its tables");
    path
}

/// A home with a log of each tool.
fn home() -> Arc<Home> {
    let home = Home::new();
    write(&home, CLAUDE, &lines(&[claude("m1", 1), claude("m1", 1000), claude("m2", 100)]));
    write(&home, CODEX, &codex_session(&[codex(1000, 1000), codex(1000, 1000), codex(3000, 2000)]));
    llm_database(&home);
    home
}

fn import(home: &Arc<Home>, arguments: &[&str]) -> Output {
    home.llmx().args(["cost", "import"]).args(arguments).run()
}

fn imported(home: &Arc<Home>, arguments: &[&str]) -> Value {
    let output = import(home, &[arguments, &["--json"]].concat()).expect_code(0);
    serde_json::from_str(&output.stdout).expect("one object of JSON")
}

/// Counts of an origin: calls, new, known, replaced, of unknown price; and what the known ones cost.
fn told(report: &Value, origin: &str) -> ([u64; 5], String) {
    let all = report["origins"].as_array().expect("origins");
    let origin = all.iter().find(|row| row["origin"] == origin).unwrap_or_else(|| panic!("{origin}: {report}"));
    let count = |name: &str| origin[name].as_u64().unwrap_or_else(|| panic!("{name}: {origin}"));
    let counts = ["calls", "new", "known", "replaced", "unknown"].map(count);
    (counts, origin["cost"].as_str().expect("an amount").to_owned())
}

/// What the ledger has, by command.
fn spent(home: &Home) -> BTreeMap<String, Sums> {
    let spending = Ledger::open(&home.path("data/llmx/ledger.db")).spending(EVER).expect("a ledger");
    let mut all = BTreeMap::new();
    for cell in spending.cells {
        let spender = &spending.spenders[&cell.spender];
        assert!(spender.imported, "{spender:?}");
        *all.entry(spender.command.clone()).or_insert_with(Sums::default) += cell.sums;
    }
    all
}

#[test]
fn the_logs_of_all_tools_are_found_where_they_usually_lie_and_priced_at_their_time() {
    let home = home();
    let report = imported(&home, &[]);
    assert_eq!(report["schema"], "llmx.cost/1");
    // Each of two calls: 1000 at 3, 5000 read at 0.30, 1000 written at 3.75 and 2000 for an hour at 6; answers at 15.
    assert_eq!(told(&report, "claude-code"), ([2, 2, 0, 0, 0], "0.057".to_owned()));
    assert_eq!(told(&report, "codex"), ([2, 2, 0, 0, 0], "0.0075".to_owned()));
    assert_eq!(told(&report, "llm"), ([3, 3, 0, 0, 1], "0.0085".to_owned()), "what both tables have counts once");
    assert_eq!(
        report["origins"][2]["unknown_models"],
        json!([{"provider": "unknown", "model": "llama3.2:latest", "calls": 1}])
    );
    let spent = spent(&home);
    let costs: Vec<_> =
        spent.iter().map(|(name, sums)| (name.as_str(), sums.cost.to_decimal(), sums.unknown)).collect();
    let expected = [("claude-code", "0.057", 0), ("codex", "0.0075", 0), ("llm", "0.0085", 1)];
    assert_eq!(costs, expected.map(|(name, cost, unknown)| (name, cost.to_owned(), unknown)));
    let sums = spent["claude-code"];
    assert_eq!((sums.input, sums.cache_read, sums.cache_write, sums.output), (18_000, 10_000, 6000, 1100));
}

#[test]
fn a_second_import_adds_nothing() {
    let home = home();
    imported(&home, &[]);
    let before = spent(&home);
    let report = imported(&home, &[]);
    assert_eq!(told(&report, "claude-code").0, [2, 0, 2, 0, 0]);
    assert_eq!(told(&report, "codex").0, [2, 0, 2, 0, 0]);
    assert_eq!(told(&report, "llm").0, [3, 0, 3, 0, 1]);
    assert_eq!(spent(&home), before);
}

#[test]
fn a_session_that_has_grown_adds_what_is_new_and_a_call_that_has_grown_replaces_itself() {
    let home = home();
    // The first import came while the second answer was being written.
    write(&home, CLAUDE, &lines(&[claude("m1", 1000), claude("m2", 3)]));
    imported(&home, &["claude-code"]);
    write(&home, CLAUDE, &lines(&[claude("m1", 1000), claude("m2", 3), claude("m2", 100), claude("m3", 10)]));
    let report = imported(&home, &["claude-code"]);
    assert_eq!(told(&report, "claude-code").0, [3, 1, 1, 1, 0]);
    let whole = Home::new();
    write(&whole, CLAUDE, &lines(&[claude("m1", 1000), claude("m2", 100), claude("m3", 10)]));
    imported(&whole, &["claude-code"]);
    assert_eq!(spent(&home), spent(&whole), "as if it had been read once, at the end");
    // An older copy of the log takes nothing away.
    let copy = write(&home, "work/copy.jsonl", &lines(&[claude("m2", 3)]));
    let report = imported(&home, &[copy.to_str().expect("Unicode")]);
    assert_eq!(told(&report, "claude-code").0, [1, 0, 1, 0, 0]);
    assert_eq!(spent(&home), spent(&whole));
}

#[test]
fn imported_conversations_are_summed_up_as_they_grow() {
    let home = home();
    let conversations = || {
        let ledger = Ledger::open(&home.path("data/llmx/ledger.db"));
        let all = ledger.conversations_spent(EVER, 9).expect("a ledger");
        all.into_iter().map(|it| (it.id, it.sums.requests, it.sums.output)).collect::<Vec<_>>()
    };
    write(&home, CLAUDE, &lines(&[claude("m1", 7)]));
    imported(&home, &["claude-code"]);
    assert_eq!(conversations(), [], "one call is no conversation");
    write(&home, CLAUDE, &lines(&[claude("m1", 7), claude("m2", 1)]));
    imported(&home, &["claude-code"]);
    assert_eq!(conversations(), [("s1".to_owned(), 2, 8)]);
    write(&home, CLAUDE, &lines(&[claude("m1", 7), claude("m2", 20), claude("m3", 100)]));
    imported(&home, &["claude-code"]);
    assert_eq!(conversations(), [("s1".to_owned(), 3, 127)]);
}

#[test]
fn a_dry_run_says_what_would_be_added_and_adds_nothing() {
    let home = home();
    let report = imported(&home, &["--dry-run"]);
    assert_eq!((told(&report, "codex").0, &report["dry_run"]), ([2, 2, 0, 0, 0], &json!(true)));
    assert!(spent(&home).is_empty());
    imported(&home, &["codex"]);
    assert_eq!(told(&imported(&home, &["codex", "--dry-run"]), "codex").0, [2, 0, 2, 0, 0]);
}

#[test]
fn what_litellm_says_a_call_cost_counts_where_there_is_no_price() {
    let home = Home::new();
    let rows = [spend("a", "gpt-4o", 9.0), spend("b", "my-tuned-model", 0.25), spend("c", "another-model", 0.0)];
    let path = write(&home, "work/spend.jsonl", &lines(&rows));
    let report = imported(&home, &["litellm", path.to_str().expect("Unicode")]);
    assert_eq!(told(&report, "litellm"), ([3, 3, 0, 0, 1], "0.2535".to_owned()));
    let output = import(&home, &["spend.jsonl"]).expect_code(0);
    assert!(output.stderr.contains("what these cost is unknown: openai/another-model (1)"), "{}", output.stderr);
    assert!(output.stdout.contains("litellm") && output.stdout.contains("$0.2535"), "{}", output.stdout);
}

#[test]
fn a_log_that_is_cut_in_half_gives_what_is_whole_and_says_so_and_the_rest_later() {
    let home = home();
    let whole = codex_session(&[codex(1000, 1000), codex(3000, 2000)]);
    write(&home, CODEX, &whole[..whole.len() - 40]);
    let output = import(&home, &["codex"]).expect_code(0);
    let place = format!("{}:4", home.path(CODEX).display());
    assert!(output.stderr.contains("cut off in the middle") && output.stderr.contains(&place), "{}", output.stderr);
    assert_eq!(spent(&home)["codex"].requests, 1);
    write(&home, CODEX, &whole);
    assert_eq!(told(&imported(&home, &["codex"]), "codex").0, [2, 1, 1, 0, 0]);
}

#[test]
fn what_cannot_be_read_is_an_error_and_the_rest_is_read_all_the_same() {
    let home = home();
    write(&home, "work/empty.jsonl", "");
    write(&home, "work/notes.jsonl", "{\"role\":\"user\"}\n");
    write(&home, "work/logs.db", "SQLite format 3\0 and nothing more");
    for (path, words) in [
        ("empty.jsonl", "it is empty"),
        ("notes.jsonl", "it is not recognised as a log of Claude Code, Codex, simonw/llm, LiteLLM"),
        ("logs.db", "cannot read the database"),
    ] {
        let claude = home.path(CLAUDE);
        let output = import(&home, &[path, claude.to_str().expect("Unicode")]).expect_code(1);
        assert!(output.stderr.contains(path) && output.stderr.contains(words), "{}", output.stderr);
        assert!(output.stdout.contains("claude-code"), "{}", output.stdout);
    }
    assert_eq!(spent(&home)["claude-code"].requests, 2);
}

#[test]
fn another_database_is_told_from_one_of_llm() {
    let home = Home::new();
    let path = home.path("work/other.db");
    let database = rusqlite::Connection::open(&path).expect("a database");
    database.execute_batch("CREATE TABLE x (y)").expect("a table");
    let output = import(&home, &["llm", "other.db"]).expect_code(1);
    assert!(output.stderr.contains("has no table `responses` or `turns`"), "{}", output.stderr);
}

#[test]
fn a_directory_is_looked_through_and_strange_files_in_it_are_told() {
    let home = home();
    write(&home, "work/all/notes.jsonl", "{\"role\":\"user\"}\n");
    write(&home, "work/all/deep/a.jsonl", &lines(&[claude("m1", 5)]));
    write(&home, "work/all/deep/spend.csv", "request_id,spend,prompt_tokens,completion_tokens,startTime,model\n");
    std::os::unix::fs::symlink(home.path("work/all"), home.path("work/all/deep/circle")).expect("a link");
    let output = import(&home, &["all"]).expect_code(0);
    assert!(output.stderr.contains("1 file is of no known tool"), "{}", output.stderr);
    assert_eq!(spent(&home)["claude-code"].requests, 1);
}

#[test]
fn a_word_that_is_neither_a_tool_nor_a_file_is_an_error_with_a_suggestion() {
    let output = import(&Home::new(), &["claude-cod"]).expect_code(2);
    assert!(output.stderr.contains("did you mean `claude-code`?"), "{}", output.stderr);
}

#[test]
fn nothing_to_read_is_said_and_of_a_tool_that_was_named_it_is_an_error() {
    let home = Home::new();
    let output = import(&home, &[]).expect_code(0);
    assert!(output.stderr.contains("no logs were found"), "{}", output.stderr);
    let output = import(&home, &["codex"]).expect_code(2);
    assert!(output.stderr.contains("there are no logs of Codex here"), "{}", output.stderr);
    assert!(output.stderr.contains(".codex/archived_sessions"), "{}", output.stderr);
    let output = import(&home, &["litellm"]).expect_code(2);
    assert!(output.stderr.contains("name its export"), "{}", output.stderr);
}

#[test]
fn nothing_of_what_was_said_is_copied_and_the_other_database_stays_as_it_was() {
    let home = home();
    let database = home.path("config/io.datasette.llm/logs.db");
    let before = fs::read(&database).expect("the database");
    imported(&home, &[]);
    assert_eq!(fs::read(&database).expect("the database"), before);
    for entry in fs::read_dir(home.path("data/llmx")).expect("the ledger's directory") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
        assert!(!bytes.windows(6).any(|window| window == b"SECRET"));
    }
}

#[test]
fn imports_teach_the_router_nothing() {
    let home = home();
    imported(&home, &[]);
    let health = Ledger::open(&home.path("data/llmx/ledger.db")).health_rows(0).expect("a ledger");
    assert!(health.targets.is_empty() && health.breakers.is_empty(), "{health:?}");
}

#[test]
fn two_imports_at_once_count_everything_once() {
    let home = home();
    let calls: Vec<Value> = (0..3000).map(|number| claude(&format!("m{number}"), 10)).collect();
    write(&home, CLAUDE, &lines(&calls));
    let running = [0, 1].map(|_| home.llmx().args(["cost", "import", "claude-code", "--json"]).spawn());
    let reports = running.map(|running| {
        let output = running.finish().expect_code(0);
        told(&serde_json::from_str(&output.stdout).expect("JSON"), "claude-code").0
    });
    assert_eq!(reports[0][1] + reports[1][1], 3000, "{reports:?}");
    assert_eq!(spent(&home)["claude-code"].requests, 3000);
}

#[test]
fn imported_calls_are_priced_anew_and_the_same_prices_change_nothing() {
    let home = Home::new();
    write(&home, CLAUDE, &lines(&[claude("m1", 500), claude("m2", 700)]));
    write(&home, CODEX, &codex_session(&[codex(1_000, 1_000)]));
    llm_database(&home);
    let log = write(&home, "spend.jsonl", &lines(&[spend("s1", "gpt-4o", 0.5), spend("s2", "some-model", 0.25)]));
    home.llmx().args(["cost", "import"]).run().expect_code(0);
    home.llmx().args(["cost", "import", "litellm"]).arg(log).run().expect_code(0);
    let reprice = |arguments: &[&str]| -> Value {
        let run = home.llmx().args(["cost", "reprice", "--json"]).args(arguments).run().expect_code(0);
        serde_json::from_str(&run.stdout).expect("JSON")
    };
    let same = reprice(&[]);
    assert_eq!(same["imported"], same["requests"]);
    assert_eq!((&same["total"]["changed"], &same["total"]["difference"]), (&json!(0), &json!("0")), "{same}");
    assert_eq!(same["newly_priced"]["requests"], 0, "{same}");
    let models: Vec<&str> =
        same["models"].as_array().expect("models").iter().filter_map(|model| model["model"].as_str()).collect();
    assert_eq!(models, ["anthropic/claude-sonnet-4-5-20250929", "openai/gpt-4o"]);
    for (day, requests) in
        [("2026-11-19", json!(0)), ("2026-11-20", same["requests"].clone()), ("2026-11-21", json!(0))]
    {
        assert_eq!(reprice(&["--since", day, "--until", day])["requests"], requests, "{day}");
    }
    assert_eq!(reprice(&["--since", "2026-11", "--until", "2026-11"])["requests"], same["requests"]);
    let table = home.llmx().args(["cost", "reprice"]).run().expect_code(0);
    assert!(table.stderr.contains("are out of the logs of other tools"), "{}", table.stderr);
}
