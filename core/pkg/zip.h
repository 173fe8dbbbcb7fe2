// SPDX-License-Identifier: MIT
// Reading a zip archive (PKWARE APPNOTE 6.3) of a file on storage: the end of
// the central directory, its entries one after the other, the place of a
// member's data. Sizes come from the central directory, so data descriptors
// need no care. Memory: this struct and one entry.
//
// Refused: more than one disk, zip64, encryption, methods other than stored
// and deflate, symbolic links and other special files, anything that lies
// outside the file.
#ifndef CORE_PKG_ZIP_H
#define CORE_PKG_ZIP_H

#include "core/base/storage.h"
#include "core/base/text.h"
#include "core/pkg/path.h"

enum blox_zip_method {
    BLOX_ZIP_STORED = 0,
    BLOX_ZIP_DEFLATED = 8,
};

struct blox_zip {
    const struct blox_storage *storage; // the caller's, outlives this
    void *file;                         // open for reading
    uint32_t file_size;
    uint32_t directory;     // offset of the central directory
    uint32_t directory_end; // offset behind it
    uint32_t members;       // entries, directories included
};

// As everywhere in this layer the arrays come last: a field near the begin of a
// struct takes a short instruction.
struct blox_zip_entry {
    uint32_t crc32;
    uint32_t compressed_size;
    uint32_t size;
    uint32_t offset;     // of the local header
    uint16_t time, date; // MS-DOS
    uint16_t method;
    bool directory; // a folder: no data
    uint8_t name_size;
    char name[BLOX_PATH_MAX + 1]; // NUL-terminated
};

// Reads the end of the archive in file, which is open for reading on storage
// and stays the caller's to close. The comment may have up to 65535 bytes.
// Returns BLOX_OK, BLOX_ERROR_FORMAT (no zip), BLOX_ERROR_UNSUPPORTED (zip64,
// several disks), or an error of storage, with a sentence in why.
int blox_zip_open(struct blox_zip *zip, const struct blox_storage *storage,
                  void *file, uint32_t file_size, struct blox_text *why);

// Reads the next entry of the central directory; start with *cursor 0. A
// cursor kept from before an entry reads that entry again.
// Returns 1, 0 after the last entry, BLOX_ERROR_FORMAT (damaged),
// BLOX_ERROR_PATH (the name is too long or not allowed, see
// core/pkg/path.h), BLOX_ERROR_UNSUPPORTED (encrypted, another method, a
// symbolic link, zip64), or an error of storage, with a sentence in why.
int blox_zip_next(struct blox_zip *zip, uint32_t *cursor,
                  struct blox_zip_entry *entry, struct blox_text *why);

// Moves the file to the first byte of a member's data, after checking that
// the local header agrees, and stores its offset in *data. Returns BLOX_OK,
// BLOX_ERROR_FORMAT, or an error of storage, with a sentence in why.
int blox_zip_seek(struct blox_zip *zip, const struct blox_zip_entry *entry,
                  uint32_t *data, struct blox_text *why);

#endif
