# Completions of llmx for fish: it asks llmx itself, which knows your models, routes and runs.
function __llmx_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    LLMX_COMPLETE=fish command llmx -- $words (commandline --current-token) 2>/dev/null
end
complete --command llmx --exclusive --keep-order --arguments '(__llmx_complete)'
