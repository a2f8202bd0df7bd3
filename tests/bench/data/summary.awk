# SPDX-License-Identifier: BSD-3-Clause
# Reads samples (CASE,SUBJECT,VALUE,ROUND) and then the goals; prints what was
# seen of each case and subject, and how each goal stands.
#
#     awk -f summary.awk RAW goals
#
# A machine's noise only makes things slower, so the ratio of the best tenth of
# all samples is what counts ("best"); the median of the ratios of each round
# has to come to 0.85 of it.  One wide run of rounds says more than long ones.

function sorted(list, n,    i, j, v)
{
    for (i = 2; i <= n; i++) {
        v = list[i]
        for (j = i - 1; j >= 1 && list[j] > v; j--) {
            list[j + 1] = list[j]
        }
        list[j + 1] = v
    }
}

# The value below which a share of the first n of 'list' is.
function at(list, n, share)
{
    return list[int(share * (n - 1) + 1.5)]
}

# Best tenth of a case and subject: what is small is good for some.
function best(key, small,    list, i)
{
    for (i = 1; i <= count[key]; i++) {
        list[i] = value[key, i]
    }
    sorted(list, count[key])
    return at(list, count[key], small ? 0.1 : 0.9)
}

function median_of_round(key, r,    list, n, i)
{
    for (i = 1; i <= count[key]; i++) {
        if (round_of[key, i] == r) {
            list[++n] = value[key, i]
        }
    }
    sorted(list, n)
    return n ? at(list, n, 0.5) : -1
}

# Median over the rounds of ours / other.
function median_ratio(ours, other,    r, a, b, list, n)
{
    for (r = 1; r <= rounds; r++) {
        a = median_of_round(ours, r)
        b = median_of_round(other, r)
        if (a >= 0 && b > 0) {
            list[++n] = a / b
        }
    }
    sorted(list, n)
    return n ? at(list, n, 0.5) : -1
}

function is_small(name)
{
    return name ~ /^(lat|wake|idle|port)/
}

FNR == NR {
    split($0, field, ",")
    key = field[1] "," field[2]
    if (!(key in count)) {
        keys[++n_keys] = key
    }
    value[key, ++count[key]] = field[3]
    round_of[key, count[key]] = field[4]
    if (field[4] > rounds) {
        rounds = field[4]
    }
    next
}

/^#/ || NF < 7 { next }

{ goals[++n_goals] = $0 }

function print_case(key,    list, i, f)
{
    for (i = 1; i <= count[key]; i++) {
        list[i] = value[key, i]
    }
    sorted(list, count[key])
    split(key, f, ",")
    printf "%-12s %-12s min %9.3f  median %9.3f  best %9.3f  max %9.3f  n %d\n",
        f[1], f[2], list[1], at(list, count[key], 0.5),
        best(key, is_small(f[1])), list[count[key]], count[key]
}

# What the goal says of ours and other: sets figure and middle.
function judge(how, ours, other, small)
{
    if (how == "most") {
        figure = best(ours, 1)
        middle = -1
    } else if (how == "extra") {
        figure = 1000 / best(ours, 0) - 1000 / best(other, 0)
        middle = -1
    } else {
        figure = best(ours, small) / best(other, small)
        middle = median_ratio(ours, other)
    }
}

function print_goal(line,    f, ours, other, good, met, part)
{
    split(line, f, " ")
    ours = f[2] "," f[3]
    split(f[4], part, "@")
    other = (part[2] ? part[2] : f[2]) "," part[1]
    printf "%-4s %-11s %-11s %-14s %-5s ", f[1], f[2], f[3], f[4], f[5]
    if (!(ours in count) || (f[5] != "most" && !(other in count))) {
        printf "       -  must %s, target %s: not measured\n", f[6], f[7]
        return
    }
    judge(f[5], ours, other, is_small(f[2]))
    if (f[5] == "show") {
        printf("%8.2f (rounds %.2f)\n", figure, middle)
        return
    }
    if (f[5] == "more") {
        good = (figure >= f[6] && middle >= 0.85 * f[6])
        met = (figure >= f[7])
    } else {
        good = (figure <= f[6] && (middle < 0 || middle <= f[6] / 0.85))
        met = (figure <= f[7])
    }
    printf("%8.2f%s  must %s, target %s: %s\n", figure,
        middle >= 0 ? sprintf(" (rounds %.2f)", middle) : "", f[6], f[7],
        !good ? "MISSED" : met ? "target" : "holds")
}

END {
    for (i = 1; i <= n_keys; i++) {
        print_case(keys[i])
    }
    print ""
    for (i = 1; i <= n_goals; i++) {
        print_goal(goals[i])
    }
}
