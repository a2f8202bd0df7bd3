/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How fast settings become durable, against what the disk can do.
 *
 *     bench-durable SOCKET FOLDER INSTANCE-ID...
 *
 * Rounds are interleaved, so that a ratio holds when the machine's speed
 * drifts: a bare loop of write + fsync + rename in FOLDER, then one client
 * that sets a property of the first setting again and again (CIM-XML, object,
 * extension, journal), then 64 clients, spread over all the settings named.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 64
#define ROUNDS 5
#define SECONDS 0.6

struct client {
    int fd;                 /* connection to xvsd */
    const char *id;         /* InstanceID of the setting it changes */
    unsigned int value;     /* what it sets next */
    size_t have;            /* bytes of the answer so far */
    char answer[8192];      /* the answer */
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

static void
send_set(struct client *client)
{
    char body[4096], head[256];
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
        "<VALUE>%u</VALUE></PROPERTY></INSTANCE></VALUE.NAMEDINSTANCE>"
        "</IPARAMVALUE><IPARAMVALUE NAME=\"PropertyList\"><VALUE.ARRAY>"
        "<VALUE>Priority</VALUE></VALUE.ARRAY></IPARAMVALUE></IMETHODCALL>"
        "</SIMPLEREQ></MESSAGE></CIM>", client->id, 1 + client->value % 9999);
    int head_size = snprintf(head, sizeof head,
        "POST /cimom HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/xml; charset=\"utf-8\"\r\nContent-Length: %d\r\n\r\n",
        size);
    char message[sizeof head + sizeof body];

    memcpy(message, head, (size_t) head_size);
    memcpy(message + head_size, body, (size_t) size);
    client->value++;
    client->have = 0;
    if (write(client->fd, message, (size_t) (head_size + size)) < 0) {
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
    length = strcasestr(client->answer, "Content-Length:");
    if (!body || !length
        || client->have < (size_t) (body + 4 - client->answer)
               + strtoul(length + 15, NULL, 10)) {
        return 0;
    }
    if (strstr(body, "<ERROR")) {
        fprintf(stderr, "bench-durable: %s\n", body);
        exit(1);
    }
    return 1;
}

static double
set_rate(struct client *clients, unsigned int n_clients)
{
    struct pollfd polls[CLIENTS];
    double start = now(), end = start + SECONDS;
    unsigned int done = 0, running = n_clients;

    for (unsigned int i = 0; i < n_clients; i++) {
        polls[i] = (struct pollfd) { clients[i].fd, POLLIN, 0 };
        send_set(&clients[i]);
    }
    while (running) {
        if (poll(polls, n_clients, 5000) <= 0) {
            die("poll");
        }
        for (unsigned int i = 0; i < n_clients; i++) {
            if (!polls[i].revents || !receive(&clients[i])) {
                continue;
            }
            done++;
            if (now() < end) {
                send_set(&clients[i]);
            } else {
                polls[i].fd = -1;
                running--;
            }
        }
    }
    return done / (now() - start);
}

int
main(int argc, char **argv)
{
    static struct client clients[CLIENTS];

    if (argc < 4) {
        fprintf(stderr, "usage: bench-durable SOCKET FOLDER INSTANCE-ID...\n");
        return 2;
    }
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].fd = dial(argv[1]);
        clients[i].id = argv[3 + i % (argc - 3)];
    }
    printf("%12s %12s %8s %12s %8s\n", "bare/s", "1 client/s", "ratio",
           "64 clients/s", "ratio");
    for (int round = 0; round < ROUNDS; round++) {
        double bare = bare_rate(argv[2]);
        double one = set_rate(clients, 1);
        double many = set_rate(clients, CLIENTS);

        printf("%12.0f %12.0f %8.2f %12.0f %8.2f\n", bare, one, one / bare,
               many, many / bare);
    }
    return 0;
}
