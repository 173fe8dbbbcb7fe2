// SPDX-License-Identifier: MIT
// blox publish: packages onto the broker, then the list that names them.
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/broker.h"
#include "cli/entries.h"
#include "cli/native_check.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/sign.h"
#include "cli/update_list.h"
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
    struct output_settings output;
    bool force;
    bool resend;
    struct sign_settings sign;
    struct watch_settings watch;
    struct entries entries;
};

// Everything that is on its way, and what it is made of.
struct publication {
    const struct request *request;
    struct package *packages;
    size_t package_count; // that were begun
    char *list;
    struct signer signer;
    struct broker_delivery *deliveries; // packages, then lists
    bool *hashed;                       // of each: its topic has its hash
    size_t delivery_count;
    size_t package_deliveries;
    bool unheard; // a node did not get its list
    struct progress progress;
    struct update_watch watch;
};

// ---- options ----------------------------------------------------------------

// What --form may be is in the table.
static const char *set_form(void *field, const char *value) {
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

static enum cli_exit check_native(const struct publication *publication) {
    const struct request *request = publication->request;
    struct broker_settings settings = request->settings;
    struct fleet fleet = {0};
    if (request->force ||
        !native_any(publication->packages, publication->package_count)) {
        return CLI_OK;
    }
    enum cli_exit result = fleet_read(&fleet, &settings, NULL, 0);
    if (result == CLI_OK) {
        result =
            native_check(&fleet, &request->channels, &request->nodes,
                         publication->packages, publication->package_count);
    }
    fleet_free(&fleet);
    return result;
}

// ---- what is to be delivered ------------------------------------------------

static void add_delivery(struct publication *publication,
                         struct broker_delivery delivery, bool hashed) {
    size_t count = ++publication->delivery_count;
    publication->deliveries =
        cli_grow(publication->deliveries, count, sizeof delivery);
    publication->hashed =
        cli_grow(publication->hashed, count, sizeof *publication->hashed);
    publication->deliveries[count - 1] = delivery;
    publication->hashed[count - 1] = hashed;
}

// Forms A and B are one for a wheel; two wheels may be the same file.
static bool is_known(const struct publication *publication, const char *topic) {
    for (size_t i = 0; i < publication->delivery_count; ++i) {
        if (strcmp(publication->deliveries[i].topic, topic) == 0) {
            return true;
        }
    }
    return false;
}

static void add_form(struct publication *publication,
                     const struct package *package, enum package_form form) {
    char *topic = package_topic(package, form);
    if (topic == NULL || is_known(publication, topic)) {
        free(topic);
        return;
    }
    const struct broker_delivery delivery = {.topic = topic,
                                             .payload = package->bytes.data,
                                             .size = package->bytes.size,
                                             .retain = true,
                                             .label = package->label};
    add_delivery(publication, delivery, package_topic_has_hash(package, form));
}

static void add_packages(struct publication *publication) {
    for (size_t i = 0; i < publication->package_count; ++i) {
        for (unsigned form = PACKAGE_FORM_A; form <= PACKAGE_FORM_C;
             form <<= 1) {
            if (publication->request->forms & form) {
                add_form(publication, &publication->packages[i], form);
            }
        }
    }
    publication->package_deliveries = publication->delivery_count;
}

// Each topic has a signature of its own.
static enum cli_exit add_list(struct publication *publication, char *topic,
                              bool retain) {
    char *list = sign_apply(&publication->signer, topic, publication->list);
    const struct broker_delivery delivery = {.topic = topic,
                                             .payload = list,
                                             .size = strlen(list),
                                             .retain = retain,
                                             .label = "update list"};
    add_delivery(publication, delivery, false);
    return delivery.size <= LIST_MAX
               ? CLI_OK
               : cli_fail(CLI_USAGE,
                          "publish: the update list is over 64 KiB, more than "
                          "a device reads; send fewer, larger packages");
}

static enum cli_exit add_lists(struct publication *publication) {
    const struct request *request = publication->request;
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < request->channels.count && result == CLI_OK; ++i) {
        result = add_list(
            publication,
            cli_format("mpypi/channels/%s", request->channels.items[i]), true);
    }
    for (size_t i = 0; i < request->nodes.count && result == CLI_OK; ++i) {
        result = add_list(
            publication,
            cli_format("mpypi/nodes/%s/cmd", request->nodes.items[i]), false);
    }
    return result;
}

// ---- delivering -------------------------------------------------------------

static void on_moved(void *context, uint64_t bytes) {
    struct publication *publication = context;
    progress_draw(&publication->progress, bytes);
}

// Says what was sent, or was there already.
static void tell(const struct publication *publication,
                 const struct broker_delivery *one) {
    if (publication->request->output.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "what", one->label);
        cJSON_AddStringToObject(object, "topic", one->topic);
        cJSON_AddNumberToObject(object, "bytes", (double)one->size);
        cJSON_AddBoolToObject(object, "sent", !one->present);
        output_line(object);
    } else if (one->present) {
        printf("%s: is on %s already\n", one->label, one->topic);
    } else {
        printf("%s: %zu bytes on %s\n", one->label, one->size, one->topic);
    }
    fflush(stdout);
}

// What is not retained is lost when nobody is there. (--watch says more.)
static void tell_unheard(struct publication *publication,
                         const struct broker_delivery *one) {
    publication->unheard = true;
    cli_fail(CLI_SILENT,
             "%s: nobody is subscribed, so the list is lost; name a node that "
             "is online ('blox nodes'), or publish on its channel",
             one->topic);
}

static void on_acknowledged(void *context, const struct broker_delivery *one) {
    struct publication *publication = context;
    progress_clear(&publication->progress);
    if (!publication->request->quiet) {
        tell(publication, one);
    }
    if (one->unheard && !one->retain && !publication->request->watch.on) {
        tell_unheard(publication, one);
    }
}

static enum cli_exit deliver(struct publication *publication,
                             struct broker *broker, size_t first,
                             size_t count) {
    const struct broker_observer observer = {publication, on_moved,
                                             on_acknowledged};
    struct broker_delivery *wanted = cli_grow(NULL, count, sizeof *wanted);
    size_t wanted_count = 0;
    uint64_t total = 0;
    for (size_t i = first; i < first + count; ++i) {
        if (!publication->deliveries[i].present) {
            wanted[wanted_count++] = publication->deliveries[i];
            total += publication->deliveries[i].size;
        }
    }
    progress_begin(&publication->progress, total);
    publication->progress.shown &= !publication->request->quiet;
    enum cli_exit result =
        broker_deliver(broker, wanted, wanted_count, &observer);
    progress_clear(&publication->progress);
    free(wanted);
    return result;
}

static enum cli_exit look(const struct publication *publication,
                          const struct broker_settings *settings) {
    size_t count = publication->package_deliveries;
    struct present_query *queries = cli_grow(NULL, count, sizeof *queries);
    for (size_t i = 0; i < count; ++i) {
        queries[i] = (struct present_query){&publication->deliveries[i],
                                            publication->hashed[i]};
    }
    enum cli_exit result = present_find(settings, queries, count);
    free(queries);
    return result;
}

// Finds out what need not be sent again, and says so.
static enum cli_exit skip_present(const struct publication *publication) {
    if (publication->request->resend) {
        return CLI_OK;
    }
    enum cli_exit result = look(publication, &publication->request->settings);
    for (size_t i = 0; i < publication->package_deliveries; ++i) {
        const struct broker_delivery *one = &publication->deliveries[i];
        if (result == CLI_OK && one->present && !publication->request->quiet) {
            tell(publication, one);
        }
    }
    return result;
}

// MQTT 3.1.1 has no way to say that we may not write: then a package is
// acknowledged and dropped, and a list would name what is not there.
static enum cli_exit confirm(const struct publication *publication) {
    struct broker_settings settings = publication->request->settings;
    if (settings.protocol == MQTT_PROTOCOL_V5 || publication->request->force) {
        return CLI_OK;
    }
    settings.id = NULL; // that is in use
    enum cli_exit result = look(publication, &settings);
    for (size_t i = 0; i < publication->package_deliveries; ++i) {
        const struct broker_delivery *one = &publication->deliveries[i];
        if (result == CLI_OK && !one->present) {
            result = cli_fail(
                CLI_REFUSED,
                "%s: the broker took it, but it cannot be seen "
                "there; let user '%s' write and read this topic, "
                "or give --force",
                one->topic, settings.username != NULL ? settings.username : "");
        }
    }
    return result;
}

static void prepare_watch(struct publication *publication) {
    const struct request *request = publication->request;
    publication->watch = (struct update_watch){.settings = &request->watch,
                                               .channels = &request->channels,
                                               .nodes = &request->nodes,
                                               .list = publication->list,
                                               .json = request->output.json};
}

static enum cli_exit send(struct publication *publication) {
    struct broker broker;
    size_t packages = publication->package_deliveries;
    size_t lists = publication->delivery_count - packages;
    struct update_watch *watch = &publication->watch;
    prepare_watch(publication);
    enum cli_exit result =
        broker_open(&broker, &publication->request->settings);
    if (result == CLI_OK && watch->settings->on) {
        result = update_watch_begin(watch, &broker);
    }
    if (result == CLI_OK) {
        result = deliver(publication, &broker, 0, packages);
    }
    if (result == CLI_OK) {
        result = confirm(publication);
    }
    if (result == CLI_OK) {
        result = deliver(publication, &broker, packages, lists);
    }
    if (result == CLI_OK && watch->settings->on) {
        result = update_watch_follow(watch, &broker);
    }
    broker_close(&broker);
    return result == CLI_OK && publication->unheard ? CLI_SILENT : result;
}

static void free_publication(struct publication *publication) {
    for (size_t i = 0; i < publication->package_count; ++i) {
        package_free(&publication->packages[i]);
    }
    for (size_t i = 0; i < publication->delivery_count; ++i) {
        free((char *)publication->deliveries[i].topic);
        if (i >= publication->package_deliveries) {
            free((char *)publication->deliveries[i].payload);
        }
    }
    update_watch_free(&publication->watch);
    sign_close(&publication->signer);
    free(publication->packages);
    free(publication->deliveries);
    free(publication->hashed);
    free(publication->list);
}

// A device that refuses one entry refuses the update.
static enum cli_exit check_list(const char *text) {
    struct update_list list;
    enum cli_exit result =
        update_list_read(&list, text, strlen(text))
            ? CLI_OK
            : cli_fail(CLI_USAGE,
                       "publish: devices would refuse this update: %s; nothing "
                       "was sent",
                       list.why);
    update_list_free(&list);
    return result;
}

static enum cli_exit prepare(struct publication *publication) {
    const struct request *request = publication->request;
    enum cli_exit result = sign_open(&publication->signer, &request->sign);
    if (result == CLI_OK) {
        result = entries_load(&request->entries, &publication->packages,
                              &publication->package_count);
    }
    if (result != CLI_OK) {
        return result;
    }
    publication->list =
        package_list(publication->packages, publication->package_count);
    result = check_list(publication->list);
    if (result != CLI_OK) {
        return result;
    }
    add_packages(publication);
    return add_lists(publication);
}

static enum cli_exit publish(const struct request *request) {
    struct publication publication = {.request = request};
    enum cli_exit result = prepare(&publication);
    result = result == CLI_OK ? check_native(&publication) : result;
    result = result == CLI_OK ? skip_present(&publication) : result;
    result = result == CLI_OK ? send(&publication) : result;
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
     .set = set_form,
     .help = "package topics: a for devices since 0.4, b for 0.3, c as their "
             "README had them; may be repeated",
     .standard = "a and c"},
    {.name = "force",
     .offset = offsetof(struct request, force),
     .set = cli_set_true,
     .help = "send native code also to devices not known to load it"},
    {.name = "resend",
     .offset = offsetof(struct request, resend),
     .set = cli_set_true,
     .help = "send packages again that the broker has already"},
    {.name = "quiet",
     .offset = offsetof(struct request, quiet),
     .set = cli_set_true,
     .help = "no output but errors"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Signing", sign_options, offsetof(struct request, sign)},
    {"Watching", watch_options, offsetof(struct request, watch)},
    {"Files", entries_options, offsetof(struct request, entries)},
    {"Output", output_options, offsetof(struct request, output)},
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
        "later. A node gets it once and acts on it at once. A package that the "
        "broker has already is not sent again.\n\n"
        "Of one package there may be wheels for several platforms, made by "
        "'blox wheel build --platform': each device takes its own. Wheels with "
        "native code go only to devices whose firmware is known to load it.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(FAILED) | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
