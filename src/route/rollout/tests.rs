//! The promise of the sequential tests, by simulation: what is looked at after every request alarms falsely no more often than
//! stated, and finds what is there.

use super::moments::{Contrast, Moments};
use super::sequential::difference;
use super::sequential::rate::{self, Counts};

/// Chance for tests: `SplitMix64`, so that a run is the same everywhere.
pub(super) struct Dice(pub u64);

impl Dice {
    /// A number in [0, 1).
    pub(super) fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether a thing of that chance happens.
    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.roll() < chance
    }

    /// A standard normal number (Box and Muller).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.roll()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.roll()).cos()
    }
}

const ALPHA: f64 = 0.05;
const RUNS: u64 = 1000;
const LOOKS: u64 = 2000;

/// The share of runs in which something is found at any look, and the median look at which it is.
fn found(run: impl Fn(&mut Dice) -> Option<u64>) -> (f64, u64) {
    let mut looks: Vec<u64> = (0..RUNS).filter_map(|seed| run(&mut Dice(seed << 32))).collect();
    looks.sort_unstable();
    (looks.len() as f64 / RUNS as f64, looks.get(looks.len() / 2).copied().unwrap_or(0))
}

fn rate_found(true_rate: f64, limit: f64) -> (f64, u64) {
    found(|dice| {
        let mut failures = 0;
        (1..=LOOKS).find(|requests| {
            failures += u64::from(dice.happens(true_rate));
            rate::above(limit, Counts::new(failures, *requests)) >= (1.0 / ALPHA).ln()
        })
    })
}

#[test]
fn a_rate_at_its_limit_alarms_in_at_most_one_run_of_twenty_however_often_it_is_looked_at() {
    for limit in [0.01, 0.02, 0.1, 0.5] {
        let (share, _) = rate_found(limit, limit);
        assert!(share <= ALPHA, "{share} at {limit}");
    }
}

/// Median requests until it is found: 592 for twice a limit of 2 %, 96 for twice 10 %, 3 for one in two at 2 %.
#[test]
fn a_rate_of_twice_its_limit_is_found() {
    for (rate, limit, share, median) in [(0.04, 0.02, 0.95, 650), (0.2, 0.1, 1.0, 110), (0.5, 0.02, 1.0, 4)] {
        let (seen, look) = rate_found(rate, limit);
        assert!(seen >= share && look <= median, "{seen} after {look}: {rate} at {limit}");
    }
}

/// How often the second of two rates is found to be higher, with that share of the requests.
fn higher_found(first: f64, second: f64, share: f64) -> (f64, u64) {
    found(|dice| {
        let mut seen = [(0, 0); 2];
        (1..=LOOKS).find(|_| {
            let (side, rate) = if dice.happens(share) { (1, second) } else { (0, first) };
            seen[side] = (seen[side].0 + u64::from(dice.happens(rate)), seen[side].1 + 1);
            let [a, b] = seen.map(|(failures, requests)| Counts::new(failures, requests));
            rate::higher(a, b) >= (1.0 / ALPHA).ln()
        })
    })
}

/// One in five against one in twenty is found after a median of 270 requests of both sides.
#[test]
fn the_higher_of_two_equal_rates_is_found_in_at_most_one_run_of_twenty() {
    for (both, share) in [(0.3, 0.1), (0.02, 0.5)] {
        let (wrong, _) = higher_found(both, both, share);
        assert!(wrong <= ALPHA, "{wrong} at {both}");
    }
    let (right, look) = higher_found(0.05, 0.2, 0.5);
    assert!(right >= 0.99 && look <= 300, "{right} after {look}");
}

/// How often the next value is the first side's, and how far apart the values of each side lie.
struct Sides {
    share: f64,
    spread: f64,
    other_spread: f64,
}

const SIDES: [Sides; 5] = [
    Sides { share: 0.5, spread: 0.5, other_spread: 0.5 },
    Sides { share: 0.01, spread: 0.5, other_spread: 0.5 },
    Sides { share: 0.1, spread: 1.0, other_spread: 0.3 },
    Sides { share: 0.5, spread: 1.0, other_spread: 0.2 },
    Sides { share: 0.9, spread: 0.3, other_spread: 1.0 },
];

fn difference_found(
    share: f64,
    value: impl Fn(&mut Dice, bool) -> f64,
    compare: impl Fn(&Moments, &Moments) -> Option<Contrast>,
) -> (f64, u64) {
    found(|dice| {
        let mut sides = [Moments::default(); 2];
        (1..=LOOKS).find(|_| {
            let own = dice.happens(share);
            let value = value(dice, own);
            sides[usize::from(!own)].take(value);
            compare(&sides[0], &sides[1]).is_some_and(|contrast| !difference(contrast, ALPHA).holds(0.0))
        })
    })
}

fn time_found(sides: &Sides, shift: f64) -> (f64, u64) {
    let value = |dice: &mut Dice, own: bool| {
        if own { shift + sides.spread * dice.normal() } else { sides.other_spread * dice.normal() }
    };
    difference_found(sides.share, value, Moments::against)
}

#[test]
fn equal_times_alarm_in_at_most_one_run_of_twenty_in_every_split() {
    for sides in &SIDES {
        let (share, _) = time_found(sides, 0.0);
        assert!(share <= ALPHA, "{share} at a split of {}", sides.share);
    }
}

#[test]
fn equal_costs_alarm_in_at_most_one_run_of_twenty_however_uneven_they_are() {
    type Cost = fn(&mut Dice) -> f64;
    let costs: [(f64, Cost); 3] = [
        (0.5, |dice| (1.5 * dice.normal()).exp()),
        (0.1, |dice| dice.normal().exp()),
        (0.1, |dice| if dice.happens(0.03) { 20.0 } else { 1.0 + 0.2 * dice.roll() }),
    ];
    for (kind, (split, cost)) in costs.into_iter().enumerate() {
        let (share, _) = difference_found(split, |dice, _| cost(dice), Moments::against_ratio);
        assert!(share <= ALPHA, "{share} of costs of kind {kind}");
    }
}

/// Median requests of both sides together until it is found.
#[test]
fn a_time_of_one_and_a_half_is_found() {
    for (sides, least, median) in [(&SIDES[0], 1.0, 60), (&SIDES[1], 0.6, 1300), (&SIDES[4], 0.98, 550)] {
        let (share, look) = time_found(sides, 1.5_f64.ln());
        assert!(share >= least && look <= median, "{share} after {look} at a split of {}", sides.share);
    }
}
