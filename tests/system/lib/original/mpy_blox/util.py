# SPDX-License-Identifier: MIT
NAME = 'the original'
