#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Gives what is private in the library names that cost a device nothing.

    tools/short_names.py IN OUT

The modules below IN are written below OUT, every line where it was. MicroPython keeps each distinct name for ever, 8 bytes and its
characters; those that every firmware has for .mpy files (FREE) take nothing.
One of them stands for each of these:

* a name of a module, or an attribute, that begins with an underscore (dunders
  do not; what const() defines is no name at rest in the first place);
* every name of a module that is listed as INTERNAL, and what is imported from
  such a module;
* an argument nobody passes by keyword: of a private function, of one in an
  internal module, of a function in a function, *args and **kwargs;
* a function in a function.

Two names share one where they never meet: those of different modules;
attributes of classes that are not related; arguments of different functions.
In one module no two functions do, so OUT/names.json tells which one
a traceback means: {module: {short: name}}.

A module that lends its functions to a class, getattr(module, name) in the
class's __getattr__, lends those that are private by the same name as well.

A name is left as it is when a text in the library says it too, for getattr()
may look for it. Functions that hand such a text on to getattr(module, text)
are understood: see Library.called_by_name; and a module whose __getattr__() is
such a one: what INTERNAL says of it is true of what it lends.
"""

import ast
import builtins
import collections
import itertools
import json
import pathlib
import sys

from readers import Reader
from scopes import Finder, Module, arguments, borrowed_module, is_private

# Modules that programs do not import: neither documents nor the original name
# them. In brackets what programs do use of one.
INTERNAL = '''
mpy_blox.app(main_except_reset,start_network,register_updates) mpy_blox.boot
mpy_blox.config.calls mpy_blox.config.checks mpy_blox.config.erase
mpy_blox.config.load mpy_blox.config.sealed mpy_blox.early mpy_blox.ending
mpy_blox.forget
mpy_blox.log_handlers.records(records) mpy_blox.marks mpy_blox.mqtt.about
mpy_blox.mqtt.again mpy_blox.mqtt.card mpy_blox.mqtt.client_more
mpy_blox.mqtt.commands mpy_blox.mqtt.explain mpy_blox.mqtt.hass.command
mpy_blox.mqtt.hass.documents mpy_blox.mqtt.hass.entity
mpy_blox.mqtt.hass.happened mpy_blox.mqtt.keeping mpy_blox.mqtt.link
mpy_blox.mqtt.more mpy_blox.mqtt.news mpy_blox.mqtt.protocol.consumption
mpy_blox.mqtt.routes mpy_blox.mqtt.setup
mpy_blox.mqtt.signed mpy_blox.mqtt.tls
mpy_blox.network(connect_wlan) mpy_blox.platform
mpy_blox.sensor.htu21d_more mpy_blox.sync
mpy_blox.time(isotime,sync_ntp,scheduled_sync_task,rtc) mpy_blox.trial(boot)
mpy_blox.trial_more mpy_blox.update(confirm,restart,on_trial,safe_mode)
mpy_blox.wlan
'''.split()
INTERNAL = {
    name.split('(')[0]: set(name.strip(')').split('(')[-1].split(','))
    for name in INTERNAL
}

# Names of MicroPython's list for .mpy files (py/makeqstrdata.py), those first
# that no user's subclass is likely to have; and words of the language out.
FREE = '''
isupper islower isspace isdigit isalpha rindex lstrip rsplit rfind popitem
little readline setdefault endswith from_bytes to_bytes reverse bytecode
readinto rstrip splitlines extend insert copy lower upper strip step sep
remove replace startswith split find sort index count end key keys items join
value values args start stop
'''.split()
FREE.remove('splitlines')
# For attributes and arguments, where they hide no builtin.
BUILTIN = '''
divmod issubclass staticmethod classmethod callable setattr hasattr getattr
isinstance bytearray sorted globals locals round ord chr pow repr exec eval
super builtins micropython ArithmeticError AssertionError EOFError Ellipsis
GeneratorExit IndentationError LookupError NameError NoneType
NotImplementedError OverflowError StopIteration SyntaxError ZeroDivisionError
AttributeError BaseException Exception ImportError IndexError KeyError
KeyboardInterrupt MemoryError OSError RuntimeError SystemExit TypeError
ValueError abs bool bytes dict dir int iter len list object str tuple zip
'''.split()
# What MicroPython itself looks for in objects.
PROTOCOL = {'readinto', 'readline', 'start', 'stop', 'values', 'items', 'keys',
            'end', 'value', 'index', 'key', 'count', 'args'}


class Library:
    def __init__(self, texts):
        self.modules = {}
        self.internal = INTERNAL
        for path, text in sorted(texts.items()):
            module = Module(path, text)
            self.modules[module.name] = module
        self.scopes = {}
        for module in self.modules.values():
            Finder(module, self.scopes, self.modules)
        self.fixed = set()  # symbols, and names that keep their spelling
        self.keywords = {
            word.arg for module in self.modules.values()
            for call in ast.walk(module.tree) if isinstance(call, ast.Call)
            for word in call.keywords}  # passed by name somewhere
        self.spread = {  # functions that are called with **
            getattr(call.func, 'attr', getattr(call.func, 'id', None))
            for module in self.modules.values()
            for call in ast.walk(module.tree) if isinstance(call, ast.Call)
            and None in [word.arg for word in call.keywords]}
        self.public = set()  # attributes that are not private
        self.families = collections.defaultdict(set)  # attribute: classes
        self.related = {}  # class: another of its family
        self.functions = collections.defaultdict(set)  # module: symbols
        self.lent = {}  # module: class that its functions are lent to
        self.behind = {}  # module: that whose names its __getattr__() has
        self.callers = self.called_by_name()
        self.attributes = {
            node.attr for module in self.modules.values()
            for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
        self.readers = [Reader(self, m) for m in self.modules.values()]
        self.renamed = {}
        self.colour()

    def globals(self, name):
        module = self.modules.get(name)
        return self.scopes[module.tree].bound if module else ()

    # A function that does getattr(module, name) with a name it was given.
    def called_by_name(self):
        """{(module, function): (place of the name, module of the names)}"""
        callers = {}
        for module in self.modules.values():
            for function in ast.walk(module.tree):
                if not isinstance(function, (ast.FunctionDef,
                                             ast.AsyncFunctionDef)):
                    continue
                outer = self.scopes[function].parent.node
                for call in ast.walk(function):
                    target = self.dynamic(function, call)
                    if target:
                        self.add_caller(callers, module, function, call, target)
                    if target and isinstance(outer, ast.ClassDef):
                        self.lent[target] = outer.name
        return callers

    def dynamic(self, function, call):
        if not (isinstance(call, ast.Call) and len(call.args) > 1
                and getattr(call.func, 'id', '') == 'getattr'
                and not isinstance(call.args[1], ast.Constant)):
            return None
        return self.stands_for(call.args[0], self.scopes[function])

    def add_caller(self, callers, module, function, call, target):
        names = [a.arg for a in arguments(function) if a.arg != 'self']
        asked = getattr(call.args[1], 'id', None)
        if function in module.tree.body and function.name == '__getattr__':
            self.behind[module.name] = target
            self.keep(target, INTERNAL.get(module.name, self.globals(target)))
        elif function.name == '__getattr__':
            # if name not in (...): raise AttributeError
            allowed = [c.value for test in ast.walk(function)
                       if isinstance(test, ast.Compare)
                       and isinstance(test.ops[0], ast.NotIn)
                       for c in ast.walk(test.comparators[0])
                       if isinstance(c, ast.Constant)]
            self.keep(target, allowed or self.globals(target))
        elif asked in names:
            callers[module.name, function.name] = names.index(asked), target
        else:
            self.keep(target, self.globals(target))

    def global_symbol(self, module, name):
        """What is private in a module that lends is looked for in objects."""
        if module in self.lent and is_private(name) and (
                name in self.attributes):
            return 'a', name
        return 'g', module, name

    def home(self, module, name):
        """The module that has what module.name is, or None."""
        while module and name not in self.globals(module):
            module = self.behind.get(module)
        return module

    def keep(self, module, names):
        self.fixed |= {('g', module, n) for n in names if not is_private(n)}

    def stands_for(self, node, scope):
        """The module that an expression stands for, or None."""
        if isinstance(node, ast.Subscript):  # sys.modules['...']
            name = getattr(node.slice, 'value', None)
            return name if name in self.modules else None
        borrowed = borrowed_module(node, scope.module().lenders)
        if borrowed in self.modules:
            return borrowed
        if not isinstance(node, ast.Name):
            return None
        while scope:
            if node.id in scope.imports:
                return scope.imports[node.id]
            if scope.binds(node.id):
                break
            scope = scope.parent
        # lambda about: about.obstacle()
        named = [name for name in INTERNAL
                 if name.endswith('.' + node.id) and name in self.modules]
        if scope and node.id in scope.params and len(named) == 1 and (
                isinstance(scope.node, ast.Lambda)):
            return named[0]
        return None

    # ---- which symbols get a name -----------------------------------------

    def family(self, name):
        while self.related.get(name, name) != name:
            name = self.related[name]
        return name

    def relate(self, name, other):
        self.related.setdefault(other, other)
        self.related[self.family(name)] = self.family(other)

    def wants_name(self, symbol):
        if symbol in self.fixed:
            return False
        if symbol[0] == 'l':
            return True
        if symbol[-1] in self.fixed:  # a text says it
            return False
        if symbol[0] == 'a':
            return is_private(symbol[1])
        _, module, name = symbol
        if name.startswith('__') or name == '_':
            return False
        if module in self.modules and name in self.modules[module].constants:
            return False
        return (is_private(name) or name not in INTERNAL.get(module, {name})
                or symbol in self.imported)

    def colour(self):
        # What only a module has is not looked for in objects, and else.
        symbols = {s for r in self.readers for s in r.symbols}
        self.imported = {s for r in self.readers for s in r.imported}
        known = {s[1] for s in symbols if s[0] == 'a'
                 and s[1] not in self.families}
        self.fixed |= {name for name in known if is_private(name)}
        symbols = {s for s in symbols if self.wants_name(s)}
        self.colour_attributes([s for s in symbols if s[0] == 'a'])
        for reader in sorted(self.readers, key=lambda r: len(
                self.with_behind(r.module.name))):
            self.colour_module(reader, symbols)

    def with_behind(self, module):
        """The module and those whose names its __getattr__() has: in none of
        them a name may hide one of the next."""
        modules = []
        while module:
            modules.append(module)
            module = self.behind.get(module)
        return modules

    def colour_attributes(self, symbols):
        for_all = self.public | PROTOCOL | self.fixed_names()
        pool = [n for n in FREE + BUILTIN if n not in for_all]
        taken = collections.defaultdict(set)  # class or module: names
        for name in set(self.related) & set(dir(builtins)):
            taken[self.family(name)] |= set(dir(getattr(builtins, name)))
        for reader in self.readers:
            if reader.module.name in self.lent:
                taken[reader.module.name] = reader.module.names | reader.bound
        for symbol in sorted(symbols, key=lambda s: (
                -len(self.families[s[1]]), s)):
            places = {self.family(c) for c in self.families[symbol[1]]}
            places |= {m for m, f in self.functions.items() if symbol in f}
            where = taken if None in places else places | {None}
            used = set().union(*(taken[p] for p in list(where)))
            name = next(n for n in self.with_more(pool) if n not in used)
            self.renamed[symbol] = name
            for place in places:
                taken[place].add(name)

    def with_more(self, pool):
        """The pool, and short names that take a little."""
        return itertools.chain(pool, ('_%d' % i for i in itertools.count()))

    def fixed_names(self):
        return {name for name in self.fixed if isinstance(name, str)}

    def colour_module(self, reader, symbols):
        module = reader.module
        functions = {self.renamed.get(s, s[-1])
                     for s in self.functions[module.name]}
        used = module.names | reader.bound | set(dir(builtins))
        used |= {short for s, short in self.renamed.items() if s[0] == 'g'
                 and s[1] in self.with_behind(module.name)}
        for lender in self.behind:
            if module.name in self.with_behind(lender):
                used |= self.modules[lender].names
        own = [s for s in symbols if s[0] == 'g' and s[1] == module.name]
        own += [s for s in symbols if s[0] == 'l' and s in reader.symbols
                and s in self.functions[module.name]]
        for symbol in sorted(own, key=str):
            name = next(n for n in self.with_more(FREE)
                        if n not in used and n not in functions)
            self.renamed[symbol] = name
            used.add(name)
            if symbol in self.functions[module.name]:
                functions.add(name)
        for scope, params in reader.params:
            for name in sorted(params):
                self.colour_param(reader, scope, name)

    def colour_param(self, reader, scope, name):
        symbol = ('l', scope, name)
        if not self.wants_name(symbol) or name in FREE + ['self']:
            return
        inside = reader.uses[scope]
        used = inside | {self.renamed.get(s) for s in inside}
        self.renamed[symbol] = next(
            n for n in self.with_more(FREE[::-1] + BUILTIN) if n not in used)
        # Seen by the functions in this one, too.
        for uses in reader.uses.values():
            if symbol in uses:
                uses.add(self.renamed[symbol])

    # ---- what comes of it ---------------------------------------------------

    def texts(self):
        return {m.path: m.text(self.renamed) for m in self.modules.values()}

    def script(self, text):
        """A program that reaches for what is private, as it must say it to
        the library with short names."""
        module = Module('a script', text)
        Finder(module, self.scopes, self.modules)
        Reader(self, module)
        return module.text(self.renamed)

    def meanings(self):
        """{module: {short name: name}} of functions, for tracebacks."""
        return {
            name: {self.renamed[s]: s[-1] for s in sorted(symbols, key=str)
                   if s in self.renamed}
            for name, symbols in sorted(self.functions.items())
        }


def load(source, changed=()):
    """The library below a folder; changed: texts of some of its modules."""
    folders = [source / 'mpy_blox', source / 'logging']
    texts = {str(path.relative_to(source)): path.read_text()
             for folder in folders for path in folder.rglob('*.py')}
    texts.update(changed)
    return Library(texts)


def main(argv):
    source, target = map(pathlib.Path, argv[1:3])
    library = load(source)
    files = library.texts()
    files['names.json'] = json.dumps(library.meanings(), indent=1) + '\n'
    for path, text in files.items():
        file = target / path
        # What stays as it is need not be compiled again.
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
