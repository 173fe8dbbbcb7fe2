# SPDX-License-Identifier: MIT
# _blox_logger: logging's Logger and LogRecord. Resident on every device.
SRC := bind/logger/logger.c bind/logger/message.c bind/logger/record.c \
  core/log/calendar.c core/log/format.c core/log/record.c $(BIND_BASE)
