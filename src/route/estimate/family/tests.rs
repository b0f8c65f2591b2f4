//! Tests of what is known and learned of families.

use super::*;

#[test]
fn claude_reads_more_tokens_and_late_claude_more_again() {
    let factors = [
        ("claude-opus-4-6", 120.0),
        ("claude-3-5-sonnet-20241022", 120.0),
        ("claude-opus-4-20250514", 120.0),
        ("anthropic.claude-v2:1", 120.0),
        ("anthropic/claude-haiku-4.5", 120.0),
        ("us.anthropic.claude-opus-4-7-v1:0", 157.0),
        ("claude-sonnet-5-v1:0", 157.0),
        ("claude-sonnet-5@default", 157.0),
        ("claude-haiku-5-5", 157.0),
        ("claude-opus-latest", 157.0),
    ];
    for (model, expected) in factors {
        for tokenizer in [Some("anthropic"), None] {
            let percent = 100.0 * prior(of(tokenizer, model)).factor;
            assert!((percent - expected).abs() < 1e-9, "{model}: {percent}");
        }
    }
    assert_eq!(of(Some("anthropic"), "9"), LATE_CLAUDE);
    assert_eq!((of(Some("openai"), "claude"), of(None, "mystery")), ("openai", UNKNOWN));
}

/// Noise about 0 with that standard deviation, nearly normal.
fn noise(state: &mut u64, deviation: f64) -> f64 {
    let sum: f64 = (0..12).map(|_| chance(state)).sum();
    (sum - 6.0) * deviation
}

fn chance(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn count(tokens: f64) -> u64 {
    tokens.round() as u64
}

/// What is learned in so many calls of a family whose factor is really that. Each differs by the noise of an estimate; some
/// were of another text altogether.
fn taught(prior: &Prior, truth: f64, calls: usize, mad: f64, seed: u64) -> Factor {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..calls).fold(Factor::default(), |factor, _| {
        let measure = 100.0 * (60.0 + 5000.0 * chance(&mut state));
        let off = if chance(&mut state) < mad { if chance(&mut state) < 0.5 { 0.1 } else { 3.0 } } else { 1.0 };
        let actual = measure / 100.0 * truth * noise(&mut state, 0.05).exp() * off;
        factor.learn(prior, count(measure), count(actual))
    })
}

#[test]
fn the_factor_is_within_3_percent_after_50_calls() {
    for truth in [0.8, 0.9, 1.0, 1.05, 1.2, 1.4, 1.57, 1.8] {
        for family in ["gemini", "claude", "llama3", "unknown"] {
            for seed in 1..=30 {
                let learned = taught(prior(family), truth, 50, 0.0, seed).factor(prior(family));
                assert!((learned / truth - 1.0).abs() < 0.03, "{family} {truth} {seed}: {learned}");
            }
        }
    }
}

#[test]
fn mad_counts_do_not_ruin_it() {
    for truth in [0.8, 1.2, 1.8] {
        for seed in 1..=30 {
            let learned = taught(prior("gemini"), truth, 100, 0.1, seed).factor(prior("gemini"));
            assert!((learned / truth - 1.0).abs() < 0.05, "{truth} {seed}: {learned}");
        }
    }
    let steady = taught(prior("qwen"), 1.1, 50, 0.0, 7);
    let after = steady.learn(prior("qwen"), 100_000, 3900);
    let moved = after.factor(prior("qwen")) / steady.factor(prior("qwen"));
    assert!((moved - 1.0).abs() < 0.01, "{moved}");
}

#[test]
fn one_call_moves_a_factor_no_further_than_its_doubt_allows() {
    let first = Factor::default().learn(prior("openai"), 100_000, 3900);
    assert!(first.factor(prior("openai")) < 1.1, "{first:?}");
}

#[test]
fn short_prompts_and_counts_of_other_texts_teach_nothing() {
    let known = taught(prior("qwen"), 1.1, 10, 0.0, 3);
    for (hundredths, actual) in [(4_999, 60), (100_000, 0), (100_000, 4_100), (100_000, 240), (0, 10), (0, 0)] {
        assert_eq!(known.learn(prior("qwen"), hundredths, actual), known, "{hundredths} {actual}");
    }
}

#[test]
fn a_band_narrows_with_what_is_learned_and_holds_most_calls() {
    let family = prior("gemini");
    let wide = |band: Band| band.high / band.low;
    let [none, some, many] = [0, 5, 200].map(|calls| taught(family, 1.2, calls, 0.0, 5).band(family));
    assert!(wide(none) > wide(some) && wide(some) > wide(many), "{none:?} {some:?} {many:?}");
    assert!(none.low < none.expected && none.expected < none.high);
    // About nine calls in ten of such noise.
    assert!((1.12..1.28).contains(&(wide(many))), "{many:?}");
}

#[test]
fn what_was_learned_survives_as_json() {
    let learned = Factors::new([("qwen".to_owned(), taught(prior("qwen"), 1.1, 20, 0.0, 3))]);
    let json = serde_json::to_string(&learned).expect("JSON");
    let read: Factors = serde_json::from_str(&json).expect("JSON");
    assert!((read.factor("qwen") - learned.factor("qwen")).abs() < 1e-9 && read.of("qwen").counts() > 19.0, "{json}");
    assert!((learned.factor("gemini") - 1.05).abs() < 1e-9);
}
