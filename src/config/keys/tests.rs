//! Tests of keys: shapes, files, commands. The commands are the system's own small programs.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use super::*;
use crate::provider::{ApiKey, Row, builtin};

fn environment(variables: &[(&str, &str)]) -> Environment {
    let mut all = vec![("PATH", "/usr/local/bin:/usr/bin:/bin")];
    all.extend_from_slice(variables);
    let variables = all.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Environment { variables, working_directory: "/".into() }
}

fn provider(auth: Auth, keys: Vec<KeySource>) -> Provider {
    let row = Row {
        base_url: Some("https://corp.example".to_owned()),
        auth: Some(auth),
        api_key: Some(ApiKey(keys)),
        ..Row::default()
    };
    row.into_provider("corp", &|_| None).expect("a provider")
}

fn shell(script: &str) -> KeySource {
    KeySource::Command(["sh", "-c", script].map(str::to_owned).to_vec())
}

fn env(name: &str) -> KeySource {
    KeySource::Env(name.to_owned())
}

async fn key(keys: Vec<KeySource>, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
    let found = resolve(&provider(Auth::Bearer, keys), &environment(variables)).await;
    found.map(|found| found.map(exposed)).map_err(|error| error.to_string())
}

fn exposed(found: Credential) -> String {
    match found {
        Credential::Key(key) => key.expose().to_owned(),
        Credential::Account(account) => account.endpoint().to_owned(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside results")]
fn found(key: &str) -> Result<Option<String>, String> {
    Ok(Some(key.to_owned()))
}

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode set");
}

#[tokio::test]
async fn a_key_loses_its_final_line_break_and_nothing_else() {
    for text in ["sk-1", "sk-1\n", "sk-1\r\n", "sk-1\n\n"] {
        assert_eq!(key(vec![env("K")], &[("K", text)]).await, found("sk-1"), "{text:?}");
    }
    for (text, fault) in [
        ("CANARY\r\nx-evil: 1", "it has a line break inside"),
        ("CANARY\rx", "it has a line break inside"),
        ("\n", "it is empty"),
        ("CANARYä", "it has a character that is not ASCII"),
        ("CANARY\u{1b}[2J", "it has a control character"),
        ("CANARY\u{7f}", "it has a control character"),
        ("Bearer CANARY", "it has a blank"),
        (" CANARY", "it has a blank"),
    ] {
        let expected = Err(format!("no key for `corp` from K: {fault}"));
        assert_eq!(key(vec![env("K")], &[("K", text)]).await, expected, "{text:?}");
    }
}

#[tokio::test]
async fn sources_are_tried_in_order() {
    assert_eq!(key(vec![env("A"), env("B")], &[("B", "b")]).await, found("b"));
    assert_eq!(key(vec![env("A"), env("B")], &[("A", "a"), ("B", "b")]).await, found("a"));
    assert_eq!(key(vec![env("A"), env("B")], &[]).await, Ok(None));
    assert_eq!(
        key(vec![shell("exit 3"), env("B")], &[("B", "b")]).await,
        found("b"),
        "a failing source is passed over"
    );
    let failed = key(vec![shell("exit 3"), env("B")], &[]).await;
    assert_eq!(failed, Err("no key for `corp` from command `sh`: it ended with exit code 3".to_owned()));
    assert_eq!(key(vec![KeySource::Literal(Secret::new("sk-1"))], &[]).await, found("sk-1"));
}

#[tokio::test]
async fn no_key_is_looked_for_where_none_is_sent() {
    let none = provider(Auth::None, vec![env("K")]);
    let surroundings = environment(&[("K", "k")]);
    assert_eq!(resolve(&none, &surroundings).await, Ok(None));
    assert_eq!(key_state(&none, &surroundings), KeyState::NotNeeded);
    assert_eq!(key_state(&provider(Auth::Optional, vec![env("X")]), &surroundings), KeyState::NotNeeded);
}

#[test]
fn the_state_of_a_key_is_told_without_reading_it() {
    let state = |keys| key_state(&provider(Auth::Bearer, keys), &environment(&[("K", "k")]));
    assert_eq!(state(vec![env("A"), env("K")]), KeyState::Present("K".to_owned()));
    assert_eq!(state(vec![env("A"), env("B")]), KeyState::Missing(vec!["A".to_owned(), "B".to_owned()]));
    assert_eq!(state(vec![shell("touch /nonexistent/x; exit 1")]), KeyState::Present("command `sh`".to_owned()));
    let missing = KeySource::File("/nonexistent/key".to_owned());
    assert_eq!(state(vec![missing]), KeyState::Missing(vec!["file `/nonexistent/key`".to_owned()]));
}

#[tokio::test]
async fn a_key_file_must_be_its_owners_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("key");
    let name = path.display().to_string();
    let source = || vec![KeySource::File("~/key".to_owned())];
    let home = directory.path().to_str().expect("Unicode");
    write(&path, "sk-file\n", 0o600);
    assert_eq!(key(source(), &[("HOME", home)]).await, found("sk-file"));
    for mode in [0o644, 0o640, 0o604] {
        write(&path, "sk-file\n", mode);
        let all = provider(Auth::Bearer, source());
        let error = resolve(&all, &environment(&[("HOME", home)])).await.expect_err("others can read it");
        assert_eq!(error.to_string(), "no key for `corp` from file `~/key`: others can read it");
        assert_eq!(error.hint, Some(format!("run `chmod 600 {name}`")));
    }
    let directory_as_key = key(vec![KeySource::File(home.to_owned())], &[]).await;
    assert!(directory_as_key.expect_err("no file").ends_with("it is no regular file"));
}

#[tokio::test]
async fn the_first_line_that_a_command_prints_is_the_key() {
    assert_eq!(key(vec![shell("printf 'sk-1\\nuser: me\\n'")], &[]).await, found("sk-1"));
    let words = ["printf", "%s", "$HOME;x"].map(str::to_owned).to_vec();
    assert_eq!(key(vec![KeySource::Command(words)], &[]).await, found("$HOME;x"), "no shell is between");
    for (script, fault) in [
        ("printf 'CANARY\\rx\\n'", "it has a line break inside"),
        ("true", "it is empty"),
        ("printf '\\nCANARY'", "it is empty"),
        ("cat; true", "it is empty"),
        ("head -c 70000 /dev/zero", "it printed more than 64 KiB"),
        (
            "echo CANARY; printf 'not\\033[2J signed in\\n' >&2; exit 1",
            "it ended with exit code 1 and said: not [2J signed in",
        ),
        ("kill -9 $$", "it was ended by a signal"),
    ] {
        let expected = Err(format!("no key for `corp` from command `sh`: {fault}"));
        assert_eq!(key(vec![shell(script)], &[]).await, expected, "{script}");
    }
    let nothing = key(vec![KeySource::Command(vec!["/nonexistent/program".to_owned()])], &[]).await;
    assert!(nothing.expect_err("no program").contains("cannot start it"));
}

#[tokio::test]
async fn a_command_does_not_see_the_keys_of_providers() {
    let variables = [
        ("OPENAI_API_KEY", "CANARY"),
        ("HF_TOKEN", "CANARY"),
        ("MY_API_KEY", "CANARY"),
        ("CORP", "CANARY"),
        ("OP_SESSION", "kept"),
    ];
    let printed = key(vec![shell("env | tr '\\n' ' ' | tr -d ' '"), env("CORP")], &variables).await;
    let printed = printed.expect("sound").expect("a line");
    assert!(printed.contains("OP_SESSION=kept") && !printed.contains("CANARY"), "{printed}");
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_with_all_its_processes() {
    let directory = tempfile::tempdir().expect("a directory");
    let pid_file = directory.path().join("pid");
    let script = format!("echo $$ > {}; sleep 60 & sleep 60", pid_file.display());
    let started = Instant::now();
    let limit = Duration::from_millis(200);
    let all = provider(Auth::Bearer, vec![shell(&script)]);
    let error = resolve_within(&all, &environment(&[]), limit).await.expect_err("it hangs");
    assert_eq!(error.message, "it gave no key within 200ms and was ended");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_gone(&pid_file);
}

#[tokio::test]
async fn a_command_nobody_waits_for_is_ended() {
    let directory = tempfile::tempdir().expect("a directory");
    let pid_file = directory.path().join("pid");
    let all = provider(Auth::Bearer, vec![shell(&format!("echo $$ > {}; sleep 60", pid_file.display()))]);
    let surroundings = environment(&[]);
    let waiting = resolve(&all, &surroundings);
    let outcome = tokio::time::timeout(Duration::from_millis(200), waiting).await;
    assert!(outcome.is_err(), "it hangs");
    assert_gone(&pid_file);
}

/// Waits until the process group whose leader wrote its number is gone; a killed process takes a moment to be reaped.
fn assert_gone(pid_file: &Path) {
    let text = std::fs::read_to_string(pid_file).expect("the command started");
    let group = rustix::process::Pid::from_raw(text.trim().parse().expect("a number")).expect("not 0");
    let deadline = Instant::now() + Duration::from_secs(5);
    while is_running(group) {
        assert!(Instant::now() < deadline, "the group is still there");
        std::thread::yield_now();
    }
}

/// Whether any process of the group is more than a dead entry that waits for its parent.
fn is_running(group: rustix::process::Pid) -> bool {
    let processes = std::fs::read_dir("/proc").expect("the process table");
    processes.filter_map(Result::ok).any(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let (state, in_group) = (fields.next(), fields.nth(1));
        in_group == Some(group.as_raw_nonzero().to_string().as_str()) && !matches!(state, Some("Z" | "X"))
    })
}

#[test]
fn the_variables_of_every_built_in_provider_are_kept_from_programs() {
    let names: Vec<String> = builtin().into_iter().flat_map(|(_, row)| row.key_env.unwrap_or_default()).collect();
    let all = Environment {
        variables: names.iter().map(|name| (name.clone(), "CANARY".to_owned())).collect(),
        working_directory: "/".into(),
    };
    assert!(names.len() > 25);
    assert_eq!(without_keys(&all, None), []);
}

#[tokio::test]
async fn google_credentials_are_read_from_a_file_or_from_the_variable_that_names_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("me.json");
    let name = path.display().to_string();
    let login = r#"{"type":"authorized_user","client_id":"c","client_secret":"CANARY","refresh_token":"CANARY","token_uri":"https://t.example/x"}"#;
    write(&path, login, 0o600);
    let by_path = || KeySource::ServiceAccount(name.clone());
    let by_variable = || KeySource::ServiceAccountEnv("G".to_owned());
    assert_eq!(key(vec![by_path()], &[]).await, found("t.example"));
    assert_eq!(key(vec![by_variable()], &[("G", &name)]).await, found("t.example"));
    assert_eq!(key(vec![env("K"), by_variable()], &[("G", &name), ("K", "ya29")]).await, found("ya29"));
    assert_eq!(key(vec![by_variable()], &[]).await, Ok(None));
    write(&path, login, 0o644);
    let error = key(vec![by_path()], &[]).await.expect_err("others can read it");
    assert_eq!(error, format!("no key for `corp` from credentials `{name}`: others can read it"));
    write(&path, "CANARY", 0o600);
    let error = key(vec![by_variable()], &[("G", &name)]).await.expect_err("no credentials");
    assert_eq!(error, format!("no key for `corp` from G: `{name}`: it is no file of Google credentials"));
}

#[tokio::test]
async fn an_account_that_a_variable_names_is_not_replaced_by_another() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("me.json");
    write(&path, r#"{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}"#, 0o600);
    let sources =
        vec![KeySource::ServiceAccountEnv("G".to_owned()), KeySource::ServiceAccount(path.display().to_string())];
    let state = key_state(&provider(Auth::Bearer, sources.clone()), &environment(&[("G", "/nonexistent/a.json")]));
    assert_eq!(state, KeyState::Present("G".to_owned()), "that it is not there shall be told");
    let error = key(sources.clone(), &[("G", "/nonexistent/a.json")]).await.expect_err("no file");
    assert!(
        error.starts_with("no key for `corp` from G: `/nonexistent/a.json`: cannot read it: No such file"),
        "{error}"
    );
    assert_eq!(key(sources, &[]).await, found("oauth2.googleapis.com"));
}

fn aws() -> Provider {
    let sources = vec![env("AWS_BEARER_TOKEN_BEDROCK"), KeySource::Aws(AwsSource::Environment)];
    provider(Auth::Aws("bedrock".to_owned()), sources)
}

const PRINTED: &str = "{\n  \"Version\": 1,\n  \"AccessKeyId\": \"AKIA\",\n  \"SecretAccessKey\": \"s\"\n}\n";
const COMPACT: &str = r#"{"AccessKeyId":"AKIA","SecretAccessKey":"s"}"#;

#[tokio::test]
async fn credentials_of_aws_are_json_of_many_lines_from_any_source() {
    let printing = shell(&format!("printf '%s' '{PRINTED}'"));
    for source in [printing, KeySource::Literal(Secret::new(PRINTED))] {
        let found = resolve(&provider(Auth::Aws("bedrock".to_owned()), vec![source]), &environment(&[])).await;
        assert_eq!(found, Ok(Some(Credential::Key(Secret::new(COMPACT)))));
    }
    let broken = provider(Auth::Aws("bedrock".to_owned()), vec![KeySource::Literal(Secret::new("{\"CANARY"))]);
    let error = resolve(&broken, &environment(&[])).await.expect_err("no credentials").to_string();
    assert!(error.ends_with("it is no JSON of AWS credentials") && !error.contains("CANARY"), "{error}");
}

#[tokio::test]
async fn a_key_of_bedrock_comes_before_an_access_key_of_aws() {
    let access = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let all = [access[0], access[1], ("AWS_BEARER_TOKEN_BEDROCK", "b")];
    for (variables, key, place) in [
        (&all[..], "b", "AWS_BEARER_TOKEN_BEDROCK"),
        (&access[..], COMPACT, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ] {
        let environment = environment(variables);
        assert_eq!(resolve(&aws(), &environment).await, Ok(Some(Credential::Key(Secret::new(key)))));
        assert_eq!(key_state(&aws(), &environment), KeyState::Present(place.to_owned()));
    }
    assert!(matches!(key_state(&aws(), &environment(&access[..1])), KeyState::Missing(_)));
}

#[tokio::test]
async fn an_access_key_of_aws_reaches_the_commands_of_its_own_providers_only() {
    let variables =
        [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "sec"), ("AWS_BEARER_TOKEN_BEDROCK", "bear")];
    let tell = || shell("echo a$AWS_SECRET_ACCESS_KEY$AWS_BEARER_TOKEN_BEDROCK");
    assert_eq!(key(vec![tell()], &variables).await, found("a"));
    let own = resolve(&provider(Auth::Aws("bedrock".to_owned()), vec![tell()]), &environment(&variables)).await;
    assert_eq!(own, Ok(Some(Credential::Key(Secret::new("asec")))));
    // AWS's own program needs it for whatever it is asked, such as another provider's key out of a vault.
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("aws");
    write(&program, "#!/bin/sh\necho b$AWS_SECRET_ACCESS_KEY\n", 0o700);
    let program = KeySource::Command(vec![program.display().to_string(), "secretsmanager".to_owned()]);
    assert_eq!(key(vec![program], &variables).await, found("bsec"));
    let editor = without_keys(&environment(&variables), None);
    assert!(editor.iter().all(|(name, _)| !name.starts_with("AWS_")), "{editor:?}");
}
