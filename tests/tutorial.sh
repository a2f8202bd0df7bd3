# SPDX-License-Identifier: BSD-3-Clause
# Runs the commands of a text, one after the other, here; they have to print what
# it says.  In blocks marked "console" a line that begins with "$ " is a command,
# what follows is what it prints; "..." stands for anything, in a line of its own
# for all that comes.  Needs $dir, a folder, and fail(), as functions.sh has them.

# tutorial_is_so N: it printed what is wanted, line by line.
tutorial_is_so()
{
    sed -e 's/[][\\.*^$]/\\&/g' -e 's/\\\.\\\.\\\./.*/g' "$dir/wanted.$1" \
        >"$dir/patterns"
    line=0
    while IFS= read -r pattern; do
        [ "$pattern" != '.*' ] || return 0
        line=$((line + 1))
        sed -n "${line}p" "$dir/printed.$1" | grep -q -x -e "$pattern" \
            || return 1
    done <"$dir/patterns"
    [ "$(wc -l <"$dir/printed.$1")" = $line ]
}

# tutorial_run TEXT
tutorial_run()
{
    awk -v dir="$dir" '
        /^```console$/ { inside = 1; next }
        /^```/ { inside = 0; next }
        inside && /^\$ / {
            n++
            print substr($0, 3) >(dir "/command." n)
            printf "" >(dir "/wanted." n)
            next
        }
        inside { print >(dir "/wanted." n) }
        END { print n >(dir "/count") }' "$1"
    n=0
    while [ $n -lt "$(cat "$dir/count")" ]; do
        n=$((n + 1))
        set +e
        # shellcheck disable=SC1090 # "cd" is for those that follow
        . "$dir/command.$n" >"$dir/printed.$n" 2>&1
        set -e
        tutorial_is_so $n || fail "$(cat "$dir/command.$n") printed:
$(cat "$dir/printed.$n")"
    done
    [ $n -gt 20 ] || fail "only $n commands"
}
