# SPDX-License-Identifier: BSD-3-Clause
# The verdict of soak.sh over its samples: time, life of xvsd (each kill begins
# another one), RSS, PSS and heap of xvs-switch, the same of xvsd, and the size
# of the state folder, in kB.  A straight line through the second half (of
# xvsd: of its last life there, once it has filled what it fills, such as the
# ring of events) says what an hour adds.  PSS is told only: it says as much
# about who else runs the same libraries.
#
#     awk -v limit=KB -v seconds=N -f soak.awk SAMPLES

BEGIN {
    warm = seconds < 1800 ? 0 : 600
    split("xvs-switch RSS,xvs-switch PSS,xvs-switch heap,xvsd RSS,xvsd PSS," \
        "xvsd heap,state folder", name, ",")
}

{
    time[NR] = $1
    life[NR] = $2
    if (!($2 in born)) {
        born[$2] = $1
    }
    for (i = 1; i <= 7; i++) {
        value[NR, i] = $(i + 2)
    }
}

# kB an hour of column 'i' over the second half; sets first, last.
function slope(i,    r, n, sx, sy, sxx, sxy, x, y)
{
    n = 0
    for (r = 1; r <= NR; r++) {
        if (time[r] < seconds / 2 || (i > 3 && i < 7 && (life[r] != life[NR] \
            || time[r] < born[life[r]] + warm))) {
            continue
        }
        x = time[r]
        y = value[r, i]
        first = n++ ? first : y
        last = y
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
    }
    return n > 1 && n * sxx > sx * sx \
        ? (n * sxy - sx * sy) / (n * sxx - sx * sx) * 3600 : 0
}

END {
    for (i = 1; i <= 7; i++) {
        grows = slope(i)
        printf "soak: %-15s second half %6d to %6d kB, %+.0f kB an hour\n", \
            name[i], first, last, grows
        if (seconds >= 600 && grows > limit && name[i] !~ /PSS/) {
            printf "LEAK: %s grows by %.0f kB an hour, more than %d\n", \
                name[i], grows, limit > "/dev/stderr"
            leaks++
        }
    }
    exit leaks ? 1 : 0
}
