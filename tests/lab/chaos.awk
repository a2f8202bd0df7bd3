# SPDX-License-Identifier: BSD-3-Clause
# What chaos.sh did, of one run or several: how many faults of each kind there
# were in each partition, place and moment, and what became of the frames.
#
#     awk [-v kinds=... -v modes=... -v moments=...] -f chaos.awk LOG...
#
# Those of chaos.sh unless others are given, with commas between the last two.

# cell KIND PARTITION SHARING PLACE MOMENT N [PROCESSES]: that it ended.
$1 == "cell" {
    all[$2] += $7
    ended[$2] += $8
    mode[$2, $3, $4] += $7
    when[$2, $5, $6] += $7
    total += $7
}

# frames PARTITION SHARING FAULTS SENT MISSING LATE DOUBLED DAMAGED POISON
# FORSAKEN: lost by on_failure, because no process was there within its time.
$1 == "frames" {
    faults[$2, $3] += $4
    for (i = 5; i <= 11; i++) {
        frames[$2, $3, i] += $i
    }
}

function line(n,    i)
{
    for (i = 0; i < n; i++) {
        printf "-"
    }
    print ""
}

END {
    kinds = split(kinds ? kinds : "active standby both all newborn" \
        " stopped_active stopped_standby crash loop exit stack call", kind)
    modes = split(modes ? modes : "process alone,process failover," \
        "process aggregate,copy alone,copy failover,copy aggregate", name,
        ",")
    moments = split(moments ? moments : "first steady,first halved," \
        "first changing,last steady,last halved,last changing", moment, ",")

    printf "%-16s %7s", "fault", "all"
    for (i = 1; i <= modes; i++) {
        split(name[i], part, " ")
        printf " %10s", part[1]
    }
    printf "\n%-16s %7s", "", ""
    for (i = 1; i <= modes; i++) {
        split(name[i], part, " ")
        printf " %10s", part[2]
    }
    print ""
    for (k = 1; k <= kinds; k++) {
        printf "%-16s %7d", kind[k], all[kind[k]]
        for (i = 1; i <= modes; i++) {
            split(name[i], part, " ")
            printf " %10d", mode[kind[k], part[1], part[2]]
        }
        print ""
    }
    line(90)
    printf "%-16s %7d\n", "", total
    for (k = 1; k <= kinds; k++) {
        processes += ended[kind[k]]
    }
    for (k = 1; processes && k <= kinds; k++) {
        printf "%s%s %d", k == 1 ? "processes ended: " : ", ", kind[k],
            ended[kind[k]]
    }
    print processes ? ", " processes " in all\n" : ""

    printf "%-16s %7s", "place, moment", ""
    for (i = 1; i <= moments; i++) {
        split(moment[i], part, " ")
        printf " %10s", part[1]
    }
    printf "\n%-16s %7s", "", ""
    for (i = 1; i <= moments; i++) {
        split(moment[i], part, " ")
        printf " %10s", part[2]
    }
    print ""
    for (k = 1; k <= kinds; k++) {
        printf "%-16s %7s", kind[k], ""
        for (i = 1; i <= moments; i++) {
            split(moment[i], part, " ")
            printf " %10d", when[kind[k], part[1], part[2]]
        }
        print ""
    }

    printf "\n%-18s %7s %9s %8s %8s %8s %8s %8s %8s\n", "frames", \
        "faults", "sent", "missing", "late", "doubled", "damaged", "poison", \
        "forsaken"
    for (i = 1; i <= modes; i++) {
        split(name[i], part, " ")
        printf "%-18s %7d %9d", name[i], faults[part[1], part[2]], \
            frames[part[1], part[2], 5]
        for (j = 6; j <= 11; j++) {
            printf " %8d", frames[part[1], part[2], j]
        }
        print ""
    }
}
