// SPDX-License-Identifier: MIT
#include "tests/core/ota/updating.h"

#include <stdio.h>

#include "core/base/error.h"
#include "tests/core/test.h"

struct device device;
char sha[65];
char list[4096];

int updating_setup(void **state) {
    (void)state;
    device_init(&device);
    return 0;
}

int updating_teardown(void **state) {
    (void)state;
    device_close(&device);
    uint32_t open_files = device.ram.open_files;
    device_free(&device);
    assert_int_equal(open_files, 0);
    return 0;
}

void updating_anew(void **state) {
    updating_teardown(state);
    updating_setup(state);
}

const char *src_list(const char *path, const char *content) {
    device_sha256(content, strlen(content), sha);
    snprintf(list, sizeof list,
             "[{\"type\":\"src\",\"path\":\"%s\",\"pkg_sha256\":\"%s\"}]", path,
             sha);
    return list;
}

const char *wheel_list(const char *content, const char *more) {
    device_sha256(content, strlen(content), sha);
    snprintf(list, sizeof list,
             "[{\"type\":\"wheel\",\"name\":\"big-pkg\",\"version\":\"1.0\","
             "\"pkg_sha256\":\"%s\"%s}]",
             sha, more);
    return list;
}

void retain(const char *format, const char *content) {
    char topic[300];
    snprintf(topic, sizeof topic, format, sha);
    device_publish(&device, topic, content, strlen(content));
}

void start_with(const char *text) {
    device_list(&device, text);
    device_connect(&device);
    device_run(&device);
}

void withdraw(void) {
    device_publish(&device, "mpypi/channels/main", "", 0);
}

void confirm(void) {
    assert_int_equal(device_confirm(&device), BLOX_OK);
    blox_updater_confirmed(&device.updater);
    device_settle(&device, NULL);
}

void assert_state(const char *name) {
    assert_string_equal(blox_updater_state_name(device.updater.state), name);
}

void assert_clean(void) {
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const char *path = device.ram.files[i].path;
        if (path != NULL && strncmp(path, "/.blox/", 7) == 0) {
            const char *name = path + 7;
            bool remembered =
                strcmp(name, "list") == 0 || strcmp(name, "origin") == 0 ||
                strcmp(name, "error") == 0 || strcmp(name, "src") == 0;
            if (!remembered) {
                fail_msg("%s is left", path);
            }
        }
    }
}
