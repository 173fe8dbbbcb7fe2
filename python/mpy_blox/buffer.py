# SPDX-License-Identifier: MIT
# PreAllocatedRingBuffer(size, length): slots between an interrupt and a
# program (docs/blocks/buffer.md).

from _blox_sampling import Ring as PreAllocatedRingBuffer
