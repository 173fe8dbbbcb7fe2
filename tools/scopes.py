# SPDX-License-Identifier: MIT
"""Python modules as tools/short_names.py sees them: their scopes, what each
binds, and where names stand in the text."""

import ast


def is_private(name):
    return name[0] == '_' and name != '_' and not name.startswith('__')


class Scope:
    """A module, class, function or comprehension, and what it binds."""

    def __init__(self, node, parent):
        self.node, self.parent = node, parent
        self.bound, self.outer = set(), {}  # outer: name: 'global', 'nonlocal'
        self.params, self.defs = set(), set()
        self.imports = {}  # name: module it stands for
        self.kind = {
            ast.Module: 'module', ast.ClassDef: 'class'
        }.get(type(node), 'function')

    def binds(self, name):
        return name in self.bound and name not in self.outer

    def module(self):
        """The scope of the module."""
        return self if self.parent is None else self.parent.module()


class Module:
    def __init__(self, path, text):
        self.path = path
        self.name = '.'.join(path[:-3].split('/'))
        self.is_package = self.name.endswith('.__init__')
        if self.is_package:
            self.name = self.name[:-9]
        self.lines = text.encode().splitlines(keepends=True)
        self.tree = ast.parse(text)
        self.edits = []  # (line, column, length, symbol or function)
        self.constants = set()
        self.names = set()  # every identifier that is no attribute

    def place(self, node, name, word):
        """Where the name of a def or class is."""
        line = self.lines[node.lineno - 1]
        at = line.index(word, node.col_offset) + len(word)
        return node.lineno, line.index(name.encode(), at)

    def text(self, renamed):
        lines = [bytearray(line) for line in self.lines]
        for line, column, length, what in sorted(
                self.edits, key=lambda e: e[:3], reverse=True):
            new = what(renamed) if callable(what) else renamed.get(what)
            if new is not None:
                lines[line - 1][column:column + length] = new.encode()
        return b''.join(lines).decode()


class Walker(ast.NodeVisitor):
    """Visits what of a definition is evaluated where it stands, then enters it.
    Subclasses have define(), for def and class, and enter()."""

    def visit_def(self, node):
        self.define(node)
        self.visit_Lambda(node)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_def

    def visit_Lambda(self, node):
        for child in outside(node):
            self.visit(child)
        self.enter(node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = (
        visit_Lambda)


class Finder(Walker):
    """First pass: the scopes of a module and what each binds."""

    def __init__(self, module, scopes, modules):
        self.module, self.scopes, self.modules = module, scopes, modules
        self.scope = None
        self.enter(module.tree)

    def enter(self, node):
        outer, self.scope = self.scope, Scope(node, self.scope)
        self.scopes[node] = self.scope
        if not outer:
            self.scope.lenders = lenders(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            for arg in arguments(node):
                self.scope.bound.add(arg.arg)
                self.scope.params.add(arg.arg)
        for child in inner(node):
            self.visit(child)
        self.scope = outer

    def bind(self, name):
        self.scope.bound.add(name)

    def define(self, node):
        self.bind(node.name)
        self.scope.defs.add(node.name)

    def visit_Name(self, node):
        self.module.names.add(node.id)
        if not isinstance(node.ctx, ast.Load):
            self.bind(node.id)

    def visit_Assign(self, node):
        if isinstance(node.value, ast.Call) and getattr(
                node.value.func, 'id', '') == 'const' and (
                self.scope.kind == 'module'):
            for target in node.targets:
                if is_private(target.id):
                    self.module.constants.add(target.id)
        borrowed = borrowed_module(node.value)
        if borrowed in self.modules and isinstance(node.targets[0], ast.Name):
            self.scope.imports[node.targets[0].id] = borrowed
        self.generic_visit(node)

    def visit_Global(self, node):
        self.scope.outer.update(dict.fromkeys(node.names, 'global'))
        for name in node.names:
            self.scope.module().bound.add(name)

    def visit_Nonlocal(self, node):
        self.scope.outer.update(dict.fromkeys(node.names, 'nonlocal'))

    def visit_ExceptHandler(self, node):
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            name = alias.asname or alias.name.split('.')[0]
            self.bind(name)
            if alias.name in self.modules and (
                    alias.asname or '.' not in alias.name):
                self.scope.imports[name] = alias.name

    def visit_ImportFrom(self, node):
        for alias in node.names:
            name = alias.asname or alias.name
            self.bind(name)
            full = '%s.%s' % (node.module, alias.name)
            if full in self.modules:
                self.scope.imports[name] = full


def borrowed_module(node, functions=()):
    """What borrow('...') of mpy_blox.forget gives, or a function of
    {its name: module}; else None."""
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, 'id', '')
    if name != 'borrow':
        return name in functions and functions[name]
    path = str(getattr(node.args[0], 'value', ''))
    return path if path.startswith('mpy_blox.') else 'mpy_blox.' + path


def lenders(tree):
    """{function that does nothing but return borrow('...'): its module}"""
    bodies = {f.name: f.body[-1] for f in tree.body
              if isinstance(f, ast.FunctionDef)}
    found = {name: borrowed_module(last.value)
             for name, last in bodies.items() if isinstance(last, ast.Return)}
    return {name: module for name, module in found.items() if module}


def arguments(node):
    a = node.args
    return [arg for arg in a.posonlyargs + a.args + a.kwonlyargs
            + [a.vararg, a.kwarg] if arg]


def outside(node):
    """What of a definition is evaluated where it stands."""
    if isinstance(node, ast.ClassDef):
        return node.decorator_list + node.bases + node.keywords
    if isinstance(node, ast.Lambda):
        return node.args.defaults + [d for d in node.args.kw_defaults if d]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.decorator_list + node.args.defaults + [
            d for d in node.args.kw_defaults if d]
    return [node.generators[0].iter]


def inner(node):
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef,
                         ast.AsyncFunctionDef)):
        return node.body
    first = node.generators[0]
    children = [first.target] + first.ifs + node.generators[1:]
    return children + ([node.key, node.value] if isinstance(node, ast.DictComp)
                       else [node.elt])
