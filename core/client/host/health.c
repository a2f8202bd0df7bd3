/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Is everything well?  Looks at every object that has a state, at settings
 * that are not in force and at what went wrong in the last hour.
 */

#include <config.h>

#include "client/host/findings.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "schema/value.h"

#define SETTINGS_SHOWN 20u  /* that are not in force; others are counted */
#define RECENT_S 3600       /* events that matter still */

struct health {
    struct run *run;
    struct findings *findings;
    unsigned int n_settings;        /* not in force */
    unsigned int n_events;          /* errors within the last hour */
    char last_event[400];           /* text of the newest of them */
    char since[16];                 /* when that hour began, in UTC */
};

typedef void (*judge)(struct health *health, const struct instance *object);

static const char *
text_of(const struct instance *object, const char *name)
{
    const char *text = instance_text(object, name);

    return text ? text : "";
}

static bool
is(const struct instance *object, const char *name, const char *text)
{
    return strcmp(text_of(object, name), text) == 0;
}

static void
judge_host(struct health *health, const struct instance *host)
{
    uint64_t n = instance_u64(host, "PacketBuffers");
    uint64_t used = instance_u64(host, "PacketBuffersUsed");

    if (!is(host, "SwitchState", "running")) {
        findings_add(health->findings, FINDING_ERROR, "xvs-switch",
                     "No packets flow.  Start it: systemctl start "
                     "xvs-switch, or xvsd as root does.",
                     "is %s", text_of(host, "SwitchState"));
    }
    if (!is(host, "Version", PACKAGE_VERSION)) {
        findings_add(health->findings, FINDING_WARNING, "versions",
                     "Finish the upgrade: restart xvsd, which does not stop "
                     "packets.", "xvsctl is %s, xvsd %s", PACKAGE_VERSION,
                     text_of(host, "Version"));
    }
    if (n && used > n - n / 10) {
        findings_add(health->findings, FINDING_WARNING, "packet buffers",
                     "Frames will be dropped.  Some port does not take what "
                     "it is sent, or xvs-switch needs more (--packets).",
                     "%llu of %llu are in use", (unsigned long long) used,
                     (unsigned long long) n);
    }
}

static void
judge_extension(struct health *health, const struct instance *extension)
{
    char what[160];

    if (is(extension, "State", "missing") || is(extension, "State", "failed")) {
        snprintf(what, sizeof what, "extension %.80s",
                 text_of(extension, "Name"));
        findings_add(health->findings, FINDING_ERROR, what,
                     "xvsctl event has the reason; put its file back: it is "
                     "tried again by itself.", "%s (file %s)",
                     text_of(extension, "State"), text_of(extension, "File"));
    }
}

/* Where the state tells of no failure, the process may. */
static void
judge_process(struct health *health, const struct instance *stage,
              const char *what)
{
    const struct value *missing = instance_get(stage, "MissingProtections");
    bool has_process = !is(stage, "Partition", "inline")
                       && !is(stage, "Partition", "domain");

    if (has_process && !instance_u64(stage, "ProcessId")) {
        findings_add(health->findings, FINDING_ERROR, what,
                     "It is started again by itself, less and less often "
                     "when it keeps failing; xvsctl event has the reason.",
                     "has no process now; the last one: %s",
                     text_of(stage, "LastFailure"));
    }
    if (is(stage, "StandbyState", "absent")) {
        findings_add(health->findings, FINDING_WARNING, what,
                     "When its process ends, packets are treated as OnFailure "
                     "says until there is another.",
                     "has no standby; the last failure: %s",
                     text_of(stage, "LastFailure"));
    }
    if (missing && !missing->is_null && missing->n) {
        findings_add(health->findings, FINDING_WARNING, what,
                     "Its sandbox has holes: xvsctl doctor says what the "
                     "host lacks.", "runs without protection: %s%s",
                     missing->items[0].s, missing->n > 1 ? ", ..." : "");
    }
    if (instance_u64(stage, "Restarts")) {
        findings_add(health->findings, FINDING_NOTE, what,
                     "Tell its vendor; xvsctl event has what is known.",
                     "was started again %llu times; the last failure: %s",
                     (unsigned long long) instance_u64(stage, "Restarts"),
                     text_of(stage, "LastFailure"));
    }
}

static void
judge_stage(struct health *health, const struct instance *stage)
{
    char what[240];
    const char *hint = "Packets are treated as OnFailure says; xvsctl event "
                       "has the reason.";

    snprintf(what, sizeof what, "stage %.80s of switch %.80s",
             text_of(stage, "ExtensionName"), text_of(stage, "SwitchName"));
    if (is(stage, "State", "stuck")) {
        hint = "It does not answer; packets go on through it.  xvsctl ext "
               "disable abandons it.";
    }
    if (!is(stage, "State", "running")) {
        findings_add(health->findings, FINDING_ERROR, what, hint, "is %s",
                     text_of(stage, "State"));
        return;
    }
    if (instance_u64(stage, "Away")) {
        findings_add(health->findings, FINDING_WARNING, what,
                     "Its partner gets its packets until it is back.",
                     "is away");
    }
    judge_process(health, stage, what);
}

static void
judge_port(struct health *health, const struct instance *port)
{
    char what[200];

    if (is(port, "State", "gone") || is(port, "State", "absent")) {
        snprintf(what, sizeof what, "port %.80s/%.80s",
                 text_of(port, "SwitchName"), text_of(port, "Name"));
        findings_add(health->findings, FINDING_ERROR, what,
                     "Bring its interface back; the port follows by itself.",
                     "is %s: %s", text_of(port, "State"),
                     text_of(port, "StateText"));
    }
}

static void
judge_setting(struct health *health, const struct instance *setting)
{
    bool is_refused = is(setting, "SettingState", "refused");

    if (health->n_settings++ >= SETTINGS_SHOWN) {
        return;
    }
    findings_add(health->findings, FINDING_WARNING,
                 text_of(setting, "InstanceID"),
                 is_refused ? "Its extension refused it at the last start: "
                              "set it again, or remove it."
                            : "Its extension is absent: xvsctl ext enable.",
                 "the setting is %s", text_of(setting, "SettingState"));
}

static void
judge_event(struct health *health, const struct instance *event)
{
    const struct value *when = instance_get(event, "Time");
    char time[DATETIME_TEXT_SIZE];

    if (!when || when->is_null
        || strncmp(datetime_format(when->t, time), health->since, 14) < 0) {
        return;
    }
    health->n_events++;
    snprintf(health->last_event, sizeof health->last_event, "%s: %s",
             text_of(event, "Kind"), text_of(event, "Text"));
}

/* A judge and the health that it adds to. */
struct judging {
    struct health *health;
    judge judge;
};

static bool
take(void *arg, struct instance *object, const struct path *path,
     struct error *error)
{
    struct judging *judging = arg;

    (void) path;
    (void) error;
    judging->judge(judging->health, object);
    instance_destroy(object);
    return true;
}

static void
conclude(struct health *health)
{
    if (health->n_settings > SETTINGS_SHOWN) {
        findings_add(health->findings, FINDING_WARNING, "settings",
                     "xvsctl wql \"SELECT * FROM XVS_FeatureSettings WHERE "
                     "SettingState <> 'in-force'\" lists them.",
                     "%u more are not in force",
                     health->n_settings - SETTINGS_SHOWN);
    }
    if (health->n_events) {
        findings_add(health->findings, FINDING_WARNING, "events",
                     "xvsctl event lists them.",
                     "%u errors within the last hour; the last one: %s",
                     health->n_events, health->last_event);
    }
}

bool
health_find(struct run *run, struct findings *findings)
{
    static const struct {
        judge judge;
        const char *query;
    } questions[] = {
        { judge_host, "SELECT * FROM XVS_Host" },
        { judge_extension, "SELECT * FROM XVS_Extension" },
        { judge_stage, "SELECT * FROM XVS_Stage" },
        { judge_port, "SELECT * FROM XVS_Port WHERE State <> 'up'" },
        { judge_setting, "SELECT * FROM XVS_FeatureSettings WHERE "
          "SettingState <> 'in-force'" },
        { judge_event, "SELECT * FROM XVS_Event WHERE Severity = 'error'" },
    };
    struct health health = { .run = run, .findings = findings };
    struct cim_client *client = run_client(run);
    time_t hour_ago = time(NULL) - RECENT_S;
    struct tm tm;

    if (!client) {
        return false;
    }
    strftime(health.since, sizeof health.since, "%Y%m%d%H%M%S",
             gmtime_r(&hour_ago, &tm));
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct judging judging = { &health, questions[i].judge };

        if (!cim_client_query(client, questions[i].query, take, &judging,
                              &run->error)) {
            return false;
        }
    }
    conclude(&health);
    findings_sort(findings);
    return true;
}
