// SPDX-License-Identifier: MIT
// Names that are not identifiers: sys.path's entry.
// clang-format off
Q(/lib)
