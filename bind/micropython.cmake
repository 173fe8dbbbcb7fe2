# SPDX-License-Identifier: MIT
# bind/ as static modules of a firmware that is built with CMake (ESP32, RP2):
#   make -C ports/esp32 USER_C_MODULES=<this repository>/bind/micropython.cmake
# The same sources as bind/micropython.mk: those of each bind/*/module.mk.

get_filename_component(BLOX_TOP ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
if(NOT BEARSSL_DIR)
    set(BEARSSL_DIR $ENV{BEARSSL_DIR}) # of the command line of `make`
endif()
if(NOT BEARSSL_DIR)
    set(BEARSSL_DIR ${BLOX_TOP}/ext/bearssl)
endif()

set(BLOX_BIND_BASE bind/common/object.c
    core/base/error.c core/base/span.c core/base/text.c)
set(BLOX_BIND_STORAGE bind/common/storage.c)
set(BLOX_BIND_SHA256 bind/common/sha256.c)
set(BLOX_BIND_AES bind/common/aes.c)
set(BLOX_BIND_CRC32)

set(BLOX_SOURCES)
file(GLOB BLOX_MODULES CONFIGURE_DEPENDS ${BLOX_TOP}/bind/*/module.mk)
foreach(module ${BLOX_MODULES})
    file(READ ${module} text)
    string(REGEX REPLACE "#[^\n]*" "" text "${text}")
    string(REGEX REPLACE ".*SRC := *" "" text "${text}")
    string(REGEX REPLACE "[\\\\ \n]+" ";" words "${text}")
    foreach(word ${words})
        if(word MATCHES "^\\$\\((BIND_[A-Z0-9]+)\\)$")
            list(APPEND BLOX_SOURCES ${BLOX_${CMAKE_MATCH_1}})
        elseif(NOT word STREQUAL "")
            list(APPEND BLOX_SOURCES ${word})
        endif()
    endforeach()
endforeach()
list(REMOVE_DUPLICATES BLOX_SOURCES)
list(TRANSFORM BLOX_SOURCES PREPEND ${BLOX_TOP}/)

add_library(usermod_mpy_blox INTERFACE)
target_sources(usermod_mpy_blox INTERFACE ${BLOX_SOURCES})
target_include_directories(usermod_mpy_blox INTERFACE ${BLOX_TOP}
    ${MICROPY_DIR}/lib/uzlib
    ${BEARSSL_DIR} ${BEARSSL_DIR}/src ${BEARSSL_DIR}/inc)
target_link_libraries(usermod INTERFACE usermod_mpy_blox)
