/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Copies of a plugin as domains have them, here without keys: they have data
 * of their own, what they call of malloc() and free() is the heap's, also
 * where their descriptor says so, and a file that was exchanged is refused.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "stage/domain/heap.h"
#include "stage/domain/image.h"
#include "stage/plugin/plugin.h"
#include "unit.h"

#define HEAP (1u << 20)

static char path[] = "./image.XXXXXX";

static void
copy_plugin(void)
{
    char command[256];
    int fd = mkstemp(path);

    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    snprintf(command, sizeof command, "cp plugins/fault.so %s", path);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

/* As xvs-switch has it, of a process that has tried it. */
static struct plugin *
describe(void)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct plugin_mark mark;
    struct error error;
    struct plugin *loaded = plugin_load(path, &error), *plugin;

    CU_ASSERT_FATAL(loaded && plugin_mark(path, &mark, &error));
    description_write(&loaded->extension, loaded->file, &out);
    plugin = plugin_described(path, &mark, out.data, out.size, &error);
    plugin_unload(loaded);
    CU_ASSERT_FATAL(plugin != NULL);
    return plugin;
}

/* Whether init has got memory of the heap. */
static bool
begins_in(const struct image *image, struct heap *heap)
{
    static const struct xvs_host host = { .size = sizeof host };
    char *self = NULL;

    heap_use(heap);
    CU_ASSERT_EQUAL(image->extension.init(&host, (void **) &self), 0);
    heap_use(NULL);
    return self >= (char *) heap && self < (char *) heap + HEAP;
}

static void
test_copies(void)
{
    BUFFER_AUTO struct buffer file = BUFFER_INIT;
    struct error error;
    struct plugin *plugin = describe();
    struct heap *heap = heap_create(HEAP, 0, &error);
    struct image one, other;

    CU_ASSERT_FATAL(image_read(plugin, &file, &error));
    CU_ASSERT_FATAL(image_load(&one, plugin, &file, 0, &error));
    CU_ASSERT_FATAL(image_load(&other, plugin, &file, 0, &error));
    CU_ASSERT(one.start != other.start);
    CU_ASSERT(one.extension.ingress != other.extension.ingress);
    CU_ASSERT((uintptr_t) one.extension.ingress - one.start < one.size);
    CU_ASSERT(begins_in(&one, heap));
    CU_ASSERT(begins_in(&other, heap));
    CU_ASSERT_EQUAL((void *) one.extension.fini, heap_function("free"));
    image_unload(&one);
    image_unload(&other);
    heap_destroy(heap);
    plugin_unload(plugin);
}

static void
test_exchanged(void)
{
    BUFFER_AUTO struct buffer file = BUFFER_INIT;
    struct plugin *plugin = describe();
    struct error error;

    CU_ASSERT_EQUAL(truncate(path, 100), 0);
    CU_ASSERT(!image_read(plugin, &file, &error));
    CU_ASSERT(strstr(error.text, "not the file any more") != NULL);
    plugin_unload(plugin);
}

static void
test_begin(void)
{
    copy_plugin();
}

static void
test_end(void)
{
    unlink(path);
}

static const struct unit_test tests[] = {
    { "a plugin", test_begin },
    { "copies", test_copies },
    { "another file", test_exchanged },
    { "no plugin", test_end },
};

UNIT_MAIN("image", tests)
