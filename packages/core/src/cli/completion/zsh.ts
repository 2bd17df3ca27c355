export const zsh: string = String.raw`#compdef bake
# Completion of bake for zsh. Load it with: source <(bake completion zsh), after compinit
_bake() {
  local kind line
  local -a lines values shown
  lines=("${'$'}{(@f)$("${'$'}{words[1]}" __complete "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)}")
  kind=$lines[1]
  shift lines
  case $kind in
    files) _files; return ;;
    folders) _files -/; return ;;
  esac
  for line in $lines; do
    [[ -n $line ]] || continue
    values+=("${'$'}{line%%$'\t'*}")
    shown+=("${'$'}{line/$'\t'/  }")
  done
  if (( $#values == 1 )) && [[ $values[1] == *[@=] ]]; then
    compadd -S '' -d shown -a values
  else
    compadd -d shown -a values
  fi
}
if [[ $funcstack[1] == _bake ]]; then _bake "$@"; else compdef _bake bake; fi
`;
