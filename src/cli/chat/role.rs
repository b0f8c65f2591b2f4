//! The role that a chat is in: who is asked, as whom, how, and what becomes of each question.

use super::talk::Talk;
use crate::cli::args::SamplingArgs;
use crate::cli::role::used::{Given, RoleArgs, Used, sampled};
use crate::config::role::Words;
use crate::error::Error;
use crate::route::Set;
use crate::ui::Ui;

/// A role in use.
#[derive(Debug)]
pub(super) struct Worn {
    /// What it is called.
    pub name: String,
    /// Its texts.
    pub words: Words,
    /// What it stands in place of.
    before: Manner,
}

/// All that a role changes.
#[derive(Clone, Debug, Default)]
struct Manner {
    system: Option<String>,
    model: Option<String>,
    of_role: Option<Set<String>>,
    sampling: SamplingArgs,
}

impl super::Args {
    /// Lays the role that is named under the arguments.
    pub(super) fn in_role(self, context: &crate::cli::Context) -> Result<(Self, Option<Worn>), Error> {
        let Self { prompt, route, sampling, role, .. } = self;
        let before = Manner {
            system: prompt.system.clone(),
            model: route.model.clone(),
            of_role: None,
            sampling: sampling.clone(),
        };
        let given = Given { prompt, route, sampling, ..Given::default() };
        let Given { mut prompt, route, form, sampling } = role.under(given, &context.environment, &context.ui)?;
        let name = role.template.clone().unwrap_or_default();
        let worn = prompt.by_role.take().map(|words| Worn { name, words, before });
        if let Some(worn) = worn.as_ref().filter(|_| form.schema.is_some()) {
            tell_of_schema(&worn.name, &context.ui);
        }
        Ok((Self { prompt, role, route, sampling, ..self }, worn))
    }
}

/// Puts a role on, in place of the one before it. What it says wins over what was set before it.
pub(super) fn put_on(talk: &mut Talk<'_>, args: &RoleArgs) -> Result<(), Error> {
    let Some(Used { role, words, schema }) = args.used(&talk.session.environment, talk.ui())? else { return Ok(()) };
    let model = role.chosen_model();
    model.as_ref().map(|model| talk.session.of_role(model)).transpose()?;
    if schema.is_some() {
        tell_of_schema(&role.name, talk.ui());
    }
    take_off(talk);
    let before = Manner {
        system: talk.system.clone(),
        model: talk.route.model.clone(),
        of_role: talk.route.of_role.clone(),
        sampling: talk.sampling.clone(),
    };
    if model.is_some() {
        (talk.route.model, talk.route.of_role) = (None, model);
    }
    if words.system.is_some() {
        talk.system.clone_from(&words.system);
    }
    let own = sampled(SamplingArgs::default(), &role.options);
    talk.sampling = sampled(own, &before.sampling.options());
    let name = args.template.clone().unwrap_or(role.name);
    talk.role = Some(Worn { name, words, before });
    Ok(())
}

/// Takes the role off: all is as it was before it. Returns what it was called.
pub(super) fn take_off(talk: &mut Talk<'_>) -> Option<String> {
    let Worn { name, before, .. } = talk.role.take()?;
    talk.system = before.system;
    (talk.route.model, talk.route.of_role) = (before.model, before.of_role);
    talk.sampling = before.sampling;
    Some(name)
}

fn tell_of_schema(name: &str, ui: &Ui) {
    ui.note(&format!("the schema of role `{name}` is not asked for in a chat; `llmx complete -t {name}` holds to it"));
}
