/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How fast settings become durable, against what the disk can do.
 *
 *     bench-durable SOCKET FOLDER XVSD-PID SWITCH-PID INSTANCE-ID...
 *
 * Rounds are interleaved, so that a ratio holds when the machine's speed
 * drifts: a bare loop of write + fsync + rename in FOLDER, then one client
 * that sets a property of the first setting again and again (CIM-XML, object,
 * extension, journal), then 64 clients, spread over all the settings named.
 * Each client is a connection of its own that sends its next request when it
 * has read the whole answer to the one before.
 *
 * What 64 clients cost, of CPU time (microseconds per setting) and of system
 * calls, is told for each process: that holds also on a busy machine.  System
 * calls are counted in a round of their own, by the kernel's tracepoint, where
 * we may ("-": not).
 */

#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 64
#define ROUNDS 5
#define SECONDS 0.6
#define PROCESSES 3         /* we, xvsd, xvs-switch */
#define THREADS 16          /* of one process, that are counted */

struct client {
    int fd;                 /* connection to xvsd */
    const char *id;         /* InstanceID of the setting it changes */
    unsigned int value;     /* what it sets next */
    size_t size;            /* bytes of the request */
    char *digits;           /* where the value is in it */
    char request[4096];     /* head and body */
    size_t have;            /* bytes of the answer so far */
    char answer[8192];      /* the answer */
};

/* What a run of 64 clients has cost. */
struct cost {
    double rate;                /* settings per second */
    double cpu[PROCESSES];      /* microseconds per setting */
};

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec * 1e-9;
}

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

/* write + fsync + rename, as a program would that keeps one small file. */
static double
bare_rate(const char *folder)
{
    static char data[2000];
    char from[512], to[512];
    double start = now(), end = start + SECONDS;
    unsigned int n = 0;

    snprintf(from, sizeof from, "%s/bare.tmp", folder);
    snprintf(to, sizeof to, "%s/bare", folder);
    while (now() < end) {
        int fd = open(from, O_CREAT | O_TRUNC | O_WRONLY, 0644);

        if (fd < 0 || write(fd, data, sizeof data) != sizeof data
            || fsync(fd) != 0 || close(fd) != 0 || rename(from, to) != 0) {
            die(from);
        }
        n++;
    }
    unlink(to);
    return n / (now() - start);
}

static int
dial(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0
        || connect(fd, (struct sockaddr *) &address, sizeof address) != 0) {
        die(path);
    }
    return fd;
}

/* The request, with five digits for the value. */
static void
prepare(struct client *client)
{
    static const char head[] =
        "POST /cimom HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/xml; charset=\"utf-8\"\r\nContent-Length: %d\r\n\r\n%s";
    char body[3072];
    int size = snprintf(body, sizeof body,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
        "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
        "PROTOCOLVERSION=\"1.0\"><SIMPLEREQ><IMETHODCALL NAME=\""
        "ModifyInstance\"><LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/>"
        "<NAMESPACE NAME=\"xvs\"/></LOCALNAMESPACEPATH><IPARAMVALUE NAME=\""
        "ModifiedInstance\"><VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME=\""
        "XVS_AclSwitchRule\"><KEYBINDING NAME=\"InstanceID\"><KEYVALUE>%s"
        "</KEYVALUE></KEYBINDING></INSTANCENAME><INSTANCE CLASSNAME=\""
        "XVS_AclSwitchRule\"><PROPERTY NAME=\"Priority\" TYPE=\"uint32\">"
        "<VALUE>00000</VALUE></PROPERTY></INSTANCE></VALUE.NAMEDINSTANCE>"
        "</IPARAMVALUE><IPARAMVALUE NAME=\"PropertyList\"><VALUE.ARRAY>"
        "<VALUE>Priority</VALUE></VALUE.ARRAY></IPARAMVALUE></IMETHODCALL>"
        "</SIMPLEREQ></MESSAGE></CIM>", client->id);

    client->size = (size_t) snprintf(client->request, sizeof client->request,
                                     head, size, body);
    client->digits = strstr(client->request, "<VALUE>00000") + 7;
}

static void
send_set(struct client *client)
{
    unsigned int value = 10000 + client->value++ % 9999;

    for (int i = 4; i >= 0; i--, value /= 10) {
        client->digits[i] = (char) ('0' + value % 10);
    }
    client->have = 0;
    if (write(client->fd, client->request, client->size)
        != (ssize_t) client->size) {
        die("write");
    }
}

/* Reads on; 1 when the answer is whole. */
static int
receive(struct client *client)
{
    ssize_t n = read(client->fd, client->answer + client->have,
                     sizeof client->answer - 1 - client->have);
    const char *body, *length;

    if (n <= 0) {
        die("read");
    }
    client->have += (size_t) n;
    client->answer[client->have] = 0;
    body = strstr(client->answer, "\r\n\r\n");
    length = strstr(client->answer, "Content-Length:");
    if (!body || !length
        || client->have < (size_t) (body + 4 - client->answer)
               + strtoul(length + 15, NULL, 10)) {
        return 0;
    }
    if (strncmp(client->answer, "HTTP/1.1 200 ", 13) != 0
        || strstr(body, "<ERROR") || !strstr(body, "</IMETHODRESPONSE>")) {
        fprintf(stderr, "bench-durable: %s\n", client->answer);
        exit(1);
    }
    return 1;
}

/* Settings per second; 'n' gets how many there were. */
static double
set_rate(struct client *clients, unsigned int n_clients, unsigned int *n)
{
    struct epoll_event events[CLIENTS];
    int epoll = epoll_create1(EPOLL_CLOEXEC), ready;
    double start = now(), end = start + SECONDS;
    unsigned int running = n_clients;

    *n = 0;
    for (unsigned int i = 0; i < n_clients; i++) {
        struct epoll_event event = { .events = EPOLLIN,
                                     .data.ptr = &clients[i] };

        epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event);
        send_set(&clients[i]);
    }
    while (running) {
        ready = epoll_wait(epoll, events, CLIENTS, 5000);
        if (ready <= 0) {
            die("no answer");
        }
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;

            if (!receive(client)) {
                continue;
            }
            ++*n;
            if (now() < end) {
                send_set(client);
            } else {
                running--;
            }
        }
    }
    close(epoll);
    return *n / (now() - start);
}

/* CPU time of a process so far, user and system, in microseconds. */
static double
cpu_time(pid_t pid)
{
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0
        || clock_gettime(clock, &time) != 0) {
        return 0;
    }
    return (double) time.tv_sec * 1e6 + (double) time.tv_nsec * 1e-3;
}

static struct cost
measure(struct client *clients, const pid_t *pids)
{
    struct cost cost;
    unsigned int n;

    for (int i = 0; i < PROCESSES; i++) {
        cost.cpu[i] = -cpu_time(pids[i]);
    }
    cost.rate = set_rate(clients, CLIENTS, &n);
    for (int i = 0; i < PROCESSES; i++) {
        cost.cpu[i] = (cost.cpu[i] + cpu_time(pids[i])) / n;
    }
    return cost;
}

/* ---- System calls ------------------------------------------------------- */

/* A counter of a thread's system calls, or -1. */
static int
counter_open(pid_t thread)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_TRACEPOINT, .size = sizeof attributes,
    };
    FILE *file = fopen("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
                       "r");
    unsigned long long id = 0;

    if (!file || fscanf(file, "%llu", &id) != 1) {
        id = 0;
    }
    if (file) {
        fclose(file);
    }
    attributes.config = id;
    return id ? (int) syscall(SYS_perf_event_open, &attributes, thread, -1,
                              -1, PERF_FLAG_FD_CLOEXEC) : -1;
}

/* Counters of all threads of a process; returns how many. */
static int
counters_open(pid_t pid, int counters[THREADS])
{
    char path[64];
    DIR *folder;
    int n = 0;

    snprintf(path, sizeof path, "/proc/%d/task", (int) pid);
    folder = opendir(path);
    for (struct dirent *entry; folder && n < THREADS
         && (entry = readdir(folder));) {
        pid_t thread = (pid_t) atoi(entry->d_name);

        counters[n] = thread ? counter_open(thread) : -1;
        n += counters[n] >= 0;
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

static void
count_calls(struct client *clients, const pid_t *pids)
{
    static const char *const names[] = { "client", "xvsd", "xvs-switch" };
    int counters[PROCESSES][THREADS], n[PROCESSES];
    unsigned int settings;

    for (int i = 0; i < PROCESSES; i++) {
        n[i] = counters_open(pids[i], counters[i]);
    }
    set_rate(clients, CLIENTS, &settings);
    printf("system calls per setting:");
    for (int i = 0; i < PROCESSES; i++) {
        uint64_t all = 0, count;

        for (int k = 0; k < n[i]; k++) {
            if (read(counters[i][k], &count, sizeof count) > 0) {
                all += count;
            }
            close(counters[i][k]);
        }
        if (n[i]) {
            printf(" %s %.2f", names[i], (double) all / settings);
        } else {
            printf(" %s -", names[i]);
        }
    }
    printf("\n");
}

int
main(int argc, char **argv)
{
    static struct client clients[CLIENTS];
    pid_t pids[PROCESSES] = { getpid() };

    if (argc < 6) {
        fprintf(stderr, "usage: bench-durable SOCKET FOLDER XVSD-PID "
                "SWITCH-PID INSTANCE-ID...\n");
        return 2;
    }
    pids[1] = (pid_t) atoi(argv[3]);
    pids[2] = (pid_t) atoi(argv[4]);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].fd = dial(argv[1]);
        clients[i].id = argv[5 + i % (argc - 5)];
        prepare(&clients[i]);
    }
    printf("%8s %9s %6s %10s %6s   us/setting: %6s %6s %6s %6s\n", "bare/s",
           "1 client", "ratio", "64 clients", "ratio", "client", "xvsd",
           "switch", "all");
    for (int round = 0; round < ROUNDS; round++) {
        unsigned int n;
        double bare = bare_rate(argv[2]);
        double one = set_rate(clients, 1, &n);
        struct cost many = measure(clients, pids);

        printf("%8.0f %9.0f %6.2f %10.0f %6.2f %21.1f %6.1f %6.1f %6.1f\n",
               bare, one, one / bare, many.rate, many.rate / bare,
               many.cpu[0], many.cpu[1], many.cpu[2],
               many.cpu[0] + many.cpu[1] + many.cpu[2]);
    }
    count_calls(clients, pids);
    return 0;
}
