//! The chapters that end the long help of a command; man pages and README are made of them too.
//!
//! A chapter is a heading with a colon, then plain paragraphs, then lines indented by two blanks that stay as they are.

use super::drill::OUTAGES;
use super::help::topics;
use crate::compare::check::{KINDS, Kind};
use crate::config::variables;
use crate::error::ErrorKind;
use crate::sim::FAULTS;

/// Terms up to this many characters have their meaning beside them, longer ones below.
const WIDEST_TERM: usize = 26;

/// Every exit code with what it says.
pub const EXIT_CODES: &[(u8, &str)] = &[
    (0, "the answer was printed, or nobody reads it any more"),
    (ErrorKind::Other.exit_code(), "another failure, such as a full disk"),
    (ErrorKind::Usage.exit_code(), "the command line or the prompt is wrong"),
    (ErrorKind::Config.exit_code(), "the configuration is wrong"),
    (ErrorKind::Auth.exit_code(), "a key is missing or was rejected"),
    (ErrorKind::RateLimit.exit_code(), "rate limit or quota"),
    (ErrorKind::Provider.exit_code(), "the provider or the network failed"),
    (ErrorKind::Timeout.exit_code(), "a limit of time passed"),
    (ErrorKind::Filtered.exit_code(), "a content filter, or the model refused"),
    (ErrorKind::Incomplete.exit_code(), "the answer is incomplete, truncated (--strict) or unfit (--schema)"),
    (ErrorKind::Check.exit_code(), "a check or gate failed (compare); a route would not survive (drill)"),
    (ErrorKind::Budget.exit_code(), "a budget or --max-cost rules it out"),
    (ErrorKind::Interrupted.exit_code(), "interrupted by Ctrl-C"),
];

/// What somebody without a key can do.
const FIRST_STEP: &str =
    "No key yet? `llmx complete --sim \"Hello\"` needs none: every provider is simulated on this machine.";

/// What scripts may rely on.
pub(super) const SCRIPTS: &str = "Scripts:\n\
    Standard output carries the answer and nothing else; everything that is said about it goes to standard error. Off a \
    terminal there is no colour, no Markdown and no spinner.\n\n\
    A pipe gets one whole answer, ended by a newline, or nothing at all. Text is held until the answer is complete, so a \
    provider that breaks half-way is replaced by the next one before anything was written. When all fail, what had come is \
    kept in the ledger, and standard error says how to see it. --stream writes into the pipe as text comes; a stream that \
    breaks then ends with exit code 9.\n\n\
    Standard input, when it carries data, follows the words of the prompt as a block of its own with an empty line between; \
    a `-` among the words says where it goes instead. With a prompt on the command line, an input that stays open and sends \
    nothing is left alone after a second.\n\n\
    --json prints one object, also on failure, and --jsonl one event a line; the member `schema` names the form.\n\n\
    An option that was not given is not sent: the provider's own default holds. One that a model is known not to take is \
    left out or changed to the nearest that it takes, and standard error says so, as does `llmx route --explain` before; with \
    --strict such a model is left out instead. An option that a provider rejects is left out, or renamed as it says, and the \
    request is sent once more; `llmx log learned` shows what was learned so and forgets it on demand, at the latest after 30 \
    days.\n\n\
    With --schema, standard output gets one JSON value that fits it, or nothing: as it came in a pipe, laid out on a terminal. \
    An answer of tool calls alone is a line of JSON for each. An attachment that is larger than 5 MB as sent is not kept in the \
    ledger, and --continue goes on without it.";

/// The end of `llmx complete -h`.
pub const COMPLETE_EXAMPLES: &str = "\
Examples:
  llmx complete \"Why is the sky blue?\"
  git diff --staged | llmx complete \"Write a commit message\"
  llmx complete -m anthropic/claude-haiku-5-5 -a report.pdf \"Summarise\"
  llmx complete --schema \"name, age int, tags [str]\" \"Invent a person\"
  llmx complete --sim=openai:down -u \"Hello\"    # no key, no network";

/// The end of `llmx chat -h`.
pub const CHAT_EXAMPLES: &str = "\
Examples:
  llmx chat
  llmx chat -m anthropic \"Help me plan a garden\"
  llmx chat -a plan.pdf -f notes.md \"What is missing?\"
  llmx chat -t translate -p language=French
  llmx chat -c                # go on with the last conversation here
  llmx chat --sim             # no key, no network";

/// The end of `llmx role -h`.
pub const ROLE_EXAMPLES: &str = "\
Examples:
  llmx role new commit                  # begins roles/commit.md
  llmx role edit commit
  git diff | llmx complete -t commit -p language=German
  llmx complete -t ./review.md -f src/main.rs
  llmx role check                       # all of them";

/// How a role is written.
const ROLE_FORMAT: &str = "Format:
  +++
  description = \"a commit message\"
  model = \"smart\"                       # a route, an alias, or provider/model
  options = { temperature = 0.2 }         # top_p, max_tokens, stop, seed,
                                          # reasoning_effort, extra = { … } too
  variables = { language = \"English\" }   # defaults of `-p KEY=VALUE`
  +++
  Write a commit message in {{language}} for this diff:

  {{input}}

`schema` in the head is as --schema is, or a file beside the role. The head may be left out.

A text with `{{input}}` is the prompt: words and standard input go there. A text without it is the system prompt, and words \
and standard input are the prompt. `system = \"…\"` in the head stands beside a text with `{{input}}`.

A place without a default under `variables` must be given with `-p KEY=VALUE`; with a default for `input` nothing need be \
asked. A value is text: places in it are not filled. `{{{{name}}}}` writes `{{name}}`; other braces need nothing.

An argument wins over the role, the role over the configuration; -v says where each value is from.

Your roles are `roles/NAME.md` beside your configuration file, the project's `.llmx/roles/NAME.md`; of one name, yours is used. \
A role that is not your own is somebody else's text: it reads no files, sets no `extra`, and standard error says that it is used.";

/// The end of `llmx role --help`.
pub fn of_role() -> String {
    [ROLE_EXAMPLES, ROLE_FORMAT].join("\n\n")
}

/// The end of `llmx route --help`.
pub const ROUTE_EXAMPLES: &str = "\
Examples:
  llmx route                              # what answers when no model is named
  llmx route --explain \"A prompt\"         # all candidates, limits and prices
  llmx route --explain -m smart -f notes.md
  llmx route --json -m fast | jq .target";

/// The end of `llmx models -h`.
pub const MODELS_EXAMPLES: &str = "\
Examples:
  llmx models                        # of the providers whose key is found
  llmx models sonnet                 # whose names hold a text
  llmx models --all gpt-5 mini       # in the whole catalogue
  llmx models -p groq --live         # what the provider lists just now
  llmx models --json | jq -r '.models[].name'
  llmx models update prices.json     # take a newer catalogue";

/// The end of `llmx models update -h`.
pub const UPDATE_SOURCES: &str = "\
Formats, told by their content:
  litellm      model_prices_and_context_window.json
  models.dev   api.json
  llmx         src/catalog/models.txt of a newer llmx

Examples:
  llmx models update https://models.dev/api.json
  llmx models update ./model_prices_and_context_window.json
  llmx models update --reset";

/// The end of `llmx init -h`.
pub const INIT_EXAMPLES: &str = "\
Examples:
  llmx init                       # asks, tests, and writes at the end
  llmx init --sim                 # a rehearsal: no key, and nothing is kept
  llmx init --yes                 # for scripts: every default, no question
  llmx init --dry-run --yes       # what that would write
  llmx init --from litellm.yaml   # what the proxy of LiteLLM is set up for";

/// The end of `llmx config -h`.
pub const CONFIG_EXAMPLES: &str = "\
Examples:
  llmx config set default anthropic/claude-haiku-5-5
  llmx config set providers.openai.api_key -   # asks for it, unseen
  llmx config set routes.smart.strategy cheapest
  llmx config get routes.smart                 # what is in force, and why
  llmx config set --unset budgets.daily
  llmx config check && llmx route --explain";

/// The end of `llmx doctor -h`.
pub const DOCTOR_EXAMPLES: &str = "\
Examples:
  llmx doctor                     # all of it; sends nothing that costs
  llmx doctor --offline
  llmx doctor --json | jq '.findings[] | select(.state != \"ok\")'";

/// The end of `llmx drill -h`.
pub const DRILL_EXAMPLES: &str = "\
Examples:
  llmx drill                      # all routes, every outage of each provider
  llmx drill smart --fault hang   # one route, one sort of outage
  llmx drill openai --assume-keys # a provider alone, key or not
  llmx drill --json | jq '.routes[].findings'";

/// The end of `llmx shell -h`.
pub const SHELL_EXAMPLES: &str = "\
Examples:
  eval \"$(llmx shell bash)\"             # in ~/.bashrc
  source <(llmx shell zsh)               # in ~/.zshrc, after compinit
  llmx shell fish | source               # in ~/.config/fish/config.fish
  eval \"$(llmx shell bash -m fast)\"     # with a model for commands
  llmx shell bash --wish \"the five largest files here\"

Another key: bind `_llmx_wish` (fish: `__llmx_wish`) to it. In vi mode you choose one, since a letter right after Escape is a \
command there.";

/// The end of `llmx compare -h`.
pub const COMPARE_EXAMPLES: &str = "\
Examples:
  llmx compare -m openai,anthropic,gemini \"Why is the sky blue?\"
  llmx compare -m A -m B -f prompts.csv --expect not-refusal -o report.html
  llmx compare -m NEW --from-log=50        # the check before a migration
  llmx compare -m A -f tests.jsonl --against last --fail-on-regression
  llmx compare --resume                    # go on with a run that was stopped";

/// What `llmx chat --help` says besides.
pub fn of_chat() -> String {
    let commands = list(super::chat::commands());
    format!(
        "Keys:\nEnter asks; Ctrl-J or Alt-Enter begins another line, and so does Enter between two lines of `\"\"\"`. What is pasted is \
         one piece, whatever is in it; a long paste stands in the line as its name. Tab completes commands, models and files. \
         Ctrl-R searches what was typed before, which is kept for the next time, save for lines that begin with a blank. Ctrl-C \
         stops an answer and keeps what came of it; at an empty line, twice, it leaves, as does Ctrl-D. The keys are those of \
         emacs or vi, as ~/.inputrc or `keys` in `[chat]` of the configuration says.\n\n\
         Commands:\nA question that begins with a slash is written with two.\n\n{commands}\n\n\
         Conversations:\nAll is kept in the ledger as it comes, also when an answer is stopped or llmx is killed; `-c` goes on with \
         it and with who answered in it, `llmx complete -c` with it too. Another model is told all that was said, but no model \
         is told what another one, or it itself, has thought: what seals such thoughts holds for one model alone. When the window of the model is nearly full, the oldest turns are not sent any more, and \
         that is said; nothing is taken out of what is kept. `/summarize` has the model sum up all but the last two turns, or the \
         last N, and the summary is sent in their place, by `-c` and `llmx complete -c` too, until `/summarize off`.\n\n\
         Scripts:\nWhere stdin is no terminal each line is a question, a block between two lines of `\"\"\"` is one too, answers go to \
         stdout, and the first failure ends it with its exit code. `llmx complete` takes all of stdin as one prompt."
    )
}

/// What `llmx compare --help` says besides.
pub fn of_compare() -> String {
    let term = |kind: &Kind| {
        kind.argument.map_or_else(|| kind.name.to_owned(), |argument| format!("{}:{argument}", kind.name))
    };
    let checks = list(KINDS.iter().map(|kind| (term(kind), kind.help)));
    format!(
        "Checks:\nEach also with `not-` before it.\n\n{checks}\n\nEnd:\nThe exit code is 10 when a gate or a check failed or could \
         not be decided, 11 when --max-cost stopped the run, 130 when it was interrupted; else that of the failure to see to \
         first, and 2 when rows of the data set were wrong. What was answered is shown and kept in each case.\n\n\
         {COMPARE_EXAMPLES}"
    )
}

/// The end of `llmx cost -h`.
pub const COST_EXAMPLES: &str = "\
Examples:
  llmx cost                               # today, this week, this month
  llmx cost --since month --by day,model  # a table; --json and --csv too
  llmx cost --by tag:team --top 5         # of `llmx complete --tag team=…`
  llmx cost estimate -f notes.md -m A -m B \"Summarise\"
  llmx cost what-if -m groq/llama-3.3-70b-versatile --since 30d
  llmx cost explain last                  # the line items of one call
  llmx cost budget                        # what is left";

/// What `llmx cost import -h` says below.
pub const IMPORT_EXAMPLES: &str = "\
Examples:
  llmx cost import --dry-run              # what the usual places hold
  llmx cost import claude-code            # the sessions of Claude Code
  llmx cost import spend-logs.csv         # an export of LiteLLM_SpendLogs
  llmx cost import llm backup/logs.db     # simonw/llm, elsewhere";

/// What `llmx cost import --help` says besides.
pub fn of_cost_import() -> String {
    format!(
        "\
Tools:
  claude-code  ~/.claude/projects, ~/.config/claude, or $CLAUDE_CONFIG_DIR
  codex        ~/.codex/sessions and archived_sessions, or $CODEX_HOME
  llm          logs.db in ~/.config/io.datasette.llm, or $LLM_USER_PATH
  litellm      an export of LiteLLM_SpendLogs: JSON lines, an array, or CSV

Calls are priced by the catalogue at the time of each; what LiteLLM says a call cost counts only where there is no price. Imports \
count for reports, never against budgets.

{IMPORT_EXAMPLES}"
    )
}

/// The end of `llmx health -h`.
pub const HEALTH_EXAMPLES: &str = "\
Examples:
  llmx health                     # the last 24 hours
  llmx health smart --since 7d    # the models of a route, over a week
  llmx health --watch             # drawn anew every 2 s
  llmx health --probe && deploy   # ask each model for an OK first
  llmx health --json | jq '.targets[] | select(.state.state != \"closed\")'";

/// What `llmx health --help` says besides.
pub const HEALTH_NOTES: &str = "\
State:
  ok         it is asked
  not asked  nothing was asked of it within that time
  open 4m    it is left alone for that time, because it failed
  half-open  the next request tries it again
  on trial   a process is trying it just now

Times are seconds, to the first token and to the end of whole answers. A bar is as high as much was asked, a dot is nothing, \
an x a time in which more failed than did not.

Examples:
  llmx health                     # the last 24 hours
  llmx health smart --since 7d    # the models of a route, over a week
  llmx health --watch             # drawn anew every 2 s
  llmx health --probe && deploy   # ask each model for an OK first";

/// What llmx keeps, and where.
const FILES: &str = "\
Files:
  ~/.config/llmx/config.toml        your settings; see `llmx config path`
  ~/.config/llmx/roles/NAME.md      a role of yours; see `llmx role`
  ./.llmx/roles/NAME.md             a project's role
  ./.llmx.toml                      a project's models and routes; no keys,
                                    hooks or budgets, no shadow, hedge,
                                    canary or split
  ~/.local/share/llmx/ledger.db     what was asked, answered and spent
  ~/.local/share/llmx/catalogue.txt what `llmx models update` has taken
  ~/.local/share/llmx/simulated/    the same for --sim, apart from real money";

/// The end of `llmx -h`.
pub fn first_step() -> String {
    [&topics::list(), FIRST_STEP].join("\n\n")
}

/// The end of `llmx --help`.
pub fn of_llmx() -> String {
    [&first_step(), &environment(), FILES, &exit_codes()].join("\n\n")
}

/// The end of `llmx complete --help`.
pub fn of_complete() -> String {
    [COMPLETE_EXAMPLES, SCRIPTS, &exit_codes()].join("\n\n")
}

/// The end of `llmx drill --help`.
pub fn of_drill() -> String {
    let rows = OUTAGES.iter().map(|outage| (outage.name.to_owned(), outage.does));
    let chapter = format!(
        "Outages:\n\
        Providers whose addresses are at one host, or that share a key, have their outages together. A drill takes seconds: \
        limits are waited for in a time lapse and counted as long as they are set; the answers' times are a typical pace of \
        each provider.\n\n{}",
        list(rows)
    );
    [DRILL_EXAMPLES, &chapter].join("\n\n")
}

pub(super) fn exit_codes() -> String {
    let codes = EXIT_CODES.iter().map(|(code, says)| (code.to_string(), *says));
    format!("Exit codes:\n{}", list(codes))
}

fn environment() -> String {
    let others = [
        ("OPENAI_API_KEY, …", "a provider's key; see `llmx config show --all`"),
        ("OPENAI_BASE_URL, …", "a provider's address, for a server of your own"),
        ("HTTPS_PROXY, NO_PROXY", "the proxy to use; never for this machine"),
        ("NO_COLOR, CLICOLOR_FORCE", "no colour, or colour also in a pipe"),
        ("VISUAL, EDITOR", "the editor of `config edit` and of `/edit` in a chat"),
    ];
    let all = variables::ALL.iter().chain(&others).map(|(name, holds)| ((*name).to_owned(), *holds));
    format!("Environment:\n{}", list(all))
}

pub(super) fn faults() -> String {
    let rows = FAULTS.iter().map(|row| (row.usage.to_owned(), row.does));
    format!(
        "Simulated faults:\n\
        --sim=FAULTS takes a list with commas, each [TARGET:]NAME with TARGET a provider, provider/model or * for all. A \
        share such as ~30% after the name limits it to so many of the target's requests, an x and a number at the end to its \
        first ones: openai:500x2,groq:cut@6~30%,*:slow=3s.\n\n{}",
        list(rows)
    )
}

/// Terms with their meanings in two columns.
pub(super) fn list<'a>(rows: impl Iterator<Item = (String, &'a str)>) -> String {
    let rows: Vec<(String, &str)> = rows.collect();
    let lengths = rows.iter().map(|(term, _)| term.chars().count());
    let width = lengths.filter(|length| *length <= WIDEST_TERM).max().unwrap_or(0);
    let line = |(term, meaning): &(String, &str)| {
        if term.chars().count() > width {
            format!("  {term}\n  {:width$}  {meaning}", "")
        } else {
            format!("  {term:width$}  {meaning}")
        }
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layer::{Owner, Source};
    use crate::config::role::Role;

    #[test]
    fn every_exit_code_is_told_once_and_in_order() {
        let told: Vec<u8> = EXIT_CODES.iter().map(|(code, _)| *code).collect();
        let known: Vec<u8> =
            (1..=u8::MAX).filter(|code| ErrorKind::from_exit_code(*code).exit_code() == *code).collect();
        assert_eq!(told[0], 0);
        assert_eq!(told[1..], known);
    }

    #[test]
    fn the_role_that_is_shown_is_sound() {
        let lines = ROLE_FORMAT.lines().skip(1).take_while(|line| line.is_empty() || line.starts_with("  "));
        let text: Vec<&str> = lines.map(|line| line.trim_start_matches("  ")).collect();
        let source =
            Source { path: "r".to_owned(), text: text.join("\n"), owner: Owner::Project, open_to_others: true };
        let role = Role::parse("r", source).expect("a sound role");
        assert!(role.model.is_some() && role.is_prompt() && role.variables.len() == 1);
    }

    #[test]
    fn a_long_term_has_its_meaning_below() {
        let rows = [("a", "b"), ("abc", "d"), ("a term that is much too long", "e")];
        let text = list(rows.into_iter().map(|(term, meaning)| (term.to_owned(), meaning)));
        assert_eq!(text, "  a    b\n  abc  d\n  a term that is much too long\n       e");
    }

    #[test]
    fn what_stays_as_it_is_fits_80_columns() {
        for text in [
            of_llmx(),
            of_complete(),
            ROUTE_EXAMPLES.to_owned(),
            of_role(),
            MODELS_EXAMPLES.to_owned(),
            INIT_EXAMPLES.to_owned(),
            CONFIG_EXAMPLES.to_owned(),
            DOCTOR_EXAMPLES.to_owned(),
            UPDATE_SOURCES.to_owned(),
            of_drill(),
            HEALTH_EXAMPLES.to_owned(),
            HEALTH_NOTES.to_owned(),
            IMPORT_EXAMPLES.to_owned(),
            of_cost_import(),
        ] {
            let wide: Vec<&str> =
                text.lines().filter(|line| line.starts_with("  ") && line.chars().count() > 80).collect();
            assert!(wide.is_empty(), "{wide:#?}");
        }
    }
}
