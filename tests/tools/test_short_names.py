# SPDX-License-Identifier: MIT
"""What is private in the library is called by names that take nothing."""

import ast
import contextlib
import io
import pathlib
import re
import sys
import types

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tools'))
import short_names  # noqa: E402


@pytest.fixture
def library(monkeypatch):
    """A library of these modules; one called inner is internal."""
    monkeypatch.setattr(short_names, 'INTERNAL', {'inner': {'kept'}})
    return lambda **texts: short_names.Library(
        {name + '.py': text for name, text in texts.items()})


@pytest.fixture(scope='module')
def shipped():
    return short_names.load(TOP / 'python')


def run(library):
    """What the modules print, with short names; main is run last."""
    out, modules = io.StringIO(), {}
    texts = library.texts()
    for path in sorted(texts, key=lambda path: path == 'main.py'):
        name = path[:-3].replace('/', '.')
        module = modules[name] = types.ModuleType(name)
        module.const = lambda value: value
        sys.modules[name] = module
        with contextlib.redirect_stdout(out):
            exec(compile(texts[path], path, 'exec'), module.__dict__)
    for name in modules:
        del sys.modules[name]
    return out.getvalue()


CLASSES = '''
class _Base:
    _kind = 'base'

    def __init__(self, name, **more):
        self._name, self._more = name, more

    def _say(self, words, *others):
        return ' '.join([words, self._name] + list(others))


class Child(_Base):
    def __init__(self, name, extra):
        super().__init__(name, extra=extra)
        self._extra = extra

    def tell(self, topic='t'):
        def joined(first, second):
            return first + second + topic

        return self._say(joined('a', 'b'), self._kind, self._extra)


print(Child('n', extra='e').tell(topic='x'), Child('n', 'e')._more)
'''


def test_classes_do_what_they_did(library):
    short = library(main=CLASSES)
    assert run(short) == "abx n base e {'extra': 'e'}\n"
    names = set(re.findall(r'\w+', short.texts()['main.py']))
    assert not names & {'_Base', '_kind', '_name', '_more', '_say', '_extra',
                        'words', 'others', 'joined', 'first', 'second'}
    assert {'Child', 'tell', 'topic', 'extra', 'name'} <= names


def test_modules_share_names_and_find_each_other(library):
    short = library(
        inner='def begin(what):\n    return what + _end\n_end = 1\n',
        other='def _one(): return 2\ndef public(words): return _one() + words\n',
        main='import inner as i\nfrom inner import begin as start\n'
             'from other import _one, public\n'
             'def _f(a):\n    from inner import begin\n    return begin(a)\n'
             'print(i.begin(1), start(2), _one(), public(words=1), _f(5))\n')
    assert run(short) == '2 3 2 3 6\n'
    texts = short.texts()
    assert 'begin' not in texts['inner.py'] and '_one' not in texts['other.py']
    assert 'words' in texts['other.py']


def test_a_name_given_as_a_text_is_followed(library):
    short = library(
        inner='def begin(c): return 1\ndef finish(c): return 2\n',
        main='def _call(name, *more):\n    import inner\n'
             '    return getattr(inner, name)(*more)\n'
             "print(_call('begin', 0), _call('finish', 0))\n")
    assert run(short) == '1 2\n'
    assert 'begin' not in short.texts()['main.py']


LENDER = """
def __getattr__(name):
    import inner
    return getattr(inner, name)
"""
LENT = {
    'inner': 'def kept(): return 1\ndef lent(): return 2\n',
    'front': LENDER,
    'main': 'import front\nprint(front.kept(), front.lent())\n',
}


def test_what_a_module_lends_has_the_name_it_has_there(library, monkeypatch):
    monkeypatch.setitem(short_names.INTERNAL, 'front', {'kept'})
    short = library(**LENT)
    assert run(short) == '1 2\n'
    assert 'def kept' in short.texts()['inner.py']
    assert 'lent' not in short.texts()['inner.py'] + short.texts()['main.py']


def test_what_a_module_lends_is_not_hidden_by_what_it_has(
    library, monkeypatch
):
    monkeypatch.setitem(short_names.INTERNAL, 'front', {'isupper'})
    short = library(
        inner='one = 1\ntwo = 2\nthree = 3\n',
        front='isupper = 4\n_five = 5\n' + LENDER +
              'def _all():\n'
              '    return isupper, _five\n',
        main='import front\n'
             'print(front.one, front.two, front.three, front._all())\n')
    assert run(short) == '1 2 3 (4, 5)\n'
    assert 'three' not in ''.join(short.texts().values())


def test_what_a_public_module_lends_keeps_its_name(library):
    assert 'def lent' in library(**LENT).texts()['inner.py']


def test_a_name_that_any_text_says_stays(library):
    short = library(
        inner='def begin(c): return 1\ndef finish(c): return 2\n',
        main='import inner\nclass A:\n    _b = 3\n'
             "print([getattr(inner, n)(0) for n in ('begin', 'finish')],"
             " getattr(A, '_b'))\n")
    assert run(short) == '[1, 2] 3\n'
    assert 'def begin' in short.texts()['inner.py']


def test_what_is_given_by_two_stars_keeps_its_name(library):
    short = library(
        inner='def begin(self, user=None, port=1):\n    return user, port\n',
        main='import inner\nclass A:\n'
             '    def __init__(self, *args, **kw):\n'
             '        print(inner.begin(self, *args, **kw))\n'
             'A(user=3)\nA(**dict(port=2))\n')
    short.keywords.clear()
    assert run(short) == '(3, 1)\n(None, 2)\n'


def test_what_is_lent_to_a_class_has_one_name_in_both(library):
    short = library(
        inner='def _add(self, n): return self._n + n\n'
              'def _twice(self): return _add(self, 2), self._add(3)\n',
        main='class A:\n    _n = 1\n'
             '    def __getattr__(self, name):\n'
             '        import inner\n'
             '        function = getattr(inner, name)\n'
             '        return lambda *args: function(self, *args)\n'
             '    def go(self): return self._twice(), self._add(4)\n'
             'print(A().go())\n')
    assert run(short) == '((3, 4), 5)\n'
    assert '_add' not in ''.join(short.texts().values())


def test_constants_stay():
    text = short_names.Library({'main.py': '_A = const(3)\nprint(_A)\n'})
    assert text.texts()['main.py'] == '_A = const(3)\nprint(_A)\n'


def test_an_attribute_set_from_outside_meets_no_other(library):
    short = library(main='''
class A:
    def _m(self): return 1
    def value(self): return self._m(), self._late, self._z
def _set(thing):
    thing._late = 5
    thing._z = 6
a = A()
_set(a)
print(a.value())
''')
    assert run(short) == '(1, 5, 6)\n'


def test_a_script_is_told_the_short_names(library):
    short = library(inner='def begin(): return 1\n', main='')
    script = short.script('import inner as i\nprint(i.begin())\n')
    assert 'begin' not in script


def test_lines_stay_where_they_are_and_functions_can_be_told_apart(shipped):
    for path, text in shipped.texts().items():
        original = (TOP / 'python' / path).read_text()
        assert text.count('\n') == original.count('\n'), path
        names = [[node.name for node in ast.walk(ast.parse(t)) if isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef))]
            for t in (original, text)]
        meant = shipped.meanings().get(path[:-3].replace('/', '.').replace(
            '.__init__', ''), {})
        assert [meant.get(name, name) for name in names[1]] == names[0], path


def test_hardly_anything_private_takes_room(shipped):
    texts = '\n'.join(shipped.texts().values())
    left = set(re.findall(r'(?:def|class) (_[a-z]\w*)|self\.(_[a-z]\w*) =', texts))
    assert len(left) <= 10, left


def test_no_firmware_is_without_the_names():
    text = (TOP / 'ext/micropython/py/makeqstrdata.py').read_text()
    listed = text[text.index('static_qstr_list = ['):]
    listed = ast.literal_eval(listed[listed.index('['):listed.index(']') + 1])
    every = short_names.FREE + short_names.BUILTIN
    assert set(every) <= set(listed) and len(set(every)) == len(every)
