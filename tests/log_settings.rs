//! `[log]` of the configuration: whether text is kept, how long, and how much of it.

use serde_json::Value;

use crate::support::Home;

#[test]
fn text_is_kept_or_not_as_the_table_says() {
    let home = Home::new();
    for (toml, kept) in [
        ("[log]\ntext = false\n", false),
        ("[log]\ntext = true\n", true),
        ("store_prompts = false\n", false),
        ("store_prompts = false\n[log]\nkeep = \"1d\"\n", false),
        ("", true),
    ] {
        home.write_config(toml);
        home.llmx().args(["complete", "--sim", "hello"]).run().expect_code(0);
        let shown = home.llmx().args(["log", "--sim", "show"]).run().expect_code(0).stdout;
        assert_eq!(shown.contains("\nanswer:\n"), kept, "{toml}: {shown}");
    }
}

#[test]
fn the_settings_are_shown_with_their_origin_and_checked() {
    let home = Home::new();
    home.write_config("[log]\ntext = false\nkeep = \"180d\"\nmax_size = \"500MB\"\n");
    let shown = home.llmx().args(["config", "show"]).run().expect_code(0).stdout;
    for (setting, line) in [("store_prompts = false", 2), ("log.keep = \"180d\"", 3), ("log.max_size = \"500MB\"", 4)] {
        let found =
            shown.lines().find(|found| found.starts_with(setting)).unwrap_or_else(|| panic!("{setting}: {shown}"));
        assert!(found.ends_with(&format!("config.toml:{line}")), "{found}");
    }
    for (toml, words) in [
        ("[log]\nkepe = \"1d\"\n", "did you mean `keep`?"),
        ("[log]\nkeep = 5\n", "a duration needs a unit"),
        ("[log]\nkeep = \"0s\"\n", "out of range"),
        ("[log]\nmax_size = \"5\"\n", "no size; write a number and a unit"),
        ("[log]\nmax_size = \"1kB\"\n", "at least `1MB`"),
        ("[log]\nmax_size = 500\n", "a size needs a unit: write \"500MB\""),
        ("[lgo]\nkeep = \"1d\"\n", "did you mean `log`?"),
    ] {
        home.write_config(toml);
        let told = home.llmx().args(["config", "check"]).run().expect_code(3).stderr;
        assert!(told.contains(words) && told.contains("config.toml:"), "{toml}: {told}");
    }
    home.write_config("");
    std::fs::write(home.path("work/.llmx.toml"), "[log]\ntext = true\n").expect("a project's file");
    let told = home.llmx().args(["config", "check"]).run().expect_code(3).stderr;
    assert!(told.contains("must not set `log`"), "{told}");
}

#[test]
fn what_is_too_old_is_forgotten_at_the_end_of_a_run_once_a_day() {
    let home = Home::new();
    home.llmx().args(["complete", "--sim", "old words"]).run().expect_code(0);
    home.write_config("[log]\nkeep = \"1ms\"\n");
    let texts = || {
        let list = home.llmx().args(["log", "--sim", "--json"]).run().expect_code(0).stdout;
        let list: Value = serde_json::from_str(&list).expect("JSON");
        list["runs"].as_array().expect("runs").iter().filter(|run| run["prompt"] != "").count()
    };
    home.llmx().args(["complete", "--sim", "new words"]).run().expect_code(0);
    let after_one = texts();
    assert!(after_one < 2, "the older one is gone");
    home.llmx().args(["complete", "--sim", "newer words"]).run().expect_code(0);
    assert_eq!(texts(), after_one + 1, "not twice on a day");
}
