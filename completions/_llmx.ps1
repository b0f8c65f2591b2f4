
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'llmx' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'llmx'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'llmx' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('chat', 'chat', [CompletionResultType]::ParameterValue, 'Talk with a model in the terminal')
            [CompletionResult]::new('complete', 'complete', [CompletionResultType]::ParameterValue, 'Ask a model once and print its answer')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Ask several models the same and show what differs')
            [CompletionResult]::new('route', 'route', [CompletionResultType]::ParameterValue, 'Show which model would serve, and why; nothing is sent')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List models with windows, abilities and prices')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'See, check and edit the settings')
            [CompletionResult]::new('cost', 'cost', [CompletionResultType]::ParameterValue, 'Show what was spent and what things will cost')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Find, show, continue, export and delete past prompts and answers')
            [CompletionResult]::new('health', 'health', [CompletionResultType]::ParameterValue, 'Show how providers and models have done of late')
            [CompletionResult]::new('drill', 'drill', [CompletionResultType]::ParameterValue, 'Rehearse outages of your routes; nothing is sent')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;chat' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('--attach', '--attach', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Ask this one when all before it failed; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time, such as 90s or 2m')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Leave out who is expected to cost more, in USD')
            [CompletionResult]::new('--strategy', '--strategy', [CompletionResultType]::ParameterName, 'Choose in each tier by: ordered, cheapest, fastest, …')
            [CompletionResult]::new('--on-cut', '--on-cut', [CompletionResultType]::ParameterName, 'When shown text breaks off: fail, restart, …')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Mark what is spent with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Count what is spent for this project')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Continue the last conversation, or the one with ID')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Continue the last conversation, or the one with ID')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Set the sampling temperature')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Set the share of nucleus sampling')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Answer with at most so many tokens')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'End the answer at this text; repeatable')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Set the seed, where there is one')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Think so hard: none, low, medium, high, …')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Ask the first target only')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Spend although a budget is used up, this once')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Keep neither what is said nor what is typed')
            [CompletionResult]::new('--no-log', '--no-log', [CompletionResultType]::ParameterName, 'Keep neither what is said nor what is typed')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Show answers as the model wrote them')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Show answers as the model wrote them')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Do not show the model''s thinking')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Do not show the model''s thinking')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;complete' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('--attach', '--attach', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Ask this one when all before it failed; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time, such as 90s or 2m')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Leave out who is expected to cost more, in USD')
            [CompletionResult]::new('--strategy', '--strategy', [CompletionResultType]::ParameterName, 'Choose in each tier by: ordered, cheapest, fastest, …')
            [CompletionResult]::new('--on-cut', '--on-cut', [CompletionResultType]::ParameterName, 'When shown text breaks off: fail, restart, …')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Mark what is spent with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Count what is spent for this project')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Continue the last conversation, or the one with ID')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Continue the last conversation, or the one with ID')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON that fits this schema')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Let the model call these tools; none is run')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Call: auto, none, required, or a tool''s name')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Set the sampling temperature')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Set the share of nucleus sampling')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Answer with at most so many tokens')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'End the answer at this text; repeatable')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Set the seed, where there is one')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Think so hard: none, low, medium, high, …')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Ask the first target only')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Spend although a budget is used up, this once')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Keep neither prompt nor answer in the ledger')
            [CompletionResult]::new('--no-log', '--no-log', [CompletionResultType]::ParameterName, 'Keep neither prompt nor answer in the ledger')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Ask once more when the answer does not fit --schema')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the HTTP request and send nothing')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'Print text as it comes, also into a pipe')
            [CompletionResult]::new('-S', '-S ', [CompletionResultType]::ParameterName, 'Print nothing before the answer is whole')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print nothing before the answer is whole')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Print the answer as the model wrote it')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the answer as the model wrote it')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Print only the first fenced code block')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print only the first fenced code block')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Say who served, the tokens, cost and time')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Say who served, the tokens, cost and time')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Do not show the model''s thinking')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Do not show the model''s thinking')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object, also on failure')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Print events as they come, each a line of JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take only what was asked for, in full')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;compare' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Ask these models; repeatable, or with commas')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Ask these models; repeatable, or with commas')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Hold the others against this model; else the first')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give an answer up after this time, such as 90s')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Spend no more than this on the run, in USD')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Mark what is spent with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Count what is spent for this project')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Ask every row of this file; `-` is stdin')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Ask every row of this file; `-` is stdin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Read it as: txt, jsonl, csv or yaml')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill `{{name}}` with this value; repeatable')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only these rows, counted from 0, such as 10:20')
            [CompletionResult]::new('--sample', '--sample', [CompletionResultType]::ParameterName, 'Only so many rows, drawn by --seed')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Draw and shuffle by this number; 0 if unsaid')
            [CompletionResult]::new('--repeat', '--repeat', [CompletionResultType]::ParameterName, 'Ask everything so often')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Ask a provider at most so many at once')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Ask a provider at most so many at once')
            [CompletionResult]::new('--from-log', '--from-log', [CompletionResultType]::ParameterName, 'Ask past prompts of yours from the ledger')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'With --from-log: since when (30d)')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with a run that was stopped (the last)')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Check every answer; repeatable')
            [CompletionResult]::new('--judge', '--judge', [CompletionResultType]::ParameterName, 'Let this model judge the answers')
            [CompletionResult]::new('--rubric', '--rubric', [CompletionResultType]::ParameterName, 'What is good: a text, or a file as `@FILE`')
            [CompletionResult]::new('--judge-mode', '--judge-mode', [CompletionResultType]::ParameterName, 'How: baseline, pairs, best, grade or checks')
            [CompletionResult]::new('--embed', '--embed', [CompletionResultType]::ParameterName, 'Let this model embed answers, to tell how alike')
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Say what got worse since a run or file')
            [CompletionResult]::new('--fail-under', '--fail-under', [CompletionResultType]::ParameterName, 'When a model passes less than this')
            [CompletionResult]::new('--fail-on-regression', '--fail-on-regression', [CompletionResultType]::ParameterName, 'When a prompt that passed fails now')
            [CompletionResult]::new('--fail-on-disagreement', '--fail-on-disagreement', [CompletionResultType]::ParameterName, 'When answers are less alike')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Lay answers out as: auto, columns, stack, diff, table')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Tell differences in: words, lines or json')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result to this file too; repeatable')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result to this file too; repeatable')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Set the sampling temperature')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Set the share of nucleus sampling')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Answer with at most so many tokens')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'End the answer at this text; repeatable')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Think so hard: none, low, medium, high, …')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be asked and its cost; send nothing')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Keep neither prompts nor answers')
            [CompletionResult]::new('--no-log', '--no-log', [CompletionResultType]::ParameterName, 'Keep neither prompts nor answers')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Spend although a budget is used up, this once')
            [CompletionResult]::new('--retry-failed', '--retry-failed', [CompletionResultType]::ParameterName, 'With --resume: ask again what failed')
            [CompletionResult]::new('--allow-commands', '--allow-commands', [CompletionResultType]::ParameterName, 'Let the data set''s `command:` checks run programs')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw with ASCII only')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Print a line of JSON for each answer, as it comes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List past comparisons')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a past comparison again; nothing is asked')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a past comparison to files; nothing is asked')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;compare;list' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'List so many, the newest first')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'List so many, the newest first')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;compare;show' {
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Lay answers out as: auto, columns, stack, diff, table')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Tell differences in: words, lines or json')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result to this file too; repeatable')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result to this file too; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw with ASCII only')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Print a line of JSON for each answer, as it comes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;compare;export' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write it to this file; repeatable')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write it to this file; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;compare;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List past comparisons')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a past comparison again; nothing is asked')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a past comparison to files; nothing is asked')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;compare;help;list' {
            break
        }
        'llmx;compare;help;show' {
            break
        }
        'llmx;compare;help;export' {
            break
        }
        'llmx;compare;help;help' {
            break
        }
        'llmx;route' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('--attach', '--attach', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Ask this one when all before it failed; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time, such as 90s or 2m')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Leave out who is expected to cost more, in USD')
            [CompletionResult]::new('--strategy', '--strategy', [CompletionResultType]::ParameterName, 'Choose in each tier by: ordered, cheapest, fastest, …')
            [CompletionResult]::new('--on-cut', '--on-cut', [CompletionResultType]::ParameterName, 'When shown text breaks off: fail, restart, …')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Mark what is spent with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Count what is spent for this project')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'With --replay: decide as this route')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'With --report, --replay: since when (30d)')
            [CompletionResult]::new('--why-not', '--why-not', [CompletionResultType]::ParameterName, 'Say why that model would not serve')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Decide as if it were that time')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON that fits this schema')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Let the model call these tools; none is run')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Call: auto, none, required, or a tool''s name')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Set the sampling temperature')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Set the share of nucleus sampling')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Answer with at most so many tokens')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'End the answer at this text; repeatable')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Set the seed, where there is one')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Think so hard: none, low, medium, high, …')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Ask the first target only')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Spend although a budget is used up, this once')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Explain the whole decision')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Explain the whole decision')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Decide past requests anew')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Report how canary, split and shadow go')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Count tokens with the model''s own tokenizer')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take only what was asked for, in full')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;models' {
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'The same, for texts that begin with a dash')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Only models of this provider; repeatable')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Only models of this provider; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'All models of the catalogue, retired ones too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All models of the catalogue, retired ones too')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Ask the providers; mark what is new or gone')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Ask the providers; mark what is new or gone')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Take a newer catalogue from an address or a file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;models;update' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Take it though it has lost half of its models or is older')
            [CompletionResult]::new('--reset', '--reset', [CompletionResultType]::ParameterName, 'Go back to the catalogue that is built in')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;models;help' {
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Take a newer catalogue from an address or a file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;models;help;update' {
            break
        }
        'llmx;models;help;help' {
            break
        }
        'llmx;config' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the configuration and the data lie')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting in force with where it was set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check all files and tell everything that is wrong')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit your file with $VISUAL, $EDITOR or vi, and check it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;config;path' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;config;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also show providers without a key')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;config;check' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;config;edit' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;config;help' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the configuration and the data lie')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting in force with where it was set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check all files and tell everything that is wrong')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit your file with $VISUAL, $EDITOR or vi, and check it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;config;help;path' {
            break
        }
        'llmx;config;help;show' {
            break
        }
        'llmx;config;help;check' {
            break
        }
        'llmx;config;help;edit' {
            break
        }
        'llmx;config;help;help' {
            break
        }
        'llmx;cost' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Begin here: 7d, today, month, 2026-11; else 30 days')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'End here; of a day, week or month, at its end')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Tell apart by day, week, month, hour, model, …')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Show the first N rows, the rest as one')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order by cost, requests, tokens or name')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Count this model alone, such as openai/gpt-5.4-mini')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Count this provider alone')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Count this route alone')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Count this command alone, or imports from there')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Count this project alone: its path or the end of it')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Count requests with this tag alone')
            [CompletionResult]::new('--imported', '--imported', [CompletionResultType]::ParameterName, 'Count imports: yes (them alone), no or all')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Print a table for spreadsheets (RFC 4180)')
            [CompletionResult]::new('--no-chart', '--no-chart', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw bars and rules with ASCII')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('estimate', 'estimate', [CompletionResultType]::ParameterValue, 'Estimate what a prompt or a data set will cost, over models')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show the line items of one call')
            [CompletionResult]::new('reprice', 'reprice', [CompletionResultType]::ParameterValue, 'Price what the ledger keeps anew and show the difference')
            [CompletionResult]::new('what-if', 'what-if', [CompletionResultType]::ParameterValue, 'Price past traffic on another model')
            [CompletionResult]::new('prices', 'prices', [CompletionResultType]::ParameterValue, 'Show prices: their dates, their sources, what has changed')
            [CompletionResult]::new('budget', 'budget', [CompletionResultType]::ParameterValue, 'Show the budgets and what is left of them')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Read the usage logs of other tools')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;cost;estimate' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Every row of this data set is a prompt; `-` is stdin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Read it as: txt, jsonl, csv or yaml')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Estimate for these models; repeatable, or with commas')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Estimate for these models; repeatable, or with commas')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'With --all: only of this provider; repeatable')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'With --all: only of this provider; repeatable')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With --all: only models whose names hold this')
            [CompletionResult]::new('--max-price', '--max-price', [CompletionResultType]::ParameterName, 'With --all: only up to this price of input, USD/MTok')
            [CompletionResult]::new('--out-tokens', '--out-tokens', [CompletionResultType]::ParameterName, 'Take answers to have N tokens, or p50, p90 or p95')
            [CompletionResult]::new('--cached', '--cached', [CompletionResultType]::ParameterName, 'Take this percentage of prompts from a cache')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order by cost or model')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Estimate for all models of the catalogue')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Estimate for all models of the catalogue')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Count tokens where that can be done for nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Print a table for spreadsheets (RFC 4180)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;explain' {
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Price the token counts of this file, `-` is stdin')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model that served, `provider/model`')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model that served, `provider/model`')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'When the request was made (now)')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'How it was processed, such as batch or flex')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Where it was processed, such as eu')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;reprice' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Begin here, such as 30d, week or 2026-11')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'End here')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Only requests to models whose names hold this text')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only requests to models whose names hold this text')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Take the prices of that moment for all')
            [CompletionResult]::new('--prices', '--prices', [CompletionResultType]::ParameterName, 'Take the prices of this file, or the `built-in` ones')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;what-if' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Price it on this model; repeatable, or with commas')
            [CompletionResult]::new('--on', '--on', [CompletionResultType]::ParameterName, 'Price it on this model; repeatable, or with commas')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Begin here, such as 7d or 2026-11; 30 days if unsaid')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'End here')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only what was asked of this model; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;prices' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show what differs from other prices')
            [CompletionResult]::new('--stale', '--stale', [CompletionResultType]::ParameterName, 'Only prices that nobody has read for so long, such as 60d')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The whole catalogue')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'The whole catalogue')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;budget' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;import' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only say what would be added')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;cost;help' {
            [CompletionResult]::new('estimate', 'estimate', [CompletionResultType]::ParameterValue, 'Estimate what a prompt or a data set will cost, over models')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show the line items of one call')
            [CompletionResult]::new('reprice', 'reprice', [CompletionResultType]::ParameterValue, 'Price what the ledger keeps anew and show the difference')
            [CompletionResult]::new('what-if', 'what-if', [CompletionResultType]::ParameterValue, 'Price past traffic on another model')
            [CompletionResult]::new('prices', 'prices', [CompletionResultType]::ParameterValue, 'Show prices: their dates, their sources, what has changed')
            [CompletionResult]::new('budget', 'budget', [CompletionResultType]::ParameterValue, 'Show the budgets and what is left of them')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Read the usage logs of other tools')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;cost;help;estimate' {
            break
        }
        'llmx;cost;help;explain' {
            break
        }
        'llmx;cost;help;reprice' {
            break
        }
        'llmx;cost;help;what-if' {
            break
        }
        'llmx;cost;help;prices' {
            break
        }
        'llmx;cost;help;budget' {
            break
        }
        'llmx;cost;help;import' {
            break
        }
        'llmx;cost;help;help' {
            break
        }
        'llmx;log' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'List so many runs')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'List so many runs')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only those in which these words were said')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Only those of this command, such as `complete`')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Only those with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only those of this project: its path or the end of it')
            [CompletionResult]::new('--conversation', '--conversation', [CompletionResultType]::ParameterName, 'Only those of the conversation of this run')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only from this time on, such as `7d` or `2026-11-01`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only up to this time; a day or month counts whole')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Only those that did not end well')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the latest runs, newest first (the default)')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search prompts, system prompts and answers')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run: prompt, attempts, answer')
            [CompletionResult]::new('continue', 'continue', [CompletionResultType]::ParameterValue, 'Go on with a conversation, as `complete -c` does')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write runs to a file or stdout, as JSON lines or Markdown')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete runs and comparisons; what they cost stays known')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Forget old texts and shrink the file; what was spent stays known')
            [CompletionResult]::new('learned', 'learned', [CompletionResultType]::ParameterValue, 'List parameters that models rejected, or forget them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;log;list' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'List so many runs')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'List so many runs')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only those in which these words were said')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Only those of this command, such as `complete`')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Only those with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only those of this project: its path or the end of it')
            [CompletionResult]::new('--conversation', '--conversation', [CompletionResultType]::ParameterName, 'Only those of the conversation of this run')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only from this time on, such as `7d` or `2026-11-01`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only up to this time; a day or month counts whole')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Only those that did not end well')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;search' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show so many runs')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'Show so many runs')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--partial', '--partial', [CompletionResultType]::ParameterName, 'Print only what was received before the run failed')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;continue' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Add a text file to the prompt; repeatable')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('--attach', '--attach', [CompletionResultType]::ParameterName, 'Attach an image, PDF, audio or text file; repeatable')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Set the system prompt')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Ask this model, provider, route or alias')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Ask this one when all before it failed; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time, such as 90s or 2m')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Leave out who is expected to cost more, in USD')
            [CompletionResult]::new('--strategy', '--strategy', [CompletionResultType]::ParameterName, 'Choose in each tier by: ordered, cheapest, fastest, …')
            [CompletionResult]::new('--on-cut', '--on-cut', [CompletionResultType]::ParameterName, 'When shown text breaks off: fail, restart, …')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Mark what is spent with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Count what is spent for this project')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Continue the last conversation, or the one with ID')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Continue the last conversation, or the one with ID')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON that fits this schema')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Let the model call these tools; none is run')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Call: auto, none, required, or a tool''s name')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Set the sampling temperature')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Set the share of nucleus sampling')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Answer with at most so many tokens')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'End the answer at this text; repeatable')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Set the seed, where there is one')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Think so hard: none, low, medium, high, …')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set any member of the body; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Ask the first target only')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Spend although a budget is used up, this once')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Keep neither prompt nor answer in the ledger')
            [CompletionResult]::new('--no-log', '--no-log', [CompletionResultType]::ParameterName, 'Keep neither prompt nor answer in the ledger')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Ask once more when the answer does not fit --schema')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the HTTP request and send nothing')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'Print text as it comes, also into a pipe')
            [CompletionResult]::new('-S', '-S ', [CompletionResultType]::ParameterName, 'Print nothing before the answer is whole')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print nothing before the answer is whole')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Print the answer as the model wrote it')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the answer as the model wrote it')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Print only the first fenced code block')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print only the first fenced code block')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Say who served, the tokens, cost and time')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Say who served, the tokens, cost and time')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Do not show the model''s thinking')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Do not show the model''s thinking')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object, also on failure')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Print events as they come, each a line of JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take only what was asked for, in full')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Write this format: jsonl or md')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write this file, for you alone, whole or not at all')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write this file, for you alone, whole or not at all')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only those in which these words were said')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Only those of this command, such as `complete`')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Only those with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only those of this project: its path or the end of it')
            [CompletionResult]::new('--conversation', '--conversation', [CompletionResultType]::ParameterName, 'Only those of the conversation of this run')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only from this time on, such as `7d` or `2026-11-01`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only up to this time; a day or month counts whole')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file when there is one')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Only those that did not end well')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;delete' {
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only those in which these words were said')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only those that asked a model with this in its name')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Only those of this command, such as `complete`')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Only those with this tag; repeatable')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only those of this project: its path or the end of it')
            [CompletionResult]::new('--conversation', '--conversation', [CompletionResultType]::ParameterName, 'Only those of the conversation of this run')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only from this time on, such as `7d` or `2026-11-01`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only up to this time; a day or month counts whole')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Only those that did not end well')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;prune' {
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Forget what was said longer ago, such as 90d')
            [CompletionResult]::new('--larger-than', '--larger-than', [CompletionResultType]::ParameterName, 'Forget the oldest down to this size, such as 200MB')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Forget single attempts too; only sums stay')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be forgotten, and leave it')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;learned' {
            [CompletionResult]::new('--forget', '--forget', [CompletionResultType]::ParameterName, 'Forget it, of NAME or all')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;log;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the latest runs, newest first (the default)')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search prompts, system prompts and answers')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run: prompt, attempts, answer')
            [CompletionResult]::new('continue', 'continue', [CompletionResultType]::ParameterValue, 'Go on with a conversation, as `complete -c` does')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write runs to a file or stdout, as JSON lines or Markdown')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete runs and comparisons; what they cost stays known')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Forget old texts and shrink the file; what was spent stays known')
            [CompletionResult]::new('learned', 'learned', [CompletionResultType]::ParameterValue, 'List parameters that models rejected, or forget them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;log;help;list' {
            break
        }
        'llmx;log;help;search' {
            break
        }
        'llmx;log;help;show' {
            break
        }
        'llmx;log;help;continue' {
            break
        }
        'llmx;log;help;export' {
            break
        }
        'llmx;log;help;delete' {
            break
        }
        'llmx;log;help;prune' {
            break
        }
        'llmx;log;help;learned' {
            break
        }
        'llmx;log;help;help' {
            break
        }
        'llmx;health' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Look back so far, such as 48h or 7d; 24h if unsaid')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Draw anew every 2 s, or as often as said')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Draw anew every 2 s, or as often as said')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give a probe up after this time; 30s if unsaid')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--probe', '--probe', [CompletionResultType]::ParameterName, 'Send a tiny request to each model first')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;drill' {
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Rehearse only this outage; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto, always or never')
            [CompletionResult]::new('--sim', '--sim', [CompletionResultType]::ParameterName, 'Simulate all providers, with these FAULTS')
            [CompletionResult]::new('--assume-keys', '--assume-keys', [CompletionResultType]::ParameterName, 'Count on targets that have no key here')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors on stderr')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'llmx;help' {
            [CompletionResult]::new('chat', 'chat', [CompletionResultType]::ParameterValue, 'Talk with a model in the terminal')
            [CompletionResult]::new('complete', 'complete', [CompletionResultType]::ParameterValue, 'Ask a model once and print its answer')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Ask several models the same and show what differs')
            [CompletionResult]::new('route', 'route', [CompletionResultType]::ParameterValue, 'Show which model would serve, and why; nothing is sent')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List models with windows, abilities and prices')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'See, check and edit the settings')
            [CompletionResult]::new('cost', 'cost', [CompletionResultType]::ParameterValue, 'Show what was spent and what things will cost')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Find, show, continue, export and delete past prompts and answers')
            [CompletionResult]::new('health', 'health', [CompletionResultType]::ParameterValue, 'Show how providers and models have done of late')
            [CompletionResult]::new('drill', 'drill', [CompletionResultType]::ParameterValue, 'Rehearse outages of your routes; nothing is sent')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmx;help;chat' {
            break
        }
        'llmx;help;complete' {
            break
        }
        'llmx;help;compare' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List past comparisons')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a past comparison again; nothing is asked')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a past comparison to files; nothing is asked')
            break
        }
        'llmx;help;compare;list' {
            break
        }
        'llmx;help;compare;show' {
            break
        }
        'llmx;help;compare;export' {
            break
        }
        'llmx;help;route' {
            break
        }
        'llmx;help;models' {
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Take a newer catalogue from an address or a file')
            break
        }
        'llmx;help;models;update' {
            break
        }
        'llmx;help;config' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the configuration and the data lie')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting in force with where it was set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check all files and tell everything that is wrong')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit your file with $VISUAL, $EDITOR or vi, and check it')
            break
        }
        'llmx;help;config;path' {
            break
        }
        'llmx;help;config;show' {
            break
        }
        'llmx;help;config;check' {
            break
        }
        'llmx;help;config;edit' {
            break
        }
        'llmx;help;cost' {
            [CompletionResult]::new('estimate', 'estimate', [CompletionResultType]::ParameterValue, 'Estimate what a prompt or a data set will cost, over models')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show the line items of one call')
            [CompletionResult]::new('reprice', 'reprice', [CompletionResultType]::ParameterValue, 'Price what the ledger keeps anew and show the difference')
            [CompletionResult]::new('what-if', 'what-if', [CompletionResultType]::ParameterValue, 'Price past traffic on another model')
            [CompletionResult]::new('prices', 'prices', [CompletionResultType]::ParameterValue, 'Show prices: their dates, their sources, what has changed')
            [CompletionResult]::new('budget', 'budget', [CompletionResultType]::ParameterValue, 'Show the budgets and what is left of them')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Read the usage logs of other tools')
            break
        }
        'llmx;help;cost;estimate' {
            break
        }
        'llmx;help;cost;explain' {
            break
        }
        'llmx;help;cost;reprice' {
            break
        }
        'llmx;help;cost;what-if' {
            break
        }
        'llmx;help;cost;prices' {
            break
        }
        'llmx;help;cost;budget' {
            break
        }
        'llmx;help;cost;import' {
            break
        }
        'llmx;help;log' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the latest runs, newest first (the default)')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search prompts, system prompts and answers')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run: prompt, attempts, answer')
            [CompletionResult]::new('continue', 'continue', [CompletionResultType]::ParameterValue, 'Go on with a conversation, as `complete -c` does')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write runs to a file or stdout, as JSON lines or Markdown')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete runs and comparisons; what they cost stays known')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Forget old texts and shrink the file; what was spent stays known')
            [CompletionResult]::new('learned', 'learned', [CompletionResultType]::ParameterValue, 'List parameters that models rejected, or forget them')
            break
        }
        'llmx;help;log;list' {
            break
        }
        'llmx;help;log;search' {
            break
        }
        'llmx;help;log;show' {
            break
        }
        'llmx;help;log;continue' {
            break
        }
        'llmx;help;log;export' {
            break
        }
        'llmx;help;log;delete' {
            break
        }
        'llmx;help;log;prune' {
            break
        }
        'llmx;help;log;learned' {
            break
        }
        'llmx;help;health' {
            break
        }
        'llmx;help;drill' {
            break
        }
        'llmx;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
