//! What every command that talks to models needs: settings, catalogue, and under `--sim` the fleet; and the way from
//! a name to a plan.

use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;

use super::Context;
use super::args::RouteArgs;
use super::learned;
use crate::catalog::update::{self, Opened};
use crate::catalog::{Catalog, Kind};
use crate::config::keys::{Credential, KeyError};
use crate::config::layer::schema_words;
use crate::config::{self, Environment, Paths, Problem, Settings, catalogue, keys, local, suggest};
use crate::error::{Error, ErrorKind};
use crate::exec::list::list;
use crate::exec::token::Tokens;
use crate::exec::transport::Transport;
use crate::exec::{KeyResult, Keychain, NO_KEY};
use crate::failure::{Failure, FailureClass};
use crate::ledger::Ledger;
use crate::provider::{Auth, KeySource, Provider, Target, TargetId};
use crate::route::{
    Demand, Origin, Plan, Policy, PolicyLimits, Rejected, Rejection, Set, Snapshot, admit, decide, filter,
};
use crate::secret::Secret;
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
    /// Kept alive as long as requests may go to it.
    fleet: Option<Fleet>,
}

impl Session {
    /// Loads the settings and the catalogue, and starts the fleet when it is asked for.
    pub async fn open(context: &Context) -> Result<Self, Error> {
        Self::with(context.environment.clone(), context.sim.as_ref(), sim::Options::default(), &context.ui).await
    }

    async fn with(
        environment: Environment,
        faults: Option<&sim::Faults>,
        options: sim::Options,
        ui: &Ui,
    ) -> Result<Self, Error> {
        let mut settings = Settings::load(&environment)?;
        let catalog = catalog(&settings, ui)?;
        let fleet = match faults {
            Some(faults) => Some(start_fleet(faults, options, &mut settings).await?),
            None => None,
        };
        Ok(Self { settings, catalog, transport: Transport::default(), environment, tokens: Tokens::default(), fleet })
    }

    /// The ledger that this session writes.
    pub fn open_ledger(&self) -> Ledger {
        open_ledger(&self.settings.paths, self.simulated())
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
        let mut policy = match &args.model {
            Some(name) => self.resolve(name, "--model")?,
            None => self.default_policy().await?,
        };
        for name in &args.fallback {
            policy.tiers.extend(self.resolve(name, "--fallback")?.tiers);
        }
        policy.fallback &= !args.no_fallback;
        if let Some(value) = args.timeout {
            let total = Some(Set { value, origin: Origin::Argument("--timeout".to_owned()) });
            policy.limits = PolicyLimits { total, ..policy.limits };
        }
        Ok(policy)
    }

    /// The targets that a policy names.
    pub fn targets(&self, policy: &Policy) -> Vec<Target> {
        self.settings.targets(policy, &self.environment, &|provider, id| self.catalog.find(provider, id))
    }

    /// The error of a plan in which nothing is left to try, with who could serve such a request.
    pub fn nothing_left(&self, plan: &Plan, targets: &[Target], policy: &Policy, demand: &Demand<'_>) -> Error {
        let error = nothing_left(plan, targets);
        if !plan.rejected.iter().any(asks_too_much) {
            return error;
        }
        let able = self.able(policy, demand);
        if able.is_empty() {
            return error.hint("no model that is configured here is known to take it; name another one with `-m`");
        }
        error.hint(format!("these are configured and take it: {}", able.join(", ")))
    }

    /// Configured models that take such a request, by what is known of them.
    fn able(&self, policy: &Policy, demand: &Demand<'_>) -> Vec<String> {
        let routed = self.settings.routes.values().flat_map(|route| route.tiers.iter().flatten().cloned());
        let usual = self
            .settings
            .providers
            .iter()
            .filter_map(|provider| Some(TargetId::new(provider.name.clone(), provider.default_model.clone()?)));
        let mut tier: Vec<TargetId> = Vec::new();
        for id in routed.chain(usual) {
            if !tier.contains(&id) {
                tier.push(id);
            }
        }
        let all = self.targets(&Policy { tiers: vec![tier], ..policy.clone() });
        let takes = |target: &&Target| target.model.is_some() && admit(demand, target, &[]).is_ok();
        all.iter().filter(takes).take(NAMED).map(|target| format!("`{}`", target.id)).collect()
    }

    fn resolve(&self, name: &str, argument: &str) -> Result<Policy, Error> {
        let origin = Origin::Argument(argument.to_owned());
        let lookup = |provider: &str, id: &str| self.catalog.find(provider, id);
        Ok(self.settings.resolve(name, origin, &self.environment, &lookup)?)
    }

    async fn default_policy(&self) -> Result<Policy, Error> {
        let lookup = |provider: &str, id: &str| self.catalog.find(provider, id);
        let decided = self.settings.default_policy(&self.environment, &lookup).map_err(|unknown| {
            let place = self.settings.default.as_ref().map(|default| format!("`default` ({}): ", default.origin));
            let message = format!("{}{}", place.unwrap_or_default(), unknown.message);
            config::Unknown { message, ..unknown }
        });
        if let Some(mut policy) = decided? {
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

/// The ledger: the user's, or the simulation's, whose money is not real.
pub fn open_ledger(paths: &Paths, simulated: bool) -> Ledger {
    let folder = if simulated { "simulated" } else { "" };
    match &paths.data {
        Some(data) => Ledger::open(&data.join(folder).join("ledger.db")),
        None => {
            Ledger::disabled(Some("no ledger is kept without a home directory; set HOME or LLMX_DATA_DIR".to_owned()))
        }
    }
}

/// The most models that an error names.
const NAMED: usize = 5;

/// A server on this machine lists its models within this time, or is not used unasked.
pub(super) const LOCAL_LIMIT: std::time::Duration = std::time::Duration::from_secs(2);

impl Keychain for Session {
    fn key<'a>(&'a self, target: &'a Target) -> Pin<Box<dyn Future<Output = KeyResult> + 'a>> {
        Box::pin(self.key_of(&target.provider))
    }
}

impl Session {
    /// The provider's key, or the access token that its account gets.
    pub async fn key_of(&self, provider: &Provider) -> KeyResult {
        match credential(provider, &self.environment).await? {
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
    found.map_err(|error| Failure::new(FailureClass::Auth, NO_KEY, told(&error)))
}

/// A key that cannot be had, in one line with what to do.
fn told(error: &KeyError) -> String {
    error.hint.as_ref().map_or_else(|| error.to_string(), |hint| format!("{error} ({hint})"))
}

/// Decides by the clock, a seed of this process and what the ledger remembers.
pub fn plan(demand: &Demand<'_>, targets: &[Target], policy: &Policy, ledger: &Ledger) -> Plan {
    let now = Timestamp::now();
    let seed = u64::from(std::process::id()) ^ u64::try_from(now.as_nanosecond() & i128::from(u64::MAX)).unwrap_or(0);
    decide(demand, targets, policy, &Snapshot { now, seed, lessons: learned::lessons(ledger, now) })
}

/// The error of a plan in which nothing is left to try.
fn nothing_left(plan: &Plan, targets: &[Target]) -> Error {
    let key_missing = |rejected: &Rejected| matches!(rejected.reason, Rejection::KeyMissing { .. });
    let incomplete = |rejected: &Rejected| matches!(rejected.reason, Rejection::ParameterMissing { .. });
    let kind = match &plan.rejected {
        rejected if rejected.iter().any(key_missing) => ErrorKind::Auth,
        rejected if rejected.iter().any(incomplete) => ErrorKind::Config,
        rejected if !rejected.is_empty() && rejected.iter().all(asks_too_much) => ErrorKind::Usage,
        _ => ErrorKind::Other,
    };
    let reasons: Vec<String> =
        plan.rejected.iter().map(|rejected| format!("`{}`: {}", rejected.target, rejected.reason)).collect();
    let mut error = Error::new(kind, format!("no target of `{}` can be tried: {}", plan.route, reasons.join("; ")));
    for rejected in &plan.rejected {
        if let Rejection::ParameterMissing { name, tried } = &rejected.reason {
            let variable = if tried.is_empty() { String::new() } else { format!("set {}, or ", tried.join(" or ")) };
            let provider = &rejected.target.provider;
            error = error
                .hint(format!("{variable}write `parameters = {{ {name} = \"…\" }}` under `[providers.{provider}]`"));
        }
    }
    for rejected in plan.rejected.iter().filter(|rejected| key_missing(rejected)) {
        let provider = crate::route::find(targets, &rejected.target).map(|target| &target.provider);
        if let Some(url) = provider.and_then(|provider| provider.keys_url.as_ref()) {
            error = error.hint(format!("get a key for {} at {url}", rejected.target.provider));
        }
    }
    error
}

/// Whether another request would have been taken.
fn asks_too_much(rejected: &Rejected) -> bool {
    use Rejection as R;
    let of_request =
        matches!(rejected.reason, R::NoPlace { .. } | R::AttachmentTooLarge { .. } | R::ChangeNeeded { .. });
    of_request || matches!(rejected.reason, R::AbilityMissing { ability } if ability != filter::CHAT)
}

/// The catalogue with the user's own models and prices over it.
pub fn catalog(settings: &Settings, ui: &Ui) -> Result<Catalog, Error> {
    let table = stored_catalog(&settings.paths, ui);
    let Some(file) = &settings.catalog else { return Ok(table) };
    let path = file.value.display().to_string();
    let cannot = |message: String| Error::new(ErrorKind::Config, format!("{message} (set in {})", file.origin));
    let text = std::fs::read_to_string(&file.value)
        .map_err(|error| cannot(format!("cannot read the catalogue `{path}`: {error}")))?;
    table.with_user_toml(&text).map_err(|error| {
        let (message, help) = schema_words(&error.message);
        let problem = match &error.span {
            Some(span) => Problem::at(&path, &text, span, |_| false, message),
            None => Problem::whole(&path, message),
        };
        let problem = Problem { help, ..problem };
        Error::new(ErrorKind::Config, problem.to_string())
    })
}

/// The table of the last `llmx models update`, where there is one and it holds; else the one that is built in.
pub fn stored_catalog(paths: &Paths, ui: &Ui) -> Catalog {
    let opened = match catalogue::load(paths) {
        Ok(None) => return Catalog::builtin(),
        Ok(Some(text)) => update::open(text),
        Err(error) => Err(format!("it cannot be read: {error}")),
    };
    match opened {
        Ok(Opened::Catalog(catalog)) => *catalog,
        Ok(Opened::Outdated) => {
            ui.detail("the catalogue that is built in is newer than the stored one, and is used");
            Catalog::builtin()
        }
        Err(error) => {
            let remedy = "`llmx models update` makes a new one, `llmx models update --reset` removes it";
            ui.warn(&format!("the stored catalogue is not used: {error} ({remedy})"));
            Catalog::builtin()
        }
    }
}

/// A fault for a provider that does not exist would pass every rehearsal.
fn check_faults(faults: &sim::Faults, settings: &Settings) -> Result<(), Error> {
    for rule in faults.rules.iter().filter(|rule| rule.target != "*") {
        let provider = rule.target.split('/').next().unwrap_or_default();
        if settings.provider(provider).is_none() {
            let error = Error::new(ErrorKind::Usage, format!("--sim: unknown provider `{provider}`"));
            let known = settings.providers.iter().map(|provider| provider.name.as_str());
            let nearest = suggest::nearest(provider, known).map(|name| format!("did you mean `{name}`?"));
            return Err(nearest.into_iter().fold(error, Error::hint));
        }
    }
    Ok(())
}

/// What stands for a parameter of a provider that nobody set.
const SIMULATED: &str = "simulated";

/// Puts the fleet in the place of every provider. Keys are made up: no real one may be sent to it.
async fn start_fleet(faults: &sim::Faults, options: sim::Options, settings: &mut Settings) -> Result<Fleet, Error> {
    check_faults(faults, settings)?;
    let keyless = settings.providers.iter().filter(|row| matches!(row.auth, Auth::None | Auth::Optional));
    let keyless = keyless.map(|row| row.name.clone()).collect();
    let key_headers = settings.providers.iter().filter_map(|row| match &row.auth {
        Auth::Header(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    let fleet = Fleet::start(faults, sim::Options { keyless, key_headers: key_headers.collect(), ..options })
        .await
        .map_err(|error| Error::new(ErrorKind::Other, "cannot start the simulated fleet").caused_by(error))?;
    for provider in &mut settings.providers {
        let mut row = Provider::clone(provider);
        for (name, _) in std::mem::take(&mut row.missing) {
            row.base_url = row.base_url.replace(&format!("{{{name}}}"), SIMULATED);
            row.parameters.insert(name, SIMULATED.to_owned());
        }
        row.base_url = fleet.stand_in(&row.name, &row.base_url);
        if row.auth != Auth::None {
            row.keys = vec![KeySource::Literal(Secret::new("simulated-key"))];
        }
        *provider = Arc::new(row);
    }
    Ok(fleet)
}

#[cfg(test)]
mod tests;
