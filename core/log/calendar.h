// SPDX-License-Identifier: MIT
// From seconds to a date, in the proleptic Gregorian calendar (ISO 8601).
#ifndef CORE_LOG_CALENDAR_H
#define CORE_LOG_CALENDAR_H

#include <stdint.h>

struct blox_log_calendar {
    uint16_t year;      // 1970 to 2106
    uint8_t month, day; // from 1
    uint8_t hour, minute, second;
};

// seconds since 1970-01-01T00:00:00Z.
void blox_log_calendar(struct blox_log_calendar *calendar, uint32_t seconds);

#endif
