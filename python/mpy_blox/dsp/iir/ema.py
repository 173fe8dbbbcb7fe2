# SPDX-License-Identifier: MIT
# Exponential moving average (docs/blocks/ema.md).


class ExponentialMovingAverage:
    # alpha: over 0 and at most 1; the smaller, the smoother.
    def __init__(self, alpha):
        self.alpha = alpha
        self.state = 0

    def __call__(self, input_):
        self.state += self.alpha * (input_ - self.state)
        return self.state


# The same for integers of -65535 to 65535, in C: without floats and without
# allocating, so that a timer may call it. alpha counts in 1 / 32768.
def fixed_point_ema(alpha):
    from _blox_ema import Ema

    return Ema(int(alpha * 32768 + 0.5))
