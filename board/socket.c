// SPDX-License-Identifier: MIT
// The module socket as an ESP32 has it, over the host's sockets: addresses are
// (host, port) tuples, IPv4 alone, at most 16 sockets, and all of it works
// only while the radio has joined its network.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "board/wlan.h"

enum {
    SOCKETS_MAX = 16, // lwIP's of a stock ESP32
    LISTEN_DEFAULT = 5,
    FOR_EVER = -1,
};

typedef struct {
    mp_obj_base_t base;
    int fd;         // -1: closed
    int timeout_ms; // FOR_EVER; 0: does not block
    unsigned link;  // board_wlan_links() when it was connected
    bool connected;
} socket_t;

extern const mp_obj_type_t board_socket_type;

static int open_sockets;

static socket_t *new_socket(int fd) {
    socket_t *self = mp_obj_malloc_with_finaliser(socket_t, &board_socket_type);
    self->fd = fd;
    self->timeout_ms = FOR_EVER;
    self->connected = false;
    open_sockets++;
    return self;
}

static void need_room(void) {
    if (open_sockets >= SOCKETS_MAX) {
        mp_raise_OSError(MP_ENFILE);
    }
}

static void check(int result) {
    if (result < 0) {
        mp_raise_OSError(errno);
    }
}

// The errno of a connection that went with its link, else 0.
static int link_error(const socket_t *self) {
    if (self->fd < 0) {
        return MP_EBADF;
    }
    bool gone = self->connected && self->link != board_wlan_links();
    return gone ? MP_ECONNABORTED : 0;
}

static void note_link(socket_t *self) {
    self->link = board_wlan_links();
    self->connected = true;
}

// Waits until the descriptor is ready, at most until the socket's timeout
// after start. Returns 0 or an errno.
static int wait_ready(const socket_t *self, short events, mp_uint_t start) {
    struct pollfd ready = {.fd = self->fd, .events = events};
    for (;;) {
        mp_uint_t passed = mp_hal_ticks_ms() - start;
        if (self->timeout_ms != FOR_EVER &&
            passed >= (mp_uint_t)self->timeout_ms) {
            return self->timeout_ms == 0 ? MP_EAGAIN : MP_ETIMEDOUT;
        }
        int left =
            self->timeout_ms == FOR_EVER ? -1 : self->timeout_ms - (int)passed;
        MP_THREAD_GIL_EXIT();
        int count = poll(&ready, 1, left);
        int error = errno;
        MP_THREAD_GIL_ENTER();
        mp_handle_pending(true);
        if (count > 0) {
            return link_error(self);
        }
        if (count < 0 && error != EINTR) {
            return error;
        }
    }
}

// Addresses

static void resolve(const char *host, mp_int_t port,
                    struct sockaddr_in *address) {
    enum { LWIP_EAI_FAIL = -202 };
    struct addrinfo hints = {.ai_family = AF_INET};
    struct addrinfo *found = NULL;
    if (!board_wlan_is_joined()) {
        mp_raise_OSError(LWIP_EAI_FAIL);
    }
    MP_THREAD_GIL_EXIT();
    int error = getaddrinfo(host, NULL, &hints, &found);
    MP_THREAD_GIL_ENTER();
    if (error != 0 || found == NULL) {
        mp_raise_OSError(LWIP_EAI_FAIL);
    }
    *address = *(struct sockaddr_in *)(void *)found->ai_addr;
    address->sin_port = htons((uint16_t)port);
    freeaddrinfo(found);
}

static struct sockaddr_in get_address(mp_obj_t tuple) {
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(tuple, 2, &items);
    const char *host = mp_obj_str_get_str(items[0]);
    mp_int_t port = mp_obj_is_str(items[1]) ? atoi(mp_obj_str_get_str(items[1]))
                                            : mp_obj_get_int(items[1]);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
    };
    if (host[0] != '\0' && inet_aton(host, &address.sin_addr) == 0) {
        resolve(host, port, &address);
    }
    return address;
}

static mp_obj_t new_address(const struct sockaddr_in *address) {
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
    mp_obj_t items[] = {
        mp_obj_new_str_from_cstr(text),
        MP_OBJ_NEW_SMALL_INT(ntohs(address->sin_port)),
    };
    return mp_obj_new_tuple(2, items);
}

// Making and connecting

static mp_obj_t socket_make_new(const mp_obj_type_t *type, size_t n_args,
                                size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 0, 3, false);
    int domain = n_args > 0 ? (int)mp_obj_get_int(args[0]) : AF_INET;
    int kind = n_args > 1 ? (int)mp_obj_get_int(args[1]) : SOCK_STREAM;
    int protocol = n_args > 2 ? (int)mp_obj_get_int(args[2]) : 0;
    need_room();
    int fd = socket(domain, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    check(fd);
    return MP_OBJ_FROM_PTR(new_socket(fd));
}

static mp_obj_t socket_bind(mp_obj_t self_in, mp_obj_t where) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    struct sockaddr_in address = get_address(where);
    check(bind(self->fd, (struct sockaddr *)&address, sizeof(address)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_bind_obj, socket_bind);

static mp_obj_t socket_listen(size_t n_args, const mp_obj_t *args) {
    socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int backlog = n_args > 1 ? (int)mp_obj_get_int(args[1]) : LISTEN_DEFAULT;
    check(listen(self->fd, backlog > 0 ? backlog : 0));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_listen_obj, 1, 2,
                                           socket_listen);

static mp_obj_t socket_accept(mp_obj_t self_in) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    struct sockaddr_in peer;
    socklen_t size = sizeof(peer);
    mp_uint_t start = mp_hal_ticks_ms();
    need_room();
    int fd;
    while ((fd = accept4(self->fd, (struct sockaddr *)&peer, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0) {
        int error = errno == EAGAIN ? wait_ready(self, POLLIN, start) : errno;
        if (error != 0) {
            mp_raise_OSError(error);
        }
    }
    socket_t *client = new_socket(fd);
    note_link(client);
    mp_obj_t items[] = {MP_OBJ_FROM_PTR(client), new_address(&peer)};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_accept_obj, socket_accept);

// Waits for a connection that has begun. Returns 0 or an errno.
static int finish_connect(socket_t *self) {
    int error = self->timeout_ms == 0
                    ? MP_EINPROGRESS
                    : wait_ready(self, POLLOUT, mp_hal_ticks_ms());
    if (error == 0) {
        socklen_t size = sizeof(error);
        getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    return error;
}

static mp_obj_t socket_connect(mp_obj_t self_in, mp_obj_t where) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    struct sockaddr_in address = get_address(where);
    if (!board_wlan_is_joined()) {
        mp_raise_OSError(MP_EHOSTUNREACH);
    }
    note_link(self);
    if (connect(self->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int error = errno == EINPROGRESS ? finish_connect(self) : errno;
        if (error != 0) {
            mp_raise_OSError(error);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_connect_obj, socket_connect);

// Moving bytes

static mp_uint_t receive(socket_t *self, void *data, size_t size,
                         struct sockaddr_in *from, int *errcode) {
    mp_uint_t start = mp_hal_ticks_ms();
    socklen_t length = sizeof(*from);
    ssize_t count = -1;
    int error = link_error(self);
    while (error == 0) {
        count = recvfrom(self->fd, data, size, 0, (struct sockaddr *)from,
                         from ? &length : NULL);
        if (count >= 0) {
            // A cut link looks like an end here, but is none.
            error = count == 0 ? link_error(self) : 0;
            break;
        }
        error = errno == EAGAIN ? wait_ready(self, POLLIN, start) : errno;
    }
    *errcode = error;
    return error == 0 ? (mp_uint_t)count : MP_STREAM_ERROR;
}

static mp_uint_t transmit(socket_t *self, const void *data, size_t size,
                          const struct sockaddr_in *to, int *errcode) {
    mp_uint_t start = mp_hal_ticks_ms();
    ssize_t count = -1;
    int error = link_error(self);
    if (error == 0 && to != NULL && !board_wlan_is_joined()) {
        error = MP_EHOSTUNREACH;
    }
    while (error == 0) {
        count = sendto(self->fd, data, size, MSG_NOSIGNAL,
                       (const struct sockaddr *)to, to ? sizeof(*to) : 0);
        if (count >= 0) {
            break;
        }
        error = errno == EAGAIN ? wait_ready(self, POLLOUT, start) : errno;
    }
    *errcode = error;
    return error == 0 ? (mp_uint_t)count : MP_STREAM_ERROR;
}

static mp_obj_t receive_bytes(mp_obj_t self, mp_obj_t size,
                              struct sockaddr_in *from) {
    vstr_t bytes;
    int error;
    vstr_init_len(&bytes, (size_t)mp_obj_get_int(size));
    mp_uint_t count =
        receive(MP_OBJ_TO_PTR(self), bytes.buf, bytes.len, from, &error);
    if (count == MP_STREAM_ERROR) {
        mp_raise_OSError(error);
    }
    bytes.len = count;
    return mp_obj_new_bytes_from_vstr(&bytes);
}

static mp_obj_t socket_recv(mp_obj_t self, mp_obj_t size) {
    return receive_bytes(self, size, NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_recv_obj, socket_recv);

static mp_obj_t socket_recvfrom(mp_obj_t self, mp_obj_t size) {
    struct sockaddr_in from = {.sin_family = AF_INET};
    mp_obj_t items[2];
    items[0] = receive_bytes(self, size, &from);
    items[1] = new_address(&from);
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_recvfrom_obj, socket_recvfrom);

static size_t transmit_bytes(mp_obj_t self, const uint8_t *data, size_t size,
                             const struct sockaddr_in *to) {
    int error;
    mp_uint_t count = transmit(MP_OBJ_TO_PTR(self), data, size, to, &error);
    if (count == MP_STREAM_ERROR) {
        mp_raise_OSError(error);
    }
    return count;
}

static mp_obj_t socket_send(mp_obj_t self, mp_obj_t data) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(data, &buffer, MP_BUFFER_READ);
    return mp_obj_new_int_from_uint(
        transmit_bytes(self, buffer.buf, buffer.len, NULL));
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_send_obj, socket_send);

static mp_obj_t socket_sendall(mp_obj_t self, mp_obj_t data) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(data, &buffer, MP_BUFFER_READ);
    for (size_t sent = 0; sent < buffer.len;) {
        sent += transmit_bytes(self, (const uint8_t *)buffer.buf + sent,
                               buffer.len - sent, NULL);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_sendall_obj, socket_sendall);

static mp_obj_t socket_sendto(mp_obj_t self, mp_obj_t data, mp_obj_t where) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(data, &buffer, MP_BUFFER_READ);
    struct sockaddr_in to = get_address(where);
    return mp_obj_new_int_from_uint(
        transmit_bytes(self, buffer.buf, buffer.len, &to));
}
static MP_DEFINE_CONST_FUN_OBJ_3(socket_sendto_obj, socket_sendto);

// Settings

static mp_obj_t socket_settimeout(mp_obj_t self_in, mp_obj_t seconds) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    self->timeout_ms = FOR_EVER;
    if (seconds != mp_const_none) {
        mp_float_t ms = MICROPY_FLOAT_CONST(1000.0) * mp_obj_get_float(seconds);
        self->timeout_ms = ms > 0 ? (int)ms : 0;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_settimeout_obj, socket_settimeout);

static mp_obj_t socket_setblocking(mp_obj_t self_in, mp_obj_t blocking) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    self->timeout_ms = mp_obj_is_true(blocking) ? FOR_EVER : 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_setblocking_obj, socket_setblocking);

static mp_obj_t socket_setsockopt(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int level = (int)mp_obj_get_int(args[1]);
    int option = (int)mp_obj_get_int(args[2]);
    int number;
    mp_buffer_info_t value = {.buf = &number, .len = sizeof(number)};
    if (mp_obj_is_integer(args[3])) {
        number = (int)mp_obj_get_int(args[3]);
    } else {
        mp_get_buffer_raise(args[3], &value, MP_BUFFER_READ);
    }
    check(setsockopt(self->fd, level, option, value.buf, (socklen_t)value.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_setsockopt_obj, 4, 4,
                                           socket_setsockopt);

static mp_obj_t socket_makefile(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_makefile_obj, 1, 3,
                                           socket_makefile);

static mp_obj_t socket_fileno(mp_obj_t self_in) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(self->fd);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_fileno_obj, socket_fileno);

// As a stream

static mp_uint_t stream_read(mp_obj_t self, void *data, mp_uint_t size,
                             int *errcode) {
    return receive(MP_OBJ_TO_PTR(self), data, size, NULL, errcode);
}

static mp_uint_t stream_write(mp_obj_t self, const void *data, mp_uint_t size,
                              int *errcode) {
    return transmit(MP_OBJ_TO_PTR(self), data, size, NULL, errcode);
}

static void close_socket(socket_t *self) {
    if (self->fd >= 0) {
        close(self->fd);
        self->fd = -1;
        open_sockets--;
    }
}

static mp_uint_t stream_ioctl(mp_obj_t self_in, mp_uint_t request,
                              uintptr_t arg, int *errcode) {
    (void)arg;
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
    case MP_STREAM_CLOSE:
        close_socket(self);
        return 0;
    case MP_STREAM_POLL: // only a closed one is asked: see the next request
        return MP_STREAM_POLL_NVAL;
    case MP_STREAM_GET_FILENO:
        if (self->fd >= 0) {
            return (mp_uint_t)self->fd;
        }
        *errcode = MP_EBADF;
        return MP_STREAM_ERROR;
    default:
        *errcode = MP_EINVAL;
        return MP_STREAM_ERROR;
    }
}

static const mp_stream_p_t socket_stream = {
    .read = stream_read,
    .write = stream_write,
    .ioctl = stream_ioctl,
};

static void socket_print(const mp_print_t *print, mp_obj_t self_in,
                         mp_print_kind_t kind) {
    (void)kind;
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<socket fd=%d>", self->fd);
}

static const mp_rom_map_elem_t socket_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj)},
    {MP_ROM_QSTR(MP_QSTR_bind), MP_ROM_PTR(&socket_bind_obj)},
    {MP_ROM_QSTR(MP_QSTR_listen), MP_ROM_PTR(&socket_listen_obj)},
    {MP_ROM_QSTR(MP_QSTR_accept), MP_ROM_PTR(&socket_accept_obj)},
    {MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&socket_connect_obj)},
    {MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&socket_send_obj)},
    {MP_ROM_QSTR(MP_QSTR_sendall), MP_ROM_PTR(&socket_sendall_obj)},
    {MP_ROM_QSTR(MP_QSTR_sendto), MP_ROM_PTR(&socket_sendto_obj)},
    {MP_ROM_QSTR(MP_QSTR_recv), MP_ROM_PTR(&socket_recv_obj)},
    {MP_ROM_QSTR(MP_QSTR_recvfrom), MP_ROM_PTR(&socket_recvfrom_obj)},
    {MP_ROM_QSTR(MP_QSTR_setsockopt), MP_ROM_PTR(&socket_setsockopt_obj)},
    {MP_ROM_QSTR(MP_QSTR_settimeout), MP_ROM_PTR(&socket_settimeout_obj)},
    {MP_ROM_QSTR(MP_QSTR_setblocking), MP_ROM_PTR(&socket_setblocking_obj)},
    {MP_ROM_QSTR(MP_QSTR_makefile), MP_ROM_PTR(&socket_makefile_obj)},
    {MP_ROM_QSTR(MP_QSTR_fileno), MP_ROM_PTR(&socket_fileno_obj)},
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj)},
    {MP_ROM_QSTR(MP_QSTR_readline),
     MP_ROM_PTR(&mp_stream_unbuffered_readline_obj)},
    {MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj)},
};
static MP_DEFINE_CONST_DICT(socket_locals, socket_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_socket_type, MP_QSTR_socket, MP_TYPE_FLAG_NONE,
                         make_new, socket_make_new, print, socket_print,
                         protocol, &socket_stream, locals_dict, &socket_locals);

// The module

static mp_obj_t socket_getaddrinfo(size_t n_args, const mp_obj_t *args) {
    int kind = n_args > 3 ? (int)mp_obj_get_int(args[3]) : SOCK_STREAM;
    struct sockaddr_in address;
    mp_int_t port = mp_obj_is_str(args[1]) ? atoi(mp_obj_str_get_str(args[1]))
                                           : mp_obj_get_int(args[1]);
    resolve(mp_obj_str_get_str(args[0]), port, &address);
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(AF_INET),
        MP_OBJ_NEW_SMALL_INT(kind ? kind : SOCK_STREAM),
        MP_OBJ_NEW_SMALL_INT(0),
        MP_OBJ_NEW_QSTR(MP_QSTR_),
        new_address(&address),
    };
    mp_obj_t found = mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
    return mp_obj_new_list(1, &found);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_getaddrinfo_obj, 2, 6,
                                           socket_getaddrinfo);

static const mp_rom_map_elem_t socket_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_socket)},
    {MP_ROM_QSTR(MP_QSTR_socket), MP_ROM_PTR(&board_socket_type)},
    {MP_ROM_QSTR(MP_QSTR_getaddrinfo), MP_ROM_PTR(&socket_getaddrinfo_obj)},
    {MP_ROM_QSTR(MP_QSTR_AF_INET), MP_ROM_INT(AF_INET)},
    {MP_ROM_QSTR(MP_QSTR_AF_INET6), MP_ROM_INT(AF_INET6)},
    {MP_ROM_QSTR(MP_QSTR_SOCK_STREAM), MP_ROM_INT(SOCK_STREAM)},
    {MP_ROM_QSTR(MP_QSTR_SOCK_DGRAM), MP_ROM_INT(SOCK_DGRAM)},
    {MP_ROM_QSTR(MP_QSTR_SOCK_RAW), MP_ROM_INT(SOCK_RAW)},
    {MP_ROM_QSTR(MP_QSTR_IPPROTO_IP), MP_ROM_INT(IPPROTO_IP)},
    {MP_ROM_QSTR(MP_QSTR_IPPROTO_TCP), MP_ROM_INT(IPPROTO_TCP)},
    {MP_ROM_QSTR(MP_QSTR_IPPROTO_UDP), MP_ROM_INT(IPPROTO_UDP)},
    {MP_ROM_QSTR(MP_QSTR_SOL_SOCKET), MP_ROM_INT(SOL_SOCKET)},
    {MP_ROM_QSTR(MP_QSTR_SO_REUSEADDR), MP_ROM_INT(SO_REUSEADDR)},
    {MP_ROM_QSTR(MP_QSTR_SO_BROADCAST), MP_ROM_INT(SO_BROADCAST)},
    {MP_ROM_QSTR(MP_QSTR_IP_ADD_MEMBERSHIP), MP_ROM_INT(IP_ADD_MEMBERSHIP)},
};
static MP_DEFINE_CONST_DICT(socket_globals, socket_globals_table);

const mp_obj_module_t board_socket_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&socket_globals,
};
MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_socket, board_socket_module);
