// SPDX-License-Identifier: MIT
#include "sim/device.h"

#include <stdio.h>
#include <string.h>

#include "sim/analog.h"
#include "sim/audio.h"
#include "sim/button.h"
#include "sim/hc595.h"
#include "sim/htu21d.h"
#include "sim/mcp3202.h"
#include "sim/sds011.h"

static const char *const fault_names[SIM_FAULTS] = {
    "nack", "crc", "stuck", "stretch", "noise", "checksum", "unplugged", "slow",
};

static const struct sim_kind *const kinds[] = {
    &sim_analog, &sim_audio,   &sim_button, &sim_hc595,
    &sim_htu21d, &sim_mcp3202, &sim_sds011,
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const char *sim_fault_name(unsigned fault) {
    for (unsigned i = 0; i < SIM_FAULTS; i++) {
        if (fault == 1u << i) {
            return fault_names[i];
        }
    }
    return "?";
}

unsigned sim_fault_find(const char *name) {
    for (unsigned i = 0; i < SIM_FAULTS; i++) {
        if (strcmp(name, fault_names[i]) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

static void set_default(struct sim_device *device, const struct sim_key *key) {
    void *field = (char *)device + key->offset;
    if (key->type == SIM_KEY_WIRE) {
        *(int *)field = -1;
    } else if (key->type == SIM_KEY_NUMBER) {
        *(double *)field = key->preset;
    } else if (key->type == SIM_KEY_SOURCE) {
        sim_source_constant(field, key->preset);
    }
}

void sim_device_init(struct sim_device *device, const struct sim_kind *kind,
                     struct sim_world *world, const char *name) {
    device->kind = kind;
    device->world = world;
    device->name = name;
    for (size_t i = 0; i < kind->key_count; i++) {
        set_default(device, &kind->keys[i]);
    }
}

const char *sim_device_start(struct sim_device *device) {
    const char *wrong = device->kind->start(device);
    struct sim_device **end = &device->world->devices;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    if (wrong == NULL) {
        *end = device;
    }
    return wrong;
}

void sim_device_set_faults(struct sim_device *device, unsigned on,
                           unsigned off) {
    device->faults = (device->faults | on) & ~off;
    if (device->kind->changed != NULL) {
        device->kind->changed(device);
    }
}

const struct sim_key *sim_device_key(const struct sim_device *device,
                                     const char *name) {
    for (size_t i = 0; i < device->kind->key_count; i++) {
        if (strcmp(device->kind->keys[i].name, name) == 0) {
            return &device->kind->keys[i];
        }
    }
    return NULL;
}

struct sim_device *sim_world_find(struct sim_world *world, const char *name) {
    struct sim_device *device = world->devices;
    while (device != NULL && strcmp(device->name, name) != 0) {
        device = device->next;
    }
    return device;
}

const struct sim_kind *sim_kind_find(const char *name) {
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

const char *sim_kind_names(void) {
    static char names[100];
    size_t used = 0;
    for (size_t i = 0; i < KINDS; i++) {
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                 i > 0 ? ", " : "", kinds[i]->name);
    }
    return names;
}
