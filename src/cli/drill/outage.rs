//! What goes wrong in a drill: the table of outages, and whom each of them hits at once.

use std::time::Duration;

use super::clock::Lapse;
use super::rehearse::Scene;
use crate::config::keys::place;
use crate::provider::{KeyMark, KeySource, KeyState, Target};
use crate::sim::Fault;
use crate::sim::fault::RetryAfter;

/// An outage that is rehearsed.
#[derive(Debug)]
pub struct Outage {
    /// Its name for `--fault`.
    pub name: &'static str,
    /// What happens, as half a sentence.
    pub does: &'static str,
    /// The fault of the fleet.
    pub fault: Fault,
    /// How a limit of time is what ends it, if one is.
    pub silence: Silence,
    /// Who has it together.
    reach: Reach,
}

/// Where a provider falls silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nowhere: it fails at once.
    Never,
    /// Before anything came.
    First,
    /// In the middle of its answer.
    Middle,
}

/// What providers share that have an outage together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The host of their addresses.
    Host,
    /// The key.
    Key,
}

/// Tokens that come before an answer breaks.
const BEFORE: usize = 5;
/// How long a rate limit asks to be left alone.
const ASKED: RetryAfter = RetryAfter::Seconds(Duration::from_secs(30));

/// All outages, in the order in which they are shown.
pub const OUTAGES: &[Outage] = &[
    row("down", "it answers 503", Fault::Unavailable, Silence::Never, Reach::Host),
    row("error", "it answers 500", Fault::ServerError, Silence::Never, Reach::Host),
    row("refused", "nobody listens there", Fault::Refuse, Silence::Never, Reach::Host),
    row("slow", "its first token comes after the limit", Fault::Slow(Lapse::TOO_LATE), Silence::First, Reach::Host),
    row("hang", "it takes the request and never answers", Fault::Hang, Silence::First, Reach::Host),
    row("cut", "the connection breaks in the answer", Fault::Cut(BEFORE), Silence::Never, Reach::Host),
    row("stall", "it falls silent in the answer", Fault::Stall(BEFORE), Silence::Middle, Reach::Host),
    row("rate-limited", "it answers 429, to come back in 30 s", Fault::RateLimit(ASKED), Silence::Never, Reach::Key),
    row("rejected-key", "it answers 401", Fault::Auth, Silence::Never, Reach::Key),
    row("quota", "credit or quota is spent", Fault::Quota, Silence::Never, Reach::Key),
];

const fn row(name: &'static str, does: &'static str, fault: Fault, silence: Silence, reach: Reach) -> Outage {
    Outage { name, does, fault, silence, reach }
}

/// Providers that fail together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Their names.
    pub providers: Vec<String>,
    /// What they share, where they are several.
    pub shared: Option<String>,
}

impl Hit {
    /// Whether it hits that provider.
    pub fn hits(&self, provider: &str) -> bool {
        self.providers.iter().any(|name| name == provider)
    }
}

impl std::fmt::Display for Hit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.shared {
            Some(shared) => write!(formatter, "{shared} ({})", self.providers.join(", ")),
            None => formatter.write_str(&self.providers.join(", ")),
        }
    }
}

/// Each outage at each provider that the targets are at, the providers in the order of the chain.
pub fn scenes(outages: &[&'static Outage], targets: &[Target]) -> Vec<Scene> {
    let at = |reach| move |outage: &&&'static Outage| outage.reach == reach;
    let mut scenes = Vec::new();
    for provider in names(targets) {
        for reach in [Reach::Host, Reach::Key] {
            // Those who share something have one outage, told at the first of them.
            let Some(hit) = hits(reach, targets).into_iter().find(|hit| hit.providers[0] == provider) else { continue };
            let of_it = outages.iter().filter(at(reach));
            scenes.extend(of_it.map(|outage| Scene::of(outage, hit.clone())));
        }
    }
    scenes
}

fn names(targets: &[Target]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for target in targets {
        if !names.contains(&target.id.provider.as_str()) {
            names.push(&target.id.provider);
        }
    }
    names
}

/// Who fails together when what is shared fails.
fn hits(reach: Reach, targets: &[Target]) -> Vec<Hit> {
    let mut groups: Vec<Vec<&Target>> = Vec::new();
    for target in targets {
        let same = |other: &&Target| match reach {
            Reach::Host => host(target) == host(other),
            Reach::Key => target.id.provider == other.id.provider || has_same_key(target, other),
        };
        match groups.iter_mut().find(|group| group.iter().any(&same)) {
            Some(group) if group.iter().any(|other| other.id.provider == target.id.provider) => {}
            Some(group) => group.push(target),
            None => groups.push(vec![target]),
        }
    }
    let hit = |group: Vec<&Target>| Hit {
        shared: (group.len() > 1).then(|| shared(reach, group[0])),
        providers: group.into_iter().map(|target| target.id.provider.clone()).collect(),
    };
    groups.into_iter().map(hit).collect()
}

fn shared(reach: Reach, target: &Target) -> String {
    match reach {
        Reach::Host => format!("host {}", host(target)),
        Reach::Key => format!("key of {}", key(target).map(place).unwrap_or_default()),
    }
}

/// The host of a target's address. On this machine each port is a server of its own.
fn host(target: &Target) -> String {
    let address = target.provider.fill(&target.provider.base_url, str::to_owned);
    let rest = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
    let here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    if here { authority.to_owned() } else { name.to_owned() }
}

/// Whether both have one key, from one place or from two.
fn has_same_key(one: &Target, other: &Target) -> bool {
    let same = |mark: &KeyMark| !mark.digest.is_empty() && other.keys.iter().any(|known| known.digest == mark.digest);
    !one.keys.is_empty() && one.keys.iter().all(same) || (key(one).is_some() && key(one) == key(other))
}

/// Where a target's key comes from, or would come from.
fn key(target: &Target) -> Option<&KeySource> {
    let keys = &target.provider.keys;
    match &target.key {
        KeyState::NotNeeded => None,
        KeyState::Present(at) => keys.iter().find(|source| place(source) == *at),
        KeyState::Missing(_) => keys.first(),
    }
}
