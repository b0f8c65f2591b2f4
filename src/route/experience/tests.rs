//! Experience of a few requests, by example.

use super::*;

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a moment")
}

fn answered(first: u64, output: u64) -> Seen {
    let tokens = Some(Counted { input: 100, output, ..Counted::default() });
    let total = Duration::from_millis(first + 10 * output);
    Seen { first_token: Some(Duration::from_millis(first)), total: Some(total), tokens, ..Seen::default() }
}

#[test]
fn a_failure_leaves_no_latency_behind() {
    let fast = Seen { failed: true, first_token: Some(Duration::from_millis(5)), ..Seen::default() };
    let cell = Cell::default().after(CellKey::All, &fast, moment(0));
    assert_eq!((cell.requests, cell.failures, cell.first_token.count), (1.0, 1.0, 0.0));
    assert_eq!(cell.quantile(0.5, 1.0), None);
}

#[test]
fn failures_in_a_row_are_counted_until_an_answer_comes() {
    let failed = Seen { failed: true, total: Some(Duration::from_secs(3)), ..Seen::default() };
    let fail = |cell: Cell, at| cell.after(CellKey::Recent, &failed, moment(at));
    let cell = fail(fail(Cell::default(), 0), 60);
    assert_eq!((cell.in_a_row, cell.failing_since), (2, moment(0)));
    assert!((cell.lost / cell.lost_counted - 3.0).abs() < 1e-9);
    let cell = fail(cell.after(CellKey::Recent, &answered(100, 10), moment(90)), 100);
    assert_eq!((cell.in_a_row, cell.failing_since), (1, moment(100)));
}

#[test]
fn quantiles_are_within_a_bucket_of_the_truth() {
    let mut cell = Cell::default();
    for millis in 1..=1000 {
        cell = cell.after(CellKey::All, &answered(millis, 10), moment(0));
    }
    for share in [0.5, 0.95, 0.99] {
        let told = cell.quantile(share, 20.0).expect("enough").as_secs_f64();
        assert!((share..share * RATIO * 1.01).contains(&told), "{share}: {told}");
    }
    assert_eq!(cell.quantile(0.5, 1001.0), None, "too few to tell");
}

#[test]
fn case_29_no_tokens_and_no_time_divide_by_nothing() {
    let nothing = Seen { first_token: Some(Duration::ZERO), total: Some(Duration::ZERO), ..answered(0, 0) };
    let cell = Cell::default().after(CellKey::All, &nothing, moment(0));
    assert!(cell.each_token.count < f64::EPSILON);
    assert!(cell.first_token.mean_and_variance().is_some_and(|(mean, variance)| mean.is_finite() && variance == 0.0));
}

#[test]
fn what_is_old_counts_half_after_its_half_life() {
    let cell = Cell::default().after(CellKey::All, &answered(100, 10), moment(0));
    let later = cell.at(CellKey::All, moment(24 * 3600));
    assert!((later.requests - 0.5).abs() < 1e-9 && (later.first_token.count - 0.5).abs() < 1e-9);
    assert!((cell.at(CellKey::Hour(3), moment(24 * 3600)).requests - 0.9).abs() < 0.01);
}

#[test]
fn a_request_is_part_of_five_cells() {
    let sort = Sort { prompt: 8_001, hour: 14, stream: true, tools: false };
    let keys = CellKey::of(sort).map(|key| key.to_string());
    assert_eq!(keys, ["all", "size 2", "hour 14", "hour 14 size 2 stream 1 tools 0", "recent"]);
    let mut experience = Experience::default();
    let target = TargetId::new("a", "m");
    experience.learn(&target, sort, &answered(100, 10), moment(0));
    assert!(CellKey::of(sort).iter().all(|key| experience.cell(&target, *key).is_some()));
    for prompt in [0, 1_001, 8_001, 1_000_000] {
        let keys = CellKey::in_hour(14);
        assert!(CellKey::of(Sort { prompt, ..sort }).iter().all(|key| keys.contains(key)), "{prompt}");
    }
}
