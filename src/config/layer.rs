//! One configuration file as read: its settings, where each of them stands, and all that is wrong with it.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::hooks::HooksRow;
use super::problem::Problem;
use super::schema::RouteRow;
use super::schema::budgets::Budgets;
use super::schema::chat::ChatRow;
use super::schema::log::LogRow;
use super::suggest::nearest;
use crate::provider::{KeySource, Row};
use crate::route::Origin;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The user's own.
    User,
    /// A project's `.llmx.toml`: somebody else's text once you have changed into its directory.
    Project,
}

/// A file's text with what is known of the file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as it was found.
    pub path: String,
    /// The text.
    pub text: String,
    /// Whose it is.
    pub owner: Owner,
    /// Others than the owner may read it.
    pub open_to_others: bool,
}

/// The settings of one file; what is `None` or empty was not said.
#[derive(Clone, Debug)]
pub struct Layer {
    source: Source,
    spans: BTreeMap<String, Range<usize>>,
    /// Where the names of members stand.
    names: BTreeMap<String, Range<usize>>,
    hidden: Vec<Range<usize>>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The default model, route or alias.
    pub default: Option<String>,
    /// Providers in the order of the file.
    pub providers: Vec<(String, Row)>,
    /// Aliases.
    pub aliases: Vec<(String, String)>,
    /// Routes.
    pub routes: Vec<(String, RouteRow)>,
    /// Whether prompts and answers are kept.
    pub store_prompts: Option<bool>,
    /// Whether a model may correct an answer that does not fit.
    pub repair: Option<bool>,
    /// The user's file of models and prices.
    pub catalog: Option<String>,
    /// What the ledger keeps of what is said.
    pub log: Option<LogRow>,
    /// How one chats.
    pub chat: Option<ChatRow>,
    /// What may be spent.
    pub budgets: Option<Budgets>,
    /// What is called when something happens.
    pub hooks: Option<HooksRow>,
}

/// All settings at the top of a file.
pub(super) const KNOWN: &[&str] = &[
    "default",
    "providers",
    "aliases",
    "routes",
    "store_prompts",
    "repair",
    "catalog",
    "log",
    "chat",
    "budgets",
    "hooks",
];

/// Those that only the user's own file may hold.
const OWN: &[&str] = &["providers", "store_prompts", "catalog", "log", "chat", "budgets", "hooks"];

type Entry<'a> = (Spanned<std::borrow::Cow<'a, str>>, Spanned<DeValue<'a>>);

/// The dotted path of a member, with quotes where TOML needs them.
pub fn member(parent: &str, key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let key = if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { format!("{key:?}") };
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

impl Layer {
    /// Reads a file. All problems that can be told apart are reported together.
    pub fn read(source: Source) -> Self {
        let text = source.text.clone();
        let mut layer = Self {
            source,
            spans: BTreeMap::new(),
            names: BTreeMap::new(),
            hidden: Vec::new(),
            problems: Vec::new(),
            default: None,
            providers: Vec::new(),
            aliases: Vec::new(),
            routes: Vec::new(),
            store_prompts: None,
            repair: None,
            catalog: None,
            log: None,
            chat: None,
            budgets: None,
            hooks: None,
        };
        let (table, mut errors) = DeTable::parse_recoverable(&text);
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        if errors.is_empty() {
            layer.take_all(table.into_inner());
        }
        // What is wrong in a line is often told twice, and only the first time well.
        let mut lines = Vec::new();
        for error in &errors {
            let line =
                text[..text.floor_char_boundary(error.span().map_or(0, |span| span.start))].matches('\n').count();
            if !lines.contains(&line) {
                lines.push(line);
                layer.syntax_error(error);
            }
        }
        layer
    }

    /// Whose file it is.
    pub fn owner(&self) -> Owner {
        self.source.owner
    }

    /// Where a setting stands.
    pub fn origin(&self, at: &str) -> Option<Origin> {
        let start = self.spans.get(at)?.start;
        let line = self.source.text[..start].matches('\n').count() + 1;
        Some(Origin::File { path: self.source.path.clone(), line })
    }

    /// All settings of the file by their dotted paths, with their places.
    pub fn origins(&self) -> impl Iterator<Item = (String, Origin)> {
        self.spans.keys().filter_map(|at| Some((at.clone(), self.origin(at)?)))
    }

    /// A problem at a setting, or at the nearest one above it that the file holds.
    pub fn at(&self, at: &str, message: impl Into<String>) -> Problem {
        let held = self.spans.iter().filter(|(known, _)| at.starts_with(known.as_str()));
        match held.max_by_key(|(known, _)| known.len()) {
            Some((_, span)) => self.shown(span, message),
            None => Problem::whole(&self.source.path, message),
        }
    }

    /// A problem at the name of a member.
    pub fn at_name(&self, at: &str, message: impl Into<String>) -> Problem {
        match self.names.get(at) {
            Some(span) => self.shown(span, message),
            None => self.at(at, message),
        }
    }

    fn shown(&self, span: &Range<usize>, message: impl Into<String>) -> Problem {
        let hidden = |at: usize| self.hidden.iter().any(|range| range.contains(&at));
        Problem::at(&self.source.path, &self.source.text, span, hidden, message)
    }

    /// Text that is no TOML has no structure by which to find keys, so a line that may hold one is hidden whole.
    fn syntax_error(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let text = &self.source.text;
        let start = text.floor_char_boundary(span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let (above, line) = (&text[..line_start], &text[line_start..line_end]);
        if may_hold_key(above, line) {
            self.hidden.push(line_start + value_of(line)..line_end);
        }
        let problem = self.shown(&span, error.message());
        self.problems.push(problem);
    }

    fn take_all(&mut self, table: DeTable<'_>) {
        for (key, value) in in_order(table) {
            self.walk(&member("", key.get_ref()), &value, false);
            self.take(&key, value);
        }
        if self.source.open_to_others {
            self.refuse_open_keys();
        }
    }

    /// Notes where every value stands, and which texts may be secrets.
    fn walk(&mut self, at: &str, value: &Spanned<DeValue<'_>>, secret: bool) {
        self.spans.insert(at.to_owned(), value.span());
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let secret = secret || matches!(key.get_ref().as_ref(), "api_key" | "headers");
                    let at = member(at, key.get_ref());
                    self.names.insert(at.clone(), key.span());
                    self.walk(&at, value, secret);
                    // A value that stands in its own section has no text of its own: its heading is its place.
                    self.spans.entry(at).and_modify(|span| {
                        if matches!(value.get_ref(), DeValue::Table(_)) {
                            *span = key.span();
                        }
                    });
                }
            }
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(&format!("{at}[{index}]"), item, secret);
                }
            }
            // An address may hold a password or a token, which makes it wrong, and its error shows the line.
            DeValue::String(text) if at.ends_with(".base_url") && text.contains(['@', '?']) => {
                self.hidden.push(value.span());
            }
            // Whoever knows the address of a webhook can call it.
            DeValue::String(_) if at.starts_with("hooks.") && at.ends_with(".webhook") => {
                self.hidden.push(value.span());
            }
            _ if secret => self.hidden.push(value.span()),
            _ => {}
        }
    }

    fn take(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, value: Spanned<DeValue<'_>>) {
        let name = key.get_ref().as_ref();
        if self.source.owner == Owner::Project && OWN.contains(&name) {
            let problem = self.shown(&key.span(), "");
            return self.problems.push(foreign(problem, name));
        }
        match name {
            "default" => self.default = self.value(value),
            "store_prompts" => self.store_prompts = self.value(value),
            "repair" => self.repair = self.value(value),
            "catalog" => self.catalog = self.value(value),
            "providers" => self.providers = self.table(value, "a provider"),
            "aliases" => self.aliases = self.table(value, "an alias"),
            "routes" => self.routes = self.table(value, "a route"),
            "log" => self.log = self.value(value),
            "chat" => self.chat = self.value(value),
            "budgets" => self.budgets = self.value(value),
            "hooks" => self.hooks = self.value(value),
            _ => {
                let mut problem = self.shown(&key.span(), format!("unknown setting `{name}`"));
                problem.help = match name {
                    "models" => Some("models and prices go into a file of their own, which `catalog` names".to_owned()),
                    _ => nearest(name, KNOWN.iter().copied()).map(did_you_mean),
                };
                self.problems.push(problem);
            }
        }
    }

    fn value<T: for<'a> Deserialize<'a>>(&mut self, value: Spanned<DeValue<'_>>) -> Option<T> {
        let span = value.span();
        let result = T::deserialize(ValueDeserializer::from(value));
        result.map_err(|error| self.schema_error(&error, &span)).ok()
    }

    /// The members of a table of named things, each read by itself, so that one's error does not hide another's.
    fn table<T: for<'a> Deserialize<'a>>(&mut self, value: Spanned<DeValue<'_>>, what: &str) -> Vec<(String, T)> {
        let span = value.span();
        let DeValue::Table(table) = value.into_inner() else {
            let problem = self.shown(&span, format!("expected a table with {what} by name"));
            self.problems.push(problem);
            return Vec::new();
        };
        let mut found = Vec::new();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            let fits = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
            if name.is_empty() || !name.chars().all(fits) {
                let message = format!("`{name}` cannot name {what}: use letters, digits, `-`, `_` and `.`");
                let problem = self.shown(&key.span(), message);
                self.problems.push(problem);
            } else if let Some(read) = self.value(value) {
                found.push((name.to_owned(), read));
            }
        }
        found
    }

    /// Turns an error of `serde` into words of ours. Values are left out: they may be secrets.
    fn schema_error(&mut self, error: &toml::de::Error, around: &Range<usize>) {
        let span = error.span().unwrap_or_else(|| around.clone());
        let (message, help) = schema_words(error.message());
        let mut problem = self.shown(&span, message);
        problem.help = help;
        self.problems.push(problem);
    }

    /// A key in a file that others can read is refused, as `ssh` does.
    fn refuse_open_keys(&mut self) {
        let literal = |row: &Row| {
            row.api_key.as_ref().is_some_and(|key| key.0.iter().any(|source| matches!(source, KeySource::Literal(_))))
        };
        // A header for anything else, such as a title, is no secret.
        let in_header = |row: &Row| row.headers.iter().flatten().any(|(name, _)| sounds_secret(name));
        let found = self.providers.iter().find_map(|(name, row)| match (literal(row), in_header(row)) {
            (true, _) => Some((name, "api_key")),
            (false, true) => Some((name, "headers")),
            (false, false) => None,
        });
        let Some((name, place)) = found else { return };
        let at = member(&member("providers", name), place);
        let problem = self.at(&at, "this file holds a key, and others can read it");
        self.problems.push(problem.help(format!("run `chmod 600 {}`", shell_word(&self.source.path))));
    }
}

/// The problem that a project's file sets what only the user's own may.
pub fn foreign(problem: Problem, name: &str) -> Problem {
    let message = format!("a project's file must not set `{name}`");
    let help = "a repository's file is somebody else's text; set it in your own file, see `llmx config path`";
    Problem { message, ..problem }.help(help)
}

/// Whether a name or a line is about something that should stay secret.
fn sounds_secret(text: &str) -> bool {
    let text = text.to_lowercase();
    ["key", "header", "token", "secret", "auth", "webhook"].iter().any(|word| text.contains(word))
}

/// Whether a line of broken TOML may hold a key: it says so, or it goes on with a value that began above in a section that
/// has keys.
fn may_hold_key(above: &str, line: &str) -> bool {
    let heading = |line: &&str| line.trim_start().starts_with('[') && line.trim_end().ends_with(']');
    let in_section = above.lines().rev().take_while(|line| !heading(line)).any(sounds_secret);
    let in_heading = above.lines().rev().find(heading).is_some_and(sounds_secret);
    sounds_secret(line) || in_heading || (in_section && value_of(line) == 0)
}

/// Where in a line the value of a `key = value` begins; 0 when it is no such line.
fn value_of(line: &str) -> usize {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    match line.split_once('=') {
        Some((key, value)) if key.trim().bytes().all(fits) && !value.starts_with('=') => key.len() + 1,
        _ => 0,
    }
}

/// The entries in the order of the text.
pub(super) fn in_order(table: DeTable<'_>) -> Vec<Entry<'_>> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// `did you mean …?`
pub fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// A path as a shell reads it back.
pub fn shell_word(path: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "/._-+@:,".contains(character);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// What a setting looks like that is needed and was not said.
const EXAMPLES: &[(&str, &str)] = &[
    ("after", "\"p95\""),
    ("arms", "{ \"openai/gpt-6-luna\" = 0.5, \"anthropic/claude-haiku-5-5\" = 0.5 }"),
    ("max_cost_per_day", "0.50"),
    ("model", "\"provider/model\""),
    ("name", "\"luna-or-haiku\""),
    ("share", "0.05"),
    ("target", "\"provider/model\""),
];

/// `serde`'s message in our words, with the nearest of the names that it lists.
pub fn schema_words(message: &str) -> (String, Option<String>) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let what = if message.starts_with("unknown field") { "setting" } else { "value" };
        let name = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let list = || format!("known: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
        let help = nearest(name, known.iter().copied()).map_or_else(list, did_you_mean);
        return (format!("unknown {what} `{name}`"), Some(help));
    }
    if message.starts_with("missing field") {
        let name = quoted.next().unwrap_or_default();
        let example = EXAMPLES.iter().find(|(known, _)| *known == name);
        return (format!("`{name}` is missing"), example.map(|(name, value)| format!("write `{name} = {value}`")));
    }
    let Some(wrong) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) else {
        return (message.to_owned(), None);
    };
    let expected = wrong.rsplit_once(", expected ").map_or("something else", |(_, expected)| expected);
    let found = wrong.split(['`', '"', ',']).next().unwrap_or_default().trim_end();
    let expected = match expected {
        "a sequence" => "a list",
        "a map" => "a table",
        row if row.starts_with("struct ") => "a table",
        "i64" | "u32" | "u64" => "a whole number",
        other => other,
    };
    (format!("expected {expected}, found {found}"), None)
}
