// SPDX-License-Identifier: MIT
// Numbers of fields and signatures: APPNOTE 6.3.10, sections 4.3 and 4.4.
#include "core/pkg/zip.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/pkg/sentence.h"

enum {
    END_SIZE = 22,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    COMMENT_MAX = 65535,
    DEFLATE_MAX = 1032, // bytes that one byte of deflate can become
    SEARCH = 128,       // bytes looked at together when the end is searched

    FLAGS_ENCRYPTED = 0x2041, // bits 0, 6 and 13
    HOST_UNIX = 3,
    HOST_MAC = 19,
    MODE_KIND = 0xf000,
    MODE_DIRECTORY = 0x4000,
    MODE_REGULAR = 0x8000,
};

static const uint32_t end_signature = 0x06054b50;
static const uint32_t central_signature = 0x02014b50;
static const uint32_t local_signature = 0x04034b50;
static const uint32_t zip64_mark = 0xffffffff;

static const char zip64[] = "is of the zip64 kind, which is not supported";
static const char damaged[] = "the zip is damaged; publish it again";

static int fail(struct blox_text *why, int error, const char *what) {
    return blox_pkg_fail(why, error, blox_span(NULL, 0), what);
}

static int fail_entry(struct blox_text *why, int error,
                      const struct blox_zip_entry *entry, const char *what) {
    return blox_pkg_fail(why, error, blox_span(entry->name, entry->name_size),
                         what);
}

// Reads exactly size bytes from where the file stands. BLOX_ERROR_FORMAT: it
// ends before.
static int read_all(struct blox_zip *zip, uint8_t *data, size_t size) {
    const struct blox_storage *storage = zip->storage;
    while (size > 0) {
        int32_t got = storage->read(storage->context, zip->file, data, size);
        if (got <= 0) {
            return got < 0 ? (int)got : BLOX_ERROR_FORMAT;
        }
        data += got;
        size -= (size_t)got;
    }
    return BLOX_OK;
}

static int read_at(struct blox_zip *zip, uint32_t offset, uint8_t *data,
                   size_t size) {
    const struct blox_storage *storage = zip->storage;
    int error = storage->seek(storage->context, zip->file, offset);
    return error < 0 ? error : read_all(zip, data, size);
}

static int fail_read(struct blox_text *why, int error) {
    return error == BLOX_ERROR_FORMAT
               ? fail(why, error, damaged)
               : blox_pkg_fail_storage(why, error, blox_span(NULL, 0), "read");
}

// Whether the end record stands at offset: its comment must reach exactly to
// the end of the file. Returns 1, 0 or an error.
static int try_end(struct blox_zip *zip, uint32_t offset,
                   uint8_t record[END_SIZE]) {
    int error = read_at(zip, offset, record, END_SIZE);
    if (error < 0) {
        return error;
    }
    uint32_t comment = blox_le16(record + 20);
    return offset + END_SIZE + comment == zip->file_size;
}

// Searches the end record backwards from offset last. Returns its offset
// through *offset: 1 found, 0 not, or an error.
static int search_end(struct blox_zip *zip, uint32_t last,
                      uint8_t record[END_SIZE], uint32_t *offset) {
    uint8_t window[SEARCH];
    uint32_t low = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
    uint32_t high = last + 1; // candidates are low <= at < high
    while (high > low) {
        uint32_t start = high - low > SEARCH - 4 ? high - (SEARCH - 4) : low;
        int error = read_at(zip, start, window, high - start + 3);
        for (uint32_t at = high; error == 0 && at-- > start;) {
            if (blox_le32(window + (at - start)) == end_signature) {
                *offset = at;
                error = try_end(zip, at, record);
            }
        }
        if (error != 0) {
            return error;
        }
        high = start;
    }
    return 0;
}

static int check_end(struct blox_zip *zip, const uint8_t *record,
                     uint32_t offset, struct blox_text *why) {
    uint32_t size = blox_le32(record + 12);
    zip->directory = blox_le32(record + 16);
    zip->members = blox_le16(record + 10);
    if (zip->members == UINT16_MAX || size == zip64_mark ||
        zip->directory == zip64_mark) {
        return fail(why, BLOX_ERROR_UNSUPPORTED, zip64);
    }
    if (blox_le16(record + 4) != 0 || blox_le16(record + 6) != 0 ||
        blox_le16(record + 8) != zip->members) {
        return fail(why, BLOX_ERROR_UNSUPPORTED, "the zip has several disks");
    }
    if (zip->directory > offset || size > offset - zip->directory) {
        return fail(why, BLOX_ERROR_FORMAT, damaged);
    }
    zip->directory_end = zip->directory + size;
    return BLOX_OK;
}

int blox_zip_open(struct blox_zip *zip, const struct blox_storage *storage,
                  void *file, uint32_t file_size, struct blox_text *why) {
    uint8_t record[END_SIZE];
    uint32_t offset = 0;
    *zip = (struct blox_zip){
        .storage = storage, .file = file, .file_size = file_size};
    int found = file_size < END_SIZE
                    ? 0
                    : search_end(zip, file_size - END_SIZE, record, &offset);
    if (found < 0) {
        return fail_read(why, found);
    }
    if (found == 0) {
        return fail(why, BLOX_ERROR_FORMAT,
                    "this is no zip file; publish the wheel again");
    }
    return check_end(zip, record, offset, why);
}

static void decode(struct blox_zip_entry *entry, const uint8_t *header) {
    entry->method = blox_le16(header + 10);
    entry->time = blox_le16(header + 12);
    entry->date = blox_le16(header + 14);
    entry->crc32 = blox_le32(header + 16);
    entry->compressed_size = blox_le32(header + 20);
    entry->size = blox_le32(header + 24);
    entry->offset = blox_le32(header + 42);
}

// Whether the mode says anything but a plain file or a folder.
static bool is_special(const uint8_t *header) {
    uint32_t host = header[5];
    uint32_t kind = blox_le32(header + 38) >> 16 & MODE_KIND;
    return (host == HOST_UNIX || host == HOST_MAC) && kind != 0 &&
           kind != MODE_REGULAR && kind != MODE_DIRECTORY;
}

static int check_kind(const struct blox_zip_entry *entry, const uint8_t *header,
                      struct blox_text *why) {
    const char *what = NULL;
    if ((blox_le16(header + 8) & FLAGS_ENCRYPTED) != 0) {
        what = "is encrypted, which is not supported";
    } else if (is_special(header)) {
        what = "is a symbolic link or another special file";
    } else if (entry->size == zip64_mark ||
               entry->compressed_size == zip64_mark ||
               entry->offset == zip64_mark) {
        what = zip64;
    } else if (entry->method != BLOX_ZIP_STORED &&
               entry->method != BLOX_ZIP_DEFLATED) {
        what = "is compressed by a method other than deflate";
    }
    return what == NULL ? BLOX_OK
                        : fail_entry(why, BLOX_ERROR_UNSUPPORTED, entry, what);
}

static int check_place(const struct blox_zip *zip,
                       const struct blox_zip_entry *entry,
                       struct blox_text *why) {
    uint32_t room = zip->directory;
    uint32_t header = LOCAL_SIZE + (uint32_t)entry->name_size;
    bool outside = entry->offset > room || header > room - entry->offset ||
                   entry->compressed_size > room - entry->offset - header;
    bool possible = entry->method == BLOX_ZIP_STORED
                        ? entry->size == entry->compressed_size
                        : entry->size / DEFLATE_MAX <= entry->compressed_size;
    if (outside || !possible) {
        return fail_entry(why, BLOX_ERROR_FORMAT, entry, damaged);
    }
    return BLOX_OK;
}

// Takes the '/' off a folder's name and checks the path.
static int check_name(struct blox_zip_entry *entry, struct blox_text *why) {
    size_t size = entry->name_size;
    entry->directory = size > 1 && entry->name[size - 1] == '/';
    struct blox_span path = blox_span(entry->name, size - entry->directory);
    const char *refused = blox_path_refuse_member(path);
    if (refused != NULL) {
        return fail_entry(why, BLOX_ERROR_PATH, entry, refused);
    }
    return BLOX_OK;
}

static int read_name(struct blox_zip *zip, uint32_t size,
                     struct blox_zip_entry *entry, struct blox_text *why) {
    if (size > BLOX_PATH_MAX) {
        return fail(why, BLOX_ERROR_PATH, "a member's path is over 200 bytes");
    }
    int error = read_all(zip, (uint8_t *)entry->name, size);
    entry->name[size] = '\0';
    entry->name_size = (uint8_t)size;
    return error < 0 ? fail_read(why, error) : BLOX_OK;
}

int blox_zip_next(struct blox_zip *zip, uint32_t *cursor,
                  struct blox_zip_entry *entry, struct blox_text *why) {
    uint8_t header[CENTRAL_SIZE];
    uint32_t size_all = zip->directory_end - zip->directory;
    if (*cursor >= size_all) {
        return 0;
    }
    uint32_t left = size_all - *cursor;
    int error = left < CENTRAL_SIZE ? BLOX_ERROR_FORMAT
                                    : read_at(zip, zip->directory + *cursor,
                                              header, sizeof header);
    if (error == BLOX_OK && blox_le32(header) != central_signature) {
        error = BLOX_ERROR_FORMAT;
    }
    if (error < 0) {
        return fail_read(why, error);
    }
    uint32_t name = blox_le16(header + 28);
    uint32_t size =
        CENTRAL_SIZE + name + blox_le16(header + 30) + blox_le16(header + 32);
    if (size > left) {
        return fail_read(why, BLOX_ERROR_FORMAT);
    }
    *cursor += size;
    error = read_name(zip, name, entry, why);
    if (error < 0) {
        return error;
    }
    decode(entry, header);
    error = check_name(entry, why);
    error = error < 0 ? error : check_kind(entry, header, why);
    error = error < 0 ? error : check_place(zip, entry, why);
    return error < 0 ? error : 1;
}

// Whether the next bytes of the file are the entry's name. Returns 1, 0 or an
// error.
static int same_name(struct blox_zip *zip, const struct blox_zip_entry *entry) {
    uint8_t part[32];
    for (size_t at = 0; at < entry->name_size; at += sizeof part) {
        size_t size = entry->name_size - at;
        size = size < sizeof part ? size : sizeof part;
        int error = read_all(zip, part, size);
        if (error < 0) {
            return error;
        }
        if (memcmp(part, entry->name + at, size) != 0) {
            return 0;
        }
    }
    return 1;
}

int blox_zip_seek(struct blox_zip *zip, const struct blox_zip_entry *entry,
                  uint32_t *data, struct blox_text *why) {
    uint8_t header[LOCAL_SIZE];
    int error = read_at(zip, entry->offset, header, sizeof header);
    int same = error < 0 ? error : same_name(zip, entry);
    if (same < 0) {
        return fail_read(why, same);
    }
    *data = entry->offset + LOCAL_SIZE + blox_le16(header + 26) +
            blox_le16(header + 28);
    if (same == 0 || blox_le32(header) != local_signature ||
        blox_le16(header + 8) != entry->method ||
        blox_le16(header + 26) != entry->name_size || *data > zip->directory ||
        entry->compressed_size > zip->directory - *data) {
        return fail_entry(why, BLOX_ERROR_FORMAT, entry, damaged);
    }
    error = zip->storage->seek(zip->storage->context, zip->file, *data);
    return error < 0 ? fail_read(why, error) : BLOX_OK;
}
