# SPDX-License-Identifier: MIT
# Installing, listing and upgrading wheels. The runner put them on flash.
import os

from mpy_blox import wheel
from mpy_blox.wheel.info import WheelPackage
from mpy_blox.wheel.wheelfile import BadWheelFile, WheelFile

PREFIX = '/test_wheel/'


def open_wheel(name):
    return WheelFile(open('/tests/' + name, 'rb'))


one = open_wheel('sample-1.0-py3-none-any.whl')
assert one.pkg_name == 'sample' and one.pkg_version == '1.0'
assert one.dist_info_path.rstrip('/') == 'sample-1.0.dist-info'
assert isinstance(one.package, WheelPackage)
assert one.package.name == 'sample' and one.package.version == '1.0'
assert one.package.metadata['Name'] == 'sample'
assert one.wheel_info['Tag'] == 'py3-none-any'
entry = one.wheel_record['sample/long.txt']
assert entry.size == 6000 and entry.checksum_algo == 'sha256'
assert one.read('sample/__init__.py') == b"VERSION = '1.0'\n"

wheel.install(one, PREFIX)
with open(PREFIX + 'sample/long.txt') as f:
    assert len(f.read()) == 6000
assert [p.name for p in wheel.list_installed(PREFIX)] == ['sample']
installed = wheel.pkg_info('sample', PREFIX)
assert installed.version == '1.0'
assert wheel.pkg_info('absent', PREFIX) is None
folder = PREFIX + 'sample-1.0.dist-info'
assert wheel.read_package(folder).version == '1.0'

try:
    wheel.install(one, PREFIX)
    assert False
except wheel.WheelExistingInstallation as e:
    assert e.existing_pkg.version == '1.0'

# an upgrade removes what the new RECORD does not list, and nothing else
with open(PREFIX + 'sample/users_own.txt', 'w') as f:
    f.write('kept')
two = open_wheel('sample-2.0-py3-none-any.whl')
wheel.upgrade(installed, two, PREFIX)
assert wheel.pkg_info('sample', PREFIX).version == '2.0'
files = os.listdir(PREFIX + 'sample')
assert sorted(files) == ['__init__.py', 'users_own.txt'], files
assert sorted(os.listdir(PREFIX)) == ['sample', 'sample-2.0.dist-info']

# a wheel that was read holds its window
one = two = None

# damaged or foreign: refused, nothing changed
for name in (
    'damaged-1.0-py3-none-any.whl',
    'escaping-1.0-py3-none-any.whl',
    'foreign-1.0-py3-none-any.whl',
    'unlisted-1.0-py3-none-any.whl',
):
    try:
        wheel.install(open_wheel(name), PREFIX)
        assert False, name
    except (BadWheelFile, ValueError) as e:
        assert str(e), name
    assert sorted(os.listdir(PREFIX)) == ['sample', 'sample-2.0.dist-info']
    assert 'escaped.py' not in os.listdir('/'), name


def remove(path):
    for name in os.listdir(path):
        try:
            os.remove(path + '/' + name)
        except OSError:
            remove(path + '/' + name)
    os.rmdir(path)


remove('/test_wheel')
print('OK')
