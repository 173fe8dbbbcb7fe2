// SPDX-License-Identifier: MIT
// This port has no names of its own.
