//! `/set`: what is asked for and how it is shown, under the names and with the rules of the flags.

use clap::Parser;

use crate::cli::args::{RouteArgs, SamplingArgs};
use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::talk::Talk;
use crate::config::suggest::nearest;
use crate::error::Error;
use crate::ui::answer::Reasoning;
use crate::ui::table::Table;

/// Gives a setting back to the provider.
const UNSET: &[&str] = &["off", "default", "-"];

/// A setting.
pub struct Setting {
    /// Its name, which is that of the flag where there is one.
    pub name: &'static str,
    help: &'static str,
    show: fn(&Talk<'_>) -> Option<String>,
    set: fn(&mut Talk<'_>, Option<Flags>),
}

/// Flags as the command line reads them.
#[derive(Parser, Debug)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Flags {
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    route: RouteArgs,
}

/// What is shown of the model's thinking is no flag of that form.
const REASONING: &str = "reasoning";
/// The values that it takes.
const VIEWS: &[(&str, Reasoning)] =
    &[("off", Reasoning::Hidden), ("fold", Reasoning::Folded), ("dim", Reasoning::Dim), ("full", Reasoning::Full)];

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: REASONING,
        help: "show the thinking: off, fold (one line), dim or full",
        show: |talk| VIEWS.iter().find(|(_, view)| *view == talk.view.reasoning).map(|(name, _)| (*name).to_owned()),
        set: |_, _| (),
    },
    Setting {
        name: "temperature",
        help: "the sampling temperature",
        show: |talk| talk.sampling.temperature.map(|number| number.to_string()),
        set: |talk, flags| talk.sampling.temperature = flags.and_then(|flags| flags.sampling.temperature),
    },
    Setting {
        name: "top-p",
        help: "the share of nucleus sampling",
        show: |talk| talk.sampling.top_p.map(|number| number.to_string()),
        set: |talk, flags| talk.sampling.top_p = flags.and_then(|flags| flags.sampling.top_p),
    },
    Setting {
        name: "max-tokens",
        help: "the most tokens of an answer",
        show: |talk| talk.sampling.max_tokens.map(|number| number.to_string()),
        set: |talk, flags| talk.sampling.max_tokens = flags.and_then(|flags| flags.sampling.max_tokens),
    },
    Setting {
        name: "stop",
        help: "a text that ends the answer",
        show: |talk| Some(talk.sampling.stop.join(", ")).filter(|text| !text.is_empty()),
        set: |talk, flags| talk.sampling.stop = flags.map(|flags| flags.sampling.stop).unwrap_or_default(),
    },
    Setting {
        name: "seed",
        help: "the seed, where there is one",
        show: |talk| talk.sampling.seed.map(|number| number.to_string()),
        set: |talk, flags| talk.sampling.seed = flags.and_then(|flags| flags.sampling.seed),
    },
    Setting {
        name: "reasoning-effort",
        help: "think so hard: none, low, medium, high, …",
        show: |talk| talk.sampling.reasoning_effort.clone(),
        set: |talk, flags| talk.sampling.reasoning_effort = flags.and_then(|flags| flags.sampling.reasoning_effort),
    },
    Setting {
        name: "option",
        help: "any member of the body, as key=value",
        show: |talk| {
            let all: Vec<String> = talk.sampling.options.iter().map(|(key, value)| format!("{key}={value}")).collect();
            Some(all.join(" ")).filter(|text| !text.is_empty())
        },
        set: |talk, flags| match flags {
            Some(flags) => talk.sampling.options.extend(flags.sampling.options),
            None => talk.sampling.options.clear(),
        },
    },
    Setting {
        name: "timeout",
        help: "give up after this time, such as 90s",
        show: |talk| talk.route.timeout.map(|time| format!("{}s", time.as_secs_f64())),
        set: |talk, flags| talk.route.timeout = flags.and_then(|flags| flags.route.timeout),
    },
    Setting {
        name: "max-cost",
        help: "leave out who is expected to cost more, in USD",
        show: |talk| talk.route.max_cost.map(|usd| usd.to_string()),
        set: |talk, flags| talk.route.max_cost = flags.and_then(|flags| flags.route.max_cost),
    },
];

/// Shows settings, or changes one.
pub fn set(talk: &mut Talk<'_>, arguments: &str) -> Result<Next, Error> {
    if arguments.is_empty() {
        let mut table = Table::new(["setting", "value", "is"]);
        for setting in SETTINGS {
            table.row([setting.name.to_owned(), shown(setting, talk), setting.help.to_owned()]);
        }
        talk.ui().table(&table)?;
        return Ok(Next::Read);
    }
    let (name, value) = arguments.split_once([' ', '=']).unwrap_or((arguments, ""));
    let name = name.trim_start_matches("--").replace('_', "-");
    let setting = SETTINGS.iter().find(|setting| setting.name == name).ok_or_else(|| unknown(&name))?;
    match value.trim() {
        "" => {}
        value if setting.name == REASONING => talk.view.reasoning = view(value)?,
        value if UNSET.contains(&value) => (setting.set)(talk, None),
        value => (setting.set)(talk, Some(flags(setting.name, value)?)),
    }
    talk.ui().remark(&format!("{name}: {}", shown(setting, talk)));
    Ok(Next::Read)
}

fn shown(setting: &Setting, talk: &Talk<'_>) -> String {
    (setting.show)(talk).unwrap_or_else(|| "as the provider has it".to_owned())
}

fn unknown(name: &str) -> Error {
    let error = wrong(format!("there is no setting `{name}`"));
    match nearest(name, SETTINGS.iter().map(|setting| setting.name)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("/set lists them"),
    }
}

fn view(value: &str) -> Result<Reasoning, Error> {
    let found = VIEWS.iter().find(|(name, _)| *name == value).map(|(_, view)| *view);
    found.ok_or_else(|| wrong(format!("`{value}` is not known here")).hint("write off, fold, dim or full"))
}

/// The value as the flag of that name takes it.
fn flags(name: &str, value: &str) -> Result<Flags, Error> {
    Flags::try_parse_from([format!("--{name}={value}")]).map_err(|error| {
        let told = error.to_string();
        let reason = told.lines().next().unwrap_or_default().trim_start_matches("error: ");
        // The last part of clap's line is the reason; what stands before it names the flag.
        wrong(reason.rsplit_once(": ").map_or(reason, |(_, reason)| reason).to_owned())
            .hint(format!("`/set {name} off` leaves it to the provider"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_the_flags_read_them() {
        assert_eq!(flags("temperature", "0.3").expect("a number").sampling.temperature, Some(0.3));
        assert_eq!(flags("temperature", "-1").expect("a number").sampling.temperature, Some(-1.0));
        assert!(flags("temperature", "hot").expect_err("no number").message.contains("expected a number"));
        assert!(flags("max-tokens", "0").is_err());
        assert!(flags("option", "model=x").expect_err("llmx's own").message.contains("-m"));
    }

    #[test]
    fn every_setting_but_the_view_is_a_flag() {
        for setting in SETTINGS.iter().filter(|setting| setting.name != REASONING) {
            let value = match setting.name {
                "option" => "a=1",
                "timeout" => "5s",
                "reasoning-effort" => "low",
                _ => "1",
            };
            assert!(flags(setting.name, value).is_ok(), "{}", setting.name);
        }
    }
}
