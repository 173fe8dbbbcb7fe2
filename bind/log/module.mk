# SPDX-License-Identifier: MIT
# _blox_log: a ring of log records, and the lines made of them.
SRC := bind/log/log.c core/log/calendar.c core/log/record.c core/log/ring.c \
  core/log/syslog.c $(BIND_BASE)
