//! A request from its plan to what is told of it afterwards: what `complete` and `chat` have in common.

use std::cell::RefCell;
use std::time::Duration;

use tokio::sync::Notify;

use super::alerts::{self, Alert};
use super::gate::LedgerGate;
use super::live::{Delivery, Live};
use super::session::{self, Session};
use super::signal::Stop;
use super::{Done, shadow, trials};
use crate::chat::ChatRequest;
use crate::cost::spent::Spender;
use crate::error::Error;
use crate::exec::{End, Job, Judge, Run, execute};
use crate::ledger::record::{RunEnd, RunStart};
use crate::ledger::{Ledger, Opened};
use crate::money::Usd;
use crate::provider::Target;
use crate::route::rollout::Seen;
use crate::route::{Plan, Policy};
use crate::ui::Ui;

/// What is asked, of whom, and for whose money.
pub(super) struct Asking<'a> {
    /// Where things are printed.
    pub ui: &'a Ui,
    /// Settings, keys and transport.
    pub session: &'a Session,
    /// Where things are written down.
    pub ledger: &'a RefCell<Ledger>,
    /// What the user wants.
    pub policy: &'a Policy,
    /// Who could serve.
    pub targets: &'a [Target],
    /// Who is asked.
    pub plan: &'a Plan,
    /// What they are asked.
    pub request: &'a ChatRequest,
    /// Who looks at whole answers.
    pub judge: Option<&'a dyn Judge>,
    /// What is shown is kept as it comes, also when this process is killed.
    pub drafts: bool,
}

impl Asking<'_> {
    /// Who lets a target be tried, and holds the money.
    pub fn gate(&self, spender: Spender) -> LedgerGate<'_> {
        LedgerGate { ledger: self.ledger, budgets: &self.policy.budgets, spender, total: self.plan.total.value }
    }

    /// The plan with all it takes to carry it out.
    pub fn job<'b>(&'b self, gate: &'b LedgerGate<'b>) -> Job<'b> {
        Job {
            plan: self.plan,
            targets: self.targets,
            request: self.request,
            keychain: self.session,
            transport: &self.session.transport,
            judge: self.judge,
            gate: Some(gate),
        }
    }

    /// Carries the plan out and writes it down. `show` ends the view of the answer: it says how the run ends, for the user and
    /// for the ledger; its last argument is the exit code of a signal.
    pub async fn carry_out(
        &self,
        job: &Job<'_>,
        start: &RunStart,
        delivery: Delivery<'_>,
        interrupt: &mut impl Stop,
        show: impl FnOnce(&mut Live<'_>, &Run, u8) -> (Done, RunEnd),
    ) -> Done {
        self.ledger.borrow_mut().begin(start);
        let shadow = shadow::plan(self.plan);
        let beside = shadow.as_ref().map(|(plan, max_delay)| (Job { plan, judge: None, ..*job }, *max_delay));
        let carried = Box::pin(self.walk(job, beside.as_ref(), start, delivery, interrupt, show)).await;
        let mut alerts = self.alerts(&carried);
        if let Some(step) = trials::step(self.plan, self.policy, carried.seen, &mut self.ledger.borrow_mut()) {
            step.note.iter().for_each(|note| self.ui.note(note));
            alerts.extend(step.alert);
        }
        alerts::call_hooks(&alerts, self.session, self.ui).await;
        carried.done
    }

    async fn walk(
        &self,
        job: &Job<'_>,
        beside: Option<&(Job<'_>, Duration)>,
        start: &RunStart,
        delivery: Delivery<'_>,
        interrupt: &mut impl Stop,
        show: impl FnOnce(&mut Live<'_>, &Run, u8) -> (Done, RunEnd),
    ) -> Carried {
        let mut live = Live::new(delivery, self, start);
        let stop = Notify::new();
        let mut shadow = beside.map(|(job, _)| Box::pin(shadow::run(job, start, self.ledger, &stop)));
        let run = match live.began(&start.id, &self.plan.route) {
            Ok(()) => shadow::beside(Box::pin(execute(job, &mut live, interrupt.wait())), &mut shadow).await,
            Err(error) => {
                Run { attempts: Vec::new(), passed_over: Vec::new(), refused: Vec::new(), end: End::Output(error) }
            }
        };
        let (done, end) = show(&mut live, &run, interrupt.exit_code());
        self.ledger.borrow_mut().end(&end);
        live.drop_draft();
        let max_delay = beside.map_or(Duration::ZERO, |(_, max_delay)| *max_delay);
        shadow::wait(shadow, if done.is_ok() { max_delay } else { Duration::ZERO }, &stop).await;
        Carried {
            seen: trials::seen(&run, &live.costs, self.plan),
            done,
            opened: std::mem::take(&mut live.opened),
            cost: live.run_cost().known,
        }
    }

    /// What of it the user may want to be told.
    fn alerts(&self, carried: &Carried) -> Vec<Alert> {
        let budgets = &self.policy.budgets;
        let mut alerts: Vec<Alert> = carried.opened.iter().filter_map(Alert::of_breaker).collect();
        if !budgets.is_empty() {
            let share = self.session.settings.budget_warn_at.value;
            let spent = session::spent(&self.ledger.borrow(), budgets);
            alerts.extend(Alert::of_budgets(budgets, &spent, carried.cost, share));
        }
        alerts
    }
}

/// A run that is over.
struct Carried {
    /// How it ends for the user.
    done: Result<(), Error>,
    /// Breakers that it has opened.
    opened: Vec<Opened>,
    /// What is known of its cost.
    cost: Usd,
    /// What it has shown of the first target of its plan.
    seen: Option<Seen>,
}
