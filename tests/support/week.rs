//! A simulated week, for `benches/week.rs` and `tests/predict.rs`: five small models that a user might well put in one tier,
//! with their prices from the catalogue, and traffic that the real [`decide`] routes.
//!
//! What holds in this world (drawn anew for each seed, the same for every policy):
//!
//! - About 300 requests a day, most between 7 and 22 o'clock UTC. Prompts have 100 to 30,000 tokens, answers 300 in the
//!   median; each model says more or less than that, thinks more or less, counts a prompt's tokens in its own way, and finds
//!   another share of it in its cache. The router is told none of this.
//! - Speeds are about those that providers have in public, each up to a third or so faster or slower by the seed.
//! - Each provider is slow around its own hour of the day, at the peak by 2 to 6 times, on weekends by half of that. One day
//!   in seven is slow, by 1.5 to 3 times.
//! - One request in a hundred or so fails by itself, more under load. About three times a week, each provider is out, for five
//!   minutes to four hours: half of the outages answer with errors at once, half never answer, which costs the limit of 20 s.
//! - A failed attempt costs its time, and what was said before a stream broke is paid for. The next candidate of the plan is
//!   asked then. Who gets no answer at all asks again after half a minute.
//! - What comes of asking a model at a moment for a request depends on the seed alone, so every policy meets the same luck.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a simulation rounds")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use llmx::catalog::{Catalog, Unit};
use llmx::chat::ChatRequest;
use llmx::failure::FailureClass;
use llmx::provider::{KeyState, Target, TargetId, builtin};
use llmx::route::breaker::{Breaker, Evidence, Subject};
use llmx::route::estimate::Measure;
use llmx::route::experience::{Counted, Experience, Seen, Sort};
use llmx::route::strategy::{Balance, Strategy};
use llmx::route::{Demand, Origin, Plan, Policy, Set, Snapshot, chance, decide, predict};

/// Monday, 2026-11-23, midnight UTC.
const START: i64 = 1_795_392_000;
const DAYS: usize = 7;
const HANG: f64 = 20.0;

/// A model as it is: what the router has to find out.
struct Nature {
    provider: &'static str,
    model: &'static str,
    first_token: f64,
    each_token: f64,
    /// Tokens of its answers beside what is usual, without thinking.
    says: f64,
    /// Thinking, as a share of what it says.
    thinks: f64,
    cache_share: f64,
    /// Tokens of a prompt beside what the router expects.
    counts: f64,
    fails: f64,
    /// The hour of its peak, UTC.
    peak: f64,
}

const NATURES: [Nature; 5] = [
    Nature {
        provider: "openai",
        model: "gpt-5.4-nano",
        first_token: 0.6,
        each_token: 0.0062,
        says: 1.0,
        thinks: 0.3,
        cache_share: 0.3,
        counts: 1.0,
        fails: 0.01,
        peak: 17.0,
    },
    Nature {
        provider: "gemini",
        model: "gemini-3.1-flash-lite",
        first_token: 0.5,
        each_token: 0.0045,
        says: 1.1,
        thinks: 0.1,
        cache_share: 0.2,
        counts: 1.08,
        fails: 0.01,
        peak: 15.0,
    },
    Nature {
        provider: "mistral",
        model: "mistral-small-2603",
        first_token: 0.5,
        each_token: 0.0077,
        says: 1.1,
        thinks: 0.0,
        cache_share: 0.1,
        counts: 1.12,
        fails: 0.015,
        peak: 10.0,
    },
    Nature {
        provider: "deepseek",
        model: "deepseek-flash",
        first_token: 1.2,
        each_token: 0.016,
        says: 0.9,
        thinks: 0.1,
        cache_share: 0.6,
        counts: 0.95,
        fails: 0.02,
        peak: 6.0,
    },
    Nature {
        provider: "groq",
        model: "openai/gpt-oss-120b",
        first_token: 0.3,
        each_token: 0.0022,
        says: 1.0,
        thinks: 1.0,
        cache_share: 0.1,
        counts: 1.0,
        fails: 0.025,
        peak: 19.0,
    },
];

/// A request of the week.
struct Ask {
    /// Seconds since the start.
    at: f64,
    prompt: u64,
    answer: f64,
}

struct Outage {
    from: f64,
    until: f64,
    hangs: bool,
}

/// The moods of one provider in the week.
struct Moods {
    speed: f64,
    peak: f64,
    amplitude: f64,
    slow_days: [f64; DAYS],
    outages: Vec<Outage>,
}

/// A week.
pub struct World {
    seed: u64,
    asks: Vec<Ask>,
    moods: Vec<Moods>,
    targets: Vec<Target>,
}

/// What one attempt comes to.
struct Attempt {
    seconds: f64,
    first: f64,
    dollars: f64,
    failed: Option<FailureClass>,
    counted: Counted,
}

/// How a policy fared.
#[derive(Clone, Debug, Default)]
pub struct Fared {
    /// The sum of losses, as `predict::loss` has them, per request.
    pub loss: f64,
    /// Dollars in all.
    pub dollars: f64,
    /// Seconds, the mean of all requests.
    pub seconds: f64,
    /// Failed attempts in all.
    pub failed: f64,
    /// Requests that were tried out, and the mean over all requests of what that was expected to make worse.
    pub explored: f64,
    pub worse_by: f64,
    /// How often each was asked first.
    pub firsts: [usize; NATURES.len()],
}

/// Draws from the seed alone.
struct Dice(u64);

impl Dice {
    fn of(seed: u64, parts: &[u64]) -> Self {
        Self(parts.iter().fold(seed, |seed, part| chance::number(seed, *part)))
    }

    fn share(&mut self) -> f64 {
        self.0 = chance::number(self.0, 0);
        chance::share(self.0, 1)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.share().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * self.share()).cos()
    }
}

impl World {
    /// The week of that seed.
    pub fn new(seed: u64, requests_a_day: f64) -> Self {
        let moods = (0..NATURES.len() as u64).map(|which| moods(&mut Dice::of(seed, &[1, which]), which)).collect();
        let asks = asks(&mut Dice::of(seed, &[2]), requests_a_day);
        Self { seed, asks, moods, targets: NATURES.iter().map(target).collect() }
    }

    /// The names of its models, in the order of the file.
    pub fn models() -> Vec<&'static str> {
        NATURES.iter().map(|nature| nature.model).collect()
    }

    pub fn requests(&self) -> usize {
        self.asks.len()
    }

    fn load(&self, model: usize, at: f64) -> f64 {
        let moods = &self.moods[model];
        let (day, hour) = ((at / 86_400.0).clamp(0.0, 6.0) as usize, at / 3600.0 % 24.0);
        let apart = (hour - moods.peak).abs();
        let apart = apart.min(24.0 - apart);
        let weekend = if day >= 5 { 0.5 } else { 1.0 };
        let peak = 1.0 + (moods.amplitude - 1.0) * weekend * (-(apart * apart) / (2.0 * 2.5 * 2.5)).exp();
        peak * moods.slow_days[day]
    }

    /// What comes of asking a model for a request.
    fn attempt(&self, model: usize, request: usize, at: f64, prompt: u64) -> Attempt {
        let (nature, moods, ask) = (&NATURES[model], &self.moods[model], &self.asks[request]);
        let mut dice = Dice::of(self.seed, &[3, model as u64, request as u64, (at - ask.at) as u64 / 30]);
        let load = self.load(model, at);
        let pace = load * moods.speed;
        let input = (prompt as f64 * nature.counts * (0.02 * dice.normal()).exp()).round();
        let said = ask.answer * nature.says * (0.2 * dice.normal()).exp();
        let thought = said * nature.thinks * (0.3 * dice.normal()).exp();
        let whole = (said + thought).max(1.0);
        let first = (nature.first_token + input * 2e-5) * pace * (0.35 * dice.normal()).exp();
        let rest = nature.each_token * whole * pace * (0.2 * dice.normal()).exp();
        let cached = if dice.share() < 0.7 { input * nature.cache_share / 0.7 } else { 0.0 };
        let counted = Counted {
            input: input as u64,
            cache_read: cached as u64,
            output: whole as u64,
            reasoning: thought as u64,
            expected: prompt,
        };
        let fails = dice.share() < nature.fails + 0.01 * (load - 1.0);
        let (kind, quick) = (dice.share(), dice.between(0.1, 1.5));
        let out = moods.outages.iter().find(|outage| (outage.from..outage.until).contains(&at));
        let lost = |seconds, class| Attempt { seconds, first, dollars: 0.0, failed: Some(class), counted };
        match out {
            Some(outage) if outage.hangs => lost(HANG, FailureClass::TimeoutFirstToken),
            Some(_) => lost(quick, FailureClass::ServerError),
            None if first > HANG => lost(HANG, FailureClass::TimeoutFirstToken),
            None if fails && kind < 0.7 => lost(quick, FailureClass::ServerError),
            None if fails && kind < 0.85 => lost(HANG, FailureClass::TimeoutFirstToken),
            None => {
                let dollars = self.dollars(model, counted, at, if fails { 0.5 } else { 1.0 });
                let cut = Attempt { dollars, ..lost(first + rest / 2.0, FailureClass::IncompleteStream) };
                if fails { cut } else { Attempt { seconds: first + rest, failed: None, ..cut } }
            }
        }
    }

    fn dollars(&self, model: usize, counted: Counted, at: f64, said: f64) -> f64 {
        let model = self.targets[model].model.as_deref().expect("in the catalogue");
        let rates = model.rates(counted.input, moment(at)).expect("a price");
        let price = |unit, count: f64| (rates.get(unit).expect("a rate") * (count as u64)).pico() as f64 / 1e12;
        price(Unit::Input, (counted.input - counted.cache_read) as f64)
            + price(Unit::CacheRead, counted.cache_read as f64)
            + price(Unit::Output, (counted.output - counted.reasoning) as f64 * said)
            + price(Unit::Reasoning, counted.reasoning as f64 * said)
    }

    /// The week under a strategy, all models in one tier in the order of the file.
    pub fn under(&self, strategy: &str, explore: f64) -> Fared {
        let strategy = Strategy::named(strategy).expect("a strategy");
        let ids = self.targets.iter().map(|target| target.id.clone()).collect();
        self.run(&Policy { strategy: Set::built_in(strategy), ..policy(ids, explore) })
    }

    /// The week with always that model first, and the others behind it.
    pub fn fixed(&self, model: usize) -> Fared {
        let mut ids: Vec<TargetId> = self.targets.iter().map(|target| target.id.clone()).collect();
        ids[..=model].rotate_right(1);
        self.run(&policy(ids, 0.0))
    }

    /// The mean loss of who knows beforehand what comes of asking each model: nobody can be better.
    pub fn foreseen(&self) -> f64 {
        let best = |(request, ask): (usize, &Ask)| {
            let losses = (0..NATURES.len()).filter_map(|model| {
                let prompt = self.prompt(model, ask);
                let attempt = self.attempt(model, request, ask.at, prompt);
                let loss = predict::loss(Balance::DEFAULT, attempt.dollars, attempt.seconds, 0.0);
                attempt.failed.is_none().then_some(loss)
            });
            losses.fold(f64::INFINITY, f64::min)
        };
        let losses: Vec<f64> = self.asks.iter().enumerate().map(best).filter(|loss| loss.is_finite()).collect();
        losses.iter().sum::<f64>() / losses.len() as f64
    }

    fn prompt(&self, model: usize, ask: &Ask) -> u64 {
        let target = &self.targets[model];
        let family = target.model.as_deref().and_then(|model| model.tokenizer.as_deref());
        Measure::of_tokens(ask.prompt).tokens(family, &target.id.model).expected
    }

    fn run(&self, policy: &Policy) -> Fared {
        let mut router = Router::default();
        let mut fared = Fared::default();
        for (request, ask) in self.asks.iter().enumerate() {
            let (mut elapsed, mut dollars, mut failed) = (0.0, 0.0, 0.0);
            for round in 0..50 {
                let plan = router.plan(self, policy, ask, ask.at + elapsed, request as u64 * 50 + round);
                if round == 0 {
                    fared.note(&plan, self);
                }
                if self.walk(&plan, request, &mut router, &mut elapsed, &mut dollars, &mut failed) {
                    break;
                }
                elapsed += 30.0;
            }
            fared.loss += predict::loss(policy.balance.value, dollars, elapsed, failed);
            fared.dollars += dollars;
            fared.seconds += elapsed;
            fared.failed += failed;
        }
        let count = self.asks.len() as f64;
        Fared { loss: fared.loss / count, seconds: fared.seconds / count, worse_by: fared.worse_by / count, ..fared }
    }

    /// Whether an answer came.
    fn walk(
        &self,
        plan: &Plan,
        request: usize,
        router: &mut Router,
        elapsed: &mut f64,
        dollars: &mut f64,
        failed: &mut f64,
    ) -> bool {
        for candidate in &plan.candidates {
            let model = self.place(&candidate.target);
            let at = self.asks[request].at + *elapsed;
            let attempt = self.attempt(model, request, at, candidate.input.expected);
            *elapsed += attempt.seconds;
            *dollars += attempt.dollars;
            router.learn(&candidate.target, candidate.input.expected, &attempt, at, at + attempt.seconds);
            if attempt.failed.is_none() {
                return true;
            }
            *failed += 1.0;
        }
        false
    }

    fn place(&self, id: &TargetId) -> usize {
        self.targets.iter().position(|target| target.id == *id).expect("one of them")
    }
}

impl Fared {
    fn note(&mut self, plan: &Plan, world: &World) {
        let first = &plan.candidates[0];
        self.firsts[world.place(&first.target)] += 1;
        if let Some(llmx::route::strategy::Note::Explored { worse_by }) = first.score.note {
            self.explored += 1.0;
            self.worse_by += worse_by;
        }
    }
}

/// What the router remembers from request to request.
#[derive(Default)]
struct Router {
    experience: Experience,
    breakers: HashMap<Subject, Breaker>,
}

impl Router {
    fn plan(&mut self, world: &World, policy: &Policy, ask: &Ask, at: f64, seed: u64) -> Plan {
        let request = request();
        let demand = Demand { input: Measure::of_tokens(ask.prompt), ..Demand::of(&request, false) };
        let seed = chance::number(world.seed, seed);
        let mut snapshot = Snapshot::blank(moment(at), seed);
        std::mem::swap(&mut snapshot.experience, &mut self.experience);
        std::mem::swap(&mut snapshot.breakers, &mut self.breakers);
        let plan = decide(&demand, &world.targets, policy, &snapshot);
        self.experience = snapshot.experience;
        self.breakers = snapshot.breakers;
        plan
    }

    fn learn(&mut self, target: &TargetId, prompt: u64, attempt: &Attempt, began: f64, ended: f64) {
        let time = Duration::from_secs_f64;
        let answered = attempt.failed.is_none();
        let seen = Seen {
            failed: !answered,
            first_token: answered.then(|| time(attempt.first)),
            total: Some(time(attempt.seconds)),
            tokens: answered.then_some(attempt.counted),
            ..Seen::default()
        };
        self.experience.learn(target, Sort::at(moment(began), prompt, true, false), &seen, moment(ended));
        let (evidence, subjects) = match attempt.failed {
            None => (Evidence::Good, Subject::all(target, None)),
            Some(class) => (Evidence::Failed { class, retry_after: None }, vec![Subject::of(class, target, None)]),
        };
        for subject in subjects {
            let breaker = self.breakers.remove(&subject).unwrap_or_default();
            self.breakers.insert(subject, breaker.after(evidence, moment(ended), 0));
        }
    }
}

fn request() -> ChatRequest {
    ChatRequest { stream: true, ..ChatRequest::default() }
}

fn moment(at: f64) -> Timestamp {
    let start = Timestamp::from_second(START).expect("a moment");
    start.checked_add(SignedDuration::from_secs_f64(at)).expect("a moment")
}

fn policy(ids: Vec<TargetId>, explore: f64) -> Policy {
    let mut policy = Policy::of("week", Origin::BuiltIn, vec![ids]);
    policy.limits.first_token = Some(Set::built_in(Duration::from_secs_f64(HANG)));
    policy.explore = Set::built_in(explore);
    policy
}

fn target(nature: &Nature) -> Target {
    let (name, row) = builtin().into_iter().find(|(name, _)| name == nature.provider).expect("a provider");
    let row = row.into_provider(&name, &|_| None).expect("a whole row");
    let model = Catalog::builtin().find(&row.catalog, nature.model).expect("in the catalogue");
    let id = TargetId::new(nature.provider, nature.model);
    Target { id, provider: Arc::new(row), model: Some(Arc::new(model)), key: KeyState::NotNeeded, keys: Vec::new() }
}

fn moods(dice: &mut Dice, which: u64) -> Moods {
    let nature = &NATURES[usize::try_from(which).expect("few")];
    let outages = (0..3).map(|_| {
        let from = dice.between(0.0, 7.0 * 86_400.0);
        let length = 300.0 * 48.0_f64.powf(dice.share());
        Outage { from, until: from + length, hangs: dice.share() < 0.5 }
    });
    let outages = outages.collect();
    Moods {
        speed: (0.3 * dice.normal()).exp(),
        peak: (nature.peak + dice.between(-2.0, 2.0)).rem_euclid(24.0),
        amplitude: dice.between(2.0, 6.0),
        slow_days: std::array::from_fn(|_| if dice.share() < 1.0 / 7.0 { dice.between(1.5, 3.0) } else { 1.0 }),
        outages,
    }
}

fn asks(dice: &mut Dice, a_day: f64) -> Vec<Ask> {
    // By day five times as many as by night: 15 hours of one and 9 of the other.
    let most = a_day / (15.0 + 9.0 / 5.0) / 3600.0;
    let (mut at, mut asks) = (0.0, Vec::new());
    loop {
        at += -dice.share().max(1e-12).ln() / most;
        if at >= DAYS as f64 * 86_400.0 {
            return asks;
        }
        let by_day = (7.0..22.0).contains(&(at / 3600.0 % 24.0));
        let (prompt, answer) = ((7.0 + 1.3 * dice.normal()).exp(), 300.0 * (0.8 * dice.normal()).exp());
        if by_day || dice.share() < 0.2 {
            asks.push(Ask { at, prompt: prompt.clamp(100.0, 30_000.0) as u64, answer: answer.clamp(5.0, 4000.0) });
        }
    }
}

/// A mean with the half-width of its 95 % interval (Student's t, 19 degrees of freedom: for 20 values).
pub fn mean_of_20(values: &[f64]) -> (f64, f64) {
    assert_eq!(values.len(), 20);
    let mean = values.iter().sum::<f64>() / 20.0;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 19.0;
    (mean, 2.093 * (variance / 20.0).sqrt())
}

/// The same for each of 20 seeds, on as many threads as there are processors.
pub fn over_seeds<T: Send>(run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = std::sync::atomic::AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut done: Vec<(u64, T)> = std::thread::scope(|scope| {
        let work = || {
            let take = || Some(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).filter(|seed| *seed < 20);
            std::iter::from_fn(take).map(|seed| (seed, run(seed))).collect::<Vec<_>>()
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("no panic")).collect()
    });
    done.sort_by_key(|(seed, _)| *seed);
    done.into_iter().map(|(_, value)| value).collect()
}
