/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Descriptions of plugins: what is written is read, and every shortened one
 * and every broken rule is refused with a sentence that names the file.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "control/message.h"
#include "stage/plugin/description.h"
#include "unit.h"

#define FILE_NAME "full.so"

static int
init(const struct xvs_host *host, void **self)
{
    (void) host;
    (void) self;
    return XVS_SUCCESS;
}

static void
packets(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
}

static void
method(void)
{
}

static const struct xvs_feature features[] = {
    { .uuid = { .a = 1 }, .hash = 5, .size = 8, .version = 0x100 },
    { .uuid = { .a = 2 }, .hash = 6, .size = 16, .version = 0x201 },
};
static const struct xvs_method methods[] = {
    { { .a = 1 }, "Reset", "v", method },
    { { .a = 2 }, "Count", "iaLZ", method },
};
static const char *const reasons[] = { "no rule", NULL, "\xc3\xa9t\xc3\xa9" };

/* A descriptor with all that one can have. */
static const struct xvs_extension full = {
    XVS_EXTENSION_HEAD,
    .version = 0x0102,
    .mandatory = XVS_HOOK_PACKETS | XVS_HOOK_TRAITS,
    .id = { .a = 7 },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "full", .vendor = "V\xc3\xa9ra", .description = "All of it",
    .before = "acl", .after = "guard, mark",
    .n_features = 2, .features = features,
    .n_methods = 2, .methods = methods,
    .n_reasons = 3, .reasons = reasons,
    .traits = XVS_TRAIT_EGRESS | XVS_TRAIT_WIRE,
    .init = init, .ingress = packets,
};

static void
test_same(void)
{
    struct buffer out = BUFFER_INIT;
    struct description one;
    const struct xvs_extension *read = &one.extension;
    struct error error;

    description_write(&full, FILE_NAME, &out);
    buffer_extend(&out, 1000);      /* memory is larger than what is in it */
    CU_ASSERT_TRUE_FATAL(description_read(&one, out.data, out.size, FILE_NAME,
                                          &error));
    CU_ASSERT_EQUAL(one.hooks, HOOK_INIT | HOOK_INGRESS);
    CU_ASSERT_PTR_NULL(read->init);
    CU_ASSERT_EQUAL(read->version, 0x0102);
    CU_ASSERT_EQUAL(read->mandatory, XVS_HOOK_PACKETS | XVS_HOOK_TRAITS);
    CU_ASSERT_EQUAL(read->traits, XVS_TRAIT_EGRESS | XVS_TRAIT_WIRE);
    CU_ASSERT_EQUAL(read->on_failure, XVS_FAIL_CLOSED);
    CU_ASSERT_STRING_EQUAL(read->name, "full");
    CU_ASSERT_STRING_EQUAL(read->vendor, "V\xc3\xa9ra");
    CU_ASSERT_STRING_EQUAL(read->after, "guard, mark");
    CU_ASSERT_EQUAL(memcmp(read->features, features, sizeof features), 0);
    CU_ASSERT_STRING_EQUAL(read->methods[1].name, "Count");
    CU_ASSERT_STRING_EQUAL(read->methods[1].signature, "iaLZ");
    CU_ASSERT_EQUAL(read->methods[1].uuid.a, 2);
    CU_ASSERT_PTR_NULL(read->methods[1].function);
    CU_ASSERT_STRING_EQUAL(read->reasons[0], "no rule");
    CU_ASSERT_PTR_NULL(read->reasons[1]);
    description_free(&one);
    buffer_free(&out);
}

/* One with nothing in its lists, of the first version of the interface. */
static void
test_little(void)
{
    const struct xvs_extension little = {
        XVS_EXTENSION_HEAD, .id = { .a = 7 }, .name = "little",
        .extension_class = XVS_CLASS_SERVICE, .on_failure = XVS_FAIL_OPEN };
    struct buffer out = BUFFER_INIT;
    struct description one;
    struct error error;

    description_write(&little, "little.so", &out);
    CU_ASSERT_TRUE_FATAL(description_read(&one, out.data, out.size,
                                          "little.so", &error));
    CU_ASSERT_PTR_NULL(one.extension.vendor);
    CU_ASSERT_EQUAL(one.extension.n_methods, 0);
    CU_ASSERT_TRUE(description_fits(&one, &little, "little.so"));
    description_free(&one);
    CU_ASSERT_FALSE(description_read(&one, out.data, out.size, "large.so",
                                     &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "another file"));
    buffer_free(&out);
}

static void
test_fits(void)
{
    struct buffer out = BUFFER_INIT;
    struct description one;
    struct xvs_extension other = full;
    struct error error;

    description_write(&full, FILE_NAME, &out);
    CU_ASSERT_TRUE_FATAL(description_read(&one, out.data, out.size, FILE_NAME,
                                          &error));
    CU_ASSERT_TRUE(description_fits(&one, &full, FILE_NAME));
    other.version++;
    CU_ASSERT_FALSE(description_fits(&one, &other, FILE_NAME));
    other = full;
    other.ingress = NULL;
    CU_ASSERT_FALSE(description_fits(&one, &other, FILE_NAME));
    other = full;
    other.egress = packets;
    CU_ASSERT_FALSE(description_fits(&one, &other, FILE_NAME));
    other = full;
    other.n_reasons = 2;
    CU_ASSERT_FALSE(description_fits(&one, &other, FILE_NAME));
    other = full;
    other.vendor = "Another";
    CU_ASSERT_FALSE(description_fits(&one, &other, FILE_NAME));
    description_free(&one);
    buffer_free(&out);
}

/* In memory of exactly the size, so that a sanitizer sees what is read. */
static bool
read_copy(const void *data, size_t size, struct error *error)
{
    void *copy = malloc(size + !size);
    struct description one;
    bool good;

    memcpy(copy, data, size);
    good = description_read(&one, copy, size, FILE_NAME, error);
    if (good) {
        description_free(&one);
    }
    free(copy);
    return good;
}

static void
test_sizes(void)
{
    struct buffer out = BUFFER_INIT;
    struct description_head *head;
    struct error error;
    size_t whole;

    description_write(&full, FILE_NAME, &out);
    whole = out.size;
    for (size_t size = 0; size < whole; size++) {
        CU_ASSERT_FALSE(read_copy(out.data, size, &error));
    }
    buffer_extend(&out, 64);
    head = (void *) out.data;
    for (uint32_t size = 0; size <= whole + 64; size++) {
        head->size = size;
        error.text[0] = 0;
        CU_ASSERT_EQUAL(read_copy(out.data, out.size, &error), size == whole);
        CU_ASSERT(size == whole || strstr(error.text, FILE_NAME));
    }
    head->size = UINT32_MAX - 7;
    CU_ASSERT_FALSE(read_copy(out.data, out.size, &error));
    buffer_free(&out);
}

#define HEAD(member) offsetof(struct description_head, member)
#define BODY(member) (sizeof(struct description_head) \
                      + offsetof(struct control_extension, member))
#define FEATURES (sizeof(struct description_head) \
                  + sizeof(struct control_extension))
#define METHODS (FEATURES + sizeof features)
#define REASONS (METHODS + 2 * sizeof(struct control_signature))

/* One byte at 'offset' becomes 'value'. */
static const struct {
    size_t offset;
    int value;
    const char *says;
} broken[] = {
    { HEAD(magic), 0, "nothing" },
    { HEAD(reserved), 1, "hooks" },
    { HEAD(hooks) + 1, 8, "hooks" },
    { HEAD(mandatory) + 1, 4, "insists on hooks" },
    { BODY(id), 0, "no id" },
    { BODY(api_version) + 1, 9, "version 9" },
    { BODY(extension_class), 5, "class" },
    { BODY(extension_class), XVS_CLASS_SERVICE, "no packet hooks" },
    { BODY(on_failure), 0, "on failure" },
    { BODY(n_features), 3, "what cannot be" },
    { BODY(n_features) + 3, 255, "too short" },
    { BODY(n_methods), 1, "what cannot be" },
    { BODY(n_methods) + 3, 255, "too short" },
    { BODY(n_reasons), 16, "too many drop reasons" },
    { BODY(n_reasons), 2, "too many" },
    { BODY(traits), 32, "unknown traits" },
    { BODY(traits), XVS_TRAIT_PAYLOAD | XVS_TRAIT_HEAD, "cannot both be" },
    { BODY(extension_class), XVS_CLASS_CAPTURE, "has traits" },
    { HEAD(mandatory) + 1, 0, "XVS_HOOK_TRAITS" },
    { BODY(name), 0, "empty" },
    { BODY(name), '/', "slashes" },
    { BODY(name) + 1, ' ', "blanks" },
    { BODY(name), 0xff, "name is missing" },
    { BODY(vendor), 0xff, "UTF-8" },
    { BODY(description), '\n', "UTF-8" },
    { BODY(before), 0x80, "UTF-8" },
    { BODY(file), 'F', "another file" },
    { BODY(file), '/', "plain" },
    { FEATURES, 2, "same UUID" },
    { METHODS + offsetof(struct control_signature, name), 0, "empty" },
    { METHODS + offsetof(struct control_signature, signature), 0,
      "no signature" },
    { METHODS + offsetof(struct control_signature, signature), 'a',
      "signature of method Reset" },
    { METHODS + offsetof(struct control_signature, signature) + 1, 'x',
      "signature of method Reset" },
    { REASONS, 0xff, "drop reason" },
};

static void
test_broken(void)
{
    struct buffer out = BUFFER_INIT;
    struct error error;

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        out.size = 0;
        description_write(&full, FILE_NAME, &out);
        out.data[broken[i].offset] = (char) broken[i].value;
        error.text[0] = 0;
        if (read_copy(out.data, out.size, &error)
            || !strstr(error.text, broken[i].says)
            || !strstr(error.text, FILE_NAME)) {
            printf("\n%zu (%s): %s\n", i, broken[i].says, error.text);
            CU_FAIL("not refused, or for another reason");
        }
    }
    buffer_free(&out);
}

/* Texts that fill their fields to the last byte have no end. */
static void
test_endless(void)
{
    static const struct {
        size_t offset, size;
    } fields[] = {
        { BODY(name), XVS_NAME_SIZE }, { BODY(vendor), XVS_NAME_SIZE },
        { BODY(description), 256 }, { BODY(before), 256 },
        { BODY(after), 256 }, { BODY(file), 256 },
        { METHODS + offsetof(struct control_signature, name), XVS_NAME_SIZE },
        { METHODS + offsetof(struct control_signature, signature), 176 },
        { REASONS, sizeof(struct control_reason) },
    };
    struct buffer out = BUFFER_INIT;
    struct error error;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        out.size = 0;
        description_write(&full, FILE_NAME, &out);
        memset(out.data + fields[i].offset, 'v', fields[i].size);
        CU_ASSERT_FALSE(read_copy(out.data, out.size, &error));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "not terminated"));
    }
    buffer_free(&out);
}

static const struct unit_test tests[] = {
    { "what is written is read", test_same },
    { "one with little in it", test_little },
    { "another descriptor does not fit", test_fits },
    { "sizes", test_sizes },
    { "broken rules", test_broken },
    { "texts without an end", test_endless },
};

UNIT_MAIN("description", tests)
