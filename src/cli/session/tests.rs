use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::chat::{ChatRequest, Event, Message, Reply, Role, Tool, ToolCall, ToolChoice};
use crate::exec::step::Step;
use crate::exec::{Attempt, End, Job, Outcome, Sink, execute};
use crate::failure::FailureClass;
use crate::provider::{KeySource, Row};
use crate::route::{Asker, Candidate, Demand, PolicyLimits, Set};
use crate::ui::{ColorChoice, Talk};
use crate::wire::CODECS;

/// Keeps the reply.
#[derive(Default)]
struct Keep(Reply);

impl Sink for Keep {
    fn attempt_started(&mut self, _: usize, _: &Candidate, _: Option<&KeyMark>, _: Timestamp) {}

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.0.apply(event);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn has_shown(&self) -> bool {
        true
    }

    fn attempt_ended(&mut self, _: &Attempt, _: &Step) {}
}

/// A session with the fleet, for a user who has set nothing at all.
async fn session(faults: &str) -> Session {
    let options = sim::Options { instant: true, ..sim::Options::default() };
    let faults = faults.parse().expect("faults");
    let ui = Ui::new(Talk::Quiet, ColorChoice::Never, |_| None);
    let mut session = Session::with(Environment::default(), Some(&faults), options, &ui).await.expect("a session");
    let fleet = session.fleet.as_ref().expect("a fleet");
    let made_up: Vec<_> = CODECS.iter().map(|codec| Arc::new(made_up(fleet, codec.name()))).collect();
    session.settings.providers.extend(made_up);
    session
}

/// A provider `codec-WIRE` that speaks one wire format: not every format has a row that speaks nothing else.
fn made_up(fleet: &Fleet, wire: &str) -> Provider {
    let name = format!("codec-{wire}");
    let row = Row { base_url: Some(fleet.base_url(&name, wire)), wire: Some(wire.to_owned()), ..Row::default() };
    let mut provider = row.into_provider(&name, &|_| None).expect("a sound row");
    provider.keys = vec![KeySource::Literal(Secret::new("simulated-key"))];
    provider.parameters = ["project", "location"].map(|name| (name.to_owned(), fleet::SIMULATED.to_owned())).into();
    provider
}

/// Every provider of the table with each of its wire formats: the names to ask for.
fn names(settings: &Settings) -> Vec<String> {
    let of = |provider: &Arc<Provider>| {
        let default = provider.default_model.clone().unwrap_or_else(|| "some-model".to_owned());
        // A pattern with a word in the place of its star is a model that fits it.
        let others = provider.wires.iter().map(|(pattern, _)| pattern.replace('*', "x"));
        let models: Vec<String> = [default].into_iter().chain(others).collect();
        models.into_iter().map(|model| format!("{}/{model}", provider.name)).collect::<Vec<_>>()
    };
    settings.providers.iter().filter(|provider| !provider.name.starts_with("codec-")).flat_map(of).collect()
}

fn question(stream: bool) -> ChatRequest {
    let messages = vec![Message::text(Role::User, "Why is the sky blue?")];
    ChatRequest { messages, stream, ..ChatRequest::default() }
}

/// Decides for now, without a past.
fn plan(demand: &Demand<'_>, targets: &[Target], policy: &Policy, ledger: &Ledger) -> Plan {
    Occasion { targets, policy, ledger, at: Timestamp::now(), asker: Asker::default(), exact: false }.plan(demand)
}

/// The reply, or what went wrong in words.
async fn ask(session: &Session, name: &str, request: &ChatRequest) -> Result<Reply, String> {
    let mut policy = session.resolve(name, "--model").map_err(|error| error.to_string())?;
    policy.fallback = false;
    let targets = session.targets(&policy);
    let plan = plan(&Demand::of(request, false), &targets, &policy, &Ledger::disabled(None));
    let transport = &session.transport;
    let job = Job { plan: &plan, targets: &targets, request, keychain: session, transport, judge: None, gate: None };
    let mut kept = Keep::default();
    let run = execute(&job, &mut kept, std::future::pending()).await;
    match run.end {
        End::Served => Ok(kept.0),
        _ => Err(format!("{:?}{:?}", plan.rejected, run.attempts.iter().map(|one| &one.outcome).collect::<Vec<_>>())),
    }
}

#[tokio::test]
async fn every_provider_answers_in_the_simulation_streamed_and_whole() {
    let session = session("").await;
    let mut wrong = Vec::new();
    for name in names(&session.settings) {
        for stream in [true, false] {
            match ask(&session, &name, &question(stream)).await {
                Ok(reply) if reply.text.contains("blue") => {}
                other => wrong.push(format!("{name}, stream {stream}: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_tool_that_must_be_called_is_called_with_arguments_that_fit_wherever_tools_are_carried() {
    let session = session("").await;
    let parameters = serde_json::json!({"type": "object", "required": ["n"], "properties": {
        "n": {"type": "integer", "minimum": 3, "maximum": 3}}});
    let tool = Tool { name: "get_number".to_owned(), parameters, ..Tool::default() };
    let mut wrong = Vec::new();
    for wire in CODECS.iter().filter(|codec| codec.features().tools).map(|codec| codec.name()) {
        for stream in [true, false] {
            let tools = vec![tool.clone()];
            // Not every format can demand a call; a prompt that names the tool does too.
            let messages = vec![Message::text(Role::User, "Use get_number.")];
            let tool_choice = Some(ToolChoice::Required);
            let request = ChatRequest { messages, tools, tool_choice, ..question(stream) };
            let reply = ask(&session, &format!("codec-{wire}/m"), &request).await;
            let called = reply.as_ref().ok().and_then(|reply| reply.tool_calls.first());
            let arguments = called.filter(|call| call.name == "get_number").and_then(ToolCall::parsed);
            if arguments != Some(serde_json::json!({"n": 3})) {
                wrong.push(format!("{wire}, stream {stream}: {reply:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Faults with the class that every format must tell them as.
const FAULTS: &[(&str, FailureClass)] = &[
    ("500", FailureClass::ServerError),
    ("503", FailureClass::Overloaded),
    ("529", FailureClass::Overloaded),
    ("429", FailureClass::RateLimit),
    ("401", FailureClass::Auth),
    ("403", FailureClass::Permission),
    ("404", FailureClass::ModelNotFound),
    ("400", FailureClass::InvalidRequest),
    ("context", FailureClass::ContextWindow),
    ("quota", FailureClass::QuotaExhausted),
    ("refuse", FailureClass::Network),
    ("hang", FailureClass::TimeoutFirstToken),
    ("slow=60s", FailureClass::TimeoutFirstToken),
    ("stall@5", FailureClass::TimeoutIdle),
    ("cut@5", FailureClass::IncompleteStream),
    ("reset@5", FailureClass::IncompleteStream),
    ("error@5", FailureClass::ServerError),
    ("malformed@5", FailureClass::Protocol),
    ("empty", FailureClass::EmptyResponse),
    ("html", FailureClass::Protocol),
    ("html503", FailureClass::Overloaded),
    ("filter", FailureClass::ContentFilter),
];

/// Where a format has its own word for a fault, or none: format, fault, class; `None` is an answer.
const OWN_WORDS: &[(&str, &str, Option<FailureClass>)] = &[
    ("anthropic", "error@5", Some(FailureClass::Overloaded)),
    ("vertex-anthropic", "error@5", Some(FailureClass::Overloaded)),
    ("gemini", "error@5", Some(FailureClass::Overloaded)),
    ("vertex-gemini", "error@5", Some(FailureClass::Overloaded)),
    // Claude's filter speaks as the model.
    ("anthropic", "filter", None),
    ("vertex-anthropic", "filter", None),
    ("bedrock-anthropic", "filter", None),
    // They have no reason to finish that would tell of a filter.
    ("ollama-chat", "filter", None),
    ("cloudflare-run", "filter", None),
    ("hf-text-generation", "filter", None),
];

fn expected(wire: &str, fault: &str, class: FailureClass, stream: bool) -> Option<FailureClass> {
    let own =
        OWN_WORDS.iter().find(|(format, name, _)| (*format, *name) == (wire, fault) && (stream || *name != "error@5"));
    match own {
        Some((.., class)) => *class,
        // A body in one piece that stalls has not begun.
        None if fault == "stall@5" && !stream => Some(FailureClass::TimeoutFirstToken),
        None => Some(class),
    }
}

#[tokio::test]
async fn every_fault_is_told_as_what_it_is_in_every_wire_format() {
    let mut wrong = Vec::new();
    // One fault at a time: hundreds of runs at once would pass their limits by themselves on a busy machine.
    for (fault, class) in FAULTS {
        let session = Rc::new(session(fault).await);
        let work = tokio::task::LocalSet::new();
        let mut checks = Vec::new();
        for wire in CODECS.iter().map(|codec| codec.name()) {
            for stream in [true, false] {
                let session = Rc::clone(&session);
                checks.push(work.spawn_local(async move {
                    let told = class_of(&session, &format!("codec-{wire}/m"), stream).await;
                    let expected = expected(wire, fault, *class, stream);
                    let fits =
                        told.as_ref().map_or_else(|(class, _)| Some(*class) == expected, |()| expected.is_none());
                    (!fits).then(|| format!("{fault} in {wire}, stream {stream}: {told:?} instead of {expected:?}"))
                }));
            }
        }
        work.await;
        for check in checks {
            wrong.extend(check.await.expect("no panic"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How a run with short limits failed, and in which words; `Ok` when it did not.
async fn class_of(session: &Session, name: &str, stream: bool) -> Result<(), (FailureClass, String)> {
    let mut policy = session.resolve(name, "--model").expect("a name");
    let limit = |millis| Some(Set { value: Duration::from_millis(millis), origin: Origin::BuiltIn });
    policy.limits = PolicyLimits { first_token: limit(3000), idle: limit(1500), ..policy.limits };
    let targets = session.targets(&policy);
    let (request, transport) = (question(stream), &session.transport);
    let plan = plan(&Demand::of(&request, false), &targets, &policy, &Ledger::disabled(None));
    let job = Job {
        plan: &plan,
        targets: &targets,
        request: &request,
        keychain: session,
        transport,
        judge: None,
        gate: None,
    };
    let run = execute(&job, &mut Keep::default(), std::future::pending()).await;
    match run.attempts.last().map(|attempt| &attempt.outcome) {
        Some(Outcome::Complete) => Ok(()),
        Some(Outcome::Failed(failure)) => Err((failure.class, format!("{}: {:?}", failure.rule, failure.message))),
        other => panic!("{name} was not tried: {other:?} {:?}", plan.rejected),
    }
}

async fn fetched(
    session: &Session,
    provider: &Provider,
    mut request: crate::wire::HttpRequest,
) -> Result<Vec<u8>, String> {
    let key = Secret::new("simulated-key");
    crate::wire::authorize(&mut request, provider, Some(&key), Timestamp::now())
        .map_err(|error| format!("{error:?}"))?;
    let response =
        session.transport.send(&request, Duration::from_secs(5)).await.map_err(|error| format!("{error:?}"))?;
    let status = response.head.status;
    let body = response.error_body().await;
    if status == 200 { Ok(body) } else { Err(format!("{status} {} {}", request.url, String::from_utf8_lossy(&body))) }
}

#[tokio::test]
async fn every_provider_that_lists_models_or_embeds_does_so_in_the_simulation() {
    use crate::wire::{embed, models};
    let session = session("").await;
    let (mut wrong, mut lists, mut vectors) = (Vec::new(), 0, 0);
    for provider in session.settings.providers.iter().filter(|provider| !provider.name.starts_with("codec-")) {
        if let Some(format) = models::of(provider) {
            let body = fetched(&session, provider, format.encode(provider, None)).await;
            match body.map(|body| format.decode(&body)) {
                Ok(Ok(page)) if !page.models.is_empty() => lists += 1,
                other => wrong.push(format!("{}, list: {other:?}", provider.name)),
            }
        }
        if let Some(format) = embed::of(provider) {
            let id = TargetId::new(provider.name.clone(), "m");
            let key = crate::provider::KeyState::NotNeeded;
            let target = Target { id, provider: Arc::clone(provider), model: None, key, keys: Vec::new() };
            let texts = vec!["a cat".to_owned(), "a dog".to_owned()];
            let request = embed::EmbedRequest { texts, ..embed::EmbedRequest::default() };
            let body = fetched(&session, provider, format.encode(&target, &request)).await;
            match body.map(|body| format.decode(&body)) {
                Ok(Ok(read)) if read.vectors.len() == 2 && read.vectors[0].len() == 256 => vectors += 1,
                other => wrong.push(format!("{}, embeddings: {other:?}", provider.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lists > 30 && vectors > 20, "{lists} {vectors}");
}
