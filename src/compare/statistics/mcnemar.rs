//! Whether two models pass more than chance apart: the exact test of `McNemar` on pass or fail of the same prompts.

/// How likely it is that chance alone splits the prompts on which two models disagree as unevenly as this, or more so:
/// `first` prompts that only the first passed, `second` that only the second did. Two-sided, from the binomial distribution;
/// 1 when they agree on every prompt. Equal to `statsmodels.stats.contingency_tables.mcnemar(exact=True)`.
pub fn mcnemar(first: u64, second: u64) -> f64 {
    let (fewer, all) = (first.min(second), first.saturating_add(second));
    let mut term = even_binomial(fewer, all);
    let mut tail = term;
    for successes in (1..=fewer).rev() {
        term *= successes as f64 / (all - successes + 1) as f64;
        tail += term;
        // What follows is smaller still and no longer changes the sum.
        if term < tail * f64::EPSILON * 1e-3 {
            break;
        }
    }
    (2.0 * tail).min(1.0)
}

/// The probability of exactly `successes` of `all`, at even odds. The halvings are mixed in, so that nothing overflows.
fn even_binomial(successes: u64, all: u64) -> f64 {
    let (mut value, mut halvings) = (1.0, all);
    for number in 1..=successes {
        value *= (all - successes + number) as f64 / number as f64;
        while value > 1.0 && halvings > 0 {
            value *= 0.5;
            halvings -= 1;
        }
    }
    value * 0.5_f64.powi(i32::try_from(halvings).unwrap_or(i32::MAX))
}
