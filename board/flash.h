// SPDX-License-Identifier: MIT
// The flash image: 24 KiB of NVS, then the file system's partition. The file
// is mapped, so what has been programmed is in it whatever ends the process.
#ifndef BOARD_FLASH_H
#define BOARD_FLASH_H

#include "sim/flash.h"

enum { BOARD_FLASH_NVS = 24 * 1024 };

// Opens the image, made when it is not there. Ends the program with a sentence
// when that fails or it has another size than asked for.
void board_flash_start(void);

// The chip.
struct sim_flash *board_flash(void);

#endif
