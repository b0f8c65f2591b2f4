//! Everything that is wrong with one role or with all: its text, its schema, and whether its model stands for something.

use super::{list, used};
use crate::catalog::Catalog;
use crate::cli::{Context, Done, catalogue};
use crate::config::problem::sanitised;
use crate::config::role::Role;
use crate::config::role::find::{Folders, open};
use crate::config::{Problem, Settings};
use crate::error::{Error, ErrorKind};
use crate::route::Origin;
use crate::ui::counted;

/// Checks the role of that name, or all.
pub fn check(name: Option<&str>, context: &Context) -> Done {
    let roles = match name {
        Some(name) => vec![open(name, &context.environment)],
        None => list::all(context).into_iter().map(|(.., role)| role).collect(),
    };
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let count = roles.len();
    let mut wrong: Vec<String> = if name.is_none() { misnamed(context) } else { Vec::new() };
    for role in roles {
        match role {
            Ok(role) => wrong.extend(faults(&role, &settings, &catalog, context)),
            Err(error) if name.is_some() => return Err(error.into()),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::new(ErrorKind::Config, wrong.join("\nerror: ")));
    }
    Ok(context.ui.out(&format!("OK: {}\n", counted(count, "role")))?)
}

/// What is wrong with a role whose text is sound.
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
    let schema = used::schema_of(role).err().map(|error| error.message);
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
