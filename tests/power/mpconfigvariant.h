// SPDX-License-Identifier: MIT
// The virtual board's configuration, as it is.
#include "board/mpconfigvariant.h"
