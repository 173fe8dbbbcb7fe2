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
void blox_install_close_file(struct blox_install *install, void **file);
int blox_install_open_file(struct blox_install *install, const char *path,
                           enum blox_storage_mode mode, void **file);
int32_t blox_install_read(struct blox_install *install, void *file);
// Goes back to the first entry of what is to be done.
int blox_install_open_todo(struct blox_install *install);
void blox_install_set_label(struct blox_install *install);
// Adds the move of a staged file, and the directories it needs. With
// backup_now the backup is copied before the commit, so that the target is
// never missing, not for a moment.
int blox_install_move(struct blox_install *install, const char *from,
                      const char *target, uint32_t crc32, bool backup_now);

// install_old.c
int blox_install_take_removal(struct blox_install *install);
int blox_install_take_record_line(struct blox_install *install);
// The bit of a file that rescue needs, or 0.
uint8_t blox_install_vital_bit(const char *path);
// Removes old vital files that have no successor, last of all lines.
int blox_install_remove_vital(struct blox_install *install);

// install_src.c
int blox_install_start_src(struct blox_install *install);
int blox_install_take_src(struct blox_install *install);
int blox_install_start_src_list(struct blox_install *install);
int blox_install_take_src_line(struct blox_install *install);

#endif
