//! What is asked beside the turns of a conversation: a run of it that is no turn. Nothing of the answer is shown before it has
//! ended.

use jiff::Timestamp;

use super::fit::Fitted;
use super::question::Question;
use super::talk::Talk;
use super::turn;
use crate::chat::ChatRequest;
use crate::cli::Done;
use crate::cli::args::FormArgs;
use crate::cli::asking::Asking;
use crate::cli::complete::{OutputArgs, Purpose};
use crate::cli::ending::Ending;
use crate::cli::live::{Delivery, Live};
use crate::cli::session;
use crate::cli::signal::Stop;
use crate::error::Error;
use crate::exec::{Attempt, Run};
use crate::ledger::CHAT;
use crate::ledger::record::{RunEnd, RunStart};
use crate::provider::Target;
use crate::route::{Plan, Policy};
use crate::ui::answer::{Answer, AnswerOptions, Reasoning};

/// A question beside the turns.
pub(super) struct Aside {
    pub policy: Policy,
    targets: Vec<Target>,
    pub plan: Plan,
    pub at: Timestamp,
    request: ChatRequest,
    pub start: RunStart,
}

/// What came of it.
pub(super) struct Came<'a> {
    pub live: &'a Live<'a>,
    pub run: &'a Run,
    pub end: &'a RunEnd,
    /// Why it is no success.
    pub error: Option<&'a Error>,
}

impl Came<'_> {
    /// The attempt that answered.
    pub fn answered(&self) -> Option<&Attempt> {
        self.run.attempts.last().filter(|_| self.error.is_none())
    }
}

impl Aside {
    /// Prepares the run `id`, which is no turn.
    pub fn prepare(
        talk: &mut Talk<'_>,
        id: String,
        question: &Question,
        (policy, targets, at): (Policy, Vec<Target>, Timestamp),
        Fitted { request, plan, .. }: Fitted,
    ) -> Result<Self, Error> {
        session::tell_of_budgets(&plan, &policy, &talk.ledger.borrow(), talk.ui());
        let spender = talk.route.spend.spender(CHAT, &plan.route, &talk.session.environment);
        let start = turn::run_start(talk, id, &plan, question.kept(talk.ui()), spender);
        if !plan.candidates.is_empty() {
            turn::begin(talk, &start);
            if talk.keeps() {
                talk.ledger.borrow_mut().take_back(&start.conversation, std::slice::from_ref(&start.id))?;
            }
        }
        Ok(Self { policy, targets, plan, at, request, start })
    }

    /// Asks it. `see` sees what came.
    pub async fn ask(&self, talk: &Talk<'_>, stop: &mut impl Stop, see: impl FnOnce(&Came<'_>)) -> Done {
        let Self { policy, targets, plan, request, start, .. } = self;
        let (ui, session, ledger) = (talk.ui(), talk.session, talk.ledger);
        let asking = Asking { ui, session, ledger, policy, targets, plan, request, judge: None, drafts: false };
        let gate = asking.gate(talk.route.spend.spender(CHAT, &plan.route, &session.environment));
        let job = asking.job(&gate);
        let (output, form) = (OutputArgs::default(), FormArgs::default());
        let show = |live: &mut Live<'_>, run: &Run, interrupted: u8| {
            live.stop();
            let (output, form, purpose, when_cut) = (&output, &form, Purpose::Reading, "");
            let when_broken = None;
            let ending = Ending { output, form, purpose, when_cut, when_broken, ui, session, job: &job, start, run };
            let done = ending.outcome(interrupted);
            let end = ending.run_end(done.as_ref().err().map_or(0, Error::exit_code));
            see(&Came { live, run, end: &end, error: done.as_ref().err() });
            (done, end)
        };
        // Its thoughts would be taken for those of an answer.
        let options = AnswerOptions { raw: true, reasoning: Reasoning::Hidden };
        let delivery = Delivery::Held(Answer::new(ui, options));
        Box::pin(asking.carry_out(&job, start, delivery, stop, show)).await
    }
}
