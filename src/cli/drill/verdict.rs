//! What the rehearsals say of a route: whether it survives every single outage, and if not, what it hangs on.

use super::outage::Hit;
use super::rehearse::Played;
use super::{Drilled, is_unready};
use crate::error::{Error, ErrorKind};
use crate::exec::step::GiveUp;
use crate::ui::counted;

/// What the rehearsals say of a route.
pub struct Verdict {
    /// Why nobody answers even when all is well.
    pub dead: Option<GiveUp>,
    /// Outages in which nobody answers.
    pub findings: Vec<Finding>,
}

/// Outages in which nobody answers, for one reason.
pub struct Finding {
    /// Who fails together.
    pub hit: Hit,
    /// How.
    pub faults: Vec<&'static str>,
    /// Targets that fail then, and targets of the route.
    pub targets: (usize, usize),
    /// Why nobody else answers.
    pub why: GiveUp,
}

impl Verdict {
    /// What these rehearsals say.
    pub fn of(played: &[Played]) -> Self {
        let mut dead = None;
        let mut findings: Vec<Finding> = Vec::new();
        for played in played {
            let Err(why) = played.end else { continue };
            let Some((outage, hit)) = &played.scene.0 else {
                dead = Some(why);
                continue;
            };
            // Nobody could be asked at all, which is no doing of the outage.
            if played.planned.is_empty() {
                continue;
            }
            match findings.iter_mut().find(|finding| finding.hit == *hit && (finding.why == why || finding.is_all())) {
                Some(finding) => finding.faults.push(outage.name),
                None => findings.push(Finding::of(played, hit, outage.name, why)),
            }
        }
        Self { dead, findings }
    }

    /// Whether somebody answers in every outage.
    pub fn survives(&self) -> bool {
        self.dead.is_none() && self.findings.is_empty()
    }
}

impl Finding {
    fn of(played: &Played, hit: &Hit, fault: &'static str, why: GiveUp) -> Self {
        let failing = played.planned.iter().filter(|target| hit.hits(&target.provider)).count();
        Self { hit: hit.clone(), faults: vec![fault], targets: (failing, played.planned.len()), why }
    }

    /// Whether no target is left that works.
    pub fn is_all(&self) -> bool {
        self.targets.0 == self.targets.1
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (failing, all) = self.targets;
        let hit = &self.hit;
        if self.is_all() {
            let at = hit.shared.as_ref().map_or_else(|| format!("at {hit}"), |_| "there".to_owned());
            let who = match all {
                1 => "no other target can serve".to_owned(),
                _ => format!("{failing} of {} are {at}", counted(all, "target")),
            };
            write!(formatter, "single point of failure: {hit} ({who})")
        } else {
            write!(formatter, "{} at {hit}: {}", self.faults.join(", "), self.why)
        }
    }
}

/// The end of the command: an error with the exit code of a failed check when a route would not survive.
pub fn sum_up(drilled: &[Drilled]) -> Result<(), Error> {
    let failed = names(drilled.iter().filter(|drilled| !drilled.verdict.survives()));
    if failed.is_empty() {
        return Ok(());
    }
    let all = names(drilled.iter()).len();
    let of = if all == 1 { String::new() } else { format!("{} of {}: ", failed.len(), counted(all, "route")) };
    let error = Error::new(ErrorKind::Check, format!("would not survive every outage: {of}{}", failed.join(", ")));
    let findings = || drilled.iter().flat_map(|drilled| &drilled.verdict.findings);
    let dead = || drilled.iter().filter(|drilled| drilled.verdict.dead.is_some());
    let is_limited = |drilled: &Drilled| !drilled.rejected.is_empty() && !drilled.rejected.iter().any(is_unready);
    let (limited, bare): (Vec<_>, Vec<_>) = dead().partition(|drilled| is_limited(drilled));
    let hints = [
        (
            !limited.is_empty(),
            "change what leaves its targets out, as it is told of each, or add a target that meets it",
        ),
        (
            !bare.is_empty() || findings().any(Finding::is_all),
            "add a further tier at another provider, with a key of its own",
        ),
        (
            gave_up(findings(), GiveUp::Deadline),
            "a shorter `timeout.first_token` or `idle` leaves time for the next target",
        ),
        (gave_up(findings(), GiveUp::Cut), "`on_cut = \"restart\"` lets the next target answer anew"),
    ];
    Err(hints.into_iter().filter(|(holds, _)| *holds).fold(error, |error, (_, hint)| error.hint(hint)))
}

/// The routes, each once, whatever they try out.
fn names<'a>(drilled: impl Iterator<Item = &'a Drilled>) -> Vec<String> {
    let mut names: Vec<String> = drilled.map(|drilled| format!("`{}`", drilled.policy.route)).collect();
    names.dedup();
    names
}

fn gave_up<'a>(mut findings: impl Iterator<Item = &'a Finding>, why: GiveUp) -> bool {
    findings.any(|finding| !finding.is_all() && finding.why == why)
}
