/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The payload of a journal record: the operations of one transaction, each
 * {u32 op, u32 document size, u32 entry size, u32 text size}, then the three
 * texts without NUL, then zeros to a multiple of 8.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "service/store/committer.h"
#include "service/store/document.h"
#include "service/store/store.h"

struct op_head {
    uint32_t op;
    uint32_t document_size;
    uint32_t entry_size;
    uint32_t text_size;
};

static struct mem_pool pool = { .size = sizeof(struct store_change),
                                .most = 64 };

struct store_change *
store_begin(void)
{
    return mem_pool_take(&pool);
}

void
store_cancel(struct store_change *change)
{
    if (change) {
        buffer_free(&change->payload);
        mem_pool_give(&pool, change);
    }
}

static void
put_op(struct store_change *change, enum store_op op, const char *document,
       const char *entry, const char *text)
{
    struct op_head head = {
        .op = op,
        .document_size = (uint32_t) strlen(document),
        .entry_size = (uint32_t) strlen(entry),
        .text_size = (uint32_t) strlen(text),
    };

    buffer_put(&change->payload, &head, sizeof head);
    buffer_put(&change->payload, document, head.document_size);
    buffer_put(&change->payload, entry, head.entry_size);
    buffer_put(&change->payload, text, head.text_size);
    buffer_align(&change->payload, 8);
}

void
store_put(struct store_change *change, const char *document,
          const char *entry, const char *text)
{
    put_op(change, STORE_PUT, document, entry, text);
}

void
store_delete(struct store_change *change, const char *document,
             const char *entry)
{
    put_op(change, STORE_DELETE, document, entry, "");
}

void
store_drop(struct store_change *change, const char *document)
{
    put_op(change, STORE_DROP, document, "", "");
}

/* A document's name becomes a file's name. */
static bool
document_name(const char *name)
{
    return *name && *name != '.' && strlen(name) < STORE_FILE_SIZE - 32
        && !strchr(name, '/');
}

/* Lines that begin with a blank and end with a newline. */
static bool
entry_text(const char *text)
{
    while (*text) {
        const char *newline = strchr(text, '\n');

        if (*text != ' ' || !newline) {
            return false;
        }
        text = newline + 1;
    }
    return true;
}

/* One operation, unpacked into texts of its own. */
struct op_texts {
    char *document, *entry, *text;
};

static void
op_clear(struct op_texts *texts)
{
    free(texts->document);
    free(texts->entry);
    free(texts->text);
}

static bool
op_valid(const struct op_head *head, const struct op_texts *texts)
{
    if (strlen(texts->document) != head->document_size
        || strlen(texts->entry) != head->entry_size
        || strlen(texts->text) != head->text_size
        || !document_name(texts->document)) {
        return false;
    }
    return head->op == STORE_DROP
        || (document_entry_name(texts->entry) && entry_text(texts->text));
}

/* Reads one operation and advances; false when it is malformed. */
static bool
op_read(const char **at, const char *end, struct op_head *head,
        struct op_texts *texts)
{
    size_t left = (size_t) (end - *at), size;
    const char *from = *at + sizeof *head;

    if (left < sizeof *head) {
        return false;
    }
    memcpy(head, *at, sizeof *head);
    size = sizeof *head + (size_t) head->document_size + head->entry_size
        + head->text_size;
    if (head->op < STORE_PUT || head->op > STORE_DROP || size > left) {
        return false;
    }
    texts->document = mem_strndup(from, head->document_size);
    from += head->document_size;
    texts->entry = mem_strndup(from, head->entry_size);
    from += head->entry_size;
    texts->text = mem_strndup(from, head->text_size);
    size = (size + 7) / 8 * 8;
    *at = size < left ? *at + size : end;
    if (!op_valid(head, texts)) {
        op_clear(texts);
        return false;
    }
    return true;
}

bool
store_walk(const void *payload, size_t size, store_visit visit, void *arg)
{
    const char *end = (const char *) payload + size;

    for (int pass = 0; pass < 2; pass++) {
        for (const char *at = payload; at < end;) {
            struct op_head head;
            struct op_texts texts;

            if (!op_read(&at, end, &head, &texts)) {
                return false;
            }
            if (pass == 1) {
                visit(arg, (enum store_op) head.op, texts.document,
                      texts.entry, texts.text);
            }
            op_clear(&texts);
        }
    }
    return true;
}
