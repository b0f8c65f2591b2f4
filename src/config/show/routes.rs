//! The settings of routes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Entry, duration, entry};
use crate::config::Settings;
use crate::config::layer::member;
use crate::route::{Buffer, CanaryPlan, Hedge, HedgeAfter, Origin, Policy, Set, ShadowPlan, Split};

/// All settings in force of a route: those that were said, and those that count without being said.
pub(super) fn add(settings: &Settings, name: &str, route: &Policy, entries: &mut Vec<Entry>) {
    let at = member("routes", name);
    let key = |name: &str| format!("{at}.{name}");
    let times = |name: &str, time: &Option<Set<Duration>>| {
        time.as_ref().map(|set| entry(key(name), set, |time| json!(duration(*time))))
    };
    let limits = &route.limits;
    let shown = [
        Some(Entry { key: key("tiers"), value: json!(route.tiers), origin: settings.origin(&key("tiers")) }),
        Some(entry(key("strategy"), &route.strategy, |strategy| json!(strategy))),
        weights(settings, &key("weights"), &key("tiers"), route),
        said(key("balance"), &route.balance, |balance| json!(balance)),
        said(key("explore"), &route.explore, |share| json!(share)),
        times("max_latency", &route.max_latency),
        maybe(key("max_cost"), route.max_cost.as_ref(), |cost| json!(cost)),
        maybe(key("require"), route.require.as_ref(), |tags| json!(tags)),
        maybe(key("forbid"), route.forbid.as_ref(), |tags| json!(tags)),
        times("timeout.connect", &limits.connect),
        times("timeout.first_token", &limits.first_token),
        times("timeout.idle", &limits.idle),
        times("timeout.attempt", &limits.attempt),
        times("timeout.total", &limits.total),
        Some(entry(key("retries"), &route.retries, |number| json!(number))),
        Some(entry(key("on_cut"), &route.on_cut, |on_cut| json!(on_cut))),
        maybe(key("buffer"), route.buffer.as_ref(), buffer),
        Some(entry(key("on_empty"), &route.on_empty, |on_empty| json!(on_empty))),
        Some(entry(key("on_filter"), &route.on_filter, |on_filter| json!(on_filter))),
        maybe(key("hedge"), route.hedge.as_ref(), hedge),
        maybe(key("canary"), route.canary.as_ref(), canary),
        maybe(key("shadow"), route.shadow.as_ref(), shadow),
        maybe(key("split"), route.split.as_ref(), split),
    ];
    entries.extend(shown.into_iter().flatten());
}

fn maybe<T>(key: String, set: Option<&Set<T>>, value: impl Fn(&T) -> Value) -> Option<Entry> {
    set.map(|set| entry(key, set, value))
}

/// What only some strategies look at is shown where it was said.
fn said<T>(key: String, set: &Set<T>, value: impl Fn(&T) -> Value) -> Option<Entry> {
    (set.origin != Origin::BuiltIn).then(|| entry(key, set, value))
}

/// Weights may stand in `weights` or in the tiers.
fn weights(settings: &Settings, key: &str, tiers: &str, route: &Policy) -> Option<Entry> {
    let value: serde_json::Map<_, _> =
        route.weights.iter().map(|(target, weight)| (target.to_string(), json!(weight))).collect();
    let origin = settings.origins.get(key).cloned().unwrap_or_else(|| settings.origin(tiers));
    (!value.is_empty()).then(|| Entry { key: key.to_owned(), value: Value::Object(value), origin })
}

fn buffer(buffer: &Buffer) -> Value {
    match buffer {
        Buffer::Time(time) => json!(duration(*time)),
        Buffer::Tokens(tokens) => json!(tokens),
    }
}

fn hedge(hedge: &Hedge) -> Value {
    let after = match hedge.after {
        HedgeAfter::Quantile(share) => format!("p{:.0}", share * 100.0),
        HedgeAfter::Time(time) => duration(time),
    };
    json!({"after": after, "max_extra_cost": hedge.max_extra_cost})
}

fn canary(canary: &CanaryPlan) -> Value {
    json!({
        "target": canary.target,
        "share": canary.share,
        "step": duration(canary.step),
        "max_error_rate": canary.max_error_rate,
        "max_slowdown": canary.max_slowdown,
        "max_cost_increase": canary.max_cost_increase.map_or(json!(false), |most| json!(most)),
        "min_requests": canary.min_requests,
    })
}

fn shadow(shadow: &ShadowPlan) -> Value {
    json!({
        "target": shadow.target,
        "share": shadow.share,
        "max_cost_per_day": shadow.max_cost_per_day,
        "max_delay": duration(shadow.max_delay),
    })
}

fn split(split: &Split) -> Value {
    let arms: serde_json::Map<_, _> =
        split.arms.iter().map(|(target, share)| (target.to_string(), json!(share))).collect();
    json!({"name": split.name, "arms": arms, "by": split.by})
}
