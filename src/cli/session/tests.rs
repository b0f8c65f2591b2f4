use std::io;

use super::*;
use crate::chat::{ChatRequest, Event, Message, Reply, Role, Tool, ToolChoice};
use crate::exec::step::Step;
use crate::exec::{Attempt, End, Job, Sink, execute};
use crate::route::Candidate;

/// Keeps the reply.
#[derive(Default)]
struct Keep(Reply);

impl Sink for Keep {
    fn attempt_started(&mut self, _: usize, _: &Candidate, _: Timestamp) {}

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
    let environment = Environment::default();
    let mut settings = Settings::load(&environment).expect("settings without a file");
    let options = sim::Options { instant: true, ..sim::Options::default() };
    let fleet = start_fleet(&faults.parse().expect("faults"), options, &mut settings).await.expect("a fleet");
    let catalog = catalog(&settings).expect("the catalogue");
    Session { settings, catalog, transport: Transport::default(), environment, fleet: Some(fleet) }
}

/// Every provider with each of its wire formats: the names to ask for.
fn names(settings: &Settings) -> Vec<String> {
    let of = |provider: &Arc<Provider>| {
        let default = provider.default_model.clone().unwrap_or_else(|| "some-model".to_owned());
        // A pattern with a word in the place of its star is a model that fits it.
        let others = provider.wires.iter().map(|(pattern, _)| pattern.replace('*', "x"));
        let models: Vec<String> = [default].into_iter().chain(others).collect();
        models.into_iter().map(|model| format!("{}/{model}", provider.name)).collect::<Vec<_>>()
    };
    settings.providers.iter().flat_map(of).collect()
}

fn question(stream: bool) -> ChatRequest {
    let messages = vec![Message::text(Role::User, "Why is the sky blue?")];
    ChatRequest { messages, stream, ..ChatRequest::default() }
}

/// The reply, or what went wrong in words.
async fn ask(session: &Session, name: &str, request: &ChatRequest) -> Result<Reply, String> {
    let mut policy = session.resolve(name, "--model").map_err(|error| error.to_string())?;
    policy.fallback = false;
    let targets = session.targets(&policy);
    let plan = plan(&Demand::default(), &targets, &policy);
    let transport = &session.transport;
    let job = Job { plan: &plan, targets: &targets, request, keychain: session, transport };
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
    for name in one_for_each_wire(&session) {
        for stream in [true, false] {
            let tools = vec![tool.clone()];
            let request = ChatRequest { tools, tool_choice: Some(ToolChoice::Required), ..question(stream) };
            // Not every format can demand a call; a prompt that names the tool does too.
            let request = ChatRequest { messages: vec![Message::text(Role::User, "Use get_number.")], ..request };
            let reply = ask(&session, &name, &request).await;
            let called = reply.as_ref().ok().and_then(|reply| reply.tool_calls.first());
            let fits = called.is_some_and(|call| call.name == "get_number" && call.arguments.contains('3'));
            if !fits {
                wrong.push(format!("{name}, stream {stream}: {reply:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A provider for each wire format that carries tools.
fn one_for_each_wire(session: &Session) -> Vec<String> {
    let mut wires = Vec::new();
    let mut found = Vec::new();
    for name in names(&session.settings) {
        let policy = session.resolve(&name, "--model").expect("a name");
        let targets = session.targets(&policy);
        let wire = targets.first().map(|target| target.wire().to_owned()).unwrap_or_default();
        let tools = crate::wire::codec(&wire).is_some_and(|codec| codec.features().tools);
        if tools && !wires.contains(&wire) {
            wires.push(wire);
            found.push(name);
        }
    }
    found
}
