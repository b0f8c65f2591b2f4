
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
[[ $- == *i* ]] && bind -m emacs-standard -x '"\ei": _llmx_wish'
