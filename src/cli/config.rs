//! `llmx config`: where the settings are, what they are, whether they are sound, and an editor for them.

use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{Context, Done, catalogue};
use crate::config::keys::{KeyError, key_state, without_keys};
use crate::config::layer::member;
use crate::config::local::is_exposed;
use crate::config::problem::sanitised;
use crate::config::show::{Entry, entries, is_at_hand, origin_json, origin_words};
use crate::config::template::{TEMPLATE, create};
use crate::config::{Environment, Lookup, Paths, Problems, Settings, Unknown};
use crate::error::{Error, ErrorKind};
use crate::provider::{KeyState, Target, TargetId, split_words};
use crate::route::{self, Origin, Policy, Rejection, Set};

/// See, check and edit the settings
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print where the configuration and the data lie
    Path,
    /// Print every setting in force with where it was set
    Show {
        /// Also show providers without a key
        #[arg(long)]
        all: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Check all files and tell everything that is wrong
    Check,
    /// Edit your file with $VISUAL, $EDITOR or vi, and check it
    Edit,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Done {
    match args.action {
        Action::Path => path(context),
        Action::Show { all, json } => show(context, all, json),
        Action::Check => check(context),
        Action::Edit => edit(context),
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::new(ErrorKind::Config, problems.to_string())
    }
}

impl From<Unknown> for Error {
    fn from(unknown: Unknown) -> Self {
        let error = Self::new(ErrorKind::Config, sanitised(&unknown.message));
        unknown.hints.iter().fold(error, |error, hint| error.hint(sanitised(hint)))
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let told = Self::new(ErrorKind::Auth, error.to_string());
        error.hint.into_iter().fold(told, Self::hint)
    }
}

fn path(context: &Context) -> Done {
    let paths = Paths::new(&context.environment);
    let shown = |path: Option<&Path>| {
        path.map_or("none: there is no home directory".to_owned(), |path| path.display().to_string())
    };
    let text = format!(
        "config   {}\nproject  {}\ndata     {}\n",
        shown(paths.config.as_deref()),
        shown(Some(&paths.project)),
        shown(paths.data.as_deref())
    );
    Ok(context.ui.out(&text)?)
}

fn show(context: &Context, all: bool, as_json: bool) -> Done {
    let settings = Settings::load(&context.environment)?;
    let shown = entries(&settings, &context.environment, all || as_json);
    let text = if as_json { json_text(&settings, &shown) } else { text(&shown) };
    context.ui.out(&text)?;
    let at_hand =
        settings.providers.iter().filter(|provider| is_at_hand(&settings, &context.environment, provider)).count();
    if !all && !as_json && at_hand < settings.providers.len() {
        let more = settings.providers.len() - at_hand;
        context.ui.note(&format!("{more} more providers are built in; `llmx config show --all` shows them"));
    }
    Ok(())
}

fn text(entries: &[Entry]) -> String {
    let settings: Vec<String> = entries.iter().map(|entry| format!("{} = {}", entry.key, entry.value)).collect();
    let width = settings.iter().map(|setting| setting.chars().count()).max().unwrap_or(0).min(70);
    let line = |(setting, entry): (&String, &Entry)| format!("{setting:width$}  # {}\n", origin_words(&entry.origin));
    settings.iter().zip(entries).map(line).map(|line| sanitised(line.trim_end()) + "\n").collect()
}

fn json_text(settings: &Settings, entries: &[Entry]) -> String {
    let settings_json: Vec<_> = entries
        .iter()
        .map(|entry| json!({"key": entry.key, "value": entry.value, "origin": origin_json(&entry.origin)}))
        .collect();
    let paths = &settings.paths;
    let files = json!({"config": paths.config, "project": paths.project, "data": paths.data});
    format!("{}\n", json!({"schema": "llmx.config/1", "files": files, "settings": settings_json}))
}

fn check(context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let warnings = warnings(&settings, &context.environment, &lookup, &|provider, id| catalog.suggest(provider, id))?;
    for warning in warnings {
        context.ui.warn(&sanitised(&warning));
    }
    let keys = settings
        .providers
        .iter()
        .filter(|provider| matches!(key_state(provider, &context.environment), KeyState::Present(_)));
    let text = format!(
        "OK: {} providers ({} with a key), {} routes, {} aliases\n",
        settings.providers.len(),
        keys.count(),
        settings.routes.len(),
        settings.aliases.len()
    );
    Ok(context.ui.out(&text)?)
}

/// What is no error but will not work as hoped: models that the catalogue does not know, targets without a key. Fails when
/// a name stands for nothing.
fn warnings(
    settings: &Settings,
    environment: &Environment,
    lookup: Lookup<'_>,
    suggest: &dyn Fn(&str, &str) -> Vec<String>,
) -> Result<Vec<String>, Unknown> {
    let mut policies = Vec::new();
    policies.extend(settings.default_policy(environment, lookup)?);
    let aliases = settings.aliases.iter().map(|(name, alias)| (name, &alias.origin));
    for (name, origin) in settings.routes.iter().map(|(name, route)| (name, &route.origin)).chain(aliases) {
        policies.push(settings.resolve(name, origin.clone(), environment, lookup)?);
    }
    let mut warnings = Vec::new();
    for policy in &policies {
        let targets = settings.targets(policy, environment, lookup);
        warnings.extend(unmet_tags(policy, &targets));
        warnings.extend(idle_trials(policy, &targets));
        for target in targets {
            let place = origin_words(&policy.origin);
            if target.model.is_none() && !target.provider.local {
                let nearest = suggest(&target.provider.catalog, &target.id.model).into_iter().next();
                let nearest = nearest.map(|name| format!("; did you mean `{}/{name}`?", target.id.provider));
                warnings.push(format!(
                    "{place}: `{}` is not in the catalogue: its price and window are unknown{}",
                    target.id,
                    nearest.unwrap_or_default()
                ));
            }
            if let KeyState::Missing(tried) = target.key {
                warnings.push(format!("{place}: no key for `{}`: looked in {}", target.id.provider, tried.join(", ")));
            }
            for (name, tried) in &target.provider.missing {
                let reason = Rejection::ParameterMissing { name: name.clone(), tried: tried.clone() };
                warnings.push(format!("{place}: `{}` cannot be asked: {reason}", target.id.provider));
            }
        }
    }
    for provider in settings.providers.iter().filter(|provider| is_exposed(&provider.base_url)) {
        let at = member(&member("providers", &provider.name), "base_url");
        let place = origin_words(&settings.origin(&at));
        warnings.push(format!("{place}: `{}` is plain HTTP: keys and prompts travel unencrypted", provider.base_url));
    }
    let mut seen = std::collections::HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
    Ok(warnings)
}

/// Tags that a route requires and none of its models has.
fn unmet_tags(policy: &Policy, targets: &[Target]) -> Vec<String> {
    let required = policy.require.iter().flat_map(|set| set.value.iter().map(|tag| (tag, &set.origin)));
    let unmet = required.filter(|(tag, _)| !targets.iter().any(|target| target.provider.has_tag(tag)));
    let told = |(tag, origin): (&String, &Origin)| {
        let place = origin_words(origin);
        format!(
            "{place}: no model of `{}` has the tag `{tag}`: write `tags = [\"{tag}\"]` under a provider",
            policy.route
        )
    };
    unmet.map(told).collect()
}

/// What a route tries out in vain, or without one of its limits.
fn idle_trials(policy: &Policy, targets: &[Target]) -> Vec<String> {
    const PRICE: &str = "give it one in the file that `catalog` names";
    let unpriced = |id: &TargetId| {
        let of_target = |target: &Target| target.model.as_ref().is_none_or(|model| model.pricing.is_none());
        route::find(targets, id).is_some_and(|target| of_target(target) && !target.provider.local)
    };
    let mut warnings = Vec::new();
    if let Some(Set { value: shadow, origin }) = &policy.shadow {
        let (place, target) = (origin_words(origin), &shadow.target);
        if policy.tiers.first().is_some_and(|tier| tier.as_slice() == [target.clone()]) {
            warnings.push(format!(
                "{place}: the shadow `{target}` is never asked beside: the route asks it first; name another, or remove `shadow`"
            ));
        } else if unpriced(target) {
            warnings.push(format!(
                "{place}: the shadow `{target}` is never asked: it has no known price to hold `max_cost_per_day` to; {PRICE}"
            ));
        }
    }
    if let Some(Set { value: canary, origin }) = &policy.canary
        && canary.max_cost_increase.is_some()
        && unpriced(&canary.target)
    {
        let (place, target) = (origin_words(origin), &canary.target);
        warnings.push(format!(
            "{place}: the cost of the canary `{target}` is not watched: it has no known price; {PRICE}, or say \
             `max_cost_increase = false`"
        ));
    }
    warnings
}

fn edit(context: &Context) -> Done {
    let Some(path) = Paths::new(&context.environment).config else {
        let error = Error::new(ErrorKind::Config, "there is no home directory to keep a configuration in");
        return Err(error.hint("set LLMX_CONFIG to the path of a file"));
    };
    let cannot = |error| Error::new(ErrorKind::Config, format!("cannot create `{}`", path.display())).caused_by(error);
    if create(&path, TEMPLATE).map_err(cannot)? {
        context.ui.note(&format!("created {}", path.display()));
    }
    edit_until_sound(&path, context, || Ok(Settings::load(&context.environment).map(drop)?))
}

/// Opens a file in the user's editor, on a terminal until it is sound or the user has enough.
pub(super) fn edit_until_sound(path: &Path, context: &Context, check: impl Fn() -> Done) -> Done {
    loop {
        open_editor(&context.environment, path)?;
        let Err(error) = check() else { return Ok(()) };
        if !context.ui.stderr_is_terminal || !std::io::stdin().is_terminal() {
            return Err(error);
        }
        context.ui.error(&error);
        if !dialoguer::Confirm::new().with_prompt("edit again?").default(true).interact().unwrap_or(false) {
            return Err(error.already_told());
        }
    }
}

pub(super) fn open_editor(environment: &Environment, path: &Path) -> Done {
    let editor = environment.get("VISUAL").or_else(|| environment.get("EDITOR")).unwrap_or("vi");
    let failed =
        |message: String| Error::new(ErrorKind::Other, message).hint("set EDITOR to the editor of your choice");
    let words =
        split_words(editor).map_err(|message| failed(format!("cannot read `{editor}` as an editor: {message}")))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("the variable for the editor holds only blanks".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(path).env_clear().envs(without_keys(environment, None));
    let status =
        command.status().map_err(|error| failed(format!("cannot start the editor `{program}`")).caused_by(error))?;
    if status.success() { Ok(()) } else { Err(failed(format!("the editor `{program}` ended with {status}"))) }
}

#[cfg(test)]
mod tests;
