//! What is known of the conversation: `/why`, `/cost`, `/tokens`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::chat::ChatRequest;
use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::talk::Talk;
use crate::cli::session::Occasion;
use crate::cli::{log, route, trials};
use crate::error::Error;
use crate::ledger::record::Spent;
use crate::ledger::{Filter, messages_of};
use crate::route::Demand;
use crate::ui::table::Table;

/// Explains the decision for the last answer, as `llmx route --explain` does.
pub fn why(talk: &mut Talk<'_>, _: &str) -> Result<Next, Error> {
    let none = || {
        let error = wrong("nobody was asked yet in this chat");
        match talk.conversation.turns.last() {
            Some(turn) => error.hint(format!("`llmx log show {}` tells of the last answer", turn.run)),
            None => error.hint("`llmx route --explain` shows who would be"),
        }
    };
    let (plan, at) = talk.decision.as_ref().ok_or_else(none)?;
    route::explain(plan, *at, talk.ui())?;
    Ok(Next::Read)
}

/// What one target was asked and cost.
#[derive(Default)]
struct Line {
    requests: usize,
    input: u64,
    output: u64,
    spent: Spent,
}

/// What the conversation cost, with what failed or was taken back.
pub fn cost(talk: &mut Talk<'_>, _: &str) -> Result<Next, Error> {
    let conversation = talk.conversation.id.clone();
    let filter = Filter { conversation: Some(conversation), ..Filter::default() };
    let runs = talk.ledger.borrow().find(&filter, usize::MAX)?;
    if runs.is_empty() {
        return Err(wrong("nothing was asked yet in this conversation"));
    }
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut all = Line::default();
    for run in &runs {
        let target = run.target.clone().unwrap_or_else(|| "nobody".to_owned());
        for line in [lines.entry(target).or_default(), &mut all] {
            let (input, output) = run.tokens.unwrap_or_default();
            line.requests += 1;
            line.input += input;
            line.output += output;
            line.spent.known += run.spent.known;
            line.spent.unknown += run.spent.unknown;
        }
    }
    let mut table = Table::new(["model", "requests", "in", "out", "cost"]).whole(&[0]).right(&[1, 2, 3, 4]);
    let several = lines.len() > 1;
    for (name, line) in lines.into_iter().chain(several.then(|| ("all".to_owned(), all))) {
        let cost = log::cost(line.spent, line.requests);
        table.row([name, line.requests.to_string(), line.input.to_string(), line.output.to_string(), cost]);
    }
    talk.ui().table(&table)?;
    Ok(Next::Read)
}

/// How much of the window the conversation takes, as it is estimated.
pub fn tokens(talk: &mut Talk<'_>, _: &str) -> Result<Next, Error> {
    let messages = messages_of(&talk.conversation.turns, &talk.conversation.summaries);
    let request = ChatRequest { system: talk.system.clone(), messages, ..ChatRequest::default() };
    let policy = talk.policy()?.ok_or_else(|| wrong("who is asked is known with the first question"))?;
    let targets = talk.session.targets(&policy);
    let asker = trials::asker(Uuid::now_v7().to_string(), None, &talk.session.environment);
    let ledger = talk.ledger.borrow();
    let occasion =
        Occasion { targets: &targets, policy: &policy, ledger: &ledger, at: Timestamp::now(), asker, exact: true };
    let plan = occasion.plan(&Demand::of(&request, false));
    let turns = talk.conversation.turns.len();
    let mut table = Table::new(["model", "turns", "tokens", "window", "full"]).whole(&[0]).right(&[1, 2, 3, 4]);
    for candidate in &plan.candidates {
        let tokens = candidate.input.expected;
        let share = |window: u64| format!("{} %", tokens * 100 / window.max(1));
        table.row([
            candidate.target.to_string(),
            turns.to_string(),
            format!("~{tokens}"),
            candidate.window.map_or_else(|| "unknown".to_owned(), |window| window.to_string()),
            candidate.window.map_or_else(|| "unknown".to_owned(), share),
        ]);
    }
    if table.is_empty() {
        return Err(wrong("nobody could be asked").hint("`llmx route --explain` says why"));
    }
    talk.ui().table(&table)?;
    Ok(Next::Read)
}
