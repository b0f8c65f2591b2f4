//! `/compare`: the last question is asked of other models at the same time, and one of their answers may be adopted.
//!
//! Each answer is a run of the conversation that is no turn of it: only the one that is adopted becomes the last turn, in place
//! of the one before.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;

use super::aside::{Aside, Came};
use super::command::wrong;
use super::question::Question;
use super::talk::Talk;
use super::{ahead, input, turn};
use crate::chat::{Message, Usage};
use crate::cli::Done;
use crate::cli::report::RunCost;
use crate::cli::signal::{Interrupt, Together};
use crate::error::{Error, ErrorKind};
use crate::ledger::Turn;
use crate::provider::TargetId;
use crate::route::strategy::ORDERED;
use crate::route::{Plan, Policy, Set};
use crate::ui::compare::{Layout, ModelView, Page, View};
use crate::ui::editor::{Editor, Line};

/// So many others are asked when nobody names them.
const OTHERS: usize = 3;

/// What came of one that was asked.
struct Other {
    view: ModelView,
    /// The turn that it would be, and the decision for it.
    turn: Option<(Turn, Plan, Timestamp)>,
}

/// Asks, shows the answers, and lets the user adopt one.
pub(super) async fn compare(
    talk: &mut Talk<'_>,
    names: &[String],
    editor: &mut Editor,
    interrupt: &mut Interrupt,
) -> Done {
    if talk.unanswered.is_some() {
        let error = wrong("the last question has no answer to compare with");
        return Err(error.hint("`/retry -m MODEL` asks another model"));
    }
    let present = talk.conversation.turns.last().cloned().ok_or_else(|| wrong("nothing was asked yet"))?;
    let question = Question::again(&present);
    let mut others = Vec::new();
    for policy in policies(talk, names, present.served_by.as_deref()).await? {
        others.push(aside(talk, policy, &question)?);
    }
    let came = ask_all(talk, &others, &question.sent(), interrupt).await?;
    show(talk, &present, &came)?;
    if came.iter().all(|came| came.turn.is_none()) {
        return Err(Error::new(ErrorKind::Provider, "no other model answered; the present answer stays"));
    }
    if !talk.is_at_terminal() {
        return Ok(());
    }
    // One that did not answer cannot be adopted.
    let (names, mut turns): (Vec<String>, Vec<_>) =
        came.into_iter().filter_map(|came| Some((came.view.name, came.turn?))).unzip();
    let Some(place) = chosen(talk, &names, editor, interrupt).await? else {
        talk.ui().remark("the present answer stays");
        return Ok(());
    };
    adopt(talk, &present, turns.swap_remove(place))
}

/// Those who are asked, each by itself.
async fn policies(talk: &Talk<'_>, names: &[String], served: Option<&str>) -> Result<Vec<Policy>, Error> {
    let mut policies: Vec<Policy> = Vec::new();
    if names.is_empty() {
        let route = talk.session.policy(&talk.route).await?;
        let others = route.tiers.iter().flatten().filter(|target| served != Some(target.to_string().as_str()));
        policies.extend(others.take(OTHERS).map(|target| alone(&route, target)));
    }
    for name in names {
        let policy = talk.route.over(talk.session.resolve(name, "/compare")?);
        let policy = talk.route.spend.over(policy, &talk.session.environment);
        for target in policy.tiers.iter().flatten() {
            if policies.iter().all(|known| known.named().all(|named| named != target)) {
                policies.push(alone(&policy, target));
            }
        }
    }
    if policies.is_empty() {
        return Err(wrong("there is no other model to ask").hint("name some, as in `/compare MODEL MODEL`"));
    }
    Ok(policies)
}

/// The policy for that target alone: nobody answers in its place, nobody is asked beside it.
fn alone(policy: &Policy, target: &TargetId) -> Policy {
    Policy {
        tiers: vec![vec![target.clone()]],
        fallback: false,
        strategy: Set::built_in(ORDERED),
        hedge: None,
        canary: None,
        shadow: None,
        split: None,
        ..policy.clone()
    }
}

/// The request for one of them, and its run, which is no turn of the conversation.
fn aside(talk: &mut Talk<'_>, policy: Policy, question: &Question) -> Result<Aside, Error> {
    let (run, at) = (talk.conversation.next_run(), Timestamp::now());
    let targets = talk.session.targets(&policy);
    let earlier = talk.conversation.turns.len().saturating_sub(1);
    let fitted = turn::fitted(talk, earlier, &question.sent(), &run, at, (&policy, &targets));
    if fitted.left_out > 0 {
        let name = name(&policy);
        talk.ui().warn(&format!("{name}: its window is too small for the {} oldest turns", fitted.left_out));
    }
    Aside::prepare(talk, run, question, (policy, targets, at), fitted)
}

fn name(policy: &Policy) -> String {
    policy.named().next().map(ToString::to_string).unwrap_or_default()
}

/// Asks all of them. Ctrl-C stops those that have not ended.
async fn ask_all(
    talk: &mut Talk<'_>,
    others: &[Aside],
    question: &Message,
    interrupt: &mut Interrupt,
) -> Result<Vec<Other>, Error> {
    let (stop, stopped) = watch::channel(false);
    let open = Cell::new(others.len());
    let asked = others.iter().map(|other| ask(talk, other, question, Together(stopped.clone()), &open));
    let answers = async {
        let mut all = pin!(join_all(asked));
        tokio::select! {
            came = &mut all => came,
            () = interrupt.wait() => {
                stop.send_replace(true);
                all.await
            }
        }
    };
    let (came, typed) = Box::pin(ahead::beside(answers, talk.keyboard.as_ref(), talk.ui())).await;
    talk.ui().stop_waiting();
    talk.typed(typed);
    if *stop.borrow() {
        if interrupt.is_final() || !talk.is_at_terminal() {
            return Err(Error::interrupted(interrupt.exit_code()).already_told());
        }
        interrupt.rearm();
        talk.unqueue();
    }
    Ok(came)
}

/// Asks one of them.
async fn ask(talk: &Talk<'_>, aside: &Aside, question: &Message, mut stop: Together, open: &Cell<usize>) -> Other {
    let Aside { policy, plan, at, start, .. } = aside;
    let mut other = Other { view: named(policy), turn: None };
    if let Some(rejected) = plan.rejected.first().filter(|_| plan.candidates.is_empty()) {
        open.set(open.get() - 1);
        other.view.failure = Some(rejected.reason.to_string());
        return other;
    }
    let see = |came: &Came<'_>| {
        other.view = view(named(policy), came);
        other.turn = came.answered().map(|attempt| {
            let turn = Turn {
                run: start.id.clone(),
                started_ms: start.started_ms,
                system: start.system.clone(),
                question: vec![question.clone()],
                answer: attempt.text().into_owned(),
                is_whole: true,
                served_by: came.end.served_by.clone(),
                finish: came.end.finish.clone(),
            };
            (turn, plan.clone(), *at)
        });
    };
    // How it ended is in the view, for one failure does not end the others.
    aside.ask(talk, &mut stop, see).await.ok();
    open.set(open.get() - 1);
    match open.get() {
        0 => {}
        1 => talk.ui().wait_for("one more"),
        more => talk.ui().wait_for(&format!("{more} more")),
    }
    other
}

fn named(policy: &Policy) -> ModelView {
    ModelView { name: name(policy), ..ModelView::default() }
}

/// What is shown of one that was asked.
fn view(named: ModelView, came: &Came<'_>) -> ModelView {
    let failure = came.error.map(|error| error.message.clone());
    let Some(attempt) = came.run.attempts.last() else { return ModelView { failure, ..named } };
    let tokens = attempt.reply.usage.as_ref().and_then(Usage::buckets);
    ModelView {
        first_token: attempt.timing.first_text,
        total: Some(attempt.timing.total),
        tokens_in: tokens.map(|tokens| tokens.input_total()),
        tokens_out: tokens.map(|tokens| tokens.output_total()),
        cost: Some(came.live.run_cost().to_string()),
        failure,
        text: came.answered().map(|attempt| attempt.text().into_owned()).unwrap_or_default(),
        ..named
    }
}

/// What is shown of the present answer, with its figures as far as they are kept.
fn view_of_present(talk: &Talk<'_>, present: &Turn) -> ModelView {
    let view = ModelView {
        name: present.served_by.clone().unwrap_or_else(|| "the present answer".to_owned()),
        is_baseline: true,
        text: present.answer.clone(),
        ..ModelView::default()
    };
    let Some(run) = talk.ledger.borrow().run(&present.run).ok().flatten() else { return view };
    let Some(end) = run.attempts.last().and_then(|attempt| attempt.end.as_ref()) else { return view };
    let billed = run.attempts.iter().filter(|attempt| attempt.maybe_billed).count();
    let spent = run.spent();
    let cost = RunCost { known: spent.known, unknown: usize::try_from(spent.unknown).unwrap_or(usize::MAX), billed };
    ModelView {
        first_token: end.first_content_ms.map(Duration::from_millis),
        total: Some(Duration::from_millis(end.total_ms)),
        tokens_in: end.buckets.map(|tokens| tokens.input_total),
        tokens_out: end.buckets.map(|tokens| tokens.output_total),
        cost: Some(cost.to_string()),
        ..view
    }
}

/// Shows the present answer and the others, beside each other where there is room.
fn show(talk: &Talk<'_>, present: &Turn, came: &[Other]) -> Done {
    let ui = talk.ui();
    let models =
        std::iter::once(view_of_present(talk, present)).chain(came.iter().map(|came| came.view.clone())).collect();
    let page = Page::of_stdout(ui, |name| talk.session.environment.get(name));
    let view = View { models, ..View::default() };
    Ok(ui.out(&view.answers(Layout::Auto, &page))?)
}

/// Which of the others is to be adopted; `None` keeps the present answer, which has the number 1.
async fn chosen(
    talk: &Talk<'_>,
    names: &[String],
    editor: &mut Editor,
    interrupt: &mut Interrupt,
) -> Result<Option<usize>, Error> {
    let others = names.iter().enumerate().map(|(at, name)| format!("\n{} {name}", at + 2));
    talk.ui().remark(&format!("1 the present answer{}", others.collect::<String>()));
    loop {
        // A line that begins with a blank is not kept among those that were typed.
        let line = match input::line(talk, editor, interrupt, ("adopt which? (Enter keeps 1)", " ")).await? {
            Line::Said(line) => line,
            Line::Interrupted { .. } | Line::Ended => return Ok(None),
            Line::Failed(error) => return Err(error.into()),
        };
        match line.trim().parse::<usize>() {
            Ok(1) => return Ok(None),
            Ok(number) if number.checked_sub(2).is_some_and(|place| place < names.len()) => {
                return Ok(Some(number - 2));
            }
            _ if line.trim().is_empty() => return Ok(None),
            _ => talk.ui().note(&format!("write a number from 1 to {}", names.len() + 1)),
        }
    }
}

/// Makes an answer the last one of the conversation, here and in the ledger.
fn adopt(talk: &mut Talk<'_>, present: &Turn, (turn, plan, at): (Turn, Plan, Timestamp)) -> Done {
    if talk.keeps() {
        let mut ledger = talk.ledger.borrow_mut();
        ledger.replace_turn(&talk.conversation.id, &present.run, &turn.run)?;
    }
    let who = turn.served_by.clone().unwrap_or_default();
    talk.conversation.take_back(1);
    talk.conversation.turns.push(turn);
    talk.decision = Some((plan, at));
    talk.ui().remark(&format!("adopted: the last answer is that of {who} now"));
    Ok(())
}
