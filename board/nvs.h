// SPDX-License-Identifier: MIT
// esp32.NVS over the store of sim/nvs.h.
#ifndef BOARD_NVS_H
#define BOARD_NVS_H

// Opens the store in the flash image, which is open already.
void board_nvs_start(void);

#endif
