// SPDX-License-Identifier: MIT
// The sentences of core/pkg about one member of a wheel. Private to the layer.
#ifndef CORE_PKG_SENTENCE_H
#define CORE_PKG_SENTENCE_H

#include "core/base/text.h"

// Writes "wheel: <member>: <what>", or "wheel: <what>" when member is empty,
// into why (which may be NULL). Returns error.
int blox_pkg_fail(struct blox_text *why, int error, struct blox_span member,
                  const char *what);

// The sentence for an error of the storage: "wheel: <member>: could not be
// <done>: no room on flash". Returns error.
int blox_pkg_fail_storage(struct blox_text *why, int error,
                          struct blox_span member, const char *done);

#endif
