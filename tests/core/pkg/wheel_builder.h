// SPDX-License-Identifier: MIT
// Builds zips and wheels for tests, good ones and, by its options, bad ones.
#ifndef TESTS_CORE_PKG_WHEEL_BUILDER_H
#define TESTS_CORE_PKG_WHEEL_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How a member is written; zeroed: stored, and nothing wrong with it.
struct member {
    const char *name;
    const void *data;
    size_t size;
    bool deflate;
    int window_bits;        // of deflate; 0: 15
    uint16_t method;        // written instead when not 0
    uint16_t flags;         // of both headers
    uint8_t host;           // made by: 3 is Unix
    uint32_t mode;          // Unix mode
    uint32_t crc_xor;       // spoils the CRC-32
    int size_add;           // spoils the uncompressed size
    int packed_add;         // spoils the compressed size
    int offset_add;         // spoils the offset of the local header
    size_t extra;           // bytes of extra field in the local header
    const char *local_name; // another name in the local header, as long
    bool descriptor;        // sizes and CRC-32 only behind the data
};

struct builder {
    uint8_t *data; // the file so far; after builder_finish() the zip
    size_t size;
    uint8_t *central;
    size_t central_size;
    uint16_t count;

    // For wheels: RECORD so far.
    char *record;
    size_t record_size;
};

void builder_init(struct builder *builder);
void builder_free(struct builder *builder);

// Adds a member to the zip.
void builder_add(struct builder *builder, const struct member *member);

// Adds a member of this name and content.
void builder_put(struct builder *builder, const char *name, const char *text);

// Writes the central directory and the end, with a comment.
void builder_finish(struct builder *builder, const char *comment);

// Adds a line to RECORD: of this content, or, for NULL, without hash and size.
void builder_record(struct builder *builder, const char *name, const void *data,
                    size_t size);
void builder_record_line(struct builder *builder, const char *line);

// Adds a member and its line of RECORD.
void builder_add_recorded(struct builder *builder, const struct member *member);
void builder_put_recorded(struct builder *builder, const char *name,
                          const char *text);

// Adds METADATA, WHEEL and RECORD of "<name>-<version>.dist-info" and
// finishes; wheel is the text of WHEEL, NULL for a good one.
void builder_finish_wheel(struct builder *builder, const char *name,
                          const char *version, const char *wheel);

#endif
