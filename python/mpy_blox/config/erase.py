# SPDX-License-Identifier: MIT
# Makes NVS forget the secure configuration, ours and that of the older
# Mpy-BLOX. tools/device.py sends this text to any board: stock MicroPython.


# Removes the keys, then their bytes from the flash. NVS only marks what is
# removed and erases a page when it needs the room; so it is filled until not
# even a number fits, and emptied of that again. Cut in the middle it is to be
# done again, for what fills it is in the way of what comes next.
def erase(nvs, keys=('rec', 'payload', 'iv', 'payload_s')):
    def drop(key):
        try:
            nvs.erase_key(key)
        except OSError:
            pass  # was not there

    def fill(name, put, value):
        count = 0
        try:
            while True:
                put(name % count, value)
                count += 1
        except OSError:
            return name, count  # full

    for key in keys:
        drop(key)
    nvs.commit()
    filled = (
        fill('large%d', nvs.set_blob, bytes(1000)),
        fill('small%d', nvs.set_blob, bytes(64)),
        fill('number%d', nvs.set_i32, 0),
    )
    nvs.commit()
    # From the last to the first: so what a cut leaves is found again.
    for name, count in reversed(filled):
        while count:
            count -= 1
            drop(name % count)
    nvs.commit()
