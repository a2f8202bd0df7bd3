# SPDX-License-Identifier: BSD-3-Clause
#
# Writes the reference for vendors, pages of section 3, from the comments of the
# public headers named on the command line:
#
#     xvs_hook_NAME        each hook: a function member of struct xvs_extension
#     xvs_host_NAME, xvs_sockets_NAME, xvs_switching_NAME, xvs_keep_NAME
#                          each of the host's services, and what it calls back
#     xvs_extension, xvs_host, ...    these structs as a whole
#     xvs-NAME.h           each header: what it says at its top, and all that it
#                          declares, for which there is a comment beside it
#
# Variables: out, the folder; date, for .Dd.  A hook or a service that has no
# comment ends it with an error.  Comments stand in front of what they are about,
# in the order and form of these headers; this is no parser of C.
BEGIN {
    split("xvs_extension xvs_host xvs_sockets xvs_switching xvs_keep", list)
    for (i in list) {
        is_table[list[i]] = 1
    }
    for (i = 1; i < ARGC; i++) {
        header = ARGV[i]
        sub(/.*\/include\//, "", header)
        headers[++n_headers] = header
        read_header(ARGV[i])
        close(ARGV[i])
    }
    for (i = 1; i <= n_headers; i++) {
        write_header(headers[i])
    }
    for (i = 1; i <= n_members; i++) {
        write_member(i)
    }
    for (name in is_table) {
        write_table(name)
    }
    exit bad
}

# ---- Reading ---------------------------------------------------------------

function complain(text) {
    print "reference.awk: " text | "cat >&2"
    bad = 1
}

function read_header(file,    line, at) {
    struct = doc = ""
    depth = 0
    while ((getline line < file) > 0) {
        if (line ~ /^#(ifndef|define) XVS_[A-Z]*_H$|SPDX-License|^#endif$/ \
            || (line ~ /^#include/ && shown[header] == "")) {
            continue
        }
        if (opening[header] == "") {
            opening[header] = read_comment(file, line)
            continue
        }
        if (in_body) {
            in_body = line != "}"
            continue
        }
        if (line == "{") {      # of a function, which only its users call
            sub(/\n$/, ";\n", shown[header])
            in_body = 1
            continue
        }
        sub(/^static inline /, "", line)
        show(line)
        read_line(file, line)
    }
}

function show(line) {
    shown[header] = shown[header] line "\n"
    if (struct != "") {
        text_of[struct] = text_of[struct] line "\n"
    }
}

# The text of a comment whose first line this is; what is read goes into what is
# shown but for the first comment of the header.
function read_comment(file, line,    text, first) {
    first = opening[header] == ""
    text = ""
    while (line !~ /\*\//) {
        text = text clean(line) "\n"
        if ((getline line < file) <= 0) {
            break
        }
        if (!first) {
            show(line)
        }
    }
    text = text clean(line)
    sub(/^\n+/, "", text)
    sub(/\n+$/, "", text)
    return text
}

function clean(line) {
    sub(/^ *\/?\*+\/?/, "", line)
    sub(/ *\*\/ *$/, "", line)
    sub(/^ /, "", line)
    return line
}

function read_line(file, line,    name) {
    if (line ~ /^ *\/\*/) {
        doc = read_comment(file, line)
        return
    }
    if (struct == "" && line ~ /^struct xvs_[a-z_]* \{/) {
        struct = line
        sub(/^struct /, "", struct)
        sub(/ .*/, "", struct)
        file_of[struct] = header
        text_of[struct] = line "\n"
        order[header] = order[header] " " struct
        if (match(doc, /Since version [0-9.]*[0-9]/)) {
            since_of[struct] = substr(doc, 15, RLENGTH - 14)
        }
        if (line ~ /\};/) {
            struct = ""
        }
        doc = ""
        return
    }
    if (struct != "" && line == "};") {
        struct = ""
    } else if (struct in is_table && line ~ /\(\*[a-z_]*\)\(/) {
        read_member(file, line)
    } else if (struct == "" && line ~ /^(const |struct )?[a-z0-9_ *]*xvs_[a-z0-9_]*\(/) {
        name = line
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        functions[header] = functions[header] " " name
    } else if (line ~ /^XVS_VIEW\(/) {
        name = substr(line, 10)
        sub(/,.*/, "", name)
        functions[header] = functions[header] " xvs_packet_" name
    }
    doc = ""
}

function read_member(file, line,    name, text, trailing) {
    name = line
    sub(/.*\(\*/, "", name)
    sub(/\).*/, "", name)
    text = line
    while (line !~ /;/) {
        if ((getline line < file) <= 0) {
            break
        }
        show(line)
        text = text "\n" line
    }
    trailing = ""
    if (text ~ /\/\*/) {
        trailing = text
        sub(/.*\/\* */, "", trailing)
        sub(/ *\*\/.*/, "", trailing)
        sub(/ *\/\*.*/, "", text)
    }
    n_members++
    member_struct[n_members] = struct
    member_name[n_members] = name
    member_text[n_members] = text
    member_header[n_members] = header
    member_doc[n_members] = doc != "" ? doc : trailing
    pages[struct] = pages[struct] " " page_of(struct, name)
    if (doc == "" && trailing !~ /[a-z] [a-z]/) {
        complain(header ": " struct "." name " has no comment that says" \
                 " what it does")
    }
}

function page_of(struct, name) {
    return (struct == "xvs_extension" ? "xvs_hook" : struct) "_" name
}

# ---- Writing ---------------------------------------------------------------

function begin(page, what) {
    path = out "/" page ".3"
    printf ".\\\" SPDX-License-Identifier: BSD-3-Clause\n" >path
    print ".\\\" Made from the headers of the SDK; changes here are lost." \
        >path
    print ".Dd " date >path
    print ".Dt " toupper(page) " 3" >path
    print ".Os" >path
    print ".Sh NAME" >path
    print ".Nm " page what >path
}

# What it is, in some words: the first sentence.
function brief(text) {
    gsub(/\n/, " ", text)
    sub(/^Since version [0-9.]*: /, "", text)
    if (match(text, /[.;:]( |$)/)) {
        text = substr(text, 1, RSTART - 1)
    }
    gsub(/ \([^)]*\)/, "", text)
    if (text ~ /^[A-Z][^A-Z]/) {
        text = tolower(substr(text, 1, 1)) substr(text, 2)
    }
    return escape(text)
}

function escape(line) {
    gsub(/\\/, "\\e", line)
    if (line ~ /^[.']/) {
        line = "\\&" line
    }
    return line
}

function literal(text,    lines, n, i) {
    print ".Bd -literal" >path
    n = split(text, lines, "\n")
    for (i = 1; i <= n; i++) {
        if (i < n || lines[i] != "") {
            print escape(lines[i]) >path
        }
    }
    print ".Ed" >path
}

# Prose in paragraphs; what is indented stays as it is.
function prose(text,    lines, n, i, is_literal, line, open) {
    n = split(text, lines, "\n")
    open = 0
    for (i = 1; i <= n; i++) {
        line = lines[i]
        is_literal = line ~ /^  /
        if (is_literal && !open) {
            print ".Bd -literal" >path
            open = 1
        } else if (!is_literal && open && line != "") {
            print ".Ed" >path
            print ".Pp" >path
            open = 0
        } else if (line == "" && !open && i < n && lines[i + 1] !~ /^  /) {
            print ".Pp" >path
            continue
        }
        if (line == "" && !(open && i < n && lines[i + 1] ~ /^  /)) {
            continue
        }
        line = escape(line)
        if (!open) {
            gsub(/[.]  /, ".\n", line)
        }
        print line >path
    }
    if (open) {
        print ".Ed" >path
    }
}

function see_also(names, self,    list, n, i, j, one, shown_some) {
    n = split(names, list, " ")
    for (i = 2; i <= n; i++) {
        one = list[i]
        for (j = i - 1; j > 0 && list[j] > one; j--) {
            list[j + 1] = list[j]
        }
        list[j + 1] = one
    }
    for (i = 1; i <= n; i++) {
        if (list[i] == self) {
            continue
        }
        if (shown_some) {
            print " ," >path
        } else {
            print ".Sh SEE ALSO" >path
        }
        printf ".Xr %s 3", list[i] >path
        shown_some = 1
    }
    if (shown_some) {
        print "" >path
    }
}

function header_page(header) {
    gsub(/\//, "-", header)
    return header
}

function write_header(header,    page, names, all, n, i) {
    page = header_page(header)
    names = ""
    n = split(functions[header], all, " ")
    for (i = 1; i <= n; i++) {      # (Those of a table are in its page.)
        names = names (all[i] in is_table ? "" : " , " all[i])
    }
    begin(page, names)
    print ".Nd " brief(opening[header]) >path
    print ".Sh SYNOPSIS" >path
    print ".In " header >path
    print ".Sh DESCRIPTION" >path
    prose(opening[header])
    print ".Sh DECLARATIONS" >path
    literal(shown[header])
    see_also(related(header), "")
    close(path)
}

# Pages of the tables of a header, or all headers.
function related(header,    names, all, n, i) {
    n = split(order[header], all, " ")
    for (i = 1; i <= n; i++) {
        if (all[i] in is_table) {
            names = names " " all[i]
        }
    }
    return names != "" ? names : " xvs-extension.h"
}

function write_member(i,    page, text, header, since) {
    page = page_of(member_struct[i], member_name[i])
    header = member_header[i]
    text = member_doc[i]
    since = member_struct[i] in since_of ? since_of[member_struct[i]] : "1.0"
    if (match(text, /^Since version [0-9.]*: /)) {
        since = substr(text, 15, RLENGTH - 16)
        text = toupper(substr(text, RLENGTH + 1, 1)) substr(text, RLENGTH + 2)
    }
    begin(page, "")
    print ".Nd " brief(text) >path
    print ".Sh SYNOPSIS" >path
    print ".In " header >path
    literal("struct " member_struct[i] " {\n    ...\n" member_text[i] \
            "\n    ...\n};")
    print ".Sh DESCRIPTION" >path
    prose(text)
    structures(member_struct[i], member_text[i])
    see_also(member_struct[i] " " header_page(header) pages[member_struct[i]],
             page)
    print ".Sh HISTORY" >path
    print "Since version " since " of the interface." >path
    close(path)
}

# What its arguments point to.
function structures(own, text,    name, seen, begun) {
    while (match(text, /(struct|enum) xvs_[a-z_]*/)) {
        name = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        sub(/.* /, "", name)
        if (name in text_of && !(name in seen) && !(name in is_table) \
            && name != own) {
            if (!begun) {
                print ".Sh STRUCTURES" >path
            }
            begun = 1
            literal(text_of[name])
        }
        seen[name] = 1
    }
}

function write_table(name) {
    begin(name, "")
    print ".Nd " what_table(name) >path
    print ".Sh SYNOPSIS" >path
    print ".In " file_of[name] >path
    print ".Sh DESCRIPTION" >path
    literal(text_of[name])
    see_also(header_page(file_of[name]) pages[name], name)
    close(path)
}

function what_table(name) {
    return name == "xvs_extension" ? "descriptor of an extension" \
        : name == "xvs_host" ? "services of the host" \
        : name == "xvs_sockets" ? "sockets that settings grant" \
        : name == "xvs_switching" ? "what an extension tells the switch" \
        : "memory that outlives an extension's process"
}
