export const fish: string = String.raw`# Completion of bake for fish. Save it as ~/.config/fish/completions/bake.fish
function __bake_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case '*'
            set -e lines[1]
            printf '%s\n' $lines
    end
end
complete -c bake -f -a '(__bake_complete)'
`;
