// SPDX-License-Identifier: MIT
// None of its own: board/qstrdefs.h has them.
