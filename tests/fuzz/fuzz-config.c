/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * An exported configuration from a stranger, behind its checksum: entries of
 * every kind, with settings of a class that has every type.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "schema/repository.h"
#include "service/config/persist.h"
#include "service/method/host-methods.h"
#include "service/state.h"
#include "service/store/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 loses the token at which it gives up: not ours to mend. */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yy\n";
}

static const char schema[] =
    "class Fuzz_Inner { uint64 Big; string Text; };\n"
    "[UUID(\"7E570009-0001-4000-8000-000000000001\"),"
    " ExtensionId(\"7E570009-0000-4000-8000-000000000000\"),"
    " InterfaceVersion(\"1\"), InterfaceRevision(\"0\"),"
    " DisplayName(\"Fuzz\")]\n"
    "class Fuzz_All : XVS_SwitchFeatureSettings {\n"
    "  boolean B; uint8 U8; sint64 S64; uint64 U64; real32 R; char16 C;\n"
    "  string S; datetime D; uint64 Many[]; string Texts[];\n"
    "  [EmbeddedInstance(\"Fuzz_Inner\")] string In;\n"
    "  [EmbeddedInstance(\"Fuzz_Inner\")] string Ins[];\n"
    "  [Secret] string Hidden; [Secret] uint8 Pins[];\n"
    "};\n";

static void
ignore(void *arg, const char *problem)
{
    (void) arg;
    (void) problem;
}

static struct repository *
open_repository(void)
{
    struct error_list errors = { 0 };
    struct repository *repository = repository_open(NULL, &errors);

    if (!repository
        || !repository_register(repository, "fuzz", schema,
                                sizeof schema - 1, false, &errors)) {
        abort();
    }
    error_list_clear(&errors);
    return repository;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct repository *repository;
    struct document *document = document_create();
    struct error_list problems = { 0 };
    struct state state;
    char *text = mem_strndup((const char *) data, size);

    if (!repository) {
        repository = open_repository();
    }
    state_init(&state);
    /* The same text as every kind of entry. */
    document_put(document, "extension-1", mem_strdup(text));
    document_put(document, "switch-1", mem_strdup(text));
    document_put(document, "port-1", mem_strdup(text));
    document_put(document, "setting-1", text);
    persist_load_document(&state, document, repository, &problems);
    import_secrets(document, &state, NULL, ignore, NULL);
    error_list_clear(&problems);
    state_free(&state);
    document_destroy(document);
    return 0;
}
