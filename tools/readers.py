# SPDX-License-Identifier: MIT
"""Where the names stand that tools/short_names.py gives anew: Reader walks a
module and hands every place to Module.edits, with the symbol that is there.
A symbol is ('g', module, name), ('a', attribute) or ('l', scope, name)."""

import ast
import collections

from scopes import Walker, arguments, inner, is_private

# What arguments and variables of these names are, everywhere in the library.
INSTANCES = {
    'client': 'MQTT5Client', 'mqtt_client': 'MQTT5Client',
    'connection': 'MQTTConnectionManager',
    'mqtt_conn': 'MQTTConnectionManager', 'owner': 'MQTTConnectionManager',
}


class Reader(Walker):
    """Second pass: every place where a symbol stands."""

    def __init__(self, library, module):
        self.library, self.module = library, module
        self.symbols, self.imported, self.bound = set(), set(), set()
        self.params = []  # (scope, names) that may change, outermost first
        self.uses = collections.defaultdict(set)  # scope: names and symbols
        self.scope = None
        self.enter(module.tree)

    def enter(self, node):
        outer, self.scope = self.scope, self.library.scopes[node]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self.enter_function(node)
        for child in inner(node):
            self.visit(child)
        if self.scope.kind != 'class':
            self.bound |= self.scope.bound
        self.scope = outer

    def use(self, what):
        scope = self.scope
        while scope:
            self.uses[scope].add(what)
            scope = scope.parent

    def refer(self, symbol, line, column, length):
        self.symbols.add(symbol)
        self.use(symbol)
        self.module.edits.append((line, column, length, symbol))

    # ---- names --------------------------------------------------------------

    def owner(self, name):
        """The scope that a name belongs to, or None for a builtin."""
        scope, first = self.scope, True
        while scope:
            outer = scope.outer.get(name)
            if outer == 'global':
                return scope.module()
            if name in scope.bound and not outer and (
                    first or scope.kind != 'class'):
                return scope
            scope, first = scope.parent, False
        return None

    def symbol(self, name):
        scope = self.owner(name)
        if scope is None:
            return None
        if scope.kind == 'module':
            return self.library.global_symbol(self.module.name, name)
        if scope.kind == 'class':
            return 'a', name
        return 'l', scope, name

    def refer_name(self, name, line, column):
        symbol = self.symbol(name)
        self.use(name)
        if symbol is None:
            return
        if self.scope.kind == 'class':
            if symbol[0] == 'a':
                self.add_attribute(name, self.scope.node.name)
            else:
                self.library.fixed.add(symbol)
        if symbol[0] != 'l' or self.is_stored(symbol):
            self.refer(symbol, line, column, len(name))

    def is_stored(self, symbol):
        """Whether a local name is one at run time, too."""
        _, scope, name = symbol
        return name in scope.params | scope.defs

    def visit_Name(self, node):
        self.refer_name(node.id, node.lineno, node.col_offset)

    def visit_Global(self, node):
        line = self.module.lines[node.lineno - 1]
        at = node.col_offset
        for name in node.names:
            at = line.index(name.encode(), at)
            self.refer_name(name, node.lineno, at)
            at += len(name)

    visit_Nonlocal = visit_Global

    def visit_ExceptHandler(self, node):
        if node.name and self.scope.kind != 'function':
            self.library.fixed.add(self.symbol(node.name))
        self.generic_visit(node)

    # ---- definitions --------------------------------------------------------

    def define(self, node):
        is_class = isinstance(node, ast.ClassDef)
        symbol = self.symbol(node.name)
        if not is_class or symbol[0] == 'l':
            self.library.functions[self.module.name].add(symbol)
        if is_class:
            for base in node.bases:
                name = getattr(base, 'attr', getattr(base, 'id', None))
                self.library.relate(node.name, name)
        elif isinstance(self.scope.node, ast.ClassDef):
            self.add_attribute(node.name, self.scope.node.name)
        elif symbol[0] == 'a':
            self.add_attribute(node.name, self.library.lent[self.module.name])
        word = (b'class ' if is_class else b'def ')
        line, column = self.module.place(node, node.name, word)
        self.refer(symbol, line, column, len(node.name))

    def enter_function(self, node):
        free = self.free_params(node)
        for arg in arguments(node):
            if arg.arg in free:
                self.refer(('l', self.scope, arg.arg), arg.lineno,
                           arg.col_offset, len(arg.arg))
            else:
                self.library.fixed.add(('l', self.scope, arg.arg))
            self.use(arg.arg)
        self.params.append((self.scope, free))

    def free_params(self, node):
        """Those that no caller names."""
        every = {arg.arg for arg in arguments(node)}
        starred = {arg.arg for arg in (node.args.vararg, node.args.kwarg) if arg}
        outer = self.scope.parent
        if outer.kind == 'class' and node.args.args:
            starred.add(node.args.args[0].arg)
        name = getattr(node, 'name', '<lambda>')
        if name in self.library.spread or (
                ('g', self.module.name, name) in self.library.fixed):
            return starred
        if (name not in self.library.internal.get(self.module.name, {name})
                or outer.kind == 'function'
                or name == '<lambda>' or is_private(name)
                or (name.startswith('__') and name not in (
                    '__init__', '__new__', '__call__'))
                or is_private(getattr(outer.node, 'name', 'x'))):
            return every - (self.library.keywords - starred)
        return starred

    # ---- attributes, texts, imports -----------------------------------------

    def add_attribute(self, name, owner):
        self.library.families[name].add(owner)
        if not is_private(name):
            self.library.public.add(name)

    def visit_Attribute(self, node):
        self.visit(node.value)
        name, library = node.attr, self.library
        module = library.home(
            library.stands_for(node.value, self.scope), name)
        if module:
            self.refer(library.global_symbol(module, name), node.end_lineno,
                       node.end_col_offset - len(name), len(name))
            return
        if isinstance(node.value, (ast.Subscript, ast.Call)):
            for module in library.modules:
                library.keep(module, [name])
        owner = self.class_name(node)
        if owner or not isinstance(node.ctx, ast.Load):
            self.add_attribute(name, owner)
        if not is_private(name):
            library.public.add(name)
        self.refer(('a', name), node.end_lineno,
                   node.end_col_offset - len(name), len(name))

    def class_name(self, node):
        """Whose attribute it is; None: it may be anyone's."""
        scope = self.scope
        while scope and scope.kind != 'class':
            scope = scope.parent
        whose = getattr(node.value, 'id', getattr(node.value, 'attr', ''))
        if whose not in ('self', 'cls'):
            return INSTANCES.get(whose.lstrip('_'))
        return scope.node.name if scope else self.library.lent.get(
            self.module.name)

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            self.library.fixed.add(node.value)

    def visit_Call(self, node):
        function = getattr(node.func, 'attr', getattr(node.func, 'id', None))
        caller = self.library.callers.get((self.module.name, function))
        for i, arg in enumerate(node.args):
            if caller and caller[0] == i:
                self.refer_text(arg, caller[1])
            else:
                self.visit(arg)
        self.visit(node.func)
        for keyword in node.keywords:
            self.visit(keyword.value)

    def refer_text(self, node, module):
        texts = [node]
        if isinstance(node, ast.IfExp):
            texts = [node.body, node.orelse]
            self.visit(node.test)
        for text in texts:
            if not isinstance(text, ast.Constant):
                self.library.keep(module, self.library.globals(module))
                self.visit(text)
                continue
            symbol = self.library.global_symbol(module, text.value)
            self.refer(symbol, text.lineno,
                       text.col_offset + 1, len(text.value))

    def visit_ImportFrom(self, node):
        for alias in node.names:
            bound = self.symbol(alias.asname or alias.name)
            symbol = self.library.global_symbol(node.module, alias.name)
            if alias.name in self.library.globals(node.module):
                self.symbols.add(symbol)
                if node.module in self.library.internal and bound[0] == 'g':
                    self.imported.add(bound)
            else:
                self.library.fixed.add(bound)  # const, among others
            if bound[0] == 'g':
                self.symbols.add(bound)
            self.use(bound)
            self.use(alias.asname or alias.name)
            self.module.edits.append((
                alias.lineno, alias.col_offset,
                alias.end_col_offset - alias.col_offset,
                ImportedName(symbol, bound)))

    def visit_Import(self, node):
        for alias in node.names:
            bound = self.symbol(alias.asname or alias.name.split('.')[0])
            self.use(bound)
            self.use(bound[-1])
            if bound[0] != 'l':
                self.library.fixed.add(bound)


class ImportedName:
    """The text of one name in `from m import name`."""

    def __init__(self, symbol, bound):
        self.symbol, self.bound = symbol, bound

    def __call__(self, renamed):
        name = renamed.get(self.symbol, self.symbol[-1])
        bound = self.bound[-1]
        if self.bound[0] != 'l':
            bound = renamed.get(self.bound, bound)
        return name if name == bound else '%s as %s' % (name, bound)
