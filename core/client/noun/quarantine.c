/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl quarantine: packets that were dropped because they ended processes of
 * extensions, which xvsd keeps as files.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/error.h"
#include "client/command.h"
#include "client/invocation.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"

#define CLASS "XVS_QuarantinedPacket"

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Packet", "Name" },       { "Switch", "SwitchName" },
        { "Port", "PortName" },     { "Extension", "ExtensionName" },
        { "Bytes", "Length" },      { "Ended", "ProcessesEnded" },
        { "Reason", "Reason" },     { NULL, NULL },
    };

    return objects_list(run, CLASS, columns, "Name");
}

static bool
show(struct run *run)
{
    return objects_show(run, run_path(CLASS, "Name", run_word(run, 0)),
                        "Name");
}

/* Whose packet it is, is nobody else's business: only the owner of the file
 * may read it. */
static bool
write_file(struct run *run, const char *name, const struct buffer *bytes)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool done;

    if (!file) {
        error_set_errno(&run->error, errno, "%s", name);
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    done = fwrite(bytes->data, 1, bytes->size, file) == bytes->size;
    if (fclose(file) != 0 || !done) {
        return error_set_errno(&run->error, errno, "cannot write %s", name);
    }
    run_say(run, "%s written", name);
    return true;
}

static bool
write_bytes(struct run *run, const struct value *text)
{
    BUFFER_AUTO struct buffer bytes = BUFFER_INIT;
    const char *name = run_option(run, "output");

    if (!text || text->is_null
        || !base64_read(text->s, text->n, &bytes)) {
        return error_set(&run->error, ERROR_FAILED,
                         "the server answered no file");
    }
    if (name && strcmp(name, "-") != 0) {
        return write_file(run, name, &bytes);
    }
    return (fwrite(bytes.data, 1, bytes.size, stdout) == bytes.size
            && fflush(stdout) == 0)
        || error_set_errno(&run->error, errno, "cannot write the packet");
}

static bool
save(struct run *run)
{
    const char *name = run_option(run, "output");
    struct invocation call;
    bool done;

    if ((!name || strcmp(name, "-") == 0) && isatty(STDOUT_FILENO)) {
        run_usage(run, "a packet is no text for a terminal");
        return error_hint(&run->error, "give -o FILE, or pipe it into tcpdump"
                          " -r - or tshark -r -");
    }
    if (!invocation_begin_host(&call, run, "ReadQuarantinedPacket")) {
        return false;
    }
    invocation_set(&call, "Name", value_string(run_word(run, 0)));
    done = invocation_run_host(&call)
        && write_bytes(run, invocation_out(&call, "File"));
    invocation_end(&call);
    return done;
}

static bool
remove_packets(struct run *run)
{
    for (size_t i = 0; run_word(run, i); i++) {
        const char *name = run_word(run, i);

        if (!objects_delete(run, run_path(CLASS, "Name", name))) {
            return false;
        }
        run_result(run, name, "packet %s removed", name);
    }
    return true;
}

static const struct option save_options[] = {
    { "output", 'o', "FILE", "where to (-: standard output)", WORD_FILE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command quarantine_commands[] = {
    { "list", "",
      "Lists packets that were dropped because they ended processes.", NULL,
      { WORD_NONE }, 0, 0, list },
    { "show", "PACKET", "Shows what such a packet did, and where its file is.",
      NULL, { WORD_QUARANTINED }, 1, 1, show },
    { "save", "PACKET", "Writes such a packet as pcapng.", save_options,
      { WORD_QUARANTINED }, 1, 1, save },
    { "remove", "PACKET...", "Removes the files of such packets.", NULL,
      { WORD_QUARANTINED }, 1, ANY_NUMBER, remove_packets },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
