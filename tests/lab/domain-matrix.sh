# SPDX-License-Identifier: BSD-3-Clause
# The fault matrix (tests/matrix) with stages in domains, in a guest with a
# processor that has protection keys: source it after functions.sh, vm.sh and
# domain.sh.  Two streams on two workers; the guest's time is counted, so that
# nothing takes long because our machine has no time for it.
# The hostile extension is one that keeps memory or, in a folder of its own, not.

# matrix_boot PROGRAM...: a guest, with these programs of the build tree and those
# that there are in $dir/root/x, too.
matrix_boot()
{
    for folder in plugins keeps; do
        mkdir -p "$dir/root/x/$folder"
        for plugin in hostile honest honest-2; do
            cp "$top_builddir/tests/plugins/$plugin.so" "$dir/root/x/$folder"
        done
    done
    cp "$top_builddir/tests/plugins/hostile-keeps.so" \
        "$dir/root/x/keeps/hostile.so"
    VM_COUNTED=1 lab_boot lab xvs-switch xvs-stage \
        tests/matrix/matrix "$@"
}

# matrix_begin FOLDER [PROGRAM]: starts xvs-switch, or what stands for it, with the
# extensions of "plugins" or "keeps".
matrix_begin()
{
    matrix_program=${2:-xvs-switch}
    # (What an earlier one says of its end is not this one's.)
    inside "rm -rf /tmp/ports /tmp/control /tmp/switch.log;
        mkdir -p /tmp/ports /run; cd /tmp;
        { $matrix_program -c /tmp/control -p /x/$1 -w 2
            --restarts 1000000 2>&1;
            echo xvs-switch ended with \$?; } >/tmp/switch.log &
        until grep -qs -e 'control socket' -e 'ended with' /tmp/switch.log;
        do sleep 0.1; done" 300 || fail "the guest does not answer"
    inside "grep -q 'domain is there' /tmp/switch.log" \
        || fail "no domains in the guest: $(inside 'cat /tmp/switch.log')"
}

# matrix SECONDS OPTION...: see tests/matrix/main.c; no more than so many seconds.
matrix()
{
    matrix_seconds=$1
    shift
    inside "matrix -p domain -w 2 $* /tmp/control
        \$(pidof $matrix_program) /tmp/ports" "$matrix_seconds"
}

# matrix_end: xvs-switch is there, and ends as it should.
matrix_end()
{
    inside "kill \$(pidof $matrix_program)" \
        || fail "xvs-switch has ended: $(inside 'cat /tmp/switch.log')"
    wait_for 30 inside "grep 'xvs-switch ended with 0' /tmp/switch.log" \
        || fail "xvs-switch does not end: $(inside 'cat /tmp/switch.log')"
}
