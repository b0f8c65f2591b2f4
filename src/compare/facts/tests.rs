//! Facts and their differences, by example and as promises over any text.

use proptest::prelude::*;

use super::*;

fn shown(facts: &[Fact]) -> Vec<String> {
    let unit = |fact: &Fact| fact.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    facts.iter().map(|fact| format!("{}{}", fact.value, unit(fact))).collect()
}

fn numbers(text: &str) -> Vec<String> {
    shown(&Facts::of(text).numbers)
}

fn differences(left: &str, right: &str) -> Differences {
    Facts::of(left).differences(&Facts::of(right))
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let table: &[(&str, &[&str])] = &[
        ("It opened in 1985.", &["1985"]),
        ("1,985 and 1985 and 1985.0 and 01985", &["1985"]),
        ("1,234,567.89", &["1234567.89"]),
        ("1.234.567,89", &["1234567.89"]),
        ("12,34,567 rupees", &["1234567 ₹"]),
        ("1'985 or 1_985 or 1\u{a0}985 or 1\u{202f}985", &["1985"]),
        ("3,5 kg", &["3.5 kg"]),
        ("0,125", &["0.125"]),
        ("(3,4) and 1,2,3", &["3", "4", "1", "2"]),
        (".5 and 0.50", &["0.5"]),
        ("-7 and −7 and +7", &["-7", "7"]),
        ("pages 10-20 and 10–20", &["10", "20"]),
        ("50% or 50 % or 50 percent", &["50 %"]),
        ("$5 and -$5 and 5 dollars", &["5 $", "-5 $"]),
        ("€1.5 million, 1.5 million euros", &["1500000 €"]),
        ("5k, 2M, 3bn, 4 thousand", &["5000", "2000000", "3000000000", "4000"]),
        ("1e9, 1.5E-3, 2 × 10^3, 6e23", &["1000000000", "0.0015", "2000", "600000000000000000000000"]),
        ("12ms and 12 ms but 12 m", &["12 ms", "12 m"]),
        ("1st, 22nd, 103rd", &["1", "22", "103"]),
        ("the 1980s, 10s", &["1980 decade", "10 s"]),
        ("version 1.95.0 and 192.168.0.1", &["1.95.0", "192.168.0.1"]),
        ("在1985年花费3万元", &["1985", "30000 CNY"]),
        ("١٩٨٥ و १९८५ ๑๙๘๕ １９８５", &["1985"]),
        ("x86_64 gpt-4.1-mini sha256 H2O v2 utf8 COVID-19 0x1F 3d 7f3a", &[]),
        ("a 4-bit model of 20-year age", &["4", "20"]),
        ("0 and -0 and 0.00", &["0"]),
        ("", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(numbers(text), *expected, "{text}");
    }
}

#[test]
fn a_number_that_counts_the_items_of_a_list_is_no_fact() {
    assert_eq!(numbers("1. First\n2) Second, of 7\n  3. **Third**\n## 4. Fourth\n"), ["7"]);
    assert_eq!(numbers("42."), ["42"], "the whole answer");
    assert_eq!(numbers("1985. It opened then."), ["1985"], "a year");
    assert_eq!(numbers("The answer is 3. It is prime."), ["3"]);
}

#[test]
fn numbers_in_code_dates_and_addresses_are_not_counted_twice() {
    let text = "On 2026-03-12 at https://example.com/a/99 we saw 5.\n```rust\nlet x = 77;\n```\n";
    let facts = Facts::of(text);
    assert_eq!(shown(&facts.numbers), ["5"]);
    assert_eq!(shown(&facts.dates), ["2026-03-12"]);
    assert_eq!(facts.urls[0].value, "https://example.com/a/99");
    assert_eq!(facts.code, [Code { language: "rust".into(), text: "let x = 77;".into() }]);
    assert_eq!(numbers("```json\n{\"year\": 1985}\n```"), ["1985"], "JSON is an answer");
}

#[test]
fn dates_are_read_in_the_usual_forms() {
    let same = [
        "2026-03-12",
        "2026/3/12",
        "12 March 2026",
        "12th of March, 2026",
        "March 12, 2026",
        "Mar 12th 2026",
        "12. März 2026",
        "12 de marzo de 2026",
        "12 mars 2026",
        "12 марта 2026",
        "2026年3月12日",
        "12.03.2026",
        "2026년 3월 12일",
    ];
    for text in same {
        assert_eq!(shown(&Facts::of(&format!("It was on {text}.")).dates), ["2026-03-12"], "{text}");
    }
    let others = [
        ("March 2026", "2026-03"),
        ("5 May", "--05-05"),
        ("03/04/2026", "03/04/2026"),
        ("25/12/2026", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("04/04/2026", "2026-04-04"),
        ("2026-03-12T10:30:00Z", "2026-03-12T10:30:00Z"),
    ];
    for (text, value) in others {
        assert_eq!(shown(&Facts::of(text).dates), [value], "{text}");
    }
    for text in ["2026-13-45", "30 February", "you may 20 times", "1/2/3", "version 1.2.2026.1"] {
        assert!(Facts::of(text).dates.is_empty(), "{text}: {:?}", Facts::of(text).dates);
    }
}

#[test]
fn addresses_are_equal_whatever_the_sentence_around_them() {
    let table = [
        ("See HTTPS://Example.COM/Path.", "https://example.com/Path"),
        ("(https://example.com/a_(b))", "https://example.com/a_(b)"),
        ("[x](https://example.com/?q=1), and", "https://example.com/?q=1"),
        ("<http://example.com:80/>", "http://example.com"),
        ("**https://example.com**", "https://example.com"),
        ("看https://example.com/中文。好", "https://example.com/中文"),
        ("www.Example.com!", "www.example.com"),
    ];
    for (text, value) in table {
        assert_eq!(shown(&Facts::of(text).urls), [value], "{text}");
    }
}

#[test]
fn the_first_sentence_says_yes_or_no() {
    let yes = [
        "Yes.",
        "**Yes**, it is.",
        "yes it is safe",
        "Ja, das stimmt.",
        "是的，可以。",
        "Да, конечно",
        "The answer is yes.",
        "はい。",
        "True",
    ];
    let no = [
        "No.",
        "No, never",
        "No it isn't.",
        "Nein.",
        "不，不可以",
        "Non, merci",
        "The final answer is: **no**.",
        "Not really.",
        "\"No\"",
    ];
    let none = [
        "No cost is involved.",
        "Yesterday",
        "Now",
        "",
        "It depends. No.",
        "Yes/no",
        "Nobody knows",
        "是一个城市",
        "Notable",
        "Yes-man",
    ];
    for (texts, stance) in [(&yes[..], Some(Stance::Yes)), (&no[..], Some(Stance::No)), (&none[..], None)] {
        for text in texts {
            assert_eq!(Facts::of(text).stance, stance, "{text}");
        }
    }
}

#[test]
fn a_refusal_is_short_and_says_so_near_its_beginning() {
    let refusals = [
        "I'm sorry, but I can't help with that.",
        "I cannot provide instructions for this.",
        "I’m unable to assist with that request.",
        "As an AI, I won't write that.",
        "Lo siento, pero no puedo ayudar con eso.",
        "抱歉，我无法提供帮助。",
        "申し訳ありませんが、その質問にはお答えできません。",
        "Es tut mir leid, dabei kann ich nicht helfen.",
    ];
    let answers = [
        "",
        "I can't help but admire the bridge.",
        "The parser cannot provide a value here.",
        "I cannot recommend it enough.",
        "You can't open it without a key.",
    ];
    for text in refusals {
        assert!(Facts::of(text).refused, "{text}");
    }
    for text in answers {
        assert!(!Facts::of(text).refused, "{text}");
    }
    let long = format!("I'm sorry, but I can't help with that. {}", "Here is what I can say instead. ".repeat(60));
    assert!(!Facts::of(&long).refused, "it helps in some way");
    let late = format!("{} I can't help with that.", "The bridge opened in 1985. ".repeat(12));
    assert!(!Facts::of(&late).refused, "it has answered before");
}

#[test]
fn a_negation_in_one_of_two_equal_statements_is_found() {
    let table = [
        ("It came at no cost to the city.", "It came at a cost to the city.", "no cost", "a cost"),
        ("The bridge is not safe.", "The bridge is safe.", "not safe", "is safe"),
        ("It isn't safe to use.", "It is safe to use.", "isn't safe", "is safe"),
        ("Die Brücke ist nicht sicher.", "Die Brücke ist sicher.", "nicht sicher", "ist sicher"),
        ("Мост не безопасен.", "Мост безопасен.", "не безопасен", "мост безопасен"),
    ];
    for (left, right, one, other) in table {
        let flip = |left: &str, right: &str| Flip { left: left.to_owned(), right: right.to_owned() };
        assert_eq!(differences(left, right).flips, [flip(one, other)], "{left}");
        assert_eq!(differences(right, left).flips, [flip(other, one)], "{right}");
        assert!(differences(left, left).flips.is_empty());
    }
    assert!(!differences("这座桥不安全。", "这座桥安全。").flips.is_empty());
}

#[test]
fn a_negation_of_something_else_is_no_contradiction() {
    let table = [
        ("It is not only safe but cheap.", "It is safe and cheap."),
        ("It is not a problem for small teams.", "It is a problem that large companies pay for."),
        ("It is safe by day. It is not safe by night.", "It is safe by day. It is not safe by night, though."),
        ("It is not safe to use here.", "Some say that it is safe to use here. It is not safe to use here."),
        ("No, it is safe.", "It is safe."),
        ("There is no doubt that it is safe.", "It is safe."),
        ("It never rains here.", "The bridge opened in 1985."),
    ];
    for (left, right) in table {
        assert_eq!(differences(left, right).flips, [], "{left} / {right}");
    }
}

#[test]
fn a_contradiction_that_scores_high_is_found_and_a_paraphrase_that_scores_low_is_none() {
    use crate::compare::similarity::likeness;
    let answer = "The old bridge across the river opened in 1985 after three years of work. The city council says that the repair \
                  came at no cost to the city, because a national fund paid for the steel, the workers and the new lamps.";
    let contradiction = answer.replace("no cost", "a cost");
    let other_year = answer.replace("1985", "1987");
    let paraphrase = "Work took three years and ended when the crossing was inaugurated in 1985. Money from a countrywide \
                      programme covered material, labour and lighting, so nothing had to be spent by the municipality itself.";
    assert!(likeness(answer, &contradiction) > 0.95 && likeness(answer, &other_year) > 0.95);
    assert!(likeness(answer, paraphrase) < 0.45);
    assert!(differences(answer, &contradiction).contradict());
    assert!(differences(answer, &other_year).contradict());
    assert!(!differences(answer, paraphrase).contradict(), "{}", differences(answer, paraphrase));
    assert_eq!(differences(answer, &contradiction).to_string(), "1 number equal; 1 negation (no cost / a cost)");
}

#[test]
fn the_line_counts_what_is_equal_and_quotes_what_differs() {
    let left = "It opened in 1985, is 3.5 km long, has 4 lanes and 12 lamps.";
    let right = "It opened in 1987, is 3.5 km long, has 4 lanes and 12 lamps.";
    let found = differences(left, right);
    assert_eq!(found.to_string(), "3 numbers equal, 1 differs (1985 / 1987)");
    assert_eq!((found.numbers_equal(), found.numbers_differ()), (3, 1));
    assert_eq!(
        differences("Yes. It opened on 2026-03-12.", "No. It opened on March 13, 2026.").to_string(),
        "1 date differs (2026-03-12 / March 13, 2026); yes / no"
    );
    assert_eq!(differences("5 km", "5 miles").to_string(), "1 number differs (5 km / 5 miles)");
    assert_eq!(differences("5", "5 km").to_string(), "1 number equal");
    assert_eq!(differences("1, 2 and 3", "none at all").to_string(), "3 numbers only in the first");
    assert_eq!(differences("", "").to_string(), "");
    assert_eq!(differences("I can't help with that.", "It is safe.").to_string(), "only the first refuses");
}

#[test]
fn json_is_the_whole_answer_or_its_only_block() {
    assert!(matches!(Facts::of(" {\"a\": 1} ").json, Json::Valid(_)));
    assert!(matches!(Facts::of("Here:\n```json\n[1, 2]\n```\nDone.").json, Json::Valid(_)));
    assert!(matches!(Facts::of("```\n{\"a\": 1}\n```").json, Json::Valid(_)));
    assert!(matches!(Facts::of("{\"a\": 1").json, Json::Invalid(_)));
    assert!(matches!(Facts::of("```json\n{\"a\": 1,}\n```").json, Json::Invalid(_)));
    assert!(matches!(Facts::of(&"[".repeat(100_000)).json, Json::None | Json::Invalid(_)));
    for text in ["42", "\"text\"", "true", "plain words", "", "```python\n[1]\n```"] {
        assert_eq!(Facts::of(text).json, Json::None, "{text}");
    }
}

#[test]
fn json_differs_by_path() {
    let left = r#"{"name": "Ada", "tags": [1, 2.0, 3], "born": 1815, "x y": null}"#;
    let right = r#"{"born": "1815", "name": "Ada", "tags": [1, 2, 4], "died": 1852}"#;
    let found = differences(left, right);
    let paths: Vec<_> = found.json.iter().map(|change| (change.path.as_str(), change.kind)).collect();
    assert_eq!(
        paths,
        [
            ("$.tags[2]", ChangeKind::Value),
            ("$.born", ChangeKind::Type),
            ("$[\"x y\"]", ChangeKind::OnlyLeft),
            ("$.died", ChangeKind::OnlyRight),
        ]
    );
    assert_eq!(differences(left, "words").only_json, Some(Side::Left));
}

#[test]
fn code_is_equal_without_the_blanks_at_the_end_of_its_lines() {
    let left = "```py\nx = 1  \ny = 2\n\n```\ntext\n~~~\nls\n~~~";
    let right = "```python\nx = 1\ny = 2\n```\n```sh\nls\n```";
    let found = differences(left, right);
    assert_eq!((found.code_equal, found.code_differ), (2, 0));
    let found = differences(left, "```python\nx = 1\n y = 2\n```");
    assert_eq!((found.code_equal, found.code_differ), (0, 2), "blanks at the beginning are meant");
    assert_eq!(Facts::of("```rust\nfn main() {").code.len(), 1, "a cut answer has its code too");
}

#[test]
fn hostile_text_is_kept_within_bounds() {
    // A rule that looks back over the whole line takes minutes for one of them.
    let repeated = |text: &str| text.repeat((1 << 16) / text.len());
    let distinct: String = (0..150_000).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    for text in [
        repeated("1"),
        repeated("1,"),
        repeated("1 "),
        repeated("-"),
        repeated("not safe "),
        repeated("not a b c d. "),
        repeated(")"),
        format!("https://x/{}", repeated(")")),
        repeated("https://x/a "),
        repeated("1 May "),
        repeated("`"),
        repeated("```\n"),
        repeated("1e"),
        repeated("gpt-4."),
        repeated("1. "),
        repeated(" "),
        repeated("\u{1b}[31m"),
        repeated("不安全"),
        distinct.clone(),
    ] {
        let facts = Facts::of(&text);
        assert!(facts.numbers.len() <= MOST_FACTS);
        let _ = facts.differences(&facts).to_string();
    }
    assert!(!Facts::of(&distinct).complete);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_answer_never_differs_from_itself(text in "\\PC{0,60}|([a-z0-9$%,.\\-:/() \n`{}\"]{0,60})") {
        let facts = Facts::of(&text);
        let found = facts.differences(&facts);
        prop_assert!(!found.contradict(), "{:?}", found);
        prop_assert!(found.numbers.only_left.is_empty() && found.json.is_empty() && found.code_differ == 0);
    }

    #[test]
    fn any_integer_is_equal_to_itself_with_separators(number in 0_u64..1_000_000_000_000) {
        let digits = number.to_string();
        let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        for separator in [",", "'", "\u{a0}", "_"] {
            prop_assert_eq!(numbers(&groups.join(separator)), [digits.clone()]);
        }
    }
}
