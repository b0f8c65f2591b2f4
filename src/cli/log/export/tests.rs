use super::*;
use crate::cli::log::tests::ledger as example;

#[test]
fn a_line_of_json_has_what_was_said_and_what_it_cost() {
    let directory = tempfile::tempdir().expect("a directory");
    let run = example(&directory).run("last").expect("a read").expect("a run");
    let line = jsonl::line(&run);
    assert_eq!(line["schema"], "llmx.log/1");
    let roles: Vec<&str> =
        line["messages"].as_array().expect("messages").iter().filter_map(|message| message["role"].as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant"]);
    assert_eq!(
        (&line["model"], &line["output_tokens"], &line["started"]),
        (&"b/m".into(), &5.into(), &"1970-01-01T00:00:00Z".into())
    );
    // A part of the cost must not pass for the whole.
    assert_eq!((line["cost"].is_null(), &line["unknown_costs"]), (true, &1.into()));
}

#[test]
fn a_page_of_markdown_has_one_heading_for_a_conversation() {
    let directory = tempfile::tempdir().expect("a directory");
    let run = example(&directory).run("last").expect("a read").expect("a run");
    let page =
        format!("{}{}", markdown::section(&run, true, &TimeZone::UTC), markdown::section(&run, false, &TimeZone::UTC));
    assert_eq!(page.matches("# Conversation `").count(), 1, "{page}");
    assert_eq!(page.matches("### answer\n\n```text\nRayleigh.\n```\n").count(), 2, "{page}");
    assert!(page.contains("- cost: $0.0375 + unknown\n") && !page.contains('\u{1b}'), "{page}");
}

#[test]
fn a_file_is_whole_private_and_over_no_other() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("out.jsonl");
    let names = || std::fs::read_dir(directory.path()).expect("a directory").count();
    let mut draft = file::Draft::beside(&path, false).expect("a draft");
    draft.write("half").expect("written");
    drop(draft);
    assert_eq!(names(), 0, "what is not whole is gone");
    let write = |text: &str, force: bool| {
        let mut draft = file::Draft::beside(&path, force)?;
        draft.write(text)?;
        draft.finish()
    };
    write("first", false).expect("written");
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    assert!(write("second", false).expect_err("refused").to_string().contains("--force"));
    assert_eq!(std::fs::read_to_string(&path).expect("text"), "first");
    write("third", true).expect("replaced");
    assert_eq!((std::fs::read_to_string(&path).expect("text").as_str(), names()), ("third", 1));
    // One that appears meanwhile is not replaced either.
    let late = directory.path().join("late");
    let draft = file::Draft::beside(&late, false).expect("a draft");
    std::fs::write(&late, "another's").expect("written");
    assert!(draft.finish().is_err() && std::fs::read_to_string(&late).expect("text") == "another's");
}
