//! Which models an estimate is for.

use jiff::Timestamp;

use super::Args;
use crate::catalog::{Kind, Model, Unit};
use crate::cli::session::Session;
use crate::error::{Error, ErrorKind};
use crate::money::Usd;
use crate::provider::{KeyState, Provider, Target, TargetId};

/// A model with who states its prices.
pub struct Priced {
    /// The model.
    pub target: Target,
    /// Who states its prices, and when they were read.
    pub source: Option<String>,
}

impl Priced {
    /// The day on which its prices were read last, `YYYY-MM-DD`.
    pub fn day(&self) -> Option<&str> {
        let words = self.source.as_deref()?.split([' ', ',']);
        words.filter(|word| word.parse::<jiff::civil::Date>().is_ok()).max()
    }
}

/// The models that were named, each once; without a name those of the usual route.
pub async fn chosen(args: &Args, session: &Session, now: Timestamp) -> Result<Vec<Priced>, Error> {
    let targets = if args.all { all(args, session, now)? } else { named(args, session).await? };
    if targets.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no model is left to estimate for")
            .hint("`llmx models --all` lists what there is"));
    }
    Ok(targets.into_iter().map(priced).collect())
}

fn priced(target: Target) -> Priced {
    let source = target.model.as_deref().and_then(|model| model.pricing.as_ref()).map(|pricing| pricing.source.clone());
    Priced { target, source }
}

async fn named(args: &Args, session: &Session) -> Result<Vec<Target>, Error> {
    let mut policies = Vec::new();
    for name in &args.models {
        policies.push(session.resolve(name, "--model")?);
    }
    if policies.is_empty() {
        policies.push(session.default_policy().await?);
    }
    let mut targets: Vec<Target> = Vec::new();
    for target in policies.iter().flat_map(|policy| session.targets(policy)) {
        if targets.iter().all(|known| known.id != target.id) {
            targets.push(target);
        }
    }
    Ok(targets)
}

/// All models for chat that are served, of all providers that llmx can ask.
fn all(args: &Args, session: &Session, now: Timestamp) -> Result<Vec<Target>, Error> {
    let providers = &session.settings.providers;
    if let Some(name) = args.providers.iter().find(|name| providers.iter().all(|provider| provider.name != **name)) {
        return Err(Error::new(ErrorKind::Usage, format!("--provider: there is no provider `{name}`"))
            .hint("`llmx models --all` lists all providers and models"));
    }
    let wanted = |provider: &Provider| args.providers.is_empty() || args.providers.contains(&provider.name);
    let mut targets = Vec::new();
    for provider in providers.iter().filter(|provider| wanted(provider)) {
        let models = session
            .catalog
            .models(&provider.catalog)
            .filter(|model| is_served(model) && fits(args, provider, model, now));
        targets.extend(models.map(|model| Target {
            id: TargetId::new(provider.name.clone(), model.id.clone()),
            provider: provider.clone(),
            model: Some(model.into()),
            key: KeyState::NotNeeded,
            keys: Vec::new(),
        }));
    }
    Ok(targets)
}

fn is_served(model: &Model) -> bool {
    model.kind == Kind::Chat && model.status.as_deref() != Some("retired")
}

fn fits(args: &Args, provider: &Provider, model: &Model, now: Timestamp) -> bool {
    let name = format!("{}/{}", provider.name, model.id).to_lowercase();
    let price = || model.rates(1, now)?.get(Unit::Input).map(|rate| rate * 1_000_000);
    args.search.iter().all(|text| name.contains(&text.to_lowercase()))
        && args.max_price.is_none_or(|most| price().is_some_and(|price: Usd| price <= most))
}
