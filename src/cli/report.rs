//! What is said of a run: one line for each failed attempt, the table when all failed, the usage line, and `--json`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Done;
use super::billing::Cost;
use crate::catalog::Catalog;
use crate::chat::{Buckets, Reply, ToolCall, Usage};
use crate::error::{Error, ErrorKind};
use crate::exec::step::{GiveUp, Step};
use crate::exec::{Attempt, NO_KEY, Outcome};
use crate::failure::{Failure, FailureClass};
use crate::ledger::record::CostSource;
use crate::money::Usd;
use crate::provider::{Auth, KeyState, Target};
use crate::route::{self, Chosen, Plan, Rejection};
use crate::ui::Ui;
use crate::ui::table::Table;

/// The longest message of a provider in one line.
const MESSAGE_SHOWN: usize = 200;

/// What to do about credentials of AWS that are refused.
const AWS_CREDENTIALS: &str = "temporary credentials expire: renew them, say with `aws sso login`, or let llmx ask for \
                               them each time: `api_key = { cmd = \"aws configure export-credentials\" }`";

/// What to do about an access token that is no longer taken.
const ACCESS_TOKEN: &str = "an access token lasts about an hour: get a new one, or let llmx get one each time, from a \
                            service account or with `api_key = { cmd = \"gcloud auth print-access-token\" }`";

/// What to do about a server of access tokens that cannot be asked.
const TOKEN_URI: &str = "is the network up, and is that address right? It is `token_uri` of the credentials file";

/// A failure in one line: class, status, request id, the provider's words.
pub fn failure_words(failure: &Failure) -> String {
    let mut place: Vec<String> = Vec::new();
    place.extend(failure.status.map(|status| format!("HTTP {status}")));
    place.extend(failure.request_id.as_ref().map(|id| format!("request {id}")));
    let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
    match &failure.message {
        Some(message) if failure.rule == NO_KEY => message.clone(),
        Some(message) => format!("{}{place}: {}", failure.class, shortened(message)),
        None => format!("{}{place}", failure.class),
    }
}

/// A sentence that goes on.
fn unended(words: &str) -> &str {
    words.strip_suffix('.').unwrap_or(words)
}

/// A text of a provider in one line of bearable length.
pub fn shortened(message: &str) -> String {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match message.char_indices().nth(MESSAGE_SHOWN) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}

/// The line for a failed attempt that is followed by another one.
pub fn moving_on(attempt: &Attempt, next: &Step, plan: &Plan) -> Option<String> {
    let (Outcome::Failed(failure), Step::Try { candidate, after }) = (&attempt.outcome, next) else { return None };
    let then = if let Some(repair) = attempt.repair.as_ref().filter(|_| *candidate == attempt.candidate) {
        format!("{}, trying again", repair.edit)
    } else if attempt.goes_on {
        format!("{} goes on with the answer", plan.candidates[*candidate].target)
    } else if *candidate == attempt.candidate && after.is_zero() {
        "trying another key".to_owned()
    } else if *candidate == attempt.candidate {
        format!("trying again in {:.1}s", after.as_secs_f64())
    } else {
        format!("trying {}", plan.candidates[*candidate].target)
    };
    Some(format!("{}: {}; {then}", attempt.target, unended(&failure_words(failure))))
}

/// The table of attempts when none gave an answer. Request ids stand in the lines before it and in the ledger.
pub fn attempts_table(attempts: &[Attempt]) -> Table {
    let mut table = Table::new(["#", "target", "outcome", "after", "message"]).whole(&[1]);
    let mut attempts: Vec<&Attempt> = attempts.iter().collect();
    attempts.sort_by_key(|attempt| attempt.number);
    for attempt in attempts {
        let (outcome, message) = match &attempt.outcome {
            Outcome::Complete => ("answered".to_owned(), String::new()),
            Outcome::Cancelled if attempt.lost => ("stopped".to_owned(), "another was first".to_owned()),
            Outcome::Cancelled => ("interrupted".to_owned(), String::new()),
            Outcome::Failed(failure) => {
                (outcome_words(failure), failure.message.as_deref().unwrap_or_default().to_owned())
            }
        };
        let after = format!("{:.2}s", attempt.timing.total.as_secs_f64());
        table.row([attempt.number.to_string(), attempt.target.to_string(), outcome, after, shortened(&message)]);
    }
    table
}

fn outcome_words(failure: &Failure) -> String {
    let class = if failure.rule == NO_KEY { "no key".to_owned() } else { failure.class.to_string() };
    failure.status.map_or(class.clone(), |status| format!("{class}, {status}"))
}

/// The failure that a person should hear of first.
pub fn most_actionable(attempts: &[Attempt]) -> Option<(&Attempt, &Failure)> {
    let failures = attempts.iter().filter_map(|attempt| match &attempt.outcome {
        Outcome::Failed(failure) => Some((attempt, failure)),
        Outcome::Complete | Outcome::Cancelled => None,
    });
    failures.min_by_key(|(_, failure)| failure.class.rule().actionable)
}

/// The error that ends a run without an answer.
pub fn gave_up(why: GiveUp, attempts: &[Attempt], targets: &[Target], catalog: &Catalog) -> Error {
    // The answer that came last is what the run ends with.
    let told = if why == GiveUp::Unfit { &attempts[attempts.len().saturating_sub(1)..] } else { attempts };
    let Some((attempt, failure)) = most_actionable(told) else {
        return Error::new(ErrorKind::Other, why.to_string());
    };
    let exit_code = if why == GiveUp::Cut { 9 } else { failure.class.rule().exit_code };
    let head = format!("{}: {}", attempt.target, failure_words(failure));
    let message = match (attempts.len(), why) {
        (1, GiveUp::Exhausted) | (_, GiveUp::Unfit) => head,
        (_, GiveUp::Deadline) if failure.class == FailureClass::TimeoutTotal => head,
        (2, GiveUp::Exhausted) => format!("both attempts failed; {head}"),
        (_, GiveUp::Exhausted) => format!("all {} attempts failed; {head}", attempts.len()),
        (_, why) => format!("{}; {why}", unended(&head)),
    };
    let error = Error::new(ErrorKind::from_exit_code(exit_code), message);
    hints(failure, route::find(targets, &attempt.target), catalog).into_iter().fold(error, Error::hint)
}

/// What to do about a budget that is used up.
pub const MORE_BUDGET: &str =
    "`llmx cost budget` shows what is left; raise the budget where it was set, or spend this once with `--yes`";

/// The error of a run for which others have left too little of a budget.
pub fn over_budget(reason: &Rejection, attempts: &[Attempt], plan: &Plan) -> Error {
    let before = most_actionable(attempts)
        .map(|(attempt, failure)| format!("{}: {}; then every target left ", attempt.target, failure_words(failure)));
    let whose = before.unwrap_or_else(|| format!("no target of `{}` can be tried: each ", plan.route));
    Error::new(ErrorKind::Budget, format!("{whose}{reason}")).hint(MORE_BUDGET)
}

/// Who was out for now or tried only for want of others, each with its reason and its time.
pub fn out_for_now(plan: &Plan) -> Vec<String> {
    let passes = |reason: &Rejection| reason.passes_at().is_some_and(|at| at != Timestamp::MAX);
    let rejected = plan.rejected.iter().filter(|rejected| passes(&rejected.reason));
    let rejected = rejected.map(|rejected| format!("{} was left out: {}", rejected.target, rejected.reason));
    let last_resort = plan.candidates.iter().flat_map(|candidate| {
        candidate.reasons.iter().filter_map(move |reason| match reason {
            Chosen::LastResort { because } => Some(format!("{} was tried although {because}", candidate.target)),
            _ => None,
        })
    });
    rejected.chain(last_resort).collect()
}

/// What to do about a failure.
fn hints(failure: &Failure, target: Option<&Target>, catalog: &Catalog) -> Vec<String> {
    use FailureClass as C;
    let provider = target.map(|target| &target.provider);
    let title = provider.map_or("the provider", |provider| provider.title.as_str());
    let mut hints = Vec::new();
    match failure.class {
        C::Auth if failure.rule == NO_KEY => {
            hints.push("`llmx config show` says where each key is looked for".to_owned());
        }
        // What failed without a key is the request for one.
        C::Network | C::TimeoutConnect | C::Redirect if failure.rule == NO_KEY => hints.push(TOKEN_URI.to_owned()),
        C::Auth => {
            if let Some(KeyState::Present(place)) = target.map(|target| &target.key) {
                hints.push(format!("the key came from {place}"));
            }
            // Google's status for an access token, which a fixed variable or file cannot renew.
            if failure.kind.as_deref() == Some("UNAUTHENTICATED") {
                hints.push(ACCESS_TOKEN.to_owned());
            }
            if provider.is_some_and(|provider| matches!(provider.auth, Auth::Aws(_))) {
                hints.push(AWS_CREDENTIALS.to_owned());
            }
            let keys_url = provider.and_then(|provider| provider.keys_url.as_ref());
            hints.extend(keys_url.map(|url| format!("get a key at {url}")));
        }
        C::QuotaExhausted => {
            hints.push(format!("add credit to your account at {title}, or put another target into the chain"));
        }
        C::ModelNotFound if provider.is_some_and(|provider| provider.local) => {
            let model = target.map_or("", |target| target.id.model.as_str());
            let pull = failure.message.as_deref().is_some_and(|message| message.contains("pull"));
            let how = if pull { format!(", as with `ollama pull {model}`") } else { String::new() };
            hints.push(format!("{title} serves only models that it has loaded: load `{model}` there first{how}"));
        }
        C::ModelNotFound => {
            hints.extend(target.and_then(|target| nearest_models(target, catalog)));
            hints.push("name another model with `-m`; the provider lists what it has".to_owned());
        }
        C::ContextWindow => {
            let by = failure.overflow.map(|overflow| format!("the prompt has {overflow}: ")).unwrap_or_default();
            hints.push(format!("{by}shorten it, or name a model with a larger window with `-m`"));
        }
        C::UnsupportedParameter => hints.extend(failure.parameter.as_ref().map(|parameter| match &failure.instead {
            Some(instead) => format!("the model takes `{instead}` in place of `{parameter}`"),
            None => format!("leave `{parameter}` out, or name another model with `-m`"),
        })),
        C::Redirect => hints.push("set `base_url` of the provider to where it sends you, if that is right".to_owned()),
        C::RateLimit | C::Overloaded => {
            hints.push("add a fallback: `--fallback NAME`, or a further tier of the route".to_owned());
        }
        C::Tls => hints.push(
            "if the server is yours, add its certificate to those the system trusts; checking cannot be switched off"
                .to_owned(),
        ),
        C::TimeoutTotal => hints.push("allow more with `--timeout`, or with `timeout.total` of the route".to_owned()),
        C::TimeoutFirstToken => hints.push("allow more with `timeout.first_token` of the route".to_owned()),
        C::Network | C::TimeoutConnect if provider.is_some_and(|provider| provider.local) => {
            hints.push(format!("is {title} running? It was looked for at its usual address"));
        }
        C::Network | C::TimeoutConnect => {
            let host = provider.map_or("", |provider| host(&provider.base_url));
            hints.push(format!("is the network up, and is `{host}` right? It comes from `base_url` of the provider"));
        }
        _ => {}
    }
    hints
}

/// Host and port of an address, without anything that may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_userinfo, host)| host)
}

/// The models of the same provider whose names are most like this one.
fn nearest_models(target: &Target, catalog: &Catalog) -> Option<String> {
    let known = catalog.suggest(&target.provider.catalog, &target.id.model);
    let others = known.iter().filter(|model| **model != target.id.model);
    let others: Vec<String> = others.map(|model| format!("`{}/{model}`", target.id.provider)).collect();
    (!others.is_empty()).then(|| format!("did you mean {}?", others.join(" or ")))
}

/// `openai/gpt-5.4-mini · 12 in, 34 out (5 thinking) · $0.00022 · first token 0.31s, total 1.21s`.
pub fn usage_line(attempt: &Attempt, run_cost: RunCost, simulated: bool) -> String {
    let seconds = |duration: std::time::Duration| format!("{:.2}s", duration.as_secs_f64());
    let first = attempt.timing.first_content.map(|first| format!("first token {}, ", seconds(first)));
    let parts = [
        served_by(attempt),
        tokens_words(attempt.reply.usage.as_ref()),
        run_cost.to_string() + if simulated { " (simulated)" } else { "" },
        format!("{}total {}", first.unwrap_or_default(), seconds(attempt.timing.total)),
    ];
    parts.join(" · ")
}

/// The target, with the model that the provider says served where that is another name.
pub fn served_by(attempt: &Attempt) -> String {
    match &attempt.reply.model {
        Some(model) if *model != attempt.target.model => format!("{} ({model})", attempt.target),
        _ => attempt.target.to_string(),
    }
}

/// `12 in, 34 out (5 thinking)`.
pub fn tokens_words(usage: Option<&Usage>) -> String {
    let Some(usage) = usage else { return "tokens unknown".to_owned() };
    let buckets = usage.buckets();
    let shown = |total: Option<u64>| total.map_or("unknown".to_owned(), |count| count.to_string());
    let input = shown(buckets.map(|buckets| buckets.input_total()).or(usage.input));
    let output = shown(buckets.map(|buckets| buckets.output_total()).or(usage.output));
    let part = |count: u64, what: &str| if count > 0 { format!(" ({count} {what})") } else { String::new() };
    let cached = part(usage.cache_read.unwrap_or(0), "cached");
    let thinking = part(usage.reasoning.unwrap_or(0), "thinking");
    format!("{input} in{cached}, {output} out{thinking}")
}

/// What all attempts of a run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCost {
    /// The sum of what is known.
    pub known: Usd,
    /// Attempts that may have been billed an unknown amount.
    pub unknown: usize,
    /// Attempts that cost something, or may have.
    pub billed: usize,
}

impl RunCost {
    /// Adds an attempt's cost.
    pub fn add(&mut self, cost: &Cost) {
        self.unknown += usize::from(cost.usd.is_none());
        self.billed += usize::from(cost.usd != Some(Usd::ZERO));
        self.known += cost.usd.unwrap_or_default();
    }
}

/// Unknown is said, never shown as nothing.
impl std::fmt::Display for RunCost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.unknown, self.billed) {
            (0, 0 | 1) => write!(formatter, "{}", self.known),
            (0, billed) => write!(formatter, "{} over {billed} attempts", self.known),
            _ if self.known == Usd::ZERO => formatter.write_str("cost unknown"),
            (unknown, _) => write!(formatter, "{} and {unknown} more of unknown cost", self.known),
        }
    }
}

/// The cost of a whole run for `--json`: `usd` only where all of it is known.
pub fn run_cost_json(cost: RunCost) -> Value {
    let whole = (cost.unknown == 0).then_some(cost.known);
    json!({ "usd": whole, "known_usd": cost.known, "unknown_attempts": cost.unknown })
}

/// One attempt for `--json`.
pub fn attempt_json(attempt: &Attempt, cost: &Cost) -> Value {
    let (outcome, error) = match &attempt.outcome {
        Outcome::Complete => ("complete", Value::Null),
        Outcome::Cancelled => ("cancelled", Value::Null),
        Outcome::Failed(failure) => ("failed", json!(failure)),
    };
    json!({
        "number": attempt.number,
        "target": attempt.target,
        "key": attempt.key,
        "outcome": outcome,
        "lost": attempt.lost,
        "goes_on": attempt.goes_on,
        "error": error,
        "request_id": attempt.request_id,
        "changes": attempt.changes,
        "timing_ms": timing_json(attempt),
        "cost": cost_json(cost),
    })
}

/// Times in whole milliseconds.
pub fn timing_json(attempt: &Attempt) -> Value {
    let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    json!({
        "first_content": attempt.timing.first_content.map(ms),
        "first_text": attempt.timing.first_text.map(ms),
        "total": ms(attempt.timing.total),
    })
}

/// A cost with its lines; money as exact decimal text.
pub fn cost_json(cost: &Cost) -> Value {
    json!({
        "usd": cost.usd,
        "source": cost.source,
        "reported": cost.reported,
        "difference": cost.difference,
        "lines": cost.bill.as_ref().map(|bill| &bill.lines).filter(|_| cost.source != CostSource::NotBilled),
    })
}

/// Token counts; `null` where the provider counted nothing.
pub fn usage_json(usage: Option<&Usage>) -> Value {
    let Some(usage) = usage else { return Value::Null };
    let buckets: Option<Buckets> = usage.buckets();
    json!({
        "input": buckets.map(|buckets| buckets.input_total()),
        "output": buckets.map(|buckets| buckets.output_total()),
        "buckets": buckets,
        "raw": usage.raw,
    })
}

/// Tool calls; arguments that are no JSON stand beside as they came.
pub fn calls_json(reply: &Reply) -> Vec<Value> {
    let call = |call: &ToolCall| {
        let parsed = call.parsed();
        let raw = parsed.is_none().then_some(&call.arguments);
        json!({ "id": call.id, "name": call.name, "arguments": parsed, "arguments_raw": raw })
    };
    reply.tool_calls.iter().map(call).collect()
}

/// The reply itself for `--json`.
pub fn reply_json(reply: &Reply) -> Value {
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    json!({
        "text": reply.text,
        "reasoning": some(&reply.reasoning),
        "refusal": some(&reply.refusal),
        "tool_calls": calls_json(reply),
        "citations": (!reply.citations.is_empty()).then_some(&reply.citations),
        "logprobs": (!reply.logprobs.is_empty()).then_some(&reply.logprobs),
        "finish": reply.finish,
        "served_model": reply.model,
        "usage": usage_json(reply.usage.as_ref()),
    })
}

/// An error for `--json`.
pub fn error_value(error: &Error) -> Value {
    json!({
        "code": error.kind.name(),
        "message": error.message,
        "hints": error.hints,
        "exit_code": error.exit_code(),
    })
}

/// The object of `--json` where there is nothing but an error to tell.
pub fn error_json(schema: &str, error: &Error) -> Value {
    json!({ "schema": schema, "error": error_value(error) })
}

/// The end of a command with `--json`: an error that no object has told yet is told as `object` makes one of it.
pub fn told_as_json(done: Done, object: impl FnOnce(&Error) -> Value, ui: &Ui) -> Done {
    match done {
        Err(error) if !error.told_as_json && error.kind != ErrorKind::BrokenPipe => {
            ui.out_clean(&format!("{}\n", object(&error)))?;
            Err(error.told_as_json())
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_without_what_may_be_secret() {
        assert_eq!(host("https://api.example.com/v1"), "api.example.com");
        assert_eq!(host("http://user:secret@127.0.0.1:80?key=secret"), "127.0.0.1:80");
        assert_eq!(host(""), "");
    }
}
