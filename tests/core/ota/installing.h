// SPDX-License-Identifier: MIT
// What the tests of the installer share: a list that grows entry by entry, its
// packages, a package `pkg` of two versions, and the boots of an update.
#ifndef TESTS_CORE_OTA_INSTALLING_H
#define TESTS_CORE_OTA_INSTALLING_H

#include "tests/core/ota/updating.h"
#include "tests/core/pkg/wheel_builder.h"

// For cmocka, with updating_teardown(): a device, and an empty list.
int installing_setup(void **state);

// Each adds an entry to the list and publishes what it names.
void add_delete(const char *path);
void add_src(const char *path, const char *content);
void add_wheel(const char *name, const char *version,
               const char *const *members);

// The two halves of add_wheel(): builds a wheel with these members (name,
// content, ..., NULL); adds the entry, and frees it.
void build_wheel(struct builder *builder, const char *name, const char *version,
                 const char *const *members);
void add_built(const char *name, const char *version, struct builder *builder);

// Publishes the list and downloads; the device is about to reboot.
void download(void);

// All of it, from the list to the end of the trial.
void update(void);

// What is under /.blox is what stays for good.
void assert_tidy(void);

// Members of pkg 1.0 and 2.0, each with a file that the other has not; 1.0
// installed; which of them is.
extern const char *const old_members[];
extern const char *const new_members[];
void install_old(void);
void assert_old(void);
void assert_new(void);

#endif
