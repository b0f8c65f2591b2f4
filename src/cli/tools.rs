//! `--tools` and `--tool-choice`: tools as data. llmx runs none.

use serde_json::Value;

use crate::chat::{Tool, ToolChoice};
use crate::error::{Error, ErrorKind};

/// The most characters that providers take for a tool's name.
const LONGEST_NAME: usize = 64;

/// Reads tools from a file or from JSON in place: a list, or one tool alone.
pub fn read(argument: &str) -> Result<Vec<Tool>, Error> {
    let trimmed = argument.trim_start();
    let in_place = trimmed.starts_with(['[', '{']);
    let text = if in_place { trimmed.to_owned() } else { super::prompt::read_file(argument)? };
    let value: Value = serde_json::from_str(&text).map_err(|error| wrong(format!("no JSON: {error}")))?;
    let list = match value {
        Value::Array(list) => list,
        one @ Value::Object(_) => vec![one],
        _ => return Err(wrong("expected a list of tools")),
    };
    if list.is_empty() {
        return Err(wrong("the list is empty"));
    }
    let mut tools: Vec<Tool> = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let tool = tool(value).map_err(|why| wrong(format!("tool {}: {why}", index + 1)))?;
        if tools.iter().any(|known| known.name == tool.name) {
            return Err(wrong(format!("`{}` stands there twice", tool.name)));
        }
        tools.push(tool);
    }
    Ok(tools)
}

/// One tool in any of the usual forms: `OpenAI`'s `{"type": "function", "function": {…}}`, the bare `{name, description,
/// parameters}`, or Anthropic's with `input_schema`.
fn tool(value: &Value) -> Result<Tool, String> {
    let value = value.get("function").filter(|inner| inner.is_object()).unwrap_or(value);
    if !value.is_object() {
        return Err("expected an object".to_owned());
    }
    let name = value.get("name").and_then(Value::as_str).ok_or("it has no `name`")?;
    check_name(name)?;
    let text = |member: &str| match value.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}`: `{member}` must be text")),
    };
    let schemas = ["parameters", "input_schema", "inputSchema"];
    let parameters = schemas.iter().find_map(|member| value.get(member)).cloned().unwrap_or(Value::Null);
    if !(parameters.is_object() || parameters.is_null()) {
        return Err(format!("`{name}`: `parameters` must be a JSON Schema"));
    }
    if parameters.is_object() {
        super::schema::Fit::new(&parameters)
            .map_err(|why| format!("`{name}`: `parameters` is no JSON Schema: {why}"))?;
    }
    let strict = value.get("strict").and_then(Value::as_bool);
    Ok(Tool { name: name.to_owned(), description: text("description")?, parameters, strict })
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let sound = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(plain);
    sound.then_some(()).ok_or_else(|| {
        format!("`{name}` is no name that providers take: letters, digits, `_` and `-`, at most {LONGEST_NAME}")
    })
}

/// Reads `--tool-choice`.
pub fn choice(word: &str, tools: &[Tool]) -> Result<ToolChoice, Error> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" => Ok(ToolChoice::Required),
        name if tools.iter().any(|tool| tool.name == name) => Ok(ToolChoice::Named(name.to_owned())),
        name => {
            let known: Vec<String> = tools.iter().map(|tool| format!("`{}`", tool.name)).collect();
            let message = format!("--tool-choice: there is no tool `{name}`");
            let hint = format!("it is `auto`, `none`, `required`, or one of {}", known.join(", "));
            Err(Error::new(ErrorKind::Usage, message).hint(hint))
        }
    }
}

fn wrong(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Usage, format!("--tools: {why}"))
        .hint("a tool is `{\"name\": …, \"description\": …, \"parameters\": JSON Schema}`; OpenAI's and Anthropic's forms do too")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_usual_forms_mean_the_same() {
        let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        let expected = Tool {
            name: "get_weather".to_owned(),
            description: Some("Weather".to_owned()),
            parameters: parameters.clone(),
            strict: None,
        };
        let bare = json!({"name": "get_weather", "description": "Weather", "parameters": parameters});
        let anthropic = json!({"name": "get_weather", "description": "Weather", "input_schema": parameters});
        for form in [json!([{"type": "function", "function": bare}]), json!([bare]), json!([anthropic]), bare.clone()] {
            assert_eq!(read(&form.to_string()).expect("a tool"), std::slice::from_ref(&expected), "{form}");
        }
    }

    #[test]
    fn what_is_no_tool_is_told() {
        for (text, words) in [
            ("[", "no JSON"),
            ("[]", "empty"),
            ("[5]", "tool 1: expected an object"),
            ("[{}]", "tool 1: it has no `name`"),
            (r#"[{"name": "a b"}]"#, "`a b` is no name"),
            (r#"[{"name": "a", "parameters": 5}]"#, "must be a JSON Schema"),
            (r#"[{"name": "a", "parameters": {"type": "objct"}}]"#, "no JSON Schema"),
            (r#"[{"name": "a", "description": 5}]"#, "must be text"),
            (r#"[{"name": "a"}, {"name": "a"}]"#, "twice"),
            ("missing.json", "missing.json"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_choice_is_a_word_or_a_tool() {
        let tools = [Tool { name: "go".to_owned(), ..Tool::default() }];
        assert_eq!(choice("required", &tools).expect("a choice"), ToolChoice::Required);
        assert_eq!(choice("go", &tools).expect("a choice"), ToolChoice::Named("go".to_owned()));
        assert!(choice("stay", &tools).expect_err("no tool").to_string().contains("`go`"));
    }
}
