# SPDX-License-Identifier: BSD-3-Clause
# Writes the texts named on the command line as C arrays; the file
# xvs_core.mof becomes prelude_core_text.
BEGIN {
    print "/* Made from mof/xvs_*.mof; changes here are lost. */"
    print "#include <config.h>"
    print "#include \"schema/prelude-text.h\""
}
FNR == 1 {
    finish()
    name = FILENAME
    sub(/.*\/xvs_/, "", name)
    sub(/\.mof$/, "", name)
    print "const char prelude_" name "_text[] ="
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    print "    \"" $0 "\\n\""
}
END {
    finish()
}
function finish() {
    if (name != "") {
        print "    ;"
        print "const size_t prelude_" name "_size ="
        print "    sizeof(prelude_" name "_text) - 1;"
    }
}
