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
