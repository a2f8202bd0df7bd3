# SPDX-License-Identifier: BSD-3-Clause
# Writes the templates named on the command line as rows of C text: the name
# below sdk/mofc/init/, and what is in the file.
BEGIN {
    print "/* Made from sdk/mofc/init/; changes here are lost. */"
    print "#include <config.h>"
    print "#include \"init-text.h\""
    print "const struct init_text init_texts[] = {"
}
FNR == 1 {
    finish()
    name = FILENAME
    sub(/.*\/mofc\/init\//, "", name)
    print "{ \"" name "\","
}
{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    print "    \"" $0 "\\n\""
}
END {
    finish()
    print "{ 0, 0 } };"
}
function finish() {
    if (name != "") {
        print "},"
    }
}
