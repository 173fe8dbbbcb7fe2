// SPDX-License-Identifier: MIT
#include "board/wlan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "py/mphal.h"
#include "py/objlist.h"
#include "py/runtime.h"

#include "extmod/modnetwork.h"

#include "board/clock.h"
#include "board/options.h"
#include "board/wlan_status.h"

enum {
    INTERFACE_STATION = 0,
    INTERFACE_ACCESS_POINT = 1,
    SSID_MAX = 32,
    KEY_MAX = 64,
    CHANNEL = 6,
    SIGNAL_DBM = -55,
    AUTH_OPEN = 0,
    AUTH_WPA2_PSK = 3,
    FIRST_SOCKET = 3, // descriptors a program may have opened
    LAST_SOCKET = 99,
};

// What the radio does, shared with the hardware thread.
static struct {
    pthread_mutex_t lock;
    bool air;    // the network can be received
    bool active; // the station is switched on
    bool wanted; // connect() was called and disconnect() was not
    bool joined;
    int reason;        // why it last failed, an enum wlan_status; 0: has not
    uint64_t since_ms; // start of the attempt to join
    char ssid[SSID_MAX + 1];
    char key[KEY_MAX + 1];
} radio = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_uint links_lost;

typedef struct {
    mp_obj_base_t base;
    int interface;
} wlan_t;

static const wlan_t station = {{&board_wlan_type}, INTERFACE_STATION};
static const wlan_t access_point = {{&board_wlan_type}, INTERFACE_ACCESS_POINT};
static bool access_point_active;

void board_wlan_start(void) {
    radio.air = true;
}

// Ends what the program has connected: nothing more comes in or goes out.
static void cut_connections(void) {
    for (int fd = FIRST_SOCKET; fd <= LAST_SOCKET; fd++) {
        struct sockaddr_storage peer;
        socklen_t size = sizeof(peer);
        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0) {
            shutdown(fd, SHUT_RDWR);
        }
    }
}

static void leave(int reason) {
    radio.joined = false;
    radio.reason = reason;
    radio.since_ms = board_clock_uptime_ms();
    atomic_fetch_add(&links_lost, 1);
    cut_connections();
}

// What an attempt to join ends with.
static int join_result(void) {
    const struct board_options *options = board_options();
    bool named = !options->wifi_ssid || !strcmp(options->wifi_ssid, radio.ssid);
    bool right = !options->wifi_psk || !strcmp(options->wifi_psk, radio.key);
    if (!radio.air || !named) {
        return WLAN_NO_AP_FOUND;
    }
    return right ? 0 : WLAN_WRONG_PASSWORD;
}

// Moves on to now: an attempt takes its time, then succeeds or starts again.
static void move_on(void) {
    uint64_t now = board_clock_uptime_ms();
    bool trying = radio.active && radio.wanted && !radio.joined;
    if (trying && now - radio.since_ms >= board_options()->wifi_join_ms) {
        radio.reason = join_result();
        radio.joined = radio.reason == 0;
        radio.since_ms = now;
    }
}

static void lock(void) {
    pthread_mutex_lock(&radio.lock);
    move_on();
}

static void unlock(void) {
    pthread_mutex_unlock(&radio.lock);
}

void board_wlan_set_air(bool up) {
    lock();
    radio.air = up;
    radio.since_ms = board_clock_uptime_ms();
    if (!up && radio.joined) {
        leave(WLAN_BEACON_TIMEOUT);
    }
    unlock();
}

bool board_wlan_is_joined(void) {
    lock();
    bool joined = radio.joined;
    unlock();
    return joined;
}

unsigned board_wlan_links(void) {
    return atomic_load(&links_lost);
}

// network.WLAN

static void require(mp_obj_t self_in, int interface) {
    const wlan_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->interface != interface) {
        mp_raise_msg(&mp_type_OSError, interface == INTERFACE_STATION
                                           ? MP_ERROR_TEXT("STA required")
                                           : MP_ERROR_TEXT("AP required"));
    }
}

static mp_obj_t wlan_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    mp_int_t interface = n_args > 0 ? mp_obj_get_int(args[0]) : 0;
    if (interface == INTERFACE_STATION) {
        return MP_OBJ_FROM_PTR(&station);
    }
    if (interface == INTERFACE_ACCESS_POINT) {
        return MP_OBJ_FROM_PTR(&access_point);
    }
    mp_raise_ValueError(MP_ERROR_TEXT("invalid WLAN interface identifier"));
}

static void set_active(bool active) {
    lock();
    if (!active && radio.joined) {
        leave(0);
    }
    if (!active) {
        radio.wanted = false;
        radio.reason = 0;
    }
    radio.active = active;
    unlock();
}

static mp_obj_t wlan_active(size_t n_args, const mp_obj_t *args) {
    const wlan_t *self = MP_OBJ_TO_PTR(args[0]);
    bool is_station = self->interface == INTERFACE_STATION;
    if (n_args > 1 && is_station) {
        set_active(mp_obj_is_true(args[1]));
    } else if (n_args > 1) {
        access_point_active = mp_obj_is_true(args[1]);
    }
    return mp_obj_new_bool(is_station ? radio.active : access_point_active);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_active_obj, 1, 2, wlan_active);

static void copy_text(mp_obj_t text, char *to, size_t max) {
    size_t size;
    const char *data = mp_obj_str_get_data(text, &size);
    size = size < max ? size : max;
    memcpy(to, data, size);
    to[size] = '\0';
}

static void require_active(void) {
    if (!radio.active) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("Wifi Not Started"));
    }
}

// ESP-IDF takes no other network while it is trying to join one, and it tries
// for ever.
static void require_idle(void) {
    if (radio.wanted && !board_wlan_is_joined()) {
        mp_raise_msg(&mp_type_OSError,
                     MP_ERROR_TEXT("Wifi Internal State Error"));
    }
}

static void begin_to_join(const char *ssid, const char *key) {
    lock();
    strcpy(radio.ssid, ssid);
    strcpy(radio.key, key);
    radio.wanted = true;
    radio.joined = false;
    radio.reason = 0;
    radio.since_ms = board_clock_uptime_ms();
    unlock();
}

// Without a name it joins the network that was named last.
static mp_obj_t wlan_connect(size_t n_args, const mp_obj_t *pos_args,
                             mp_map_t *kw_args) {
    enum { ARG_ssid, ARG_key };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_ssid, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_key, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_bssid, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed),
                     allowed, args);
    require_active();
    require_idle();
    char ssid[SSID_MAX + 1];
    char key[KEY_MAX + 1] = "";
    strcpy(ssid, radio.ssid);
    if (args[ARG_ssid].u_obj != mp_const_none) {
        copy_text(args[ARG_ssid].u_obj, ssid, SSID_MAX);
    } else {
        strcpy(key, radio.key);
    }
    if (args[ARG_key].u_obj != mp_const_none) {
        copy_text(args[ARG_key].u_obj, key, KEY_MAX);
    }
    begin_to_join(ssid, key);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_connect_obj, 1, wlan_connect);

static mp_obj_t wlan_disconnect(mp_obj_t self) {
    (void)self;
    require_active();
    lock();
    radio.wanted = false;
    leave(WLAN_IDLE);
    unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_disconnect_obj, wlan_disconnect);

static int station_status(void) {
    lock();
    int status = WLAN_IDLE;
    if (radio.joined) {
        status = WLAN_GOT_IP;
    } else if (radio.reason != 0 && radio.reason != WLAN_BEACON_TIMEOUT) {
        status = radio.reason;
    } else if (radio.wanted) {
        status = WLAN_CONNECTING;
    }
    unlock();
    return status;
}

static mp_obj_t wlan_status(size_t n_args, const mp_obj_t *args) {
    const wlan_t *self = MP_OBJ_TO_PTR(args[0]);
    if (n_args == 1) {
        bool is_station = self->interface == INTERFACE_STATION;
        return is_station ? MP_OBJ_NEW_SMALL_INT(station_status())
                          : mp_const_none;
    }
    switch (mp_obj_str_get_qstr(args[1])) {
    case MP_QSTR_rssi:
        require(args[0], INTERFACE_STATION);
        if (!board_wlan_is_joined()) {
            mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("Wifi Not Connected"));
        }
        return MP_OBJ_NEW_SMALL_INT(SIGNAL_DBM);
    case MP_QSTR_stations:
        require(args[0], INTERFACE_ACCESS_POINT);
        return mp_obj_new_list(0, NULL);
    default:
        mp_raise_ValueError(MP_ERROR_TEXT("unknown status param"));
    }
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_status_obj, 1, 2, wlan_status);

static mp_obj_t wlan_isconnected(mp_obj_t self_in) {
    const wlan_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(self->interface == INTERFACE_STATION &&
                           board_wlan_is_joined());
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_isconnected_obj, wlan_isconnected);

static mp_obj_t wlan_scan(mp_obj_t self) {
    (void)self;
    static const uint8_t bssid[6] = {0x02, 0, 0, 0, 0, 1};
    const struct board_options *options = board_options();
    const char *ssid = options->wifi_ssid ? options->wifi_ssid : "blox";
    if (!radio.active) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("STA must be active"));
    }
    mp_obj_t list = mp_obj_new_list(0, NULL);
    mp_obj_t items[] = {
        mp_obj_new_bytes((const byte *)ssid, strlen(ssid)),
        mp_obj_new_bytes(bssid, sizeof(bssid)),
        MP_OBJ_NEW_SMALL_INT(CHANNEL),
        MP_OBJ_NEW_SMALL_INT(SIGNAL_DBM),
        MP_OBJ_NEW_SMALL_INT(options->wifi_psk ? AUTH_WPA2_PSK : AUTH_OPEN),
        mp_const_false,
    };
    if (radio.air) {
        mp_obj_list_append(list, mp_obj_new_tuple(MP_ARRAY_SIZE(items), items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_scan_obj, wlan_scan);

static mp_obj_t get_mac(const wlan_t *self) {
    uint8_t mac[6];
    memcpy(mac, board_options()->unique_id, sizeof(mac));
    mac[5] = (uint8_t)(mac[5] + self->interface);
    return mp_obj_new_bytes(mac, sizeof(mac));
}

static mp_obj_t get_config(const wlan_t *self, mp_obj_t name) {
    switch (mp_obj_str_get_qstr(name)) {
    case MP_QSTR_mac:
        return get_mac(self);
    case MP_QSTR_ssid:
    case MP_QSTR_essid:
        return mp_obj_new_str_from_cstr(radio.ssid);
    case MP_QSTR_channel:
        return MP_OBJ_NEW_SMALL_INT(CHANNEL);
    case MP_QSTR_hostname:
    case MP_QSTR_dhcp_hostname:
        return mod_network_hostname(0, NULL);
    case MP_QSTR_reconnects:
        return MP_OBJ_NEW_SMALL_INT(-1);
    case MP_QSTR_txpower:
        return mp_obj_new_float(MICROPY_FLOAT_CONST(20.0));
    case MP_QSTR_pm:
        return MP_OBJ_NEW_SMALL_INT(1);
    default:
        mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
    }
}

// Takes what a program may set; only the host name changes anything here.
static void set_config(mp_obj_t self, qstr name, mp_obj_t value) {
    switch (name) {
    case MP_QSTR_hostname:
    case MP_QSTR_dhcp_hostname:
        mod_network_hostname(1, &value);
        return;
    case MP_QSTR_ssid:
    case MP_QSTR_essid:
    case MP_QSTR_hidden:
    case MP_QSTR_security:
    case MP_QSTR_authmode:
    case MP_QSTR_key:
    case MP_QSTR_password:
    case MP_QSTR_max_clients:
        require(self, INTERFACE_ACCESS_POINT);
        return;
    case MP_QSTR_mac:
    case MP_QSTR_channel:
    case MP_QSTR_reconnects:
    case MP_QSTR_txpower:
    case MP_QSTR_protocol:
    case MP_QSTR_pm:
        return;
    default:
        mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
    }
}

static mp_obj_t wlan_config(size_t n_args, const mp_obj_t *args,
                            mp_map_t *kwargs) {
    if (n_args != 1 && kwargs->used != 0) {
        mp_raise_TypeError(MP_ERROR_TEXT("either pos or kw args are allowed"));
    }
    if (kwargs->used == 0 && n_args != 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("can query only one param"));
    }
    if (kwargs->used == 0) {
        return get_config(MP_OBJ_TO_PTR(args[0]), args[1]);
    }
    for (size_t i = 0; i < kwargs->alloc; i++) {
        if (mp_map_slot_is_filled(kwargs, i)) {
            set_config(args[0], mp_obj_str_get_qstr(kwargs->table[i].key),
                       kwargs->table[i].value);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_config_obj, 1, wlan_config);

// The board shares the host's loopback, whose address it says it got.
static mp_obj_t address(const char *text) {
    const char *shown = board_wlan_is_joined() ? text : "0.0.0.0";
    return mp_obj_new_str_from_cstr(shown);
}

static mp_obj_t wlan_ifconfig(size_t n_args, const mp_obj_t *args) {
    (void)args;
    if (n_args > 1) {
        return mp_const_none;
    }
    mp_obj_t items[] = {
        address("127.0.0.1"),
        address("255.0.0.0"),
        address("127.0.0.1"),
        address("127.0.0.1"),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_ifconfig_obj, 1, 2,
                                           wlan_ifconfig);

static mp_obj_t wlan_ipconfig(size_t n_args, const mp_obj_t *args,
                              mp_map_t *kwargs) {
    if (kwargs->used != 0) {
        return mp_const_none;
    }
    if (n_args != 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("must query one param"));
    }
    mp_obj_t pair[] = {address("127.0.0.1"), address("255.0.0.0")};
    switch (mp_obj_str_get_qstr(args[1])) {
    case MP_QSTR_dhcp4:
        return mp_const_true;
    case MP_QSTR_has_dhcp4:
        return mp_obj_new_bool(board_wlan_is_joined());
    case MP_QSTR_addr4:
        return mp_obj_new_tuple(MP_ARRAY_SIZE(pair), pair);
    case MP_QSTR_gw4:
        return pair[0];
    default:
        mp_raise_ValueError(MP_ERROR_TEXT("unexpected key"));
    }
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_ipconfig_obj, 1, wlan_ipconfig);

static const mp_rom_map_elem_t wlan_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_active), MP_ROM_PTR(&wlan_active_obj)},
    {MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&wlan_connect_obj)},
    {MP_ROM_QSTR(MP_QSTR_disconnect), MP_ROM_PTR(&wlan_disconnect_obj)},
    {MP_ROM_QSTR(MP_QSTR_status), MP_ROM_PTR(&wlan_status_obj)},
    {MP_ROM_QSTR(MP_QSTR_scan), MP_ROM_PTR(&wlan_scan_obj)},
    {MP_ROM_QSTR(MP_QSTR_isconnected), MP_ROM_PTR(&wlan_isconnected_obj)},
    {MP_ROM_QSTR(MP_QSTR_config), MP_ROM_PTR(&wlan_config_obj)},
    {MP_ROM_QSTR(MP_QSTR_ifconfig), MP_ROM_PTR(&wlan_ifconfig_obj)},
    {MP_ROM_QSTR(MP_QSTR_ipconfig), MP_ROM_PTR(&wlan_ipconfig_obj)},
    {MP_ROM_QSTR(MP_QSTR_IF_STA), MP_ROM_INT(INTERFACE_STATION)},
    {MP_ROM_QSTR(MP_QSTR_IF_AP), MP_ROM_INT(INTERFACE_ACCESS_POINT)},
    {MP_ROM_QSTR(MP_QSTR_SEC_OPEN), MP_ROM_INT(AUTH_OPEN)},
    {MP_ROM_QSTR(MP_QSTR_SEC_WPA2), MP_ROM_INT(AUTH_WPA2_PSK)},
    {MP_ROM_QSTR(MP_QSTR_PM_NONE), MP_ROM_INT(0)},
    {MP_ROM_QSTR(MP_QSTR_PM_PERFORMANCE), MP_ROM_INT(1)},
    {MP_ROM_QSTR(MP_QSTR_PM_POWERSAVE), MP_ROM_INT(2)},
};
static MP_DEFINE_CONST_DICT(wlan_locals, wlan_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_wlan_type, MP_QSTR_WLAN, MP_TYPE_FLAG_NONE,
                         make_new, wlan_make_new, locals_dict, &wlan_locals);
