//! Who is asked, and as whom they answer: `/model`, `/route`, `/system`.

use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::talk::Talk;
use crate::error::Error;
use crate::ledger::RunDetail;
use crate::ui::table::Table;

/// Asks another model from now on. All that was said goes with the next question.
pub fn model(talk: &mut Talk<'_>, name: &str) -> Result<Next, Error> {
    if name.is_empty() {
        let who = talk.who()?;
        talk.ui().out_clean(&format!("{who}\n"))?;
        return Ok(Next::Read);
    }
    talk.session.resolve(name, "/model")?;
    talk.route.model = Some(name.to_owned());
    talk.is_chosen = true;
    let who = talk.who()?;
    talk.ui().remark(&format!("now {who}"));
    if has_thought(talk) {
        talk.note_once(
            "it is told all that was said, and not what was thought: thoughts are sealed for one model alone",
        );
    }
    Ok(Next::Read)
}

/// Whether the model thought before any of the answers so far.
fn has_thought(talk: &Talk<'_>) -> bool {
    let ledger = talk.ledger.borrow();
    let thought = |run: RunDetail| run.end.is_some_and(|end| !end.reasoning.is_empty());
    talk.conversation.turns.iter().any(|turn| ledger.run(&turn.run).ok().flatten().is_some_and(thought))
}

/// The same for routes, which are listed.
pub fn route(talk: &mut Talk<'_>, name: &str) -> Result<Next, Error> {
    let routes = &talk.session.settings.routes;
    if name.is_empty() {
        if routes.is_empty() {
            return Err(wrong("no route is configured").hint("`[routes.NAME]` of the configuration makes one"));
        }
        let mut table = Table::new(["route", "asks"]);
        for (name, policy) in routes {
            let named: Vec<String> = policy.named().map(ToString::to_string).collect();
            table.row([name.clone(), named.join(", ")]);
        }
        talk.ui().table(&table)?;
        return Ok(Next::Read);
    }
    if !routes.contains_key(name) && !talk.session.settings.aliases.contains_key(name) {
        return Err(wrong(format!("there is no route `{name}`")).hint("/route lists them; /model takes models"));
    }
    model(talk, name)
}

/// Shows, sets or removes the system prompt.
pub fn system(talk: &mut Talk<'_>, text: &str) -> Result<Next, Error> {
    match text {
        "" => {
            let words = talk.system.as_deref().unwrap_or("there is no system prompt");
            talk.ui().out_clean(&format!("{words}\n"))?;
        }
        "off" => {
            talk.system = None;
            talk.ui().remark("no system prompt from now on");
        }
        text => {
            talk.system = Some(text.to_owned());
            talk.ui().remark("a new system prompt from now on");
        }
    }
    Ok(Next::Read)
}
