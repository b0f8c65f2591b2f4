
use builtin;
use str;

set edit:completion:arg-completer[llmx] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'llmx'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'llmx'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand chat 'Talk with a model in the terminal'
            cand complete 'Ask a model once and print its answer'
            cand compare 'Ask several models the same and show what differs'
            cand route 'Show which model would serve, and why; nothing is sent'
            cand models 'List models with windows, abilities and prices'
            cand config 'See, check and edit the settings'
            cand cost 'Show what was spent and what things will cost'
            cand log 'Find, show, continue, export and delete past prompts and answers'
            cand health 'Show how providers and models have done of late'
            cand drill 'Rehearse outages of your routes; nothing is sent'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;chat'= {
            cand -f 'Add a text file to the prompt; repeatable'
            cand --file 'Add a text file to the prompt; repeatable'
            cand -a 'Attach an image, PDF, audio or text file; repeatable'
            cand --attach 'Attach an image, PDF, audio or text file; repeatable'
            cand -s 'Set the system prompt'
            cand --system 'Set the system prompt'
            cand -m 'Ask this model, provider, route or alias'
            cand --model 'Ask this model, provider, route or alias'
            cand --fallback 'Ask this one when all before it failed; repeatable'
            cand --timeout 'Give up after this time, such as 90s or 2m'
            cand --max-cost 'Leave out who is expected to cost more, in USD'
            cand --strategy 'Choose in each tier by: ordered, cheapest, fastest, …'
            cand --on-cut 'When shown text breaks off: fail, restart, …'
            cand --tag 'Mark what is spent with this tag; repeatable'
            cand --project 'Count what is spent for this project'
            cand -c 'Continue the last conversation, or the one with ID'
            cand --continue 'Continue the last conversation, or the one with ID'
            cand --temperature 'Set the sampling temperature'
            cand --top-p 'Set the share of nucleus sampling'
            cand --max-tokens 'Answer with at most so many tokens'
            cand --stop 'End the answer at this text; repeatable'
            cand --seed 'Set the seed, where there is one'
            cand --reasoning-effort 'Think so hard: none, low, medium, high, …'
            cand -o 'Set any member of the body; repeatable'
            cand --option 'Set any member of the body; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --no-fallback 'Ask the first target only'
            cand --yes 'Spend although a budget is used up, this once'
            cand -n 'Keep neither what is said nor what is typed'
            cand --no-log 'Keep neither what is said nor what is typed'
            cand -r 'Show answers as the model wrote them'
            cand --raw 'Show answers as the model wrote them'
            cand -R 'Do not show the model''s thinking'
            cand --hide-reasoning 'Do not show the model''s thinking'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;complete'= {
            cand -f 'Add a text file to the prompt; repeatable'
            cand --file 'Add a text file to the prompt; repeatable'
            cand -a 'Attach an image, PDF, audio or text file; repeatable'
            cand --attach 'Attach an image, PDF, audio or text file; repeatable'
            cand -s 'Set the system prompt'
            cand --system 'Set the system prompt'
            cand -m 'Ask this model, provider, route or alias'
            cand --model 'Ask this model, provider, route or alias'
            cand --fallback 'Ask this one when all before it failed; repeatable'
            cand --timeout 'Give up after this time, such as 90s or 2m'
            cand --max-cost 'Leave out who is expected to cost more, in USD'
            cand --strategy 'Choose in each tier by: ordered, cheapest, fastest, …'
            cand --on-cut 'When shown text breaks off: fail, restart, …'
            cand --tag 'Mark what is spent with this tag; repeatable'
            cand --project 'Count what is spent for this project'
            cand -c 'Continue the last conversation, or the one with ID'
            cand --continue 'Continue the last conversation, or the one with ID'
            cand --schema 'Answer with JSON that fits this schema'
            cand --tools 'Let the model call these tools; none is run'
            cand --tool-choice 'Call: auto, none, required, or a tool''s name'
            cand --temperature 'Set the sampling temperature'
            cand --top-p 'Set the share of nucleus sampling'
            cand --max-tokens 'Answer with at most so many tokens'
            cand --stop 'End the answer at this text; repeatable'
            cand --seed 'Set the seed, where there is one'
            cand --reasoning-effort 'Think so hard: none, low, medium, high, …'
            cand -o 'Set any member of the body; repeatable'
            cand --option 'Set any member of the body; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --no-fallback 'Ask the first target only'
            cand --yes 'Spend although a budget is used up, this once'
            cand -n 'Keep neither prompt nor answer in the ledger'
            cand --no-log 'Keep neither prompt nor answer in the ledger'
            cand --repair 'Ask once more when the answer does not fit --schema'
            cand --dry-run 'Print the HTTP request and send nothing'
            cand --stream 'Print text as it comes, also into a pipe'
            cand -S 'Print nothing before the answer is whole'
            cand --no-stream 'Print nothing before the answer is whole'
            cand -r 'Print the answer as the model wrote it'
            cand --raw 'Print the answer as the model wrote it'
            cand -x 'Print only the first fenced code block'
            cand --extract 'Print only the first fenced code block'
            cand -u 'Say who served, the tokens, cost and time'
            cand --usage 'Say who served, the tokens, cost and time'
            cand -R 'Do not show the model''s thinking'
            cand --hide-reasoning 'Do not show the model''s thinking'
            cand --json 'Print one JSON object, also on failure'
            cand --jsonl 'Print events as they come, each a line of JSON'
            cand --strict 'Take only what was asked for, in full'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;compare'= {
            cand -m 'Ask these models; repeatable, or with commas'
            cand --model 'Ask these models; repeatable, or with commas'
            cand --baseline 'Hold the others against this model; else the first'
            cand -s 'Set the system prompt'
            cand --system 'Set the system prompt'
            cand --timeout 'Give an answer up after this time, such as 90s'
            cand --max-cost 'Spend no more than this on the run, in USD'
            cand --tag 'Mark what is spent with this tag; repeatable'
            cand --project 'Count what is spent for this project'
            cand -f 'Ask every row of this file; `-` is stdin'
            cand --file 'Ask every row of this file; `-` is stdin'
            cand --format 'Read it as: txt, jsonl, csv or yaml'
            cand --var 'Fill `{{name}}` with this value; repeatable'
            cand --limit 'Only these rows, counted from 0, such as 10:20'
            cand --sample 'Only so many rows, drawn by --seed'
            cand --seed 'Draw and shuffle by this number; 0 if unsaid'
            cand --repeat 'Ask everything so often'
            cand -j 'Ask a provider at most so many at once'
            cand --jobs 'Ask a provider at most so many at once'
            cand --from-log 'Ask past prompts of yours from the ledger'
            cand --since 'With --from-log: since when (30d)'
            cand --resume 'Go on with a run that was stopped (the last)'
            cand --expect 'Check every answer; repeatable'
            cand --judge 'Let this model judge the answers'
            cand --rubric 'What is good: a text, or a file as `@FILE`'
            cand --judge-mode 'How: baseline, pairs, best, grade or checks'
            cand --embed 'Let this model embed answers, to tell how alike'
            cand --against 'Say what got worse since a run or file'
            cand --fail-under 'When a model passes less than this'
            cand --fail-on-regression 'When a prompt that passed fails now'
            cand --fail-on-disagreement 'When answers are less alike'
            cand --layout 'Lay answers out as: auto, columns, stack, diff, table'
            cand --diff 'Tell differences in: words, lines or json'
            cand -o 'Write the result to this file too; repeatable'
            cand --output 'Write the result to this file too; repeatable'
            cand --temperature 'Set the sampling temperature'
            cand --top-p 'Set the share of nucleus sampling'
            cand --max-tokens 'Answer with at most so many tokens'
            cand --stop 'End the answer at this text; repeatable'
            cand --reasoning-effort 'Think so hard: none, low, medium, high, …'
            cand --option 'Set any member of the body; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --dry-run 'Say what would be asked and its cost; send nothing'
            cand -n 'Keep neither prompts nor answers'
            cand --no-log 'Keep neither prompts nor answers'
            cand --yes 'Spend although a budget is used up, this once'
            cand --retry-failed 'With --resume: ask again what failed'
            cand --allow-commands 'Let the data set''s `command:` checks run programs'
            cand --ascii 'Draw with ASCII only'
            cand --json 'Print one JSON object'
            cand --jsonl 'Print a line of JSON for each answer, as it comes'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List past comparisons'
            cand show 'Show a past comparison again; nothing is asked'
            cand export 'Write a past comparison to files; nothing is asked'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;compare;list'= {
            cand -n 'List so many, the newest first'
            cand --number 'List so many, the newest first'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;compare;show'= {
            cand --layout 'Lay answers out as: auto, columns, stack, diff, table'
            cand --diff 'Tell differences in: words, lines or json'
            cand -o 'Write the result to this file too; repeatable'
            cand --output 'Write the result to this file too; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --ascii 'Draw with ASCII only'
            cand --json 'Print one JSON object'
            cand --jsonl 'Print a line of JSON for each answer, as it comes'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;compare;export'= {
            cand -o 'Write it to this file; repeatable'
            cand --output 'Write it to this file; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;compare;help'= {
            cand list 'List past comparisons'
            cand show 'Show a past comparison again; nothing is asked'
            cand export 'Write a past comparison to files; nothing is asked'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;compare;help;list'= {
        }
        &'llmx;compare;help;show'= {
        }
        &'llmx;compare;help;export'= {
        }
        &'llmx;compare;help;help'= {
        }
        &'llmx;route'= {
            cand -f 'Add a text file to the prompt; repeatable'
            cand --file 'Add a text file to the prompt; repeatable'
            cand -a 'Attach an image, PDF, audio or text file; repeatable'
            cand --attach 'Attach an image, PDF, audio or text file; repeatable'
            cand -s 'Set the system prompt'
            cand --system 'Set the system prompt'
            cand -m 'Ask this model, provider, route or alias'
            cand --model 'Ask this model, provider, route or alias'
            cand --fallback 'Ask this one when all before it failed; repeatable'
            cand --timeout 'Give up after this time, such as 90s or 2m'
            cand --max-cost 'Leave out who is expected to cost more, in USD'
            cand --strategy 'Choose in each tier by: ordered, cheapest, fastest, …'
            cand --on-cut 'When shown text breaks off: fail, restart, …'
            cand --tag 'Mark what is spent with this tag; repeatable'
            cand --project 'Count what is spent for this project'
            cand --route 'With --replay: decide as this route'
            cand --since 'With --report, --replay: since when (30d)'
            cand --why-not 'Say why that model would not serve'
            cand --at 'Decide as if it were that time'
            cand --schema 'Answer with JSON that fits this schema'
            cand --tools 'Let the model call these tools; none is run'
            cand --tool-choice 'Call: auto, none, required, or a tool''s name'
            cand --temperature 'Set the sampling temperature'
            cand --top-p 'Set the share of nucleus sampling'
            cand --max-tokens 'Answer with at most so many tokens'
            cand --stop 'End the answer at this text; repeatable'
            cand --seed 'Set the seed, where there is one'
            cand --reasoning-effort 'Think so hard: none, low, medium, high, …'
            cand -o 'Set any member of the body; repeatable'
            cand --option 'Set any member of the body; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --no-fallback 'Ask the first target only'
            cand --yes 'Spend although a budget is used up, this once'
            cand -e 'Explain the whole decision'
            cand --explain 'Explain the whole decision'
            cand --replay 'Decide past requests anew'
            cand --report 'Report how canary, split and shadow go'
            cand --exact 'Count tokens with the model''s own tokenizer'
            cand --json 'Print one JSON object'
            cand --strict 'Take only what was asked for, in full'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;models'= {
            cand --search 'The same, for texts that begin with a dash'
            cand -p 'Only models of this provider; repeatable'
            cand --provider 'Only models of this provider; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -a 'All models of the catalogue, retired ones too'
            cand --all 'All models of the catalogue, retired ones too'
            cand -l 'Ask the providers; mark what is new or gone'
            cand --live 'Ask the providers; mark what is new or gone'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand update 'Take a newer catalogue from an address or a file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;models;update'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --force 'Take it though it has lost half of its models or is older'
            cand --reset 'Go back to the catalogue that is built in'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;models;help'= {
            cand update 'Take a newer catalogue from an address or a file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;models;help;update'= {
        }
        &'llmx;models;help;help'= {
        }
        &'llmx;config'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand path 'Print where the configuration and the data lie'
            cand show 'Print every setting in force with where it was set'
            cand check 'Check all files and tell everything that is wrong'
            cand edit 'Edit your file with $VISUAL, $EDITOR or vi, and check it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;config;path'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;config;show'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --all 'Also show providers without a key'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;config;check'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;config;edit'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;config;help'= {
            cand path 'Print where the configuration and the data lie'
            cand show 'Print every setting in force with where it was set'
            cand check 'Check all files and tell everything that is wrong'
            cand edit 'Edit your file with $VISUAL, $EDITOR or vi, and check it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;config;help;path'= {
        }
        &'llmx;config;help;show'= {
        }
        &'llmx;config;help;check'= {
        }
        &'llmx;config;help;edit'= {
        }
        &'llmx;config;help;help'= {
        }
        &'llmx;cost'= {
            cand --since 'Begin here: 7d, today, month, 2026-11; else 30 days'
            cand --until 'End here; of a day, week or month, at its end'
            cand --by 'Tell apart by day, week, month, hour, model, …'
            cand --top 'Show the first N rows, the rest as one'
            cand --sort 'Order by cost, requests, tokens or name'
            cand --model 'Count this model alone, such as openai/gpt-5.4-mini'
            cand --provider 'Count this provider alone'
            cand --route 'Count this route alone'
            cand --command 'Count this command alone, or imports from there'
            cand --project 'Count this project alone: its path or the end of it'
            cand --tag 'Count requests with this tag alone'
            cand --imported 'Count imports: yes (them alone), no or all'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand --csv 'Print a table for spreadsheets (RFC 4180)'
            cand --no-chart 'Draw no bars'
            cand --ascii 'Draw bars and rules with ASCII'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand estimate 'Estimate what a prompt or a data set will cost, over models'
            cand explain 'Show the line items of one call'
            cand reprice 'Price what the ledger keeps anew and show the difference'
            cand what-if 'Price past traffic on another model'
            cand prices 'Show prices: their dates, their sources, what has changed'
            cand budget 'Show the budgets and what is left of them'
            cand import 'Read the usage logs of other tools'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;cost;estimate'= {
            cand -f 'Add a text file to the prompt; repeatable'
            cand --file 'Add a text file to the prompt; repeatable'
            cand -s 'Set the system prompt'
            cand --system 'Set the system prompt'
            cand --data 'Every row of this data set is a prompt; `-` is stdin'
            cand --format 'Read it as: txt, jsonl, csv or yaml'
            cand -m 'Estimate for these models; repeatable, or with commas'
            cand --model 'Estimate for these models; repeatable, or with commas'
            cand -p 'With --all: only of this provider; repeatable'
            cand --provider 'With --all: only of this provider; repeatable'
            cand --search 'With --all: only models whose names hold this'
            cand --max-price 'With --all: only up to this price of input, USD/MTok'
            cand --out-tokens 'Take answers to have N tokens, or p50, p90 or p95'
            cand --cached 'Take this percentage of prompts from a cache'
            cand --sort 'Order by cost or model'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -a 'Estimate for all models of the catalogue'
            cand --all 'Estimate for all models of the catalogue'
            cand --exact 'Count tokens where that can be done for nothing'
            cand --json 'Print one JSON object'
            cand --csv 'Print a table for spreadsheets (RFC 4180)'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;explain'= {
            cand --usage 'Price the token counts of this file, `-` is stdin'
            cand -m 'The model that served, `provider/model`'
            cand --model 'The model that served, `provider/model`'
            cand --at 'When the request was made (now)'
            cand --mode 'How it was processed, such as batch or flex'
            cand --region 'Where it was processed, such as eu'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;reprice'= {
            cand --since 'Begin here, such as 30d, week or 2026-11'
            cand --until 'End here'
            cand -m 'Only requests to models whose names hold this text'
            cand --model 'Only requests to models whose names hold this text'
            cand --at 'Take the prices of that moment for all'
            cand --prices 'Take the prices of this file, or the `built-in` ones'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;what-if'= {
            cand -m 'Price it on this model; repeatable, or with commas'
            cand --on 'Price it on this model; repeatable, or with commas'
            cand --since 'Begin here, such as 7d or 2026-11; 30 days if unsaid'
            cand --until 'End here'
            cand --model 'Only what was asked of this model; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;prices'= {
            cand --diff 'Show what differs from other prices'
            cand --stale 'Only prices that nobody has read for so long, such as 60d'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -a 'The whole catalogue'
            cand --all 'The whole catalogue'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;budget'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;import'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --dry-run 'Only say what would be added'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;cost;help'= {
            cand estimate 'Estimate what a prompt or a data set will cost, over models'
            cand explain 'Show the line items of one call'
            cand reprice 'Price what the ledger keeps anew and show the difference'
            cand what-if 'Price past traffic on another model'
            cand prices 'Show prices: their dates, their sources, what has changed'
            cand budget 'Show the budgets and what is left of them'
            cand import 'Read the usage logs of other tools'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;cost;help;estimate'= {
        }
        &'llmx;cost;help;explain'= {
        }
        &'llmx;cost;help;reprice'= {
        }
        &'llmx;cost;help;what-if'= {
        }
        &'llmx;cost;help;prices'= {
        }
        &'llmx;cost;help;budget'= {
        }
        &'llmx;cost;help;import'= {
        }
        &'llmx;cost;help;help'= {
        }
        &'llmx;log'= {
            cand -n 'List so many runs'
            cand --number 'List so many runs'
            cand --search 'Only those in which these words were said'
            cand -m 'Only those that asked a model with this in its name'
            cand --model 'Only those that asked a model with this in its name'
            cand --command 'Only those of this command, such as `complete`'
            cand --tag 'Only those with this tag; repeatable'
            cand --project 'Only those of this project: its path or the end of it'
            cand --conversation 'Only those of the conversation of this run'
            cand --since 'Only from this time on, such as `7d` or `2026-11-01`'
            cand --until 'Only up to this time; a day or month counts whole'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand --failed 'Only those that did not end well'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List the latest runs, newest first (the default)'
            cand search 'Search prompts, system prompts and answers'
            cand show 'Show one run: prompt, attempts, answer'
            cand continue 'Go on with a conversation, as `complete -c` does'
            cand export 'Write runs to a file or stdout, as JSON lines or Markdown'
            cand delete 'Delete runs and comparisons; what they cost stays known'
            cand prune 'Forget old texts and shrink the file; what was spent stays known'
            cand learned 'List parameters that models rejected, or forget them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;log;list'= {
            cand -n 'List so many runs'
            cand --number 'List so many runs'
            cand --search 'Only those in which these words were said'
            cand -m 'Only those that asked a model with this in its name'
            cand --model 'Only those that asked a model with this in its name'
            cand --command 'Only those of this command, such as `complete`'
            cand --tag 'Only those with this tag; repeatable'
            cand --project 'Only those of this project: its path or the end of it'
            cand --conversation 'Only those of the conversation of this run'
            cand --since 'Only from this time on, such as `7d` or `2026-11-01`'
            cand --until 'Only up to this time; a day or month counts whole'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand --failed 'Only those that did not end well'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;search'= {
            cand -n 'Show so many runs'
            cand --number 'Show so many runs'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;show'= {
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --partial 'Print only what was received before the run failed'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;continue'= {
            cand -f 'Add a text file to the prompt; repeatable'
            cand --file 'Add a text file to the prompt; repeatable'
            cand -a 'Attach an image, PDF, audio or text file; repeatable'
            cand --attach 'Attach an image, PDF, audio or text file; repeatable'
            cand -s 'Set the system prompt'
            cand --system 'Set the system prompt'
            cand -m 'Ask this model, provider, route or alias'
            cand --model 'Ask this model, provider, route or alias'
            cand --fallback 'Ask this one when all before it failed; repeatable'
            cand --timeout 'Give up after this time, such as 90s or 2m'
            cand --max-cost 'Leave out who is expected to cost more, in USD'
            cand --strategy 'Choose in each tier by: ordered, cheapest, fastest, …'
            cand --on-cut 'When shown text breaks off: fail, restart, …'
            cand --tag 'Mark what is spent with this tag; repeatable'
            cand --project 'Count what is spent for this project'
            cand -c 'Continue the last conversation, or the one with ID'
            cand --continue 'Continue the last conversation, or the one with ID'
            cand --schema 'Answer with JSON that fits this schema'
            cand --tools 'Let the model call these tools; none is run'
            cand --tool-choice 'Call: auto, none, required, or a tool''s name'
            cand --temperature 'Set the sampling temperature'
            cand --top-p 'Set the share of nucleus sampling'
            cand --max-tokens 'Answer with at most so many tokens'
            cand --stop 'End the answer at this text; repeatable'
            cand --seed 'Set the seed, where there is one'
            cand --reasoning-effort 'Think so hard: none, low, medium, high, …'
            cand -o 'Set any member of the body; repeatable'
            cand --option 'Set any member of the body; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --no-fallback 'Ask the first target only'
            cand --yes 'Spend although a budget is used up, this once'
            cand -n 'Keep neither prompt nor answer in the ledger'
            cand --no-log 'Keep neither prompt nor answer in the ledger'
            cand --repair 'Ask once more when the answer does not fit --schema'
            cand --dry-run 'Print the HTTP request and send nothing'
            cand --stream 'Print text as it comes, also into a pipe'
            cand -S 'Print nothing before the answer is whole'
            cand --no-stream 'Print nothing before the answer is whole'
            cand -r 'Print the answer as the model wrote it'
            cand --raw 'Print the answer as the model wrote it'
            cand -x 'Print only the first fenced code block'
            cand --extract 'Print only the first fenced code block'
            cand -u 'Say who served, the tokens, cost and time'
            cand --usage 'Say who served, the tokens, cost and time'
            cand -R 'Do not show the model''s thinking'
            cand --hide-reasoning 'Do not show the model''s thinking'
            cand --json 'Print one JSON object, also on failure'
            cand --jsonl 'Print events as they come, each a line of JSON'
            cand --strict 'Take only what was asked for, in full'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;export'= {
            cand --format 'Write this format: jsonl or md'
            cand -o 'Write this file, for you alone, whole or not at all'
            cand --output 'Write this file, for you alone, whole or not at all'
            cand --search 'Only those in which these words were said'
            cand -m 'Only those that asked a model with this in its name'
            cand --model 'Only those that asked a model with this in its name'
            cand --command 'Only those of this command, such as `complete`'
            cand --tag 'Only those with this tag; repeatable'
            cand --project 'Only those of this project: its path or the end of it'
            cand --conversation 'Only those of the conversation of this run'
            cand --since 'Only from this time on, such as `7d` or `2026-11-01`'
            cand --until 'Only up to this time; a day or month counts whole'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --force 'Replace the file when there is one'
            cand --failed 'Only those that did not end well'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;delete'= {
            cand --search 'Only those in which these words were said'
            cand -m 'Only those that asked a model with this in its name'
            cand --model 'Only those that asked a model with this in its name'
            cand --command 'Only those of this command, such as `complete`'
            cand --tag 'Only those with this tag; repeatable'
            cand --project 'Only those of this project: its path or the end of it'
            cand --conversation 'Only those of the conversation of this run'
            cand --since 'Only from this time on, such as `7d` or `2026-11-01`'
            cand --until 'Only up to this time; a day or month counts whole'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --json 'Print one JSON object'
            cand --failed 'Only those that did not end well'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;prune'= {
            cand --older-than 'Forget what was said longer ago, such as 90d'
            cand --larger-than 'Forget the oldest down to this size, such as 200MB'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --all 'Forget single attempts too; only sums stay'
            cand --dry-run 'Say what would be forgotten, and leave it'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;learned'= {
            cand --forget 'Forget it, of NAME or all'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;log;help'= {
            cand list 'List the latest runs, newest first (the default)'
            cand search 'Search prompts, system prompts and answers'
            cand show 'Show one run: prompt, attempts, answer'
            cand continue 'Go on with a conversation, as `complete -c` does'
            cand export 'Write runs to a file or stdout, as JSON lines or Markdown'
            cand delete 'Delete runs and comparisons; what they cost stays known'
            cand prune 'Forget old texts and shrink the file; what was spent stays known'
            cand learned 'List parameters that models rejected, or forget them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;log;help;list'= {
        }
        &'llmx;log;help;search'= {
        }
        &'llmx;log;help;show'= {
        }
        &'llmx;log;help;continue'= {
        }
        &'llmx;log;help;export'= {
        }
        &'llmx;log;help;delete'= {
        }
        &'llmx;log;help;prune'= {
        }
        &'llmx;log;help;learned'= {
        }
        &'llmx;log;help;help'= {
        }
        &'llmx;health'= {
            cand --since 'Look back so far, such as 48h or 7d; 24h if unsaid'
            cand -w 'Draw anew every 2 s, or as often as said'
            cand --watch 'Draw anew every 2 s, or as often as said'
            cand --timeout 'Give a probe up after this time; 30s if unsaid'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --probe 'Send a tiny request to each model first'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;drill'= {
            cand --fault 'Rehearse only this outage; repeatable'
            cand --color 'Use colour: auto, always or never'
            cand --sim 'Simulate all providers, with these FAULTS'
            cand --assume-keys 'Count on targets that have no key here'
            cand --json 'Print one JSON object'
            cand -q 'Say nothing but errors on stderr'
            cand --quiet 'Say nothing but errors on stderr'
            cand -v 'Say more on stderr'
            cand --verbose 'Say more on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'llmx;help'= {
            cand chat 'Talk with a model in the terminal'
            cand complete 'Ask a model once and print its answer'
            cand compare 'Ask several models the same and show what differs'
            cand route 'Show which model would serve, and why; nothing is sent'
            cand models 'List models with windows, abilities and prices'
            cand config 'See, check and edit the settings'
            cand cost 'Show what was spent and what things will cost'
            cand log 'Find, show, continue, export and delete past prompts and answers'
            cand health 'Show how providers and models have done of late'
            cand drill 'Rehearse outages of your routes; nothing is sent'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmx;help;chat'= {
        }
        &'llmx;help;complete'= {
        }
        &'llmx;help;compare'= {
            cand list 'List past comparisons'
            cand show 'Show a past comparison again; nothing is asked'
            cand export 'Write a past comparison to files; nothing is asked'
        }
        &'llmx;help;compare;list'= {
        }
        &'llmx;help;compare;show'= {
        }
        &'llmx;help;compare;export'= {
        }
        &'llmx;help;route'= {
        }
        &'llmx;help;models'= {
            cand update 'Take a newer catalogue from an address or a file'
        }
        &'llmx;help;models;update'= {
        }
        &'llmx;help;config'= {
            cand path 'Print where the configuration and the data lie'
            cand show 'Print every setting in force with where it was set'
            cand check 'Check all files and tell everything that is wrong'
            cand edit 'Edit your file with $VISUAL, $EDITOR or vi, and check it'
        }
        &'llmx;help;config;path'= {
        }
        &'llmx;help;config;show'= {
        }
        &'llmx;help;config;check'= {
        }
        &'llmx;help;config;edit'= {
        }
        &'llmx;help;cost'= {
            cand estimate 'Estimate what a prompt or a data set will cost, over models'
            cand explain 'Show the line items of one call'
            cand reprice 'Price what the ledger keeps anew and show the difference'
            cand what-if 'Price past traffic on another model'
            cand prices 'Show prices: their dates, their sources, what has changed'
            cand budget 'Show the budgets and what is left of them'
            cand import 'Read the usage logs of other tools'
        }
        &'llmx;help;cost;estimate'= {
        }
        &'llmx;help;cost;explain'= {
        }
        &'llmx;help;cost;reprice'= {
        }
        &'llmx;help;cost;what-if'= {
        }
        &'llmx;help;cost;prices'= {
        }
        &'llmx;help;cost;budget'= {
        }
        &'llmx;help;cost;import'= {
        }
        &'llmx;help;log'= {
            cand list 'List the latest runs, newest first (the default)'
            cand search 'Search prompts, system prompts and answers'
            cand show 'Show one run: prompt, attempts, answer'
            cand continue 'Go on with a conversation, as `complete -c` does'
            cand export 'Write runs to a file or stdout, as JSON lines or Markdown'
            cand delete 'Delete runs and comparisons; what they cost stays known'
            cand prune 'Forget old texts and shrink the file; what was spent stays known'
            cand learned 'List parameters that models rejected, or forget them'
        }
        &'llmx;help;log;list'= {
        }
        &'llmx;help;log;search'= {
        }
        &'llmx;help;log;show'= {
        }
        &'llmx;help;log;continue'= {
        }
        &'llmx;help;log;export'= {
        }
        &'llmx;help;log;delete'= {
        }
        &'llmx;help;log;prune'= {
        }
        &'llmx;help;log;learned'= {
        }
        &'llmx;help;health'= {
        }
        &'llmx;help;drill'= {
        }
        &'llmx;help;help'= {
        }
    ]
    $completions[$command]
}
