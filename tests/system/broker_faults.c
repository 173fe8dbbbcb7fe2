// SPDX-License-Identifier: MIT
// broker_faults PORT SEED COUNT: a session, its queue and its link against a
// real broker on this machine, over a line that fails, in the ways of
// tests/core/mqtt/test_faults.c: first one fault after the other in every way,
// COUNT of them spread over all positions (0: all there are), then as many
// pairs of faults by chance from SEED. What the client publishes comes back to
// it, so that what is lost or doubled in either direction is seen. A line that
// swallows what is said stays open until the next connection has been made, so
// that the broker meets half-open ones, too.
//
// Prints how many faults happened, or the one that failed.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/core/mqtt/fault_world.h"
#include "tests/core/test.h"

enum {
    POSITIONS = 450, // no run says more than so many bytes in one direction
    WAIT_MS = 20,    // for the broker, in one look
    PLAY_S = 60,     // that one run may take
};

struct socket_peer {
    uint16_t port;
    int fd;   // -1: none
    int left; // of a connection that the broker believes in, or -1
};

static struct {
    struct fault faults[FAULTS];
    int count;
} playing;

static void too_long(int number) {
    (void)number;
    fputs("faults: no end of\n", stderr);
    fault_print(playing.faults, playing.count);
    _exit(EXIT_FAILURE);
}

static struct socket_peer *peer_of(const struct fault_world *world) {
    return world->data;
}

static void close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void open_socket(struct fault_world *world) {
    struct socket_peer *peer = peer_of(world);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(peer->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int on = 1;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(peer->fd >= 0);
    assert_int_equal(
        connect(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void close_socket(struct fault_world *world) {
    struct socket_peer *peer = peer_of(world);
    if (world->line.hole) {
        close_fd(&peer->left);
        peer->left = peer->fd;
        peer->fd = -1;
    }
    close_fd(&peer->fd);
}

static void hang_up(struct fault_world *world) {
    close_fd(&peer_of(world)->fd);
    world->line.open = false;
}

static void send_out(struct fault_world *world) {
    size_t size = fault_line_available(world, FAULT_TO_BROKER);
    const uint8_t *data = world->line.bytes[FAULT_TO_BROKER];
    ssize_t sent = send(peer_of(world)->fd, data, size, MSG_NOSIGNAL);
    if (sent < 0) {
        hang_up(world);
        return;
    }
    fault_line_taken(world, FAULT_TO_BROKER, (size_t)sent);
}

static void take_in(struct fault_world *world) {
    struct socket_peer *peer = peer_of(world);
    struct pollfd look = {.fd = peer->fd, .events = POLLIN};
    bool busy = world->line.size[0] + world->line.size[1] > 0;
    uint8_t data[FAULT_LINE / 2];
    if (world->line.hole || world->line.size[FAULT_TO_CLIENT] > sizeof data ||
        poll(&look, 1, busy ? 0 : WAIT_MS) <= 0) {
        return;
    }
    ssize_t size = recv(peer->fd, data, sizeof data, 0);
    if (size <= 0) {
        hang_up(world);
        return;
    }
    fault_line_put(world, FAULT_TO_CLIENT, data, (size_t)size);
}

static void run_socket(struct fault_world *world) {
    if (fault_line_available(world, FAULT_TO_BROKER) > 0) {
        send_out(world);
    }
    if (world->line.open) {
        take_in(world);
    }
}

// Each number came back at its QoS.
static bool is_all_back(const struct fault_world *world) {
    bool back[FAULT_UP] = {false};
    size_t count = 0;
    for (size_t i = 0; i < world->client.received_count; ++i) {
        uint8_t number = world->client.received[i];
        count += !back[number];
        back[number] = true;
    }
    return count == FAULT_UP;
}

static const struct fault_peer broker = {open_socket, close_socket, run_socket,
                                         is_all_back};

// Returns how many of the faults happened.
static int play(uint16_t port, const struct fault *faults, int count) {
    static struct fault_world world;
    static unsigned plays;
    static char name[40];
    struct socket_peer peer = {port, -1, -1};
    snprintf(name, sizeof name, "faults-%d-%u", (int)getpid(), plays++);
    memcpy(playing.faults, faults, (size_t)count * sizeof *faults);
    playing.count = count;
    world.peer = &broker;
    world.data = &peer;
    world.name = world.topic = world.filter = name;
    alarm(PLAY_S);
    fault_world_init(&world, faults, count);
    fault_world_play(&world);
    fault_check_arrived(world.client.received, world.client.received_qos,
                        world.client.received_count, FAULT_UP);
    close_fd(&peer.fd);
    close_fd(&peer.left);
    alarm(0);
    playing.count = 0;
    return world.fault;
}

static struct {
    uint16_t port;
    uint64_t chance;
    unsigned count;
} options;

static uint32_t roll(uint32_t sides) {
    options.chance = options.chance * 6364136223846793005u + 1;
    return (uint32_t)(options.chance >> 33) % sides;
}

static int report(void **state) {
    (void)state;
    fault_print(playing.faults, playing.count);
    return 0;
}

static void one_fault(void **state) {
    (void)state;
    unsigned all = FAULT_KINDS * 2 * POSITIONS, happened = 0, played = 0;
    unsigned step = options.count == 0 ? 1 : all / options.count;
    for (unsigned i = roll(step); i < all; i += step) {
        struct fault fault = {(enum fault_kind)(i % FAULT_KINDS),
                              (enum fault_direction)(i / FAULT_KINDS % 2),
                              i / FAULT_KINDS / 2};
        happened += (unsigned)play(options.port, &fault, 1);
        played++;
    }
    printf("faults: %u of %u happened\n", happened, played);
    assert_true(happened > played / 3);
}

static void two_faults(void **state) {
    (void)state;
    unsigned happened = 0;
    unsigned count = options.count == 0 ? 10000 : options.count;
    for (unsigned i = 0; i < count; i++) {
        struct fault faults[FAULTS];
        for (int j = 0; j < FAULTS; j++) {
            faults[j] = (struct fault){(enum fault_kind)roll(FAULT_KINDS),
                                       (enum fault_direction)roll(2),
                                       roll(j == 0 ? 300 : 200)};
        }
        happened += play(options.port, faults, FAULTS) == FAULTS;
    }
    printf("faults: %u pairs of %u happened\n", happened, count);
    assert_true(happened > count / 3);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(one_fault, report),
        cmocka_unit_test_teardown(two_faults, report),
    };
    if (argc != 4) {
        fputs("broker_faults PORT SEED COUNT\n", stderr);
        return 2;
    }
    signal(SIGALRM, too_long);
    options.port = (uint16_t)atoi(argv[1]);
    options.chance = strtoull(argv[2], NULL, 10);
    options.count = (unsigned)atoi(argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
