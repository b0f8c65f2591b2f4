//! Hard limits: what takes a target out before any strategy looks at it. Each limit is one function that names its
//! [`Rejection`].

use jiff::Timestamp;

use super::{Chosen, Demand, Rejection, media};
use crate::catalog::Kind;
use crate::provider::{KeyState, Target};
use crate::wire::Features;

/// The ability that no request can do without.
pub const CHAT: &str = "chat";

/// The first reason not to try this target, if there is one.
///
/// `features` are those of its wire format; `None` when they are not known.
pub fn reject(demand: &Demand<'_>, target: &Target, features: Option<Features>) -> Option<Rejection> {
    const LIMITS: &[Limit] = &[key, parameters, chat, tools, media::reject, window_size];
    LIMITS.iter().find_map(|limit| limit(demand, target, features))
}

type Limit = fn(&Demand<'_>, &Target, Option<Features>) -> Option<Rejection>;

/// What to know of a target that is in.
pub fn remarks(target: &Target, now: Timestamp) -> Vec<Chosen> {
    let mut remarks = vec![Chosen::InOrder];
    let Some(model) = target.model.as_deref() else {
        remarks.push(Chosen::NotInCatalogue);
        return remarks;
    };
    if let Some(day) = &model.deprecates {
        let today = now.to_string();
        // Both are ISO dates, so their text sorts like their time.
        let over = today.as_str() >= day.as_str();
        remarks.push(if over { Chosen::Ended { day: day.clone() } } else { Chosen::Ends { day: day.clone() } });
    }
    remarks
}

/// The tokens that a prompt may have, where known.
pub fn window(target: &Target) -> Option<u64> {
    let model = target.model.as_deref()?;
    // Both may be set, and the user may have lowered either.
    model.max_input.into_iter().chain(model.context).min()
}

fn key(_: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    match &target.key {
        KeyState::Missing(tried) => Some(Rejection::KeyMissing { tried: tried.clone() }),
        KeyState::NotNeeded | KeyState::Present(_) => None,
    }
}

fn parameters(_: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    let (name, tried) = target.provider.missing.first()?;
    Some(Rejection::ParameterMissing { name: name.clone(), tried: tried.clone() })
}

fn chat(_: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    let model = target.model.as_deref()?;
    if model.kind != Kind::Chat {
        return Some(Rejection::AbilityMissing { ability: CHAT });
    }
    let responses_only = model.responses_only && target.wire() == "openai-chat";
    responses_only.then_some(Rejection::AbilityMissing { ability: "chat completions; it has the Responses API only" })
}

fn tools(demand: &Demand<'_>, target: &Target, features: Option<Features>) -> Option<Rejection> {
    if demand.request.tools.is_empty() {
        return None;
    }
    if features.is_some_and(|features| !features.tools) {
        return Some(Rejection::NoPlace { wire: target.wire().to_owned(), what: "tools" });
    }
    let lacks = target.model.as_deref()?.abilities.tools == Some(false);
    lacks.then_some(Rejection::AbilityMissing { ability: "tools" })
}

/// Rests on the sure lower bound of the prompt's tokens: an estimate may be wrong, and a provider's own answer is exact.
fn window_size(demand: &Demand<'_>, target: &Target, _: Option<Features>) -> Option<Rejection> {
    let (needed, window) = (super::tokens(demand, target).at_least, window(target)?);
    (needed > window).then_some(Rejection::WindowTooSmall { needed, window })
}
