// SPDX-License-Identifier: MIT
// An SPI controller in hardware, on the wires: it clocks bytes bit by bit and
// takes the world's clock along. Chip select is not its business.
#ifndef SIM_SPI_CONTROLLER_H
#define SIM_SPI_CONTROLLER_H

#include <stddef.h>

#include "sim/device.h"

// A wire may be -1: not connected.
struct sim_spi_controller {
    struct sim_world *world;
    int sck;
    int mosi;
    int miso;
    uint32_t hertz;
    bool polarity; // SCK's level at rest
    bool phase;    // data counts at the second edge of a clock
    bool lsb_first;
};

// Puts SCK to rest.
void sim_spi_begin(struct sim_spi_controller *spi);

// Sends src (NULL: zeros) and puts what comes meanwhile into dest (or NULL);
// they may be the same.
void sim_spi_transfer(struct sim_spi_controller *spi, size_t size,
                      const uint8_t *src, uint8_t *dest);

#endif
