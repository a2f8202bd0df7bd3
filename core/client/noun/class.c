/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl class: the classes of the server.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/class-names.h"
#include "client/command.h"
#include "client/run.h"
#include "client/show/class-text.h"
#include "client/show/json-out.h"
#include "client/show/table.h"
#include "schema/class.h"

static void
print_names(const struct run *run, const struct class_names *names)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    for (size_t i = 0; i < names->n; i++) {
        if (run->form == RUN_JSON) {
            buffer_puts(&out, i ? ", " : "[");
            json_out_text(names->items[i], &out);
        } else {
            MEM_AUTO char *safe = text_safe(names->items[i]);

            buffer_printf(&out, "%s\n", safe);
        }
    }
    if (run->form == RUN_JSON) {
        buffer_puts(&out, names->n ? "]\n" : "[]\n");
    }
    fwrite(out.data, 1, out.size, stdout);
}

static bool
list(struct run *run)
{
    const char *base = run_option(run, "base");
    struct class_names names;
    bool done;

    if (!run_client(run) || (base && !run_class(run, base))) {
        return false;
    }
    done = class_names_get(run, base, &names);
    if (done) {
        print_names(run, &names);
    }
    class_names_free(&names);
    return done;
}

static bool
show(struct run *run)
{
    return class_text_show(run, run_word(run, 0));
}

static const struct option list_options[] = {
    { "base", 0, "CLASS", "only classes derived from it", WORD_CLASS },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option form_options[] = {
    { "mof", 0, NULL, "answer as MOF", WORD_NONE },
    { "xml", 0, NULL, "answer as CIM-XML", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command class_commands[] = {
    { "list", "", "Lists the names of classes.", list_options,
      { WORD_NONE }, 0, 0, list },
    { "show", "CLASS", "Shows a class.", form_options, { WORD_CLASS }, 1, 1,
      show },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
