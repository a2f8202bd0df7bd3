/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See agent-host.h.
 */

#include <config.h>

#include "agent-host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "link/link-mux.h"
#include "move/loop.h"

struct agent_host world;
static char folder[64], path[96];
/* The agent that is installed is built with another compiler. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

static void
open_wish(struct link_host *host, struct link_wish *wish)
{
    (void) host;
    world.wish = wish;
    world.connections++;
}

static void
forget_wish(struct link_host *host, struct link_wish *wish)
{
    (void) host;
    if (world.wish == wish) {
        world.wish = NULL;
    }
}

static bool
accept_guest(struct link_host *host, struct link *link, uint16_t port,
             struct side *guest, char reason[128])
{
    (void) host;
    (void) link;
    if (port != 77) {
        strcpy(reason, "no route leads there");
        return false;
    }
    world.guest = guest;
    world.guest_port = port;
    return true;
}

/* What the host of the extension does in timer(). */
static void
grant_wish(void)
{
    struct link_wish *wish = world.wish;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (!wish) {
        return;
    }
    world.wish = NULL;
    strcpy(address.sun_path, world.path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0) {
        close(fd);
        wish->opened(wish, -1, strerror(errno));
    } else {
        wish->opened(wish, fd, NULL);
    }
}

static int
listen_anywhere(uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *) &address, size) != 0
        || listen(fd, 1024) != 0
        || getsockname(fd, (struct sockaddr *) &address, &size) != 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* One that nobody listens at: by the agent, soon. */
static uint16_t
free_port(void)
{
    uint16_t port = 0;
    int fd = listen_anywhere(&port);

    close(fd);
    return port;
}

void
world_start_agent(void)
{
    const char *build = getenv("top_builddir");
    char program[4096], allow[128], offer[128];
    char *argv[] = { program, (char *) "--unix", path, (char *) "--user",
                     (char *) "root", (char *) "--allow", allow,
                     (char *) "--offer", offer, NULL };
    char *no_environment[] = { NULL };

    snprintf(program, sizeof(program), "%s/xvs-agent", build ? build : "..");
    if (is_sanitized || access(program, X_OK) != 0) {
        snprintf(program, sizeof(program), "%s/tests/xvs-agent",
                 build ? build : "..");
    }
    snprintf(allow, sizeof(allow), "22=%u,23=1,80=unix:%s/none", world.port,
             folder);
    snprintf(offer, sizeof(offer), "%u=77,unix:%s/o=78", world.offer, folder);
    if (posix_spawn(&world.agent, program, NULL, NULL, argv, no_environment)
        != 0) {
        world.agent = 0;
    }
}

unsigned long
world_agent_memory(void)
{
    char name[64], line[128];
    unsigned long size = 0;
    FILE *file;

    snprintf(name, sizeof(name), "/proc/%d/status", (int) world.agent);
    file = fopen(name, "r");
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            size = strtoul(line + 6, NULL, 10);
        }
    }
    if (file) {
        fclose(file);
    }
    return is_sanitized ? 1 : size;
}

void
world_signal_agent(int number)
{
    kill(world.agent, number);
    if (number == SIGKILL || number == SIGTERM) {
        waitpid(world.agent, NULL, 0);
        world.agent = 0;
    }
}

bool
world_create(bool agent)
{
    struct rlimit limit;
    struct link_mux_config config = { .host = &world.host, .max_streams = 64,
                                      .ask = 200000000 };

    memset(&world, 0, sizeof(world));
    for (int i = 0; i < TALKS; i++) {
        world.talks[i].service = -1;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    strcpy(folder, "/tmp/xvs-agent.XXXXXX");
    if (!mkdtemp(folder)) {
        return false;
    }
    snprintf(path, sizeof(path), "%s/s", folder);
    world.path = path;
    world.listening = listen_anywhere(&world.port);
    world.offer = free_port();
    world.loop = loop_create();
    world.host = (struct link_host) { .loop = world.loop, .open = open_wish,
                                      .forget = forget_wish,
                                      .accept = accept_guest };
    if (agent) {
        world_start_agent();
    }
    world.link = link_mux(&config);
    return world.link && world.listening >= 0 && (!agent || world.agent);
}

void
world_destroy(void)
{
    char name[128];

    for (int i = 0; i < TALKS; i++) {
        struct talk *talk = &world.talks[i];

        link_cancel(&talk->dial);
        if (talk->side) {
            talk->side->class->close(talk->side, true);
        }
        if (talk->service >= 0) {
            close(talk->service);
        }
    }
    if (world.guest) {
        world.guest->class->close(world.guest, true);
    }
    world.link->class->destroy(world.link);
    loop_destroy(world.loop);
    if (world.agent) {
        world_signal_agent(SIGTERM);
    }
    close(world.listening);
    unlink(path);
    snprintf(name, sizeof(name), "%s/o", folder);
    unlink(name);
    rmdir(folder);
}

void
world_turn(void)
{
    struct pollfd wait = { .fd = loop_descriptor(world.loop),
                           .events = POLLIN };

    poll(&wait, 1, 2);
    loop_run(world.loop);
    grant_wish();
}

bool
world_until(bool (*is_so)(void))
{
    time_t end = time(NULL) + 60;
    bool is = is_so();

    while (!is && time(NULL) < end) {
        world_turn();
        is = is_so();
    }
    return is;
}

static void
dialled(struct dial *dial, enum dial_end end, struct side *side,
        const char *reason)
{
    struct talk *talk = (struct talk *) (void *)
        ((char *) dial - offsetof(struct talk, dial));

    talk->ended_dial = true;
    talk->how = end;
    talk->side = side;
    snprintf(talk->reason, sizeof(talk->reason), "%s", reason);
    if (side) {
        side->owner = talk;
    }
}

void
world_dial(struct talk *talk, uint16_t port)
{
    *talk = (struct talk) { .service = -1, .dial.ended = dialled };
    link_dial(world.link, &talk->dial, port);
}

bool
world_pair(struct talk *talk)
{
    uint32_t index = (uint32_t) (talk - world.talks), got;
    time_t end = time(NULL) + 60;

    if (talk->side->class->write(talk->side, &index, 4) != 4) {
        return false;
    }
    while (talk->service < 0 && time(NULL) < end) {
        int fd = accept4(world.listening, NULL, NULL, SOCK_CLOEXEC);

        world_turn();
        if (fd >= 0) {
            struct pollfd wait = { .fd = fd, .events = POLLIN };

            while (poll(&wait, 1, 0) == 0 && time(NULL) < end) {
                world_turn();
            }
            if (recv(fd, &got, 4, MSG_WAITALL) != 4 || got >= TALKS) {
                close(fd);
                return false;
            }
            world.talks[got].service = fd;
        }
    }
    return talk->service >= 0;
}
