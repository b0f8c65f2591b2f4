//! `llmx cost prices`: the price cards of models, how old they are, what differs from another table.

mod compared;
mod show;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{model, table};
use crate::catalog::{Catalog, Model};
use crate::cli::report::{error_json, told_as_json};
use crate::cli::{Context, Done, catalogue};
use crate::config::Settings;
use crate::config::schema::parse_period;
use crate::config::show::is_at_hand;
use crate::cost::prices;
use crate::error::Error;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Models, each `provider/model`; all their price cards are shown
    ///
    /// Without any, the standard prices of the providers at hand and of your own models.
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
    /// Show what differs from other prices
    ///
    /// OLD is `built-in`, or a file of the forms that `llmx models update` takes; the prices in use are the newer ones.
    #[arg(long, value_name = "OLD", conflicts_with_all = ["stale", "all"])]
    diff: Option<String>,
    /// Only prices that nobody has read for so long, such as 60d
    #[arg(long, value_name = "AGE", value_parser = parse_period)]
    stale: Option<Duration>,
    /// The whole catalogue
    #[arg(short, long, conflicts_with = "models")]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A model whose prices are shown.
#[derive(Debug)]
struct Priced {
    /// `provider/id`, as it is asked for.
    name: String,
    model: Model,
    /// Days since its prices were read.
    age: Option<i32>,
}

impl Priced {
    /// The price is the user's own.
    fn is_users(&self) -> bool {
        self.model.pricing.as_ref().is_some_and(|pricing| pricing.source == "user")
    }
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = list(args, context);
    if args.json { told_as_json(done, |error| error_json(super::SCHEMA, error), &context.ui) } else { done }
}

fn list(args: &Args, context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    if let Some(old) = &args.diff {
        let old = table::open(old, "--diff", context)?;
        let named = args.models.iter().map(|name| model::named(name, &settings, &catalog));
        let named: Vec<Model> = named.map(|named| named.map(|named| named.model)).collect::<Result<_, Error>>()?;
        let is_named = |name: &str| named.iter().any(|model| name == format!("{}/{}", model.provider, model.id));
        let difference = prices::difference(&old, &catalog, |name| named.is_empty() || is_named(name));
        return compared::print(&difference, &old, &catalog, args.json, &context.ui);
    }
    let mut priced = chosen(args, &settings, &catalog, context)?;
    if let Some(stale) = args.stale {
        let days = i32::try_from(stale.as_secs() / 86_400).unwrap_or(i32::MAX);
        priced.retain(|priced| {
            priced.model.pricing.is_some() && !priced.is_users() && priced.age.is_none_or(|age| age > days)
        });
    }
    if args.json {
        return Ok(context.ui.out_clean(&format!("{}\n", show::object(&priced, &catalog)))?);
    }
    show::print(&priced, !args.models.is_empty() && args.stale.is_none(), &catalog, context)
}

/// The models that are meant.
fn chosen(args: &Args, settings: &Settings, catalog: &Catalog, context: &Context) -> Result<Vec<Priced>, Error> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let priced = |name: String, model: Model| {
        let age = model.pricing.as_ref().and_then(|pricing| prices::age(pricing, today));
        Priced { name, model, age }
    };
    if !args.models.is_empty() {
        let named = args.models.iter().map(|name| model::named(name, settings, catalog));
        return named.map(|named| named.map(|named| priced(named.name, named.model))).collect();
    }
    let at_hand: Vec<&str> = settings
        .providers
        .iter()
        .filter(|provider| !provider.local && is_at_hand(settings, &context.environment, provider))
        .map(|provider| provider.catalog.as_str())
        .collect();
    let is_meant = |provider: &str| args.all || args.stale.is_some() || at_hand.contains(&provider);
    let providers = catalog.providers();
    let models = providers.iter().flat_map(|provider| {
        let meant = is_meant(provider);
        catalog.models(provider).filter(move |model| meant || catalog.is_users(&model.provider, &model.id))
    });
    let is_shown = |model: &Model| model.pricing.is_some() && (args.all || model.status.as_deref() != Some("retired"));
    Ok(models.filter(is_shown).map(|model| priced(format!("{}/{}", model.provider, model.id), model)).collect())
}
