//! What rejected parameters have taught.

use super::*;
use crate::ledger::record::Lesson;

fn lesson(provider: &str, parameter: &str, learned_ms: i64) -> Lesson {
    Lesson {
        provider: provider.to_owned(),
        model: "a/b".to_owned(),
        parameter: parameter.to_owned(),
        value: None,
        instead: None,
        learned_ms,
    }
}

#[test]
fn a_lesson_counts_for_thirty_days_and_the_latest_wins() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let home = tempfile::tempdir().expect("a directory");
    let mut ledger = Ledger::open(&home.path().join("ledger.db"));
    let renamed = Lesson { instead: Some("x".to_owned()), ..lesson("openai", "max_tokens", 5) };
    for each in [&lesson("openai", "seed", 3), &renamed, &lesson("openai", "max_tokens", 4)] {
        ledger.learn(each);
    }
    let counts = |ledger: &Ledger, now| ledger.lessons(now).expect("read").len();
    assert_eq!(ledger.lessons(10).expect("read"), [renamed, lesson("openai", "seed", 3)]);
    assert_eq!((counts(&ledger, 30 * DAY + 4), counts(&ledger, 30 * DAY + 5)), (1, 0));
}

#[test]
fn lessons_are_forgotten_by_model_by_provider_or_all() {
    let home = tempfile::tempdir().expect("a directory");
    let mut ledger = Ledger::open(&home.path().join("ledger.db"));
    let mut forgotten = |provider: Option<&str>, model: Option<&str>| {
        ledger.learn(&lesson("openai", "seed", 3));
        ledger.learn(&lesson("groq", "seed", 3));
        ledger.forget(provider, model).expect("forgotten")
    };
    assert_eq!(forgotten(Some("openai"), Some("a/b")), 1);
    assert_eq!(forgotten(Some("openai"), Some("other")), 0);
    assert_eq!(forgotten(Some("groq"), None), 1);
    assert_eq!(forgotten(None, None), 2);
}
