//! Keys and addresses of the providers that are in use, and of those whose keys are found besides: each is asked for its list of
//! models, all at once.

use std::collections::BTreeSet;

use super::NETWORK;
use super::finding::Finding;
use crate::cli::Context;
use crate::cli::contact::{Asked, Meaning, Whom, ask_all, in_use, listening, whom};
use crate::cli::session::Session;
use crate::config::keys::key_state;
use crate::config::resolve::nothing_usable;
use crate::error::{Error, ErrorKind};
use crate::provider::{KeyState, TargetId};
use crate::ui::checklist::Mark;

const KEYS: &str = "keys";
const ENDPOINTS: &str = "endpoints";

/// How they are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Nobody is asked.
    pub offline: bool,
    /// The settings are whole: nothing of them is left out because it is wrong.
    pub is_whole: bool,
}

/// Whoever was asked, with what came of it.
#[derive(Debug, Default)]
pub struct Seen {
    /// All of them.
    pub asked: Vec<Asked>,
    /// The names of those that are in use; what fails of the others is no trouble.
    pub used: BTreeSet<String>,
}

impl Seen {
    /// What a failure of one of them is: trouble, or a warning when it is not in use.
    pub fn failure(&self, asked: &Asked, area: &'static str, kind: ErrorKind) -> Finding {
        let words = asked.words();
        let finding = if self.used.contains(&asked.whom.provider.name) {
            Finding::trouble(area, kind, words)
        } else {
            Finding::warning(area, format!("{words} (not in use: it is asked only when it is named)"))
        };
        match asked.remedy() {
            Some(remedy) => finding.remedy(remedy),
            None => finding,
        }
    }
}

/// Asks them, and says what came of it.
pub async fn check(
    look: Look,
    session: &Session,
    context: &Context,
    findings: &mut Vec<Finding>,
) -> Result<Seen, Error> {
    let (settings, environment) = (&session.settings, &session.environment);
    let mut used = in_use(settings, environment, &session.catalog);
    if !look.offline {
        used.extend(listening(settings).await);
    }
    let mut all = whom(settings, environment, &used);
    findings.extend(nobody(look, &all, session));
    if look.offline {
        findings.extend(besides(&used, session));
        findings.extend(all.iter().filter_map(untried));
        return Ok(Seen::default());
    }
    let spare = spare(&used, session);
    findings.extend(besides(&used.union(&spare).cloned().collect(), session));
    all.extend(whom(settings, environment, &spare));
    let seen = Seen { asked: ask_all(session, all, &context.ui).await?, used };
    for asked in &seen.asked {
        findings.extend(outcome(asked, &seen));
    }
    Ok(seen)
}

/// Those that could answer unasked if no `default` was set. The fleet has a key for everybody, which says nothing.
fn spare(used: &BTreeSet<String>, session: &Session) -> BTreeSet<String> {
    let found = session.settings.unasked(&session.environment).filter(|_| !session.simulated());
    found.map(|(provider, ..)| provider.name.clone()).filter(|name| !used.contains(name)).collect()
}

/// There is nobody to talk to, or that cannot be told.
fn nobody(look: Look, whom: &[Whom], session: &Session) -> Option<Finding> {
    let can = |target: &TargetId| whom.iter().any(|whom| whom.provider.name == target.provider);
    let finding = match session.usual_policy().ok()? {
        Some(policy) if policy.named().any(can) => return None,
        None if !whom.is_empty() => return None,
        _ if !look.is_whole => {
            let text = "whether there is a model to talk to cannot be told while the configuration is broken";
            return Some(Finding::skipped(KEYS, text));
        }
        Some(policy) => {
            let text = format!("no model of `{}` ({}) has a key", policy.route, policy.origin);
            Finding::trouble(KEYS, ErrorKind::Auth, text)
        }
        None if look.offline => {
            let text = "no `default` is set and no key is in the environment; local servers are not looked for offline";
            Finding::warning(KEYS, text)
        }
        None => Finding::trouble(KEYS, ErrorKind::Config, nothing_usable().message),
    };
    Some(finding.remedy("llmx init"))
}

/// Keys that were found, serve only when their provider is named, and are not tried.
fn besides(tried: &BTreeSet<String>, session: &Session) -> Option<Finding> {
    if session.simulated() {
        return None;
    }
    let others = session.settings.providers.iter().filter(|provider| !tried.contains(&provider.name));
    let found = others.filter_map(|provider| match key_state(provider, &session.environment) {
        KeyState::Present(place) => Some(format!("{} ({place})", provider.name)),
        _ => None,
    });
    let found: Vec<String> = found.collect();
    let text = || format!("also found, and asked only when they are named: {}", found.join(", "));
    (!found.is_empty()).then(|| Finding::ok(KEYS, text()))
}

fn untried(whom: &Whom) -> Option<Finding> {
    let place = &whom.mark.as_ref()?.place;
    Some(Finding::ok(KEYS, format!("{}: a key is to be had from {place}; it is not tried offline", whom.provider.name)))
}

/// What an answer shows of the key, and of the address.
fn outcome(asked: &Asked, seen: &Seen) -> Vec<Finding> {
    let provider = &asked.whom.provider;
    let reached = || {
        let text =
            format!("{}: {} answers in {:.2}s", provider.name, provider.base_url, asked.contact.time.as_secs_f64());
        Finding::ok(ENDPOINTS, text)
    };
    match asked.meaning() {
        None if seen.used.contains(&provider.name) => vec![Finding::ok(KEYS, asked.words()), reached()],
        None => vec![Finding::ok(KEYS, format!("{}; it is asked only when it is named", asked.words())), reached()],
        Some(Meaning::Key) => vec![seen.failure(asked, KEYS, ErrorKind::Auth)],
        Some(Meaning::Network) => vec![seen.failure(asked, ENDPOINTS, NETWORK)],
        Some(Meaning::Passing) => {
            let mut finding = seen.failure(asked, ENDPOINTS, NETWORK);
            finding.point.mark = Mark::Warning;
            vec![finding]
        }
        // Told where certificates are looked at.
        Some(Meaning::Certificate) => Vec::new(),
    }
}
