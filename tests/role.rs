//! Roles: what is sent is exactly what the role says, what an argument says wins, and what is wrong is told before anything is
//! sent.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::answering::says;
use crate::support::{Answering, Home, Llmx, Output};

const COMMIT: &str = "+++
description = \"commit message\"
model = \"corp/special\"
options = { temperature = 0.25, max_tokens = 300, extra = { top_k = 5 } }
variables = { lang = \"English\" }
system = \"You write {{lang}}.\"
+++

Write a commit message for {{ticket}}:

{{input}}
";

/// A home whose default model is that server, with this role of the user's.
fn home(server: &Answering, name: &str, text: &str) -> Arc<Home> {
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    own(&home, name, text);
    home
}

fn own(home: &Home, name: &str, text: &str) {
    write(home, "config/llmx/roles", name, text);
}

fn write(home: &Home, folder: &str, name: &str, text: &str) {
    std::fs::create_dir_all(home.path(folder)).expect("a folder of roles");
    std::fs::write(home.path(folder).join(format!("{name}.md")), text).expect("a role");
}

fn server() -> Answering {
    Answering::start(|_, _| says("done"))
}

fn ask(home: &Arc<Home>, role: &str) -> Llmx {
    home.llmx().args(["complete", "-t", role])
}

/// The body of the last request.
fn body(server: &Answering) -> Value {
    server.requests().last().cloned().expect("a request")
}

fn turn(role: &str, content: &str) -> Value {
    json!({ "role": role, "content": content })
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).expect("JSON")
}

#[test]
fn what_is_sent_is_what_the_role_says_and_nothing_else() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    let output = ask(&home, "commit").args(["-p", "ticket=T-{{lang}}"]).stdin("a {{lang}} diff\n").run().expect_code(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("done\n", ""));
    let mut sent = body(&server);
    let sent = sent.as_object_mut().expect("an object");
    sent.remove("stream_options");
    let expected = json!({
        "model": "special",
        "messages": [
            turn("system", "You write English."),
            turn("user", "Write a commit message for T-{{lang}}:\n\na {{lang}} diff"),
        ],
        "temperature": 0.25,
        "max_tokens": 300,
        "top_k": 5,
        "stream": true,
    });
    assert_eq!(Value::Object(sent.clone()), expected);
}

#[test]
fn a_text_without_input_is_the_system_prompt_and_words_are_the_prompt() {
    let server = server();
    let home = home(&server, "pirate", "You are a pirate.\n");
    ask(&home, "pirate").args(["Where is", "the gold?"]).run().expect_code(0);
    let sent = body(&server);
    assert_eq!(sent["messages"], json!([turn("system", "You are a pirate."), turn("user", "Where is the gold?")]));
    assert_eq!((&sent["model"], sent.get("temperature")), (&json!("m"), None));
}

#[test]
fn an_argument_wins_over_the_role_and_verbose_says_where_each_value_is_from() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    let arguments =
        ["-p", "ticket=T", "-p", "lang=German", "-m", "corp/other", "--temperature", "1", "-o", "top_k=9", "-v"];
    let output = ask(&home, "commit").args(arguments).arg("x").run().expect_code(0);
    let sent = body(&server);
    let told: Vec<&Value> = ["model", "temperature", "max_tokens", "top_k"].iter().map(|name| &sent[*name]).collect();
    assert_eq!(told, [&json!("other"), &json!(1.0), &json!(300), &json!(9)]);
    assert_eq!(sent["messages"][0], turn("system", "You write German."));
    let path = home.path("config/llmx/roles/commit.md");
    for words in [
        format!("role commit: model = \"corp/special\" ({}:3) is replaced by --model", path.display()),
        format!("role commit: options.max_tokens = 300 ({}:4)\n", path.display()),
        format!("role commit: variables.lang = \"English\" ({}:5) is replaced by --param", path.display()),
    ] {
        assert!(output.stderr.contains(&words), "{words}\n{}", output.stderr);
    }
    let output = ask(&home, "commit").args(["-p", "ticket=T", "-s", "Mine.", "x"]).run().expect_code(0);
    assert_eq!(body(&server)["messages"][0], turn("system", "Mine."));
    assert!(output.stderr.contains("--system replaces the system prompt of role `commit`"), "{}", output.stderr);
}

#[test]
fn the_role_wins_over_the_configuration_and_the_environment() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    ask(&home, "commit").args(["-p", "ticket=T", "x"]).env("LLMX_MODEL", "corp/env").run().expect_code(0);
    assert_eq!(body(&server)["model"], "special");
}

#[test]
fn a_default_input_is_asked_when_nobody_asks_anything() {
    let server = server();
    let home = home(&server, "joke", "+++\nvariables = { input = \"Begin.\" }\n+++\nTell a joke.");
    for (run, asked) in [(ask(&home, "joke"), "Begin."), (ask(&home, "joke").arg("Shorter."), "Shorter.")] {
        run.run().expect_code(0);
        assert_eq!(body(&server)["messages"], json!([turn("system", "Tell a joke."), turn("user", asked)]));
    }
    own(&home, "ask", "Answer: {{input}}");
    let output = ask(&home, "ask").run().expect_code(2);
    assert!(output.stderr.contains("the prompt is empty"), "{}", output.stderr);
}

#[test]
fn a_schema_lies_beside_the_role_or_in_it_and_the_answer_is_held_to_it() {
    let server = Answering::start(|_, _| says(r#"{"name": "Ada"}"#));
    let home = home(&server, "person", "+++\nschema = \"person.json\"\n+++\nInvent a person.");
    let schema = r#"{"type": "object", "properties": {"name": {"type": "string"}}}"#;
    std::fs::write(home.path("config/llmx/roles/person.json"), schema).expect("a schema");
    let object = json(&ask(&home, "person").args(["--json", "one"]).run().expect_code(0));
    assert_eq!(object["data"], json!({ "name": "Ada" }));
    assert!(body(&server)["response_format"].to_string().contains("\"person\""));
    own(&home, "short", "+++\nschema = \"name, age int\"\n+++\nInvent a person.");
    let output = ask(&home, "short").arg("one").run().expect_code(9);
    assert_eq!(output.stdout, "");
    let requests = server.requests().len();
    for (arguments, words) in
        [("--stream", "--stream cannot be used with a schema"), ("-x", "--extract cannot be used with a schema")]
    {
        let output = ask(&home, "person").args([arguments, "one"]).run().expect_code(2);
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    let output = home.llmx().args(["complete", "--repair", "x"]).run().expect_code(2);
    assert!(output.stderr.contains("--repair needs --schema"), "{}", output.stderr);
    assert_eq!(server.requests().len(), requests);
    // A correction may be asked for with a role's schema too.
    ask(&home, "person").args(["--repair", "one"]).run().expect_code(0);
}

#[test]
fn what_is_wrong_is_told_with_its_place_before_anything_is_sent() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    own(&home, "broken", "+++\nmodel = \"m\"\noptions = { temprature = 1 }\n+++\nx {{input}}");
    own(&home, "no-model", "+++\nmodel = \"nobody/m\"\n+++\nx");
    own(&home, "no-schema", "+++\n\nschema = \"none.json\"\n+++\nx");
    own(&home, "bad-schema", "+++\nschema = \"name wrong\"\n+++\nx");
    let table: Vec<(&[&str], i32, &[&str])> = vec![
        (&["-t", "commit", "x"], 2, &["role `commit`: `ticket` has no value", "-p ticket=…"]),
        (&["-t", "commit", "-p", "tiket=1", "x"], 2, &["no variable `tiket`", "did you mean `ticket`?"]),
        (&["-t", "commit", "-p", "input=1", "x"], 2, &["`input` is what is asked"]),
        (&["-t", "commit", "-p", "ticket", "x"], 2, &["expected KEY=VALUE"]),
        (&["-p", "ticket=1", "x"], 2, &["--template <ROLE>"]),
        (&["-t", "comit", "x"], 3, &["there is no role `comit`", "did you mean `commit`?", "llmx role new comit"]),
        (&["-t", "quite-another", "x"], 3, &["there are: `bad-schema`, `broken`, `commit`"]),
        (&["-t", "..", "x"], 3, &["`..` cannot name a role"]),
        (&["-t", "", "x"], 3, &["cannot name a role"]),
        (&["-t", "./none.md", "x"], 3, &["there is no role `./none.md`"]),
        (&["-t", "broken", "x"], 3, &["broken.md:3:13: unknown option `temprature`", "did you mean `temperature`?"]),
        (&["-t", "no-model", "x"], 3, &["`model` (", "no-model.md:2)", "unknown provider `nobody`"]),
        (&["-t", "no-schema", "x"], 3, &["no-schema.md:3:1: cannot read", "none.json"]),
        (&["-t", "bad-schema", "x"], 3, &["bad-schema.md:2:1: ", "`wrong`"]),
    ];
    for (arguments, code, told) in table {
        for command in ["complete", "route"] {
            let output = home.llmx().arg(command).args(arguments).run().expect_code(code);
            assert_eq!(output.stdout, "");
            for words in told {
                assert!(output.stderr.contains(words), "{command} {arguments:?}: {words}\n{}", output.stderr);
            }
        }
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_path_is_a_file_and_one_that_is_not_in_the_own_folder_is_somebody_elses() {
    let server = server();
    let home = home(&server, "mine", "+++\noptions = { extra = { top_k = 5 } }\n+++\nMine.");
    let text = std::fs::read_to_string(home.path("config/llmx/roles/mine.md")).expect("a role");
    std::fs::write(home.path("work/other.md"), text).expect("a file");
    std::fs::write(home.path("work/plain.md"), "Plain.").expect("a file");
    for name in ["plain.md", "./plain.md"] {
        let output = ask(&home, name).arg("x").run().expect_code(0);
        assert_eq!((&body(&server)["messages"][0], output.stderr.as_str()), (&turn("system", "Plain."), ""));
    }
    let output = ask(&home, "other.md").arg("x").run().expect_code(3);
    assert!(
        output.stderr.contains("other.md:2:13: a role that is not your own must not set `extra`"),
        "{}",
        output.stderr
    );
    ask(&home, home.path("config/llmx/roles/mine.md").to_str().expect("Unicode")).arg("x").run().expect_code(0);
    assert_eq!(body(&server)["top_k"], 5);
}

#[test]
fn a_projects_role_is_said_to_be_one_and_never_takes_the_place_of_ones_own() {
    let server = server();
    let home = home(&server, "review", "Mine.");
    write(&home, "work/.llmx/roles", "review", "Theirs.");
    write(&home, "work/.llmx/roles", "deploy", "+++\nmodel = \"corp/theirs\"\n+++\nDeploy.");
    let output = ask(&home, "review").arg("x").run().expect_code(0);
    assert_eq!((&body(&server)["messages"][0], output.stderr.as_str()), (&turn("system", "Mine."), ""));
    let output = ask(&home, "deploy").arg("x").run().expect_code(0);
    assert!(output.stderr.contains("role `deploy` is the project's: "), "{}", output.stderr);
    assert_eq!(body(&server)["model"], "theirs");
    let output = ask(&home, ".llmx/roles/review.md").arg("x").run().expect_code(0);
    assert_eq!((&body(&server)["messages"][0], output.stderr.as_str()), (&turn("system", "Theirs."), ""));
}

#[test]
fn a_projects_role_reads_no_file_of_elsewhere() {
    let server = server();
    let home = home(&server, "mine", "Mine.");
    std::fs::write(home.path("home/secret.md"), "SECRET").expect("a file");
    std::fs::write(home.path("work/.env"), "SECRET").expect("a file");
    write(&home, "work/.llmx/roles", "file", "+++\nschema = \"secret.json\"\n+++\nx");
    // What is no path is never looked for.
    write(&home, "work/.llmx/roles", "word", "+++\nschema = \"secret\"\n+++\nx");
    std::fs::write(home.path("work/.llmx/roles/secret"), "SECRET").expect("a file");
    std::fs::write(home.path("work/secret"), "SECRET").expect("a file");
    symlink(home.path("home/secret.md"), home.path("work/.llmx/roles/link.md")).expect("a link");
    symlink("../../.env", home.path("work/.llmx/roles/env.md")).expect("a link");
    for (name, words) in [
        ("file", "must not read files"),
        ("link", "leads to a file outside of the project's `.llmx`"),
        ("env", "leads to a file outside of the project's `.llmx`"),
        (".llmx/roles/link.md", "leads to a file outside"),
    ] {
        let output = ask(&home, name).arg("x").run().expect_code(3);
        assert!(output.stderr.contains(words), "{name}: {}", output.stderr);
        assert!(!output.stderr.contains("SECRET"), "{}", output.stderr);
    }
    assert_eq!(server.requests().len(), 0);
    ask(&home, "word").arg("x").run().expect_code(9);
    assert!(!body(&server).to_string().contains("SECRET"));
}

#[test]
fn the_plan_is_made_by_the_role_too() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    let route = |arguments: &[&str]| home.llmx().arg("route").args(arguments).run().expect_code(0).stdout;
    assert_eq!(route(&["-t", "commit", "-p", "ticket=T"]), "corp/special\n");
    assert_eq!(route(&["-t", "commit", "-p", "ticket=T", "-m", "corp/x"]), "corp/x\n");
    let long = format!("{{{{input}}}}{}", "word ".repeat(5000));
    own(&home, "long", &long);
    let tokens = |arguments: &[&str]| {
        let plan: Value = serde_json::from_str(&route(arguments)).expect("JSON");
        plan["plan"]["candidates"][0]["input"]["expected"].as_u64().expect("a number")
    };
    assert!(tokens(&["--json", "-t", "long", "x"]) > tokens(&["--json", "x"]) + 4000);
    assert!(tokens(&["--json", "-t", "long"]) > 4000);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn roles_are_listed_shown_and_checked() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    own(&home, "broken", "+++\nmodle = \"\u{9b}2J\u{202e}\"\n+++\nx");
    own(&home, "lost", "+++\nmodel = \"nobody/m\"\nschema = \"name wrong\"\n+++\nx");
    own(&home, "not a name", "x");
    write(&home, "work/.llmx/roles", "commit", "Theirs.");
    write(&home, "work/.llmx/roles", "deploy", "Deploy {{where}}.");
    let run = |arguments: &[&str]| home.llmx().arg("role").args(arguments).run();
    let listed = run(&[]).expect_code(0);
    assert_eq!(listed.stdout, run(&["list"]).stdout);
    let rows: Vec<Vec<&str>> = listed
        .stdout
        .lines()
        .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect())
        .collect();
    assert_eq!(rows[1], ["broken", "broken: `llmx role check broken` says how", "yours"]);
    assert_eq!(rows[2], ["commit", "commit message", "corp/special", "ticket, lang=English", "yours"]);
    assert_eq!(rows[3], ["deploy", "where", "project"]);
    let value = json(&run(&["--json"]).expect_code(0));
    assert_eq!(value["schema"], "llmx.role.list/1");
    let names: Vec<&Value> = value["roles"].as_array().expect("a list").iter().map(|role| &role["name"]).collect();
    assert_eq!(names, ["broken", "commit", "deploy", "lost"]);
    assert_eq!(value["roles"][0]["error"]["exit_code"], 3);

    let shown = run(&["show", "commit"]).expect_code(0).stdout;
    for words in
        ["model = \"corp/special\"", "commit.md:3", "ticket", "must be given: -p ticket=…", "prompt:\nWrite a commit"]
    {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let value = json(&run(&["show", "commit", "--json"]).expect_code(0));
    assert_eq!(
        (&value["schema"], &value["needs"], &value["text_is"]),
        (&json!("llmx.role/1"), &json!(["ticket"]), &json!("prompt"))
    );
    assert_eq!(value["settings"][1]["origin"]["line"], 3);
    assert_eq!(json(&run(&["show", "none", "--json"]).expect_code(3))["error"]["exit_code"], 3);

    let told = run(&["check"]).expect_code(3).stderr;
    for words in [
        "broken.md:2:1: unknown setting `modle`",
        "lost.md:2:1: unknown provider",
        "lost.md:3:1: ",
        "not a name.md: its name",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!told.contains(['\u{9b}', '\u{202e}']), "{told}");
    assert_eq!(run(&["check", "commit"]).expect_code(0).stdout, "OK: 1 role\n");
    assert_eq!(run(&["check", "lost"]).expect_code(3).stdout, "");
}

#[test]
fn all_that_is_wrong_with_a_role_is_told_at_once() {
    let server = server();
    let head = "model = \"nowhere/m\"\nschema = \"gone.json\"\noptions = { temperature = \"hot\", max_tokens = -1 }\nmodle = 1";
    let home = home(&server, "broken", &format!("+++\n{head}\n+++\nx"));
    let told = home.llmx().args(["role", "check", "broken"]).run().expect_code(3).stderr;
    for words in [
        "broken.md:2:1: unknown provider `nowhere`",
        "broken.md:3:1: ",
        "gone.json`: No such file or directory",
        "broken.md:4:27: expected a number, found string",
        "broken.md:4:47: expected a whole number, 0 or more",
        "broken.md:5:1: unknown setting `modle`",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert_eq!(home.llmx().args(["role", "check"]).run().expect_code(3).stderr, told);
}

#[test]
fn a_role_is_begun_once_edited_and_used() {
    let server = server();
    let home = Home::new();
    home.write_config(&server.config("corp/m"));
    let empty = home.llmx().arg("role").run().expect_code(0);
    assert_eq!(empty.stdout, "");
    assert!(empty.stderr.contains("llmx role new"), "{}", empty.stderr);
    let path = home.path("config/llmx/roles/say.md");
    let begun = home.llmx().args(["role", "new", "say"]).run().expect_code(0);
    assert_eq!(begun.stdout, format!("{}\n", path.display()));
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(home.llmx().args(["role", "path", "say"]).run().expect_code(0).stdout, begun.stdout);
    ask(&home, "say").args(["-p", "language=German", "Hello"]).run().expect_code(0);
    assert_eq!(body(&server)["messages"], json!([turn("user", "Answer in German, in one sentence:\n\nHello")]));

    std::fs::write(&path, "Kept.").expect("a role");
    let again = home.llmx().args(["role", "new", "say"]).run().expect_code(2);
    assert!(again.stderr.contains("role `say` is there already"), "{}", again.stderr);
    assert_eq!(std::fs::read_to_string(&path).expect("a role"), "Kept.");
    home.llmx().args(["role", "new", "../say"]).run().expect_code(3);

    let edit = |line: &str| home.llmx().args(["role", "edit", "say"]).env("EDITOR", format!("sh -c '{line}' sh")).run();
    edit("printf Edited. > \"$1\"").expect_code(0);
    assert_eq!(std::fs::read_to_string(&path).expect("a role"), "Edited.");
    let broken = edit("printf \"+++\\nx = 1\\n+++\\n\" > \"$1\"").expect_code(3);
    assert!(broken.stderr.contains("say.md:2:1: unknown setting `x`"), "{}", broken.stderr);
    home.llmx().args(["role", "edit", "none"]).run().expect_code(3);
    let folders = home.llmx().args(["role", "path"]).run().expect_code(0).stdout;
    assert!(folders.contains("config/llmx/roles\n") && folders.contains("work/.llmx/roles\n"), "{folders}");
}

#[test]
fn a_conversation_goes_on_under_a_role() {
    let server = server();
    let home = home(&server, "pirate", "You are a pirate.");
    home.llmx().args(["complete", "-s", "Old.", "one"]).run().expect_code(0);
    ask(&home, "pirate").args(["-c", "two"]).run().expect_code(0);
    let messages = body(&server)["messages"].clone();
    assert_eq!(messages[0], turn("system", "You are a pirate."));
    assert_eq!(messages[3], turn("user", "two"));
}

#[test]
fn a_comparison_asks_by_the_role_with_the_rows_in_its_place() {
    let server = server();
    let home = home(&server, "commit", COMMIT);
    let compare = |arguments: &[&str]| home.llmx().args(["compare", "-t", "commit"]).args(arguments).run();
    compare(&["-p", "ticket=T", "-m", "corp/a,corp/b", "a diff"]).expect_code(0);
    let sent = server.requests();
    let mut models: Vec<&str> = sent.iter().filter_map(|body| body["model"].as_str()).collect();
    models.sort_unstable();
    assert_eq!(models, ["a", "b"]);
    for sent in &sent {
        assert_eq!(sent["messages"][0], turn("system", "You write English."));
        assert_eq!(sent["messages"][1], turn("user", "Write a commit message for T:\n\na diff"));
        assert_eq!((&sent["temperature"], &sent["top_k"]), (&json!(0.25), &json!(5)));
    }
    std::fs::write(home.path("work/rows.csv"), "prompt,ticket,lang\none,T1,German\ntwo,T2,French\n").expect("a file");
    compare(&["-f", "rows.csv"]).expect_code(0);
    let mut prompts: Vec<String> = server.requests()[2..].iter().map(|body| body["messages"].to_string()).collect();
    prompts.sort();
    assert!(prompts[0].contains("You write French.") && prompts[0].contains("for T2:\\n\\ntwo"), "{prompts:?}");
    assert!(prompts[1].contains("You write German.") && prompts[1].contains("for T1:\\n\\none"), "{prompts:?}");
    assert_eq!(server.requests()[2]["model"], "special");
    let count = server.requests().len();
    let missing = compare(&["x"]).expect_code(2);
    assert!(missing.stderr.contains("role `commit`: `ticket` has no value"), "{}", missing.stderr);
    let unknown = compare(&["-p", "tiket=1", "-f", "rows.csv"]).expect_code(2);
    assert!(unknown.stderr.contains("did you mean `ticket`?"), "{}", unknown.stderr);
    compare(&["--from-log"]).expect_code(2);
    assert_eq!(server.requests().len(), count);
}
