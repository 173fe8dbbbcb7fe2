// SPDX-License-Identifier: MIT
// What the files of the installer share; not for others. install.c: the order
// of work; install_old.c: what goes; install_src.c: files that come as src.
#ifndef CORE_OTA_INSTALL_PARTS_H
#define CORE_OTA_INSTALL_PARTS_H

#include "core/base/error.h"
#include "core/ota/install.h"

enum pass {
    PASS_START,
    PASS_VERIFY, // what is to be done, from end to end
    PASS_CLEAN,  // remove what an attempt before this one left
    PASS_REMOVE, // entries: what goes
    PASS_RECORD, // one entry's old package, file by file
    PASS_STAGE,  // entries: what comes
    PASS_UNPACK, // one entry's wheel
    PASS_SRC,    // one entry's file
    PASS_CHECK,  // waits for blox_install_checked()
    PASS_LIST,   // the list of src files
    PASS_PREPARE,
    PASS_RESERVE,
    PASS_COMMIT,
    PASS_DONE,
};

// BLOX_INSTALL_MORE, or the error.
static inline int blox_install_more(int error) {
    return error == BLOX_OK ? BLOX_INSTALL_MORE : error;
}

// install.c

// Closes *file and makes it NULL; harmless when it is.
void blox_install_close_file(struct blox_install *install, void **file);

// Opens a file, which the engine closes. Returns BLOX_OK, or an error of
// storage with its sentence; *file is NULL then.
int blox_install_open_file(struct blox_install *install, const char *path,
                           enum blox_storage_mode mode, void **file);

// Fills the io buffer. Returns how many bytes, 0 at the end of the file, or an
// error of storage.
int32_t blox_install_read(struct blox_install *install, void *file);

// Goes back to the first entry of what is to be done. Returns as
// blox_todo_open().
int blox_install_open_todo(struct blox_install *install);

// What sentences call the current entry: "big-pkg 1.0".
void blox_install_set_label(struct blox_install *install);

// Adds the move of a staged file, and the directories it needs, to the journal.
// Returns BLOX_OK or an error of storage.
int blox_install_move(struct blox_install *install, const char *from,
                      const char *target, uint32_t crc32);

// install_old.c: steps of PASS_REMOVE and PASS_RECORD, which return as
// blox_install_step().
int blox_install_take_removal(struct blox_install *install);
int blox_install_take_record_line(struct blox_install *install);
// Where the file that will be target waits until the set is confirmed; NULL:
// it does not.
const char *blox_install_late(const char *target);

// install_src.c: begin and go on with PASS_SRC and PASS_LIST; they return as
// blox_install_step().
int blox_install_start_src(struct blox_install *install);
int blox_install_take_src(struct blox_install *install);
int blox_install_start_src_list(struct blox_install *install);
int blox_install_take_src_line(struct blox_install *install);

#endif
