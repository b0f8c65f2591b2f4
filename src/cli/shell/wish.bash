
# Alt-I puts the command that does what is written on the line in its place. Nothing is run before you press Enter.
_llmx_wish() {
    local command trapped=$(trap -p INT)
    # Without a trap, Ctrl-C would take the line away too.
    trap : INT
    if command=$({llmx} --wish="$READLINE_LINE" </dev/null); then
        READLINE_LINE=$command READLINE_POINT=${#command}
    fi
    eval "${trapped:-trap - INT}"
}
if [[ $- == *i* ]]; then
    for _llmx_keys in emacs-standard vi-insert vi-command; do
        bind -m "$_llmx_keys" -x '"\ei": _llmx_wish'
    done
    unset _llmx_keys
fi
