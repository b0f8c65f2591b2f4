//! Routes, budgets and hooks: what they may hold, and the words of what is wrong.

use super::*;
use crate::config::hooks::{Hook, Occasion};
use crate::money::Usd;
use crate::route::strategy::Balance;
use crate::route::{AtLimit, Scope};
use crate::route::{Budget, Buffer, CanaryPlan, Hedge, HedgeAfter, OnEmpty, OnFilter, Period, ShadowPlan};
use crate::secret::Secret;

fn usd(text: &str) -> Usd {
    Usd::parse(text).expect("an amount")
}

pub(super) fn target(name: &str) -> TargetId {
    name.parse().expect("a target")
}

/// A route of three tiers and an alias; the settings begin in line 5.
pub(super) fn with(lines: &str) -> String {
    format!(
        "[aliases]\nfast = \"groq/c\"\n[routes.r]\ntiers = [\"openai/a\", [\"openai/b\", \"fast\"], \"mistral/d\"]\n{lines}"
    )
}

#[test]
fn a_route_takes_every_setting_with_its_origin() {
    let settings = sound(&with(
        "strategy = \"weighted\"\nweights = { fast = 9, \"openai/b\" = 0.5 }\nmax_cost = \"$0.05\"\nrequire = [\"eu\"]\n\
         forbid = [\"preview\", \"region:us\"]\non_cut = \"buffer\"\nbuffer = 40\non_empty = \"fail\"\non_filter = \"next\"\n\
         hedge = { after = \"p90\", max_extra_cost = 0.1 }\n\
         canary = { target = \"openai/new\", share = [0.1, 1], step = \"30d\", max_error_rate = 0.05, max_cost_increase = false, min_requests = 50 }\n\
         shadow = { target = \"fast\", share = 0.01, max_cost_per_day = 0.5 }\n",
    ));
    let route = &settings.routes["r"];
    let said = |line| in_file("config.toml", line);
    assert_eq!((route.strategy.value.name, &route.strategy.origin), ("weighted", &said(5)));
    assert_eq!(route.weights, [(target("groq/c"), 9.0), (target("openai/b"), 0.5)]);
    assert_eq!(route.max_cost, Some(Set { value: usd("0.05"), origin: said(7) }));
    assert_eq!(route.require, Some(Set { value: vec!["eu".to_owned()], origin: said(8) }));
    assert_eq!(route.forbid.as_ref().map(|set| set.value.len()), Some(2));
    assert_eq!(route.on_cut, Set { value: OnCut::Buffer, origin: said(10) });
    assert_eq!(route.buffer, Some(Set { value: Buffer::Tokens(40), origin: said(11) }));
    assert_eq!(route.on_empty, Set { value: OnEmpty::Fail, origin: said(12) });
    assert_eq!(route.on_filter, Set { value: OnFilter::Next, origin: said(13) });
    let hedge = Hedge { after: HedgeAfter::Quantile(0.9), max_extra_cost: 0.1 };
    assert_eq!(route.hedge, Some(Set { value: hedge, origin: said(14) }));
    let canary = CanaryPlan {
        share: vec![0.1, 1.0],
        step: Duration::from_hours(720),
        max_error_rate: 0.05,
        max_cost_increase: None,
        min_requests: 50,
        ..CanaryPlan::new(target("openai/new"))
    };
    assert_eq!(route.canary, Some(Set { value: canary, origin: said(15) }));
    let shadow = ShadowPlan {
        target: target("groq/c"),
        share: 0.01,
        max_cost_per_day: usd("0.5"),
        max_delay: Duration::from_secs(2),
    };
    assert_eq!(route.shadow, Some(Set { value: shadow, origin: said(16) }));
    assert_eq!(resolve(&settings, "r", &[]).expect("a route"), *route, "nothing is lost on the way to a policy");
}

#[test]
fn settings_have_several_forms() {
    let route = |lines: &str| sound(&with(lines)).routes["r"].clone();
    let hedge = |lines: &str| route(lines).hedge.map(|set| set.value);
    let usual = Hedge { after: HedgeAfter::Quantile(0.95), max_extra_cost: 0.03 };
    assert_eq!(hedge("hedge = true"), Some(usual));
    assert_eq!(hedge("hedge = false"), None);
    let after = HedgeAfter::Time(Duration::from_millis(800));
    assert_eq!(hedge("hedge = { after = \"800ms\" }"), Some(Hedge { after, ..usual }));
    let buffer = route("buffer = \"500ms\"").buffer.map(|set| set.value);
    assert_eq!(buffer, Some(Buffer::Time(Duration::from_millis(500))));
    let predictive = route("strategy = \"predictive\"\nexplore = 0.5\nbalance = { success = 5 }");
    assert_eq!(predictive.balance.value, Balance { success: 5.0, ..Balance::DEFAULT });
    assert_eq!(predictive.explore.value.to_bits(), 0.5_f64.to_bits());
    let cheapest = route("strategy = \"cheapest\"\nmax_latency = \"2s\"\nmax_cost = 1");
    assert_eq!(cheapest.max_latency.map(|set| set.value), Some(Duration::from_secs(2)));
    assert_eq!(cheapest.max_cost.map(|set| set.value), Some(usd("1")));
    let canary = route("canary = { target = \"mistral/d\" }").canary.expect("a later member may take over").value;
    assert_eq!(canary, CanaryPlan::new(target("mistral/d")));
    let free = route("shadow = { target = \"ollama/x\", share = 1, max_cost_per_day = 0, max_delay = \"500ms\" }");
    assert_eq!(free.shadow.map(|set| set.value.max_cost_per_day), Some(Usd::ZERO));
    let text = "[routes.r]\nstrategy = \"weighted\"\ntiers = [[{ model = \"openai/x\", weight = 9 }, \"groq/y\"], { model = \"xai/z\" }]";
    let weighted = &sound(text).routes["r"];
    assert_eq!(weighted.weights, [(target("openai/x"), 9.0)]);
    assert_eq!(weighted.tiers, [vec![target("openai/x"), target("groq/y")], vec![target("xai/z")]]);
}

/// Each is one problem, with its line and column, its words, and its remedy.
pub(super) fn told(cases: &[(&str, &str, &str, &str)]) {
    for (text, place, message, help) in cases {
        let (_, problems) = user(text);
        assert!(problems.starts_with(&format!("config.toml:{place}: {message}\n")), "{text}\n{problems}");
        assert!(problems.ends_with(help), "{text}\n{problems}");
        assert_eq!(problems.matches("config.toml:").count(), 1, "{text}\n{problems}");
    }
}

/// [`told`] of settings of the route of [`with`].
pub(super) fn told_of(cases: &[(&str, &str, &str, &str)]) {
    for (lines, place, message, help) in cases {
        told(&[(&with(lines), place, message, help)]);
    }
}

#[test]
fn wrong_tiers_are_told() {
    told(&[
        (
            "[routes.r]\ntiers = [[], [\"openai/a\"]]",
            "2:10",
            "this tier is empty",
            "^^ name at least one model in it, or remove it",
        ),
        (
            "[routes.r]\ntiers = []",
            "2:9",
            "a route needs `tiers` with at least one model",
            "^^ write `tiers = [\"provider/model\"]`",
        ),
        (
            "[routes.r]\nretries = 1",
            "1:9",
            "a route needs `tiers` with at least one model",
            "^ write `tiers = [\"provider/model\"]`",
        ),
        (
            "[routes.a]\ntiers = [\"openai/a\"]\n[routes.r]\ntiers = [[\"groq\", \"a\"]]",
            "4:19",
            "a model is needed here, and `a` is a route",
            "^^^ name the models of `a`",
        ),
        (
            "[aliases]\nx = \"a\"\n[routes.a]\ntiers = [\"openai/a\"]\n[routes.r]\ntiers = [\"x\"]",
            "6:10",
            "a model is needed here, and `x` stands for a route",
            "^^^ name the models of `a`",
        ),
        (
            "[routes.r]\ntiers = [\"openai/a\", [\"groq/b\", \"openai:a\"]]",
            "2:33",
            "the route names `openai:a` twice",
            "^^^^^^^^^^ name it once; `retries` says how often it is tried again",
        ),
        (
            "[routes.r]\ntiers = [[{ model = \"opnai/a\" }]]",
            "2:21",
            "unknown provider `opnai` in `opnai/a`",
            "^^^^^^^^^ did you mean `openai/a`?",
        ),
        (
            "[routes.r]\ntiers = [[\"openai/a\", [\"groq/b\"]]]",
            "2:23",
            "expected a model such as \"openai/gpt-5.4-mini\", found a list",
            "^",
        ),
        ("[routes.r]\ntiers = [[{ weight = 1 }]]", "2:11", "`model` is missing", "write `model = \"provider/model\"`"),
        (
            "[routes.r]\ntiers = [[{ model = \"openai/a\", wieght = 1 }]]",
            "2:33",
            "unknown setting `wieght`",
            "did you mean `weight`?",
        ),
    ]);
}

#[test]
fn aliases_in_a_circle_are_told_as_such() {
    let help = "an alias stands for a model, such as `provider/model`, or for a route";
    told(&[
        ("[aliases]\na = \"b\"\nb = \"a\"", "2:5", "aliases in a circle: a -> b -> a", help),
        ("[aliases]\na = \"a\"", "2:5", "aliases in a circle: a -> a", help),
        ("[aliases]\na = \"b\"\nb = \"c\"\nc = \"b\"", "3:5", "aliases in a circle: b -> c -> b", help),
        ("[aliases]\na = \"b\"\nb = \"groq\"", "2:5", "`b` is itself an alias", "write what it stands for: `groq`"),
    ]);
    sound("[aliases]\na = \"r\"\n[routes.r]\ntiers = [\"openai/a\"]");
}

#[test]
fn settings_that_the_strategy_does_not_read_are_told() {
    told_of(&[
        ("strategy = \"cheapst\"", "5:12", "unknown value `cheapst`", "did you mean `cheapest`?"),
        (
            "strategy = \"random\"",
            "5:12",
            "unknown value `random`",
            "known: `ordered`, `shuffle`, `weighted`, `cheapest`, `fastest`, `balanced`, `predictive`",
        ),
        (
            "max_latency = \"2s\"",
            "5:1",
            "`max_latency` does nothing with strategy `ordered`",
            "^^^^^^^^^^^ only `strategy = \"cheapest\"` reads it",
        ),
        (
            "strategy = \"fastest\"\nweights = { fast = 1 }",
            "6:1",
            "`weights` does nothing with strategy `fastest`",
            "only `strategy = \"weighted\"` reads it",
        ),
        (
            "strategy = \"balanced\"\nexplore = 0.1",
            "6:1",
            "`explore` does nothing with strategy `balanced`",
            "only `strategy = \"cheapest\"` or `strategy = \"predictive\"` reads it",
        ),
        (
            "balance = { cost = 1 }",
            "5:1",
            "`balance` does nothing with strategy `ordered`",
            "only `strategy = \"balanced\"` or `strategy = \"predictive\"` reads it",
        ),
        (
            "strategy = \"balanced\"\nbalance = { cost = 0, latency = 0, success = 0 }",
            "6:1",
            "`balance` is 0 in all, so nothing would matter",
            "give at least one of `cost`, `latency` and `success` a number above 0",
        ),
        ("strategy = \"predictive\"\nexplore = 0.6", "6:11", "expected a share from 0 to 0.5, found 0.6", "^^^"),
        ("strategy = \"cheapest\"\nmax_latency = 2", "6:15", "a duration needs a unit: write \"2s\" or \"2ms\"", "^"),
    ]);
    told(&[(
        "[routes.r]\ntiers = [[{ model = \"openai/a\", weight = 2 }, \"groq/b\"]]",
        "2:33",
        "`weight` does nothing with strategy `ordered`",
        "only `strategy = \"weighted\"` reads it",
    )]);
}

#[test]
fn wrong_weights_are_told() {
    let weighted = |weights: &str| with(&format!("strategy = \"weighted\"\nweights = {weights}"));
    told(&[
        (
            &weighted("{ \"xai/z\" = 1 }"),
            "6:13",
            "`xai/z` is in none of the route's tiers",
            "^^^^^^^ add it to `tiers`, or remove its weight",
        ),
        (&weighted("{ fst = 1 }"), "6:13", "unknown model, route or alias `fst`", "^^^ did you mean `fast`?"),
        (
            &weighted("{ \"openai/bb\" = 1 }"),
            "6:13",
            "`openai/bb` is in none of the route's tiers",
            "^^^^^^^^^^^ did you mean `openai/b`?",
        ),
        (&weighted("{ fast = -1 }"), "6:20", "expected a weight, which is 0 or more, found -1", "^^"),
        (&weighted("{ fast = nan }"), "6:20", "expected a weight, which is 0 or more, found NaN", "^^^"),
        (&weighted("{ fast = inf }"), "6:20", "expected a weight, which is 0 or more, found inf", "^^^"),
        (&weighted("{ fast = \"9\" }"), "6:20", "expected a weight, which is 0 or more, found string", "^^^"),
        (&weighted("{ fast = 1, \"groq/c\" = 2 }"), "6:23", "`groq/c` has two weights", "^^^^^^^^ keep one of them"),
        (
            &weighted("{ \"openai/a\" = 0, \"openai/b\" = 0, fast = 0, \"mistral/d\" = 0 }"),
            "6:1",
            "all weights are 0, so nobody would be asked",
            "give at least one model a weight above 0",
        ),
    ]);
}

#[test]
fn wrong_limits_are_told() {
    told_of(&[
        ("max_cost = 0", "5:12", "`0` is too little: write an amount of dollars above 0, such as 0.05", "^"),
        ("max_cost = -0.5", "5:12", "`-0.5` is too little: write an amount of dollars above 0, such as 0.05", "^^^^"),
        (
            "max_cost = \"5 EUR\"",
            "5:12",
            "`5 EUR` is no amount: write dollars with at most 12 decimals, such as 0.05",
            "^^^^^^^",
        ),
        ("max_cost = true", "5:12", "expected an amount of dollars such as 0.05, found boolean", "^^^^"),
        ("retries = 11", "5:11", "`retries` is a number from 0 to 10", "^^"),
        ("on_cut = \"contineu\"", "5:10", "unknown value `contineu`", "did you mean `continue`?"),
        ("on_empty = \"nxt\"", "5:12", "unknown value `nxt`", "did you mean `next`?"),
        ("on_filter = \"ignore\"", "5:13", "unknown value `ignore`", "known: `stop`, `next`"),
        ("buffer = 0", "5:10", "expected at least one token, found 0", "^"),
        (
            "buffer = \"40 tokens\"",
            "5:10",
            "`40 tokens` is no duration; write a number and a unit, such as `250ms`, `5s`, `2m` or `1h`",
            "^^^^^^^^^^^",
        ),
        (
            "require = [\"eu west\"]",
            "5:12",
            "`eu west` is no tag: write one word of letters, digits, `-`, `_`, `.` and `:`, such as `eu`",
            "^^^^^^^^^",
        ),
        (
            "require = [\"eu\"]\nforbid = [\"us\", \"eu\"]",
            "6:17",
            "`eu` is required and forbidden, so no model could serve",
            "remove it from `require` or from `forbid`",
        ),
        ("forbid = \"eu\"", "5:10", "expected a list, found string", "^^^^"),
    ]);
    told(&[(
        "[providers.openai]\ntags = [\"eu\", \"\"]",
        "2:8",
        "`` is no tag: write one word of letters, digits, `-`, `_`, `.` and `:`, such as `eu`",
        "^^^^^^^^^^",
    )]);
}

#[test]
fn what_hangs_on_an_unknown_member_is_not_told_beside_it() {
    let (_, problems) = user(
        "[routes.r]\ntiers = [[\"openai/a\", \"opnai/b\"]]\nstrategy = \"weighted\"\nweights = { \"opnai/b\" = 2 }\nhedge = true",
    );
    assert_eq!(problems.matches("config.toml:").count(), 1, "{problems}");
    assert!(problems.contains("did you mean `openai/b`?"), "{problems}");
}

#[test]
fn budgets_hold_for_every_policy() {
    let settings = sound("[budgets]\ndaily = 5.00\nmonthly = \"$60.5\"\n[routes.r]\ntiers = [\"openai/a\"]");
    let budget = |period, limit, line| Set {
        value: Budget { period, limit: usd(limit), scope: Scope::All, at_limit: AtLimit::Cheaper },
        origin: in_file("config.toml", line),
    };
    let expected = [budget(Period::Day, "5", 2), budget(Period::Month, "60.5", 3)];
    for name in ["r", "openai/a", "groq"] {
        assert_eq!(resolve(&settings, name, &[]).expect(name).budgets, expected, "{name}");
    }
    let automatic = settings.default_policy(&environment(&[("GROQ_API_KEY", "k")]), &catalogue);
    assert_eq!(automatic.expect("sound").expect("a key").budgets, expected);
    told(&[
        ("[budgets]\ndaily = -5", "2:9", "`-5` is too little: write an amount of dollars above 0, such as 0.05", "^^"),
        ("[budgets]\nweekly = 0", "2:10", "`0` is too little: write an amount of dollars above 0, such as 0.05", "^"),
        ("[budgets]\ndialy = 5", "2:1", "unknown setting `dialy`", "did you mean `daily`?"),
        ("budgets = 5", "1:11", "expected a table, found integer", "^"),
        ("[budgets]\nwarn_at = 80", "2:11", "expected a share above 0, up to 1, found 80", "^^"),
        ("[budgets]\nat_limit = \"stop\"", "2:12", "unknown value `stop`", "known: `cheaper`, `block`"),
        (
            "[budgets.tags]\nteam = { daily = 1 }",
            "2:1",
            "`team` is no tag",
            "write `key=value`, such as `\"team=search\"`",
        ),
        (
            "[budgets.routes]\nsmrt = { daily = 1 }\n[routes.smart]\ntiers = [\"openai/a\"]",
            "2:1",
            "unknown route `smrt`",
            "did you mean `smart`?",
        ),
    ]);
}

#[test]
fn hooks_are_read_and_wrong_ones_told_without_their_addresses() {
    let settings = sound(
        "[hooks]\nbreaker_open = { cmd = \"notify-send 'a breaker'\" }\nbudget_near = { webhook = \"https://h/CANARY\" }\ntimeout = \"5s\"",
    );
    let hooks = &settings.hooks;
    let command = Hook::Command(vec!["notify-send".to_owned(), "a breaker".to_owned()]);
    assert_eq!(hooks.hooks[&Occasion::BreakerOpen], Set { value: command, origin: in_file("config.toml", 2) });
    assert_eq!(hooks.hooks[&Occasion::BudgetNear].value, Hook::Webhook(Secret::new("https://h/CANARY")));
    assert_eq!(hooks.timeout, Set { value: Duration::from_secs(5), origin: in_file("config.toml", 4) });
    told(&[
        ("[hooks]\nbudget_near = { webhook = \"ftp://CANARY\" }", "2:15", "a webhook starts with `https://`", "^"),
        (
            "[hooks]\nbreaker_opens = { cmd = \"x\" }",
            "2:1",
            "unknown setting `breaker_opens`",
            "did you mean `breaker_open`?",
        ),
        (
            "[hooks]\nbreaker_open = \"notify-send\"",
            "2:16",
            "expected `{ cmd = \"…\" }` or `{ webhook = \"https://…\" }`, found string",
            "^^^^^^^^^^^^^",
        ),
        ("[hooks]\nbreaker_open = { cmd = \"\" }", "2:16", "the command is empty", "^"),
        ("[hooks]\ntimeout = \"11s\"", "2:11", "a hook may take at most `10s`", "^^^^^"),
    ]);
    for text in [
        "[hooks]\nbudget_near = { webhook = \"ftp://CANARY\" }",
        "[hooks]\nbudget_near = { webhook = \"https://CANARY }",
        "[hooks.budget_near]\nwebhook = \"https://u:CANARY@h\"",
    ] {
        let (_, problems) = user(text);
        assert!(!problems.is_empty() && !problems.contains("CANARY"), "{problems}");
    }
}

#[test]
fn only_a_list_of_the_users_own_rotates() {
    let rotates = |text: &str| sound(text).provider("gemini").expect("built in").rotates;
    assert!(!rotates(""), "places of one key");
    assert!(rotates("[providers.gemini]\napi_key = [{ env = \"A\" }, { env = \"B\" }]"));
    assert!(!rotates("[providers.gemini]\napi_key = [{ env = \"A\" }]"));
    assert!(!rotates("[providers.gemini]\nkey_env = [\"A\", \"B\"]"));
    let settings = sound("[providers.gemini]\napi_key = [{ env = \"A\" }, { env = \"B\" }, \"sk-1\"]");
    let policy = resolve(&settings, "gemini/x", &[]).expect("a model");
    let targets = settings.targets(&policy, &environment(&[("B", "k")]), &catalogue);
    let places: Vec<&str> = targets[0].keys.iter().map(|mark| mark.place.as_str()).collect();
    assert_eq!(places, ["B", "the configuration file"]);
}

#[test]
fn a_route_in_a_tier_is_told_as_one_above_it_and_below() {
    let (t, z) = ("[routes.t]\ntiers = [\"openai\"]\n", "[routes.z]\ntiers = [\"t\"]\n");
    for text in [format!("{t}{z}"), format!("{z}{t}")] {
        let (_, problems) = user(&text);
        assert!(problems.contains("a model is needed here, and `t` is a route"), "{problems}");
    }
    let (settings, problems) = user("[routes.openai]\ntiers = [\"openai\"]\n");
    assert_eq!((problems.as_str(), settings.routes["openai"].tiers[0][0].provider.as_str()), ("", "openai"));
}

#[test]
fn budgets_of_routes_projects_and_tags_hold_where_they_are_about() {
    let settings = sound(
        "[budgets]\nat_limit = \"block\"\nroutes.r = { daily = 1 }\nprojects.\"/src/shop\" = { monthly = 2 }\n\
         tags.\"team=search\" = { weekly = 3 }\n[routes.r]\ntiers = [\"openai/a\"]",
    );
    let scopes = |name: &str| -> Vec<String> {
        let policy = resolve(&settings, name, &[]).expect(name);
        policy.budgets.iter().map(|set| format!("{} {:?}", set.value, set.value.at_limit)).collect()
    };
    let apart = ["$2.00 a month for project /src/shop Block", "$3.00 a week for tag team=search Block"];
    assert_eq!(scopes("openai/a"), apart);
    assert_eq!(scopes("r"), [&["$1.00 a day for route r Block"], &apart[..]].concat());
}
