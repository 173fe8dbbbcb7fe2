// SPDX-License-Identifier: MIT
#include "board/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/audio.h"

#include "board/json_tree.h"
#include "board/options.h"
#include "board/world.h"

static struct sim_world *world;

static double number_of(const struct json_node *node, const char *what) {
    if (node->type != JSON_NUMBER) {
        json_tree_wrong(node, "%s is a number, not %s", what,
                        json_tree_type(node));
    }
    return node->number;
}

static double within(const struct json_node *node, const struct sim_key *key) {
    double value = number_of(node, key->name);
    if (value < key->low || value > key->high) {
        json_tree_wrong(node, "%s is %g; it must be from %g to %g", key->name,
                        value, key->low, key->high);
    }
    return value;
}

static const struct json_node *list_of(const struct json_node *node, int count,
                                       const char *what) {
    if (node->type != JSON_ARRAY || (count > 0 && node->count != count)) {
        json_tree_wrong(node, "%s", what);
    }
    return node->first;
}

static void fill_wire(int *wire, const struct json_node *node,
                      const struct sim_key *key) {
    double number = number_of(node, key->name);
    *wire = (int)number;
    if (number != *wire || number < 0 || number >= SIM_WIRES || *wire == 20 ||
        *wire == 24 || (*wire >= 28 && *wire <= 31)) {
        json_tree_wrong(node, "%s is %g, but an ESP32 has no such GPIO",
                        key->name, number);
    }
}

static void fill_points(struct sim_source *source, const struct json_node *list,
                        const struct sim_key *key) {
    const char *shape = "a table is a list of [seconds, value], in order";
    const struct json_node *entry = list_of(list, 0, shape);
    if (list->count == 0 || list->count > SIM_SOURCE_POINTS) {
        json_tree_wrong(list, "a table has 1 to %d entries", SIM_SOURCE_POINTS);
    }
    for (; entry != NULL; entry = entry->next) {
        const struct json_node *pair = list_of(entry, 2, shape);
        struct sim_point *point = &source->points[source->count];
        point->at = number_of(pair, "a time");
        point->value = within(pair->next, key);
        if (source->count++ > 0 && point->at <= point[-1].at) {
            json_tree_wrong(entry, "%s", shape);
        }
    }
}

static void fill_ramp(struct sim_source *source, const struct json_node *list,
                      const struct sim_key *key) {
    const struct json_node *from =
        list_of(list, 2, "a ramp is a list of two values, [from, to]");
    source->points[0].value = within(from, key);
    source->points[1].value = within(from->next, key);
}

// The lengths that a source's object must and may have.
static void fill_times(struct sim_source *source,
                       const struct json_node *object) {
    for (const struct json_node *node = object->first; node;
         node = node->next) {
        if (strcmp(node->key, "seconds") == 0) {
            source->seconds = number_of(node, "seconds");
        } else if (strcmp(node->key, "amplitude") == 0) {
            source->amplitude = number_of(node, "amplitude");
        } else if (node != object->first) {
            json_tree_wrong(node, "\"%s\" is not known here", node->key);
        }
    }
    bool timed = source->kind == SIM_RAMP || source->kind == SIM_SAW ||
                 source->kind == SIM_SINE;
    if (timed && source->seconds <= 0) {
        json_tree_wrong(object, "\"seconds\", more than 0, is missing");
    }
}

static void fill_source(struct sim_source *source, const struct json_node *node,
                        const struct sim_key *key) {
    static const char *const kinds[] = {
        [SIM_RAMP] = "ramp",   [SIM_SAW] = "saw",     [SIM_SINE] = "sine",
        [SIM_TABLE] = "table", [SIM_LINES] = "lines",
    };
    if (node->type == JSON_NUMBER) {
        sim_source_constant(source, within(node, key));
        return;
    }
    const struct json_node *first =
        node->type == JSON_OBJECT ? node->first : NULL;
    memset(source, 0, sizeof(*source));
    for (int kind = SIM_RAMP; first != NULL && kind <= SIM_LINES; kind++) {
        if (strcmp(first->key, kinds[kind]) == 0) {
            source->kind = (enum sim_source_kind)kind;
        }
    }
    switch (source->kind) {
    case SIM_RAMP:
    case SIM_SAW:
        fill_ramp(source, first, key);
        break;
    case SIM_SINE:
        source->points[0].value = within(first, key);
        break;
    case SIM_TABLE:
    case SIM_LINES:
        fill_points(source, first, key);
        break;
    default:
        json_tree_wrong(node,
                        "%s is a number or an object that begins with \"ramp\","
                        " \"saw\", \"sine\", \"table\" or \"lines\"",
                        key->name);
    }
    fill_times(source, node);
}

static void fill_spans(struct sim_spans *spans, const struct json_node *node,
                       const char *name) {
    const char *shape = "is a list of spans [from, to] in seconds, in order";
    double before = 0;
    if (node->type != JSON_ARRAY || node->count > SIM_SPANS) {
        json_tree_wrong(node, "\"%s\" %s, at most %d", name, shape, SIM_SPANS);
    }
    for (const struct json_node *entry = node->first; entry;
         entry = entry->next) {
        if (entry->type != JSON_ARRAY || entry->count != 2) {
            json_tree_wrong(entry, "\"%s\" %s", name, shape);
        }
        double from = number_of(entry->first, "a time");
        double to = number_of(entry->first->next, "a time");
        if (from < before || to <= from) {
            json_tree_wrong(entry, "\"%s\" %s", name, shape);
        }
        spans->spans[spans->count].from = from;
        spans->spans[spans->count++].to = to;
        before = to;
    }
}

static void fill_key(struct sim_device *device, const struct sim_key *key,
                     const struct json_node *node) {
    void *field = (char *)device + key->offset;
    switch (key->type) {
    case SIM_KEY_WIRE:
        fill_wire(field, node, key);
        break;
    case SIM_KEY_NUMBER:
        *(double *)field = within(node, key);
        break;
    case SIM_KEY_SOURCE:
        fill_source(field, node, key);
        break;
    case SIM_KEY_SPANS:
        fill_spans(field, node, key->name);
        break;
    case SIM_KEY_TEXT:
        if (node->type != JSON_STRING) {
            json_tree_wrong(node, "%s is a string, not %s", key->name,
                            json_tree_type(node));
        }
        *(const char **)field = node->string;
        break;
    }
}

// A fault and the spans in which a device has it.
struct fault {
    struct sim_device *device;
    unsigned fault;
    struct sim_spans spans;
    uint16_t next;
    bool on;
    struct sim_alarm alarm;
};

static void wait_for(struct fault *fault, double seconds) {
    uint64_t when = (uint64_t)(seconds * 1e9);
    uint64_t now = world->clock.now;
    sim_alarm_set(&world->clock, &fault->alarm, when > now ? when - now : 0, 0);
}

static void turn(void *context) {
    struct fault *fault = context;
    fault->on = !fault->on;
    sim_device_set_faults(fault->device, fault->on ? fault->fault : 0,
                          fault->on ? 0 : fault->fault);
    if (fault->on) {
        wait_for(fault, fault->spans.spans[fault->next++].to);
    } else if (fault->next < fault->spans.count) {
        wait_for(fault, fault->spans.spans[fault->next].from);
    }
}

// The words for a set of faults, with commas.
static const char *fault_words(unsigned faults) {
    static char words[100];
    words[0] = '\0';
    for (unsigned i = 0; i < SIM_FAULTS; i++) {
        if (faults & 1u << i) {
            strcat(words, *words ? ", " : "");
            strcat(words, sim_fault_name(1u << i));
        }
    }
    return words;
}

static void add_fault(struct sim_device *device, const struct json_node *node) {
    unsigned bit = sim_fault_find(node->key);
    if (!(bit & device->kind->faults)) {
        json_tree_wrong(node, "\"%s\" is not a fault of a %s; it has: %s",
                        node->key, device->kind->name,
                        fault_words(device->kind->faults));
    }
    if (node->type == JSON_BOOL) {
        sim_device_set_faults(device, node->number > 0 ? bit : 0, 0);
        return;
    }
    struct fault *fault = calloc(1, sizeof(*fault));
    fault->device = device;
    fault->fault = bit;
    fill_spans(&fault->spans, node, node->key);
    fault->alarm.ring = turn;
    fault->alarm.context = fault;
    if (fault->spans.count > 0) {
        wait_for(fault, fault->spans.spans[0].from);
    }
}

static struct sim_device *make(const struct sim_kind *kind, const char *name) {
    struct sim_device *device = calloc(1, kind->size);
    sim_device_init(device, kind, world, name);
    return device;
}

static const struct sim_kind *kind_of(const struct json_node *node) {
    const struct json_node *type = NULL;
    if (node->type == JSON_OBJECT) {
        type = json_tree_member(node, "type");
    }
    if (type == NULL || type->type != JSON_STRING) {
        json_tree_wrong(node, "\"%s\" needs a \"type\": one of %s", node->key,
                        sim_kind_names());
    }
    const struct sim_kind *kind = sim_kind_find(type->string);
    if (kind == NULL) {
        json_tree_wrong(type, "\"%s\" is not a type; it is one of %s",
                        type->string, sim_kind_names());
    }
    return kind;
}

static void check_required(const struct sim_device *device,
                           const struct json_node *node) {
    for (size_t i = 0; i < device->kind->key_count; i++) {
        const struct sim_key *key = &device->kind->keys[i];
        if (key->required && json_tree_member(node, key->name) == NULL) {
            json_tree_wrong(node, "\"%s\" lacks \"%s\": the GPIO at that pin",
                            node->key, key->name);
        }
    }
}

static void fill_device(struct sim_device *device,
                        const struct json_node *node) {
    for (const struct json_node *one = node->first; one; one = one->next) {
        const struct sim_key *key = sim_device_key(device, one->key);
        bool common =
            strcmp(one->key, "type") == 0 || strcmp(one->key, "faults") == 0;
        if (key != NULL) {
            fill_key(device, key, one);
        } else if (!common) {
            json_tree_wrong(one, "a %s has no \"%s\"; see docs/board.md",
                            device->kind->name, one->key);
        }
    }
}

static void add_device(const struct json_node *node) {
    struct sim_device *device = make(kind_of(node), node->key);
    if (strchr(node->key, ' ') != NULL || *node->key == '\0') {
        json_tree_wrong(node, "a device's name is one word");
    }
    check_required(device, node);
    fill_device(device, node);
    const char *why = sim_device_start(device);
    if (why != NULL) {
        json_tree_wrong(node, "\"%s\": %s", node->key, why);
    }
    const struct json_node *faults = json_tree_member(node, "faults");
    if (faults != NULL && faults->type != JSON_OBJECT) {
        json_tree_wrong(faults, "\"faults\" is an object: {\"%s\": [[2, 4]]}",
                        fault_words(device->kind->faults & 1 ? 1 : 64));
    }
    for (const struct json_node *one = faults ? faults->first : NULL; one;
         one = one->next) {
        add_fault(device, one);
    }
}

static void read_scenario(const char *path) {
    const struct json_node *root = json_tree_read(path);
    if (root->type != JSON_OBJECT) {
        json_tree_wrong(root, "a scenario is an object: {\"devices\": {...}}");
    }
    for (const struct json_node *one = root->first; one; one = one->next) {
        if (strcmp(one->key, "devices") != 0 || one->type != JSON_OBJECT) {
            json_tree_wrong(one,
                            "a scenario has one key, \"devices\", an "
                            "object of names; not \"%s\"",
                            one->key);
        }
        for (const struct json_node *device = one->first; device;
             device = device->next) {
            add_device(device);
        }
    }
}

static void add_wav(const char *path) {
    struct sim_audio *audio = (struct sim_audio *)make(&sim_audio, "wav");
    audio->wav = path;
    sim_device_start(&audio->device);
}

void board_scenario_start(struct sim_world *new_world) {
    world = new_world;
    if (board_options()->scenario != NULL) {
        read_scenario(board_options()->scenario);
    }
    if (board_options()->wav != NULL) {
        add_wav(board_options()->wav);
    }
}

// Commands.

static struct sim_device *find(const char *name, char *answer, size_t size) {
    struct sim_device *device = sim_world_find(world, name);
    if (device == NULL) {
        snprintf(answer, size, "error: no device is called %s; see devices",
                 name);
    }
    return device;
}

void board_scenario_devices(const char *arguments, char *answer, size_t size) {
    size_t used = 0;
    (void)arguments;
    board_world_enter();
    snprintf(answer, size, "none");
    for (struct sim_device *one = world->devices; one; one = one->next) {
        int count = snprintf(answer + used, size - used, "%s%s %s",
                             used > 0 ? ", " : "", one->name, one->kind->name);
        used += (size_t)count < size - used ? (size_t)count : size - used - 1;
    }
    board_world_leave();
}

void board_scenario_show(const char *arguments, char *answer, size_t size) {
    board_world_enter();
    struct sim_device *device = find(arguments, answer, size);
    if (device != NULL) {
        snprintf(answer, size, "faults: %s",
                 device->faults ? fault_words(device->faults) : "none");
        if (device->kind->show != NULL && device->faults == 0) {
            device->kind->show(device, answer, size);
        }
    }
    board_world_leave();
}

void board_scenario_fault(const char *arguments, char *answer, size_t size) {
    char name[64];
    char word[16];
    char state[4];
    if (sscanf(arguments, "%63s %15s %3s", name, word, state) != 3 ||
        (strcmp(state, "on") != 0 && strcmp(state, "off") != 0)) {
        snprintf(answer, size, "error: write it like: fault climate nack on");
        return;
    }
    board_world_enter();
    struct sim_device *device = find(name, answer, size);
    unsigned bit = sim_fault_find(word);
    if (device != NULL && !(bit & device->kind->faults)) {
        snprintf(answer, size, "error: a %s has these faults: %s",
                 device->kind->name, fault_words(device->kind->faults));
    } else if (device != NULL) {
        bool on = strcmp(state, "on") == 0;
        sim_device_set_faults(device, on ? bit : 0, on ? 0 : bit);
        snprintf(answer, size, "ok");
    }
    board_world_leave();
}

static const char *set_key(struct sim_device *device, const char *name,
                           double value) {
    const struct sim_key *key = sim_device_key(device, name);
    if (key == NULL ||
        (key->type != SIM_KEY_NUMBER && key->type != SIM_KEY_SOURCE)) {
        return "error: it has no number of that name; see docs/board.md";
    }
    if (value < key->low || value > key->high) {
        return "error: out of its range; see docs/board.md";
    }
    if (key->type == SIM_KEY_NUMBER) {
        *(double *)((char *)device + key->offset) = value;
    } else {
        sim_source_constant((void *)((char *)device + key->offset), value);
    }
    sim_device_set_faults(device, 0, 0);
    return "ok";
}

void board_scenario_set(const char *arguments, char *answer, size_t size) {
    char name[64];
    char key[32];
    double value;
    if (sscanf(arguments, "%63s %31s %lf", name, key, &value) != 3) {
        snprintf(answer, size,
                 "error: write it like: set climate temperature 21.5");
        return;
    }
    board_world_enter();
    struct sim_device *device = find(name, answer, size);
    if (device != NULL) {
        snprintf(answer, size, "%s", set_key(device, key, value));
    }
    board_world_leave();
}
