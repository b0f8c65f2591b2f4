//! What routes try out: forms, and the words of what is wrong.

use super::routes::{target, told, told_of, with};
use super::*;
use crate::route::{Split, SplitBy};

#[test]
fn the_arms_of_a_split_are_a_table_or_a_list() {
    let split = |arms: &str| {
        let settings = sound(&with(&format!("split = {{ name = \"a-or-b\", by = \"user\", arms = {arms} }}")));
        settings.routes["r"].split.clone().expect("a split").value
    };
    let expected = Split {
        name: "a-or-b".to_owned(),
        arms: vec![(target("groq/c"), 0.3), (target("openai/a"), 0.7)],
        by: SplitBy::User,
    };
    assert_eq!(split("{ fast = 0.3, \"openai/a\" = 0.7 }"), expected);
    assert_eq!(split("[{ model = \"fast\", share = 0.3 }, { model = \"openai/a\", share = 0.7 }]"), expected);
}

#[test]
fn wrong_hedges_are_told() {
    told_of(&[
        ("hedge = {}", "5:9", "`after` is missing", "^^ write `after = \"p95\"`"),
        ("hedge = { after = \"p45\" }", "5:19", "`p45` is out of range; write `p50` to `p99`", "^^^^^"),
        (
            "hedge = { after = \"95\" }",
            "5:19",
            "`95` is no duration; write a number and a unit, such as `250ms`, `5s`, `2m` or `1h`; or a share of the first tokens, such as `p95`",
            "^^^^",
        ),
        ("hedge = { after = \"p95\", max_extra_cost = 1.5 }", "5:43", "expected a share from 0 to 1, found 1.5", "^^^"),
        (
            "hedge = \"p95\"",
            "5:9",
            "expected `true`, or a table such as { after = \"p95\", max_extra_cost = 0.03 }, found string",
            "^^^^^",
        ),
    ]);
    told(&[(
        "[routes.r]\ntiers = [\"openai/a\"]\nhedge = true",
        "3:9",
        "`hedge` asks a second model, and the route has only `openai/a`",
        "^^^^ add another to `tiers`, or remove `hedge`",
    )]);
}

#[test]
fn wrong_canaries_are_told() {
    let grow = "write growing shares, such as `share = [0.01, 0.1, 0.5, 1.0]`";
    let baseline = "`tiers` begins with the model that serves now, `target` is the one that may take its place";
    told_of(&[
        ("canary = {}", "5:10", "`target` is missing", "^^ write `target = \"provider/model\"`"),
        (
            "canary = { target = \"openai/a\" }",
            "5:21",
            "the canary has no baseline: `openai/a` is first in the route already",
            baseline,
        ),
        (
            "canary = { target = \"opnai/a\" }",
            "5:21",
            "unknown provider `opnai` in `opnai/a`",
            "did you mean `openai/a`?",
        ),
        (
            "canary = { target = \"xai/n\", share = [0.1, 0.1, 1] }",
            "5:44",
            "the shares of a canary grow, and 0.1 is not above 0.1",
            grow,
        ),
        ("canary = { target = \"xai/n\", share = [] }", "5:38", "a canary needs at least one share", grow),
        (
            "canary = { target = \"xai/n\", share = [0.1, 2] }",
            "5:44",
            "expected a share above 0, up to 1, found 2",
            "^",
        ),
        ("canary = { target = \"xai/n\", share = [0, 1] }", "5:39", "expected a share above 0, up to 1, found 0", "^"),
        (
            "canary = { target = \"xai/n\", step = \"5 weeks\" }",
            "5:37",
            "`5 weeks` is no duration; write a number and a unit, such as `30m`, `12h` or `2d`",
            "^^^^^^^^^",
        ),
        (
            "canary = { target = \"xai/n\", step = \"31d\" }",
            "5:37",
            "`31d` is out of range; it is more than nothing and at most `30d`",
            "^^^^^",
        ),
        ("canary = { target = \"xai/n\", min_requests = 0 }", "5:45", "expected at least one request, found 0", "^"),
        (
            "canary = { target = \"xai/n\" }\nsplit = { name = \"s\", arms = { fast = 0.5, \"openai/a\" = 0.5 } }",
            "6:1",
            "a route has a `canary` or a `split`, not both: each says who is first",
            "remove one of them, or give it a route of its own",
        ),
    ]);
    told(&[(
        "[routes.r]\ntiers = [\"openai/a\"]\ncanary = { target = \"openai/a\" }",
        "3:21",
        "the canary has no baseline: `openai/a` is the route's only model",
        baseline,
    )]);
}

#[test]
fn wrong_shadows_and_splits_are_told() {
    told_of(&[
        (
            "shadow = { target = \"xai/n\", share = 0.1 }",
            "5:10",
            "`max_cost_per_day` is missing",
            "write `max_cost_per_day = 0.50`",
        ),
        (
            "shadow = { target = \"nix\", share = 0.1, max_cost_per_day = 1 }",
            "5:21",
            "unknown model, route or alias `nix`",
            "lists routes, aliases and providers",
        ),
        (
            "shadow = { target = \"xai/n\", share = 1.1, max_cost_per_day = 1 }",
            "5:38",
            "expected a share above 0, up to 1, found 1.1",
            "^^^",
        ),
        (
            "shadow = { target = \"xai/n\", share = 0.1, max_cost_per_day = -1 }",
            "5:62",
            "`-1` is too little: write an amount of dollars above 0, such as 0.05",
            "^^",
        ),
        (
            "split = { name = \"s\", arms = { fast = 0.5, \"openai/a\" = 0.6 } }",
            "5:23",
            "the shares of a split sum to 1, and these sum to 1.1",
            "change the shares so that they sum to 1",
        ),
        (
            "split = { name = \"s\", arms = { fast = 1 } }",
            "5:23",
            "a split compares at least two models",
            "add another arm, or remove the split",
        ),
        (
            "split = { name = \"s\", arms = { fst = 0.5, \"openai/a\" = 0.5 } }",
            "5:32",
            "unknown model, route or alias `fst`",
            "did you mean `fast`?",
        ),
        (
            "split = { name = \"s\", arms = [{ model = \"fast\", share = 0.5 }, { model = \"groq/c\", share = 0.5 }] }",
            "5:74",
            "`groq/c` has two arms",
            "keep one of them",
        ),
        (
            "split = { name = \" \", arms = { fast = 0.5, \"openai/a\" = 0.5 } }",
            "5:18",
            "a split needs a name: who gets which arm depends on it",
            "^^^",
        ),
        (
            "split = { name = \"s\", by = \"usr\", arms = { fast = 0.5, \"openai/a\" = 0.5 } }",
            "5:28",
            "unknown value `usr`",
            "did you mean `user`?",
        ),
        ("split = { name = \"s\" }", "5:9", "`arms` is missing", "= 0.5 }`"),
    ]);
}
