// SPDX-License-Identifier: MIT
// Pulses at the pins.
#ifndef BOARD_PWM_H
#define BOARD_PWM_H

#include <stdbool.h>
#include <stdint.h>

struct board_pwm {
    uint32_t hertz; // 0: none
    uint16_t duty;  // of 65536
};

// The pulses at a pin, or NULL when it has none.
struct board_pwm *board_pwm(int pin);

// Starts or changes them. Returns false when all of an ESP32's 16 channels or
// 8 timers (one for each frequency) are taken.
bool board_pwm_set(int pin, uint32_t hertz, uint16_t duty);

void board_pwm_stop(int pin);

// Bits of duty that a timer has at a frequency.
int board_pwm_bits(uint32_t hertz);

// Brings a pin that is about to be read to its level of this moment.
void board_pwm_look(int pin);

#endif
