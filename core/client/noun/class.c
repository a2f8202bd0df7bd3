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
#include "client/command.h"
#include "client/run.h"
#include "client/show/class-text.h"
#include "client/show/json-out.h"
#include "client/show/table.h"
#include "client/wbem/cim-client.h"
#include "schema/class.h"

/* Names as they come; they are sorted before they are written. */
struct names {
    char **items;
    size_t n, capacity;
};

static bool
keep_name(void *arg, const char *name, struct error *error)
{
    struct names *names = arg;

    (void) error;
    mem_grow(&names->items, &names->capacity, names->n,
             sizeof *names->items);
    names->items[names->n++] = mem_strdup(name);
    return true;
}

static int
compare_names(const void *a, const void *b)
{
    return text_compare_fold(*(char *const *) a, *(char *const *) b);
}

static void
print_names(const struct run *run, const struct names *names)
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
    struct cim_client *client = run_client(run);
    const char *base = run_option(run, "base");
    struct names names = { NULL, 0, 0 };
    bool done = client && (!base || run_class(run, base))
                && cim_client_class_names(client, base, keep_name, &names,
                                          &run->error);

    if (names.n) {
        qsort(names.items, names.n, sizeof *names.items, compare_names);
    }
    if (done) {
        print_names(run, &names);
    }
    for (size_t i = 0; i < names.n; i++) {
        free(names.items[i]);
    }
    free(names.items);
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
