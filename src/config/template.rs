//! The file that `llmx config edit`, `llmx config set` and `llmx init` start with.

/// A commented file: prose begins with `# `, settings to be uncommented with `#`.
pub const TEMPLATE: &str = r#"# The settings of llmx. `llmx config check` checks them, `llmx config show` shows what is in force.
# A line that begins with `#` and no blank is an example: take its `#` away, and it counts.

# What to use when no model is named: a route, an alias, or provider/model.
#default = "smart"

# Keep prompts and answers for `llmx log` and `--continue`.
#store_prompts = true

# Ask once more when an answer does not fit --schema.
#repair = false

# Models and prices of your own, or of a price list that was agreed upon: a file beside this one.
#catalog = "models.toml"

# The same as `store_prompts`, and when what was said is forgotten. What it cost stays known.
#[log]
#text = true
#keep = "180d"                              # what is older goes, once a day
#max_size = "500MB"                         # the oldest goes when the ledger holds more

# Keys of the line editor in `llmx chat`: emacs or vi. Without it they are those of ~/.inputrc.
#[chat]
#keys = "vi"

# A built-in provider needs only its key, and finds the usual variable (OPENAI_API_KEY, …) by itself.
#[providers.openai]
#api_key = { cmd = "op read op://dev/openai/key" }   # or { env = "NAME" }, { file = "~/.keys/openai" }; a list rotates
#tags = ["us"]                                       # words that routes may require or forbid

# Any server that speaks a known format is one entry.
#[providers.corp]
#wire = "openai-chat"
#base_url = "https://llm.corp.example/v1"
#api_key = { env = "CORP_KEY" }

# Some providers have an address of your own: what it needs comes from the usual variable (SNOWFLAKE_ACCOUNT, …) or from here.
#[providers.snowflake]
#parameters = { account = "myorg-account" }

# Short names of models or routes, for `-m`, for `default` and in tiers.
#[aliases]
#fast = "groq/llama-3.3-70b-versatile"

# A fallback chain: when every model of a tier fails, the next tier serves.
#[routes.smart]
#tiers = [["openai/gpt-6-luna", "groq/openai/gpt-oss-120b"], ["anthropic/claude-haiku-5-5"], ["fast"]]
#strategy = "ordered"                       # shuffle, weighted, cheapest, fastest, balanced, predictive: who is first in a tier
#timeout = { connect = "5s", first_token = "30s", idle = "60s", attempt = "90s", total = "180s" }
#retries = 1                                # further tries on the same model
#on_cut = "restart"                         # a stream broke after text was shown: fail, restart, continue, buffer
#buffer = "500ms"                           # hold the beginning back; or a number of tokens
#on_empty = "next"                          # an empty answer: next, fail, accept
#on_filter = "stop"                         # the provider's filter withholds the answer: stop, next
#max_cost = 0.05                            # USD for one request; who is expected to cost more is left out
#hedge = { after = "p95", max_extra_cost = 0.03 }   # ask the second model when the first is late

# The cheapest model whose expected time stays under a limit, of providers with a tag.
#[routes.cheap]
#tiers = [["openai/gpt-6-luna", "groq/openai/gpt-oss-120b"]]
#strategy = "cheapest"
#max_latency = "2s"
#require = ["us"]
#forbid = ["preview"]

# One request in ten goes to the second model first. Who is not named has a weight of 1.
#[routes.weighted]
#tiers = [["openai/gpt-6-luna", "anthropic/claude-haiku-5-5"]]
#strategy = "weighted"
#weights = { "openai/gpt-6-luna" = 9 }

# Learns from your own requests. `explore` is the share by which trying out may make them worse.
#[routes.learning]
#tiers = [["openai/gpt-6-luna", "groq/openai/gpt-oss-120b", "anthropic/claude-haiku-5-5"]]
#strategy = "predictive"
#balance = { cost = 1, latency = 1, success = 3 }
#explore = 0.05

# A new model takes over step by step, and is rolled back when it does worse.
#[routes.next]
#tiers = [["openai/gpt-6-luna"]]
#canary = { target = "groq/openai/gpt-oss-120b", share = [0.01, 0.1, 0.5, 1.0], step = "2d", max_error_rate = 0.02 }

# A model that is asked beside the one that answers, and never shown.
#[routes.watched]
#tiers = [["openai/gpt-6-luna"]]
#shadow = { target = "anthropic/claude-haiku-5-5", share = 0.05, max_cost_per_day = 0.50, max_delay = "2s" }

# Two models compared; a conversation stays with one of them.
#[routes.compared]
#tiers = [["openai/gpt-6-luna"], ["anthropic/claude-haiku-5-5"]]
#split = { name = "luna-or-haiku", arms = { "openai/gpt-6-luna" = 0.5, "anthropic/claude-haiku-5-5" = 0.5 }, by = "conversation" }

# What may be spent, in USD. A request that would go over is not sent: whoever still fits under it serves, or with
# `at_limit = "block"` nobody does.
#[budgets]
#daily = 5.00
#weekly = 20.00
#monthly = 60.00
#warn_at = 0.8                              # from this share on it is warned
#at_limit = "cheaper"
#routes.smart = { daily = 2.00 }
#projects."~/src/shop" = { monthly = 30.00 }
#tags."team=search" = { weekly = 10.00 }    # of requests with `--tag team=search`

# What is called when something happens: a program, or the address of a webhook.
#[hooks]
#breaker_open = { cmd = "notify-send llmx" }
#quota_exhausted = { cmd = ["logger", "-t", "llmx"] }
#canary_rolled_back = { webhook = "https://hooks.example/llmx" }
#budget_near = { cmd = "notify-send llmx" }
#timeout = "2s"
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layer::{KNOWN, Owner, Source};
    use crate::config::{Environment, Paths, assemble};

    fn problems(text: String) -> usize {
        let source = Source { path: "t".to_owned(), text, owner: Owner::User, open_to_others: true };
        assemble(vec![source], &Environment::default(), Paths::default()).1.len()
    }

    #[test]
    fn every_section_and_setting_at_the_top_is_explained_above_it() {
        let lines: Vec<&str> = TEMPLATE.lines().collect();
        for (above, line) in lines.iter().zip(&lines[1..]) {
            let is_first = line.starts_with("#[") || above.is_empty() && line.starts_with('#');
            assert!(!is_first || line.starts_with("# ") || above.starts_with("# "), "{line}");
        }
        for name in KNOWN {
            let shown = [format!("#{name} = "), format!("#[{name}]"), format!("#[{name}.")];
            assert!(lines.iter().any(|line| shown.iter().any(|start| line.starts_with(start))), "{name}");
        }
    }

    #[test]
    fn the_template_is_sound_as_it_is_and_uncommented() {
        assert_eq!(problems(TEMPLATE.to_owned()), 0);
        let uncomment =
            |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
        let open: Vec<String> = TEMPLATE.lines().map(uncomment).collect();
        assert_eq!(problems(open.join("\n")), 0);
        assert_eq!(problems(open.join("\n").replacen("\ntiers = ", "\nteirs = ", 1)), 1, "it was really read");
    }
}
