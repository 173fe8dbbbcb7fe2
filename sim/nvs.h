// SPDX-License-Identifier: MIT
// The key-value store of an ESP32 (ESP-IDF's "non-volatile storage"): a log of
// entries over a few flash sectors, read without any state in RAM. Sizes,
// limits and error codes are ESP-IDF's; the bytes on flash are our own.
//
// A page is one sector: 126 entries of 32 bytes behind a header. An integer
// takes one entry, a blob one and one more per 32 bytes, a namespace one. One
// page is kept free to move live entries into, so 24 KiB hold at most
// 5 * 126 entries. Each set is on flash when it returns and is atomic: after a
// power cut the old or the new value is there. Of an ESP32's store this leaves
// out other integer types, strings, encryption, and blobs over SIM_NVS_BLOB.
#ifndef SIM_NVS_H
#define SIM_NVS_H

#include "sim/flash.h"

enum {
    SIM_NVS_KEY = 15,    // characters in a key or a namespace
    SIM_NVS_BLOB = 3968, // bytes in a blob: what one page holds
};

// ESP-IDF's esp_err_t of the same names, from nvs.h.
enum sim_nvs_error {
    SIM_NVS_OK = 0,
    SIM_NVS_NOT_FOUND = 0x1102,
    SIM_NVS_NOT_ENOUGH_SPACE = 0x1105,
    SIM_NVS_INVALID_NAME = 0x1106,
    SIM_NVS_REMOVE_FAILED = 0x1108,
    SIM_NVS_KEY_TOO_LONG = 0x1109,
    SIM_NVS_INVALID_LENGTH = 0x110c,
    SIM_NVS_VALUE_TOO_LONG = 0x110e,
};

struct sim_nvs {
    struct sim_flash *flash; // the caller's
    size_t offset;           // where the store begins in it
    size_t pages;            // how many sectors it has, 3 to 16
};

// Opens the store, finishing or undoing what a power cut left half done.
// Returns SIM_NVS_OK, or SIM_NVS_REMOVE_FAILED when the flash is dead.
int sim_nvs_init(struct sim_nvs *nvs, struct sim_flash *flash, size_t offset,
                 size_t pages);

// Opens a namespace, made when it is not there, and gives its index. Returns
// SIM_NVS_OK; SIM_NVS_KEY_TOO_LONG for a name over 15 characters,
// SIM_NVS_INVALID_NAME for an empty one, SIM_NVS_NOT_ENOUGH_SPACE.
int sim_nvs_open(struct sim_nvs *nvs, const char *name, uint8_t *space);

// Stores a value under a key, whatever was there before. Each returns
// SIM_NVS_OK, SIM_NVS_KEY_TOO_LONG, SIM_NVS_INVALID_NAME (empty key),
// SIM_NVS_NOT_ENOUGH_SPACE; set_blob also SIM_NVS_VALUE_TOO_LONG.
int sim_nvs_set_i32(struct sim_nvs *nvs, uint8_t space, const char *key,
                    int32_t value);
int sim_nvs_set_blob(struct sim_nvs *nvs, uint8_t space, const char *key,
                     const void *data, size_t size);

// Reads a value. *size is the room in data and becomes the blob's length.
// Each returns SIM_NVS_OK, SIM_NVS_KEY_TOO_LONG, SIM_NVS_NOT_FOUND (no such
// key, or one of the other type); get_blob also SIM_NVS_INVALID_LENGTH when
// there is too little room (*size then says how much is needed).
int sim_nvs_get_i32(struct sim_nvs *nvs, uint8_t space, const char *key,
                    int32_t *value);
int sim_nvs_get_blob(struct sim_nvs *nvs, uint8_t space, const char *key,
                     void *data, size_t *size);

// Removes a key; its bytes stay on flash until their page is needed. Returns
// SIM_NVS_OK, SIM_NVS_KEY_TOO_LONG, SIM_NVS_INVALID_NAME, SIM_NVS_NOT_FOUND.
int sim_nvs_erase_key(struct sim_nvs *nvs, uint8_t space, const char *key);

#endif
