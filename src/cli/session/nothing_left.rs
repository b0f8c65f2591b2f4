//! The error of a plan in which nothing is left to try: why each target is out, what to do, and who could serve instead.

use super::Session;
use crate::cli::report;
use crate::error::{Error, ErrorKind};
use crate::provider::{Target, TargetId};
use crate::route::{Demand, Plan, Policy, Rejected, Rejection, admit, filter};

/// The most models that an error names.
const NAMED: usize = 5;

impl Session {
    /// The error of a plan in which nothing is left to try, with who could serve such a request.
    pub fn nothing_left(&self, plan: &Plan, targets: &[Target], policy: &Policy, demand: &Demand<'_>) -> Error {
        let error = nothing_left(plan, targets);
        if !plan.rejected.iter().any(asks_too_much) {
            return error;
        }
        let able = self.able(policy, demand);
        if able.is_empty() {
            return error.hint("no model that is configured here is known to take it; name another one with `-m`");
        }
        error.hint(format!("these are configured and take it: {}", able.join(", ")))
    }

    /// Configured models that take such a request, by what is known of them.
    fn able(&self, policy: &Policy, demand: &Demand<'_>) -> Vec<String> {
        let routed = self.settings.routes.values().flat_map(|route| route.tiers.iter().flatten().cloned());
        let usual = self
            .settings
            .providers
            .iter()
            .filter_map(|provider| Some(TargetId::new(provider.name.clone(), provider.default_model.clone()?)));
        let mut tier: Vec<TargetId> = Vec::new();
        for id in routed.chain(usual) {
            if !tier.contains(&id) {
                tier.push(id);
            }
        }
        let all = self.targets(&Policy { tiers: vec![tier], ..policy.clone() });
        let takes = |target: &&Target| target.model.is_some() && admit(demand, target, &[]).is_ok();
        all.iter().filter(takes).take(NAMED).map(|target| format!("`{}`", target.id)).collect()
    }
}

/// The error of a plan in which nothing is left to try.
fn nothing_left(plan: &Plan, targets: &[Target]) -> Error {
    let key_missing = |rejected: &Rejected| matches!(rejected.reason, Rejection::KeyMissing { .. });
    let incomplete = |rejected: &Rejected| matches!(rejected.reason, Rejection::ParameterMissing { .. });
    let kind = match &plan.rejected {
        rejected if rejected.iter().any(key_missing) => ErrorKind::Auth,
        rejected if rejected.iter().any(incomplete) => ErrorKind::Config,
        rejected if !rejected.is_empty() && rejected.iter().all(asks_too_much) => ErrorKind::Usage,
        rejected if rejected.iter().any(is_too_dear) => ErrorKind::Budget,
        rejected if rejected.iter().any(has_wrong_tags) => ErrorKind::Config,
        _ => ErrorKind::Other,
    };
    let reasons: Vec<String> =
        plan.rejected.iter().map(|rejected| format!("`{}`: {}", rejected.target, rejected.reason)).collect();
    let mut error = Error::new(kind, format!("no target of `{}` can be tried: {}", plan.route, reasons.join("; ")));
    for rejected in &plan.rejected {
        if let Rejection::ParameterMissing { name, tried } = &rejected.reason {
            let variable = if tried.is_empty() { String::new() } else { format!("set {}, or ", tried.join(" or ")) };
            let provider = &rejected.target.provider;
            error = error
                .hint(format!("{variable}write `parameters = {{ {name} = \"…\" }}` under `[providers.{provider}]`"));
        }
    }
    if plan.rejected.iter().any(|rejected| matches!(rejected.reason, Rejection::BudgetSpent { .. })) {
        error = error.hint(report::MORE_BUDGET);
    } else if plan.rejected.iter().any(is_too_dear) {
        error = error
            .hint("raise the limit where it was set, shorten the answer with `--max-tokens`, or ask a cheaper model");
    }
    if plan.rejected.iter().any(has_wrong_tags) {
        error = error.hint(
            "tags are `tags = [\"…\"]` under `[providers.NAME]`; `llmx config check` names routes without any match",
        );
    }
    for rejected in plan.rejected.iter().filter(|rejected| key_missing(rejected)) {
        let provider = crate::route::find(targets, &rejected.target).map(|target| &target.provider);
        if let Some(url) = provider.and_then(|provider| provider.keys_url.as_ref()) {
            error = error.hint(format!("get a key for {} at {url}", rejected.target.provider));
        }
    }
    if let Some(rejected) = plan.rejected.iter().find(|rejected| key_missing(rejected)) {
        let set = format!("llmx config set providers.{}.api_key -", rejected.target.provider);
        error = error.hint(format!("`{set}` takes it unseen, `llmx init` also tests it"));
    }
    if plan.rejected.iter().any(key_missing) {
        error = error.hint("`llmx help keys` tells where keys may be; `--sim` needs none");
    }
    error
}

/// Whether another request would have been taken.
fn asks_too_much(rejected: &Rejected) -> bool {
    use Rejection as R;
    let of_request =
        matches!(rejected.reason, R::NoPlace { .. } | R::AttachmentTooLarge { .. } | R::ChangeNeeded { .. });
    of_request || matches!(rejected.reason, R::AbilityMissing { ability } if ability != filter::CHAT)
}

/// Whether money rules it out.
fn is_too_dear(rejected: &Rejected) -> bool {
    matches!(rejected.reason, Rejection::TooDear { .. } | Rejection::BudgetSpent { .. })
}

fn has_wrong_tags(rejected: &Rejected) -> bool {
    matches!(rejected.reason, Rejection::TagMissing { .. } | Rejection::TagForbidden { .. })
}
