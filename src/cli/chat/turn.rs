//! One question and its answer.

use jiff::Timestamp;

use super::fit::Without;
use super::question::Question;
use super::status;
use super::talk::Talk;
use super::{ahead, fit};
use crate::chat::{ChatRequest, Message};
use crate::cli::args::{FormArgs, RouteArgs};
use crate::cli::asking::Asking;
use crate::cli::complete::{OutputArgs, Purpose};
use crate::cli::ending::Ending;
use crate::cli::live::{Delivery, Live};
use crate::cli::session::{self, Occasion};
use crate::cli::signal::Interrupt;
use crate::cli::{Done, terminal_name, trials};
use crate::cost::spent::Spender;
use crate::error::{Error, ErrorKind};
use crate::exec::step::GiveUp;
use crate::exec::{Attempt, End, Run};
use crate::ledger::record::{RunEnd, RunStart};
use crate::ledger::{CHAT, Turn};
use crate::provider::Target;
use crate::route::{Demand, Plan, Policy};
use crate::ui::answer::Answer;

/// What to do about an answer that the token limit cut.
const WHEN_CUT: &str = "/continue goes on with it, `/set max-tokens N` allows more";

/// The same of one that broke off, as far as it was shown.
const WHEN_BROKEN: &str = "what came stays in the conversation: /continue goes on with it, /retry asks again";

/// Asks a question and shows its answer. What was shown of it stays in the conversation, also when it was stopped or broke off.
pub(super) async fn ask(talk: &mut Talk<'_>, question: Question, interrupt: &mut Interrupt) -> Done {
    let sent = question.sent();
    talk.unanswered = Some(question.clone());
    let model = question.model.as_ref().or(talk.route.model.as_ref()).cloned();
    let policy = talk.session.policy(&RouteArgs { model, ..talk.route.clone() }).await?;
    let targets = talk.session.targets(&policy);
    tell_of_others(talk);
    let run = talk.conversation.next_run();
    let at = Timestamp::now();
    let (request, plan) = decide(talk, &sent, &run, at, &policy, &targets)?;
    let spender = talk.route.spend.spender(CHAT, &plan.route, &talk.session.environment);
    let start = run_start(talk, run, &plan, question.kept(talk.ui()), spender.clone());
    begin(talk, &start);
    let mut said = Said::default();
    let answer = carry_out(talk, (&policy, &targets, &plan), &request, &start, spender, interrupt, &mut said);
    let (done, typed) = Box::pin(ahead::beside(answer, talk.keyboard.as_ref(), talk.ui())).await;
    talk.typed(typed);
    talk.decision = Some((plan, at));
    if !said.answer.is_empty() {
        talk.unanswered = None;
        let (system, started_ms) = (start.system, start.started_ms);
        talk.conversation.turns.push(Turn {
            run: start.id,
            started_ms,
            system,
            question: vec![sent],
            answer: said.answer,
            is_whole: done.is_ok(),
            served_by: said.served_by,
            finish: said.finish,
        });
    }
    stopped(talk, done, interrupt)
}

/// A conversation that goes on in another terminal too has turns that this one has not seen.
fn tell_of_others(talk: &mut Talk<'_>) {
    let thread = &talk.conversation;
    if !thread.is_begun || !talk.keep_text {
        return;
    }
    let answered = talk.ledger.borrow().answered_runs(&thread.id).unwrap_or_default();
    if answered.iter().any(|run| thread.turns.iter().all(|known| known.run != *run)) {
        let note = format!("this conversation goes on elsewhere too: `/load {}` brings what was said there", thread.id);
        talk.note_once(&note);
    }
}

/// Stopping an answer is no error: only the answer ends.
fn stopped(talk: &mut Talk<'_>, done: Done, interrupt: &mut Interrupt) -> Done {
    match done {
        Err(error) if error.kind == ErrorKind::Interrupted && !interrupt.is_final() && talk.is_at_terminal() => {
            interrupt.rearm();
            let what = if talk.unanswered.is_none() {
                "stopped · what came stays · /continue goes on, /retry asks again"
            } else {
                "stopped before anything came · /retry asks again"
            };
            talk.ui().remark(what);
            talk.unqueue();
            Ok(())
        }
        done => done,
    }
}

/// What came of a question.
#[derive(Debug, Default)]
struct Said {
    /// The answer as far as it was shown.
    answer: String,
    served_by: Option<String>,
    finish: Option<String>,
}

/// The request that fits, and who is asked.
fn decide(
    talk: &mut Talk<'_>,
    question: &Message,
    run: &str,
    at: Timestamp,
    policy: &Policy,
    targets: &[Target],
) -> Result<(ChatRequest, Plan), Error> {
    let fitted = fitted(talk, talk.conversation.turns.len(), question, run, at, (policy, targets));
    tell_left_out(talk, &fitted);
    let fit::Fitted { request, plan, .. } = fitted;
    for rejected in plan.rejected.iter().filter(|_| !plan.candidates.is_empty()) {
        talk.note_once(&format!("{} is left out: {}", rejected.target, rejected.reason));
    }
    session::tell_of_budgets(&plan, policy, &talk.ledger.borrow(), talk.ui());
    if let Some(note) = session::not_on(policy, &plan) {
        talk.ui().detail(&note);
    }
    if plan.candidates.is_empty() {
        return Err(talk.session.nothing_left(&plan, targets, policy, &Demand::of(&request, false)));
    }
    Ok((request, plan))
}

/// The request with as many of the first `turns` turns as fit, and who is asked.
pub(super) fn fitted(
    talk: &Talk<'_>,
    turns: usize,
    question: &Message,
    run: &str,
    at: Timestamp,
    (policy, targets): (&Policy, &[Target]),
) -> fit::Fitted {
    let request = ChatRequest {
        system: talk.system.clone(),
        options: talk.sampling.options(),
        stream: true,
        ..ChatRequest::default()
    };
    let plan_of = planner(talk, run, at, (policy, targets));
    fit::fitted(&request, talk.conversation.said(turns), question, Without::Oldest, plan_of)
}

/// Who would be asked a request.
pub(super) fn planner<'a>(
    talk: &'a Talk<'_>,
    run: &str,
    at: Timestamp,
    (policy, targets): (&'a Policy, &'a [Target]),
) -> impl Fn(&ChatRequest) -> Plan {
    let whose = trials::asker(run.to_owned(), Some(talk.conversation.id.clone()), &talk.session.environment);
    move |request| {
        let ledger = talk.ledger.borrow();
        let asker = whose.clone();
        Occasion { targets, policy, ledger: &ledger, at, asker, exact: false }.plan(&Demand::of(request, false))
    }
}

/// What is not sent is said, whenever it becomes more.
fn tell_left_out(talk: &mut Talk<'_>, fitted: &fit::Fitted) {
    if fitted.left_out > talk.left_out
        && let Some((target, window)) = fitted.plan.candidates.first().map(|first| (&first.target, first.window))
    {
        let turns = if fitted.left_out == 1 { "turn is" } else { "turns are" };
        let window = window.map(|window| format!(" of {window} tokens")).unwrap_or_default();
        talk.ui().warn(&format!(
            "the window{window} of {target} is nearly full: the {} oldest {turns} not sent; all stays in the conversation, and \
             /summarize has it summed up",
            fitted.left_out
        ));
    }
    talk.left_out = fitted.left_out;
}

pub(super) fn run_start(talk: &Talk<'_>, id: String, plan: &Plan, question: Message, spender: Spender) -> RunStart {
    let had_system = || talk.conversation.turns.iter().any(|turn| turn.system.is_some());
    // An empty one says that there is none any more.
    let system = talk.system.clone().or_else(|| had_system().then(String::new));
    RunStart {
        id,
        conversation: talk.conversation.id.clone(),
        started_ms: Timestamp::now().as_millisecond(),
        command: CHAT.to_owned(),
        route: plan.route.clone(),
        system: system.filter(|_| talk.keep_text).map(|system| talk.session.text_without_keys(system)),
        messages: if talk.keep_text { vec![talk.session.without_keys(question)] } else { Vec::new() },
        keep_text: talk.keep_text,
        terminal: terminal_name(),
        arm: trials::arm(plan),
        project: spender.project,
        tags: spender.tags,
    }
}

/// What was said of a conversation before it had a run is kept with its first one.
pub(super) fn begin(talk: &mut Talk<'_>, start: &RunStart) {
    let thread = &mut talk.conversation;
    if !std::mem::replace(&mut thread.is_begun, true) && talk.keep_text {
        let mut ledger = talk.ledger.borrow_mut();
        if let (Some(base), Some(shared)) = (&thread.base, thread.turns.last()) {
            ledger.branch(&start.conversation, base, &shared.run).ok();
        }
        if let Some(title) = &thread.title {
            ledger.entitle(&start.conversation, title).ok();
        }
    }
}

async fn carry_out(
    talk: &Talk<'_>,
    (policy, targets, plan): (&Policy, &[Target], &Plan),
    request: &ChatRequest,
    start: &RunStart,
    spender: Spender,
    interrupt: &mut Interrupt,
    said: &mut Said,
) -> Done {
    let (ui, session, ledger) = (talk.ui(), talk.session, talk.ledger);
    let asking = Asking { ui, session, ledger, policy, targets, plan, request, judge: None, drafts: true };
    let gate = asking.gate(spender);
    let job = asking.job(&gate);
    let output = OutputArgs { raw: talk.view.raw, ..OutputArgs::default() };
    let form = FormArgs::default();
    let show = |live: &mut Live<'_>, run: &Run, interrupted: u8| {
        let (output, form, purpose, when_cut) = (&output, &form, Purpose::Reading, WHEN_CUT);
        let when_broken = ui.stdout_is_terminal.then_some(WHEN_BROKEN);
        let ending = Ending { output, form, purpose, when_cut, when_broken, ui, session, job: &job, start, run };
        let done = if matches!(run.end, End::GaveUp(GiveUp::Cancelled)) {
            live.stop();
            Err(Error::interrupted(interrupted))
        } else {
            ending.show(live, interrupted)
        };
        let end = ending.run_end(done.as_ref().err().map_or(0, Error::exit_code));
        *said = shown(live, run, &end);
        if done.is_ok()
            && let Some(attempt) = run.attempts.last()
        {
            let end = if talk.is_at_terminal() { "\n" } else { "" };
            ui.remark(&format!("{}{end}", status::line(attempt, live.run_cost(), plan, talk.left_out)));
        }
        let answer = if start.keep_text { said.answer.clone() } else { String::new() };
        (done, RunEnd { answer, ..end })
    };
    let answer = Answer::new(ui, talk.view);
    // In a pipe an answer comes whole or not at all.
    let delivery = if ui.stdout_is_terminal { Delivery::Streamed(answer) } else { Delivery::Held(answer) };
    Box::pin(asking.carry_out(&job, start, delivery, interrupt, show)).await
}

/// What was shown of the answer: all of it, or what came of it before it ended otherwise.
fn shown(live: &Live<'_>, run: &Run, end: &RunEnd) -> Said {
    let is_streamed = matches!(live.delivery, Delivery::Streamed(_));
    let text = |attempt: &Attempt| attempt.text().into_owned();
    let last = run.attempts.iter().rev().find(|attempt| !attempt.reply.text.is_empty());
    let answer = match run.end {
        End::Served => run.attempts.last().map(text),
        _ => last.filter(|_| is_streamed).map(text),
    };
    Said { answer: answer.unwrap_or_default(), served_by: end.served_by.clone(), finish: end.finish.clone() }
}
