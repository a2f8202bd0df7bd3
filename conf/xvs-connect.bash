# SPDX-License-Identifier: BSD-3-Clause
# Completion of xvs-connect for bash: its options, files, and the VMs that
# xvsctl knows of.

_xvs_connect()
{
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    [[ $before != "=" ]] || before=${COMP_WORDS[COMP_CWORD-2]}
    [[ $current != "=" ]] || current=
    case $before in
    --ca | --cert | --key | --token-file | --config)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
    --proxy | --timeout | --forward | --socks | -L | -D) ;;
    *)
        if [[ $current == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$("$1" --help \
                | grep -oE -- '--[a-z-]+=?')" -- "$current")
            [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
        else
            mapfile -t COMPREPLY < <(compgen -W "$(xvsctl query \
                XVS_ChannelVm host --value Name 2>/dev/null)" -- "$current")
        fi
        ;;
    esac
}

complete -F _xvs_connect xvs-connect
