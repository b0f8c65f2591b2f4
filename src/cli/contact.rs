//! Providers asked, all at once, whether they can be reached and take their keys; in words.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::alerts::join;
use super::report::failure_words;
use super::session::Session;
use super::signal::Interrupt;
use crate::catalog::Catalog;
use crate::config::keys::{key_state, marks};
use crate::config::local::{local_candidates, probe};
use crate::config::{Environment, Settings};
use crate::error::Error;
use crate::exec::NO_KEY;
use crate::exec::contact::{Contact, Listing, Reached, contact};
use crate::failure::{Failure, FailureClass};
use crate::provider::{KeyMark, KeySource, KeyState, Provider};
use crate::route::{Origin, Policy};
use crate::ui::{Ui, counted};

/// How long a provider may take for a page of its list.
const LIMIT: Duration = Duration::from_secs(8);

/// Whom to ask, and with which key.
#[derive(Clone, Debug)]
pub struct Whom {
    /// The provider.
    pub provider: Arc<Provider>,
    /// Where its key comes from; `None` when it takes none.
    pub mark: Option<KeyMark>,
}

/// Whoever was asked, with what came of it.
#[derive(Debug)]
pub struct Asked {
    /// Who.
    pub whom: Whom,
    /// What.
    pub contact: Contact,
}

/// What is to be thought of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The key is missing or wrong.
    Key,
    /// The certificate is not trusted.
    Certificate,
    /// Nobody can be reached there.
    Network,
    /// It answers, and the request for a list came to nothing.
    Passing,
}

/// The providers that could be asked unnamed, those of routes and aliases, and those that somebody has configured.
pub fn in_use(settings: &Settings, environment: &Environment, catalog: &Catalog) -> BTreeSet<String> {
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let origin = || Origin::BuiltIn;
    let named = settings.routes.keys().chain(settings.aliases.keys());
    let named = named.filter_map(|name| settings.resolve(name, origin(), environment, &lookup).ok());
    let usual = settings.default_policy(environment, &lookup).ok().flatten();
    let routed: Vec<Policy> = usual.into_iter().chain(named).collect();
    let configured = settings.origins.iter().filter(|(_, origin)| matches!(origin, Origin::File { .. }));
    let configured = configured.filter_map(|(key, _)| key.strip_prefix("providers.")?.split('.').next());
    let routed = routed.iter().flat_map(Policy::named).map(|target| target.provider.as_str());
    routed.chain(configured).map(|name| name.trim_matches('"').to_owned()).collect()
}

/// Model servers of this machine that answer on their ports.
pub async fn listening(settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    for (provider, port) in local_candidates(settings) {
        if probe(port).await {
            found.push(provider.name.clone());
        }
    }
    found
}

/// Those of these providers that can be asked, once for each of their keys.
pub fn whom(settings: &Settings, environment: &Environment, names: &BTreeSet<String>) -> Vec<Whom> {
    let mut whom = Vec::new();
    let complete = |provider: &&Arc<Provider>| names.contains(&provider.name) && provider.missing.is_empty();
    for provider in settings.providers.iter().filter(complete) {
        let of_mark = |mark| Whom { provider: Arc::clone(provider), mark };
        match key_state(provider, environment) {
            KeyState::Present(_) => whom.extend(marks(provider, environment).into_iter().map(Some).map(of_mark)),
            KeyState::NotNeeded => whom.push(of_mark(None)),
            KeyState::Missing(_) => {}
        }
    }
    whom
}

/// Asks all of them at once, and shows that it waits. An interruption is an error.
pub async fn ask_all(session: &Session, all: Vec<Whom>, ui: &Ui) -> Result<Vec<Asked>, Error> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut interrupt = Interrupt::install()?;
    let names = all.iter().map(|whom| whom.provider.name.as_str()).collect::<BTreeSet<_>>();
    ui.wait_for(&format!("asking {}", names.into_iter().collect::<Vec<_>>().join(", ")));
    let asked = join(all.into_iter().map(|whom| Box::pin(ask(session, whom))).collect());
    let asked = tokio::select! {
        asked = asked => Some(asked),
        () = interrupt.wait() => None,
    };
    ui.stop_waiting();
    asked.ok_or_else(|| Error::interrupted(interrupt.exit_code()))
}

async fn ask(session: &Session, whom: Whom) -> Asked {
    let contact = match session.key_of_mark(&whom.provider, whom.mark.as_ref()).await {
        Ok(key) => contact(&session.transport, &whom.provider, key.as_ref(), LIMIT).await,
        Err(failure) => Contact { answer: Err(failure), clock_ahead: None, time: Duration::ZERO },
    };
    Asked { whom, contact }
}

impl Whom {
    /// Its key in words; `None` when it takes none.
    fn key(&self) -> Option<String> {
        let mark = self.mark.as_ref()?;
        let is_only = matches!(self.provider.keys.as_slice(), [KeySource::Literal(_)]);
        Some(if is_only { "its key".to_owned() } else { format!("the key from {}", mark.place) })
    }
}

impl Asked {
    /// What came of it, in a sentence that begins with the provider's name.
    pub fn words(&self) -> String {
        let name = &self.whom.provider.name;
        let key = self.whom.key();
        match (&self.contact.answer, key) {
            (Ok(Reached::Key(listing)), Some(key)) => format!("{name}: {key} works, {}", count(listing)),
            (Ok(Reached::Key(listing) | Reached::Open(listing)), None) => {
                format!("{name}: answers, {}", count(listing))
            }
            (Ok(Reached::Open(listing)), Some(key)) => {
                format!(
                    "{name}: answers, {} for everybody, so {key} is not tried before a model is asked",
                    count(listing)
                )
            }
            (Ok(Reached::Unlisted), Some(key)) => {
                format!("{name}: answers; {key} is not tried before a model is asked")
            }
            (Ok(Reached::Unlisted), None) => format!("{name}: answers"),
            (Err(failure), _) => format!("{name}: {}", failure_words(failure)),
        }
    }

    /// What is to be thought of its failure, if it is one.
    pub fn meaning(&self) -> Option<Meaning> {
        self.contact.answer.as_ref().err().map(meaning)
    }

    /// What to do about its failure.
    pub fn remedy(&self) -> Option<String> {
        let provider = &self.whom.provider;
        let set = format!("llmx config set providers.{}.api_key -", provider.name);
        Some(match self.meaning()? {
            Meaning::Key => match &provider.keys_url {
                Some(url) => format!("{set}   (a new key is to be had at {url})"),
                None => set,
            },
            Meaning::Certificate => {
                "export SSL_CERT_FILE=/path/to/ca.pem   (the authority that signed the server's or the proxy's certificate)"
                    .to_owned()
            }
            Meaning::Network if provider.local => format!("is {} running? It is looked for at its address", provider.title),
            Meaning::Network => format!("curl -sSI {}", provider.base_url),
            Meaning::Passing => format!("llmx health --probe {}", provider.name),
        })
    }
}

fn meaning(failure: &Failure) -> Meaning {
    use FailureClass as C;
    match failure.class {
        C::Auth | C::Permission => Meaning::Key,
        // What failed without a key is the request for one.
        _ if failure.rule == NO_KEY => Meaning::Key,
        C::Tls => Meaning::Certificate,
        C::Network | C::TimeoutConnect | C::TimeoutAttempt | C::Redirect | C::Protocol => Meaning::Network,
        _ => Meaning::Passing,
    }
}

fn count(listing: &Listing) -> String {
    let more = if listing.more { "more than " } else { "" };
    format!("{more}{}", counted(listing.models.len(), "model"))
}
