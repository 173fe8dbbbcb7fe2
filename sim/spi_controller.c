// SPDX-License-Identifier: MIT
#include "sim/spi_controller.h"

static void drive(struct sim_spi_controller *spi, int wire, bool level) {
    if (wire >= 0) {
        sim_wires_drive(&spi->world->wires, wire, SIM_PROCESSOR,
                        level ? SIM_HIGH : SIM_LOW);
    }
}

static void half(struct sim_spi_controller *spi) {
    struct sim_clock *clock = &spi->world->clock;
    sim_clock_run(clock, clock->now + SIM_SECOND / 2 / spi->hertz);
}

static bool miso(const struct sim_spi_controller *spi) {
    return spi->miso >= 0 && sim_wires_level(&spi->world->wires, spi->miso);
}

static bool clock_bit(struct sim_spi_controller *spi, bool out) {
    bool in;
    if (!spi->phase) {
        drive(spi, spi->mosi, out);
        half(spi);
        in = miso(spi);
        drive(spi, spi->sck, !spi->polarity);
        half(spi);
        drive(spi, spi->sck, spi->polarity);
    } else {
        drive(spi, spi->sck, !spi->polarity);
        drive(spi, spi->mosi, out);
        half(spi);
        in = miso(spi);
        drive(spi, spi->sck, spi->polarity);
        half(spi);
    }
    return in;
}

void sim_spi_begin(struct sim_spi_controller *spi) {
    drive(spi, spi->sck, spi->polarity);
    drive(spi, spi->mosi, false);
    if (spi->miso >= 0) {
        sim_wires_drive(&spi->world->wires, spi->miso, SIM_PROCESSOR,
                        SIM_RELEASE);
    }
}

void sim_spi_transfer(struct sim_spi_controller *spi, size_t size,
                      const uint8_t *src, uint8_t *dest) {
    for (size_t i = 0; i < size; i++) {
        uint8_t out = src != NULL ? src[i] : 0;
        uint8_t in = 0;
        for (int bit = 0; bit < 8; bit++) {
            int shift = spi->lsb_first ? bit : 7 - bit;
            in |= (uint8_t)(clock_bit(spi, out >> shift & 1) << shift);
        }
        if (dest != NULL) {
            dest[i] = in;
        }
    }
}
