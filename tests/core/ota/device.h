// SPDX-License-Identifier: MIT
// A device for tests of core/ota: a file system in memory, a broker that
// holds retained payloads, and what the Python glue and rescue() do on a real
// one: carry out the updater's requests, run plans, install at boot, apply the
// journal.
#ifndef TESTS_CORE_OTA_DEVICE_H
#define TESTS_CORE_OTA_DEVICE_H

#include "core/ota/command.h"
#include "core/ota/install.h"
#include "core/ota/plan.h"
#include "core/ota/settle.h"
#include "core/ota/updater.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/storage_ram.h"

enum { DEVICE_TOPICS = 40 };

struct device_retained {
    char topic[300];
    uint8_t *data;
    size_t size;
};

struct device {
    struct storage_ram ram;
    struct conf_crypto crypto;      // the updater's
    struct conf_crypto plan_crypto; // the plan's
    struct blox_updater updater;
    struct blox_plan plan;
    char plan_sentence[160];
    struct blox_text plan_why;
    bool planning;
    struct device_retained retained[DEVICE_TOPICS];
    char subscribed[8][300]; // topics
    uint32_t now;            // ms
    bool auto_update;
    bool has_key; // and commands are not signed
    const char *platform;
    bool starving; // no memory for what reads a list or command; resets may
    bool early;    // help: this is what starved() returned last

    // Faults of the broker.
    size_t chunk;       // bytes a payload comes in; 0: whole
    size_t break_after; // the connection breaks after so many bytes; 0: never
    size_t stall_after; // payloads stop after so many bytes; 0: never
    bool mute;          // no SUBACK
    bool slow_suback;   // payloads come before the SUBACK
    bool stop_at_fetch; // run() returns when a package was asked for

    // What was asked for.
    bool reboot;
    uint32_t infos;
    char states[2048];  // states published, each with a blank behind it
    char topics[4096];  // package topics subscribed, each with a newline
    char log[2048];     // sentences logged, each with a newline
    char replies[4096]; // answers to commands, each with a newline
    char document[512]; // the last state document
};

// A device that is switched on, not connected. Free it with device_free().
void device_init(struct device *device);
void device_free(struct device *device);

// Closes what the updater and the plan have open, as a reset does.
void device_close(struct device *device);

// Retains a payload; delivers it if its topic is subscribed. size 0 clears.
void device_publish(struct device *device, const char *topic, const void *data,
                    size_t size);

// Nothing is retained any more on topics that begin so.
void device_forget(struct device *device, const char *prefix);

// Publishes text on the channel, or on cmd.
void device_list(struct device *device, const char *list);
void device_command(struct device *device, const char *text);

void device_connect(struct device *device);
void device_disconnect(struct device *device);

// Does what is wanted and a piece of work, or lets time go on a little.
// Returns whether there was something to do.
bool device_step(struct device *device);

// Runs until nothing happens any more for a while of the device's time, or
// until a reboot is asked for.
void device_run(struct device *device);

// Resets: applies or undoes the journal as rescue() does, then what
// mpy_blox.trial.boot() does, resetting again when a set was committed. Then
// starts the updater anew, not connected. Returns the installer's last
// result (BLOX_ERROR_MISSING: there was nothing to install).
int device_reset(struct device *device);

// The two halves of a reset, for tests that look between them. install
// returns what the installer said last.
void device_rescue(struct device *device);
int device_install(struct device *device, char *sentence, size_t capacity);
void device_settle(struct device *device, const char *sentence);

// Confirms the set on trial, as mpy_blox.update.confirm() does. Returns
// BLOX_OK, or BLOX_ERROR_STATE when none is.
int device_confirm(struct device *device);

// SHA-256 of data as 64 hex digits and a NUL.
void device_sha256(const void *data, size_t size, char hex[65]);

// Whether the file has this content, or, for NULL, is not there.
bool device_has(const struct device *device, const char *path,
                const char *text);

#endif
