# SPDX-License-Identifier: BSD-3-Clause
# An xvs-switch for tests/matrix: source it after functions.sh.

# matrix_begin: starts it.
matrix_begin()
{
    chmod 755 "$dir"
    mkdir "$dir/ports"
    [ "$(id -u)" != 0 ] || chown "$run_user" "$dir" "$dir/ports"
    start_switch --restarts=1000000 -w 1
}

# matrix OPTION...: see tests/matrix/main.c.
matrix()
{
    "$top_builddir/tests/matrix/matrix" "$@" "$dir/control" "$switch_pid" \
        "$dir/ports"
}

# matrix_end: xvs-switch is there, and ends as it should.
matrix_end()
{
    kill -0 "$switch_pid" || fail "xvs-switch has ended"
    stop "$switch_pid" || fail "xvs-switch ended with $?"
    wait_for 10 matrix_is_alone || fail "a process outlives xvs-switch"
}

matrix_is_alone()
{
    ! pgrep -P "$switch_pid" -x xvs-stage
}
