/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Requests that are not what the extension expects, given to its hooks
 * directly: classes that are not its own, versions that it does not know,
 * blocks that are too short or longer than it knows, and raw requests.
 */

#include <config.h>

#include "exttest.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/oid.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/layout.h"
#include "marshal/oid.h"
#include "rig.h"
#include "settings.h"
#include "stage/host.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "subject.h"

/* What is wrong with a request. */
enum odd { ODD_CLASS, ODD_VERSION, ODD_SHORT, ODD_EMPTY, ODD_LONG };

struct question {
    const struct subject_feature *feature;
    enum odd odd;
    int result;                 /* the hook's */
};

static void
ask_setting(struct stage *stage, struct question *question, uint32_t op,
            struct xvs_answer *answer)
{
    const struct feature *feature = &question->feature->feature;
    uint32_t fixed = question->feature->layout->parts[0].size;
    uint32_t room = fixed + 65536;
    MEM_AUTO void *body = mem_zalloc(room);
    struct xvs_setting setting = {
        .size = sizeof setting, .op = op, .scope = feature->scope,
        .port_id = feature->scope == XVS_SCOPE_PORT ? 11 : XVS_PORT_NONE,
        .uuid = feature->uuid, .instance = { .a = 1, .d = { 0x80 } },
        .version = feature->version,
        .view = { .body = body, .size = fixed } };

    if (question->odd == ODD_CLASS) {
        setting.uuid.a ^= 0x5a5a5a5a;
    } else if (question->odd == ODD_VERSION) {
        setting.version = (uint16_t) (setting.version + 0x100);
    } else if (question->odd == ODD_SHORT) {
        setting.view.size = fixed - 1;
    } else if (question->odd == ODD_EMPTY) {
        setting.view.body = NULL;
        setting.view.size = 0;
    } else {
        setting.view.size = room;
    }
    question->result = stage->hooks->setting(stage->self, &setting, answer);
}

static void
ask_status(struct stage *stage, struct question *question,
           struct xvs_answer *answer)
{
    const struct feature *feature = &question->feature->feature;
    uint32_t fixed = question->feature->layout->parts[0].size;
    MEM_AUTO void *body = mem_zalloc(fixed);
    struct xvs_query query = {
        .size = sizeof query, .scope = feature->scope,
        .port_id = feature->scope == XVS_SCOPE_PORT ? 11 : XVS_PORT_NONE,
        .version = feature->version, .uuid = feature->uuid,
        .empty = { .body = body, .size = fixed } };

    if (question->odd == ODD_CLASS) {
        query.uuid.a ^= 0x5a5a5a5a;
    } else {
        query.version = (uint16_t) (query.version + 0x100);
    }
    question->result = stage->hooks->status(stage->self, &query, answer);
}

static void
work_question(void *arg, struct stage *stage, struct outcome *outcome)
{
    struct question *question = arg;
    struct xvs_answer answer = { .stage = stage, .outcome = outcome };

    outcome->result = XVS_SUCCESS;
    question->result = XVS_NOT_SUPPORTED;
    if (question->feature->feature.kind == FEATURE_STATUS) {
        if (stage->hooks->status) {
            ask_status(stage, question, &answer);
        }
    } else if (stage->hooks->setting) {
        ask_setting(stage, question, XVS_VALIDATE, &answer);
    }
    buffer_free(&answer.objects);
}

static bool
is_result(int result)
{
    return result >= XVS_SUCCESS && result <= XVS_INVALID_PARAMETER
        && result != XVS_PENDING;
}

/* Asks about each class; success is only fine where 'may'. */
static void
ask_all(struct trial *trial, enum odd odd, const char *what, bool may)
{
    const struct subject *subject = trial->subject;
    bool any = false;

    for (uint32_t i = 0; i < subject->n_features && trial_goes_on(trial);
         i++) {
        struct question question = { .feature = &subject->features[i],
                                     .odd = odd };
        struct outcome outcome = { 0 };
        struct error error;

        if (!guid_equal(&question.feature->feature.extension,
                        &trial->rig->id)
            || (odd > ODD_VERSION
                && question.feature->feature.kind != FEATURE_SETTING)) {
            continue;
        }
        any = true;
        trial_step(trial, "%s of %s", what, question.feature->cls->name);
        if (!rig_call(trial->rig, "a question", work_question, &question,
                      &outcome, &error)) {
            trial_fail(trial, "%s", error.text);
        } else if (!is_result(question.result)) {
            trial_fail(trial, "%s of %s: the hook returned %d, which is no"
                       " result", what, question.feature->cls->name,
                       question.result);
        } else if (question.result == XVS_SUCCESS && !may) {
            trial_fail(trial, "%s of %s is taken for a good one", what,
                       question.feature->cls->name);
        }
    }
    if (!any) {
        trial_skip(trial, "it has no such classes");
    }
}

static void
test_foreign(struct trial *trial)
{
    ask_all(trial, ODD_CLASS, "a class that is not its own, in place", false);
}

static void
test_version(struct trial *trial)
{
    ask_all(trial, ODD_VERSION, "the next major version", false);
}

static void
test_short(struct trial *trial)
{
    ask_all(trial, ODD_SHORT, "a block that is one byte short", false);
}

static void
test_empty(struct trial *trial)
{
    ask_all(trial, ODD_EMPTY, "a block without a byte", false);
}

static void
test_long(struct trial *trial)
{
    ask_all(trial, ODD_LONG, "a block with 64 KiB behind it", true);
}

/* ---- The raw hook --------------------------------------------------------- */

#define RAW_ROOM 4096u
#define RAW_GUARD 64u

struct raw {
    struct trial *trial;
    uint32_t code;
    bool spilled;               /* wrote behind the capacity */
    int worst;                  /* a result that is none; or 0 */
};

/* One request whose buffer has 'length' bytes of a pattern. */
static void
ask_raw(struct stage *stage, struct raw *raw, uint8_t *room, uint32_t length,
        uint32_t capacity, uint8_t pattern)
{
    struct xvs_oid oid = { .size = sizeof oid, .code = raw->code,
                           .kind = oid_kind(raw->code), .port_id = 11,
                           .buffer = room, .length = length,
                           .capacity = capacity };
    int result;

    memset(room, pattern, capacity);
    memset(room + capacity, 0xdb, RAW_GUARD);
    if (length >= 4) {
        room[0] = XVS_OID_HEADER_TYPE;
        room[1] = pattern ? pattern : 1;
    }
    result = stage->hooks->oid(stage->self, &oid);
    if (!is_result(result)) {
        raw->worst = result;
    }
    for (uint32_t i = 0; i < RAW_GUARD; i++) {
        raw->spilled |= room[capacity + i] != 0xdb;
    }
    raw->spilled |= result == XVS_SUCCESS && oid.written > capacity;
}

static void
work_raw(void *arg, struct stage *stage, struct outcome *outcome)
{
    static const uint32_t lengths[] = { 0, 1, 3, 4, 8, 12, 44, 56, 64, 200,
                                        RAW_ROOM };
    struct raw *raw = arg;
    MEM_AUTO uint8_t *room = mem_alloc(RAW_ROOM + RAW_GUARD);

    outcome->result = XVS_SUCCESS;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ask_raw(stage, raw, room, lengths[i], lengths[i], 0);
        ask_raw(stage, raw, room, lengths[i], RAW_ROOM, 0);
        ask_raw(stage, raw, room, lengths[i], RAW_ROOM, 0xff);
        ask_raw(stage, raw, room, lengths[i], RAW_ROOM, 0x13);
    }
}

static void
test_raw(struct trial *trial)
{
    struct raw raw = { .trial = trial };
    struct outcome outcome = { 0 };
    struct error error;

    if (!(rig_plugin(trial->rig)->hooks & HOOK_OID)) {
        trial_skip(trial, "it has no hook 'oid'");
        return;
    }
    for (raw.code = XVS_OID_SWITCH_PROPERTY_ADD;
         raw.code <= XVS_OID_SWITCH_NIC_RESUME && trial_goes_on(trial);
         raw.code++) {
        trial_step(trial, "raw %s", oid_name(raw.code));
        if (!rig_call(trial->rig, "oid", work_raw, &raw, &outcome, &error)) {
            trial_fail(trial, "%s", error.text);
        } else if (raw.worst) {
            trial_fail(trial, "%s: the hook returned %d, which is no result",
                       oid_name(raw.code), raw.worst);
        } else if (raw.spilled) {
            trial_fail(trial, "%s: it wrote, or says it wrote, behind the"
                       " request's capacity", oid_name(raw.code));
        }
    }
}

static const struct test tests[] = {
    SLOW("oid.foreign", "Requests go to whoever says that they are his; what"
         " is not his he leaves to others.", test_foreign, NEEDS_STAGE, 0),
    TEST("oid.version", "A schema of the next major version means something"
         " else by the same members.", test_version, NEEDS_STAGE),
    TEST("oid.short", "A block that ends early has members that are not"
         " there.", test_short, NEEDS_STAGE),
    SLOW("oid.empty", "A block without a byte, as DELETE has, is no"
         " object.", test_empty, NEEDS_STAGE, 0),
    SLOW("oid.long", "A newer minor version puts members behind those that"
         " are known.", test_long, NEEDS_STAGE, 0),
    TEST("oid.raw", "The raw hook gets structures with lengths and offsets of"
         " its own to check.", test_raw, NEEDS_STAGE),
};

GROUP(oid, "requests with blocks that are not as expected", tests);
