# Completions of llmx for bash: it asks llmx itself, which knows your models, routes and runs.
_llmx() {
    local line=${COMP_LINE:0:COMP_POINT} words word cut breaks found
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    # Readline takes what follows the last `:` or `=` for the word, and replaces that alone.
    word=${words[${#words[@]} - 1]} breaks=${COMP_WORDBREAKS//[^:=]/} cut=
    [[ -n $breaks ]] && cut=${word%"${word##*[$breaks]}"}
    COMPREPLY=()
    while IFS= read -r found || [[ -n $found ]]; do
        COMPREPLY+=("${found#"$cut"}")
    done < <(LLMX_COMPLETE=bash _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) \
        llmx -- "${words[@]}" 2>/dev/null)
    [[ ${COMPREPLY-} == *[/:.] ]] && compopt -o nospace 2>/dev/null
}
complete -o default -o nosort -F _llmx llmx 2>/dev/null || complete -o default -F _llmx llmx
