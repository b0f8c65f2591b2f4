
# Alt-I puts the command that does what is written on the line in its place. Nothing is run before you press Enter.
_llmx_wish() {
    local command
    setopt localoptions localtraps
    # Ctrl-C is for llmx alone: it would take the line away too.
    trap '' INT
    zle -I
    if command=$({llmx} --wish="$BUFFER" </dev/null); then
        BUFFER=$command CURSOR=$#command
    fi
}
if [[ -o interactive ]]; then
    zle -N _llmx_wish
    () {
        local keys
        for keys in emacs viins vicmd; bindkey -M $keys '^[i' _llmx_wish
    }
fi
