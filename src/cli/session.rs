//! What every command that talks to models needs: settings, catalogue, and under `--sim` the fleet; and the way from
//! a name to a plan.

mod decision;
pub(super) mod fleet;
mod nothing_left;

pub use decision::{Occasion, not_on, predictive_state, snapshot, spent};

use std::path::Path;
use std::pin::Pin;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::Context;
use super::args::RouteArgs;
use super::catalogue;
use crate::catalog::{Catalog, Kind};
use crate::chat::{Message, Part};
use crate::config::keys::{Credential, KeyError};
use crate::config::{self, Environment, Paths, Settings, keys, local};
use crate::error::{Error, ErrorKind};
use crate::exec::list::list;
use crate::exec::token::Tokens;
use crate::exec::transport::Transport;
use crate::exec::{KeyResult, Keychain, NO_KEY};
use crate::failure::{Failure, FailureClass};
use crate::ledger::{Keep, Ledger};
use crate::provider::{KeyMark, Provider, Target, TargetId};
use crate::route::{Origin, Plan, Policy, Set};
use crate::secret::{self, Secret};
use crate::sim::{self, Fleet};
use crate::ui::Ui;
use crate::wire::models::{Listed, Sort};

/// Settings, catalogue and fleet of one command.
pub struct Session {
    /// The settings; under `--sim` every provider's address is the fleet's.
    pub settings: Settings,
    /// Models and prices.
    pub catalog: Catalog,
    /// Where requests go.
    pub transport: Transport,
    /// The process's surroundings.
    pub environment: Environment,
    tokens: Tokens,
    /// Read once: some are files.
    keys_at_hand: OnceLock<Vec<Secret>>,
    /// Kept alive as long as requests may go to it.
    fleet: Option<Fleet>,
    /// What is simulated to go wrong.
    faults: Option<sim::Faults>,
}

impl Session {
    /// Loads the settings and the catalogue, and starts the fleet when it is asked for.
    pub async fn open(context: &Context) -> Result<Self, Error> {
        Self::with(context.environment.clone(), context.sim.as_ref(), sim::Options::default(), &context.ui).await
    }

    /// The same with other surroundings, faults and options of the fleet.
    pub async fn with(
        environment: Environment,
        faults: Option<&sim::Faults>,
        options: sim::Options,
        ui: &Ui,
    ) -> Result<Self, Error> {
        let settings = Settings::load(&environment)?;
        let catalog = catalogue::open(&settings, ui)?;
        Self::over(settings, catalog, environment, faults, options).await
    }

    /// The same over settings and a catalogue that are there already.
    pub async fn over(
        mut settings: Settings,
        catalog: Catalog,
        environment: Environment,
        faults: Option<&sim::Faults>,
        options: sim::Options,
    ) -> Result<Self, Error> {
        let fleet = match faults {
            Some(faults) => Some(fleet::start(faults, options, &mut settings).await?),
            None => None,
        };
        let (transport, tokens) = (Transport::default(), Tokens::default());
        let keys_at_hand = OnceLock::new();
        Ok(Self { settings, catalog, transport, environment, tokens, keys_at_hand, fleet, faults: faults.cloned() })
    }

    /// The ledger that this session writes.
    pub fn open_ledger(&self) -> Ledger {
        let mut ledger = self.look_at_ledger();
        if let Some(fleet) = self.simulation() {
            ledger.simulates(&fleet);
        }
        ledger
    }

    /// The ledger for a look at it. Who only looks at a simulation must not begin another one: that would forget what the last one
    /// has shown.
    pub fn look_at_ledger(&self) -> Ledger {
        open_ledger(&self.settings.paths, self.simulated())
    }

    /// The ledger as a command that asks somebody would find it, and left as it is: with other faults than the last, a simulation
    /// begins anew.
    pub fn foresee_ledger(&self) -> Ledger {
        let mut ledger = self.look_at_ledger();
        if let Some(fleet) = self.simulation() {
            ledger.foresees(&fleet);
        }
        ledger
    }

    /// What is left to do when the answer is shown: the search learns what was said, and once a day what the settings say is too
    /// old is forgotten.
    pub fn tidy(&self, ledger: &mut Ledger) {
        let log = &self.settings.log;
        let keep = Keep {
            time: log.keep.as_ref().map(|keep| keep.value),
            bytes: log.max_size.as_ref().map(|most| most.value),
        };
        ledger.tidy(&keep, Timestamp::now().as_millisecond());
    }

    fn simulation(&self) -> Option<String> {
        self.faults.as_ref().map(|faults| format!("{faults:?}"))
    }

    /// Faults are simulated that somebody has named.
    pub fn has_faults(&self) -> bool {
        self.faults.as_ref().is_some_and(|faults| !faults.rules.is_empty())
    }

    /// Says on stderr what a user must know before the answer: that it is simulated, and who is left out and why.
    pub fn tell_of(&self, plan: &Plan, ui: &Ui) {
        if self.simulated() {
            ui.note("simulated: no provider is asked, no money is spent");
        }
        for rejected in plan.rejected.iter().filter(|_| !plan.candidates.is_empty()) {
            // A key that is missing must not hide behind a fallback that serves.
            ui.note(&format!("{} is left out: {}", rejected.target, rejected.reason));
        }
    }

    /// Answers are simulated.
    pub fn simulated(&self) -> bool {
        self.fleet.is_some()
    }

    /// What the user wants, from the arguments over the settings.
    pub async fn policy(&self, args: &RouteArgs) -> Result<Policy, Error> {
        let mut policy = match (&args.model, &args.of_role) {
            (Some(name), _) => self.resolve(name, "--model")?,
            (None, Some(model)) => self.of_role(model)?,
            (None, None) => self.default_policy().await?,
        };
        for name in &args.fallback {
            policy.tiers.extend(self.resolve(name, "--fallback")?.tiers);
        }
        Ok(args.spend.over(args.over(policy), &self.environment))
    }

    /// What a user said, without keys that were pasted by mistake: this is kept, and shown again.
    pub fn without_keys(&self, mut message: Message) -> Message {
        for part in &mut message.parts {
            if let Part::Text(words) = part {
                secret::hide(self.keys_at_hand(), words);
            }
        }
        message
    }

    /// The same for a text.
    pub fn text_without_keys(&self, mut text: String) -> String {
        secret::hide(self.keys_at_hand(), &mut text);
        text
    }

    /// The keys that can be told without asking for them.
    pub fn keys_at_hand(&self) -> &[Secret] {
        let providers = || self.settings.providers.iter().map(AsRef::as_ref);
        self.keys_at_hand.get_or_init(|| keys::at_hand(providers(), &self.environment))
    }

    /// The targets that a policy names.
    pub fn targets(&self, policy: &Policy) -> Vec<Target> {
        self.settings.targets(policy, &self.environment, &|provider, id| self.catalog.find(provider, id))
    }

    /// The one target that a name stands for; of a route, the first.
    pub fn target_named(&self, name: &str, argument: &str) -> Result<TargetId, Error> {
        let policy = self.resolve(name, argument)?;
        let first = policy.tiers.into_iter().flatten().next();
        first.ok_or_else(|| Error::new(ErrorKind::Usage, format!("{argument}: `{name}` names no model")))
    }

    /// What a name stands for; `argument` is where it was given.
    pub fn resolve(&self, name: &str, argument: &str) -> Result<Policy, Error> {
        let origin = Origin::Argument(argument.to_owned());
        let lookup = |provider: &str, id: &str| self.catalog.find(provider, id);
        Ok(self.settings.resolve(name, origin, &self.environment, &lookup)?)
    }

    /// What the model of a role stands for.
    pub fn of_role(&self, model: &Set<String>) -> Result<Policy, Error> {
        let lookup = |provider: &str, id: &str| self.catalog.find(provider, id);
        let found = self.settings.resolve(&model.value, model.origin.clone(), &self.environment, &lookup);
        Ok(found.map_err(|unknown| unknown.at("model", &model.origin))?)
    }

    /// What answers when no model is named, servers on this machine aside.
    pub fn usual_policy(&self) -> Result<Option<Policy>, Error> {
        let lookup = |provider: &str, id: &str| self.catalog.find(provider, id);
        Ok(self.settings.default_policy(&self.environment, &lookup)?)
    }

    /// What answers when no model is named.
    pub async fn default_policy(&self) -> Result<Policy, Error> {
        if let Some(mut policy) = self.usual_policy()? {
            if self.simulated() && self.settings.default.is_none() {
                policy.origin = Origin::Argument("--sim".to_owned());
            }
            return Ok(policy);
        }
        match self.local_target().await {
            Some(target) => self.resolve(&target.to_string(), "a server on this machine"),
            None => Err(config::resolve::nothing_usable().into()),
        }
    }

    /// The first model of the first model server that answers on this machine.
    async fn local_target(&self) -> Option<TargetId> {
        for (provider, port) in local::local_candidates(&self.settings) {
            if local::probe(port).await
                && let Some(model) = self.first_model(&provider).await
            {
                return Some(TargetId::new(provider.name.clone(), model));
            }
        }
        None
    }

    async fn first_model(&self, provider: &Provider) -> Option<String> {
        let models = list(&self.transport, provider, None, LOCAL_LIMIT).await.ok()?;
        models.into_iter().find(is_for_chat).map(|listed| listed.model.id)
    }
}

fn is_for_chat(listed: &Listed) -> bool {
    listed.sort != Sort::Other && listed.model.kind == Kind::Chat
}

/// Says where budgets cannot do what they are for.
pub fn tell_of_budgets(plan: &Plan, policy: &Policy, ledger: &Ledger, ui: &Ui) {
    if policy.budgets.is_empty() {
        return;
    }
    if !ledger.is_kept() {
        ui.warn(
            "budgets cannot be held: the ledger cannot be written, so other processes do not see what this one spends",
        );
    }
    if let Some(first) = plan.candidates.first().filter(|first| first.reservation().is_none()) {
        ui.note(&format!("no budget can hold what {} costs: its price is unknown", first.target));
    }
}

/// The ledger: the user's, or the simulation's, whose money is not real.
pub fn open_ledger(paths: &Paths, simulated: bool) -> Ledger {
    opened(paths, simulated, Ledger::open)
}

/// The same for commands that write nothing into it.
pub fn ledger_to_read(paths: &Paths, simulated: bool) -> Ledger {
    opened(paths, simulated, Ledger::open_to_read)
}

fn opened(paths: &Paths, simulated: bool, open: fn(&Path) -> Ledger) -> Ledger {
    let folder = if simulated { "simulated" } else { "" };
    match &paths.data {
        Some(data) => open(&data.join(folder).join("ledger.db")),
        None => Ledger::disabled(Some(format!("no ledger is kept: {}; set HOME or LLMX_DATA_DIR", paths.no_home()))),
    }
}

/// A server on this machine lists its models within this time, or is not used unasked.
pub(super) const LOCAL_LIMIT: std::time::Duration = std::time::Duration::from_secs(2);

impl Keychain for Session {
    fn key<'a>(
        &'a self,
        target: &'a Target,
        mark: Option<&'a KeyMark>,
    ) -> Pin<Box<dyn Future<Output = KeyResult> + 'a>> {
        Box::pin(self.key_of_mark(&target.provider, mark))
    }
}

impl Session {
    /// The provider's key, or the access token that its account gets.
    pub async fn key_of(&self, provider: &Provider) -> KeyResult {
        self.sent(provider, credential(provider, &self.environment).await?).await
    }

    /// The key of that mark, or the provider's.
    pub async fn key_of_mark(&self, provider: &Provider, mark: Option<&KeyMark>) -> KeyResult {
        let found = match mark {
            Some(mark) => keys::resolve_mark(provider, mark, &self.environment).await,
            None => keys::resolve(provider, &self.environment).await,
        };
        self.sent(provider, found.map_err(|error| no_key(&error))?).await
    }

    /// What is sent of a credential: the key itself, or an access token.
    async fn sent(&self, provider: &Provider, credential: Option<Credential>) -> KeyResult {
        match credential {
            Some(Credential::Key(key)) => Ok(Some(key)),
            Some(Credential::Account(account)) => {
                self.tokens.access(&account, &provider.name, &self.transport).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// The same without the network: a stand-in for an access token, for requests that are shown and not sent.
    pub async fn key_at_hand(&self, provider: &Provider) -> KeyResult {
        Ok(credential(provider, &self.environment).await?.map(|credential| match credential {
            Credential::Key(key) => key,
            Credential::Account(_) => Secret::new("access-token"),
        }))
    }
}

async fn credential(provider: &Provider, environment: &Environment) -> Result<Option<Credential>, Failure> {
    let found = keys::resolve(provider, environment).await;
    found.map_err(|error| no_key(&error))
}

fn no_key(error: &KeyError) -> Failure {
    Failure::new(FailureClass::Auth, NO_KEY, told(error))
}

/// A key that cannot be had, in one line with what to do.
fn told(error: &KeyError) -> String {
    error.hint.as_ref().map_or_else(|| error.to_string(), |hint| format!("{error} ({hint})"))
}

#[cfg(test)]
mod tests;
