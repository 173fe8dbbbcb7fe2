# SPDX-License-Identifier: MIT
"""Stubs name what the native modules offer: no more, no less."""

import ast
import json
import pathlib

import pytest

from lib.installed import install

ROOT = pathlib.Path(__file__).parents[2]
STUBS = sorted((ROOT / "python/stubs").glob("*.pyi"))
LOOK = """\
import json
import %s as module

def public(thing):
    return [name for name in dir(thing) if name[0] != '_']

names = {name: None for name in public(module)}
for name in names:
    if isinstance(getattr(module, name), type):
        names[name] = public(getattr(module, name))
print(json.dumps(names))
"""


def methods(node):
    """Of a class its methods, of a function None."""
    if isinstance(node, ast.FunctionDef):
        return None
    names = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
    return sorted(name for name in names if not name.startswith("_"))


def described(stub):
    return {
        node.name: methods(node)
        for node in ast.parse(stub.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }


def test_every_native_module_has_a_stub():
    modules = {path.parent.name for path in ROOT.glob("bind/*/module.mk")}
    assert {stub.stem for stub in STUBS} == {f"_blox_{m}" for m in modules}


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.stem)
def test_the_stub_describes_the_module(boards, tmp_path, stub):
    install(tmp_path / "board")
    offered = json.loads(boards().exec(LOOK % stub.stem))
    wanted = described(stub)
    assert set(offered) <= set(wanted)
    for name, names in offered.items():
        if names is not None:
            assert sorted(names) == wanted[name], name
    # What is described on top is only for type checkers.
    helpers = {"Stream", "Sink", "Readable", "Member"}
    assert set(wanted) - set(offered) <= helpers
