/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Certificates of options are files.
 */

#include "tls-client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "tls/tls.h"

#define TEXT_MOST (1u << 20)    /* bytes of certificates of one file */

/* The text of a file; NULL: 'why' says. */
static char *
read_text(const char *path, char why[300])
{
    FILE *file = fopen(path, "re");
    char *text = file ? malloc(TEXT_MOST + 1) : NULL;
    size_t n = text ? fread(text, 1, TEXT_MOST + 1, file) : 0;

    if (!text || ferror(file) || n > TEXT_MOST) {
        snprintf(why, 300, "%s: %s", path, n > TEXT_MOST
                 ? "it is larger than 1 MiB" : strerror(errno));
        free(text);
        text = NULL;
    } else {
        text[n] = 0;
    }
    if (file) {
        fclose(file);
    }
    return text;
}

static void
forget(char *text)
{
    if (text) {
        explicit_bzero(text, strlen(text));
    }
    free(text);
}

struct tls_keys *
tls_client_create(const struct options *options, char why[300])
{
    const char *names[] = { options->ca, options->certificate, options->key };
    char *texts[3] = { NULL, NULL, NULL }, reason[160];
    struct tls_keys *keys = NULL;
    bool good = true;

    for (int i = 0; i < 3 && good; i++) {
        texts[i] = names[i] ? read_text(names[i], why) : NULL;
        good = !names[i] || texts[i];
    }
    if (good) {
        keys = tls_keys_client(texts[0], texts[1], texts[2], reason);
        if (!keys) {
            snprintf(why, 300, "TLS (--ca %s, --cert %s): %s", options->ca
                     ? options->ca : "is the system's", options->certificate
                     ? options->certificate : "is not given", reason);
        }
    }
    for (int i = 0; i < 3; i++) {
        forget(texts[i]);
    }
    return keys;
}
