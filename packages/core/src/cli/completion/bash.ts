/**
 * Bash splits words at `=` and before `@`, so the line itself is read, and what bash will not replace is cut off again.
 */
export const bash: string = String.raw`# Completion of bake for bash. Load it with: source <(bake completion bash)
_bake() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} current had value description
  local -a words
  read -ra words <<<"$line"
  if [[ -z $line || $line == *[[:space:]] ]]; then words+=(''); fi
  current=${'$'}{words[${'$'}{#words[@]} - 1]}
  had=''
  if [[ $COMP_WORDBREAKS == *@* && $current == *@* ]]; then had=${'$'}{current%@*}; fi
  if [[ $COMP_WORDBREAKS == *=* && $current == *=* ]]; then
    value=${'$'}{current%"${'$'}{current##*=}"}
    if ((${'$'}{#value} > ${'$'}{#had})); then had=$value; fi
  fi
  COMPREPLY=()
  {
    IFS= read -r value || return 0
    if [[ $value == files || $value == folders ]]; then
      local kind=-f
      if [[ $value == folders ]]; then kind=-d; fi
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "$kind" -- "${'$'}{current#"$had"}")
      return 0
    fi
    while IFS=$'\t' read -r value description; do
      COMPREPLY+=("${'$'}{value#"$had"}")
    done
  } < <("${'$'}{words[0]}" __complete "${'$'}{words[@]:1}" 2>/dev/null)
  if [[ ${'$'}{#COMPREPLY[@]} -eq 1 && ${'$'}{COMPREPLY[0]} == *[@=] ]]; then compopt -o nospace 2>/dev/null; fi
  return 0
}
complete -F _bake bake
`;
