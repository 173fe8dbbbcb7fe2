// SPDX-License-Identifier: MIT
#include "tests/core/ota/installing.h"

#include <stdio.h>

#include "core/base/error.h"
#include "tests/core/test.h"

int installing_setup(void **state) {
    list[0] = '\0';
    return updating_setup(state);
}

static void add_entry(const char *text) {
    strcat(list, list[0] == '\0' ? "[" : ",");
    strcat(list, text);
}

void add_delete(const char *path) {
    char entry[300];
    sprintf(entry, "{\"type\":\"delete\",\"path\":\"%s\"}", path);
    add_entry(entry);
}

void add_src(const char *path, const char *content) {
    char entry[400], topic[300];
    device_sha256(content, strlen(content), sha);
    sprintf(entry, "{\"type\":\"src\",\"path\":\"%s\",\"pkg_sha256\":\"%s\"}",
            path, sha);
    add_entry(entry);
    sprintf(topic, "mpypi/packages/src/%s/%s", path, sha);
    if (content[0] != '\0') {
        device_publish(&device, topic, content, strlen(content));
    }
}

void build_wheel(struct builder *builder, const char *name, const char *version,
                 const char *const *members) {
    builder_init(builder);
    for (; *members != NULL; members += 2) {
        builder_put_recorded(builder, members[0], members[1]);
    }
    builder_finish_wheel(builder, name, version, NULL);
}

void add_built(const char *name, const char *version, struct builder *builder) {
    char entry[400], topic[300];
    device_sha256(builder->data, builder->size, sha);
    sprintf(entry,
            "{\"type\":\"wheel\",\"name\":\"%s\",\"version\":\"%s\",\"pkg_"
            "sha256\":\"%s\"}",
            name, version, sha);
    add_entry(entry);
    sprintf(topic, "mpypi/packages/wheel/%s", sha);
    device_publish(&device, topic, builder->data, builder->size);
    builder_free(builder);
}

void add_wheel(const char *name, const char *version,
               const char *const *members) {
    struct builder builder;
    build_wheel(&builder, name, version, members);
    add_built(name, version, &builder);
}

void download(void) {
    strcat(list, "]");
    device_list(&device, list);
    device_connect(&device);
    device_run(&device);
    if (!device.reboot) {
        fail_msg("%s", device.updater.error);
    }
    list[0] = '\0';
}

void update(void) {
    download();
    if (device_reset(&device) != BLOX_OK) {
        fail_msg("%s", device.updater.error);
    }
    confirm();
}

void assert_tidy(void) {
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const char *path = device.ram.files[i].path;
        const char *name = path == NULL ? "" : path;
        if (strncmp(name, "/.blox/", 7) == 0) {
            assert_non_null(strstr("list origin src error boots ", name + 7));
        }
    }
}

const char *const old_members[] = {"pkg/__init__.py",
                                   "old init",
                                   "pkg/same.py",
                                   "same",
                                   "pkg/gone.py",
                                   "gone",
                                   "pkg/sub/x.py",
                                   "old x",
                                   "pkg/sub2/only.py",
                                   "o",
                                   "single.py",
                                   "single",
                                   NULL};
const char *const new_members[] = {"pkg/__init__.py",
                                   "new init",
                                   "pkg/same.py",
                                   "same",
                                   "pkg/new/deep/er.py",
                                   "er",
                                   "pkg/sub/x.py",
                                   "new x",
                                   NULL};

void install_old(void) {
    add_wheel("pkg", "1.0", old_members);
    update();
}

void assert_old(void) {
    assert_true(device_has(&device, "/lib/pkg/__init__.py", "old init"));
    assert_true(device_has(&device, "/lib/pkg/gone.py", "gone"));
    assert_true(device_has(&device, "/lib/pkg/sub2/only.py", "o"));
    assert_true(device_has(&device, "/lib/single.py", "single"));
    assert_true(device_has(&device, "/lib/pkg/new/deep/er.py", NULL));
    assert_non_null(
        storage_ram_get(&device.ram, "/lib/pkg-1.0.dist-info/METADATA"));
    assert_null(
        storage_ram_get(&device.ram, "/lib/pkg-2.0.dist-info/METADATA"));
}

void assert_new(void) {
    assert_true(device_has(&device, "/lib/pkg/__init__.py", "new init"));
    assert_true(device_has(&device, "/lib/pkg/same.py", "same"));
    assert_true(device_has(&device, "/lib/pkg/gone.py", NULL));
    assert_true(device_has(&device, "/lib/pkg/sub/x.py", "new x"));
    assert_true(device_has(&device, "/lib/pkg/new/deep/er.py", "er"));
    assert_true(device_has(&device, "/lib/single.py", NULL));
    assert_null(
        storage_ram_get(&device.ram, "/lib/pkg-1.0.dist-info/METADATA"));
    assert_non_null(
        storage_ram_get(&device.ram, "/lib/pkg-2.0.dist-info/METADATA"));
}
