// SPDX-License-Identifier: MIT
#include "core/log/calendar.h"

enum { DAY = 86400, DAYS_OF_4_YEARS = 1461, DAYS_TO_MARCH_1972 = 790 };

// Counted from the first of March of a leap year, a leap day is the last of
// four years, and 2100, which has none, is one day of one year away.
void blox_log_calendar(struct blox_log_calendar *calendar, uint32_t seconds) {
    uint32_t clock = seconds % DAY;
    uint32_t days = seconds / DAY + DAYS_OF_4_YEARS - DAYS_TO_MARCH_1972;
    // 2100-03-01 is day 47541 since 1970.
    days += seconds / DAY >= 47541;
    uint32_t year = 1968 + days / DAYS_OF_4_YEARS * 4;
    uint32_t day = days % DAYS_OF_4_YEARS;
    uint32_t years = day / 365 - (day == 1460);
    year += years;
    day -= years * 365;
    // From March on five months have 153 days, twice, and so have all begun.
    uint32_t month = (day * 5 + 2) / 153;
    calendar->year = (uint16_t)(year + (month >= 10));
    calendar->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
    calendar->day = (uint8_t)(day - (month * 153 + 2) / 5 + 1);
    calendar->hour = (uint8_t)(clock / 3600);
    calendar->minute = (uint8_t)(clock / 60 % 60);
    calendar->second = (uint8_t)(clock % 60);
}
