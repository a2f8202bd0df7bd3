/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl doctor: what this host has, what it lacks, what that costs.
 */

#include <config.h>

#include <stdio.h>

#include "base/buffer.h"
#include "client/command.h"
#include "client/host/findings.h"
#include "client/run.h"

static bool
doctor(struct run *run)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct findings findings = { NULL, 0, 0 };
    size_t n_errors, n_warnings;

    doctor_find(run, &findings);
    n_errors = findings_count(&findings, FINDING_ERROR);
    n_warnings = findings_count(&findings, FINDING_WARNING) - n_errors;
    if (run->form == RUN_JSON) {
        findings_json(&findings, &out);
        puts(buffer_string(&out));
    } else {
        findings_sort(&findings);
        findings_print(&findings, FINDING_GOOD);
        printf("%zu errors, %zu warnings\n", n_errors, n_warnings);
    }
    findings_clear(&findings);
    run->session->kept_status = n_errors ? RUN_FAILED : RUN_OK;
    return true;
}

static const struct option options[] = {
    { "state-dir", 0, "DIR", "where xvsd keeps its state (" XVS_STATEDIR ")",
      WORD_FOLDER },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command doctor_commands[] = {
    { "", "", "Checks what this host has and lacks; needs no daemon.",
      options, { WORD_NONE }, 0, 0, doctor },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
