// SPDX-License-Identifier: MIT
// What extmod/machine_uart.c includes: an ESP32's UART1 and UART2. UART0 is
// the console, which is a pty here.
#include "board/uart.h"

#include "py/mperrno.h"
#include "py/mphal.h"

#include "board/machine.h"
#include "board/world.h"

enum {
    UART_RX = 1, // IRQ_RX
    UART_RX_IDLE = 0x1000,
    UART_NO_PIN = -1,
    UART_BAUD_MAX = 5000000,
};

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS                                \
    {MP_ROM_QSTR(MP_QSTR_IRQ_RX), MP_ROM_INT(UART_RX)},                        \
        {MP_ROM_QSTR(MP_QSTR_IRQ_RXIDLE), MP_ROM_INT(UART_RX_IDLE)},           \
        {MP_ROM_QSTR(MP_QSTR_INV_TX), MP_ROM_INT(32)},                         \
        {MP_ROM_QSTR(MP_QSTR_INV_RX), MP_ROM_INT(4)},                          \
        {MP_ROM_QSTR(MP_QSTR_INV_RTS), MP_ROM_INT(64)},                        \
        {MP_ROM_QSTR(MP_QSTR_INV_CTS), MP_ROM_INT(8)},                         \
        {MP_ROM_QSTR(MP_QSTR_RTS), MP_ROM_INT(1)},                             \
        {MP_ROM_QSTR(MP_QSTR_CTS), MP_ROM_INT(2)},

struct _machine_uart_obj_t {
    mp_obj_base_t base;
    uint8_t number;
    uint8_t parity; // 0: none, 1: odd, 2: even
    uint8_t stop;
    int tx;
    int rx;
    uint32_t baud;
    uint16_t txbuf;
    uint16_t rxbuf;
    uint16_t timeout;
    uint16_t timeout_char;
    uint16_t trigger;
    uint16_t flags;
    mp_irq_obj_t *irq;
};

MP_REGISTER_ROOT_POINTER(struct _machine_uart_obj_t *board_uarts[3]);

static struct board_uart *uart_of(const machine_uart_obj_t *self) {
    return board_uart(self->number);
}

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in,
                                  mp_print_kind_t kind) {
    static const char *const parities[] = {"None", "1", "0"};
    (void)kind;
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print,
              "UART(%u, baudrate=%u, bits=8, parity=%s, stop=%u, tx=%d, rx=%d, "
              "rts=-1, cts=-1, txbuf=%u, rxbuf=%u, timeout=%u, "
              "timeout_char=%u, irq=%d)",
              self->number, (unsigned)self->baud, parities[self->parity],
              self->stop, self->tx, self->rx, self->txbuf, self->rxbuf,
              self->timeout, self->timeout_char, self->trigger);
}

static void uart_refuse(const mp_arg_val_t *value, const char *why) {
    if (value->u_obj != MP_OBJ_NULL && value->u_obj != mp_const_none) {
        mp_raise_NotImplementedError((mp_rom_error_text_t)why);
    }
}

static void uart_set_limits(machine_uart_obj_t *self, mp_int_t txbuf,
                            mp_int_t rxbuf) {
    if (txbuf > BOARD_UART_RXBUF_MAX || rxbuf > BOARD_UART_RXBUF_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("txbuf, rxbuf: at most 65535"));
    }
    self->txbuf = txbuf >= 0 ? (uint16_t)txbuf : self->txbuf;
    self->rxbuf = rxbuf >= 0 ? (uint16_t)rxbuf : self->rxbuf;
}

static void uart_apply(machine_uart_obj_t *self, bool again) {
    struct board_uart *uart = uart_of(self);
    board_world_enter();
    uart->line.tx = self->tx;
    uart->line.rx = self->rx;
    uart->line.baud = self->baud;
    if (again || !uart->open) {
        board_uart_open(uart, MAX(self->rxbuf, BOARD_UART_RXBUF_MIN));
    }
    board_world_leave();
}

// What init() takes.
enum {
    ARG_baudrate,
    ARG_bits,
    ARG_parity,
    ARG_stop,
    ARG_tx,
    ARG_rx,
    ARG_rts,
    ARG_cts,
    ARG_txbuf,
    ARG_rxbuf,
    ARG_timeout,
    ARG_timeout_char,
    ARG_invert,
    ARG_flow,
};

static const mp_arg_t uart_arguments[] = {
    {MP_QSTR_baudrate, MP_ARG_INT, {.u_int = 0}},
    {MP_QSTR_bits, MP_ARG_INT, {.u_int = 0}},
    {MP_QSTR_parity, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_stop, MP_ARG_INT, {.u_int = 0}},
    {MP_QSTR_tx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_rx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_rts, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_cts, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_txbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_timeout_char, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_invert, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
    {MP_QSTR_flow, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}},
};

static void uart_check(const mp_arg_val_t *args) {
    uart_refuse(&args[ARG_rts], "this board's UARTs have no RTS");
    uart_refuse(&args[ARG_cts], "this board's UARTs have no CTS");
    if (args[ARG_invert].u_int != 0 || args[ARG_flow].u_int != 0) {
        mp_raise_NotImplementedError(
            MP_ERROR_TEXT("this board's UARTs have no invert and no flow"));
    }
    if (args[ARG_bits].u_int != 0 && args[ARG_bits].u_int != 8) {
        mp_raise_ValueError(
            args[ARG_bits].u_int < 5 || args[ARG_bits].u_int > 8
                ? MP_ERROR_TEXT("invalid data bits")
                : MP_ERROR_TEXT("this board's UARTs have 8 bits"));
    }
    if (args[ARG_stop].u_int < 0 || args[ARG_stop].u_int > 2) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid stop bits"));
    }
    if (args[ARG_baudrate].u_int < 0 ||
        args[ARG_baudrate].u_int > UART_BAUD_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid baudrate"));
    }
}

// Speed and frame, as far as they are said.
static void uart_set_frame(machine_uart_obj_t *self, const mp_arg_val_t *args) {
    self->baud = args[ARG_baudrate].u_int > 0
                     ? (uint32_t)args[ARG_baudrate].u_int
                     : self->baud;
    self->stop =
        args[ARG_stop].u_int > 0 ? (uint8_t)args[ARG_stop].u_int : self->stop;
    if (args[ARG_parity].u_obj == mp_const_none) {
        self->parity = 0;
    } else if (args[ARG_parity].u_obj != MP_OBJ_NULL) {
        self->parity = mp_obj_get_int(args[ARG_parity].u_obj) & 1 ? 1 : 2;
    }
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args,
                                        const mp_obj_t *pos_args,
                                        mp_map_t *kw_args) {
    mp_arg_val_t args[MP_ARRAY_SIZE(uart_arguments)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(uart_arguments),
                     uart_arguments, args);
    uart_check(args);
    uart_set_frame(self, args);
    if (args[ARG_tx].u_obj != MP_OBJ_NULL) {
        self->tx = board_pin_number(args[ARG_tx].u_obj);
    }
    if (args[ARG_rx].u_obj != MP_OBJ_NULL) {
        self->rx = board_pin_number(args[ARG_rx].u_obj);
    }
    uart_set_limits(self, args[ARG_txbuf].u_int, args[ARG_rxbuf].u_int);
    self->timeout = args[ARG_timeout].u_int >= 0
                        ? (uint16_t)args[ARG_timeout].u_int
                        : self->timeout;
    self->timeout_char = args[ARG_timeout_char].u_int >= 0
                             ? (uint16_t)args[ARG_timeout_char].u_int
                             : self->timeout_char;
    uart_apply(self, args[ARG_rxbuf].u_int >= 0 || args[ARG_txbuf].u_int >= 0);
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type,
                                         size_t n_args, size_t n_kw,
                                         const mp_obj_t *args) {
    static const int8_t pins[BOARD_UARTS][2] = {{1, 3}, {10, 9}, {17, 16}};
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t number = mp_obj_get_int(args[0]);
    if (number < 0 || number >= BOARD_UARTS) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("UART(%d) does not exist"),
                          (int)number);
    }
    if (number == 0) {
        mp_raise_NotImplementedError(
            MP_ERROR_TEXT("UART(0) is this board's console; take 1 or 2"));
    }
    machine_uart_obj_t *self = mp_obj_malloc(machine_uart_obj_t, type);
    self->number = (uint8_t)number;
    self->parity = 0;
    self->stop = 1;
    self->tx = pins[number][0];
    self->rx = pins[number][1];
    self->baud = 115200;
    self->txbuf = 256;
    self->rxbuf = 256;
    self->timeout = 0;
    self->timeout_char = 0;
    self->trigger = 0;
    self->flags = 0;
    self->irq = NULL;
    board_uart_close(uart_of(self));
    MP_STATE_VM(board_uarts)[number] = self;
    mp_map_t kw_args;
    mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
    mp_machine_uart_init_helper(self, n_args - 1, args + 1, &kw_args);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self) {
    board_uart_close(uart_of(self));
}

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) {
    return (mp_int_t)board_uart_any(uart_of(self));
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self) {
    return board_uart_queued(uart_of(self)) == 0;
}

// In the world, for one of the irq's triggers.
static void uart_interrupt(machine_uart_obj_t *self, uint16_t flag) {
    if ((self->trigger & flag) && self->irq->handler != mp_const_none) {
        self->flags = flag;
        board_interrupt(self->irq->handler, MP_OBJ_FROM_PTR(self));
    }
}

static void uart_arrived(void *context) {
    uart_interrupt(context, UART_RX);
}

static void uart_idle(void *context) {
    uart_interrupt(context, UART_RX_IDLE);
}

static mp_uint_t uart_irq_trigger(mp_obj_t self_in, mp_uint_t trigger) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    struct board_uart *uart = uart_of(self);
    board_world_enter();
    self->trigger = (uint16_t)trigger;
    uart->context = self;
    uart->arrived = trigger & UART_RX ? uart_arrived : NULL;
    uart->idle = trigger & UART_RX_IDLE ? uart_idle : NULL;
    board_world_leave();
    return 0;
}

static mp_uint_t uart_irq_info(mp_obj_t self_in, mp_uint_t type) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return type == MP_IRQ_INFO_FLAGS ? self->flags : self->trigger;
}

static const mp_irq_methods_t uart_irq_methods = {
    .trigger = uart_irq_trigger,
    .info = uart_irq_info,
};

static mp_irq_obj_t *mp_machine_uart_irq(machine_uart_obj_t *self,
                                         bool any_args, mp_arg_val_t *args) {
    if (self->irq == NULL) {
        self->irq = mp_irq_new(&uart_irq_methods, MP_OBJ_FROM_PTR(self));
    }
    if (any_args) {
        mp_obj_t handler = args[MP_IRQ_ARG_INIT_handler].u_obj;
        mp_uint_t trigger = (mp_uint_t)args[MP_IRQ_ARG_INIT_trigger].u_int;
        if (handler != mp_const_none && !mp_obj_is_callable(handler)) {
            mp_raise_ValueError(
                MP_ERROR_TEXT("handler must be None or callable"));
        }
        if (trigger & ~(mp_uint_t)(UART_RX | UART_RX_IDLE)) {
            mp_raise_msg_varg(&mp_type_ValueError,
                              MP_ERROR_TEXT("trigger 0x%04x unsupported"),
                              (unsigned)trigger);
        }
        if (args[MP_IRQ_ARG_INIT_hard].u_bool) {
            mp_raise_ValueError(MP_ERROR_TEXT("hard IRQ is not supported"));
        }
        self->irq->handler = handler;
        uart_irq_trigger(MP_OBJ_FROM_PTR(self), trigger);
    }
    return self->irq;
}

// As an ESP32's driver does: it waits until all that was asked for is there,
// or `timeout` is over, and gives what there is.
static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *bytes,
                                      mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    struct board_uart *uart = uart_of(self);
    mp_uint_t start = mp_hal_ticks_ms();
    size_t got = board_uart_read(uart, bytes, size);
    while (got < size) {
        mp_uint_t passed = mp_hal_ticks_ms() - start;
        if (passed >= self->timeout || !uart->open) {
            break;
        }
        mp_event_wait_ms(self->timeout - passed);
        got += board_uart_read(uart, (uint8_t *)bytes + got, size - got);
    }
    if (got == 0 && size > 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return got;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *bytes,
                                       mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    struct board_uart *uart = uart_of(self);
    size_t put = board_uart_write(uart, bytes, size);
    while (put < size && uart->open) {
        mp_event_wait_ms(1);
        put += board_uart_write(uart, (const uint8_t *)bytes + put, size - put);
    }
    if (put == 0 && size > 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return put;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request,
                                       uintptr_t arg, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    struct board_uart *uart = uart_of(self);
    if (request == MP_STREAM_POLL) {
        uintptr_t ready = arg & MP_STREAM_POLL_WR;
        if ((arg & MP_STREAM_POLL_RD) && board_uart_any(uart) > 0) {
            ready |= MP_STREAM_POLL_RD;
        }
        return ready;
    }
    if (request == MP_STREAM_FLUSH) {
        while (board_uart_queued(uart) > 0) {
            mp_event_wait_ms(1);
        }
        return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}
