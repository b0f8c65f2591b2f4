//! The session files of Codex: a line an event. `token_count` events tell what the last call used and what all calls of the
//! session have used together; they are repeated, and a forked session begins with those of its parent.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::fields::{moment, text};
use super::pieces::{each_line, parse};
use super::{Call, Found, Why, providers, usage};

/// The provider when a session names none.
const USUAL: &str = "openai";

/// Counts of a usage object, in the order in which they tell states apart.
const COUNTS: [&str; 5] =
    ["input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens"];

/// The events of a parent are copied within milliseconds; no call is answered that soon.
const BURST: Duration = Duration::from_secs(1);

/// Whether a file begins like one.
pub(super) fn fits(head: &str) -> bool {
    let events = ["\"session_meta\"", "\"event_msg\"", "\"response_item\"", "\"turn_context\""];
    head.contains("\"payload\"") && events.iter().any(|event| head.contains(event))
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    info: Option<Value>,
}

/// What is known of a session as far as its file was read.
#[derive(Default)]
struct Session {
    id: Option<String>,
    /// Sessions whose events it may repeat.
    ancestors: Vec<String>,
    /// It was forked, and events up to this moment are its parent's.
    copied_until: Option<Timestamp>,
    project: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    totals: [u64; 5],
}

/// Reads a session file; `name` stands for a session whose first line is lost.
pub(super) fn read(input: &mut dyn BufRead, name: &str, found: &mut Found) -> io::Result<()> {
    let mut session = Session::default();
    each_line(input, found, &mut |line, found| {
        let line: Line<'_> = parse(line)?;
        let at = line.timestamp.as_deref().and_then(moment);
        let payload = || line.payload.map(|payload| payload.get().as_bytes()).ok_or(Why::Shape);
        match line.kind.as_deref() {
            Some("session_meta") => session.begin(&parse(payload()?)?, at),
            Some("turn_context") => session.turn(&parse(payload()?)?),
            Some("event_msg") => {
                let event: Event<'_> = parse(payload()?)?;
                if let (Some("token_count"), Some(info)) = (event.kind.as_deref(), event.info) {
                    return session.count(name, &info, at.ok_or(Why::Timeless)?, found);
                }
            }
            _ => {}
        }
        Ok(())
    })
}

/// The parent of a thread that another one began, wherever it stands in the words about its source.
fn parent_within(source: &Value) -> Option<&str> {
    let members = source.as_object()?;
    members.get("parent_thread_id").and_then(Value::as_str).or_else(|| members.values().find_map(parent_within))
}

impl Session {
    /// The first is the session's own, those that follow were copied from its ancestors.
    fn begin(&mut self, meta: &Value, at: Option<Timestamp>) {
        let id = text(meta, "id").or_else(|| text(meta, "session_id")).map(str::to_owned);
        let forked = text(meta, "forked_from_id");
        if self.id.is_some() {
            self.ancestors.extend(id);
            return;
        }
        self.id = id;
        self.copied_until = at.filter(|_| forked.is_some());
        let spawned = meta.get("source").and_then(parent_within);
        let parents = [forked, text(meta, "parent_thread_id"), spawned];
        self.ancestors.extend(parents.into_iter().flatten().map(str::to_owned));
        self.project = text(meta, "cwd").map(str::to_owned);
        self.provider = text(meta, "model_provider").map(str::to_owned);
    }

    fn turn(&mut self, context: &Value) {
        if let Some(model) = text(context, "model") {
            self.model = Some(model.to_owned());
        }
        if let Some(project) = text(context, "cwd") {
            self.project = Some(project.to_owned());
        }
    }

    fn count(&mut self, name: &str, info: &Value, at: Timestamp, found: &mut Found) -> Result<(), Why> {
        let (last, total) = (info.get("last_token_usage"), info.get("total_token_usage"));
        let before = self.totals;
        if let Some(total) = total {
            self.totals = counts(total);
        }
        let own = self.id.as_deref().unwrap_or(name).to_owned();
        if total.is_some() {
            found.sessions.entry(own.clone()).or_default().insert(self.totals);
        }
        if self.is_copied(total.is_some(), at, &found.sessions) {
            return Err(Why::Copied);
        }
        let reported = match (last, total) {
            (Some(last), _) if last.is_object() => last.clone(),
            (_, Some(_)) => since(before, self.totals),
            _ => return Ok(()),
        };
        // An event that only tells of limits, or of a window that is full, counts nothing.
        if counts(&reported) == [0; 5] {
            return Ok(());
        }
        let state = total.map_or_else(|| at.to_string(), |_| self.totals.map(|count| count.to_string()).join("."));
        let model = self.model.as_deref().unwrap_or(providers::UNKNOWN);
        let (provider, model) = providers::named(Some(self.provider.as_deref().unwrap_or(USUAL)), model);
        found.add(Call {
            id: format!("{own}/{state}"),
            at,
            provider,
            model,
            usage: usage::openai(&reported),
            duration: None,
            failed: false,
            rejected: false,
            claimed: None,
            conversation: Some(own),
            project: self.project.clone(),
            tags: BTreeMap::new(),
        });
        Ok(())
    }

    /// Whether the event that led to the present totals is an ancestor's. Where no log of an ancestor was read, the time tells:
    /// copies are stamped with the moment of the fork, or with one before it.
    fn is_copied(&mut self, has_total: bool, at: Timestamp, sessions: &HashMap<String, HashSet<[u64; 5]>>) -> bool {
        let mut known = self.ancestors.iter().filter_map(|ancestor| sessions.get(ancestor)).peekable();
        if known.peek().is_some() {
            return has_total && known.any(|states| states.contains(&self.totals));
        }
        let is_copied = self.copied_until.is_some_and(|until| at <= until.saturating_add(BURST).unwrap_or(until));
        self.copied_until = self.copied_until.filter(|_| is_copied).map(|until| until.max(at));
        is_copied
    }
}

fn counts(usage: &Value) -> [u64; 5] {
    COUNTS.map(|name| usage.get(name).and_then(Value::as_u64).unwrap_or(0))
}

/// What was used between two totals; totals that begin anew count from nothing.
fn since(before: [u64; 5], now: [u64; 5]) -> Value {
    let anew = now.iter().zip(&before).any(|(now, before)| now < before);
    let used = COUNTS.iter().zip(now.iter().zip(&before));
    used.map(|(name, (now, before))| ((*name).to_owned(), json!(if anew { *now } else { now - before }))).collect()
}
