//! Everything that is wrong with one role or with all: its text, its schema, and whether its model stands for something.

use super::used;
use crate::catalog::Catalog;
use crate::cli::{Context, Done, catalogue};
use crate::config::layer::Owner;
use crate::config::problem::sanitised;
use crate::config::role::find::{Folders, Found, locate, read_what_holds};
use crate::config::role::{Role, is_file};
use crate::config::{Problem, Settings};
use crate::error::{Error, ErrorKind};
use crate::route::Origin;
use crate::ui::counted;

/// Checks the role of that name, or all.
pub fn check(name: Option<&str>, context: &Context) -> Done {
    let environment = &context.environment;
    let roles: Vec<Found> = match name {
        Some(name) => vec![locate(name, environment)?],
        None => Folders::new(environment).roles().into_values().collect(),
    };
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let mut wrong: Vec<String> = if name.is_none() { misnamed(context) } else { Vec::new() };
    for found in &roles {
        match read_what_holds(found, environment) {
            Ok((role, problems)) => {
                wrong.extend(problems.iter().map(ToString::to_string));
                wrong.extend(faults(&role, &settings, &catalog, context));
            }
            Err(error) if name.is_some() => return Err(error.into()),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::new(ErrorKind::Config, wrong.join("\nerror: ")));
    }
    Ok(context.ui.out(&format!("OK: {}\n", counted(roles.len(), "role")))?)
}

/// What is wrong with what a role's text names.
fn faults(role: &Role, settings: &Settings, catalog: &Catalog, context: &Context) -> Vec<String> {
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let origin = || Origin::Argument("role".to_owned());
    let model = role.model.as_deref().and_then(|model| {
        let unknown = settings.resolve(model, origin(), &context.environment, &lookup).err()?;
        let problem = role.at("model", unknown.message);
        Some(
            unknown
                .hints
                .into_iter()
                .next()
                .map_or_else(|| problem.clone(), |hint| problem.clone().help(hint))
                .to_string(),
        )
    });
    // That somebody else's role must not read files is told with its text.
    let reads = role.owner() == Owner::User || !role.schema.as_deref().is_some_and(is_file);
    let schema = reads.then(|| used::schema_of(role).err()).flatten().map(|error| error.message);
    model.into_iter().chain(schema).collect()
}

fn misnamed(context: &Context) -> Vec<String> {
    let files = Folders::new(&context.environment).misnamed().into_iter();
    let told = |path: std::path::PathBuf| {
        let message = "its name reaches no role: use letters, digits, `-`, `_` and `.`";
        sanitised(&Problem::whole(&path.display().to_string(), message).to_string())
    };
    files.map(told).collect()
}
