# SPDX-License-Identifier: MIT
# _blox_link and _blox_mqtt: the link's advice and the queue's items, collected or not.
import gc

from _blox_link import Link
from _blox_mqtt import Queue

link = Link(2)
assert link.server == 0
wait, failures, say = link.failed(2, 0, 1000, 0xFFF)  # no answer
assert 0 <= wait < 1000 and failures == 1 and say
assert link.server == 1
wait, failures, say = link.failed(4, 0x87, 2000, 0xFFF)  # not authorized
assert wait < 1000 and failures == 2 and say
assert link.server == 0
assert link.failed(2, 0, 3000, 0)[2] is False
assert link.connected(4000) == (0, True)
assert link.failed(8, 0, 4500, 0)[1] == 1
assert link.connected(5000) == (1, True)
# ticks_ms starts again at 0 after 2**30
link.failed(7, 0, 0x3FFFFFFF, 0)
assert link.connected(999) == (1, True)

queue = Queue(3, 100, True)
for n in range(3):
    assert queue.add(['item', n], n % 2, 10)
gc.collect()
assert (queue.count, queue.bytes) == (3, 30)
assert not queue.fits(10)
assert queue.add(['item', 3], 1, 85)  # the two at QoS 0 go for it
assert queue.dropped == 2
assert queue.add(['item', 4], 1, 80) is False
assert queue.refused == 1
assert queue.add(['item', 4], 1, 80, True)
for n in range(30):
    assert queue.add(['more', n], 1, 0, True)
gc.collect()
assert queue.next() == ['item', 1]
queue.sent(7)
assert queue.next() == ['item', 3]
queue.sent(8)
queue.discard()
assert queue.find(8) == ['item', 3] and queue.find(9) is None
assert queue.done(7) == ['item', 1] and queue.done(7) is None
queue.restart()
assert queue.next() == ['item', 3]
assert queue.pop() == ['item', 3]
while queue.pop():
    pass
assert (queue.count, queue.bytes) == (0, 0)
assert queue.next() is None
try:
    queue.add(None, -1, 0)
except ValueError:
    pass
else:
    assert False
print('OK')
