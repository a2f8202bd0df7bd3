# SPDX-License-Identifier: BSD-3-Clause
# Completion of xvsctl for bash: the command itself knows what fits.

_xvsctl()
{
    local IFS=$'\n' current=${COMP_WORDS[COMP_CWORD]} start words joined
    # '=' and ':' split words in readline but not for us.
    joined=${COMP_LINE:0:COMP_POINT}
    IFS=$' \t' read -r -a words <<<"${joined#*[[:space:]]}"
    [[ $joined != *[[:space:]] ]] || words+=("")
    COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null))
    case ${COMPREPLY[0]-} in
    :files)
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    :folders)
        compopt -o filenames
        COMPREPLY=($(compgen -d -- "$current"))
        return
        ;;
    esac
    # What readline takes for the start of the word is cut off.
    start=${words[-1]%"$current"}
    [[ $current != [=:] ]] || start=${words[-1]}
    COMPREPLY=("${COMPREPLY[@]#"$start"}")
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

complete -F _xvsctl xvsctl
