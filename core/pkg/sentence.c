// SPDX-License-Identifier: MIT
#include "core/pkg/sentence.h"

#include "core/base/error.h"

int blox_pkg_fail(struct blox_text *why, int error, struct blox_span member,
                  const char *what) {
    if (why == NULL) {
        return error;
    }
    blox_text_clear(why);
    blox_text_add(why, "wheel: ");
    if (member.size > 0) {
        blox_text_add_shown(why, member);
        blox_text_add(why, ": ");
    }
    blox_text_add(why, what);
    return error;
}

int blox_pkg_fail_storage(struct blox_text *why, int error,
                          struct blox_span member, const char *done) {
    blox_pkg_fail(why, error, member, "could not be ");
    if (why != NULL) {
        blox_text_add(why, done);
        blox_text_add(why, ": ");
        blox_text_add(why, blox_error_text(error));
    }
    return error;
}
