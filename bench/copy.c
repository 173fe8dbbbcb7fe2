// SPDX-License-Identifier: MIT
// The yardstick of an update's speed: what plain C needs to bring the same
// bytes from the same broker into a file. Subscribes to a topic, writes the
// payload of the first PUBLISH to a file as it arrives and syncs it.
//
//     copy HOST PORT USER PASSWORD TOPIC FILE
//
// Prints "<bytes> <seconds>" from the SUBSCRIBE sent to the file synced.
// Speaks just enough MQTT 5 (OASIS, 3.1, 3.8, 3.3) over a plain socket, so
// that no library buffers the payload in memory.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void check(int ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "copy: %s failed\n", what);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int open_link(const char *host, const char *port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    check(getaddrinfo(host, port, &hints, &found) == 0, "look-up");
    int link = socket(found->ai_family, SOCK_STREAM, 0);
    check(connect(link, found->ai_addr, found->ai_addrlen) == 0, "connect");
    freeaddrinfo(found);
    return link;
}

static uint8_t *put_string(uint8_t *at, const char *text) {
    size_t size = strlen(text);
    *at++ = (uint8_t)(size >> 8);
    *at++ = (uint8_t)size;
    memcpy(at, text, size);
    return at + size;
}

// Sends a packet whose remaining length fits one byte.
static void send_packet(int link, uint8_t first, const uint8_t *body,
                        size_t size) {
    uint8_t header[2] = {first, (uint8_t)size};
    check(size < 128, "short packet");
    check(write(link, header, 2) == 2, "write");
    check(write(link, body, size) == (ssize_t)size, "write");
}

static void send_connect(int link, const char *user, const char *password) {
    uint8_t body[128];
    uint8_t *at = put_string(body, "MQTT");
    *at++ = 5;
    *at++ = 0xc2; // user name, password, clean start
    *at++ = 0;
    *at++ = 60; // keep alive
    *at++ = 0;  // no properties
    at = put_string(at, "bench-copy");
    at = put_string(at, user);
    at = put_string(at, password);
    send_packet(link, 0x10, body, (size_t)(at - body));
}

static void send_subscribe(int link, const char *topic) {
    uint8_t body[128] = {0, 1, 0};
    uint8_t *at = put_string(body + 3, topic);
    *at++ = 0; // QoS 0
    send_packet(link, 0x82, body, (size_t)(at - body));
}

static void read_all(int link, uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t count = read(link, data, size);
        check(count > 0, "read");
        data += count;
        size -= (size_t)count;
    }
}

static uint8_t read_byte(int link) {
    uint8_t byte;
    read_all(link, &byte, 1);
    return byte;
}

static size_t read_length(int link) {
    size_t length = 0;
    int shift = 0;
    uint8_t byte;
    do {
        byte = read_byte(link);
        length |= (size_t)(byte & 127) << shift;
        shift += 7;
    } while (byte & 128);
    return length;
}

static void skip(int link, size_t size) {
    for (; size > 0; --size) {
        read_byte(link);
    }
}

// Reads a PUBLISH's topic and properties at QoS 0. Returns the payload's size.
static size_t read_publish(int link, size_t length) {
    uint8_t size[2];
    read_all(link, size, 2);
    size_t topic = (size_t)(size[0] << 8 | size[1]);
    skip(link, topic);
    uint8_t properties = read_byte(link);
    skip(link, properties);
    return length - 2 - topic - 1 - properties;
}

static void copy(int link, int file, size_t size) {
    static uint8_t chunk[4096];
    while (size > 0) {
        size_t want = size < sizeof chunk ? size : sizeof chunk;
        ssize_t count = read(link, chunk, want);
        check(count > 0, "read");
        check(write(file, chunk, (size_t)count) == count, "write");
        size -= (size_t)count;
    }
    check(fsync(file) == 0, "sync");
}

int main(int argc, char **argv) {
    check(argc == 7, "usage: copy HOST PORT USER PASSWORD TOPIC FILE;");
    int link = open_link(argv[1], argv[2]);
    int file = open(argv[6], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    check(file >= 0, "open");
    send_connect(link, argv[3], argv[4]);
    double start = now();
    send_subscribe(link, argv[5]);
    for (;;) {
        uint8_t type = read_byte(link) >> 4;
        size_t length = read_length(link);
        if (type == 3) {
            size_t size = read_publish(link, length);
            copy(link, file, size);
            printf("%zu %.6f\n", size, now() - start);
            return 0;
        }
        skip(link, length);
    }
}
