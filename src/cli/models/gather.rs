//! Which providers are meant, and their models: the catalogue's, the provider's own list, or both laid together.

use std::collections::HashSet;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::ListArgs;
use crate::catalog::{Abilities, Kind, Model};
use crate::cli::session::{LOCAL_LIMIT, Session};
use crate::config::keys::key_state;
use crate::config::local::{local_candidates, probe};
use crate::config::resolve::nothing_usable;
use crate::config::show::is_at_hand;
use crate::config::suggest::nearest;
use crate::error::{Error, ErrorKind};
use crate::exec::NO_KEY;
use crate::exec::list::list;
use crate::failure::{Failure, FailureClass};
use crate::provider::{KeyState, Provider};
use crate::wire::models::{Listed, Sort, of};

/// How long a provider may take for a page of its list.
const LIMIT: Duration = Duration::from_secs(20);

/// One model as it is shown.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name in `provider/model`.
    pub provider: String,
    /// What is known of it; its `id` is what goes on the wire.
    pub model: Model,
    /// Whether its provider can be asked for answers: it has a row, built in or the user's.
    pub usable: bool,
    /// The user's file has an entry of it.
    pub is_users: bool,
    /// What the provider's own list says.
    pub live: Option<Live>,
}

/// A catalogue's model beside the provider's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// It is listed.
    Listed,
    /// It is listed, and the catalogue does not know it.
    New,
    /// The catalogue knows it, and it is not listed.
    Gone,
}

impl Row {
    /// `provider/model`, as `-m` takes it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.provider, self.model.id)
    }

    fn is_retired(&self) -> bool {
        self.model.status.as_deref() == Some("retired")
    }

    /// Chat first, embeddings last; what ends comes after what stays.
    fn order(&self) -> (bool, bool, String) {
        let ends = self.model.status.as_deref().is_some_and(|status| status != "beta");
        (self.model.kind == Kind::Embedding, ends, self.model.id.clone())
    }
}

/// A provider that was asked for its list and gave none.
#[derive(Debug)]
pub struct Unanswered {
    /// Its name.
    pub provider: String,
    /// Why.
    pub failure: Failure,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The models, provider by provider.
    pub rows: Vec<Row>,
    /// The providers that were meant.
    pub names: Vec<String>,
    /// Providers of which nothing is known without asking.
    pub unlisted: Vec<String>,
    /// Providers that were to be asked and have no list.
    pub listless: Vec<String>,
    /// Listed models that are neither for text nor for vectors.
    pub others: usize,
    /// Providers that were asked in vain.
    pub unanswered: Vec<Unanswered>,
}

impl Gathered {
    /// Takes retired models away, and says how many.
    pub fn leave_out_retired(&mut self) -> usize {
        let before = self.rows.len();
        self.rows.retain(|row| !row.is_retired() || row.live == Some(Live::Listed));
        before - self.rows.len()
    }
}

/// A provider whose models are wanted.
struct Chosen {
    name: String,
    /// Its name in the catalogue.
    catalog: String,
    /// Its row; `None` for a name that only the catalogue knows.
    provider: Option<Arc<Provider>>,
    ask: bool,
}

/// Finds the models that the arguments ask for.
pub async fn gather(args: &ListArgs, session: &Session) -> Result<Gathered, Error> {
    let chosen = chosen(args, session).await?;
    let asked = chosen.iter().map(|chosen| async {
        match &chosen.provider {
            Some(provider) if chosen.ask && of(provider).is_some() => Some(ask(provider, session).await),
            _ => None,
        }
    });
    let lists = join_all(asked).await;
    let mut gathered = Gathered::default();
    for (chosen, listed) in chosen.into_iter().zip(lists) {
        if chosen.ask && listed.is_none() {
            gathered.listless.push(chosen.name.clone());
        }
        let listed = match listed {
            Some(Ok(listed)) => Some(listed),
            Some(Err(failure)) => {
                gathered.unanswered.push(Unanswered { provider: chosen.name.clone(), failure });
                None
            }
            None => None,
        };
        take(&chosen, listed, args, session, &mut gathered);
        gathered.names.push(chosen.name);
    }
    Ok(gathered)
}

/// The providers that the arguments mean, each once.
async fn chosen(args: &ListArgs, session: &Session) -> Result<Vec<Chosen>, Error> {
    let settings = &session.settings;
    let known = |provider: &Arc<Provider>| Chosen {
        name: provider.name.clone(),
        catalog: provider.catalog.clone(),
        // The catalogue does not know what runs on this machine, and the fleet answers at once.
        ask: args.live || provider.local || session.simulated(),
        provider: Some(Arc::clone(provider)),
    };
    let unknown = |name: &str| Chosen { name: name.to_owned(), catalog: name.to_owned(), provider: None, ask: false };
    let listed = session.catalog.providers();
    if !args.providers.is_empty() {
        let mut found: Vec<Chosen> = Vec::new();
        for name in &args.providers {
            let name = name.trim_end_matches('/');
            let chosen = match settings.provider(name) {
                Some(provider) => known(provider),
                None if listed.iter().any(|known| known == name) => unknown(name),
                None => return Err(no_provider(name, session, &listed)),
            };
            if found.iter().all(|other| other.name != chosen.name) {
                found.push(chosen);
            }
        }
        return Ok(found);
    }
    let mut local = HashSet::new();
    for (provider, port) in local_candidates(settings) {
        if probe(port).await {
            local.insert(provider.name.clone());
        }
    }
    let at_hand = |provider: &Provider| {
        local.contains(&provider.name) || (!provider.local && is_at_hand(settings, &session.environment, provider))
    };
    let mut found: Vec<Chosen> = settings.providers.iter().filter(|provider| at_hand(provider)).map(known).collect();
    if args.all {
        let others = settings.providers.iter().filter(|provider| !at_hand(provider) && !provider.local);
        // Without a key there is nobody to ask.
        found.extend(others.map(|provider| Chosen { ask: false, ..known(provider) }));
        let rows: HashSet<String> = settings.providers.iter().map(|provider| provider.catalog.clone()).collect();
        found.extend(listed.iter().filter(|name| !rows.contains(*name)).map(|name| unknown(name)));
    }
    if found.is_empty() {
        let nothing = nothing_usable();
        let error = Error::new(ErrorKind::Config, nothing.message.replace("no `default` is set, ", ""));
        let error = error.hint("see the whole catalogue with `llmx models --all`");
        return Err(nothing.hints.into_iter().fold(error, Error::hint));
    }
    Ok(found)
}

fn no_provider(name: &str, session: &Session, listed: &[String]) -> Error {
    let known = session.settings.providers.iter().map(|provider| provider.name.as_str());
    let near = nearest(name, known.chain(listed.iter().map(String::as_str)));
    let hint = near.map_or_else(
        || "`llmx config show --all` lists the providers".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Error::new(ErrorKind::Usage, format!("unknown provider `{name}`")).hint(hint)
}

async fn ask(provider: &Provider, session: &Session) -> Result<Vec<Listed>, Failure> {
    let no_key = |message: String| Failure::new(FailureClass::Auth, NO_KEY, message);
    if let KeyState::Missing(tried) = key_state(provider, &session.environment) {
        return Err(no_key(format!("there is no key: looked in {}", tried.join(", "))));
    }
    if let Some((name, tried)) = provider.missing.first() {
        return Err(no_key(format!("its `{name}` is not set: looked in {}", tried.join(", "))));
    }
    let key = session.key_of(provider).await?;
    list(&session.transport, provider, key.as_ref(), if provider.local { LOCAL_LIMIT } else { LIMIT }).await
}

/// Adds a provider's models, with what its own list tells.
fn take(chosen: &Chosen, listed: Option<Vec<Listed>>, args: &ListArgs, session: &Session, gathered: &mut Gathered) {
    let catalog = &session.catalog;
    let row = |model: Model, live: Option<Live>| Row {
        provider: chosen.name.clone(),
        usable: chosen.provider.is_some(),
        is_users: catalog.is_users(&chosen.catalog, &model.id),
        model,
        live,
    };
    let local = chosen.provider.as_ref().is_some_and(|provider| provider.local);
    let mut rows: Vec<Row> = match listed {
        None if local => Vec::new(),
        None => catalog.models(&chosen.catalog).map(|model| row(model, None)).collect(),
        Some(listed) => {
            let mut known = HashSet::new();
            let mut rows = Vec::new();
            for Listed { model, sort } in listed {
                let facts = catalog.find(&chosen.catalog, &model.id);
                if facts.is_none() && sort == Sort::Other {
                    gathered.others += 1;
                    continue;
                }
                let live = if facts.is_some() { Live::Listed } else { Live::New };
                known.extend(facts.as_ref().map(|facts| facts.id.clone()));
                rows.push(row(laid_together(facts, model), (args.live && !local).then_some(live)));
            }
            if args.live && !local && !session.simulated() {
                let gone = catalog.models(&chosen.catalog).filter(|model| !known.contains(&model.id));
                rows.extend(gone.map(|model| row(model, Some(Live::Gone))));
            }
            rows
        }
    };
    if rows.is_empty() && !chosen.ask {
        gathered.unlisted.push(chosen.name.clone());
    }
    rows.sort_by_cached_key(Row::order);
    gathered.rows.extend(rows);
}

/// The catalogue's facts, and where it is silent the list's, under the id that was listed.
fn laid_together(facts: Option<Model>, listed: Model) -> Model {
    let Some(facts) = facts else { return listed };
    let (known, told) = (facts.abilities, listed.abilities);
    Model {
        id: listed.id,
        context: facts.context.or(listed.context),
        max_output: facts.max_output.or(listed.max_output),
        deprecates: facts.deprecates.or(listed.deprecates),
        pricing: facts.pricing.or(listed.pricing),
        abilities: Abilities {
            tools: known.tools.or(told.tools),
            json_schema: known.json_schema.or(told.json_schema),
            reasoning: known.reasoning.or(told.reasoning),
            vision: known.vision.or(told.vision),
            pdf: known.pdf.or(told.pdf),
            ..known
        },
        ..facts
    }
}

/// Waits for all at once, on this thread.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    let all = std::future::poll_fn(|context| {
        for (future, output) in waiting.iter_mut().zip(&mut outputs).filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(done) = future.as_mut().poll(context) {
                *output = Some(done);
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    });
    pin!(all).await;
    outputs.into_iter().flatten().collect()
}
