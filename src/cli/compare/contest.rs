//! Who takes part: the models of a comparison, each with a policy that asks it alone.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use super::args::AskArgs;
use crate::chat::ChatRequest;
use crate::cli::session::{self, Session};
use crate::config::role::Role;
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::provider::{Target, TargetId};
use crate::route::{Budget, Demand, Origin, Plan, Policy, Set, Snapshot, decide};

/// What past answers of the ledger are called.
pub const PAST: &str = "log";
/// What is known of models is read again when it is older than this.
const FRESH: SignedDuration = SignedDuration::from_millis(500);

/// A model that is asked.
pub struct Contender {
    /// Who.
    pub target: TargetId,
    policy: Policy,
    targets: Vec<Target>,
    knowledge: Rc<Knowledge>,
}

/// What is known of all that take part. One look at the ledger serves them all: thousands of decisions need not ask the disk each
/// time.
#[derive(Default)]
pub struct Knowledge {
    targets: RefCell<Vec<Target>>,
    budgets: RefCell<Vec<Set<Budget>>>,
    read: RefCell<Option<(Timestamp, Rc<Snapshot>)>>,
}

impl Knowledge {
    fn of(&self, ledger: &RefCell<Ledger>, now: Timestamp) -> Rc<Snapshot> {
        if let Some((read, known)) = &*self.read.borrow()
            && now.duration_since(*read) < FRESH
        {
            return Rc::clone(known);
        }
        let known = Rc::new(session::snapshot(&ledger.borrow(), now, &self.targets.borrow(), &self.budgets.borrow()));
        *self.read.borrow_mut() = Some((now, Rc::clone(&known)));
        known
    }
}

impl Contender {
    /// A model by itself: nobody answers in its place, nobody is asked beside it.
    pub fn alone(
        policy: &Policy,
        target: TargetId,
        args: &AskArgs,
        session: &Session,
        knowledge: &Rc<Knowledge>,
    ) -> Self {
        let timeout = args.timeout.map(|value| Set { value, origin: Origin::Argument("--timeout".to_owned()) });
        let mut limits = policy.limits.clone();
        limits.total = timeout.or(limits.total);
        let usual = Policy::of(target.to_string(), policy.origin.clone(), vec![vec![target.clone()]]);
        let policy = Policy {
            fallback: false,
            limits,
            retries: policy.retries.clone(),
            on_empty: policy.on_empty.clone(),
            budgets: args.spend.over(policy.clone(), &session.environment).budgets,
            require: policy.require.clone(),
            forbid: policy.forbid.clone(),
            ..usual
        };
        let targets = session.targets(&policy);
        knowledge.targets.borrow_mut().extend(targets.iter().cloned());
        knowledge.budgets.borrow_mut().extend(policy.budgets.iter().cloned());
        Self { target, policy, targets, knowledge: Rc::clone(knowledge) }
    }

    /// The targets of its plans.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The next plan looks at the ledger anew.
    pub fn look_again(&self) {
        self.knowledge.read.borrow_mut().take();
    }

    /// What it may do.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its name in the comparison.
    pub fn name(&self) -> String {
        self.target.to_string()
    }

    /// Decides how it is asked.
    pub fn plan(&self, request: &ChatRequest, ledger: &RefCell<Ledger>, now: Timestamp) -> Plan {
        decide(&Demand::of(request, false), &self.targets, &self.policy, &self.knowledge.of(ledger, now))
    }
}

/// All models that are asked, in the order in which they were named, each once. Without names it is those of the role.
pub async fn contenders(args: &AskArgs, role: Option<&Role>, session: &Session) -> Result<Vec<Contender>, Error> {
    let mut policies = Vec::new();
    for name in &args.models {
        policies.push(session.resolve(name, "--model")?);
    }
    match role.and_then(Role::chosen_model) {
        _ if !args.models.is_empty() => {}
        Some(model) => policies.push(session.of_role(&model)?),
        None => policies.push(session.default_policy().await?),
    }
    let knowledge = Rc::new(Knowledge::default());
    let mut contenders: Vec<Contender> = Vec::new();
    for policy in &policies {
        for target in policy.tiers.iter().flatten() {
            if !contenders.iter().any(|contender| contender.target == *target) {
                contenders.push(Contender::alone(policy, target.clone(), args, session, &knowledge));
            }
        }
    }
    if contenders.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "there is no model to ask").hint("name them with `-m A -m B`"));
    }
    Ok(contenders)
}

/// The one model that a name stands for, to judge.
pub fn judge(name: &str, session: &Session) -> Result<Contender, Error> {
    let target = session.target_named(name, "--judge")?;
    let policy = session.resolve(name, "--judge")?;
    Ok(Contender::alone(&policy, target, &AskArgs::default(), session, &Rc::default()))
}

/// The model that the others are held against: an index into `names`, the names of all that take part.
pub fn baseline(args: &AskArgs, names: &[String], session: &Session) -> Result<usize, Error> {
    let Some(wanted) = &args.baseline else { return Ok(0) };
    let exact = names.iter().position(|name| name == wanted);
    let by_model = || only(names, |name| name.split_once('/').is_some_and(|(_, model)| model == wanted));
    let by_alias = || {
        let target = session.target_named(wanted, "--baseline").ok()?.to_string();
        names.iter().position(|name| *name == target)
    };
    exact.or_else(by_model).or_else(by_alias).ok_or_else(|| {
        let error = Error::new(ErrorKind::Usage, format!("--baseline: `{wanted}` is not among the models"));
        error.hint(format!("these take part: {}", names.join(", ")))
    })
}

/// The place of the only one that fits.
fn only(names: &[String], fits: impl Fn(&String) -> bool) -> Option<usize> {
    let mut places = names.iter().enumerate().filter(|(_, name)| fits(name)).map(|(place, _)| place);
    places.next().filter(|_| places.next().is_none())
}
