//! How the strategies fare in a simulated week, beside always the same model first: loss (doublings of dollars times
//! seconds, and three for each failed attempt), dollars, seconds, failed attempts; and for each seed and in the mean, by how
//! much `predictive` is better than each fixed choice and than the best of them in hindsight. `support/week.rs` describes
//! the world. An argument that is a number is the requests of a day.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../tests/support/week.rs"]
mod week;

use week::{Fared, World, mean_of_20, over_seeds};

const EXPLORE: f64 = 0.05;
const STRATEGIES: [&str; 5] = ["ordered", "cheapest", "fastest", "balanced", "predictive"];

struct Seed {
    requests: usize,
    foreseen: f64,
    strategies: Vec<Fared>,
    fixed: Vec<Fared>,
}

fn main() {
    let a_day = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(300.0);
    let seeds = over_seeds(|seed| {
        let world = World::new(seed, a_day);
        Seed {
            requests: world.requests(),
            foreseen: world.foreseen(),
            strategies: STRATEGIES.iter().map(|name| world.under(name, EXPLORE)).collect(),
            fixed: (0..World::models().len()).map(|model| world.fixed(model)).collect(),
        }
    });
    table(&seeds);
    differences(&seeds);
    dollars(&seeds);
    firsts(&seeds);
}

/// What `cheapest` costs beside the cheapest fixed choice in hindsight, learning included.
fn dollars(seeds: &[Seed]) {
    let best = |seed: &Seed| seed.fixed.iter().map(|fared| fared.dollars).fold(f64::INFINITY, f64::min);
    let more = |seed: &Seed| 100.0 * (seed.strategies[1].dollars / best(seed) - 1.0);
    let all: Vec<f64> = seeds.iter().map(more).collect();
    let (mean, half) = mean_of_20(&all);
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    println!(
        "\ndollars of cheapest beside the cheapest fixed choice: {mean:+.1} % ± {half:.1} %, at most {most:+.1} %"
    );
}

/// Whom `predictive` asked first, and how each would have fared alone.
fn firsts(seeds: &[Seed]) {
    println!("\nshare of requests that predictive asked first (loss of always asking it first), by seed:");
    for (at, seed) in seeds.iter().enumerate() {
        let predictive = &seed.strategies[4];
        let share = |model: usize| 100.0 * predictive.firsts[model] as f64 / seed.requests as f64;
        let told = |model: usize| format!("{:3.0} % ({:7.3})", share(model), seed.fixed[model].loss);
        let all: Vec<String> = (0..seed.fixed.len()).map(told).collect();
        println!("{at:3} {:7.3}  {}", predictive.loss, all.join("  "));
    }
}

fn table(seeds: &[Seed]) {
    println!("{} requests a week in the mean, 20 seeds", mean(seeds, |seed| seed.requests as f64).round());
    println!("{:32} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}", "", "loss", "$/week", "s", "failed", "explored", "worse by");
    let line = |name: &str, of: &dyn Fn(&Seed) -> &Fared| {
        let mean = |read: fn(&Fared) -> f64| mean(seeds, |seed| read(of(seed)));
        println!(
            "{name:32} {:8.3} {:8.4} {:8.3} {:8.1} {:9.1} {:8.2} %",
            mean(|fared| fared.loss),
            mean(|fared| fared.dollars),
            mean(|fared| fared.seconds),
            mean(|fared| fared.failed),
            mean(|fared| fared.explored),
            100.0 * mean(|fared| fared.worse_by)
        );
    };
    for (at, name) in STRATEGIES.iter().enumerate() {
        line(name, &|seed| &seed.strategies[at]);
    }
    for (at, name) in World::models().iter().enumerate() {
        line(&format!("fixed: {name}"), &|seed| &seed.fixed[at]);
    }
    println!("{:32} {:8.3}", "who knew every outcome", mean(seeds, |seed| seed.foreseen));
}

fn differences(seeds: &[Seed]) {
    let predictive = |seed: &Seed| seed.strategies[4].loss;
    let best = |seed: &Seed| seed.fixed.iter().map(|fared| fared.loss).fold(f64::INFINITY, f64::min);
    println!("\nloss of predictive less that of the best fixed choice in hindsight, by seed:");
    let differences: Vec<f64> = seeds.iter().map(|seed| predictive(seed) - best(seed)).collect();
    println!("{}", differences.iter().map(|value| format!("{value:.3}")).collect::<Vec<_>>().join(" "));
    let told = |name: &str, differences: &[f64]| {
        let (mean, half) = mean_of_20(differences);
        let better = 100.0 * (1.0 - (mean / 2.0).exp2());
        let (low, high) = (mean - half, mean + half);
        println!("  {name:32} {mean:7.3} [{low:.3}, {high:.3}]: {better:.0} % less of both dollars and seconds");
    };
    println!("mean over 20 seeds with its 95 % interval; below 0 is in favour of predictive:");
    told("the best in hindsight", &differences);
    for (at, name) in World::models().iter().enumerate() {
        told(name, &seeds.iter().map(|seed| predictive(seed) - seed.fixed[at].loss).collect::<Vec<_>>());
    }
    for (at, name) in STRATEGIES.iter().enumerate().take(4) {
        told(name, &seeds.iter().map(|seed| predictive(seed) - seed.strategies[at].loss).collect::<Vec<_>>());
    }
}

fn mean(seeds: &[Seed], read: impl Fn(&Seed) -> f64) -> f64 {
    seeds.iter().map(read).sum::<f64>() / seeds.len() as f64
}
