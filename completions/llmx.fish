# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_llmx_global_optspecs
    string join \n q/quiet v/verbose color= sim= h/help V/version
end

function __fish_llmx_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_llmx_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_llmx_using_subcommand
    set -l cmd (__fish_llmx_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c llmx -n "__fish_llmx_needs_command" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_needs_command" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_needs_command" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_needs_command" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_needs_command" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "chat" -d 'Talk with a model in the terminal'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "complete" -d 'Ask a model once and print its answer'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "compare" -d 'Ask several models the same and show what differs'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "route" -d 'Show which model would serve, and why; nothing is sent'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "models" -d 'List models with windows, abilities and prices'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "config" -d 'See, check and edit the settings'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "cost" -d 'Show what was spent and what things will cost'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "log" -d 'Find, show, continue, export and delete past prompts and answers'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "health" -d 'Show how providers and models have done of late'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "drill" -d 'Rehearse outages of your routes; nothing is sent'
complete -c llmx -n "__fish_llmx_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s f -l file -d 'Add a text file to the prompt; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s a -l attach -d 'Attach an image, PDF, audio or text file; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s s -l system -d 'Set the system prompt' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s m -l model -d 'Ask this model, provider, route or alias' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l fallback -d 'Ask this one when all before it failed; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l timeout -d 'Give up after this time, such as 90s or 2m' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l max-cost -d 'Leave out who is expected to cost more, in USD' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l strategy -d 'Choose in each tier by: ordered, cheapest, fastest, …' -r -f -a "ordered\t'in the order of the file'
shuffle\t'in random order'
weighted\t'in random order, by `weights`'
cheapest\t'the lowest expected cost of an answer first'
fastest\t'the shortest expected time to a whole answer first'
balanced\t'the best mix of cost, time and success first, by `balance`'
predictive\t'learns from the ledger what will serve best'"
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l on-cut -d 'When shown text breaks off: fail, restart, …' -r -f -a "fail\t'Stop and say so'
restart\t'Mark the seam and let the next target answer anew'
continue\t'Let the next target go on where the text broke off'
buffer\t'Hold the beginning back, and fail after it'"
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l tag -d 'Mark what is spent with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l project -d 'Count what is spent for this project' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s c -l continue -d 'Continue the last conversation, or the one with ID' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l temperature -d 'Set the sampling temperature' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l top-p -d 'Set the share of nucleus sampling' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l max-tokens -d 'Answer with at most so many tokens' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l stop -d 'End the answer at this text; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l seed -d 'Set the seed, where there is one' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l reasoning-effort -d 'Think so hard: none, low, medium, high, …' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s o -l option -d 'Set any member of the body; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l no-fallback -d 'Ask the first target only'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -l yes -d 'Spend although a budget is used up, this once'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s n -l no-log -d 'Keep neither what is said nor what is typed'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s r -l raw -d 'Show answers as the model wrote them'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s R -l hide-reasoning -d 'Do not show the model\'s thinking'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand chat" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s f -l file -d 'Add a text file to the prompt; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s a -l attach -d 'Attach an image, PDF, audio or text file; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s s -l system -d 'Set the system prompt' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s m -l model -d 'Ask this model, provider, route or alias' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l fallback -d 'Ask this one when all before it failed; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l timeout -d 'Give up after this time, such as 90s or 2m' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l max-cost -d 'Leave out who is expected to cost more, in USD' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l strategy -d 'Choose in each tier by: ordered, cheapest, fastest, …' -r -f -a "ordered\t'in the order of the file'
shuffle\t'in random order'
weighted\t'in random order, by `weights`'
cheapest\t'the lowest expected cost of an answer first'
fastest\t'the shortest expected time to a whole answer first'
balanced\t'the best mix of cost, time and success first, by `balance`'
predictive\t'learns from the ledger what will serve best'"
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l on-cut -d 'When shown text breaks off: fail, restart, …' -r -f -a "fail\t'Stop and say so'
restart\t'Mark the seam and let the next target answer anew'
continue\t'Let the next target go on where the text broke off'
buffer\t'Hold the beginning back, and fail after it'"
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l tag -d 'Mark what is spent with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l project -d 'Count what is spent for this project' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s c -l continue -d 'Continue the last conversation, or the one with ID' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l schema -d 'Answer with JSON that fits this schema' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l tools -d 'Let the model call these tools; none is run' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l tool-choice -d 'Call: auto, none, required, or a tool\'s name' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l temperature -d 'Set the sampling temperature' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l top-p -d 'Set the share of nucleus sampling' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l max-tokens -d 'Answer with at most so many tokens' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l stop -d 'End the answer at this text; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l seed -d 'Set the seed, where there is one' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l reasoning-effort -d 'Think so hard: none, low, medium, high, …' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s o -l option -d 'Set any member of the body; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l no-fallback -d 'Ask the first target only'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l yes -d 'Spend although a budget is used up, this once'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s n -l no-log -d 'Keep neither prompt nor answer in the ledger'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l repair -d 'Ask once more when the answer does not fit --schema'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l dry-run -d 'Print the HTTP request and send nothing'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l stream -d 'Print text as it comes, also into a pipe'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s S -l no-stream -d 'Print nothing before the answer is whole'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s r -l raw -d 'Print the answer as the model wrote it'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s x -l extract -d 'Print only the first fenced code block'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s u -l usage -d 'Say who served, the tokens, cost and time'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s R -l hide-reasoning -d 'Do not show the model\'s thinking'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l json -d 'Print one JSON object, also on failure'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l jsonl -d 'Print events as they come, each a line of JSON'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -l strict -d 'Take only what was asked for, in full'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand complete" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s m -l model -d 'Ask these models; repeatable, or with commas' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l baseline -d 'Hold the others against this model; else the first' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s s -l system -d 'Set the system prompt' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l timeout -d 'Give an answer up after this time, such as 90s' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l max-cost -d 'Spend no more than this on the run, in USD' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l tag -d 'Mark what is spent with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l project -d 'Count what is spent for this project' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s f -l file -d 'Ask every row of this file; `-` is stdin' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l format -d 'Read it as: txt, jsonl, csv or yaml' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l var -d 'Fill `{{name}}` with this value; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l limit -d 'Only these rows, counted from 0, such as 10:20' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l sample -d 'Only so many rows, drawn by --seed' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l seed -d 'Draw and shuffle by this number; 0 if unsaid' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l repeat -d 'Ask everything so often' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s j -l jobs -d 'Ask a provider at most so many at once' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l from-log -d 'Ask past prompts of yours from the ledger' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l since -d 'With --from-log: since when (30d)' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l resume -d 'Go on with a run that was stopped (the last)' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l expect -d 'Check every answer; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l judge -d 'Let this model judge the answers' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l rubric -d 'What is good: a text, or a file as `@FILE`' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l judge-mode -d 'How: baseline, pairs, best, grade or checks' -r -f -a "baseline\t'Each answer against the baseline\'s, in both orders'
pairs\t'Every two answers, in both orders'
best\t'The best of all, in one request'
grade\t'Each by itself, from 1 to 5'
checks\t'Only checks that say `judge:`'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l embed -d 'Let this model embed answers, to tell how alike' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l against -d 'Say what got worse since a run or file' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l fail-under -d 'When a model passes less than this' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l fail-on-regression -d 'When a prompt that passed fails now' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l fail-on-disagreement -d 'When answers are less alike' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l layout -d 'Lay answers out as: auto, columns, stack, diff, table' -r -f -a "auto\t'Columns where each is wide enough to read in, else below each other'
columns\t'Beside each other; below each other where a column could not hold a word'
stack\t'Below each other'
diff\t'What differs from the baseline'
table\t'The table alone'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l diff -d 'Tell differences in: words, lines or json' -r -f -a "words\t'Words'
lines\t'Lines'
json\t'Members of JSON'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s o -l output -d 'Write the result to this file too; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l temperature -d 'Set the sampling temperature' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l top-p -d 'Set the share of nucleus sampling' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l max-tokens -d 'Answer with at most so many tokens' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l stop -d 'End the answer at this text; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l reasoning-effort -d 'Think so hard: none, low, medium, high, …' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l option -d 'Set any member of the body; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l dry-run -d 'Say what would be asked and its cost; send nothing'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s n -l no-log -d 'Keep neither prompts nor answers'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l yes -d 'Spend although a budget is used up, this once'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l retry-failed -d 'With --resume: ask again what failed'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l allow-commands -d 'Let the data set\'s `command:` checks run programs'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l ascii -d 'Draw with ASCII only'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -l jsonl -d 'Print a line of JSON for each answer, as it comes'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -a "list" -d 'List past comparisons'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -a "show" -d 'Show a past comparison again; nothing is asked'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -a "export" -d 'Write a past comparison to files; nothing is asked'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and not __fish_seen_subcommand_from list show export help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -s n -l number -d 'List so many, the newest first' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l layout -d 'Lay answers out as: auto, columns, stack, diff, table' -r -f -a "auto\t'Columns where each is wide enough to read in, else below each other'
columns\t'Beside each other; below each other where a column could not hold a word'
stack\t'Below each other'
diff\t'What differs from the baseline'
table\t'The table alone'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l diff -d 'Tell differences in: words, lines or json' -r -f -a "words\t'Words'
lines\t'Lines'
json\t'Members of JSON'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -s o -l output -d 'Write the result to this file too; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l ascii -d 'Draw with ASCII only'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -l jsonl -d 'Print a line of JSON for each answer, as it comes'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -s o -l output -d 'Write it to this file; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from help" -f -a "list" -d 'List past comparisons'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a past comparison again; nothing is asked'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write a past comparison to files; nothing is asked'
complete -c llmx -n "__fish_llmx_using_subcommand compare; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand route" -s f -l file -d 'Add a text file to the prompt; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -s a -l attach -d 'Attach an image, PDF, audio or text file; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -s s -l system -d 'Set the system prompt' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -s m -l model -d 'Ask this model, provider, route or alias' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l fallback -d 'Ask this one when all before it failed; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l timeout -d 'Give up after this time, such as 90s or 2m' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l max-cost -d 'Leave out who is expected to cost more, in USD' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l strategy -d 'Choose in each tier by: ordered, cheapest, fastest, …' -r -f -a "ordered\t'in the order of the file'
shuffle\t'in random order'
weighted\t'in random order, by `weights`'
cheapest\t'the lowest expected cost of an answer first'
fastest\t'the shortest expected time to a whole answer first'
balanced\t'the best mix of cost, time and success first, by `balance`'
predictive\t'learns from the ledger what will serve best'"
complete -c llmx -n "__fish_llmx_using_subcommand route" -l on-cut -d 'When shown text breaks off: fail, restart, …' -r -f -a "fail\t'Stop and say so'
restart\t'Mark the seam and let the next target answer anew'
continue\t'Let the next target go on where the text broke off'
buffer\t'Hold the beginning back, and fail after it'"
complete -c llmx -n "__fish_llmx_using_subcommand route" -l tag -d 'Mark what is spent with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l project -d 'Count what is spent for this project' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l route -d 'With --replay: decide as this route' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l since -d 'With --report, --replay: since when (30d)' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l why-not -d 'Say why that model would not serve' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l at -d 'Decide as if it were that time' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l schema -d 'Answer with JSON that fits this schema' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l tools -d 'Let the model call these tools; none is run' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l tool-choice -d 'Call: auto, none, required, or a tool\'s name' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l temperature -d 'Set the sampling temperature' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l top-p -d 'Set the share of nucleus sampling' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l max-tokens -d 'Answer with at most so many tokens' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l stop -d 'End the answer at this text; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l seed -d 'Set the seed, where there is one' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l reasoning-effort -d 'Think so hard: none, low, medium, high, …' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -s o -l option -d 'Set any member of the body; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand route" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand route" -l no-fallback -d 'Ask the first target only'
complete -c llmx -n "__fish_llmx_using_subcommand route" -l yes -d 'Spend although a budget is used up, this once'
complete -c llmx -n "__fish_llmx_using_subcommand route" -s e -l explain -d 'Explain the whole decision'
complete -c llmx -n "__fish_llmx_using_subcommand route" -l replay -d 'Decide past requests anew'
complete -c llmx -n "__fish_llmx_using_subcommand route" -l report -d 'Report how canary, split and shadow go'
complete -c llmx -n "__fish_llmx_using_subcommand route" -l exact -d 'Count tokens with the model\'s own tokenizer'
complete -c llmx -n "__fish_llmx_using_subcommand route" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand route" -l strict -d 'Take only what was asked for, in full'
complete -c llmx -n "__fish_llmx_using_subcommand route" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand route" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand route" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand route" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -l search -d 'The same, for texts that begin with a dash' -r
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s p -l provider -d 'Only models of this provider; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s a -l all -d 'All models of the catalogue, retired ones too'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s l -l live -d 'Ask the providers; mark what is new or gone'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -a "update" -d 'Take a newer catalogue from an address or a file'
complete -c llmx -n "__fish_llmx_using_subcommand models; and not __fish_seen_subcommand_from update help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -l force -d 'Take it though it has lost half of its models or is older'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -l reset -d 'Go back to the catalogue that is built in'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from update" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "update" -d 'Take a newer catalogue from an address or a file'
complete -c llmx -n "__fish_llmx_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -f -a "path" -d 'Print where the configuration and the data lie'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -f -a "show" -d 'Print every setting in force with where it was set'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -f -a "check" -d 'Check all files and tell everything that is wrong'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -f -a "edit" -d 'Edit your file with $VISUAL, $EDITOR or vi, and check it'
complete -c llmx -n "__fish_llmx_using_subcommand config; and not __fish_seen_subcommand_from path show check edit help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from path" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from path" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -l all -d 'Also show providers without a key'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from check" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from edit" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from edit" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from edit" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print where the configuration and the data lie'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print every setting in force with where it was set'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check all files and tell everything that is wrong'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Edit your file with $VISUAL, $EDITOR or vi, and check it'
complete -c llmx -n "__fish_llmx_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l since -d 'Begin here: 7d, today, month, 2026-11; else 30 days' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l until -d 'End here; of a day, week or month, at its end' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l by -d 'Tell apart by day, week, month, hour, model, …' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l top -d 'Show the first N rows, the rest as one' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l sort -d 'Order by cost, requests, tokens or name' -r -f -a "cost\t''
requests\t''
tokens\t''
name\t''"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l model -d 'Count this model alone, such as openai/gpt-5.4-mini' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l provider -d 'Count this provider alone' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l route -d 'Count this route alone' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l command -d 'Count this command alone, or imports from there' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l project -d 'Count this project alone: its path or the end of it' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l tag -d 'Count requests with this tag alone' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l imported -d 'Count imports: yes (them alone), no or all' -r -f -a "yes\t''
no\t''
all\t''"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l csv -d 'Print a table for spreadsheets (RFC 4180)'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l no-chart -d 'Draw no bars'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -l ascii -d 'Draw bars and rules with ASCII'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "estimate" -d 'Estimate what a prompt or a data set will cost, over models'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "explain" -d 'Show the line items of one call'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "reprice" -d 'Price what the ledger keeps anew and show the difference'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "what-if" -d 'Price past traffic on another model'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "prices" -d 'Show prices: their dates, their sources, what has changed'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "budget" -d 'Show the budgets and what is left of them'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "import" -d 'Read the usage logs of other tools'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and not __fish_seen_subcommand_from estimate explain reprice what-if prices budget import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s f -l file -d 'Add a text file to the prompt; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s s -l system -d 'Set the system prompt' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l data -d 'Every row of this data set is a prompt; `-` is stdin' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l format -d 'Read it as: txt, jsonl, csv or yaml' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s m -l model -d 'Estimate for these models; repeatable, or with commas' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s p -l provider -d 'With --all: only of this provider; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l search -d 'With --all: only models whose names hold this' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l max-price -d 'With --all: only up to this price of input, USD/MTok' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l out-tokens -d 'Take answers to have N tokens, or p50, p90 or p95' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l cached -d 'Take this percentage of prompts from a cache' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l sort -d 'Order by cost or model' -r -f -a "cost\t''
model\t''"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s a -l all -d 'Estimate for all models of the catalogue'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l exact -d 'Count tokens where that can be done for nothing'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -l csv -d 'Print a table for spreadsheets (RFC 4180)'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from estimate" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l usage -d 'Price the token counts of this file, `-` is stdin' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -s m -l model -d 'The model that served, `provider/model`' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l at -d 'When the request was made (now)' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l mode -d 'How it was processed, such as batch or flex' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l region -d 'Where it was processed, such as eu' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l since -d 'Begin here, such as 30d, week or 2026-11' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l until -d 'End here' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -s m -l model -d 'Only requests to models whose names hold this text' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l at -d 'Take the prices of that moment for all' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l prices -d 'Take the prices of this file, or the `built-in` ones' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from reprice" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -s m -l on -d 'Price it on this model; repeatable, or with commas' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -l since -d 'Begin here, such as 7d or 2026-11; 30 days if unsaid' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -l until -d 'End here' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -l model -d 'Only what was asked of this model; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from what-if" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -l diff -d 'Show what differs from other prices' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -l stale -d 'Only prices that nobody has read for so long, such as 60d' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -s a -l all -d 'The whole catalogue'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from prices" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from budget" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -l dry-run -d 'Only say what would be added'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "estimate" -d 'Estimate what a prompt or a data set will cost, over models'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Show the line items of one call'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "reprice" -d 'Price what the ledger keeps anew and show the difference'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "what-if" -d 'Price past traffic on another model'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "prices" -d 'Show prices: their dates, their sources, what has changed'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "budget" -d 'Show the budgets and what is left of them'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "import" -d 'Read the usage logs of other tools'
complete -c llmx -n "__fish_llmx_using_subcommand cost; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -s n -l number -d 'List so many runs' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l search -d 'Only those in which these words were said' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -s m -l model -d 'Only those that asked a model with this in its name' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l command -d 'Only those of this command, such as `complete`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l tag -d 'Only those with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l project -d 'Only those of this project: its path or the end of it' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l conversation -d 'Only those of the conversation of this run' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l since -d 'Only from this time on, such as `7d` or `2026-11-01`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l until -d 'Only up to this time; a day or month counts whole' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -l failed -d 'Only those that did not end well'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "list" -d 'List the latest runs, newest first (the default)'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "search" -d 'Search prompts, system prompts and answers'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "show" -d 'Show one run: prompt, attempts, answer'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "continue" -d 'Go on with a conversation, as `complete -c` does'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "export" -d 'Write runs to a file or stdout, as JSON lines or Markdown'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "delete" -d 'Delete runs and comparisons; what they cost stays known'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "prune" -d 'Forget old texts and shrink the file; what was spent stays known'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "learned" -d 'List parameters that models rejected, or forget them'
complete -c llmx -n "__fish_llmx_using_subcommand log; and not __fish_seen_subcommand_from list search show continue export delete prune learned help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -s n -l number -d 'List so many runs' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l search -d 'Only those in which these words were said' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -s m -l model -d 'Only those that asked a model with this in its name' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l command -d 'Only those of this command, such as `complete`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l tag -d 'Only those with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l project -d 'Only those of this project: its path or the end of it' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l conversation -d 'Only those of the conversation of this run' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l since -d 'Only from this time on, such as `7d` or `2026-11-01`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l until -d 'Only up to this time; a day or month counts whole' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -l failed -d 'Only those that did not end well'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -s n -l number -d 'Show so many runs' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from search" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -l partial -d 'Print only what was received before the run failed'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s f -l file -d 'Add a text file to the prompt; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s a -l attach -d 'Attach an image, PDF, audio or text file; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s s -l system -d 'Set the system prompt' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s m -l model -d 'Ask this model, provider, route or alias' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l fallback -d 'Ask this one when all before it failed; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l timeout -d 'Give up after this time, such as 90s or 2m' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l max-cost -d 'Leave out who is expected to cost more, in USD' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l strategy -d 'Choose in each tier by: ordered, cheapest, fastest, …' -r -f -a "ordered\t'in the order of the file'
shuffle\t'in random order'
weighted\t'in random order, by `weights`'
cheapest\t'the lowest expected cost of an answer first'
fastest\t'the shortest expected time to a whole answer first'
balanced\t'the best mix of cost, time and success first, by `balance`'
predictive\t'learns from the ledger what will serve best'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l on-cut -d 'When shown text breaks off: fail, restart, …' -r -f -a "fail\t'Stop and say so'
restart\t'Mark the seam and let the next target answer anew'
continue\t'Let the next target go on where the text broke off'
buffer\t'Hold the beginning back, and fail after it'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l tag -d 'Mark what is spent with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l project -d 'Count what is spent for this project' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s c -l continue -d 'Continue the last conversation, or the one with ID' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l schema -d 'Answer with JSON that fits this schema' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l tools -d 'Let the model call these tools; none is run' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l tool-choice -d 'Call: auto, none, required, or a tool\'s name' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l temperature -d 'Set the sampling temperature' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l top-p -d 'Set the share of nucleus sampling' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l max-tokens -d 'Answer with at most so many tokens' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l stop -d 'End the answer at this text; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l seed -d 'Set the seed, where there is one' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l reasoning-effort -d 'Think so hard: none, low, medium, high, …' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s o -l option -d 'Set any member of the body; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l no-fallback -d 'Ask the first target only'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l yes -d 'Spend although a budget is used up, this once'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s n -l no-log -d 'Keep neither prompt nor answer in the ledger'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l repair -d 'Ask once more when the answer does not fit --schema'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l dry-run -d 'Print the HTTP request and send nothing'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l stream -d 'Print text as it comes, also into a pipe'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s S -l no-stream -d 'Print nothing before the answer is whole'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s r -l raw -d 'Print the answer as the model wrote it'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s x -l extract -d 'Print only the first fenced code block'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s u -l usage -d 'Say who served, the tokens, cost and time'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s R -l hide-reasoning -d 'Do not show the model\'s thinking'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l json -d 'Print one JSON object, also on failure'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l jsonl -d 'Print events as they come, each a line of JSON'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -l strict -d 'Take only what was asked for, in full'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from continue" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l format -d 'Write this format: jsonl or md' -r -f -a "jsonl\t'JSON, a line for each run'
md\t'Markdown'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -s o -l output -d 'Write this file, for you alone, whole or not at all' -r -F
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l search -d 'Only those in which these words were said' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -s m -l model -d 'Only those that asked a model with this in its name' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l command -d 'Only those of this command, such as `complete`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l tag -d 'Only those with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l project -d 'Only those of this project: its path or the end of it' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l conversation -d 'Only those of the conversation of this run' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l since -d 'Only from this time on, such as `7d` or `2026-11-01`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l until -d 'Only up to this time; a day or month counts whole' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l force -d 'Replace the file when there is one'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -l failed -d 'Only those that did not end well'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l search -d 'Only those in which these words were said' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -s m -l model -d 'Only those that asked a model with this in its name' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l command -d 'Only those of this command, such as `complete`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l tag -d 'Only those with this tag; repeatable' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l project -d 'Only those of this project: its path or the end of it' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l conversation -d 'Only those of the conversation of this run' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l since -d 'Only from this time on, such as `7d` or `2026-11-01`' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l until -d 'Only up to this time; a day or month counts whole' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -l failed -d 'Only those that did not end well'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l older-than -d 'Forget what was said longer ago, such as 90d' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l larger-than -d 'Forget the oldest down to this size, such as 200MB' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l all -d 'Forget single attempts too; only sums stay'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l dry-run -d 'Say what would be forgotten, and leave it'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do not ask'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from prune" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -l forget -d 'Forget it, of NAME or all' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from learned" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the latest runs, newest first (the default)'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "search" -d 'Search prompts, system prompts and answers'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one run: prompt, attempts, answer'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "continue" -d 'Go on with a conversation, as `complete -c` does'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write runs to a file or stdout, as JSON lines or Markdown'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete runs and comparisons; what they cost stays known'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Forget old texts and shrink the file; what was spent stays known'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "learned" -d 'List parameters that models rejected, or forget them'
complete -c llmx -n "__fish_llmx_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand health" -l since -d 'Look back so far, such as 48h or 7d; 24h if unsaid' -r
complete -c llmx -n "__fish_llmx_using_subcommand health" -s w -l watch -d 'Draw anew every 2 s, or as often as said' -r
complete -c llmx -n "__fish_llmx_using_subcommand health" -l timeout -d 'Give a probe up after this time; 30s if unsaid' -r
complete -c llmx -n "__fish_llmx_using_subcommand health" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand health" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand health" -l probe -d 'Send a tiny request to each model first'
complete -c llmx -n "__fish_llmx_using_subcommand health" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand health" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand health" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand health" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand health" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand drill" -l fault -d 'Rehearse only this outage; repeatable' -r -f -a "down\t''
error\t''
refused\t''
slow\t''
hang\t''
cut\t''
stall\t''
rate-limited\t''
rejected-key\t''
quota\t''"
complete -c llmx -n "__fish_llmx_using_subcommand drill" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c llmx -n "__fish_llmx_using_subcommand drill" -l sim -d 'Simulate all providers, with these FAULTS' -r
complete -c llmx -n "__fish_llmx_using_subcommand drill" -l assume-keys -d 'Count on targets that have no key here'
complete -c llmx -n "__fish_llmx_using_subcommand drill" -l json -d 'Print one JSON object'
complete -c llmx -n "__fish_llmx_using_subcommand drill" -s q -l quiet -d 'Say nothing but errors on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand drill" -s v -l verbose -d 'Say more on stderr'
complete -c llmx -n "__fish_llmx_using_subcommand drill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmx -n "__fish_llmx_using_subcommand drill" -s V -l version -d 'Print version'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "chat" -d 'Talk with a model in the terminal'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "complete" -d 'Ask a model once and print its answer'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "compare" -d 'Ask several models the same and show what differs'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "route" -d 'Show which model would serve, and why; nothing is sent'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "models" -d 'List models with windows, abilities and prices'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "config" -d 'See, check and edit the settings'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "cost" -d 'Show what was spent and what things will cost'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "log" -d 'Find, show, continue, export and delete past prompts and answers'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "health" -d 'Show how providers and models have done of late'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "drill" -d 'Rehearse outages of your routes; nothing is sent'
complete -c llmx -n "__fish_llmx_using_subcommand help; and not __fish_seen_subcommand_from chat complete compare route models config cost log health drill help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from compare" -f -a "list" -d 'List past comparisons'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from compare" -f -a "show" -d 'Show a past comparison again; nothing is asked'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from compare" -f -a "export" -d 'Write a past comparison to files; nothing is asked'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "update" -d 'Take a newer catalogue from an address or a file'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print where the configuration and the data lie'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print every setting in force with where it was set'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Check all files and tell everything that is wrong'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "edit" -d 'Edit your file with $VISUAL, $EDITOR or vi, and check it'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "estimate" -d 'Estimate what a prompt or a data set will cost, over models'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "explain" -d 'Show the line items of one call'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "reprice" -d 'Price what the ledger keeps anew and show the difference'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "what-if" -d 'Price past traffic on another model'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "prices" -d 'Show prices: their dates, their sources, what has changed'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "budget" -d 'Show the budgets and what is left of them'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from cost" -f -a "import" -d 'Read the usage logs of other tools'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "list" -d 'List the latest runs, newest first (the default)'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "search" -d 'Search prompts, system prompts and answers'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "show" -d 'Show one run: prompt, attempts, answer'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "continue" -d 'Go on with a conversation, as `complete -c` does'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "export" -d 'Write runs to a file or stdout, as JSON lines or Markdown'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "delete" -d 'Delete runs and comparisons; what they cost stays known'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "prune" -d 'Forget old texts and shrink the file; what was spent stays known'
complete -c llmx -n "__fish_llmx_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "learned" -d 'List parameters that models rejected, or forget them'
