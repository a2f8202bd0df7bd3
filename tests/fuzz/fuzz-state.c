/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * State files and the journal as a torn disk or a stranger may leave them.
 * What a document reader accepts must be written back to the same entries.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "service/store/document.h"
#include "service/store/journal.h"
#include "service/store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
visit(void *arg, enum store_op op, const char *document, const char *entry,
      const char *text)
{
    (void) op;
    (void) document;
    (void) text;
    document_put(arg, *entry ? entry : "none", NULL);
}

static void
read_document(const char *text, size_t size)
{
    struct error error;
    struct document *document = document_read("x", text, size, &error);
    struct document *again;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (!document) {
        return;
    }
    document_write(document, document->generation, &out);
    again = document_read("y", out.data, out.size, &error);
    if (!again || map_count(again->entries) != map_count(document->entries)) {
        abort();
    }
    document_destroy(again);
    document_destroy(document);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document *seen = document_create();
    struct journal_record *records;
    uint64_t first;
    size_t n = journal_scan(data, size, &first, &records);

    for (size_t i = 0; i < n; i++) {
        store_walk(records[i].payload, records[i].size, visit, seen);
    }
    free(records);
    store_walk(data, size, visit, seen);
    read_document((const char *) data, size);
    document_destroy(seen);
    return 0;
}
