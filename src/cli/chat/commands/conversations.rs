//! Other conversations: `/list`, `/search`, `/load`, `/branch`, `/title`, `/clear`.

use jiff::tz::TimeZone;

use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::talk::{Talk, Thread};
use crate::cli::{earlier, log};
use crate::error::Error;
use crate::ui::counted;
use crate::ui::table::Table;

/// So many are listed.
pub const LISTED: usize = 20;
/// So many are found.
const FOUND: usize = 10;

/// Lists the latest conversations.
pub fn list(talk: &mut Talk<'_>, _: &str) -> Result<Next, Error> {
    let ledger = talk.ledger.borrow();
    let found = ledger.conversations(LISTED)?;
    if found.is_empty() {
        talk.ui().note("there is no conversation yet");
        return Ok(Next::Read);
    }
    let zone = TimeZone::system();
    let mut table = Table::new(["id", "last", "turns", "about"]).whole(&[0, 1]).right(&[2]);
    for each in found {
        let id = ledger.run(&each.id)?.map_or_else(|| each.id.clone(), |run| run.short);
        let about = log::one_line(&each.title, 60);
        // Answers that were compared and not adopted are runs of it, but no turns.
        let turns = ledger.turns(&each.id)?.len();
        table.row([id, log::when(each.last_ms, &zone), turns.to_string(), about]);
    }
    talk.ui().table(&table)?;
    Ok(Next::Read)
}

/// Finds conversations by what was said in them.
pub fn search(talk: &mut Talk<'_>, text: &str) -> Result<Next, Error> {
    if text.is_empty() {
        return Err(wrong("say what to look for, such as `/search borrow checker`"));
    }
    log::search::find(text, FOUND, talk.context, &talk.ledger.borrow())?;
    Ok(Next::Read)
}

/// Goes on with another conversation.
pub fn load(talk: &mut Talk<'_>, id: &str) -> Result<Next, Error> {
    if id.is_empty() {
        return Err(wrong("name a conversation").hint("/list lists them"));
    }
    let earlier = earlier::conversation(id, &talk.ledger.borrow())?;
    // That of a role stays, as the role does.
    if talk.role.is_none() {
        talk.system = None;
    }
    talk.take_up(earlier)?;
    talk.show_last()?;
    Ok(Next::Read)
}

/// Begins another conversation with the first turns of this one, which stays as it is.
pub fn branch(talk: &mut Talk<'_>, count: &str) -> Result<Next, Error> {
    let all = talk.conversation.turns.len();
    let count = match count {
        "" => all,
        count => count.parse().map_err(|_| wrong("write how many turns to keep, such as `/branch 2`"))?,
    };
    if count == 0 || count > all {
        return Err(wrong(format!("this conversation has {}", counted(all, "turn"))));
    }
    let base = talk.conversation.id.clone();
    let title = talk.conversation.title.as_ref().map(|title| format!("{title} (branch)"));
    let (turns, summaries) = (talk.conversation.turns.clone(), talk.conversation.summaries.clone());
    talk.conversation = Thread { turns, summaries, title, base: Some(base), ..Thread::new() };
    talk.conversation.take_back(all - count);
    talk.unanswered = None;
    let all = counted(all, "turn");
    talk.ui().remark(&format!("a new branch with the first {count} of {all}; the conversation it leaves stays"));
    Ok(Next::Read)
}

/// Gives the conversation a title, or shows it.
pub fn title(talk: &mut Talk<'_>, title: &str) -> Result<Next, Error> {
    if title.is_empty() {
        let title = talk.conversation.title.as_deref().unwrap_or("there is no title yet");
        talk.ui().out_clean(&format!("{title}\n"))?;
        return Ok(Next::Read);
    }
    let title = talk.session.text_without_keys(log::one_line(title, 200));
    if talk.conversation.is_begun && talk.keeps() {
        talk.ledger.borrow_mut().entitle(&talk.conversation.id, &title)?;
    }
    talk.ui().remark(&format!("the title is “{title}”"));
    talk.conversation.title = Some(title);
    Ok(Next::Read)
}

/// Begins a new conversation. The system prompt and all settings stay.
#[expect(clippy::unnecessary_wraps, reason = "it is a row of the table of commands")]
pub fn clear(talk: &mut Talk<'_>, _: &str) -> Result<Next, Error> {
    let kept = talk.keep_text && !talk.conversation.turns.is_empty();
    talk.conversation = Thread::new();
    talk.unanswered = None;
    talk.decision = None;
    talk.left_out = 0;
    talk.ui().remark(if kept { "a new conversation; /list has the one before" } else { "a new conversation" });
    Ok(Next::Read)
}
