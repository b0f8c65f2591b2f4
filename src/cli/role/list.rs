//! All roles, as a table or JSON. One that is broken does not hide the others.

use serde_json::{Value, json};

use super::{line, show, whose};
use crate::cli::report::error_value;
use crate::cli::{Context, Done};
use crate::config::role::find::{Folders, Found, RoleError, read};
use crate::config::role::{INPUT, Role};
use crate::error::Error;
use crate::ui::table::Table;

/// The version of the JSON that lists roles.
const SCHEMA: &str = "llmx.role.list/1";

/// A role that was found, with what came of reading it.
type Listed = (String, Found, Result<Role, RoleError>);

/// Prints them.
pub fn print(as_json: bool, context: &Context) -> Done {
    let ui = &context.ui;
    let roles = all(context);
    if as_json {
        let roles: Vec<Value> = roles.into_iter().map(object).collect();
        return Ok(ui.out_clean(&format!("{}\n", json!({ "schema": SCHEMA, "roles": roles })))?);
    }
    let mut table = Table::new(["role", "for", "model", "variables", "whose"]).whole(&[0]);
    for (name, found, role) in &roles {
        table.row(match role {
            Ok(role) => [
                name.clone(),
                role.description.as_deref().map(line).unwrap_or_default(),
                role.model.clone().unwrap_or_default(),
                variables(role),
                whose(found.owner).to_owned(),
            ],
            Err(_) => [
                name.clone(),
                format!("broken: `llmx role check {name}` says how"),
                String::new(),
                String::new(),
                whose(found.owner).to_owned(),
            ],
        });
    }
    if roles.is_empty() {
        ui.note("there are no roles yet; `llmx role new NAME` begins one");
        return Ok(());
    }
    Ok(ui.table(&table)?)
}

/// All that there are, by name.
pub fn all(context: &Context) -> Vec<Listed> {
    let roles = Folders::new(&context.environment).roles();
    let read = |(name, found): (String, Found)| {
        let role = read(&found, &context.environment);
        (name, found, role)
    };
    roles.into_iter().map(read).collect()
}

/// `ticket, language=English`: those that must be given first.
fn variables(role: &Role) -> String {
    let with_default = role.variables.iter().filter(|(name, _)| *name != INPUT);
    let with_default = with_default.map(|(name, value)| format!("{name}={}", line(value)));
    role.needed().into_iter().map(str::to_owned).chain(with_default).collect::<Vec<_>>().join(", ")
}

fn object((name, found, role): Listed) -> Value {
    match role {
        Ok(role) => Value::Object(show::object(&role)),
        Err(error) => json!({
            "name": name,
            "path": found.path.display().to_string(),
            "owner": whose(found.owner),
            "error": error_value(&Error::from(error)),
        }),
    }
}
