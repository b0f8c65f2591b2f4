//! What a route tries out on live requests: a canary, a split, a shadow; through the real binary.

use std::sync::Arc;

use serde_json::Value;

use crate::support::{Home, Output, Server};

const CHAIN: [(&str, &str); 2] = [("base/m", "openai-chat"), ("new/m", "openai-chat")];

/// A home whose route `test` has the base alone and these further settings; the new one has a price.
fn home(server: &Server, settings: &str) -> Arc<Home> {
    let home = Home::new();
    let config = server
        .config(&CHAIN)
        .replace("tiers = [[\"base/m\"], [\"new/m\"]]", &format!("tiers = [[\"base/m\"]]\n{settings}"));
    home.write_config(&format!("catalog = \"models.toml\"\n{config}"));
    let models = "[models.\"new/m\"]\nprice = { input = 1.0, output = 2.0 }\n[models.\"base/m\"]\nprice = { input = 1.0, output = 2.0 }\n";
    std::fs::write(home.config_file().with_file_name("models.toml"), models).expect("a catalogue");
    home
}

fn ask(home: &Arc<Home>) -> Output {
    home.llmx().args(["complete", "Why is the sky blue?"]).run().expect_code(0)
}

fn json(home: &Arc<Home>, arguments: &[&str]) -> Value {
    serde_json::from_str(&home.llmx().args(arguments).run().expect_code(0).stdout).expect("JSON")
}

#[test]
fn a_canary_that_fails_goes_back_by_itself_says_so_and_is_asked_no_more() {
    let server = Server::start("new:429");
    let canary = "canary = { target = \"new/m\", share = [1.0], step = \"1h\" }";
    let home = home(&server, canary);
    let config = std::fs::read_to_string(home.config_file()).expect("the configuration");
    home.write_config(&format!(
        "{config}\n[hooks]\ncanary_rolled_back = {{ cmd = [\"sh\", \"-c\", \"cat > rolled\"] }}\n"
    ));
    let first = &json(&home, &["route", "--json", "hi"])["plan"];
    assert_eq!(
        (&first["candidates"][0]["target"], &first["trial"]["chosen"]),
        (&"new/m".into(), &true.into()),
        "{first}"
    );
    let told = (0..4).map(|_| ask(&home)).find(|run| run.stderr.contains("rolled back")).expect("it goes back");
    assert!(told.stderr.contains("canary new/m of route test rolled back: error rate"), "{}", told.stderr);
    let event = std::fs::read_to_string(home.path("work/rolled")).expect("the hook was told");
    assert!(event.contains("canary_rolled_back"), "{event}");
    let asked = server.count("new");
    ask(&home);
    assert_eq!(server.count("new"), asked, "it gets nothing any more");
    let plan = &json(&home, &["route", "--json", "hi"])["plan"];
    assert!(plan["trial"]["rolled_back"].as_str().is_some_and(|why| why.contains("error rate")), "{plan}");
    // Another plan begins anew.
    home.write_config(&config.replace("1h", "2h"));
    assert_eq!(json(&home, &["route", "--json", "hi"])["target"], "new/m");
}

#[test]
fn a_canary_that_does_well_gets_more() {
    let server = Server::start("");
    let home = home(
        &server,
        "canary = { target = \"new/m\", share = [0.5, 1.0], step = \"1ms\", min_requests = 1, max_slowdown = 100.0, max_cost_increase = 100.0 }",
    );
    let advanced = (0..40).any(|_| ask(&home).stderr.contains("advanced from 50 % to 100 %"));
    assert!(advanced);
    assert_eq!(json(&home, &["route", "--json", "hi"])["target"], "new/m");
    let report = home.llmx().args(["route", "--report"]).run().expect_code(0).stdout;
    assert!(report.contains("canary new/m: "), "{report}");
}

#[test]
fn an_arm_by_user_stays_where_no_variable_names_one() {
    let server = Server::start("");
    let split = "split = { name = \"old-or-new\", by = \"user\", arms = { \"base/m\" = 0.5, \"new/m\" = 0.5 } }";
    let home = home(&server, split);
    let arm = || {
        let run = home.llmx().env("USER", "").env("LOGNAME", "").args(["route", "--json", "hi"]).run().expect_code(0);
        serde_json::from_str::<Value>(&run.stdout).expect("JSON")["plan"]["trial"]["arm"].clone()
    };
    let first = arm();
    assert!(first.is_string() && (0..8).all(|_| arm() == first), "{first}");
}

#[test]
fn an_arm_of_a_split_stays_with_its_key_and_the_report_says_too_few() {
    let server = Server::start("");
    let home =
        home(&server, "split = { name = \"old-or-new\", by = \"user\", arms = { \"base/m\" = 0.5, \"new/m\" = 0.5 } }");
    let arm = |user: &str| {
        let run = home.llmx().env("USER", user).args(["complete", "--json", "hi"]).run().expect_code(0);
        let value: Value = serde_json::from_str(&run.stdout).expect("JSON");
        value["target"].as_str().expect("a target").to_owned()
    };
    let users = ["ann", "bob", "cyn", "dan", "eve", "fay"];
    let first: Vec<String> = users.iter().map(|user| arm(user)).collect();
    let again: Vec<String> = users.iter().map(|user| arm(user)).collect();
    assert_eq!(first, again);
    assert!(first.iter().any(|arm| arm == "base/m") && first.iter().any(|arm| arm == "new/m"), "{first:?}");
    let report = json(&home, &["route", "--report", "--json"]);
    let arms = report["split"]["report"]["arms"].as_array().expect("arms");
    assert_eq!(arms.iter().map(|arm| arm["requests"].as_u64().expect("a number")).sum::<u64>(), 12, "{report}");
    let words = home.llmx().args(["route", "--report"]).run().expect_code(0).stdout;
    assert!(words.contains("experiment old-or-new") && words.contains("too few to tell"), "{words}");
}

#[test]
fn a_shadow_is_asked_the_same_and_not_shown() {
    let server = Server::start("");
    let home =
        home(&server, "shadow = { target = \"new/m\", share = 1.0, max_cost_per_day = 1.0, max_delay = \"10s\" }");
    let run = ask(&home);
    assert_eq!((server.count("base"), server.count("new")), (1, 1));
    let bodies: Vec<Value> = server.requests().into_iter().map(|seen| seen.body["messages"].clone()).collect();
    assert_eq!(bodies[0], bodies[1]);
    assert!(!run.stdout.is_empty() && !run.stderr.contains("new/m"), "{}", run.stderr);
    let report = json(&home, &["route", "--report", "--json"]);
    let arms = &report["shadow"]["report"]["arms"];
    assert_eq!((&arms[0]["requests"], &arms[1]["requests"]), (&1.into(), &1.into()), "{report}");
}

#[test]
fn a_shadow_that_hangs_delays_the_end_no_longer_than_it_may_and_is_left() {
    let server = Server::start("new:hang");
    let home =
        home(&server, "shadow = { target = \"new/m\", share = 1.0, max_cost_per_day = 1.0, max_delay = \"200ms\" }");
    ask(&home);
    server.wait_disconnect("new");
    let report = json(&home, &["route", "--report", "--json"]);
    assert_eq!(report["shadow"]["stopped"], 1, "{report}");
}

#[test]
fn a_shadow_without_money_or_price_is_not_asked_and_says_why() {
    let server = Server::start("");
    let home = home(&server, "shadow = { target = \"new/m\", share = 1.0, max_cost_per_day = 0.0000001 }");
    ask(&home);
    assert_eq!(server.count("new"), 0);
    let plan = &json(&home, &["route", "--json", "hi"])["plan"]["shadow"];
    assert_eq!((&plan["shadow"], &plan["why"]["reason"]), (&"not".into(), &"over_cap".into()), "{plan}");
}
