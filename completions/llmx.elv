set edit:completion:arg-completer[llmx] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) LLMX_COMPLETE="elvish" llmx -- $@words) | to-lines
}

