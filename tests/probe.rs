//! Targets that failed of late and are looked at again: one process may, the others pass them over.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use llmx::chat::{ChatRequest, Event, Message, Role};
use llmx::exec::step::Step;
use llmx::exec::transport::Transport;
use llmx::exec::{Attempt, End, Gate, Job, KeyResult, Keychain, Run, Sink, execute};
use llmx::provider::{KeyMark, KeyState, Row, Target, TargetId};
use llmx::route::breaker::{Breaker, Opening, Subject, Watched};
use llmx::route::{Candidate, Demand, Origin, Plan, Policy, Rejection, Set, Snapshot, decide};
use llmx::secret::Secret;

use crate::support::Server;

struct Key;

impl Keychain for Key {
    fn key<'a>(&'a self, _: &'a Target, _: Option<&'a KeyMark>) -> Pin<Box<dyn Future<Output = KeyResult> + 'a>> {
        Box::pin(async { Ok(Some(Secret::new("sim-key"))) })
    }
}

/// Lets through or not, and remembers what it was asked.
struct Door {
    open: bool,
    asked: RefCell<Vec<String>>,
}

impl Gate for Door {
    fn claim(&self, target: &TargetId, _: Option<&KeyMark>) -> bool {
        self.asked.borrow_mut().push(format!("claim {target}"));
        self.open
    }

    fn release(&self, target: &TargetId, _: Option<&KeyMark>) {
        self.asked.borrow_mut().push(format!("release {target}"));
    }

    fn reserve(&self, _: &Candidate) -> Result<Option<i64>, Box<Rejection>> {
        Ok(None)
    }

    fn unreserve(&self, _: i64) {}
}

struct Silent;

impl Sink for Silent {
    fn attempt_started(&mut self, _: usize, _: &Candidate, _: Option<&KeyMark>, _: Timestamp) {}
    fn event(&mut self, _: &Event) -> std::io::Result<()> {
        Ok(())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
    fn attempt_ended(&mut self, _: &Attempt, _: &Step) {}
    fn has_shown(&self) -> bool {
        false
    }
}

fn target(server: &Server, name: &str) -> Target {
    let row = Row {
        base_url: Some(server.base_url(name, "openai-chat")),
        wire: Some("openai-chat".to_owned()),
        ..Row::default()
    };
    let provider = Arc::new(row.into_provider(name, &|_| None).expect("a provider"));
    let key = KeyState::Present("a test".to_owned());
    Target { id: TargetId::new(name, "m"), provider, model: None, key, keys: Vec::new() }
}

/// The plan for these targets, the first of which failed a while ago.
fn plan(targets: &[Target], request: &ChatRequest) -> Plan {
    let now = Timestamp::now();
    let before = Timestamp::from_second(now.as_second() - 60).expect("a moment");
    let open = Some(Opening { since: before, until: before, class: "server_error".to_owned() });
    let breaker = Breaker { open, updated: before, ..Breaker::default() };
    let watched = Watched { subject: Subject::Target(targets[0].id.clone()), breaker };
    let tiers = targets.iter().map(|target| vec![target.id.clone()]).collect();
    let policy = Policy { retries: Set::built_in(2), ..Policy::of("test", Origin::BuiltIn, tiers) };
    decide(&Demand::of(request, false), targets, &policy, &Snapshot::blank(now, 7).with_breakers([watched]))
}

/// Runs; interrupted when `odd` has been asked, if that is wanted.
fn run(server: &Server, names: &[&str], open: bool, interrupted: bool) -> (Run, Vec<String>) {
    let targets: Vec<Target> = names.iter().map(|name| target(server, name)).collect();
    let request = ChatRequest { messages: vec![Message::text(Role::User, "Hi")], ..ChatRequest::default() };
    let plan = plan(&targets, &request);
    let door = Door { open, asked: RefCell::default() };
    let transport = Transport::default();
    let job = Job {
        plan: &plan,
        targets: &targets,
        request: &request,
        keychain: &Key,
        transport: &transport,
        judge: None,
        gate: Some(&door),
    };
    let asked = server.fleet().wait(|traffic| traffic.to("odd").count() > 0);
    let cancelled = async { if interrupted { asked.await } else { std::future::pending().await } };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let run = runtime.block_on(execute(&job, &mut Silent, cancelled));
    (run, door.asked.into_inner())
}

#[test]
fn who_has_not_claimed_the_probe_passes_the_target_over() {
    let server = Server::start("");
    let (run, asked) = run(&server, &["odd", "healthy"], false, false);
    assert!(matches!(run.end, End::Served));
    assert_eq!((run.passed_over, asked), (vec![0], vec!["claim odd/m".to_owned()]));
    assert_eq!((server.count("odd"), server.count("healthy")), (0, 1));
}

#[test]
fn who_has_claimed_it_tries_once() {
    let server = Server::start("");
    let (run, asked) = self::run(&server, &["odd", "healthy"], true, false);
    assert_eq!((run.attempts.len(), asked), (1, vec!["claim odd/m".to_owned()]));
    let server = Server::start("odd:500");
    let (run, asked) = self::run(&server, &["odd", "healthy"], true, false);
    assert!(matches!(run.end, End::Served));
    assert_eq!((server.count("odd"), asked), (1, vec!["claim odd/m".to_owned()]));
}

#[test]
fn a_probe_that_is_interrupted_is_given_back() {
    let server = Server::start("odd:hang");
    let (_, asked) = run(&server, &["odd", "healthy"], true, true);
    assert_eq!(asked, ["claim odd/m", "release odd/m"]);
}

#[test]
fn when_nobody_else_is_there_the_target_is_tried_all_the_same() {
    let server = Server::start("");
    let (run, _) = run(&server, &["odd"], false, false);
    assert!(matches!(run.end, End::Served));
    assert_eq!(run.passed_over, [0]);
}
