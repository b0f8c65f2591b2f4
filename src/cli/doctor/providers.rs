//! Keys and addresses of the providers that are in use: each is asked for its list of models, all at once.

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

/// Asks them, and says what came of it.
pub async fn check(
    look: Look,
    session: &Session,
    context: &Context,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Asked>, Error> {
    let (settings, environment) = (&session.settings, &session.environment);
    let mut used = in_use(settings, environment, &session.catalog);
    if !look.offline {
        used.extend(listening(settings).await);
    }
    let whom = whom(settings, environment, &used);
    findings.extend(nobody(look, &whom, session));
    findings.extend(besides(&used, session));
    if look.offline {
        findings.extend(whom.iter().filter_map(unasked));
        return Ok(Vec::new());
    }
    let asked = ask_all(session, whom, &context.ui).await?;
    for asked in &asked {
        findings.extend(outcome(asked));
    }
    Ok(asked)
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

/// Keys that were found and serve only when their provider is named.
fn besides(used: &BTreeSet<String>, session: &Session) -> Option<Finding> {
    if session.simulated() {
        return None;
    }
    let others = session.settings.providers.iter().filter(|provider| !used.contains(&provider.name));
    let found = others.filter_map(|provider| match key_state(provider, &session.environment) {
        KeyState::Present(place) => Some(format!("{} ({place})", provider.name)),
        _ => None,
    });
    let found: Vec<String> = found.collect();
    let text = || format!("also found, and asked only when they are named: {}", found.join(", "));
    (!found.is_empty()).then(|| Finding::ok(KEYS, text()))
}

fn unasked(whom: &Whom) -> Option<Finding> {
    let place = &whom.mark.as_ref()?.place;
    Some(Finding::ok(KEYS, format!("{}: a key is to be had from {place}; it is not tried offline", whom.provider.name)))
}

/// What an answer shows of the key, and of the address.
fn outcome(asked: &Asked) -> Vec<Finding> {
    let provider = &asked.whom.provider;
    let reached = || {
        let text =
            format!("{}: {} answers in {:.2}s", provider.name, provider.base_url, asked.contact.time.as_secs_f64());
        Finding::ok(ENDPOINTS, text)
    };
    let told = |finding: Finding| match asked.remedy() {
        Some(remedy) => finding.remedy(remedy),
        None => finding,
    };
    match asked.meaning() {
        None => vec![Finding::ok(KEYS, asked.words()), reached()],
        Some(Meaning::Key) => vec![told(Finding::trouble(KEYS, ErrorKind::Auth, asked.words()))],
        Some(Meaning::Network) => vec![told(Finding::trouble(ENDPOINTS, NETWORK, asked.words()))],
        Some(Meaning::Passing) => vec![told(Finding::warning(ENDPOINTS, asked.words()))],
        // Told where certificates are looked at.
        Some(Meaning::Certificate) => Vec::new(),
    }
}
