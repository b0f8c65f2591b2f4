//! In which role they answer: `/role`.

use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::role::{put_on, take_off};
use crate::cli::chat::talk::Talk;
use crate::cli::role::list;
use crate::cli::role::used::{RoleArgs, parameter};
use crate::error::Error;

/// The word that takes a role off.
pub const NONE: &str = "none";

/// Lists roles, puts one on, or takes it off.
pub fn role(talk: &mut Talk<'_>, arguments: &str) -> Result<Next, Error> {
    match arguments {
        "" => list::print(false, talk.context)?,
        NONE => {
            let name = take_off(talk).ok_or_else(|| wrong("no role is used"))?;
            talk.ui().remark(&format!("without role {name} from now on: all is as it was before it"));
            return Ok(Next::Read);
        }
        arguments => put_on(talk, &read(arguments)?)?,
    }
    match &talk.role {
        None => talk.ui().remark("no role is used"),
        Some(worn) => {
            let name = worn.name.clone();
            let who = talk.who()?;
            talk.ui().remark(&format!("in role {name}: {who}; `/role {NONE}` takes it off"));
        }
    }
    Ok(Next::Read)
}

/// `NAME key=value …`, with `-p` before each or without; words without `=` belong to the value before them.
fn read(arguments: &str) -> Result<RoleArgs, Error> {
    let mut words = arguments.split_whitespace();
    let template = words.next().map(str::to_owned);
    let mut params: Vec<(String, String)> = Vec::new();
    for word in words.filter(|word| *word != "-p") {
        match (parameter(word), params.last_mut()) {
            (Ok(param), _) => params.push(param),
            (Err(_), Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            (Err(_), None) => {
                return Err(wrong(format!("`{word}` is no value for the role")).hint("write `/role NAME key=value`"));
            }
        }
    }
    Ok(RoleArgs { template, params })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_have_blanks() {
        let read = read("translate -p language=Brazilian Portuguese tone=formal").expect("a role");
        let param = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read.template.as_deref(), Some("translate"));
        assert_eq!(read.params, [param("language", "Brazilian Portuguese"), param("tone", "formal")]);
    }

    #[test]
    fn a_value_without_its_name_is_an_error() {
        assert!(super::read("translate Portuguese").expect_err("no name").message.contains("Portuguese"));
    }
}
