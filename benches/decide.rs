//! How long it takes to decide among 1,000 candidates of the catalogue, each with experience of many hours, by each strategy:
//! best, median and 95th percentile, beside the time to write such a plan as JSON. Under 2 ms is promised.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use llmx::catalog::{Catalog, Kind, Model};
use llmx::chat::{ChatRequest, Message, Role};
use llmx::provider::{KeyState, Target, TargetId, builtin};
use llmx::route::breaker::{Breaker, Evidence, Subject};
use llmx::route::experience::{Counted, Seen, Sort};
use llmx::route::strategy::STRATEGIES;
use llmx::route::{Demand, Origin, Policy, Set, Snapshot, decide};

const CANDIDATES: usize = 1000;
const ROUNDS: usize = 300;

fn main() {
    let targets = targets();
    let snapshot = snapshot(&targets);
    let request = ChatRequest {
        messages: vec![Message::text(Role::User, "Why is the sky blue? ".repeat(200))],
        stream: true,
        ..ChatRequest::default()
    };
    let demand = Demand::of(&request, false);
    let policy = |strategy| {
        let ids = targets.iter().map(|target| target.id.clone()).collect();
        let policy = Policy::of("all", Origin::File { path: "config.toml".to_owned(), line: 7 }, vec![ids]);
        Policy { strategy: Set::built_in(strategy), ..policy }
    };
    let one = decide(&demand, &targets, &policy(&STRATEGIES[0]), &snapshot);
    println!("{} candidates in, {} out", one.candidates.len(), one.rejected.len());
    let yardstick = measure(|| serde_json::to_string(&one).map_or(0, |json| json.len()));
    tell("the plan as JSON", yardstick, yardstick);
    for strategy in STRATEGIES {
        let policy = policy(strategy);
        tell(strategy.name, measure(|| decide(&demand, &targets, &policy, &snapshot)), yardstick);
    }
}

/// The best, the median and the 95th percentile.
type Times = [Duration; 3];

fn tell(name: &str, times: Times, yardstick: Times) {
    let [best, median, p95] = times.map(|time| time.as_secs_f64() * 1000.0);
    let ratio = best / (yardstick[0].as_secs_f64() * 1000.0);
    println!("{name:18} best {best:7.3} ms, median {median:7.3} ms, p95 {p95:7.3} ms; {ratio:.2} of the yardstick");
}

/// What a run gives is dropped outside of the time.
fn measure<T>(run: impl Fn() -> T) -> Times {
    let time = |_| {
        let start = Instant::now();
        let given = black_box(run());
        let time = start.elapsed();
        drop(given);
        time
    };
    let mut times: Vec<Duration> = (0..ROUNDS).map(time).collect();
    times.sort_unstable();
    [times[0], times[ROUNDS / 2], times[ROUNDS * 95 / 100]]
}

/// The first models of the catalogue that chat, at the providers that are built in.
fn targets() -> Vec<Target> {
    let catalog = Catalog::builtin();
    let whole =
        builtin().into_iter().filter_map(|(name, row)| Some((name.clone(), row.into_provider(&name, &|_| None).ok()?)));
    let mut targets = Vec::new();
    for (name, provider) in whole.filter(|(_, provider)| provider.missing.is_empty()) {
        let provider = Arc::new(provider);
        let chats =
            catalog.models(&provider.catalog).filter(|model| model.kind == Kind::Chat && model.pricing.is_some());
        targets.extend(chats.filter(|model| is_served(model) && !model.responses_only).map(|model| Target {
            id: TargetId::new(name.clone(), model.id.clone()),
            provider: provider.clone(),
            model: Some(Arc::new(model)),
            key: KeyState::NotNeeded,
            keys: Vec::new(),
        }));
    }
    targets.truncate(CANDIDATES);
    targets
}

fn is_served(model: &Model) -> bool {
    model.deprecates.as_deref().is_none_or(|day| day > "2026-12-31")
}

/// Two days of requests to each, one an hour; some breakers have seen failures.
fn snapshot(targets: &[Target]) -> Snapshot {
    let now = Timestamp::from_second(1_795_478_400).unwrap_or_default();
    let mut snapshot = Snapshot::blank(now, 7);
    for (at, target) in targets.iter().enumerate() {
        for hour in 0..48_u8 {
            let sort = Sort { prompt: 1000, hour: hour % 24, stream: true, tools: false };
            let first = Duration::from_millis(200 + u64::from(hour) + at as u64);
            let seen = Seen {
                failed: (at + usize::from(hour)).is_multiple_of(40),
                first_token: Some(first),
                total: Some(first * 5),
                tokens: Some(Counted { input: 1000, output: 300, ..Counted::default() }),
                ..Seen::default()
            };
            let when = now.checked_sub(SignedDuration::from_hours(48 - i64::from(hour))).unwrap_or(now);
            snapshot.experience.learn(&target.id, sort, &seen, when);
        }
        if at.is_multiple_of(10) {
            let class = llmx::failure::FailureClass::EmptyResponse;
            let breaker = Breaker::default().after(Evidence::Failed { class, retry_after: None }, now, 0);
            snapshot.breakers.insert(Subject::Target(target.id.clone()), breaker);
        }
    }
    snapshot
}
