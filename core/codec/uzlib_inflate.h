// SPDX-License-Identifier: MIT
// uzlib's decompressor under names of our own. Firmware brings a copy of
// uzlib (its deflate module), and both must link into one image; and one hole
// is closed here, see uzlib_inflate.c. Private to core/codec/inflate.c.
#ifndef CORE_CODEC_UZLIB_INFLATE_H
#define CORE_CODEC_UZLIB_INFLATE_H

#define uzlib_get_byte blox_uzlib_get_byte
#define uzlib_uncompress_init blox_uzlib_uncompress_init
#define uzlib_uncompress blox_uzlib_uncompress
#define uzlib_uncompress_chksum blox_uzlib_uncompress_chksum
#define tinf_get_le_uint32 blox_uzlib_get_le_uint32
#define tinf_get_be_uint32 blox_uzlib_get_be_uint32
#define lookup_table blox_uzlib_lookup_table
#define clcidx blox_uzlib_clcidx

#define UZLIB_CONF_PARANOID_CHECKS 1
#include <uzlib.h>

#endif
