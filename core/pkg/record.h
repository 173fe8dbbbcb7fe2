// SPDX-License-Identifier: MIT
// RECORD (PEP 376, PEP 427): lines of CSV `path,sha256=<base64>,size`, with
// quotes where a path has a comma or a quote. The lines of RECORD itself and
// of its signatures have neither hash nor size.
#ifndef CORE_PKG_RECORD_H
#define CORE_PKG_RECORD_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/pkg/path.h"

struct blox_record_line {
    uint32_t size;
    bool has_hash; // sha256 and size are there
    uint8_t path_size;
    uint8_t sha256[BLOX_SHA256_SIZE];
    char path[BLOX_PATH_MAX + 1]; // NUL-terminated
};

// A parser, fed bytes split anywhere.
struct blox_record {
    const char *why; // after an error, a constant phrase

    // Private.
    uint8_t hash_size;
    uint8_t field, state;
    uint8_t digits;
    bool fresh;    // a line has begun
    char hash[51]; // "sha256=" and 44 characters, padding included

    struct blox_record_line line; // the last one completed
};

// Starts.
void blox_record_init(struct blox_record *record);

// Takes bytes from the front of *text, advancing it. Returns 1 when a line is
// complete in record->line (empty lines are skipped), 0 when *text is used
// up, or BLOX_ERROR_FORMAT (no CSV, another hash than sha256, a bad size;
// why tells), BLOX_ERROR_PATH (a path over BLOX_PATH_MAX or with a NUL).
int blox_record_feed(struct blox_record *record, struct blox_span *text);

// The text is over. Returns 1 when a last line without newline is complete,
// 0 when there is none, or an error as above.
int blox_record_end(struct blox_record *record);

// A RECORD file on storage, line by line.
struct blox_record_file {
    const struct blox_storage *storage; // the caller's, outlives this
    uint32_t index;                     // of the current line, from 0

    // Private.
    uint32_t next;
    void *file;
    struct blox_span left;
    bool ended;

    struct blox_record record; // record.line: the current line
    uint8_t buffer[128];       // private
};

// Opens path. Returns BLOX_OK or an error of storage->open.
int blox_record_open(struct blox_record_file *record,
                     const struct blox_storage *storage, const char *path);

// Reads the next line into record.line. Returns 1, 0 after the last line, an
// error of blox_record_feed() or of storage->read.
int blox_record_next(struct blox_record_file *record);

// Goes back to the first line. Returns BLOX_OK or an error of storage->seek.
int blox_record_rewind(struct blox_record_file *record);

// Closes; harmless when not open.
void blox_record_close(struct blox_record_file *record);

#endif
