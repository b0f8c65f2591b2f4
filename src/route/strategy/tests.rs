use super::*;
use crate::money::Usd;
use crate::route::forecast::Span;

fn forecast(dollars: Option<&str>, seconds: f64, success: f64) -> Forecast {
    let time = Duration::from_secs_f64(seconds);
    Forecast {
        cost: dollars.map(|dollars| Usd::parse(dollars).expect("an amount")),
        total: Span { expected: time, typical: time, upper: time.mul_f64(1.5) },
        success,
        ..Forecast::default()
    }
}

/// The order in which a strategy puts these, by their places.
fn order(name: &str, forecasts: &[Forecast], field: impl Fn(&mut Field<'_>)) -> (Vec<usize>, Vec<Score>) {
    order_by(name, forecasts, &[], field)
}

fn order_by(
    name: &str,
    forecasts: &[Forecast],
    weights: &[(TargetId, f64)],
    field: impl Fn(&mut Field<'_>),
) -> (Vec<usize>, Vec<Score>) {
    let targets: Vec<TargetId> = (0..forecasts.len()).map(|place| TargetId::new("p", place.to_string())).collect();
    let entrants: Vec<Entrant<'_>> = (0..forecasts.len())
        .map(|place| Entrant { target: &targets[place], place, forecast: &forecasts[place], breaker: &State::Closed })
        .collect();
    let mut all =
        Field { entrants: &entrants, seed: 7, weights, max_latency: None, balance: Balance::DEFAULT, explore: 0.0 };
    field(&mut all);
    let scores = Strategy::named(name).expect("a strategy").scores(&all);
    let mut places: Vec<usize> = (0..forecasts.len()).collect();
    places.sort_by(|one, other| scores[*one].order(&scores[*other]));
    (places, scores)
}

#[test]
fn ordered_is_the_order_of_the_file() {
    let all = [forecast(Some("9"), 9.0, 0.1), forecast(Some("0"), 0.1, 1.0)];
    assert_eq!(order("ordered", &all, |_| {}).0, [0, 1]);
}

#[test]
fn shuffle_gives_everybody_the_same_chance_of_each_place() {
    let all = [forecast(None, 1.0, 1.0), forecast(None, 1.0, 1.0), forecast(None, 1.0, 1.0)];
    let mut first = [0; 3];
    for seed in 0..3000 {
        first[order("shuffle", &all, |field| field.seed = seed).0[0]] += 1;
    }
    assert!(first.iter().all(|count| (900..1100).contains(count)), "{first:?}");
}

#[test]
fn weighted_draws_by_weight_and_puts_who_has_none_last() {
    let all = [forecast(None, 1.0, 1.0), forecast(None, 1.0, 1.0), forecast(None, 1.0, 1.0)];
    let weights = [(TargetId::new("p", "0"), 3.0), (TargetId::new("p", "1"), 1.0), (TargetId::new("p", "2"), 0.0)];
    let mut first = [0; 3];
    for seed in 0..4000 {
        let mut places = order_by("weighted", &all, &weights, |field| field.seed = seed).0;
        first[places[0]] += 1;
        assert_eq!(places.pop(), Some(2));
    }
    assert!((2900..3100).contains(&first[0]), "{first:?}");
}

#[test]
fn case_53_an_unknown_price_comes_last_with_its_reason() {
    let all = [forecast(None, 1.0, 1.0), forecast(Some("5"), 1.0, 1.0), forecast(Some("0.1"), 1.0, 1.0)];
    let (places, scores) = order("cheapest", &all, |_| {});
    assert_eq!(places, [2, 1, 0]);
    assert_eq!(scores[0].note, Some(Note::PriceUnknown));
}

#[test]
fn who_fails_often_is_not_cheap_and_not_fast() {
    let all = [forecast(Some("0.01"), 1.0, 0.4), forecast(Some("0.02"), 2.0, 1.0)];
    assert_eq!(order("cheapest", &all, |_| {}).0, [1, 0]);
    assert_eq!(order("fastest", &all, |_| {}).0, [1, 0]);
    assert_eq!(order("balanced", &all, |_| {}).0, [0, 1], "both are twice as good, and failures weigh less than that");
}

#[test]
fn under_a_limit_the_cheapest_whose_upper_bound_stays_below_it_comes_first() {
    let all = [forecast(Some("0.01"), 3.0, 1.0), forecast(Some("0.02"), 1.0, 1.0), forecast(Some("0.03"), 0.5, 1.0)];
    let (places, scores) = order("cheapest", &all, |field| field.max_latency = Some(Duration::from_secs(2)));
    assert_eq!(places, [1, 2, 0]);
    assert_eq!(scores[0].note, Some(Note::TooSlow { upper_ms: 4500, limit_ms: 2000 }));
    let (places, _) = order("cheapest", &all, |field| field.max_latency = Some(Duration::from_millis(100)));
    assert_eq!(places, [2, 1, 0], "when all are too slow, the fastest comes first");
}

#[test]
fn case_29_no_number_at_all_never_wins() {
    let nan = Score { value: f64::NAN, ..Score::default() };
    let finite = Score { value: 1e300, ..Score::default() };
    assert_eq!(nan.order(&finite), std::cmp::Ordering::Greater);
    let all = [forecast(Some("0"), 0.0, 0.0), forecast(Some("0"), 0.0, 1.0)];
    for strategy in STRATEGIES {
        assert!(order(strategy.name, &all, |_| {}).1.iter().all(|score| !score.value.is_nan()), "{}", strategy.name);
    }
}

#[test]
fn balanced_weighs_as_it_is_told() {
    let all = [forecast(Some("0.01"), 4.0, 1.0), forecast(Some("0.04"), 1.0, 1.0)];
    assert_eq!(order("balanced", &all, |field| field.balance.cost = 2.0).0, [0, 1]);
    assert_eq!(order("balanced", &all, |field| field.balance.latency = 2.0).0, [1, 0]);
}
