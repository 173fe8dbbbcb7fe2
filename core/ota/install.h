// SPDX-License-Identifier: MIT
// The boot half of an update (docs/ARCHITECTURE.md): what was downloaded is
// unpacked, checked and described in a journal, and one rename commits it.
// Before that rename nothing outside /.blox has changed; after it the caller
// resets, and rescue() of main.py applies the journal.
//
// A power cut before the commit changes nothing: the next boot starts over, or,
// once the wheels have made room for journal and reserve, finds nothing ready
// and they are fetched again. When a package is refused, settle with the reason
// (core/ota/settle.h): it is not tried again, and the old set boots.
//
// Use: init; step until it returns BLOX_INSTALL_DONE or an error, doing what
// it asks for; close in any case.
#ifndef CORE_OTA_INSTALL_H
#define CORE_OTA_INSTALL_H

#include "core/ota/journal.h"
#include "core/ota/todo.h"
#include "core/pkg/installed.h"
#include "core/pkg/record.h"
#include "core/pkg/unpack.h"

// What blox_install_step() returns when it is not an error.
enum blox_install_event {
    BLOX_INSTALL_DONE = 0, // committed: reset now
    BLOX_INSTALL_MORE = 1, // call again
    // Give a window of at least window_wanted bytes with
    // blox_install_set_window(), then call again.
    BLOX_INSTALL_WINDOW = 2,
    // A new main.py or boot.py lies at check_path: compile it, tell the result
    // with blox_install_checked(), then call again.
    BLOX_INSTALL_CHECK = 3,
};

// Every pointer must stay valid until blox_install_close().
struct blox_install_config {
    const struct blox_storage *storage;
    const struct blox_sha256 *sha256;
    const struct blox_unpack_ops *unpack; // core/pkg/unpack.h
    struct blox_span platform;            // "esp32c3"
    uint32_t mpy;    // sys.implementation._mpy; 0: native code is not checked
    uint8_t *io;     // buffer for reading and writing
    size_t io_size;  // at least 512
    uint8_t *bitmap; // two bits for each file of the largest wheel:
    size_t bitmap_size;    // 1024 bytes do for 4096 files
    struct blox_text *why; // gets the sentence of an error
};

struct blox_install {
    uint32_t files;                      // staged so far, for progress
    size_t window_wanted;                // with BLOX_INSTALL_WINDOW
    char check_path[BLOX_FILE_NAME_MAX]; // with BLOX_INSTALL_CHECK
    // The entry being worked on, "bigpkg 1.0" or a path; cut if need be.
    char label[BLOX_NAME_MAX + BLOX_VERSION_MAX + 2];

    // Private.
    struct blox_install_config config;
    uint8_t pass;
    uint32_t number;  // of the next staged file
    uint32_t backups; // of the next backup
    uint32_t directories, crc, left, cursor;
    void *file, *out;
    uint8_t *window;
    size_t window_size;
    struct blox_todo todo;
    struct blox_journal journal;
    char folder[BLOX_FILE_TARGET_MAX]; // of the file moved last
    union {
        struct {
            struct blox_record_file record;
            struct blox_installed installed;
        } old;
        struct blox_unpack unpack;
    };
};

// Starts; touches nothing yet. Returns BLOX_OK or BLOX_ERROR_ARGUMENT (an io
// buffer under 512 bytes, no bitmap).
int blox_install_init(struct blox_install *install,
                      const struct blox_install_config *config);

// Gives a (larger) window; the old one is no longer used.
void blox_install_set_window(struct blox_install *install, uint8_t *window,
                             size_t size);

// Whether the file at check_path compiled, and what the compiler said.
void blox_install_checked(struct blox_install *install, bool compiles,
                          struct blox_span said);

// Does the next piece of work: at most about io_size bytes read and written.
// Returns an enum blox_install_event; BLOX_ERROR_MISSING, without a sentence,
// when nothing is ready to be installed: settle then, for something may be left
// of an attempt that was cut off; BLOX_ERROR_STATE when a journal is in force;
// or, with a sentence, why the set was refused: an error of blox_unpack_step(),
// of the list, BLOX_ERROR_PATH (a file where a directory must be, or the other
// way), BLOX_ERROR_REFUSED (a main.py without RESCUE, or that does not
// compile), BLOX_ERROR_FULL, BLOX_ERROR_IO.
int blox_install_step(struct blox_install *install);

// Closes what is open. Safe at any time after init, more than once.
void blox_install_close(struct blox_install *install);

#endif
