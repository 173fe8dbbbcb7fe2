#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who holds the heap of a device at rest. bench/rest.py leaves the machine's
memory in build/rest.ram, with a copy of the heap at rest in it (see
bench/rest/modules/rest.py); this prints its objects as a tree: each below the
one without which it would not be there, with the bytes it retains.

    bench/heap.py build/rest/firmware.elf build/rest.ram [--min BYTES]
    bench/heap.py build/rest/firmware.elf build/rest.ram --names

--names: the names that were interned, pool by pool, the newest first. A pool
holds twice as many as the one before, used or not."""

import argparse
import struct
import sys

from elftools.elf.elffile import ELFFile

RAM = 0x80000000
DATA = 0x80401000  # BSS and the heap, which rest.py copies
COPY = 0x86000000  # to here
BLOCK = 16
SIZE = 0x6200000  # what there is to read of it


class Memory:
    def __init__(self, elf, ram):
        self.sections = []
        self.symbols = {}
        for section in elf.iter_sections():
            if section['sh_addr'] and section['sh_type'] == 'SHT_PROGBITS':
                self.sections.append((section['sh_addr'], section.data()))
        for symbol in elf.get_section_by_name('.symtab').iter_symbols():
            self.symbols[symbol.name] = symbol['st_value'], symbol['st_size']
        self.base = DATA
        self.ram = ram[COPY - RAM:]
        self.types = {
            at: name for name, (at, size) in self.symbols.items()
            if ('type' in name) and size >= 12
        }

    def read(self, at, size):
        for start, data in self.sections:
            if start <= at < start + len(data):
                return data[at - start:at - start + size]
        return self.ram[at - self.base:at - self.base + size]

    def word(self, at):
        return struct.unpack('<I', self.read(at, 4))[0]

    def words(self, at, count):
        return struct.unpack('<%dI' % count, self.read(at, 4 * count))


class Heap:
    def __init__(self, memory):
        self.memory = memory
        start, size = memory.symbols['mp_state_ctx']
        self.state = memory.words(start, size // 4)
        heap = memory.symbols['gc_heap'][0]
        at = self.state.index(heap)
        table, table_size, _, pool, end = self.state[at:at + 5]
        self.pool, self.end = pool, end
        # 0 free, 1 head, 2 tail, 3 marked head
        self.sizes = {}
        head = None
        for index, byte in enumerate(memory.read(table, table_size)):
            for k in range(4):
                kind = byte >> 2 * k & 3
                block = pool + (index * 4 + k) * BLOCK
                if kind in (1, 3):
                    head = block
                    self.sizes[head] = BLOCK
                elif kind == 2:
                    self.sizes[head] += BLOCK
                else:
                    head = None
        self.pools = self.find_pools()

    def points(self, block):
        return [word for word in self.memory.words(block, self.sizes[block] // 4)
                if word in self.sizes]

    # The pools of names, newest first; those of the firmware are the last.
    def find_pools(self):
        for word in self.state:
            if word not in self.sizes or self.sizes[word] < 32:
                continue
            _, _, alloc, used, hashes = self.memory.words(word, 5)
            if 0 < used <= alloc and hashes == word + 24 + 4 * alloc:
                pools = [word]
                while pools[-1]:
                    pools.append(self.memory.word(pools[-1]))
                return pools[:-1]
        sys.exit('heap: no pool of names')

    def name(self, qstr):
        for pool in self.pools:
            _, total, alloc, used, hashes, lengths = self.memory.words(pool, 6)
            total &= 0x7fffffff
            if total <= qstr < total + used:
                qstr -= total
                size = self.memory.read(lengths + qstr, 1)[0]
                at = self.memory.word(pool + 24 + 4 * qstr)
                return self.memory.read(at, size).decode('utf-8', 'replace')
        return '?%d' % qstr

    def text(self, obj):
        if obj & 7 == 2:
            return self.name(obj >> 3)
        if obj & 1:
            return str((obj - (1 << 32) if obj >> 31 else obj) >> 1)
        if obj in self.sizes:
            return self.label(obj)
        return '0x%x' % obj

    def uint(self, at):
        value = 0
        while True:
            byte = self.memory.read(at, 1)[0]
            at += 1
            value = value << 7 | byte & 127
            if not byte & 128:
                return value, at

    def function(self, fun):
        _, context, _, code = self.memory.words(fun, 4)
        try:
            _, at = self.uint(code)
            _, at = self.uint(at)
            index, _ = self.uint(at)
            table = self.memory.word(context + 8)
            return self.name(
                struct.unpack('<H', self.memory.read(table + 2 * index, 2))[0])
        except (IndexError, struct.error):
            return '?'

    def map(self, at):
        flags, alloc, table = self.memory.words(at, 3)
        for k in range(alloc):
            key, value = self.memory.words(table + 8 * k, 2)
            if key not in (0, 4):
                yield key, value

    def label(self, block):
        first = self.memory.word(block)
        kind = self.memory.types.get(first)
        if kind is None:
            if first in self.sizes and self.memory.types.get(
                    self.memory.word(first)) == 'mp_type_type':
                return 'instance of ' + self.name(
                    struct.unpack('<H', self.memory.read(first + 6, 2))[0])
            return 'raw'
        kind = kind.replace('mp_type_', '')
        try:
            if kind == 'dict':
                keys = [self.text(k) for k, _ in self.map(block + 4)]
                if '__name__' in keys:
                    for key, value in self.map(block + 4):
                        if self.text(key) == '__name__':
                            return 'dict of module ' + self.text(value)
                return 'dict ' + ' '.join(keys)[:60]
            if kind == 'module':
                return 'module ' + self.label(
                    self.memory.word(block + 4)).split()[-1]
            if kind in ('fun_bc', 'gen_wrap', 'fun_native', 'gen_instance'):
                at = block
                if kind == 'gen_wrap':
                    return 'def ' + self.function(block)
                if kind == 'gen_instance':
                    return 'coroutine ' + self.function(
                        self.memory.word(block + 8))
                return kind.replace('fun_bc', 'def') + ' ' + self.function(at)
            if kind == 'type':
                return 'class ' + self.name(
                    struct.unpack('<H', self.memory.read(block + 6, 2))[0])
            if kind in ('str', 'bytes'):
                _, size, at = self.memory.words(block + 4, 3)
                return '%s %r' % (kind, self.memory.read(at, size)[:50])
        except (struct.error, IndexError, RecursionError):
            pass
        return kind


# Cooper, Harvey, Kennedy.
def dominators(edges):
    order, seen = [], set()
    stack = [(0, iter(edges[0]))]
    seen.add(0)
    while stack:
        node, following = stack[-1]
        for child in following:
            if child not in seen:
                seen.add(child)
                stack.append((child, iter(edges[child])))
                break
        else:
            order.append(node)
            stack.pop()
    number = {node: k for k, node in enumerate(order)}
    before = {node: [] for node in order}
    for node in order:
        for child in edges[node]:
            before[child].append(node)
    above = {0: 0}
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):
            new = None
            for other in before[node]:
                if other in above:
                    if new is None:
                        new = other
                        continue
                    a, b = new, other
                    while a != b:
                        while number[a] < number[b]:
                            a = above[a]
                        while number[b] < number[a]:
                            b = above[b]
                    new = a
            if above.get(node) != new:
                above[node] = new
                changed = True
    return order, above


# What each object retains, and the objects right below it. 0 is the root, 1
# stands for the C stack.
def tree(heap):
    edges = {block: heap.points(block) for block in heap.sizes}
    roots = [word for word in heap.state if word in heap.sizes]
    reached = set(roots)
    todo = list(roots)
    while todo:
        for child in edges[todo.pop()]:
            if child not in reached:
                reached.add(child)
                todo.append(child)
    edges[1] = [block for block in heap.sizes if block not in reached]
    edges[0] = roots + [1]
    order, above = dominators(edges)
    kept = dict(heap.sizes)
    kept[0] = kept[1] = 0
    below = {}
    for node in order:
        if node:
            kept[above[node]] += kept[node]
            below.setdefault(above[node], []).append(node)
    return below, kept


def load(elf, ram):
    with open(elf, 'rb') as firmware, open(ram, 'rb') as memory:
        return Heap(Memory(ELFFile(firmware), memory.read(SIZE)))


# [(bytes, what)] of all that no module holds by itself.
def objects(elf, ram):
    heap = load(elf, ram)
    below, kept = tree(heap)
    rows = {}
    for node in below[0]:
        label = 'the C stack' if node == 1 else heap.label(node)
        if node in heap.pools:
            size = sum(heap.memory.word(pool + 12) for pool in heap.pools
                       if pool in heap.sizes)
            label = '%d names' % size
        elif label in ('list', 'task_type', 'tuple', 'closure', 'dict'):
            continue
        elif label.split()[0] in ('module', 'class', 'def', 'raw', 'str'):
            continue
        elif label.startswith('dict of module'):
            continue
        rows[label] = rows.get(label, 0) + kept[node]
    return sorted(((size, what) for what, size in rows.items()), reverse=True)


def print_names(heap):
    for pool in heap.pools:
        _, total, alloc, used = heap.memory.words(pool, 4)
        if pool in heap.sizes:
            print('a pool of %d: %d' % (alloc, used))
            for k in range(used):
                print('  ', heap.name((total & 0x7fffffff) + k))


def main(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('elf')
    parser.add_argument('memory')
    parser.add_argument('--names', action='store_true')
    parser.add_argument('--min', type=int, default=128)
    parser.add_argument('--depth', type=int, default=12)
    options = parser.parse_args(argv[1:])
    heap = load(options.elf, options.memory)
    if options.names:
        print_names(heap)
        return
    below, kept = tree(heap)
    print('all', kept[0], 'blocks', len(heap.sizes))

    def show(node, depth):
        for child in sorted(below.get(node, ()), key=lambda c: -kept[c]):
            if kept[child] < options.min or depth > options.depth:
                continue
            what = 'C stack' if child == 1 else heap.label(child)
            print('%s%6d %s' % ('  ' * depth, kept[child], what))
            show(child, depth + 1)

    show(0, 0)


if __name__ == '__main__':
    sys.exit(main(sys.argv))
