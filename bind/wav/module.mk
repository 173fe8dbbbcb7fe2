# SPDX-License-Identifier: MIT
# _blox_wav: WAV files and their samples.
SRC := bind/wav/wav.c core/sound/wav.c core/sound/pcm.c $(BIND_BASE)
