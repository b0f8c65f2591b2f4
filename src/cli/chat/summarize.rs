//! `/summarize`: the model sums up the oldest turns, and the summary is sent in their place from then on. The turns stay in the
//! conversation.

use jiff::Timestamp;

use super::aside::{Aside, Came};
use super::command::wrong;
use super::fit::{self, Without};
use super::question::Question;
use super::talk::Talk;
use super::{ahead, turn};
use crate::chat::{ChatRequest, FinishReason, thoughts};
use crate::cli::Done;
use crate::cli::report::RunCost;
use crate::cli::signal::Interrupt;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Summary, messages_of};
use crate::provider::Target;
use crate::route::{Demand, Policy};
use crate::ui::counted;

/// So many of the last turns are sent in their own words when nobody says how many.
pub(super) const KEPT: usize = 2;

/// What the model is asked. It is asked the same in any conversation, so that it can be found and judged.
const SUM_UP: &str = "\
Sum up our conversation so far. You will go on with it knowing nothing but this summary, so keep what that takes: what I want \
and how I want it, facts, names, numbers and decisions, what was tried and what came of it, code or text that is still needed \
word for word, and what is still open. Leave out greetings and what was settled and is no longer needed. Write in the language \
of the conversation, as briefly as this allows, and nothing but the summary.";

/// What came of a request for a summary.
#[derive(Default)]
struct Written {
    text: String,
    is_cut: bool,
    cost: RunCost,
    by: String,
}

/// Sums up all but the last `kept` turns, in several steps where the window has no room for them at once.
pub(super) async fn summarize(talk: &mut Talk<'_>, kept: usize, interrupt: &mut Interrupt) -> Done {
    let goal = talk.conversation.turns.len().saturating_sub(kept);
    if goal <= done(talk) {
        let what =
            if talk.conversation.turns.is_empty() { "nothing was asked yet" } else { "there is nothing to sum up" };
        let hint = match kept {
            0 => "`/summarize N` keeps the last N turns as they are".to_owned(),
            1 => "the last turn stays as it is; `/summarize 0` keeps none".to_owned(),
            _ => format!("the last {kept} turns stay as they are; `/summarize N` keeps N of them, `/summarize 0` none"),
        };
        return Err(wrong(what).hint(hint));
    }
    let policy = talk.session.policy(&talk.route).await?;
    let targets = talk.session.targets(&policy);
    let before = tokens(talk, &policy, &targets);
    while done(talk) < goal {
        let Some(written) = step(talk, goal, (&policy, &targets), interrupt).await? else { return Ok(()) };
        let (done, turns) = (done(talk), counted(talk.conversation.turns.len(), "turn"));
        let are = if done == 1 { "is" } else { "are" };
        talk.ui().remark(&format!("{}\n", thoughts::without(&written.text).trim()));
        let sizes = before.zip(tokens(talk, &policy, &targets));
        let sizes = sizes.map(|(before, now)| format!(", ~{now} tokens in place of ~{before}")).unwrap_or_default();
        talk.ui().remark(&format!(
            "{done} of {turns} {are} sent as this summary from now on{sizes}; all stays in the conversation · {} · {}",
            written.by, written.cost
        ));
    }
    Ok(())
}

/// The turns stand for themselves again.
pub(super) fn off(talk: &mut Talk<'_>) -> Done {
    if talk.conversation.summaries.is_empty() {
        return Err(wrong("nothing is summed up"));
    }
    if talk.keeps() {
        talk.ledger.borrow_mut().forget_summaries(&talk.conversation.turns)?;
    }
    talk.conversation.summaries.clear();
    talk.ui().remark("all turns are sent in their own words again");
    Ok(())
}

/// So many turns are summed up.
fn done(talk: &Talk<'_>) -> usize {
    talk.conversation.summaries.last().map_or(0, |summary| summary.turns)
}

/// About so many tokens are sent before the next question, to who is asked first.
fn tokens(talk: &Talk<'_>, policy: &Policy, targets: &[Target]) -> Option<u64> {
    let messages = messages_of(&talk.conversation.turns, &talk.conversation.summaries);
    let request = ChatRequest { system: talk.system.clone(), messages, ..ChatRequest::default() };
    let plan = turn::planner(talk, "", Timestamp::now(), (policy, targets))(&request);
    plan.candidates.first().map(|first| first.input.expected)
}

/// Sums up what fits of the turns before `goal`. `None` when the user stopped it.
async fn step(
    talk: &mut Talk<'_>,
    goal: usize,
    (policy, targets): (&Policy, &[Target]),
    interrupt: &mut Interrupt,
) -> Result<Option<Written>, Error> {
    let (run, at, question) = (talk.conversation.next_run(), Timestamp::now(), Question::of(SUM_UP));
    // The role and the options are those of answers: in them a summary could not be read.
    let request = ChatRequest { stream: true, ..ChatRequest::default() };
    let said = talk.conversation.said(goal);
    let plan_of = turn::planner(talk, &run, at, (policy, targets));
    let fitted = fit::fitted(&request, said, &question.sent(), Without::Newest, plan_of);
    let turns = goal - fitted.left_out;
    if turns == done(talk) && !fitted.plan.candidates.is_empty() {
        return Err(wrong("the window is too small for the next turn").hint("`/model` asks one with a larger window"));
    }
    if fitted.plan.candidates.is_empty() {
        return Err(talk.session.nothing_left(&fitted.plan, targets, policy, &Demand::of(&fitted.request, false)));
    }
    let aside = Aside::prepare(talk, run, &question, (policy.clone(), targets.to_vec(), at), fitted)?;
    let mut written = Written::default();
    let asked = aside.ask(talk, interrupt, |came| written = Written::of(came));
    let (asked, typed) = Box::pin(ahead::beside(asked, talk.keyboard.as_ref(), talk.ui())).await;
    talk.ui().stop_waiting();
    talk.typed(typed);
    match asked {
        Err(error) if error.kind == ErrorKind::Interrupted && !interrupt.is_final() && talk.is_at_terminal() => {
            interrupt.rearm();
            talk.unqueue();
            talk.ui().remark("stopped · nothing more is summed up");
            return Ok(None);
        }
        asked => asked?,
    }
    if written.is_cut || thoughts::without(&written.text).trim().is_empty() {
        let what = if written.is_cut { "the token limit cut the summary" } else { "the summary is empty" };
        let error = Error::new(ErrorKind::Incomplete, format!("{}: {what}, so it is not used", written.by));
        return Err(error.hint("/model asks another one"));
    }
    keep(talk, turns, &aside.start.id, &written)?;
    Ok(Some(written))
}

/// The summary stands for the first turns from now on.
fn keep(talk: &mut Talk<'_>, turns: usize, run: &str, written: &Written) -> Done {
    if talk.keeps()
        && let Some(last) = turns.checked_sub(1).and_then(|place| talk.conversation.turns.get(place))
    {
        talk.ledger.borrow_mut().sum_up(turns, &last.run, run)?;
    }
    talk.conversation.summaries.push(Summary { turns, text: written.text.clone() });
    talk.left_out = 0;
    Ok(())
}

impl Written {
    fn of(came: &Came<'_>) -> Self {
        let finish = came.run.attempts.last().and_then(|attempt| attempt.reply.finish.as_ref());
        Self {
            text: came.answered().map(|attempt| attempt.text().into_owned()).unwrap_or_default(),
            is_cut: finish.is_some_and(|finish| finish.reason == FinishReason::Length),
            cost: came.live.run_cost(),
            by: came.end.served_by.clone().unwrap_or_default(),
        }
    }
}
