// SPDX-License-Identifier: MIT
// blox publish: packages onto the broker, then the list that names them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/broker.h"
#include "cli/entries.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/watch_update.h"

enum { LIST_MAX = 65536 }; // bytes a device reads

// What the command line asks for.
struct request {
    struct broker_settings settings;
    struct cli_texts channels;
    struct cli_texts nodes;
    unsigned forms; // set of enum package_form
    bool quiet;
    struct watch_settings watch;
    struct entries entries;
};

// Everything that is on its way, and what it is made of.
struct publication {
    const struct request *request;
    struct package *packages;
    size_t package_count; // that were begun
    char *list;
    struct broker_delivery *deliveries;
    size_t delivery_count;
    struct progress progress;
    struct update_watch watch;
};

// ---- options ----------------------------------------------------------------

// What --form may be is in the table.
static const char *add_form(void *field, const char *value) {
    *(unsigned *)field |= 1u << (*value - 'a');
    return NULL;
}

static enum cli_exit complete(struct request *request) {
    if (request->channels.count + request->nodes.count == 0) {
        return cli_fail(CLI_USAGE, "publish: no --channel and no --node; say "
                                   "where to publish");
    }
    if (request->entries.count == 0) {
        return cli_fail(CLI_USAGE, "publish: nothing to publish; name a FILE "
                                   "or a path to --delete");
    }
    if (request->forms == 0) {
        request->forms = PACKAGE_FORM_A | PACKAGE_FORM_C;
    }
    return broker_settings_complete(&request->settings);
}

// ---- packages and the list --------------------------------------------------

static enum cli_exit compose_list(struct publication *publication) {
    publication->list =
        package_list(publication->packages, publication->package_count);
    return strlen(publication->list) <= LIST_MAX
               ? CLI_OK
               : cli_fail(CLI_USAGE,
                          "publish: the update list is over 64 KiB, more than "
                          "a device reads; send fewer, larger packages");
}

// ---- delivering -------------------------------------------------------------

static void add_delivery(struct publication *publication, char *topic,
                         const void *payload, size_t size, bool retain,
                         const char *label) {
    publication->deliveries =
        cli_grow(publication->deliveries, publication->delivery_count + 1,
                 sizeof *publication->deliveries);
    publication->deliveries[publication->delivery_count++] =
        (struct broker_delivery){.topic = topic,
                                 .payload = payload,
                                 .size = size,
                                 .retain = retain,
                                 .label = label};
}

// Forms A and B are one for a wheel.
static bool is_last_topic(const struct publication *publication,
                          const char *topic) {
    size_t count = publication->delivery_count;
    return count > 0 &&
           strcmp(publication->deliveries[count - 1].topic, topic) == 0;
}

static void add_packages(struct publication *publication) {
    for (size_t i = 0; i < publication->package_count; ++i) {
        const struct package *package = &publication->packages[i];
        for (unsigned form = PACKAGE_FORM_A; form <= PACKAGE_FORM_C;
             form <<= 1) {
            char *topic = publication->request->forms & form
                              ? package_topic(package, form)
                              : NULL;
            if (topic != NULL && !is_last_topic(publication, topic)) {
                add_delivery(publication, topic, package->bytes.data,
                             package->bytes.size, true, package->label);
            } else {
                free(topic);
            }
        }
    }
}

static void add_lists(struct publication *publication) {
    const struct request *request = publication->request;
    const char *list = publication->list;
    for (size_t i = 0; i < request->channels.count; ++i) {
        add_delivery(
            publication,
            cli_format("mpypi/channels/%s", request->channels.items[i]), list,
            strlen(list), true, "update list");
    }
    for (size_t i = 0; i < request->nodes.count; ++i) {
        add_delivery(publication,
                     cli_format("mpypi/nodes/%s/cmd", request->nodes.items[i]),
                     list, strlen(list), false, "update list");
    }
}

static void on_moved(void *context, uint64_t bytes) {
    struct publication *publication = context;
    progress_draw(&publication->progress, bytes);
}

static void on_acknowledged(void *context, const struct broker_delivery *one) {
    struct publication *publication = context;
    if (!publication->request->quiet) {
        progress_clear(&publication->progress);
        printf("%s: %zu bytes on %s\n", one->label, one->size, one->topic);
        fflush(stdout);
    }
}

static enum cli_exit deliver(struct publication *publication,
                             struct broker *broker, size_t first,
                             size_t count) {
    const struct broker_observer observer = {publication, on_moved,
                                             on_acknowledged};
    uint64_t total = 0;
    for (size_t i = first; i < first + count; ++i) {
        total += publication->deliveries[i].size;
    }
    progress_begin(&publication->progress, total);
    publication->progress.shown &= !publication->request->quiet;
    enum cli_exit result = broker_deliver(
        broker, publication->deliveries + first, count, &observer);
    progress_clear(&publication->progress);
    return result;
}

static void prepare_watch(struct publication *publication) {
    const struct request *request = publication->request;
    publication->watch = (struct update_watch){.settings = &request->watch,
                                               .channels = &request->channels,
                                               .nodes = &request->nodes,
                                               .list = publication->list};
}

static enum cli_exit send(struct publication *publication) {
    struct broker broker;
    prepare_watch(publication);
    add_packages(publication);
    size_t packages = publication->delivery_count;
    add_lists(publication);
    size_t lists = publication->delivery_count - packages;
    struct update_watch *watch = &publication->watch;
    enum cli_exit result =
        broker_open(&broker, &publication->request->settings);
    if (result == CLI_OK && watch->settings->on) {
        result = update_watch_begin(watch, &broker);
    }
    if (result == CLI_OK) {
        result = deliver(publication, &broker, 0, packages);
    }
    if (result == CLI_OK) {
        result = deliver(publication, &broker, packages, lists);
    }
    if (result == CLI_OK && watch->settings->on) {
        result = update_watch_follow(watch, &broker);
    }
    broker_close(&broker);
    return result;
}

static void free_publication(struct publication *publication) {
    for (size_t i = 0; i < publication->package_count; ++i) {
        package_free(&publication->packages[i]);
    }
    for (size_t i = 0; i < publication->delivery_count; ++i) {
        free((char *)publication->deliveries[i].topic);
    }
    update_watch_free(&publication->watch);
    free(publication->packages);
    free(publication->deliveries);
    free(publication->list);
}

static enum cli_exit publish(const struct request *request) {
    struct publication publication = {.request = request};
    enum cli_exit result = entries_load(
        &request->entries, &publication.packages, &publication.package_count);
    if (result == CLI_OK) {
        result = compose_list(&publication);
    }
    if (result == CLI_OK) {
        result = send(&publication);
    }
    free_publication(&publication);
    return result;
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    enum cli_exit result = complete(request);
    return result != CLI_OK ? result : publish(request);
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option OPTIONS[] = {
    {.name = "channel",
     .value = "NAME",
     .offset = offsetof(struct request, channels),
     .set = cli_add_topic,
     .help = "the channel to publish on; may be repeated"},
    {.name = "node",
     .value = "ID",
     .offset = offsetof(struct request, nodes),
     .set = cli_add_level,
     .help = "a single device, by its MQTT client id; may be repeated"},
    {.name = "form",
     .value = "a|b|c",
     .offset = offsetof(struct request, forms),
     .set = add_form,
     .help = "package topics: a for devices since 0.4, b for 0.3, c as their "
             "README had them; may be repeated",
     .standard = "a and c"},
    {.name = "quiet",
     .offset = offsetof(struct request, quiet),
     .set = cli_set_true,
     .help = "no output but errors"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Watching", watch_options, offsetof(struct request, watch)},
    {"Files", entries_options, offsetof(struct request, entries)},
    {"Broker", broker_options, offsetof(struct request, settings)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "FILE",
     .offset = offsetof(struct request, entries),
     .set = entries_add_file,
     .help = "a wheel, or a file for / of the device",
     .optional = true,
     .many = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Gives every device of a channel a program and a package",
     "blox publish --channel latest user_main.py bigpkg-1.0-py3-none-any.whl"},
    {"Removes a file from one device",
     "blox publish --node esp32-840d8ed29760 --delete old.py"},
    {"Waits until every device has it, or says which do not",
     "blox publish --channel latest --watch user_main.py"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_publish = {
    .name = "publish",
    .summary = "put files and wheels out for devices to install",
    .usage = "(--channel NAME | --node ID)... [OPTION]... FILE...",
    .about =
        "Puts files out on an MQTT broker for devices to install. A FILE that "
        "ends in .whl is a wheel; any other becomes a file of the same name in "
        "/ of the device (--src to choose another path). All files of one call "
        "are one update: a device installs all of them or none.\n\n"
        "The packages go first, retained, and are acknowledged before the "
        "update list that names them goes out. On a channel the list stays and "
        "replaces the one before; devices that are switched off now see it "
        "later. A node gets it once and acts on it at once.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(FAILED) | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
