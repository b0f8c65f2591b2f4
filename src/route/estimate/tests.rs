//! Tests of the estimate.

use proptest::prelude::*;

use super::exact::LONGEST_BLANK;
use super::*;
use crate::chat::{Message, Role};

const ENGLISH: &str = "The quick brown fox jumps over the lazy dog. It wasn't the first time, and nobody who had \
    watched the old farm for a while expected it to be the last; the dog had long since stopped caring.\n\n";
const CODE: &str = "fn first_at_least(key: &str) -> usize {\n    let (mut low, mut high) = (0, TABLE.len());\n    \
    while low < high {\n        let middle = low.midpoint(high);\n        readNextLine(middle);\n    }\n    low\n}\n";
const JSON: &str = "{\"id\": \"chatcmpl-7\", \"created\": 1763467200, \"usage\": {\"prompt_tokens\": 1234, \
    \"completion_tokens\": 567}, \"choices\": [{\"index\": 0, \"finish_reason\": \"stop\"}]}\n";
const CHINESE: &str = "大型语言模型按令牌收费,因此在发送请求之前估算令牌数量很有用。估算不需要精确,但必须很快。";

fn openai(text: &str) -> Tokens {
    Measure::of_text(text).tokens(Some("openai"), "gpt-5.4")
}

#[test]
fn the_estimate_is_near_the_real_count() {
    for text in [ENGLISH, CODE, JSON, CHINESE] {
        let (real, tokens) = (exact("o200k_base", text).expect("counted"), openai(text));
        let percent = tokens.expected * 100 / real;
        assert!((80..=120).contains(&percent), "{percent} % of {real}: {text}");
        assert!(tokens.at_least <= real);
    }
}

#[test]
fn an_empty_text_has_no_tokens_and_a_word_at_least_one() {
    assert_eq!(openai(""), Tokens::default());
    assert_eq!(openai(" \n\t"), Tokens { expected: 2, at_least: 0 });
    assert_eq!(openai("two words").at_least, 2);
    assert_eq!(openai(&"a".repeat(129)).at_least, 2);
    assert_eq!(openai("--- *** ---").at_least, 0);
}

#[test]
fn every_further_letter_of_a_word_without_end_counts() {
    let long = openai(&"a".repeat(100_000)).expected;
    assert!((10_000..30_000).contains(&long), "{long}");
}

#[test]
fn a_request_adds_its_template() {
    let request = ChatRequest {
        system: Some("Be brief.".to_owned()),
        messages: vec![Message::text(Role::User, "Hello there")],
        ..ChatRequest::default()
    };
    let parts = Measure::of_text("Be brief.").hundredths + Measure::of_text("Hello there").hundredths;
    let measure = Measure::of_request(&request);
    assert_eq!((measure.hundredths, measure.at_least), (parts + 1100, 4));
}

#[test]
fn only_plain_text_is_learned_from() {
    let plain = ChatRequest { messages: vec![Message::text(Role::User, "Hello there")], ..ChatRequest::default() };
    assert!(Measure::teaches(&plain));
    let with_form = ChatRequest { form: Some(AnswerForm::Json), ..plain };
    assert!(!Measure::teaches(&with_form));
}

#[test]
fn exact_counts_are_those_of_the_encoding() {
    assert_eq!(exact("cl100k_base", "tiktoken is great!"), Some(6));
    assert_eq!(exact("o200k_base", ""), Some(0));
    assert_eq!(exact("no_base", "x"), None);
}

#[test]
fn exact_refuses_what_would_take_too_long_or_panic() {
    assert_eq!(exact("o200k_base", &"a ".repeat(EXACT_LIMIT / 2 + 1)), None);
    assert_eq!(exact("o200k_base", &format!("{}x", " ".repeat(EXACT_LIMIT - 1))), None);
    let blank = " ".repeat(LONGEST_BLANK);
    assert!(exact("o200k_base", &format!("{blank}x{blank}")).is_some_and(|tokens| tokens > 100));
}

#[test]
fn every_encoding_of_the_catalogue_is_known() {
    let models = crate::catalog::Catalog::builtin();
    let encodings: std::collections::BTreeSet<String> =
        models.models("openai").filter_map(|model| model.encoding).collect();
    assert!(encodings.len() > 2);
    for encoding in encodings {
        assert!(exact(&encoding, "x").is_some(), "{encoding}");
    }
}

proptest! {
    #[test]
    fn the_lower_bound_is_never_above_a_real_count(
        text in prop_oneof![".{0,80}", "([a-z]{0,9}[ /*\n'_0-9A-Zéж漢\u{301}Ⓐ]{1,4}){0,30}"]
    ) {
        for encoding in ["o200k_base", "cl100k_base"] {
            prop_assert!(openai(&text).at_least <= exact(encoding, &text).expect("short"), "{:?}", text);
        }
    }
}

/// Sentences of everyday prompts, which no fit has seen.
const SENTENCES: &[(&str, &str)] = &[
    (
        "German",
        "Bitte fasse den folgenden Bericht in drei Sätzen zusammen und nenne die wichtigsten Zahlen. Achte darauf, dass auch jemand, der das Projekt nicht kennt, verstehen kann, warum die Kosten im letzten Monat so stark gestiegen sind.",
    ),
    (
        "French",
        "Peux-tu relire cette lettre et corriger les fautes d'orthographe ? J'aimerais qu'elle reste polie, mais qu'elle dise clairement que nous n'avons pas encore reçu les marchandises commandées il y a six semaines.",
    ),
    (
        "Spanish",
        "Escribe una función que lea un archivo línea por línea y devuelva el número de palabras de cada una. Explica después, con un ejemplo sencillo, cómo se puede probar y qué ocurre cuando el archivo está vacío.",
    ),
    (
        "Portuguese",
        "Quais são as principais diferenças entre os dois contratos? Faça uma lista curta e diga, para cada ponto, se a mudança é boa ou ruim para quem aluga o apartamento.",
    ),
    (
        "Polish",
        "Napisz krótkie streszczenie tej rozmowy i podaj, kto ma co zrobić do piątku. Jeśli coś nie zostało ustalone, zapisz to jako pytanie na następne spotkanie.",
    ),
    (
        "Russian",
        "Объясни простыми словами, почему небо голубое, а закат красный. Ответ должен быть понятен ребёнку десяти лет и занимать не больше пяти предложений.",
    ),
    (
        "Japanese",
        "次の文章を読んで、重要な点を三つにまとめてください。専門用語はできるだけ使わず、初めて読む人にもわかるように説明してください。",
    ),
    (
        "Chinese",
        "请把下面的会议记录整理成表格,列出每项任务、负责人和截止日期。如果有不清楚的地方,请在最后单独说明,不要自己猜测。",
    ),
    (
        "Korean",
        "다음 글을 세 문장으로 요약하고 중요한 숫자를 따로 적어 주세요. 처음 읽는 사람도 이해할 수 있도록 어려운 말은 쉽게 풀어서 설명해 주세요.",
    ),
    (
        "Arabic",
        "اكتب ملخصا قصيرا لهذا التقرير واذكر أهم النتائج والأرقام. يجب أن يكون النص واضحا لمن لا يعرف المشروع من قبل.",
    ),
    ("Hindi", "कृपया इस पत्र को सरल भाषा में लिखें और मुख्य बातों की एक छोटी सूची बनाएँ ताकि कोई भी इसे आसानी से समझ सके।"),
];

/// Files of this repository: every eighth source, what is written for readers, and tables.
fn files() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<_> = ["src", "tests", "man", "completions", "benches"].map(|name| root.join(name)).to_vec();
    let mut take = |path: &std::path::Path| {
        if let Ok(text) = std::fs::read_to_string(path) {
            let text: String = text.chars().take(20_000).collect();
            found.push((path.display().to_string(), text));
        }
    };
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml", "deny.toml"] {
        take(&root.join(name));
    }
    let mut number = 0;
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            number += 1;
            if number % 8 == 0 {
                take(&path);
            }
        }
    }
    found.retain(|(_, text)| text.len() > 400);
    found
}

fn error(text: &str) -> f64 {
    let real = exact("o200k_base", text).expect("counted") as f64;
    (openai(text).expected as f64 / real - 1.0).abs()
}

#[test]
fn the_median_error_is_below_4_percent_and_nine_in_ten_are_below_10() {
    let files = files();
    assert!(files.len() > 50, "the files were found");
    let mut errors: Vec<(f64, &str)> = files.iter().map(|(name, text)| (error(text), name.as_str())).collect();
    errors.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (median, most) = (errors[errors.len() / 2], errors[errors.len() * 9 / 10]);
    assert!(median.0 < 0.04, "{median:?}");
    assert!(most.0 < 0.1, "{most:?}");
}

/// A sentence or two say little of a language, all of them together more.
#[test]
fn other_languages_are_told_as_well() {
    let sums = SENTENCES.iter().fold((0, 0), |(estimate, real), (language, text)| {
        assert!(error(text) < 0.25, "{language}: {}", error(text));
        (estimate + openai(text).expected, real + exact("o200k_base", text).expect("counted"))
    });
    assert!((sums.0 as f64 / sums.1 as f64 - 1.0).abs() < 0.1, "{sums:?}");
}

#[test]
fn a_piece_is_cut_where_the_tokenizer_cuts() {
    for (text, tokens) in [
        ("it's", 1),
        ("12345", 2),
        ("a  b", 3),
        ("\n\n    x", 3),
        ("foo();\n", 2),
        ("readNextLine", 3),
        ("        ", 1),
        ("----------------", 1),
        ("x 5", 3),
    ] {
        let (estimate, real) = (openai(text).expected, exact("o200k_base", text).expect("counted"));
        assert_eq!(real, tokens, "{text:?}");
        assert!(estimate.abs_diff(real) <= 1, "{text:?}: {estimate} for {real}");
    }
}

#[test]
fn what_was_learned_moves_the_estimate_and_never_the_lower_bound() {
    let measure = Measure::of_text(&"word ".repeat(1_000));
    let learned = (0..60).fold(Factor::default(), |factor, _| factor.learn(family::prior("qwen"), 100_000, 700));
    let factors = Factors::new([("qwen".to_owned(), learned)]);
    let (before, after) = (measure.tokens(Some("qwen"), "m"), measure.learned(Some("qwen"), "m", &factors));
    assert!(after.expected < before.expected);
    assert_eq!((after.at_least, after.expected), (before.at_least, after.expected.max(before.at_least)));
}
