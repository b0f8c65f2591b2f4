//! Every fault of the fleet, in every wire format, streamed and whole, off a terminal: who is asked how often, what
//! stdout gets, what stderr says, and how it ends.

use llmx::sim::tokens::pieces;

use crate::support::chain::{Link, PROMPT, config, first_tokens, nothing_leaked, words};
use crate::support::parallel::each;
use crate::support::{Llmx, Output, Server};

const WIRES: [&str; 3] = ["openai-chat", "anthropic", "gemini"];
/// Text that came before a fault `@5`.
const PARTIAL: usize = 5;

/// A way to ask.
#[derive(Clone, Copy, Debug)]
struct Way {
    wire: &'static str,
    streamed: bool,
}

/// What a fault must lead to.
struct Row {
    fault: &'static str,
    /// The ways of asking that the row speaks of.
    when: fn(Way) -> bool,
    /// The class in words, as stderr has it.
    class: &'static str,
    /// Tries with a healthy provider behind it; 0 for a failure that is not worth another provider, tried once.
    before_another: usize,
    /// Tries of the last provider of the chain.
    as_last: usize,
    /// The exit code when nobody answers.
    ends: i32,
}

const fn row(fault: &'static str, class: &'static str, tries: (usize, usize), ends: i32) -> Row {
    Row { fault, when: |_| true, class, before_another: tries.0, as_last: tries.1, ends }
}

impl Row {
    const fn when(self, when: fn(Way) -> bool) -> Self {
        Self { when, ..self }
    }

    fn falls_back(&self) -> bool {
        self.before_another > 0
    }

    /// The tokens that come before the fault.
    fn tokens(&self, way: Way, text: &str) -> usize {
        match self.fault {
            "filter" => pieces(text).len().div_ceil(2),
            fault if fault.ends_with("@5") && way.streamed => PARTIAL,
            _ => 0,
        }
    }

    fn needs_limits(&self) -> bool {
        ["hang", "slow", "stall"].iter().any(|name| self.fault.starts_with(name))
    }
}

/// The minimum of requests: one retry where another try may help and costs little, none where the next provider is the
/// better try, none where the same request fails the same way.
const ROWS: &[Row] = &[
    row("500", "server error", (2, 2), 6),
    row("503", "overloaded", (1, 2), 6),
    row("529", "overloaded", (1, 2), 6),
    row("429", "rate limited", (1, 2), 5),
    row("429=0.2", "rate limited", (1, 2), 5),
    row("429=200ms", "rate limited", (1, 2), 5),
    row("401", "key rejected", (1, 1), 4),
    row("403", "not permitted", (1, 1), 4),
    row("404", "model not found", (1, 1), 3),
    row("400", "request rejected", (0, 1), 1),
    // Nobody knows the windows of these models, so the next may be large enough.
    row("context", "prompt larger than the context window", (1, 1), 1),
    row("quota", "quota or credit exhausted", (1, 1), 5),
    row("refuse", "no connection", (2, 2), 6),
    row("hang", "no first token in time", (1, 1), 7),
    row("slow", "no first token in time", (1, 1), 7),
    row("stall@5", "stream went silent", (1, 1), 7).when(|way| way.streamed),
    row("stall@5", "no first token in time", (1, 1), 7).when(|way| !way.streamed),
    row("cut@5", "answer cut off", (1, 2), 9),
    row("reset@5", "answer cut off", (1, 2), 9),
    row("error@5", "server error", (2, 2), 6).when(|way| way.wire == "openai-chat" || !way.streamed),
    row("error@5", "overloaded", (1, 2), 6).when(|way| way.wire != "openai-chat" && way.streamed),
    row("malformed@5", "not the provider's format", (2, 2), 6),
    row("empty", "empty answer", (2, 2), 9),
    row("html", "not the provider's format", (2, 2), 6),
    row("html503", "overloaded", (1, 2), 6),
    // Anthropic's filter speaks as the model.
    row("filter", "the model refused", (0, 1), 8).when(|way| way.wire == "anthropic"),
    row("filter", "content filter", (0, 1), 8).when(|way| way.wire != "anthropic"),
];

/// One run: a row in one way of asking.
struct Case {
    row: &'static Row,
    way: Way,
}

fn cases() -> Vec<Case> {
    let ways = WIRES.iter().flat_map(|&wire| [true, false].map(|streamed| Way { wire, streamed }));
    let all = ways.flat_map(|way| ROWS.iter().filter(move |row| (row.when)(way)).map(move |row| Case { row, way }));
    all.collect()
}

impl Case {
    /// The wire format of the provider that serves: another one, so that a chain crosses formats.
    fn other_wire(&self) -> &'static str {
        let at = WIRES.iter().position(|wire| *wire == self.way.wire).unwrap_or_default();
        WIRES[(at + 1) % WIRES.len()]
    }
}

fn bad(index: usize, copy: usize) -> String {
    format!("broken{index}-{copy}")
}

/// The fleet of all cases, each with two broken providers of its own.
fn fleet(cases: &[Case]) -> Server {
    let faults = cases
        .iter()
        .enumerate()
        .flat_map(|(index, case)| [1, 2].map(|copy| format!("{}:{}", bad(index, copy), case.row.fault)));
    Server::start(&faults.collect::<Vec<_>>().join(","))
}

const LIMITS: &str = "timeout = { first_token = \"600ms\", idle = \"600ms\" }";

/// `complete` in a home of its own with that chain.
fn complete(server: &Server, case: &Case, chain: &[Link]) -> Llmx {
    let limits = if case.row.needs_limits() { LIMITS } else { "" };
    let run = Llmx::new().config(&config(server, chain, limits)).args(["complete", PROMPT]);
    if case.way.streamed { run } else { run.arg("-S") }
}

/// The lines of stderr that tell of a failed attempt at that provider, as `class` has it.
fn told(output: &Output, provider: &str, class: &str) -> usize {
    let begin = format!("{provider}/m: {class}");
    output.stderr.lines().filter(|line| line.starts_with(&begin)).count()
}

#[test]
fn every_fault_of_the_fleet_has_a_row_for_every_way_of_asking() {
    let named = |names: &[&str], case: &Case| names.contains(&case.row.fault.split(['@', '=']).next().unwrap_or(""));
    for fault in llmx::sim::FAULTS.iter().filter(|fault| fault.names != ["length"]) {
        let ways = cases().iter().filter(|case| named(fault.names, case)).count();
        let forms = if fault.names == ["429"] { 3 } else { 1 };
        assert_eq!(ways, forms * 2 * WIRES.len(), "{}", fault.usage);
    }
}

#[test]
fn with_a_healthy_provider_behind_it_every_fault_that_allows_it_is_survived_with_the_fewest_requests() {
    let cases = cases();
    let server = fleet(&cases);
    each(&cases, |index, case| {
        let (broken, healthy) = (bad(index, 1), format!("healthy{index}"));
        let chain = [(broken.clone(), case.way.wire), (healthy.clone(), case.other_wire())];
        let output = complete(&server, case, &chain).run();
        let place = format!("{} {:?}\n{}\n{}", case.row.fault, case.way, output.stdout, output.stderr);
        nothing_leaked(&output);
        let requests = if case.row.fault == "refuse" { 0 } else { case.row.before_another.max(1) };
        assert_eq!(server.count(&broken), requests, "requests: {place}");
        if case.row.falls_back() {
            assert_eq!((output.code, &output.stdout), (0, &(words(&healthy) + "\n")), "{place}");
            assert_eq!(server.count(&healthy), 1, "{place}");
            assert_eq!(told(&output, &broken, case.row.class), case.row.before_another, "{place}");
            assert_eq!(output.stderr.lines().count(), case.row.before_another, "one line for each failure: {place}");
        } else {
            assert_eq!((output.code, output.stdout.as_str()), (case.row.ends, ""), "{place}");
            assert_eq!(server.count(&healthy), 0, "{place}");
            assert!(output.stderr.contains(&format!("{broken}/m: {}", case.row.class)), "{place}");
        }
    });
}

#[test]
fn when_everybody_fails_stdout_is_empty_the_exit_code_says_why_and_the_partial_answer_is_kept() {
    let cases = cases();
    let server = fleet(&cases);
    each(&cases, |index, case| {
        let chain = [1, 2].map(|copy| (bad(index, copy), case.way.wire));
        let output = complete(&server, case, &chain).run();
        let place = format!("{} {:?}\n{}\n{}", case.row.fault, case.way, output.stdout, output.stderr);
        nothing_leaked(&output);
        assert_eq!((output.code, output.stdout.as_str()), (case.row.ends, ""), "{place}");
        let tries = if case.row.falls_back() { [case.row.before_another, case.row.as_last] } else { [1, 0] };
        let requests = if case.row.fault == "refuse" { [0, 0] } else { tries };
        assert_eq!([1, 2].map(|copy| server.count(&bad(index, copy))), requests, "requests: {place}");
        let tables = output.stderr.lines().filter(|line| line.contains("target") && line.contains("outcome")).count();
        assert_eq!(tables, usize::from(tries[0] + tries[1] > 1), "one table: {place}");
        assert_eq!(output.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{place}");
        let last = if case.row.falls_back() { &chain[1].0 } else { &chain[0].0 };
        partial_is_kept(&output, &first_tokens(last, case.row.tokens(case.way, &words(last))), &place);
    });
}

/// The hint of stderr shows this text, or there is neither text nor hint.
fn partial_is_kept(output: &Output, partial: &str, place: &str) {
    let command = output.stderr.split_once("`llmx log show ").and_then(|(_, rest)| rest.split_once('`'));
    let Some((arguments, _)) = command else {
        assert_eq!(partial, "", "no hint: {place}");
        return;
    };
    let shown = output.home.llmx().args(["log", "show"]).args(arguments.split(' ')).run().expect_code(0);
    assert_eq!(shown.stdout.trim_end_matches('\n'), partial.trim_end_matches('\n'), "{place}");
}

#[test]
fn a_failure_in_json_is_one_object_with_its_code() {
    let cases = cases();
    let server = fleet(&cases);
    each(&cases, |index, case| {
        let output = complete(&server, case, &[(bad(index, 1), case.way.wire)]).arg("--json").run();
        let place = format!("{} {:?}\n{}\n{}", case.row.fault, case.way, output.stdout, output.stderr);
        nothing_leaked(&output);
        let object: serde_json::Value = serde_json::from_str(&output.stdout).expect(&place);
        assert_eq!((output.code, &object["schema"]), (case.row.ends, &"llmx.complete/1".into()), "{place}");
        assert_eq!(object["error"]["exit_code"], case.row.ends, "{place}");
        assert!(object["error"]["code"].is_string() && object.get("text").is_none(), "{place}");
        assert_eq!(object["attempts"].as_array().map(Vec::len), Some(case.row.as_last), "{place}");
    });
}

#[test]
fn with_stream_a_fault_after_text_ends_with_what_came_and_nobody_else_is_asked() {
    let streamed = |case: &Case| case.way.streamed && case.row.tokens(case.way, PROMPT) > 0;
    let cases: Vec<Case> = cases().into_iter().filter(streamed).collect();
    assert_eq!(cases.len(), 6 * WIRES.len());
    let server = fleet(&cases);
    each(&cases, |index, case| {
        let (broken, healthy) = (bad(index, 1), format!("healthy{index}"));
        let chain = [(broken.clone(), case.way.wire), (healthy.clone(), case.other_wire())];
        // Text in a pipe cannot be unsaid, so a restart does not apply.
        let policy: &[&str] = if index % 2 == 0 { &[] } else { &["--on-cut", "restart"] };
        let output = complete(&server, case, &chain).arg("--stream").args(policy).run();
        let place = format!("{} {:?}\n{}\n{}", case.row.fault, case.way, output.stdout, output.stderr);
        nothing_leaked(&output);
        let came = first_tokens(&broken, case.row.tokens(case.way, &words(&broken)));
        assert_eq!(output.stdout.trim_end_matches('\n'), came.trim_end_matches('\n'), "{place}");
        // What a filter ends is no cut of the wire; its own code says more.
        assert_eq!(output.code, if case.row.fault == "filter" { 8 } else { 9 }, "{place}");
        assert_eq!((server.count(&broken), server.count(&healthy)), (1, 0), "{place}");
        partial_is_kept(&output, &came, &place);
    });
}

#[test]
fn with_stream_a_fault_before_text_is_not_seen() {
    let faults = ["500", "429=30", "hang", "cut@0", "reset@0", "stall@0", "error@0", "malformed@0", "empty", "html"];
    let cases: Vec<(&str, &'static str)> = faults.iter().flat_map(|fault| WIRES.map(|wire| (*fault, wire))).collect();
    let named = |index: usize, fault: &str| format!("{}:{fault}", bad(index, 1));
    let faults: Vec<String> = cases.iter().enumerate().map(|(index, (fault, _))| named(index, fault)).collect();
    let server = Server::start(&faults.join(","));
    each(&cases, |index, (fault, wire)| {
        let healthy = format!("healthy{index}");
        let chain = [(bad(index, 1), *wire), (healthy.clone(), "openai-chat")];
        let limits = if ["hang", "stall@0"].contains(fault) { LIMITS } else { "" };
        let run = Llmx::new().config(&config(&server, &chain, limits)).args(["complete", "--stream", PROMPT]);
        let output = run.run();
        assert_eq!((output.code, output.stdout), (0, words(&healthy) + "\n"), "{fault} {wire} {}", output.stderr);
    });
}

#[test]
fn case_06_no_fallback_asks_one_provider_alone() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.way.wire == "openai-chat").collect();
    let server = fleet(&cases);
    each(&cases, |index, case| {
        let (broken, healthy) = (bad(index, 1), format!("healthy{index}"));
        let chain = [(broken.clone(), case.way.wire), (healthy.clone(), "anthropic")];
        let output = complete(&server, case, &chain).arg("--no-fallback").run();
        let place = format!("{} {:?}\n{}\n{}", case.row.fault, case.way, output.stdout, output.stderr);
        assert_eq!((output.code, output.stdout.as_str()), (case.row.ends, ""), "{place}");
        let requests = if case.row.fault == "refuse" { 0 } else { case.row.as_last };
        assert_eq!((server.count(&broken), server.count(&healthy)), (requests, 0), "{place}");
    });
}

#[test]
fn an_answer_that_the_token_limit_cut_is_an_answer_with_a_warning_and_strict_takes_none() {
    for wire in WIRES {
        let server = Server::start("cut-short:length");
        let chain = [("cut-short".to_owned(), wire), ("healthy".to_owned(), wire)];
        let came = first_tokens("cut-short", pieces(&words("cut-short")).len().div_ceil(2));
        for streamed in [true, false] {
            let run = || {
                let run = Llmx::new().config(&config(&server, &chain, "")).args(["complete", PROMPT]);
                if streamed { run } else { run.arg("-S") }
            };
            let output = run().run().expect_code(0);
            assert_eq!(output.stdout.trim_end(), came.trim_end(), "{wire}");
            assert!(output.stderr.contains("token limit"), "{}", output.stderr);
            let output = run().arg("--strict").run().expect_code(9);
            assert_eq!(output.stdout, "");
            partial_is_kept(&output, &came, wire);
        }
        assert_eq!(server.count("healthy"), 0);
    }
}
