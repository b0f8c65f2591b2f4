//! What a user wants to be told of when it happens: hooks of the configuration are called when the answer is out, so that none
//! delays it, and one that fails or hangs is named with its place.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::session::Session;
use crate::config::command::{self, Call, Trouble};
use crate::config::hooks::{Hook, Occasion};
use crate::config::keys::without_keys;
use crate::failure::FailureClass;
use crate::ledger::Opened;
use crate::money::Usd;
use crate::provider::TargetId;
use crate::route::{Budget, Set, Spent};
use crate::ui::Ui;
use crate::wire::{HeaderValue, HttpRequest};

/// How much a hook may print, in bytes; it is thrown away.
const MOST_PRINTED: usize = 1 << 20;

/// Something to be told of.
#[derive(Clone, Debug, PartialEq)]
pub enum Alert {
    /// A breaker opened, other than for a spent quota.
    BreakerOpen(Opened),
    /// A quota or credit is spent.
    QuotaExhausted(Opened),
    /// A canary was rolled back.
    CanaryRolledBack {
        /// The route.
        route: String,
        /// Who was tried.
        target: TargetId,
        /// Why.
        why: String,
    },
    /// A budget is nearly spent.
    BudgetNear {
        /// Which.
        budget: Budget,
        /// What is spent of it.
        spent: Usd,
    },
}

impl Alert {
    /// Of a breaker that opened; one that only stays open is no news.
    pub fn of_breaker(opened: &Opened) -> Option<Self> {
        let spent = opened.class == FailureClass::QuotaExhausted.name();
        let alert = if spent { Self::QuotaExhausted(opened.clone()) } else { Self::BreakerOpen(opened.clone()) };
        opened.first.then_some(alert)
    }

    /// Budgets that this run has brought near their end.
    pub fn of_budgets(budgets: &[Set<Budget>], spent: &Spent, by_this_run: Usd, share: f64) -> Vec<Self> {
        let near = |set: &Set<Budget>| {
            let now = spent.within(&set.value);
            let line = set.value.limit.pico() as f64 * share;
            let (after, before) = (now.pico() as f64, (now.pico() - by_this_run.pico()) as f64);
            (before < line && line <= after).then_some(Self::BudgetNear { budget: set.value.clone(), spent: now })
        };
        budgets.iter().filter_map(near).collect()
    }

    fn occasion(&self) -> Occasion {
        match self {
            Self::BreakerOpen(_) => Occasion::BreakerOpen,
            Self::QuotaExhausted(_) => Occasion::QuotaExhausted,
            Self::CanaryRolledBack { .. } => Occasion::CanaryRolledBack,
            Self::BudgetNear { .. } => Occasion::BudgetNear,
        }
    }

    fn words(&self) -> String {
        let opened = |what: &str, opened: &Opened| {
            let (subject, class, until) = (&opened.subject, opened.class.replace('_', " "), opened.until);
            format!("{what} {subject} after {class}: left alone until {until}")
        };
        match self {
            Self::BreakerOpen(breaker) => opened("breaker open:", breaker),
            Self::QuotaExhausted(breaker) => opened("quota or credit spent:", breaker),
            Self::CanaryRolledBack { route, target, why } => {
                format!("canary rolled back: {target} in route {route}: {why}")
            }
            Self::BudgetNear { budget, spent } => {
                format!("budget nearly spent: {spent} of {budget}")
            }
        }
    }

    fn json(&self) -> Value {
        let mut object = json!({
            "schema": "llmx.event/1",
            "event": self.occasion().name(),
            "message": self.words(),
            "at": Timestamp::now().to_string(),
            "simulated": false,
        });
        let detail = match self {
            Self::BreakerOpen(opened) | Self::QuotaExhausted(opened) => json!({
                "subject": opened.subject.to_string(), "class": opened.class, "until": opened.until.to_string(),
            }),
            Self::CanaryRolledBack { route, target, why } => json!({ "route": route, "target": target, "why": why }),
            Self::BudgetNear { budget, spent } => json!({ "budget": budget, "spent": spent }),
        };
        object["detail"] = detail;
        object
    }
}

/// Calls the hooks of these alerts, all at once, and warns of those that fail or take too long. A simulation calls none.
pub async fn call_hooks(alerts: &[Alert], session: &Session, ui: &Ui) {
    let hooks = &session.settings.hooks;
    let mut calls = Vec::new();
    for alert in alerts {
        match alert {
            Alert::BudgetNear { .. } => ui.warn(&alert.words()),
            _ => ui.detail(&alert.words()),
        }
        let occasion = alert.occasion();
        match hooks.hooks.get(&occasion) {
            // What is only rehearsed must wake nobody.
            Some(hook) if session.simulated() => {
                ui.detail(&format!("hook `{occasion}` ({}) is not called: all of this is simulated", hook.origin));
            }
            Some(hook) => calls.push(Box::pin(called(hook, alert, session))),
            None => {}
        }
    }
    for (call, told) in join(calls).await {
        if let Err(words) = told {
            ui.warn(&format!("{call}: {words}"));
        }
    }
}

/// The results of all, which run side by side.
pub(super) async fn join<T>(mut calls: Vec<std::pin::Pin<Box<impl Future<Output = T>>>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, result) in calls.iter_mut().zip(&mut results).filter(|(_, result)| result.is_none()) {
            if let std::task::Poll::Ready(value) = call.as_mut().poll(context) {
                *result = Some(value);
            }
        }
        if results.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    results.into_iter().flatten().collect()
}

/// Which hook it was, and what went wrong.
async fn called(hook: &Set<Hook>, alert: &Alert, session: &Session) -> (String, Result<(), String>) {
    let name = format!("hook `{}` ({})", alert.occasion().name(), hook.origin);
    let limit = session.settings.hooks.timeout.value;
    let event = alert.json();
    let late =
        || format!("it took longer than {}s and was ended; `timeout` of `[hooks]` allows more", limit.as_secs_f64());
    let told = match &hook.value {
        Hook::Command(argv) => {
            let mut variables = without_keys(&session.environment, None);
            variables.push(("LLMX_EVENT".to_owned(), alert.occasion().name().to_owned()));
            variables.push(("LLMX_MESSAGE".to_owned(), alert.words()));
            let input = event.to_string();
            let call = Call { argv, variables, input: Some(&input), limit, most: MOST_PRINTED };
            command::run(call).await.map(drop).map_err(|trouble| match trouble {
                Trouble::TooLong => late(),
                Trouble::Exit(_, words) | Trouble::Failed(words) => {
                    let program = argv.first().map_or("", String::as_str);
                    format!("command `{program}`: {words}; it was to be told: {}", alert.words())
                }
            })
        }
        Hook::Webhook(address) => {
            let headers = vec![("content-type".to_owned(), HeaderValue::Plain("application/json".to_owned()))];
            let request = HttpRequest { method: "POST", url: address.expose().to_owned(), headers, body: event };
            match tokio::time::timeout(limit, session.transport.send(&request, limit)).await {
                Err(_) => Err(late()),
                Ok(Err(failure)) => Err(format!("{}; it was to be told: {}", failure.class, alert.words())),
                Ok(Ok(response)) if (200..300).contains(&response.head.status) => Ok(()),
                Ok(Ok(response)) => Err(format!("the server answers {}; check its address", response.head.status)),
            }
        }
    };
    (name, told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{AtLimit, Period, Scope, Taken};

    #[test]
    fn a_budget_is_near_once_when_its_line_is_crossed() {
        let budget = |limit: &str| {
            Set::built_in(Budget {
                period: Period::Day,
                limit: Usd::parse(limit).expect("an amount"),
                scope: Scope::All,
                at_limit: AtLimit::Cheaper,
            })
        };
        let spent = |amount: &str| Spent {
            taken: [(
                (Scope::All, Period::Day),
                Taken { spent: Usd::parse(amount).expect("an amount"), ..Taken::default() },
            )]
            .into(),
            ..Spent::default()
        };
        let cent = Usd::parse("0.01").expect("an amount");
        let count = |amount: &str| Alert::of_budgets(&[budget("1")], &spent(amount), cent, 0.8).len();
        assert_eq!([count("0.79"), count("0.80"), count("0.805"), count("0.82")], [0, 1, 1, 0]);
    }
}
