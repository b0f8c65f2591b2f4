//! `[hooks]`: what the user wants called when something happens. Whether a program is there or a server answers shows at the
//! call.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer};

use super::local::is_exposed;
use super::schema::value;
use crate::provider::Argv;
use crate::route::Set;
use crate::secret::Secret;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// A breaker opens.
    BreakerOpen,
    /// The limit of a provider is used up.
    QuotaExhausted,
    /// A canary is rolled back.
    CanaryRolledBack,
    /// A budget is nearly spent: `warn_at` of `[budgets]`.
    BudgetNear,
}

impl Occasion {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::BreakerOpen, Self::QuotaExhausted, Self::CanaryRolledBack, Self::BudgetNear];

    /// As the configuration names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BreakerOpen => "breaker_open",
            Self::QuotaExhausted => "quota_exhausted",
            Self::CanaryRolledBack => "canary_rolled_back",
            Self::BudgetNear => "budget_near",
        }
    }
}

impl fmt::Display for Occasion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// A program with its arguments; never empty, and no shell.
    Command(Vec<String>),
    /// An address, which may hold a secret.
    Webhook(Secret),
}

/// All hooks.
#[derive(Clone, Debug, PartialEq)]
pub struct Hooks {
    /// What is called when.
    pub hooks: BTreeMap<Occasion, Set<Hook>>,
    /// How long a call may take, at most [`LONGEST`].
    pub timeout: Set<Duration>,
}

/// No call may take longer.
pub const LONGEST: Duration = Duration::from_secs(10);

impl Default for Hooks {
    fn default() -> Self {
        Self { hooks: BTreeMap::new(), timeout: Set::built_in(Duration::from_secs(2)) }
    }
}

/// `[hooks]` as written.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HooksRow {
    breaker_open: Option<Hook>,
    quota_exhausted: Option<Hook>,
    canary_rolled_back: Option<Hook>,
    budget_near: Option<Hook>,
    /// How long a call may take.
    #[serde(deserialize_with = "timeout")]
    pub timeout: Option<Duration>,
}

impl HooksRow {
    /// What was said of an occasion.
    pub fn hook(&self, occasion: Occasion) -> Option<&Hook> {
        let hook = match occasion {
            Occasion::BreakerOpen => &self.breaker_open,
            Occasion::QuotaExhausted => &self.quota_exhausted,
            Occasion::CanaryRolledBack => &self.canary_rolled_back,
            Occasion::BudgetNear => &self.budget_near,
        };
        hook.as_ref()
    }
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let time = value::time(deserializer)?;
    let fits = time.is_none_or(|time| time <= LONGEST);
    fits.then_some(time).ok_or_else(|| de::Error::custom("a hook may take at most `10s`"))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "`{ cmd = \"…\" }` or `{ webhook = \"https://…\" }`")]
struct HookRow {
    cmd: Option<Argv>,
    webhook: Option<String>,
}

impl<'de> Deserialize<'de> for Hook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = HookRow::deserialize(deserializer)?;
        let hook = match (row.cmd, row.webhook) {
            (Some(argv), None) => argv.words().map(Self::Command),
            (None, Some(address)) => check_address(&address).map(|()| Self::Webhook(Secret::new(address))),
            _ => Err("expected exactly one of `cmd` and `webhook`".to_owned()),
        };
        hook.map_err(de::Error::custom)
    }
}

/// Never repeats the address.
fn check_address(address: &str) -> Result<(), String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let fault = if rest.is_none() {
        "a webhook starts with `https://`"
    } else if host.is_empty() || host.starts_with(':') {
        "the webhook names no host"
    } else if host.contains('@') {
        "a webhook must not hold a user or a password"
    } else if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        "a webhook must not hold blanks or characters that are not ASCII"
    } else if is_exposed(address) {
        "a webhook on another machine must be `https://`: plain HTTP can be read on the way"
    } else {
        return Ok(());
    };
    Err(fault.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Hook, String> {
        let row: Result<HooksRow, _> = toml::from_str(&format!("budget_near = {text}"));
        row.map(|row| row.budget_near.expect("a hook")).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_hook_is_a_command_or_an_address() {
        let command = |words: &[&str]| Ok(Hook::Command(words.iter().map(|&word| word.to_owned()).collect()));
        assert_eq!(read(r#"{ cmd = "notify-send 'llmx says'" }"#), command(&["notify-send", "llmx says"]));
        assert_eq!(read(r#"{ cmd = ["logger", "-t", "llmx"] }"#), command(&["logger", "-t", "llmx"]));
        for address in ["https://hooks.example/T1/s3cret?x=1", "http://127.0.0.1:8080/x", "http://localhost/x"] {
            assert_eq!(read(&format!("{{ webhook = \"{address}\" }}")), Ok(Hook::Webhook(Secret::new(address))));
        }
    }

    #[test]
    fn an_address_that_is_refused_is_not_repeated() {
        for (text, expected) in [
            ("{}", "expected exactly one of `cmd` and `webhook`"),
            (r#"{ cmd = "a", webhook = "https://CANARY" }"#, "expected exactly one of `cmd` and `webhook`"),
            (r#"{ cmd = "" }"#, "the command is empty"),
            (r#"{ webhook = "ftp://CANARY" }"#, "a webhook starts with `https://`"),
            (r#"{ webhook = "https:///CANARY" }"#, "the webhook names no host"),
            (r#"{ webhook = "https://u:CANARY@h" }"#, "a webhook must not hold a user or a password"),
            (r#"{ webhook = "https://h/CAN ARY" }"#, "a webhook must not hold blanks or characters that are not ASCII"),
            (
                r#"{ webhook = "http://h/CANARY" }"#,
                "a webhook on another machine must be `https://`: plain HTTP can be read on the way",
            ),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()), "{text}");
        }
        assert!(!format!("{:?}", read(r#"{ webhook = "https://h/CANARY" }"#)).contains("CANARY"));
    }
}
