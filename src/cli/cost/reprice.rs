//! `llmx cost reprice`: what the requests of the ledger would cost by the prices in use, of another day or of another table. It
//! writes nothing.

mod show;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::model::{self, Named};
use super::table;
use crate::catalog::{Bill, Catalog};
use crate::cli::billing::{self, Served};
use crate::cli::report::{error_json, told_as_json};
use crate::cli::{Context, Done, catalogue, moment, session};
use crate::config::Settings;
use crate::cost::import::Origin;
use crate::cost::range::bounds;
use crate::cost::reprice::{Kept, Repriced, Unpriced};
use crate::error::{Error, ErrorKind};
use crate::money::Usd;
use crate::provider::Provider;
use crate::wire::usage;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Begin here, such as 30d, week or 2026-11
    ///
    /// As `llmx cost` takes it.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// End here
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only requests to models whose names hold this text
    #[arg(short, long, value_name = "TEXT")]
    model: Option<String>,
    /// Take the prices of that moment for all
    ///
    /// Otherwise each has the prices of its own time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    at: Option<String>,
    /// Take the prices of this file, or the `built-in` ones
    ///
    /// Of the forms that `llmx models update` takes. Prices of your own, in the file that `catalog` names, win all the same.
    #[arg(long, value_name = "FILE")]
    prices: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Which requests were priced, and by what.
struct Asked {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    at: Option<Timestamp>,
}

impl Asked {
    fn read(args: &Args, now: Timestamp) -> Result<Self, Error> {
        let (since, until) = bounds(args.since.as_deref(), args.until.as_deref(), now, &TimeZone::system())
            .map_err(|error| Error::new(ErrorKind::Usage, format!("--since and --until: {error}")))?;
        let wrong = |message: String| {
            Error::new(ErrorKind::Usage, format!("--at: {message}"))
                .hint("write a day, a time, both, or how long ago, such as `30d`")
        };
        let at = args.at.as_deref().map(|text| moment::past(text, now)).transpose().map_err(wrong)?;
        Ok(Self { since, until, at })
    }
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    let done = reprice(args, context);
    if args.json { told_as_json(done, |error| error_json(super::SCHEMA, error), &context.ui) } else { done }
}

fn reprice(args: &Args, context: &Context) -> Done {
    let asked = Asked::read(args, Timestamp::now())?;
    let settings = Settings::load(&context.environment)?;
    let catalog = match &args.prices {
        Some(from) => catalogue::with_users(table::open(from, "--prices", context)?, &settings)?,
        None => catalogue::open(&settings, &context.ui)?,
    };
    let ledger = session::open_ledger(&settings.paths, context.sim.is_some());
    let mut pricer = Pricer { settings: &settings, catalog: &catalog, at: asked.at, models: HashMap::new() };
    let mut repriced = Repriced::default();
    let edge = |moment: Option<Timestamp>, otherwise| moment.map_or(otherwise, Timestamp::as_millisecond);
    ledger.each_priced(edge(asked.since, i64::MIN), edge(asked.until, i64::MAX), |kept| {
        let wanted = args.model.as_ref().is_none_or(|text| format!("{}/{}", kept.provider, kept.model).contains(text));
        if wanted {
            let price = pricer.price(&kept);
            repriced.add(&kept, price);
        }
    })?;
    show::print(&repriced, &asked, &catalog, args.json, &context.ui)
}

/// Prices requests by a catalogue; each model is looked up once.
struct Pricer<'a> {
    settings: &'a Settings,
    catalog: &'a Catalog,
    at: Option<Timestamp>,
    models: HashMap<(String, String), Option<Named>>,
}

impl Pricer<'_> {
    /// What a request costs by these prices, or why nobody knows.
    fn price(&mut self, kept: &Kept) -> Result<Usd, Unpriced> {
        let (settings, catalog) = (self.settings, self.catalog);
        let key = (kept.provider.clone(), kept.model.clone());
        let look_up = |(provider, id): &(String, String)| model::at(provider, id, settings, catalog);
        let named = self.models.entry(key).or_insert_with_key(look_up).as_ref();
        let origin = kept.origin.as_deref().map(Origin::named);
        // Another tool may have asked elsewhere than llmx does.
        let provider = settings.provider(&kept.provider).map(AsRef::as_ref).filter(|_| origin.is_none());
        let raw = kept.usage.as_deref().and_then(|text| serde_json::from_str(text).ok()).ok_or(Unpriced::NoCounts)?;
        let counts = match origin {
            Some(origin) => (origin.ok_or(Unpriced::NoCounts)?.usage)(&raw, &kept.provider),
            None => usage::read(&raw, provider).map_err(|_| Unpriced::NoCounts)?,
        };
        // How it was served is kept with its bill, where there is one.
        let bill: Option<Bill> = kept.bill.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let record = bill.and_then(|bill| bill.record);
        let place = provider.and_then(Provider::place);
        let served = Served {
            at: self.at.unwrap_or_else(|| kept.at()),
            mode: record.as_ref().map(|record| record.mode),
            region: record.as_ref().and_then(|record| record.region.as_deref()).or(place),
        };
        let model = named.map(|named| &named.model);
        let counts = match model {
            Some(model) => billing::counted(counts, model),
            None => counts,
        };
        let unknown = || match (model, counts.billed_buckets()) {
            (_, None) => Unpriced::NoCounts,
            (None, _) => Unpriced::UnknownModel,
            (Some(_), _) => Unpriced::NoPrice,
        };
        billing::of_usage(&counts, model, &served).usd.ok_or_else(unknown)
    }
}
