/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Blocks against the layouts of several classes.  The first byte chooses the
 * class; the rest is the block.  Bytes that pass the check must decode, and
 * what was decoded must encode to a block that passes.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/marshal-schema.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema_text[] =
    "class T_0 { boolean a; uint8 b; sint16 c; uint32 d; sint64 e; real32 f; "
    " real64 g; char16 h; };"
    "class T_1 { string a; string b; datetime c; T_0 ref d; };"
    "class T_2 { uint16 a[3]; [Max(3)] uint64 b[]; uint32 c[]; string d[2]; "
    " [Max(2)] string e[]; string f[]; datetime g[]; boolean h[]; };"
    "class T_3 { uint8 a; [EmbeddedInstance(\"T_1\")] string b; "
    " [EmbeddedInstance(\"T_2\")] string c[2]; "
    " [EmbeddedInstance(\"T_1\"), Max(3)] string d[]; "
    " [EmbeddedInstance(\"T_1\")] string e[]; };"
    "class T_4 { [EmbeddedInstance(\"T_3\")] string a[]; string b; };"
    "class T_5 { [EmbeddedObject] string a; [EmbeddedObject] string b[]; };";

static struct test_schema schema;
static struct cim_class *classes[6];
static const struct layout *layouts[6];

static void
prepare(void)
{
    test_schema_open(&schema, schema_text);
    for (int i = 0; i < 6; i++) {
        char name[] = "T_0";

        name[2] = (char) ('0' + i);
        classes[i] = test_class(&schema, name, &layouts[i]);
    }
}

static void
decode(unsigned int which, const void *block, size_t size)
{
    struct error error = { 0 };
    struct instance *instance = block_decode(block, size, classes[which],
                                             layouts[which], test_lookup,
                                             &schema, &error);
    struct buffer again = BUFFER_INIT;

    if (!instance) {
        /* The MOF text of an embedded object is not looked at before. */
        if (which != 5) {
            abort();
        }
        return;
    }
    if (!block_encode(instance, layouts[which], &again, &error)
        || !block_check(again.data, again.size, layouts[which], &error)) {
        abort();
    }
    buffer_free(&again);
    instance_destroy(instance);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned int which;
    void *block;

    if (!classes[0]) {
        prepare();
    }
    if (size < 1) {
        return 0;
    }
    which = data[0] % 6;
    block = mem_dup(data + 1, size - 1);
    if (block_check(block, size - 1, layouts[which], NULL)) {
        decode(which, block, size - 1);
    }
    free(block);
    return 0;
}
