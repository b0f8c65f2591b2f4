
# Alt-I puts the command that does what is written on the line in its place. Nothing is run before you press Enter.
function __llmx_wish
    set -l wish (commandline | string collect --allow-empty)
    # Asked for now, since Ctrl-C ends this function.
    commandline --function repaint
    echo
    set -l command ({llmx} --wish="$wish" </dev/null | string collect)
    and commandline --replace -- $command
end
if status is-interactive
    bind \ei __llmx_wish
    bind --mode insert \ei __llmx_wish
end
