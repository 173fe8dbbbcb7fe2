// SPDX-License-Identifier: MIT
// The unpacker: turns a wheel on storage into checked files in a staging
// directory, a bounded piece of work per step, in memory that does not grow
// with the wheel. Nothing outside the staging directory is touched.
//
// Order of work: the whole central directory is looked at, then WHEEL (tag,
// window), METADATA (name, version), room on flash; only then RECORD is
// staged, and then each member is staged and compared with its line: size,
// CRC-32, SHA-256. Every member must have a line and every line a member
// (PROTOCOL §8).
//
// Use: init; step until it returns BLOX_UNPACK_DONE or an error, doing what
// it asks for; close in any case.
#ifndef CORE_PKG_UNPACK_H
#define CORE_PKG_UNPACK_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/base/text.h"
#include "core/codec/inflate.h"
#include "core/pkg/metadata.h"
#include "core/pkg/record.h"
#include "core/pkg/zip.h"

// What blox_unpack_step() returns when it is not an error.
enum blox_unpack_event {
    BLOX_UNPACK_DONE = 0, // everything is staged and checked
    BLOX_UNPACK_MORE = 1, // call again
    // Give a window of at least window_wanted bytes with
    // blox_unpack_set_window(), then call again. Comes at most twice: first
    // a small one for WHEEL, then what the largest member needs (at most
    // 32768). A window that is large enough already is not asked for again.
    BLOX_UNPACK_WINDOW = 2,
    // A member is staged and checked: see member. Comes once per file, RECORD
    // included, always before BLOX_UNPACK_DONE.
    BLOX_UNPACK_MEMBER = 3,
};

// Every pointer must stay valid until blox_unpack_close().
struct blox_unpack_config {
    const struct blox_storage *storage;
    const struct blox_sha256 *sha256;
    const char *wheel;   // path of the wheel
    const char *staging; // directory, there already; no '/' at its end
    uint32_t number;     // staged files are <staging>/<number>, number + 1, ...
    // Blocks that must be free once all is staged, besides two for each
    // directory; and whether those that the wheel takes will be by then, for
    // the caller removes it.
    uint32_t reserve_blocks;
    bool goes;
    struct blox_span platform; // "esp32c3"; see core/pkg/tag.h
    uint32_t mpy; // sys.implementation._mpy, for core/pkg/mpy.h; 0: any
    // What the caller knows of the wheel, or empty: another name (PEP 503) or
    // version is refused.
    struct blox_span name, version;
    uint8_t *window; // may be NULL and 0: then it is asked for
    size_t window_size;
    uint8_t *io;           // buffer for reading and writing
    size_t io_size;        // at least 512; 4096 is fast
    uint8_t *bitmap;       // two bits for each line of RECORD: a bitmap of n
    size_t bitmap_size;    // bytes serves wheels of up to 4 * n files
    struct blox_text *why; // gets the sentence of an error
};

// One staged file, until the next step.
struct blox_unpack_member {
    const char *path; // relative to /lib, NUL-terminated
    uint32_t number;  // it lies in <staging>/<number>
    uint32_t size;
    uint32_t crc32;
    uint8_t sha256[BLOX_SHA256_SIZE];
};

struct blox_unpack {
    // From the moment the central directory is read:
    uint32_t files;       // that will be staged
    uint32_t bytes;       // their sizes together
    uint32_t directories; // members lie in about so many, for room
    uint32_t blocks;      // of flash they need while they are staged
    // While staging:
    uint32_t bytes_done;  // for progress
    size_t window_wanted; // with BLOX_UNPACK_WINDOW

    // Private.
    uint8_t pass;
    uint8_t window_bits;                      // of the sender's window
    bool has_wheel, has_metadata, has_record; // in the central directory
    bool thorough;    // look at every line of RECORD for the member
    uint32_t left;    // bytes of the member still to come
    uint32_t crc32;   // of it so far
    uint32_t cursor;  // in the central directory
    uint32_t number;  // of the next staged file
    uint32_t lines;   // of RECORD
    uint32_t scanned; // lines looked at for the member
    uint32_t matched; // lines that are the member's
    uint32_t match;   // the last of them
    void *zip_file;   // NULL: not open
    void *out_file;   // NULL: not open
    uint32_t block_size;
    uint32_t own_blocks; // of the wheel
    uint32_t folders[8]; // a bit for each directory's hash
    uint32_t packed;     // bytes of local headers and data
    uint32_t largest;    // size of the largest deflated member
    uint32_t entries;    // of the central directory, so far
    uint32_t wheel_cursor, metadata_cursor, record_cursor;

    struct blox_unpack_config config;
    struct blox_unpack_member member; // with BLOX_UNPACK_MEMBER

    // From the moment WHEEL and METADATA are read:
    char name[BLOX_NAME_MAX + 1];
    char version[BLOX_VERSION_MAX + 1];
    char dist_info[BLOX_PATH_MAX + 1]; // directory, relative to /lib

    // Private.
    struct blox_zip zip;
    struct blox_zip_entry entry;
    struct blox_record_file record;
    struct blox_metadata metadata;
    struct blox_inflate inflate;
};

// Starts; touches nothing yet. Returns BLOX_OK or BLOX_ERROR_ARGUMENT (an io
// buffer under 512 bytes, an empty bitmap).
int blox_unpack_init(struct blox_unpack *unpack,
                     const struct blox_unpack_config *config);

// Gives a (larger) window; the old one is no longer used.
void blox_unpack_set_window(struct blox_unpack *unpack, uint8_t *window,
                            size_t size);

// Does the next piece of work: at most about io_size bytes read and written.
// Returns an enum blox_unpack_event, or, with a sentence in why:
// BLOX_ERROR_FORMAT (no wheel, damaged), BLOX_ERROR_UNSUPPORTED (encrypted,
// zip64, symbolic link, a method or Wheel-Version we do not know),
// BLOX_ERROR_PATH (a member outside /lib), BLOX_ERROR_MISSING (a member not in
// RECORD, or the other way), BLOX_ERROR_DUPLICATE (two members of one name),
// BLOX_ERROR_DIGEST (size, CRC-32 or SHA-256 differs), BLOX_ERROR_PLATFORM (a
// foreign tag), BLOX_ERROR_LIMIT (more files than the bitmap has bits, a
// distance beyond the window), BLOX_ERROR_FULL (no room), BLOX_ERROR_IO. After
// an error every further step returns BLOX_ERROR_STATE.
int blox_unpack_step(struct blox_unpack *unpack);

// Closes what is open. Safe at any time after init, more than once.
void blox_unpack_close(struct blox_unpack *unpack);

// The functions above as a table, and the readers of RECORD they are made of,
// so that a user of them can be linked without: the installer gets the table
// of another native module.
struct blox_unpack_ops {
    size_t size; // of struct blox_unpack: both sides must mean the same
    int (*init)(struct blox_unpack *unpack,
                const struct blox_unpack_config *config);
    void (*set_window)(struct blox_unpack *unpack, uint8_t *window,
                       size_t size);
    int (*step)(struct blox_unpack *unpack);
    void (*close)(struct blox_unpack *unpack);
    int (*record_open)(struct blox_record_file *record,
                       const struct blox_storage *storage, const char *path);
    int (*record_next)(struct blox_record_file *record);
    void (*record_close)(struct blox_record_file *record);
    const char *(*path_refuse_member)(struct blox_span path);
};

extern const struct blox_unpack_ops blox_unpack_ops;

#endif
