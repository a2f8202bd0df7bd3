/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What wbemcli sends, byte for byte: every request is understood, but those
 * that it writes malformed (it does not escape), which are refused as such.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "manage/manage.h"
#include "unit/talk.h"
#include "unit/unit.h"

static struct buffer text = BUFFER_INIT;

static bool
load(void)
{
    const char *folder = getenv("XVS_TEST_DATA");
    const char *source = getenv("top_srcdir");
    char path[4096], piece[4096];
    FILE *file;
    size_t n;

    if (folder) {
        snprintf(path, sizeof path, "%s/wbemcli-1.6.3-requests.raw", folder);
    } else {
        snprintf(path, sizeof path, "%s/../shared/data/"
                 "wbemcli-1.6.3-requests.raw", source ? source : ".");
    }
    file = fopen(path, "r");
    if (!file) {
        printf("SKIP: test data %s is not there\n", path);
        return false;
    }
    while ((n = fread(piece, 1, sizeof piece, file)) > 0) {
        buffer_put(&text, piece, n);
    }
    fclose(file);
    buffer_string(&text);
    return true;
}

/* The lines of a head end in CR LF on the wire. */
static void
send_head(struct talk *talk, const char *head, size_t size)
{
    struct buffer out = BUFFER_INIT;

    for (size_t i = 0; i < size; i++) {
        if (head[i] == '\n' && (!i || head[i - 1] != '\r')) {
            buffer_putc(&out, '\r');
        }
        buffer_putc(&out, head[i]);
    }
    talk_send(talk, out.data, out.size);
    buffer_free(&out);
}

/* Text between the tags that wbemcli does not escape. */
static bool
is_malformed(const char *body, size_t size)
{
    return memmem(body, size, "b<c", 3) || memmem(body, size, "& <y>", 5);
}

static void
replay(struct talk *talk, const char *request, unsigned int counts[2])
{
    const char *length = strstr(request, "Content-Length: ");
    const char *body = strstr(request, "<?xml");
    size_t size = strtoul(length + 16, NULL, 10);
    bool malformed = is_malformed(body, size);
    char *answer;

    talk_connect(talk);
    send_head(talk, request, (size_t) (body - request));
    talk_send(talk, body, size);
    answer = talk_receive(talk);
    counts[malformed]++;
    if (malformed
            ? !strstr(answer, "CIMError: request-not-well-formed")
            : strncmp(answer, "HTTP/1.1 200", 12) != 0
                  || !strstr(answer, "MESSAGE ID=\"4711\"")) {
        fprintf(stderr, "%.*s\n%s\n", (int) (body + size - request), request,
                answer);
        CU_FAIL("another answer");
    }
    free(answer);
}

static void
test_replay(void)
{
    unsigned int counts[2] = { 0, 0 };
    struct talk talk;
    const char *at = text.data;

    talk_start(&talk, NULL);
    while ((at = strstr(at, "POST /cimom")) != NULL) {
        replay(&talk, at, counts);
        at++;
    }
    CU_ASSERT(counts[0] >= 30);
    CU_ASSERT(counts[1] >= 1);
    talk_stop(&talk);
}

static const struct unit_test tests[] = {
    { "requests of wbemcli", test_replay },
};

int
main(void)
{
    int status;

    if (!load()) {
        return 77;
    }
    status = unit_main("replay", tests, 1);
    buffer_free(&text);
    return status;
}
