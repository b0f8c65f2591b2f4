//! Makes a long conversation fit the window of the model: turns are left out of what is sent. Nothing is left out of what is
//! kept.

use super::talk::Said;
use crate::chat::{ChatRequest, Message, Part};
use crate::ledger::Turn;
use crate::route::{Plan, Rejection};

/// Without a limit of its own an answer is left so much of the window, in tokens, or an eighth of it.
const ANSWER: u64 = 4096;
/// An estimate that is a little off gets further tries.
const TRIES: usize = 8;

/// A request that fits as well as it can.
pub(super) struct Fitted {
    /// The request.
    pub request: ChatRequest,
    /// Who is asked.
    pub plan: Plan,
    /// So many of the turns are not in it.
    pub left_out: usize,
}

/// Which turns are left out where there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    /// For an answer the newest matter most.
    Oldest,
    /// What is summed up is summed up from its beginning.
    Newest,
}

/// Adds to a request what was said and the question, without as many of the turns as the window has no room for.
pub(super) fn fitted(
    request: &ChatRequest,
    said: Said<'_>,
    question: &Message,
    without: Without,
    plan_of: impl Fn(&ChatRequest) -> Plan,
) -> Fitted {
    let all = said.turns.len();
    let rest = |left_out: usize| match without {
        Without::Oldest => &said.turns[left_out..],
        Without::Newest => &said.turns[..all - left_out],
    };
    let with = |left_out: usize| {
        let earlier = rest(left_out).iter().cloned().flat_map(Turn::messages);
        let mut messages = earlier.chain([question.clone()]).collect();
        if let Some(summary) = said.summary {
            summary.open(&mut messages);
        }
        ChatRequest { messages, ..request.clone() }
    };
    let mut left_out = 0;
    for _ in 0..TRIES {
        let request = with(left_out);
        let plan = plan_of(&request);
        let Some((excess, tokens)) = excess(&plan, request.options.max_tokens).filter(|_| left_out < all) else {
            return Fitted { request, plan, left_out };
        };
        let mut next: Vec<&Turn> = rest(left_out).iter().collect();
        if without == Without::Newest {
            next.reverse();
        }
        left_out += turns_of(&next, excess, tokens, size(&request.messages));
    }
    let request = with(all);
    Fitted { plan: plan_of(&request), request, left_out: all }
}

/// By how many tokens the prompt is too long, and how many it has: for who would be asked first, or for all.
fn excess(plan: &Plan, max_tokens: Option<u64>) -> Option<(u64, u64)> {
    let room = |window: u64| window.saturating_sub(max_tokens.unwrap_or(ANSWER.min(window / 8)).min(window / 2));
    let over = |tokens: u64, window: u64| (tokens > room(window)).then(|| (tokens - room(window), tokens));
    if let Some(first) = plan.candidates.first() {
        return over(first.input.expected, first.window?);
    }
    plan.rejected.iter().find_map(|rejected| match rejected.reason {
        Rejection::WindowTooSmall { needed, window } => over(needed, window),
        _ => None,
    })
}

/// How many turns hold so many tokens, of a prompt of `tokens` tokens in `all` bytes; one at least.
fn turns_of(turns: &[&Turn], excess: u64, tokens: u64, all: usize) -> usize {
    let wanted = excess as f64 * all as f64 / tokens.max(1) as f64;
    let mut held = 0;
    let fewer = turns.iter().take_while(|turn| {
        held += size(&turn.question) + turn.answer.len();
        (held as f64) < wanted
    });
    (fewer.count() + 1).min(turns.len())
}

/// The bytes of all texts; what else is attached counts as nothing.
fn size(messages: &[Message]) -> usize {
    messages.iter().flat_map(|message| &message.parts).filter_map(Part::as_text).map(str::len).sum()
}
