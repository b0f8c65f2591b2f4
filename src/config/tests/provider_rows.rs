//! Parameters and wire formats by model in the rows of providers.

use super::*;

#[test]
fn what_is_wrong_in_a_row_is_told_with_its_place() {
    for (text, expected) in [
        (
            "[providers.corp]\nbase_url = \"https://x\"\nwires = [[\"claude-*\", \"antropic\"]]",
            "config.toml:3:23: unknown wire format `antropic`\n  3 | wires = [[\"claude-*\", \"antropic\"]]\n    |                       ^^^^^^^^^^ did you mean `anthropic`?",
        ),
        (
            "[providers.corp]\nbase_url = \"https://x\"\nwires = [[\"a*b*\", \"gemini\"]]",
            "config.toml:3:11: a pattern is a model's name, with at most one `*` in it\n  3 | wires = [[\"a*b*\", \"gemini\"]]\n    |           ^^^^^^",
        ),
        (
            "[providers.snowflake]\nparameters = { acount = \"mine\" }",
            "config.toml:2:25: unknown parameter `acount`\n  2 | parameters = { acount = \"mine\" }\n    |                         ^^^^^^ did you mean `account`?",
        ),
        (
            "[providers.openai.parameters]\nresource = \"mine\"",
            "config.toml:2:12: unknown parameter `resource`\n  2 | resource = \"mine\"\n    |            ^^^^^^ `openai` takes none",
        ),
        (
            "[providers.snowflake]\nparameters = { account = \"evil.example/x\" }",
            "config.toml:2:26: the value of a parameter must not hold '/': it is a part of an address\n  2 | parameters = { account = \"evil.example/x\" }\n    |                          ^^^^^^^^^^^^^^^^",
        ),
        (
            "[providers.snowflake]\nparameters = { account = { evn = \"A\" } }",
            "config.toml:2:28: unknown setting `evn`\n  2 | parameters = { account = { evn = \"A\" } }\n    |                            ^^^ did you mean `env`?",
        ),
        (
            "[providers.corp]\nbase_url = \"https://{tenant}.corp\"",
            "config.toml:2:12: `tenant` in the address is none of the provider's `parameters`\n  2 | base_url = \"https://{tenant}.corp\"\n    |            ^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "[providers.corp]\nbase_url = \"https://x\"\nauth = \"aws\"",
            "config.toml:3:8: `aws` needs the name of a service: `auth = { aws = \"bedrock\" }`\n  3 | auth = \"aws\"\n    |        ^^^^^",
        ),
        (
            "[providers.corp]\nbase_url = \"https://x\"\nauth = \"header\"",
            "config.toml:3:8: `header` needs the name of a header: `auth = { header = \"x-api-key\" }`\n  3 | auth = \"header\"\n    |        ^^^^^^^^",
        ),
    ] {
        assert_eq!(user(text).1, expected, "{text}");
    }
}

#[test]
fn parameters_come_from_the_file_or_from_variables() {
    let variables = [("SNOWFLAKE_ACCOUNT", "from-env"), ("DATABRICKS_HOST", "https://dbc-1.cloud.example/")];
    let (settings, problems) = both("", "", &variables);
    assert_eq!(problems, "");
    let base = |settings: &Settings, name: &str| settings.provider(name).expect("built in").base_url.clone();
    assert_eq!(base(&settings, "snowflake"), "https://from-env.snowflakecomputing.com/api/v2/cortex/v1");
    assert_eq!(base(&settings, "databricks"), "https://dbc-1.cloud.example/ai-gateway/mlflow/v1");
    let at = "providers.snowflake.parameters.account";
    assert_eq!(settings.origin(at), Origin::Env("SNOWFLAKE_ACCOUNT".to_owned()));

    let text = "[providers.snowflake.parameters]\naccount = \"mine\"\n[providers.corp]\nbase_url = \"https://{tenant}.corp\"\nparameters = { tenant = { env = \"T\", default = \"all\" } }";
    let (settings, problems) = both(text, "", &variables);
    assert_eq!(problems, "");
    assert_eq!(base(&settings, "snowflake"), "https://mine.snowflakecomputing.com/api/v2/cortex/v1");
    assert_eq!(settings.origin(at), in_file("config.toml", 2));
    assert_eq!(base(&settings, "corp"), "https://all.corp");

    let (settings, problems) = both("", "", &[("SNOWFLAKE_BASE_URL", "https://proxy.example/v1")]);
    assert_eq!((problems.as_str(), settings.provider("snowflake").expect("built in").missing.len()), ("", 0));
    // A variable of another program's must not stop those who ask somebody else.
    let (settings, problems) = both("", "", &[("SNOWFLAKE_ACCOUNT", "evil.example/x")]);
    let missing = &settings.provider("snowflake").expect("built in").missing;
    let told = "SNOWFLAKE_ACCOUNT (the value of a parameter must not hold '/': it is a part of an address)";
    assert_eq!(
        (problems.as_str(), missing.as_slice()),
        ("", [("account".to_owned(), vec![told.to_owned()])].as_slice())
    );
}

#[test]
fn what_the_path_of_a_format_needs_is_missing_until_it_is_set() {
    let found = |row: &str| {
        let text = format!("[providers.corp]\nbase_url = \"https://x\"\n{row}");
        let (settings, problems) = user(&text);
        assert_eq!(problems, "", "{row}");
        let provider = settings.provider("corp").expect("there");
        let missing: Vec<_> = provider.missing.iter().map(|(name, _)| name.as_str()).collect();
        (missing.join(" "), provider.parameters.get("location").cloned().unwrap_or_default())
    };
    for (row, missing, location) in [
        ("wire = \"openai-chat\"", "", ""),
        ("wire = \"cloudflare-run\"", "account", ""),
        ("wire = \"cloudflare-run\"\nparameters = { account = \"me\" }", "", ""),
        ("wire = \"vertex-gemini\"", "project", "global"),
        ("wire = \"vertex-anthropic\"\nparameters = { project = { env = \"UNSET\" } }", "project", "global"),
        ("wires = [[\"claude-*\", \"vertex-anthropic\"]]", "project", "global"),
        ("wire = \"vertex-gemini\"\nparameters = { project = \"p\", location = \"eu\" }", "", "eu"),
        ("wire = \"vertex-gemini\"\nquirks = { path = \"/{model}\" }", "", ""),
        ("quirks = { path = \"/{team}/{model}\" }", "team", ""),
    ] {
        assert_eq!(found(row), (missing.to_owned(), location.to_owned()), "{row}");
    }
    let (_, problems) = user("[providers.openai]\nwire = \"vertex-gemini\"\nparameters = { project = \"p\" }");
    assert_eq!(problems, "");
}

#[test]
fn a_provider_whose_address_is_not_complete_is_not_used_unasked() {
    let text = "[providers.snowflake]\ndefault_model = \"m\"";
    let chain = |variables: &[(&str, &str)]| {
        let (settings, problems) = both(text, "", variables);
        assert_eq!(problems, "");
        settings.default_policy(&environment(variables), &catalogue).expect("sound").map(|policy| policy.tiers.len())
    };
    assert_eq!(chain(&[("SNOWFLAKE_CORTEX_PAT", "k")]), None);
    assert_eq!(chain(&[("SNOWFLAKE_CORTEX_PAT", "k"), ("SNOWFLAKE_ACCOUNT", "a")]), Some(1));
}

#[test]
fn what_is_in_force_shows_parameters_with_their_origins() {
    let (settings, _) = both("[providers.snowflake.parameters]\naccount = \"mine\"", "", &[]);
    let entries = show::entries(&settings, &environment(&[]), true);
    let shown = |key: &str| {
        let entry = entries.iter().find(|entry| entry.key == key).expect("shown");
        (entry.value.as_str().expect("a text").to_owned(), show::origin_words(&entry.origin))
    };
    let mine = ("mine".to_owned(), "config.toml:2".to_owned());
    assert_eq!(shown("providers.snowflake.parameters.account"), mine);
    let missing = ("missing: looked in DATABRICKS_HOST".to_owned(), "built in".to_owned());
    assert_eq!(shown("providers.databricks.parameters.host"), missing);
}
