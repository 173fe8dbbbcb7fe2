// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/update.mqtt. The card reads the node's own
// update documents (PROTOCOL §4), so it costs the device no message; Install
// sends the node's command (PROTOCOL §5).
#include "core/hass/kind.h"

static const char state_template[] =
    "{{ {'installed_version': value_json.installed,"
    " 'latest_version': value_json.latest,"
    " 'in_progress': value_json.state in"
    " ['downloading', 'installing', 'rebooting'],"
    " 'update_percentage': (100 * value_json.received / value_json.total)"
    " | int if value_json.total else none} | to_json }}";

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    blox_hass_put(writer, "stat_t", entity->state_topic);
    blox_hass_put(writer, "val_tpl", blox_span_text(state_template));
    blox_hass_put(writer, "tit", entity->title);
    blox_hass_put(writer, "cmd_t", entity->command_topic);
    blox_hass_put(writer, "pl_inst", blox_span_text("{\"cmd\":\"install\"}"));
}

const struct blox_hass_kind_ops blox_hass_update_kind = {
    .component = "update",
    .options = options,
};
