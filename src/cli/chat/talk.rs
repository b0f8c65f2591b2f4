//! The state of a chat: who is asked and how, the conversation as far as it went, and what waits to be said.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::io::IsTerminal;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::block;
use super::completion::Names;
use super::history;
use super::question::Question;
use super::role::Worn;
use crate::cli::args::{RouteArgs, SamplingArgs};
use crate::cli::session::Session;
use crate::cli::{Context, Done, log};
use crate::config::chat::Keys;
use crate::error::Error;
use crate::ledger::{CHAT, Conversation, Ledger, Summary, Turn};
use crate::route::{Plan, Policy};
use crate::secret;
use crate::ui::answer::{Answer, AnswerOptions, Reasoning};
use crate::ui::editor::Setup;
use crate::ui::keyboard::Keyboard;
use crate::ui::typed::Typed;
use crate::ui::{Ui, counted};

/// The name of the file that typed lines are kept in.
const HISTORY: &str = "chat_history";
/// A longer name of a model leaves too little of the line for the question.
const LONGEST_PROMPT: usize = 28;

/// A chat that goes on.
pub(super) struct Talk<'a> {
    pub context: &'a Context,
    /// The keyboard, where lines are edited.
    pub keyboard: Option<Keyboard>,
    pub session: &'a Session,
    pub ledger: &'a RefCell<Ledger>,
    /// Who is asked, within which limits, for whose money.
    pub route: RouteArgs,
    /// The user has said who, and not a conversation that was gone on with.
    pub is_chosen: bool,
    /// How they should answer.
    pub sampling: SamplingArgs,
    /// How answers are shown.
    pub view: AnswerOptions,
    /// The role they are in.
    pub role: Option<Worn>,
    /// The system prompt.
    pub system: Option<String>,
    /// What is said is kept.
    pub keep_text: bool,
    /// The conversation.
    pub conversation: Thread,
    /// Files and attachments that go with the next question.
    pub pending: Question,
    /// A question that was not answered.
    pub unanswered: Option<Question>,
    /// The decision for the last answer, and when it was made.
    pub decision: Option<(Plan, Timestamp)>,
    /// Lines that were typed while an answer came, and wait for their turn.
    pub queued: VecDeque<String>,
    /// Lines that waited when something failed or was stopped: each stands there to be changed, one after the other.
    pub held: VecDeque<String>,
    /// What the next line begins with.
    pub begun: String,
    /// So many of the oldest turns were too much for the window.
    pub left_out: usize,
    /// Notes that were given once.
    told: HashSet<String>,
    is_at_terminal: bool,
}

/// A conversation as far as it went.
#[derive(Debug)]
pub(super) struct Thread {
    /// Its id, which is the id of its first run.
    pub id: String,
    /// It has a run: before that nothing of it is in the ledger.
    pub is_begun: bool,
    /// Its turns, the oldest first.
    pub turns: Vec<Turn>,
    /// What its oldest turns come to; the last one is sent in their place.
    pub summaries: Vec<Summary>,
    /// Its title, where it was given one.
    pub title: Option<String>,
    /// The conversation that it branches off. What it shares with it is decided when it is asked for the first time: until then
    /// turns may be taken back.
    pub base: Option<String>,
}

/// What is sent of a conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    /// What stands for its oldest turns.
    pub summary: Option<&'a Summary>,
    /// The turns after those.
    pub turns: &'a [Turn],
}

impl Thread {
    /// A conversation in which nothing was said.
    pub fn new() -> Self {
        Self {
            id: Uuid::now_v7().to_string(),
            is_begun: false,
            turns: Vec::new(),
            summaries: Vec::new(),
            title: None,
            base: None,
        }
    }

    /// Takes the last turns out, and the summaries that are of them.
    pub fn take_back(&mut self, count: usize) -> Vec<Turn> {
        let left = self.turns.len().saturating_sub(count);
        self.summaries.retain(|summary| summary.turns <= left);
        self.turns.split_off(left)
    }

    /// What is sent of the first `count` turns.
    pub fn said(&self, count: usize) -> Said<'_> {
        let summary = self.summaries.iter().rfind(|summary| summary.turns <= count);
        Said { summary, turns: &self.turns[summary.map_or(0, |summary| summary.turns)..count] }
    }

    /// The id for the next run.
    pub fn next_run(&self) -> String {
        if self.is_begun { Uuid::now_v7().to_string() } else { self.id.clone() }
    }
}

impl<'a> Talk<'a> {
    /// A chat in which nothing was said.
    pub fn new(args: super::Args, context: &'a Context, session: &'a Session, ledger: &'a RefCell<Ledger>) -> Self {
        let reasoning = if args.hide_reasoning { Reasoning::Hidden } else { Reasoning::Dim };
        Self {
            context,
            keyboard: None,
            session,
            ledger,
            is_chosen: args.route.model.is_some(),
            route: args.route,
            sampling: args.sampling,
            view: AnswerOptions { raw: args.raw, reasoning },
            role: None,
            system: args.prompt.system,
            keep_text: session.settings.store_prompts.value && !args.no_log,
            conversation: Thread::new(),
            pending: Question::default(),
            unanswered: None,
            decision: None,
            queued: VecDeque::new(),
            held: VecDeque::new(),
            begun: String::new(),
            left_out: 0,
            told: HashSet::new(),
            is_at_terminal: std::io::stdin().is_terminal(),
        }
    }

    /// Where things are printed.
    pub fn ui(&self) -> &'a Ui {
        &self.context.ui
    }

    /// Whether somebody sits there, and not a script.
    pub fn is_at_terminal(&self) -> bool {
        self.is_at_terminal
    }

    /// What is said is kept, and there is a place for it.
    pub fn keeps(&self) -> bool {
        self.keep_text && self.ledger.borrow().is_kept()
    }

    /// Says something that need not be said again.
    pub fn note_once(&mut self, text: &str) {
        if self.told.insert(text.to_owned()) {
            self.ui().note(text);
        }
    }

    /// Takes what was typed while an answer came.
    pub fn typed(&mut self, typed: Typed) {
        self.queued.extend(typed.lines);
        self.begun.push_str(&typed.open);
    }

    /// Lines that wait are not asked after a failure, but stand there to be changed.
    pub fn unqueue(&mut self) {
        let mut lines: Vec<String> = Vec::new();
        for line in self.queued.drain(..).chain([std::mem::take(&mut self.begun)]) {
            match lines.last_mut().filter(|last| block::is_open(last)) {
                Some(block) => *block = format!("{block}\n{line}"),
                None => lines.push(line),
            }
        }
        self.held.extend(lines.into_iter().filter(|line| !line.is_empty()));
    }

    /// The question as the role words it.
    pub fn worded(&self, question: Question) -> Question {
        question.by_role(self.role.as_ref().map(|role| role.words.clone()))
    }

    /// Who would be asked, as far as that is known without asking anybody.
    pub fn policy(&self) -> Result<Option<Policy>, Error> {
        match (&self.route.model, &self.route.of_role) {
            (Some(name), _) => self.session.resolve(name, "-m").map(Some),
            (None, Some(model)) => self.session.of_role(model).map(Some),
            (None, None) => self.session.usual_policy(),
        }
    }

    /// Who is asked, in a few words.
    pub fn who(&self) -> Result<String, Error> {
        let Some(policy) = self.policy()? else { return Ok("a model on this machine, if there is one".to_owned()) };
        let mut named = policy.named().map(ToString::to_string);
        let first = named.next().unwrap_or_default();
        let route = Some(&policy.route).filter(|route| self.session.settings.routes.contains_key(*route));
        Ok(match (route, named.count()) {
            (Some(route), _) => format!("route {route}, {first} first"),
            (None, 0) => first,
            (None, 1) => format!("{first}, and one more to fall back on"),
            (None, others) => format!("{first}, and {others} more to fall back on"),
        })
    }

    /// The first line.
    pub fn greet(&mut self) -> Done {
        let who = self.who()?;
        if self.is_at_terminal() {
            let role = self.role.as_ref().map(|role| format!(" · role {}", role.name)).unwrap_or_default();
            self.ui().note(&format!("{who}{role} · /help for help, Ctrl-D to leave"));
            if self.policy()?.is_none() {
                self.ui().note("`llmx init` sets up other providers; `llmx --sim chat` needs none");
            }
        } else {
            let hint = "stdin is no terminal: each line is a question; `llmx complete` takes all of it as one";
            self.ui().note(hint);
        }
        if self.session.simulated() {
            self.note_once("simulated: no provider is asked, no money is spent");
        }
        Ok(())
    }

    /// Goes on with a conversation, with who answered in it where nobody was named for this chat.
    pub fn take_up(&mut self, earlier: Conversation) -> Done {
        let ledger = self.ledger.borrow();
        let turns = ledger.turns(&earlier.id)?;
        let summaries = ledger.summaries(&turns)?;
        let title = ledger.title(&earlier.id)?;
        let run = turns.last().and_then(|turn| ledger.run(&turn.run).ok().flatten());
        drop(ledger);
        let is_chosen = self.is_chosen || self.route.of_role.is_some();
        if let Some(route) = run.map(|run| run.start.route).filter(|_| !is_chosen) {
            let is_usual = self.session.usual_policy()?.is_some_and(|usual| usual.route == route);
            let is_known = !is_usual && self.session.resolve(&route, "-c").is_ok();
            self.route.model = is_known.then_some(route);
        }
        self.conversation = Thread { id: earlier.id, is_begun: true, turns, summaries, title, base: None };
        // A system prompt that was given for this chat stays.
        self.system = self.system.take().or(earlier.system);
        self.left_out = 0;
        self.unanswered = None;
        Ok(())
    }

    /// A question without an answer is no conversation to go on with, which is said of one that was asked later.
    pub fn tell_passed_over(&self) {
        let ledger = self.ledger.borrow();
        let Some(latest) = ledger.recent(1).ok().and_then(|mut latest| latest.pop()) else { return };
        let is_empty = || ledger.turns(&latest.conversation).is_ok_and(|turns| turns.is_empty());
        // What was not kept cannot be named.
        if latest.command == CHAT
            && !latest.prompt.is_empty()
            && latest.conversation != self.conversation.id
            && is_empty()
        {
            let question = log::one_line(&latest.prompt, 40);
            self.ui().note(&format!("a later question has no answer, and is not gone on with: “{question}”"));
        }
    }

    /// Shows the last question and what was said to it.
    pub fn show_last(&self) -> Done {
        let turns = &self.conversation.turns;
        let Some(turn) = turns.last().filter(|_| self.is_at_terminal()) else { return Ok(()) };
        let count = counted(turns.len(), "turn");
        let begin = || log::one_line(&turns.first().map(|turn| Question::again(turn).text()).unwrap_or_default(), 40);
        let title = self.conversation.title.clone().unwrap_or_else(begin);
        let when = log::when(turn.started_ms, &TimeZone::system());
        let summary = self.conversation.summaries.last().map(|summary| summed_up(summary.turns)).unwrap_or_default();
        self.ui().remark(&format!("“{title}”: {count}{summary}; the last one, of {when}, was"));
        self.ui().note(&format!("{}{}", self.prompt(), Question::again(turn).text()));
        let mut answer = Answer::new(self.ui(), self.view);
        answer.text(&turn.answer)?;
        answer.finish()?;
        if !turn.is_whole {
            self.ui().remark("(it was stopped here; /continue goes on with it)");
        }
        Ok(())
    }

    /// What stands before what is typed: the route, or the model without its provider.
    pub fn prompt(&self) -> String {
        let name = match (&self.route.model, self.policy()) {
            (_, Ok(Some(policy))) if self.session.settings.routes.contains_key(&policy.route) => policy.route,
            (_, Ok(Some(policy))) => policy.named().next().map(|target| target.model.clone()).unwrap_or_default(),
            (Some(name), _) => name.clone(),
            (None, _) => String::new(),
        };
        let name = name.rsplit('/').next().unwrap_or_default();
        let short: String = name.chars().filter(|character| !character.is_control()).take(LONGEST_PROMPT).collect();
        let has_room = self.ui().width() > short.chars().count() + 10;
        if has_room { format!("{short}> ") } else { "> ".to_owned() }
    }

    /// How lines are read.
    pub fn editor_setup(&self) -> Setup {
        let settings = &self.session.settings;
        let folder = settings.paths.data.as_ref().filter(|_| self.keep_text);
        let history = folder.map(|folder| folder.join(HISTORY));
        if let Some(history) = &history {
            history::tend(history, self.ui());
        }
        let keys = self.session.keys_at_hand().to_vec();
        let may_keep = move |line: &str| {
            let mut kept = line.to_owned();
            secret::hide(&keys, &mut kept);
            kept == line
        };
        Setup {
            may_keep: Box::new(may_keep),
            history,
            is_vi: settings.keys(&self.session.environment) == Keys::Vi,
            is_open: block::is_open,
            words: Box::new(Names::new(self.session)),
        }
    }

    /// Says how to go on with the conversation another time.
    pub fn part(&self) {
        if self.keeps() && !self.conversation.turns.is_empty() && self.is_at_terminal() {
            let simulated = if self.session.simulated() { "--sim " } else { "" };
            self.ui().remark(&format!("`llmx {simulated}chat -c` goes on with this conversation"));
        }
    }
}

fn summed_up(turns: usize) -> String {
    if turns == 1 {
        ", the oldest is sent as its summary".to_owned()
    } else {
        format!(", the {turns} oldest are sent as their summary")
    }
}
