#compdef llmx
# Completions of llmx for zsh: it asks llmx itself, which knows your models, routes and runs.
_llmx() {
    local -a found
    found=("${(@f)$(LLMX_COMPLETE=zsh _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) \
        llmx -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    if [[ -z $found ]]; then
        _files
        return
    fi
    # Behind a provider's slash a model follows, behind its colon a fault, behind a dot a setting.
    local -a open=(${(M)found:#[^:]#(/|.|\\:)(|:*)}) whole=(${found:#[^:]#(/|.|\\:)(|:*)})
    (( $#open )) && _describe -V 'name' open -S ''
    (( $#whole )) && _describe -V 'value' whole
}
if [[ $funcstack[1] == _llmx ]]; then
    _llmx "$@"
elif (( $+functions[compdef] )); then
    compdef _llmx llmx
fi
