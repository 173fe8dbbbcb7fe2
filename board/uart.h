// SPDX-License-Identifier: MIT
// The UARTs' hardware: a line end and a receive buffer each.
#ifndef BOARD_UART_H
#define BOARD_UART_H

#include "sim/serial.h"

enum {
    BOARD_UARTS = 3,
    BOARD_UART_RXBUF_MIN = 256,
    BOARD_UART_RXBUF_MAX = 65535,
};

struct board_uart {
    struct sim_serial line;
    bool open;
    uint8_t *received; // a ring of `size` bytes
    size_t size;
    size_t first;
    size_t count;
    void (*arrived)(void *context); // a byte came, or was lost
    void (*idle)(void *context);    // nothing came for the time of two bytes
    void *context;
    struct sim_alarm quiet; // private
};

// The UART of that number, 0 to BOARD_UARTS - 1.
struct board_uart *board_uart(int number);

// Opens it anew with a buffer of so many bytes; pins and rate are those of
// line.
void board_uart_open(struct board_uart *uart, size_t rxbuf);
void board_uart_close(struct board_uart *uart);

size_t board_uart_any(struct board_uart *uart);
size_t board_uart_read(struct board_uart *uart, uint8_t *bytes, size_t size);
size_t board_uart_write(struct board_uart *uart, const uint8_t *bytes,
                        size_t size);

// How many bytes wait to be sent.
size_t board_uart_queued(struct board_uart *uart);

#endif
