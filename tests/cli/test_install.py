# SPDX-License-Identifier: MIT
"""What `make install` brings: the tool, a manual without faults, completion
that knows every verb."""

import os
import subprocess

import pytest
from cli_support import TOOL, TOP

TREE = {
    'bin/blox', 'share/man/man1/blox.1',
    'share/bash-completion/completions/blox',
    'share/zsh/site-functions/_blox',
}


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def verbs():
    """The names of all verbs, as --help lists them."""
    lines = run(TOOL, '--help').split('tells more):\n')[1].split('\n\n')[0]
    return [line[2:18].strip() for line in lines.splitlines()]


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob('*')
            if path.is_file()}


def test_install_puts_all_in_place_and_uninstall_takes_it_away(tmp_path):
    where = ['DESTDIR=%s' % tmp_path, 'PREFIX=/usr']
    run('make', '-s', '-C', str(TOP), 'install', *where)
    assert files_below(tmp_path / 'usr') == TREE
    assert os.access(tmp_path / 'usr/bin/blox', os.X_OK)
    assert 'blox' in run(str(tmp_path / 'usr/bin/blox'), '--version')
    run('make', '-s', '-C', str(TOP), 'uninstall', *where)
    assert files_below(tmp_path) == set()


@pytest.fixture
def manual(tmp_path):
    page = tmp_path / 'blox.1'
    page.write_text(run(TOOL, 'help', '--man'))
    return page


def test_the_manual_has_no_faults(manual):
    assert run('mandoc', '-Tlint', '-W', 'warning', str(manual)) == ''
    env = dict(os.environ, MANROFFSEQ='', LC_ALL='C.UTF-8')
    done = subprocess.run(['man', '-l', '--warnings', manual], env=env,
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (0, '')


def test_the_manual_has_every_verb_and_each_option_once_said(manual):
    text = run('mandoc', '-Tascii', '-O', 'width=300', str(manual))
    while '\b' in text:  # overstruck, as terminals show bold
        at = text.index('\b')
        text = text[:at - 1] + text[at + 1:]
    for verb in verbs():
        assert 'blox %s' % verb in text
    assert text.count('--pw-file FILE') == 1
    assert 'BLOX_PASSWORD, "password"' in text


def complete_in_bash(*words):
    """What bash offers for the last of these words."""
    script = '''
        source <(%s completion bash)
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _blox
        printf '%%s\\n' "${COMPREPLY[@]}"
    ''' % TOOL
    return run('bash', '-c', script, 'bash', 'blox', *words).split()


def test_bash_completes_verbs_options_choices_and_files(tmp_path):
    firsts = {verb.split()[0] for verb in verbs()}
    assert set(complete_in_bash('')) == firsts | {'--help', '--version'}
    assert complete_in_bash('no') == ['nodes']
    assert complete_in_bash('channel', '') == ['show', 'clear']
    assert complete_in_bash('nodes', '--off') == ['--offline']
    assert complete_in_bash('channel', 'clear', '--y') == ['--yes']
    assert complete_in_bash('logs', '--level', 'war') == ['warning']
    assert complete_in_bash('cmd', 'node', 'ro') == ['rollback']
    (tmp_path / 'user_main.py').touch()
    assert complete_in_bash('publish', str(tmp_path / 'user')) == \
        [str(tmp_path / 'user_main.py')]
    assert complete_in_bash('nodes', '-h', '') == []


def test_bash_offers_every_option_of_every_verb():
    for verb in verbs():
        help_text = run(TOOL, *verb.split(), '--help')
        options = {word.rstrip(',') for line in help_text.splitlines()
                   for word in line.split()[:2]
                   if line.startswith(('      --', '  -')) and
                   word.startswith('--')}
        assert set(complete_in_bash(*verb.split(), '--')) == options, verb


def test_zsh_takes_the_script_and_knows_every_verb(tmp_path):
    script = tmp_path / '_blox'
    script.write_text(run(TOOL, 'completion', 'zsh'))
    run('zsh', '-n', str(script))
    # With its helpers replaced the function tells what it would offer.
    trial = '''
        compadd() { shift; print -l -- "$@" }
        _arguments() { print -l -- "$@" }
        words=(blox "$@") CURRENT=$(($# + 1))
        source %s
    ''' % script
    offered = run('zsh', '-f', '-c', trial, 'zsh', '').split()
    assert set(offered) >= {verb.split()[0] for verb in verbs()}
    for verb in verbs():
        words = run('zsh', '-f', '-c', trial, 'zsh', *verb.split(), '--')
        assert '--help[' in words, verb
    assert '*--offline[only nodes that are not]' in run(
        'zsh', '-f', '-c', trial, 'zsh', 'nodes', '--')
    assert ':(debug info warning error critical)' in run(
        'zsh', '-f', '-c', trial, 'zsh', 'logs', '--')
