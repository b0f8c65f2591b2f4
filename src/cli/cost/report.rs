//! `llmx cost`: what was spent.

mod conversations;
mod csv;
mod json;
mod overview;

use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::SCHEMA;
use crate::cli::args::parse_tag;
use crate::cli::report::{error_json, told_as_json};
use crate::cli::{Context, Done, session};
use crate::config::Paths;
use crate::cost::range::{Range, RangeError, local};
use crate::cost::report::{By, Draft, Filter, Query, Report, Sort};
use crate::cost::spent::{QUARTER_MS, Spending};
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::ui::compare::{Page, Palette};
use crate::ui::cost as shown;

/// Arguments.
#[derive(Debug, Default, PartialEq, clap::Args)]
#[group(skip)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags")]
pub struct Args {
    /// Begin here: 7d, today, month, 2026-11; else 30 days
    ///
    /// Also 36h, yesterday, week, 2026-W44, 2026-11-01 or 2026-11-01T10:00. A day, week or month begins in your time zone (`TZ`
    /// sets another one). Times are whole quarters of an hour: the one that is under way counts whole.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// End here; of a day, week or month, at its end
    ///
    /// `--since 2026-10 --until 2026-10` is all of October.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Tell apart by day, week, month, hour, model, …
    ///
    /// Also provider, route, command, project, conversation, tag (all tags together) and tag:NAME (the value of one), and several of
    /// them: `--by day,model`.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    by: Vec<By>,
    /// Show the first N rows, the rest as one
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Order by cost, requests, tokens or name
    #[arg(long, value_name = "ORDER", value_enum, hide_possible_values = true)]
    sort: Option<Order>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Print one JSON object
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a table for spreadsheets (RFC 4180)
    #[arg(long)]
    csv: bool,
    /// Draw no bars
    #[arg(long)]
    no_chart: bool,
    /// Draw bars and rules with ASCII
    #[arg(long)]
    ascii: bool,
}

/// Who counts.
#[derive(Debug, Default, PartialEq, clap::Args)]
struct FilterArgs {
    /// Count this model alone, such as openai/gpt-5.4-mini
    #[arg(long, value_name = "MODEL")]
    model: Vec<String>,
    /// Count this provider alone
    #[arg(long, value_name = "NAME")]
    provider: Vec<String>,
    /// Count this route alone
    #[arg(long, value_name = "NAME")]
    route: Vec<String>,
    /// Count this command alone, or imports from there
    #[arg(long, value_name = "NAME")]
    command: Vec<String>,
    /// Count this project alone: its path or the end of it
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
    /// Count requests with this tag alone
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    tag: Vec<(String, String)>,
    /// Count imports: yes (them alone), no or all
    #[arg(
        long,
        value_name = "WHICH",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    imported: Imported,
}

/// In which order rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Order {
    Cost,
    Requests,
    Tokens,
    Name,
}

/// Whether imports count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Imported {
    Yes,
    No,
    #[default]
    All,
}

impl FilterArgs {
    fn filter(&self) -> Filter {
        Filter {
            models: self.model.clone(),
            providers: self.provider.clone(),
            routes: self.route.clone(),
            commands: self.command.clone(),
            projects: self.project.clone(),
            tags: self.tag.clone(),
            imported: match self.imported {
                Imported::Yes => Some(true),
                Imported::No => Some(false),
                Imported::All => None,
            },
        }
    }
}

impl From<Order> for Sort {
    fn from(order: Order) -> Self {
        match order {
            Order::Cost => Self::Cost,
            Order::Requests => Self::Requests,
            Order::Tokens => Self::Tokens,
            Order::Name => Self::Name,
        }
    }
}

/// What is asked for, and of whom.
struct Asked<'run> {
    args: &'run Args,
    query: Query,
    now: Timestamp,
    ledger: &'run Ledger,
    context: &'run Context,
}

/// Runs the action.
pub fn run(args: &Args, context: &mut Context) -> Done {
    // Needs no settings: what was spent can be looked up also while the configuration is broken.
    let mut ledger = session::ledger_to_read(&Paths::new(&context.environment), context.sim.is_some());
    let done = asked(args, context, &ledger).and_then(|asked| asked.answer());
    if let Some(warning) = ledger.take_warning() {
        context.ui.warn(&warning);
    }
    if args.json { told_as_json(done, |error| error_json(SCHEMA, error), &context.ui) } else { done }
}

fn asked<'run>(args: &'run Args, context: &'run Context, ledger: &'run Ledger) -> Result<Asked<'run>, Error> {
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let range = range(args, now, &zone)?;
    let mut by = args.by.clone();
    by.dedup();
    let (top, sort) = (args.top, args.sort.map_or(Sort::Usual, Sort::from));
    let query = Query { range, by, filter: args.filter.filter(), top, sort, zone };
    Ok(Asked { args, query, now, ledger, context })
}

fn range(args: &Args, now: Timestamp, zone: &TimeZone) -> Result<Range, Error> {
    let wrong = |error: RangeError| {
        let (since, until) = (args.since.as_deref(), args.until.as_deref());
        let place = match &error {
            RangeError::Unreadable(text) if since != Some(text) => "`--until`",
            RangeError::Unreadable(_) => "`--since`",
            RangeError::Backwards => "the time",
        };
        let error = Error::new(ErrorKind::Usage, format!("{place}: {error}"));
        if matches!(place, "the time") && until.is_none() { error.hint("without `--until` it ends now") } else { error }
    };
    Range::read(args.since.as_deref(), args.until.as_deref(), now, zone).map_err(wrong)
}

impl Asked<'_> {
    fn answer(&self) -> Done {
        if self.query.by.contains(&By::Conversation) {
            return self.told(&conversations::report(self)?);
        }
        if self.query.by.is_empty() && !self.args.json && !self.args.csv {
            return overview::show(self);
        }
        let mut query = self.query.clone();
        if query.by.is_empty() {
            query.by.push(overview::unit(query.range));
        }
        let report = self.draft(&query)?.finish();
        Asked { query, ..*self }.told(&report)
    }

    /// What the ledger has of that, sums and requests.
    fn draft<'query>(&self, query: &'query Query) -> Result<Draft<'query>, Error> {
        let range = query.range.milliseconds();
        let begin = |spenders| Draft::begin(&spenders, query);
        let mut draft = self.ledger.read_spending(range.clone(), begin, |draft, cell| draft.add(&cell))?;
        self.ledger.requests(range, &mut |request| draft.sample(&request))?;
        Ok(draft)
    }

    fn spending(&self, range: Range) -> Result<Spending, Error> {
        Ok(self.ledger.spending(range.milliseconds())?)
    }

    /// Tells a report as it was asked for.
    fn told(&self, report: &Report) -> Done {
        let ui = &self.context.ui;
        if self.args.json {
            let simulated = self.context.sim.is_some();
            let object = json::object(report, &self.query, simulated).map_err(io::Error::from)?;
            return Ok(ui.out_clean(&format!("{object}\n"))?);
        }
        if self.args.csv {
            return Ok(ui.out_clean(&csv::table(report, &self.query)?)?);
        }
        if report.total.sums.requests == 0 {
            return self.nothing();
        }
        let page = self.page();
        let table = shown::table(report, &self.query.by, !self.args.no_chart, &page);
        ui.out(&format!("{}\n{table}\n{}", self.heading(&page), shown::remarks(report, &page)))?;
        Ok(())
    }

    /// The time, and who counts.
    fn heading(&self, page: &Page) -> String {
        let simulated = self.context.sim.is_some().then(|| "simulated: no money was spent".to_owned());
        let words = [self.query.range.words(&self.query.zone)].into_iter().chain(simulated);
        shown::heading(&words.chain(self.query.filter.words()).collect::<Vec<_>>(), page)
    }

    fn page(&self) -> Page {
        let (ui, environment) = (&self.context.ui, &self.context.environment);
        Page {
            width: ui.stdout_is_terminal.then(|| ui.width()),
            palette: ui.color_out.then(|| Palette::detect(|name| environment.get(name))),
            is_ascii: self.args.ascii || environment.get("TERM") == Some("dumb"),
        }
    }

    /// Says that nothing was spent, and where to look.
    fn nothing(&self) -> Done {
        let ui = &self.context.ui;
        let ever =
            self.spending(Range { since_ms: 0, until_ms: self.query.range.until_ms.max(self.now.as_millisecond()) })?;
        let Some(last) = ever.cells.iter().map(|cell| cell.quarter).max() else {
            ui.note("nothing was spent yet: the ledger is empty");
            ui.note("`llmx complete \"Why is the sky blue?\"` asks a model, `llmx cost import` reads the logs of other tools");
            return Ok(());
        };
        let who = match self.query.filter.words().join(", ") {
            words if words.is_empty() => words,
            words => format!(" ({words})"),
        };
        ui.note(&format!("nothing was spent from {}{who}", self.query.range.words(&self.query.zone)));
        let day = local(last.saturating_mul(QUARTER_MS), &self.query.zone).date();
        if self.query.range.holds(last.saturating_mul(QUARTER_MS)) {
            ui.note("`llmx cost --by model,route,command` shows who spent");
        } else {
            ui.note(&format!("the last request was on {day}: `llmx cost --since {day}`"));
        }
        Ok(())
    }
}
