//! What the fleet says: a pure function of prompt, model and seed, in plain English that takes up the prompt's words.

use serde_json::Value;

use super::dialect::{Ask, Choice, Media, Thinking, Tool};
use super::schema::example;

/// The answer to `ask`, and the thinking before it when the model was asked to think.
pub struct Answer {
    /// The thinking; empty when there is none.
    pub thinking: String,
    /// The answer; empty when tools are called.
    pub text: String,
    /// The tools that are called, with arguments that fit their schemas.
    pub calls: Vec<(String, Value)>,
}

/// Answers `ask` for that provider; the same arguments give the same words.
pub fn answer(ask: &Ask, provider: &str, seed: u64) -> Answer {
    let number = seed ^ ask.seed.unwrap_or(0).cast_unsigned();
    let mut dice = Dice::new(&[&ask.prompt, &ask.model, provider], number);
    let topic = Topic::of(&ask.prompt);
    let thinking = if ask.thinking == Thinking::Off { String::new() } else { think(&topic, &mut dice) };
    let lower = ask.prompt.to_lowercase();
    let calls: Vec<_> = called(ask, &lower)
        .into_iter()
        .map(|tool| (tool.name.clone(), arguments(&tool.schema, &topic, &mut dice)))
        .collect();
    if !calls.is_empty() {
        return Answer { thinking, text: String::new(), calls };
    }
    if let Some(schema) = &ask.schema {
        let text = format!("{:#}", example(schema, &topic.phrase(), &mut dice));
        return Answer { thinking, text, calls };
    }
    let (_, write) = SHAPES.iter().find(|(asked, _)| asked(ask, &lower)).unwrap_or(&FALLBACK);
    Answer { thinking, text: lead(ask) + &write(&topic, &lower, &mut dice), calls }
}

/// The tools to call: the one that must be, else those that the prompt names, each once, until their answers are there.
fn called<'a>(ask: &'a Ask, lower: &str) -> Vec<&'a Tool> {
    let named = |tool: &&Tool| {
        let name = tool.name.to_lowercase();
        lower.contains(&name) || lower.contains(&name.replace(['_', '-'], " "))
    };
    let by_prompt = || ask.tools.iter().filter(named).collect::<Vec<_>>();
    match &ask.choice {
        Choice::Named(name) => ask.tools.iter().filter(|tool| tool.name == *name).take(1).collect(),
        Choice::Required => {
            let asked = by_prompt();
            if asked.is_empty() { ask.tools.iter().take(1).collect() } else { asked }
        }
        Choice::Auto if ask.results.is_empty() => by_prompt(),
        Choice::Auto | Choice::None => Vec::new(),
    }
}

/// Arguments are an object, whatever the schema says or leaves out.
fn arguments(schema: &Value, topic: &Topic, dice: &mut Dice) -> Value {
    let made = example(schema, &topic.phrase(), dice);
    if made.is_object() { made } else { Value::Object(serde_json::Map::new()) }
}

/// What was attached and what tools said comes before the answer. JSON has no room for it.
fn lead(ask: &Ask) -> String {
    if ask.json {
        return String::new();
    }
    let seen = |media: &Media| {
        let size = media.bytes.map_or("behind an address".to_owned(), |bytes| format!("of {bytes} bytes"));
        format!("{} {size}", media.kind)
    };
    let mut text = String::new();
    if !ask.media.is_empty() {
        let all: Vec<String> = ask.media.iter().map(seen).collect();
        text.extend(["I see ", &all.join(" and "), ". "]);
    }
    for result in &ask.results {
        text.extend(["The tool says: ", result.trim().trim_end_matches('.'), ". "]);
    }
    text
}

type Write = fn(&Topic, &str, &mut Dice) -> String;
type Shape = (fn(&Ask, &str) -> bool, Write);

/// The shapes of task, most telling first.
const SHAPES: &[Shape] = &[
    (|ask, lower| ask.json || mentions(lower, &["json"]), json),
    (|_, lower| mentions(lower, &["commit message"]), commit_message),
    (|_, lower| mentions(lower, &["translate"]), translation),
    (|_, lower| mentions(lower, &["function", "code", "script", "program", "snippet", "regex"]), code),
    (|_, lower| mentions(lower, &["one word", "yes or no"]), |_, _, dice| (*dice.pick(&["Yes.", "No."])).to_owned()),
    (|_, lower| mentions(lower, &["list", "name three", "ideas", "steps", "bullet", "reasons"]), list),
    (|_, lower| mentions(lower, &["summar", "tl;dr"]), summary),
    (|_, lower| lower.split(|c: char| !c.is_alphabetic()).any(|word| ["hi", "hello", "hey"].contains(&word)), greeting),
    (|_, lower| mentions(lower, &["one sentence", "short", "brief"]), |topic, _, dice| opening(topic, dice)),
];
const FALLBACK: Shape = (|_, _| true, essay);

fn mentions(lower: &str, words: &[&str]) -> bool {
    words.iter().any(|word| lower.contains(word))
}

fn json(topic: &Topic, _: &str, dice: &mut Dice) -> String {
    let value = serde_json::json!({
        "topic": topic.phrase(),
        "summary": opening(topic, dice),
        "confidence": f64::from(*dice.pick(&[72_u8, 81, 88, 93])) / 100.0,
    });
    format!("{value:#}")
}

fn commit_message(topic: &Topic, _: &str, dice: &mut Dice) -> String {
    let verb = dice.pick(&["tidy", "simplify", "rework", "improve"]);
    let place = topic.file.clone().unwrap_or_else(|| topic.phrase());
    let why = dice.pick(&[
        "The old form hid what the code does; the new one says it and keeps the behaviour.",
        "This keeps the change in one place and makes the next one easier to review.",
        "No change of behaviour is intended beyond what the tests cover.",
    ]);
    format!("{verb} {place}\n\n{why}")
}

fn translation(_: &Topic, lower: &str, dice: &mut Dice) -> String {
    let known = ["french", "german", "spanish", "italian", "portuguese", "dutch", "japanese", "chinese", "english"];
    let language = known.into_iter().find(|language| lower.contains(language)).unwrap_or("that language");
    let text = lower.split_once(':').map_or(lower, |(_, text)| text);
    let words: Vec<&str> = text.split_whitespace().take(40).collect();
    let lead = dice.pick(&["In", "Put into", "Rendered in"]);
    format!("{lead} {}: “{}”", capital(language), words.join(" "))
}

fn code(topic: &Topic, lower: &str, dice: &mut Dice) -> String {
    let name = topic.identifier();
    let (language, body) = if lower.contains("python") {
        ("python", format!("def {name}(values):\n    return [value for value in values if value is not None]"))
    } else if lower.contains("bash") || lower.contains("shell") {
        ("bash", format!("{name}() {{\n  grep -v '^$' \"$1\" | sort -u\n}}"))
    } else {
        ("rust", format!("fn {name}(values: &[i64]) -> i64 {{\n    values.iter().sum()\n}}"))
    };
    let lead = dice.pick(&["Here is a small version:", "This does it:", "One way to write it:"]);
    let note = dice.pick(&["It handles empty input as well.", "It runs in linear time.", "It has no side effects."]);
    format!("{lead}\n\n```{language}\n{body}\n```\n\n{note}")
}

fn list(topic: &Topic, lower: &str, dice: &mut Dice) -> String {
    const NUMBERS: &[&str] = &["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let number = |word: &str| word.parse().ok().or_else(|| Some(NUMBERS.iter().position(|name| *name == word)? + 2));
    let count = lower.split_whitespace().find_map(number).unwrap_or(4);
    let items: Vec<String> =
        dice.some(POINTS, count).into_iter().map(|point| format!("- {}", capital(point))).collect();
    format!("On {}:\n\n{}", topic.phrase(), items.join("\n"))
}

fn summary(topic: &Topic, _: &str, dice: &mut Dice) -> String {
    format!("The text is about {}. Its main point: {}.", topic.phrase(), dice.pick(POINTS))
}

fn greeting(_: &Topic, _: &str, dice: &mut Dice) -> String {
    let hello = dice.pick(&["Hello!", "Hi there!", "Good to see you!"]);
    format!("{hello} {}", dice.pick(&["What can I do for you?", "How can I help today?", "What are we working on?"]))
}

fn essay(topic: &Topic, lower: &str, dice: &mut Dice) -> String {
    const LINKS: &[&str] =
        &["To begin with", "In practice", "More often than not", "Just as important", "And on the whole"];
    let paragraphs = if mentions(lower, &["detail", "essay", "long", "in depth"]) { 5 } else { 2 };
    let mut text = opening(topic, dice);
    let links = dice.some(LINKS, paragraphs);
    for (link, points) in links.iter().zip(dice.some(POINTS, 2 * paragraphs).chunks(2)) {
        text.extend(["\n\n", link, ", ", &points.join("; and "), "."]);
    }
    text
}

fn opening(topic: &Topic, dice: &mut Dice) -> String {
    let (before, after) = dice.pick(&[
        ("On ", ": it comes down to a few simple things."),
        ("A short answer on ", ": the usual advice holds up well."),
        ("There are two sides to ", ", and both are worth a look."),
        ("People often make ", " harder than it needs to be."),
        ("Where it comes to ", ", the plain answer is the best one."),
        ("As for ", ": it is simpler than it looks."),
    ]);
    format!("{before}{}{after}", topic.phrase())
}

fn think(topic: &Topic, dice: &mut Dice) -> String {
    let first = dice.pick(&["The user asks about", "This is a question about", "I should say something useful about"]);
    let then =
        dice.pick(&["I will keep it short and concrete.", "A plain answer will do.", "Two points should be enough."]);
    format!("{first} {}. {then}", topic.phrase())
}

/// Half-sentences that are true of most things.
const POINTS: &[&str] = &[
    "start from what can be measured and leave the rest for later",
    "small steps are easier to check than one large one",
    "the common case deserves the shortest path",
    "what is written down once does not have to be remembered",
    "the parts matter less than how they fit together",
    "a clear name saves a paragraph of explanation",
    "whatever can fail will, so decide early what happens then",
    "it pays to look at a real example before making a rule",
    "good defaults spare most people a decision",
    "the first version shows what the question really was",
    "removing something is often the best improvement",
];

/// What a prompt is about, as far as its words tell.
struct Topic {
    /// Its first words of substance, those that stand together joined.
    phrases: Vec<String>,
    /// The first file that a diff names.
    file: Option<String>,
}

/// Words that say what to do, not about what.
const EMPTY: &str = "a about an and answer any are as at be brief briefly bullet but can code commit could depth detail \
    did do does essay explain for from function give handle handles happen happens has have how i ideas if in into is it \
    its json list long make me message my name names of on one or our please points program reasons say script sentence \
    short should show simple some steps sum summarise summarize summary tell than that the their them then there these \
    they this three to translate two use used was way we what when where which who why will with word words work works \
    would write yes you your object hello english french german spanish italian python bash";

/// Words of substance that a topic takes at most.
const TOPIC_WORDS: usize = 3;

impl Topic {
    fn of(prompt: &str) -> Self {
        let mut phrases: Vec<String> = Vec::new();
        let (mut taken, mut joins) = (0, false);
        for token in prompt.split_whitespace().take(60) {
            let word = token.trim_matches(|c: char| !c.is_alphanumeric());
            let plain = word.chars().all(|c| c.is_alphanumeric() || c == '-');
            let weighty = plain
                && (3..=24).contains(&word.chars().count())
                && !EMPTY.split_whitespace().any(|empty| empty.eq_ignore_ascii_case(word));
            if weighty && taken < TOPIC_WORDS {
                taken += 1;
                match phrases.last_mut().filter(|_| joins) {
                    Some(phrase) => phrase.extend([" ", word]),
                    None => phrases.push(word.to_owned()),
                }
            }
            joins = weighty && token.ends_with(word);
        }
        let file = prompt.lines().find_map(|line| line.strip_prefix("+++ b/")).map(str::to_owned);
        Self { phrases, file }
    }

    fn phrase(&self) -> String {
        match self.phrases.as_slice() {
            [] => "this question".to_owned(),
            [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            [one, ..] => one.clone(),
        }
    }

    /// The topic as a name in code.
    fn identifier(&self) -> String {
        let name = self.phrases.join("_").to_lowercase();
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("answer_{name}") }
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Seeded choice (FNV-1a to mix the texts, splitmix64 to go on), the same on every machine.
pub struct Dice(u64);

impl Dice {
    /// Dice for these texts and that seed.
    pub fn new(texts: &[&str], seed: u64) -> Self {
        let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff])).chain(seed.to_le_bytes());
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap_or(0)
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Some different ones, as many as there are at most.
    fn some<T: Copy>(&mut self, choices: &[T], count: usize) -> Vec<T> {
        let mut left = choices.to_vec();
        (0..count.min(choices.len())).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(prompt: &str, model: &str) -> Ask {
        Ask { prompt: prompt.to_owned(), model: model.to_owned(), ..Ask::default() }
    }

    fn text(prompt: &str) -> String {
        answer(&ask(prompt, "m"), "p", 1).text
    }

    #[test]
    fn the_same_question_gets_the_same_answer_and_another_model_other_words() {
        let prompt = "Explain how rust handles lifetimes and borrowing";
        let first = answer(&ask(prompt, "a"), "openai", 1).text;
        assert_eq!(first, answer(&ask(prompt, "a"), "openai", 1).text);
        let others = ["b", "c", "d"].map(|model| answer(&ask(prompt, model), "openai", 1).text);
        assert!(others.iter().all(|other| *other != first), "{others:?}");
        assert!(first.contains("lifetimes"), "{first}");
    }

    #[test]
    fn each_shape_of_task_gets_its_shape_of_answer() {
        let object: serde_json::Value = serde_json::from_str(&text("give me json about whales")).expect("JSON");
        assert_eq!(object["topic"], "whales");
        let message =
            text("write a commit message\n\ndiff --git a/x.rs b/x.rs\n--- a/x.rs\n+++ b/src/x.rs\n@@ -1 +1 @@");
        assert!(message.contains("src/x.rs\n\n"), "{message}");
        assert!(text("translate to French: good morning").ends_with("French: “good morning”"));
        assert!(text("write a python function to parse dates").contains("```python\ndef parse_dates("));
        assert_eq!(text("name three ideas for gardens").lines().filter(|line| line.starts_with("- ")).count(), 3);
        assert_eq!(text("list ideas for gardens").lines().filter(|line| line.starts_with("- ")).count(), 4);
        assert!(text("Say hello").len() < 60);
        assert!(text("Why is the sky blue? in detail").len() > text("Why is the sky blue?").len());
    }

    #[test]
    fn thinking_is_there_only_when_asked_for() {
        assert!(answer(&ask("Why?", "m"), "p", 1).thinking.is_empty());
        let asked = Ask { thinking: Thinking::Shown, ..ask("Why?", "m") };
        assert!(!answer(&asked, "p", 1).thinking.is_empty());
    }

    fn with_tools(prompt: &str, choice: Choice) -> Ask {
        let tool = |name: &str| Tool {
            name: name.to_owned(),
            schema: serde_json::json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
        };
        Ask { tools: vec![tool("get_weather"), tool("get_time")], choice, ..ask(prompt, "m") }
    }

    #[test]
    fn a_tool_is_called_when_it_must_be_or_when_the_prompt_names_it() {
        let names = |prompt: &str, choice| -> Vec<String> {
            answer(&with_tools(prompt, choice), "p", 1).calls.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("Hi", Choice::Required), ["get_weather"]);
        assert_eq!(names("Hi", Choice::Named("get_time".to_owned())), ["get_time"]);
        assert_eq!(names("Use get_weather and get time for Paris", Choice::Auto), ["get_weather", "get_time"]);
        assert!(names("Use get_weather", Choice::None).is_empty() && names("Hi", Choice::Auto).is_empty());
        let called = answer(&with_tools("Hi", Choice::Required), "p", 1);
        assert!(called.text.is_empty() && called.calls[0].1["city"].is_string());
        let answered = Ask { results: vec!["15 degrees.".to_owned()], ..with_tools("Use get_weather", Choice::Auto) };
        assert!(answer(&answered, "p", 1).text.starts_with("The tool says: 15 degrees. "));
    }

    #[test]
    fn attachments_are_told_with_their_sort_and_size() {
        let image = Media { kind: "image/png".to_owned(), bytes: Some(68) };
        let seen = answer(&Ask { media: vec![image], ..ask("What is this?", "m") }, "p", 1).text;
        assert!(seen.starts_with("I see image/png of 68 bytes. "), "{seen}");
    }

    #[test]
    fn an_answer_with_a_schema_is_json_that_fits_it() {
        let schema =
            serde_json::json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "maximum": 3}}});
        let text = answer(&Ask { schema: Some(schema), ..ask("whales", "m") }, "p", 1).text;
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), serde_json::json!({"n": 3}));
    }

    #[test]
    fn models_choose_evenly() {
        let mut counts = [0; 6];
        for model in 0..600 {
            counts[Dice::new(&["Why is the sky blue?", &model.to_string(), "openai"], 0).below(6)] += 1;
        }
        assert!(counts.iter().all(|count| (60..140).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_topic_is_what_the_prompt_is_about() {
        let phrase = |prompt: &str| Topic::of(prompt).phrase();
        assert_eq!(phrase("Explain how SQLite handles concurrent writers."), "SQLite and concurrent writers");
        assert_eq!(phrase("list three reasons to use Rust"), "Rust");
        assert_eq!(phrase("2+2?"), "this question");
        assert_eq!(Topic::of("2nd émigré").identifier(), "answer_2nd__migr_");
    }

    proptest::proptest! {
        #[test]
        fn every_prompt_gets_an_answer(prompt in ".{0,120}", seed: u64) {
            proptest::prop_assert!(!answer(&ask(&prompt, "m"), "p", seed).text.is_empty());
        }
    }
}
