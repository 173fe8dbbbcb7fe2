# SPDX-License-Identifier: MIT
"""What the documents name is there: targets, files, other pages."""

import fnmatch
import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = subprocess.check_output(['git', 'ls-files'], cwd=TOP, text=True,
                                ).splitlines()
PAGES = [name for name in FILES if name.endswith('.md')]
FOLDERS = 'bench bind board cli core docs examples mk python sim targets ' \
    'tests tools'.split()


def page(name):
    return (TOP / name).read_text()


def code(text):
    """The words in code: spans, and the lines of blocks."""
    yield from re.findall(r'`([^`\n]+)`', text)
    yield from re.findall(r'^(?:    |  +(?=make ))(.+)$', text, re.M)


def targets():
    rules = ''.join((TOP / name).read_text() for name in FILES
                    if name == 'Makefile' or name.startswith('mk/'))
    heads = ' '.join(re.findall(r'^([a-z][\w .-]*?):(?!=)', rules, re.M))
    made = ['unit-gcc', 'unit-clang', 'fuzz-replay-gcc', 'fuzz-replay-clang']
    made += ['target-' + name for name in ('rv32', 'xtensa', 'arm')]
    made += ['natmod-' + name for name in ('x64', 'rv32imc', 'armv7emsp',
                                           'xtensawin')]
    return {*heads.split(), *made}


@pytest.mark.parametrize('name', PAGES)
def test_every_target_is_one(name):
    known = targets()
    for line in code(page(name)):
        found = re.match(r'(?:make|\./bootstrap)((?: +[\w.=/$-]+)*)', line)
        for word in found.group(1).split() if found else ():
            if re.match(r'[a-z][a-z0-9-]*\Z', word):
                assert word in known, line


@pytest.mark.parametrize('name', PAGES)
def test_every_link_leads_somewhere(name):
    for link in re.findall(r'\]\(([^)\s]+)\)', page(name)):
        if link.startswith('http'):
            continue
        path, _, anchor = link.partition('#')
        there = (TOP / name).parent / path if path else TOP / name
        assert there.exists(), link
        if anchor:
            heads = re.findall(r'^#+ (.+)$', there.read_text(), re.M)
            assert anchor in [
                re.sub(r'[^\w -]', '', head).lower().replace(' ', '-')
                for head in heads], link


@pytest.mark.parametrize('name', PAGES)
def test_every_file_is_there(name):
    there = set(FILES)
    for path in FILES:
        there.update(map(str, pathlib.PurePath(path).parents))
    pattern = r'(?<![\w/.$<-])((?:%s)/[\w./*-]+)' % '|'.join(FOLDERS)
    for path in re.findall(pattern, page(name)):
        path = path.rstrip('./')
        assert fnmatch.filter(there, path) or path + '.h' in there, path


@pytest.mark.parametrize('name', PAGES)
def test_every_setting_is_known(name):
    known = re.findall(r'\{"([\w.]+)", KIND_', page('core/conf/settings.c'))
    groups = 'logging|update|network|ntp|hass|device'
    for key in re.findall(r'`"?((?:%s)\.[a-z_.]+)[`"]' % groups, page(name)):
        assert key in known or key == 'update.next_key', key


def module(dotted):
    """The text of a module of the library; a mere folder has none."""
    path = TOP / 'python' / dotted.replace('.', '/')
    for file in path.with_suffix('.py'), path / '__init__.py':
        if file.is_file():
            return file.read_text()
    return '' if path.is_dir() else None


@pytest.mark.parametrize('name', PAGES)
def test_every_module_is_there(name):
    for path in re.findall(r'\bmpy_blox(?:\.\w+)+', page(name)):
        package, _, member = path.rpartition('.')
        assert module(path) is not None or \
            re.search(r'\b%s\b' % member, module(package) or ''), path
