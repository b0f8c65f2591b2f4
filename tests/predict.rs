//! What learning routes promise, in a simulated week: `support/week.rs` describes the world, `benches/week.rs` prints more
//! of it.

#![expect(clippy::print_stdout, reason = "the intervals are printed")]

use super::support::week::{World, mean_of_20, over_seeds};

/// A third of the benchmark's: there is less to learn from, and it is done in seconds.
const REQUESTS_A_DAY: f64 = 100.0;
const EXPLORE: f64 = 0.05;

#[test]
fn predictive_beats_every_fixed_choice_in_a_week_with_daily_loads_and_outages() {
    let models = World::models();
    let weeks = over_seeds(|seed| {
        let world = World::new(seed, REQUESTS_A_DAY);
        let fixed: Vec<f64> = (0..models.len()).map(|model| world.fixed(model).loss).collect();
        (world.under("predictive", EXPLORE), fixed)
    });
    let better = |than: &dyn Fn(&[f64]) -> f64| -> (f64, f64) {
        mean_of_20(&weeks.iter().map(|(predictive, fixed)| predictive.loss - than(fixed)).collect::<Vec<_>>())
    };
    let told = |name: &str, (mean, half): (f64, f64)| {
        let interval = format!("{mean:.3} [{:.3}, {:.3}]", mean - half, mean + half);
        println!("predictive against always {name} first: {interval} doublings, 20 seeds, 95 %");
        assert!(mean + half < 0.0, "{name}: {interval}");
    };
    for (at, model) in models.iter().enumerate() {
        told(model, better(&|fixed| fixed[at]));
    }
    told("the best in hindsight", better(&|fixed| fixed.iter().copied().fold(f64::INFINITY, f64::min)));
    let worse_by = weeks.iter().map(|(predictive, _)| predictive.worse_by).sum::<f64>() / 20.0;
    println!("trying out was expected to make requests worse by {:.2} %", 100.0 * worse_by);
    assert!(worse_by <= EXPLORE);
}

/// Token mixes, cache shares, thinking and the length of answers differ by model, and the router has to find them out: it may
/// cost what `explore` allows, and ten requests to each model.
#[test]
fn cheapest_costs_no_more_than_the_best_fixed_choice_and_its_exploration() {
    let weeks = over_seeds(|seed| {
        let world = World::new(seed, REQUESTS_A_DAY);
        let fixed: Vec<f64> = (0..World::models().len()).map(|model| world.fixed(model).dollars).collect();
        (world.under("cheapest", EXPLORE), fixed, world.requests() as f64)
    });
    let (mut over, mut shares) = (Vec::new(), Vec::new());
    for (seed, (cheapest, fixed, requests)) in weeks.iter().enumerate() {
        let best = fixed.iter().copied().fold(f64::INFINITY, f64::min);
        let ten_of_each: f64 = fixed.iter().map(|dollars| 10.0 * (dollars - best) / requests).sum();
        let learning = EXPLORE * best + ten_of_each;
        println!("seed {seed:2}: ${:.3}, best fixed ${best:.3}, learning at most ${learning:.3}", cheapest.dollars);
        if cheapest.dollars > best + learning || cheapest.worse_by > EXPLORE {
            over.push(seed);
        }
        shares.push(100.0 * (cheapest.dollars / best - 1.0));
    }
    let (mean, half) = mean_of_20(&shares);
    println!("cheapest beside the best fixed choice: {mean:+.1} % ± {half:.1} %, 20 seeds, 95 %");
    assert!(over.is_empty(), "more than that: seeds {over:?}");
    assert!(mean - half < 0.0, "in the mean it costs more");
}
