// SPDX-License-Identifier: MIT
// What the virtual ESP32's MicroPython can do: the feature set of
// ports/esp32/mpconfigport.h, on a 64-bit host.
#ifndef BOARD_MPCONFIGVARIANT_H
#define BOARD_MPCONFIGVARIANT_H

#include <alloca.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// Names.
#define MICROPY_PY_SYS_PLATFORM "esp32"
#define MICROPY_HW_BOARD_NAME "Virtual ESP32 board"
#define MICROPY_HW_MCU_NAME "ESP32"
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT "mpy-esp32"

// Types of the host.
typedef long mp_int_t;
typedef unsigned long mp_uint_t;
typedef long mp_off_t;
#define MP_STATE_PORT MP_STATE_VM

// Native code: what an ESP32 loads for xtensawin, the board loads for x64.
#define MICROPY_PERSISTENT_CODE_LOAD (1)
#define MICROPY_EMIT_X64 (1)
void mp_unix_alloc_exec(size_t min_size, void **ptr, size_t *size);
void mp_unix_free_exec(void *ptr, size_t size);
#define MP_PLAT_ALLOC_EXEC(min_size, ptr, size)                                \
    mp_unix_alloc_exec(min_size, ptr, size)
#define MP_PLAT_FREE_EXEC(ptr, size) mp_unix_free_exec(ptr, size)

// Memory: one heap that grows in splits out of a budget (board/heap.c).
#define MICROPY_ENABLE_GC (1)
#define MICROPY_ENABLE_FINALISER (1)
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)
void *board_heap_alloc(size_t size);
void board_heap_free(void *heap);
#define MP_PLAT_ALLOC_HEAP(size) board_heap_alloc(size)
#define MP_PLAT_FREE_HEAP(heap) board_heap_free(heap)
#define MICROPY_ALLOC_PATH_MAX (128)
#define MICROPY_STACK_CHECK_MARGIN (2048)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)

// The language.
#define MICROPY_OPT_COMPUTED_GOTO (1)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_FLOAT_USE_NATIVE_FLT16 (0)
#define MICROPY_ERROR_REPORTING (MICROPY_ERROR_REPORTING_NORMAL)
#define MICROPY_WARNINGS (1)
#define MICROPY_STREAMS_POSIX_API (1)
#define MICROPY_USE_INTERNAL_ERRNO (0)
#define MICROPY_USE_INTERNAL_PRINTF (0)
#define MICROPY_SCHEDULER_DEPTH (8)
#define MICROPY_PY_STR_BYTES_CMP_WARN (1)
#define MICROPY_PY_ALL_INPLACE_SPECIAL_METHODS (1)
#define MICROPY_PY_IO_BUFFEREDWRITER (1)
#define MICROPY_PY_THREAD (1)
#define MICROPY_PY_THREAD_GIL (1)
#define MICROPY_PY_THREAD_RECURSIVE_MUTEX (1)
#define MICROPY_PY_THREAD_GIL_VM_DIVISOR (32)

// Files.
#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)
#define MICROPY_FATFS_ENABLE_LFN (1)
#define MICROPY_FATFS_RPATH (2)
#define MICROPY_FATFS_MAX_SS (4096)
#define MICROPY_FATFS_LFN_CODE_PAGE 437

// Modules.
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_INCLUDEFILE "board/clock_port.h"
#define MICROPY_PY_HASHLIB_MD5 (1)
#define MICROPY_PY_HASHLIB_SHA1 (1)
#define MICROPY_PY_HASHLIB_SHA256 (1)
#define MICROPY_PY_CRYPTOLIB (1)
void mp_hal_get_random(size_t size, void *data);
unsigned long board_random_seed(void);
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC (board_random_seed())
#define MICROPY_PY_OS_INCLUDEFILE "board/os_port.h"
#define MICROPY_PY_OS_DUPTERM (1)
#define MICROPY_PY_OS_SYNC (1)
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_SELECT_POSIX_OPTIMISATIONS (1)
#define MICROPY_PY_SELECT_SELECT (0)
#define MICROPY_PY_SOCKET_LISTEN_BACKLOG_DEFAULT (5)
#define MICROPY_PY_WEBSOCKET (1)
#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "board/machine_port.h"
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_MEMX (0)
#define MICROPY_PY_MACHINE_PIN_MAKE_NEW mp_pin_make_new
#define MICROPY_PY_MACHINE_PIN_BASE (1)
#define MICROPY_PY_MACHINE_SIGNAL (1)
#define MICROPY_PY_MACHINE_PULSE (1)
#define MICROPY_PY_MACHINE_BITSTREAM (0)
#define MICROPY_PY_MACHINE_I2C (1)
#define MICROPY_PY_MACHINE_I2C_TRANSFER_WRITE1 (1)
#define MICROPY_PY_MACHINE_SOFTI2C (1)
#define MICROPY_PY_MACHINE_SPI (1)
#define MICROPY_PY_MACHINE_SPI_MSB (0)
#define MICROPY_PY_MACHINE_SPI_LSB (1)
#define MICROPY_PY_MACHINE_SOFTSPI (1)
#define MICROPY_PY_MACHINE_ADC (1)
#define MICROPY_PY_MACHINE_ADC_INCLUDEFILE "board/adc_port.h"
#define MICROPY_PY_MACHINE_ADC_INIT (1)
#define MICROPY_PY_MACHINE_ADC_READ (1)
#define MICROPY_PY_MACHINE_ADC_READ_UV (1)
#define MICROPY_PY_MACHINE_ADC_ATTEN_WIDTH (1)
#define MICROPY_PY_MACHINE_PWM (1)
#define MICROPY_PY_MACHINE_PWM_DUTY (1)
#define MICROPY_PY_MACHINE_PWM_INCLUDEFILE "board/pwm_port.h"
#define MICROPY_PY_MACHINE_UART (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "board/uart_port.h"
#define MICROPY_PY_MACHINE_UART_IRQ (1)
#define MICROPY_PY_MACHINE_UART_SENDBREAK (0)
#define MICROPY_PY_MACHINE_I2S (1)
#define MICROPY_PY_MACHINE_I2S_INCLUDEFILE "board/i2s_port.h"
#define MICROPY_PY_MACHINE_I2S_CONSTANT_RX (1)
#define MICROPY_PY_MACHINE_I2S_CONSTANT_TX (2)
#define MICROPY_PY_MACHINE_I2S_FINALISER (1)
#define MICROPY_PY_MACHINE_WDT (1)
#define MICROPY_PY_MACHINE_WDT_INCLUDEFILE "board/wdt_port.h"
#define MICROPY_PY_NETWORK (1)
#define MICROPY_PY_NETWORK_INCLUDEFILE "board/wlan_status.h"
#define MICROPY_PY_NETWORK_MODULE_GLOBALS_INCLUDEFILE "board/network_port.h"

// With --fast a loop that waits takes time; see board/world.h.
extern _Bool board_world_is_fast;
void board_world_pass_us(uint64_t us);
#define MICROPY_VM_HOOK_LOOP                                                   \
    if (board_world_is_fast) {                                                 \
        board_world_pass_us(1);                                                \
    }

#endif
