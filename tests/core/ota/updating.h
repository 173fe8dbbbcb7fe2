// SPDX-License-Identifier: MIT
// What the tests of the updater share: a device, lists of one entry and the
// package that they name.
#ifndef TESTS_CORE_OTA_UPDATING_H
#define TESTS_CORE_OTA_UPDATING_H

#include "tests/core/ota/device.h"

extern struct device device;
extern char sha[65];    // of the package of the last list made
extern char list[4096]; // the last list made

// For cmocka: a device that is switched on; nothing is left open behind it.
int updating_setup(void **state);
int updating_teardown(void **state);

// A new device, within a test.
void updating_anew(void **state);

// Make, in `list`, and return the list that asks for content at path; or for
// the wheel big-pkg 1.0, more is what its entry has besides.
const char *src_list(const char *path, const char *content);
const char *wheel_list(const char *content, const char *more);

// Retains content on the topic that format makes of `sha`.
void retain(const char *format, const char *content);

// The channel has this list; connects and runs.
void start_with(const char *text);

// The channel has no list any more.
void withdraw(void);

// The set on trial is there to stay.
void confirm(void);

void assert_state(const char *name);

// Nothing is staged but what is remembered.
void assert_clean(void);

#endif
