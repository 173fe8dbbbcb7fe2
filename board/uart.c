// SPDX-License-Identifier: MIT
#include "board/uart.h"

#include <stdlib.h>

#include "board/machine.h"
#include "board/world.h"

static struct board_uart uarts[BOARD_UARTS];

struct board_uart *board_uart(int number) {
    return &uarts[number];
}

static void went_quiet(void *context) {
    struct board_uart *uart = context;
    if (uart->idle != NULL) {
        uart->idle(uart->context);
    }
}

// What does not fit is lost, as in hardware without flow control.
static void receive(void *context, uint8_t byte) {
    struct board_uart *uart = context;
    if (uart->count < uart->size) {
        uart->received[(uart->first + uart->count++) % uart->size] = byte;
    }
    if (uart->arrived != NULL) {
        uart->arrived(uart->context);
    }
    if (uart->idle != NULL) {
        sim_alarm_set(&uart->line.world->clock, &uart->quiet,
                      2 * sim_serial_byte_time(&uart->line), 0);
    }
    board_world_wake();
}

static void stop(struct board_uart *uart) {
    if (uart->open) {
        sim_serial_stop(&uart->line);
        sim_alarm_stop(&uart->line.world->clock, &uart->quiet);
        free(uart->received);
        uart->received = NULL;
        uart->open = false;
    }
}

void board_uart_open(struct board_uart *uart, size_t rxbuf) {
    struct sim_world *world = board_world_enter();
    stop(uart);
    uart->size = rxbuf;
    uart->first = 0;
    uart->count = 0;
    uart->received = malloc(rxbuf);
    uart->line.world = world;
    uart->line.receive = receive;
    uart->line.context = uart;
    uart->quiet.ring = went_quiet;
    uart->quiet.context = uart;
    uart->open = true;
    sim_serial_start(&uart->line);
    board_world_leave();
}

void board_uart_close(struct board_uart *uart) {
    board_world_enter();
    stop(uart);
    uart->arrived = NULL;
    uart->idle = NULL;
    uart->count = 0;
    board_world_leave();
}

size_t board_uart_any(struct board_uart *uart) {
    board_world_enter();
    size_t count = uart->count;
    board_world_leave();
    return count;
}

size_t board_uart_read(struct board_uart *uart, uint8_t *bytes, size_t size) {
    size_t taken = 0;
    board_world_enter();
    while (taken < size && uart->count > 0) {
        bytes[taken++] = uart->received[uart->first];
        uart->first = (uart->first + 1) % uart->size;
        uart->count--;
    }
    board_world_leave();
    return taken;
}

size_t board_uart_write(struct board_uart *uart, const uint8_t *bytes,
                        size_t size) {
    board_world_enter();
    size_t taken = uart->open ? sim_serial_send(&uart->line, bytes, size) : 0;
    board_world_leave();
    return taken;
}

size_t board_uart_queued(struct board_uart *uart) {
    board_world_enter();
    size_t count = sim_serial_queued(&uart->line);
    board_world_leave();
    return count;
}

void board_uart_stop_all(void) {
    for (int i = 0; i < BOARD_UARTS; i++) {
        board_uart_close(&uarts[i]);
    }
}
