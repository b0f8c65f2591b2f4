//! A comparison by a role: its options, its defaults, and its texts around the rows.

use std::collections::BTreeMap;

use super::args::{AskArgs, CompareSampling, RowArgs};
use crate::chat::{AnswerForm, ChatRequest};
use crate::cli::args::SamplingArgs;
use crate::cli::role::used::{sampled, schema_of, unfilled_error};
use crate::cli::schema;
use crate::config::role::{INPUT, Role, Words};
use crate::error::Error;
use crate::template::Template;

/// The variable that is a row's own prompt.
const PROMPT: &str = "prompt";

/// What every request has in common.
pub fn base(args: &CompareSampling, role: Option<&Role>) -> Result<ChatRequest, Error> {
    let sampling = SamplingArgs::from(args);
    let Some(role) = role else {
        return Ok(ChatRequest { options: sampling.options(), stream: true, ..ChatRequest::default() });
    };
    let schema = schema_of(role)?.map(|schema| schema::read(&schema)).transpose()?;
    Ok(ChatRequest {
        options: sampled(sampling, &role.options).options(),
        form: schema.map(|(schema, _)| AnswerForm::Schema(schema)),
        stream: true,
        ..ChatRequest::default()
    })
}

/// Variables for all rows: a role's defaults, then what is given.
pub fn variables(ask: &AskArgs, rows: &RowArgs, role: Option<&Role>) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = BTreeMap::new();
    if let Some(role) = role {
        role.takes(&ask.role.params).map_err(|unfilled| unfilled_error(role, &unfilled))?;
        variables.extend(role.variables.clone());
        // What a role asks by itself stands for rows without a prompt.
        let input = variables.remove(INPUT).filter(|_| rows.file.is_some() && ask.words.is_empty());
        variables.extend(input.map(|input| (PROMPT.to_owned(), input)));
    }
    variables.extend(ask.role.params.iter().chain(&rows.variables).cloned());
    Ok(variables)
}

/// The prompt around all rows: a role's text around the words around the row's own.
pub fn around_rows(words: Option<Template>, role: Option<&Role>) -> Option<Template> {
    let own = || Template::parse(&format!("{{{{{PROMPT}}}}}"));
    match role {
        None => words,
        Some(role) => match role.prompt() {
            Some(around) => Some(around.with(INPUT, &words.unwrap_or_else(own))),
            None => words.or_else(|| role.variables.contains_key(INPUT).then(own)),
        },
    }
}

/// A role's texts, with those of the values that they have places for.
pub fn words(role: &Role, values: &BTreeMap<String, String>) -> Result<Words, Error> {
    let given = values.iter().filter(|(name, _)| role.places().contains(name.as_str()) && *name != INPUT);
    let given: Vec<(String, String)> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    role.words(&given).map_err(|unfilled| unfilled_error(role, &unfilled))
}
