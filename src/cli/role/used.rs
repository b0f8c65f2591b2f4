//! `-t` and `-p`: a role stands under the arguments of a command, and what an argument says wins.

use std::path::Path;

use clap::Args;

use crate::chat::Options;
use crate::cli::args::{FormArgs, PromptArgs, RouteArgs, SamplingArgs};
use crate::cli::schema;
use crate::config::Environment;
use crate::config::layer::Owner;
use crate::config::problem::sanitised;
use crate::config::role::find::{RoleError, is_path, open};
use crate::config::role::{Role, Unfilled, Words};
use crate::config::show::origin_words;
use crate::error::{Error, ErrorKind};
use crate::route::Set;
use crate::template::is_name;
use crate::ui::Ui;

/// By which role to ask.
#[derive(Args, Debug, Clone, Default, PartialEq)]
pub struct RoleArgs {
    /// Ask by this role, a name or a file
    ///
    /// `llmx role` lists the names; what has a slash or ends with `.md` is a file. Its model, options, schema and system prompt
    /// hold where no argument says otherwise, and its text says where the prompt goes.
    #[arg(short, long, value_name = "ROLE")]
    pub template: Option<String>,
    /// Fill `{{key}}` of the role; repeatable
    #[arg(short, long = "param", value_name = "KEY=VALUE", value_parser = parameter, requires = "template")]
    pub params: Vec<(String, String)>,
}

/// The arguments that a role stands under.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// What to ask.
    pub prompt: PromptArgs,
    /// Whom.
    pub route: RouteArgs,
    /// For an answer of which form.
    pub form: FormArgs,
    /// How it is sampled.
    pub sampling: SamplingArgs,
}

/// A role with its variables filled in.
#[derive(Debug)]
pub struct Used {
    /// The role.
    pub role: Role,
    /// Its texts.
    pub words: Words,
    /// Its schema as `--schema` takes it.
    pub schema: Option<String>,
}

impl RoleArgs {
    /// Lays the role that is named under the arguments.
    pub fn under(&self, given: Given, environment: &Environment, ui: &Ui) -> Result<Given, Error> {
        let Some(used) = self.used(environment, ui)? else { return Ok(given) };
        used.tell(&given, &self.params, ui);
        Ok(used.under(given))
    }

    /// The role that is named, filled in.
    pub fn used(&self, environment: &Environment, ui: &Ui) -> Result<Option<Used>, Error> {
        let Some(role) = self.role(environment, ui)? else { return Ok(None) };
        let words = role.words(&self.params).map_err(|unfilled| unfilled_error(&role, &unfilled))?;
        let schema = schema_of(&role)?;
        Ok(Some(Used { role, words, schema }))
    }

    /// The role that is named. That it is the project's is always said.
    pub fn role(&self, environment: &Environment, ui: &Ui) -> Result<Option<Role>, Error> {
        let Some(name) = &self.template else { return Ok(None) };
        let role = open(name, environment)?;
        if role.owner() == Owner::Project && !is_path(name) {
            ui.note(&format!("role `{name}` is the project's: {}", role.path()));
        }
        Ok(Some(role))
    }
}

impl Used {
    /// Lays it under the arguments.
    pub fn under(self, given: Given) -> Given {
        let Given { mut prompt, mut route, mut form, sampling } = given;
        route.of_role = self.role.chosen_model().filter(|_| route.model.is_none());
        form.schema = form.schema.or(self.schema);
        prompt.system = prompt.system.or_else(|| self.words.system.clone());
        prompt.by_role = Some(self.words);
        Given { prompt, route, form, sampling: sampled(sampling, &self.role.options) }
    }

    /// Says, to who wants to hear more, where each setting of the role is from and which of them an argument replaces; that
    /// its words are replaced, to everybody.
    fn tell(&self, given: &Given, params: &[(String, String)], ui: &Ui) {
        if given.prompt.system.is_some() && self.words.system.is_some() {
            ui.note(&format!("--system replaces the system prompt of role `{}`", self.role.name));
        }
        for (at, Set { value, origin }) in self.role.settings() {
            let place = origin_words(&origin);
            let param = at.strip_prefix("variables.").filter(|name| params.iter().any(|(given, _)| given == name));
            let replaced = argument(&at, given).or(param.map(|_| "--param"));
            let replaced = replaced.map_or(String::new(), |argument| format!(" is replaced by {argument}"));
            ui.detail(&format!("role {}: {at} = {value} ({place}){replaced}", self.role.name));
        }
    }
}

/// The argument that is given in place of a setting.
fn argument(at: &str, given: &Given) -> Option<&'static str> {
    let Given { prompt, route, form, sampling } = given;
    let (argument, is_given) = match at {
        "model" => ("--model", route.model.is_some()),
        "system" => ("--system", prompt.system.is_some()),
        "schema" => ("--schema", form.schema.is_some()),
        "options.temperature" => ("--temperature", sampling.temperature.is_some()),
        "options.top_p" => ("--top-p", sampling.top_p.is_some()),
        "options.max_tokens" => ("--max-tokens", sampling.max_tokens.is_some()),
        "options.stop" => ("--stop", !sampling.stop.is_empty()),
        "options.seed" => ("--seed", sampling.seed.is_some()),
        "options.reasoning_effort" => ("--reasoning-effort", sampling.reasoning_effort.is_some()),
        _ => return None,
    };
    is_given.then_some(argument)
}

/// Sampling with a role's options where none is given.
pub fn sampled(given: SamplingArgs, options: &Options) -> SamplingArgs {
    let role = options.clone();
    SamplingArgs {
        temperature: given.temperature.or(role.temperature),
        top_p: given.top_p.or(role.top_p),
        max_tokens: given.max_tokens.or(role.max_tokens),
        stop: if given.stop.is_empty() { role.stop } else { given.stop },
        seed: given.seed.or(role.seed),
        reasoning_effort: given.reasoning_effort.or(role.reasoning_effort),
        // What comes later wins.
        options: role.extra.into_iter().chain(given.options).collect(),
    }
}

/// A role's schema as `--schema` takes it, known to be sound. Only a role of the user's own may name a file.
pub fn schema_of(role: &Role) -> Result<Option<String>, Error> {
    let Some(text) = &role.schema else { return Ok(None) };
    let folder = Path::new(role.path()).parent().filter(|_| role.owner() == Owner::User);
    let read = schema::in_place(text, folder).and_then(|schema| schema::read(&schema).map(|_| schema));
    read.map(Some).map_err(|error| {
        let why = error.source.as_ref().map_or(String::new(), |why| format!(": {why:#}"));
        let words = error.message.trim_start_matches(schema::ARGUMENT).to_owned() + &why;
        let told = Error { kind: ErrorKind::Config, source: None, ..error };
        Error { message: role.at("schema", words).to_string(), ..told }
    })
}

/// What is told of a role that cannot be filled.
pub fn unfilled_error(role: &Role, unfilled: &Unfilled) -> Error {
    let message = format!("role `{}`: {unfilled}; nothing was sent", role.name);
    Error::new(ErrorKind::Usage, sanitised(&message)).hint(sanitised(&unfilled.hint()))
}

/// Reads `key=value`.
pub fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    if is_name(name) {
        Ok((name.to_owned(), value.to_owned()))
    } else {
        Err(format!("`{name}` is no name of a variable: letters, digits, `_`, `-` and `.`"))
    }
}

impl From<RoleError> for Error {
    fn from(error: RoleError) -> Self {
        match error {
            RoleError::Unknown(unknown) => unknown.into(),
            RoleError::Wrong(problems) => problems.into(),
        }
    }
}
