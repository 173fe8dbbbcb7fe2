# SPDX-License-Identifier: MIT
# Every native module is there, by the same name in both builds.
for name in (
    '_blox_conf',
    '_blox_install',
    '_blox_keep',
    '_blox_link',
    '_blox_unpack',
    '_blox_mqtt',
    '_blox_mqtt_extra',
    '_blox_ota',
    '_blox_pkg',
    '_blox_plan',
    '_blox_seal',
    '_blox_settle',
    '_blox_verify',
    '_blox_ema',
    '_blox_htu21d',
    '_blox_mcp3202',
    '_blox_sampling',
    '_blox_sds011',
    '_blox_sn74hc595',
    '_blox_wav',
):
    module = __import__(name)
    assert __import__(name) is module
    assert [n for n in dir(module) if n[0] != '_'], name
print('OK')
