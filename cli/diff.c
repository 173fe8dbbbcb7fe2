// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/sha256.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "core/base/error.h"
#include "core/base/text.h"

enum {
    WAIT = 10,  // seconds for an answer
    SHORT = 8,  // hex digits of a hash in info
    SHOWN = 12, // hex digits in the table
    HEX = 2 * BLOX_SHA256_SIZE + 1,
};

struct request {
    struct sign_settings sign;
    struct broker_settings broker;
    struct output_settings output;
    const char *node;
    struct cli_texts files;
    bool full;
    unsigned wait;
};

enum verdict { SAME, DIFFERENT, NOT_THERE, UNKNOWN };

static const struct {
    const char *text;
    enum terminal_style style;
} VERDICTS[] = {
    [SAME] = {"same", STYLE_GOOD},
    [DIFFERENT] = {"different", STYLE_BAD},
    [NOT_THERE] = {"not there", STYLE_BAD},
    [UNKNOWN] = {"unknown", STYLE_WARN},
};

struct compared {
    char *file; // here
    char *path; // on the device
    char local[HEX];
    char remote[HEX]; // "": none is known
    enum verdict verdict;
    char *why; // it is unknown, or NULL
};

struct diff {
    struct signer *signer;
    const struct request *request;
    struct compared *items;
    size_t count;
    struct fleet fleet; // the one node
};

// ---- files here -------------------------------------------------------------

static enum cli_exit fail_file(const char *file) {
    return cli_fail(CLI_INPUT, "%s: %s; name a file that can be read", file,
                    strerror(errno));
}

static bool digest(FILE *stream, char hex[HEX]) {
    uint8_t chunk[4096], digest[BLOX_SHA256_SIZE];
    size_t count;
    struct blox_sha256 sha256;
    sha256_open(&sha256);
    int error = sha256.begin(sha256.context);
    while (error == BLOX_OK &&
           (count = fread(chunk, 1, sizeof chunk, stream)) > 0) {
        error = sha256.update(sha256.context, chunk, count);
    }
    if (error == BLOX_OK) {
        error = sha256.finish(sha256.context, digest);
    }
    sha256_close(&sha256);
    struct blox_text text;
    blox_text_init(&text, hex, HEX);
    blox_text_add_hex(&text, digest, sizeof digest);
    return error == BLOX_OK && ferror(stream) == 0;
}

static enum cli_exit add_file(struct diff *diff, const char *file,
                              const char *path) {
    FILE *stream = fopen(file, "rb");
    if (stream == NULL) {
        return fail_file(file);
    }
    diff->items = cli_grow(diff->items, diff->count + 1, sizeof *diff->items);
    struct compared *item = &diff->items[diff->count++];
    *item = (struct compared){.file = cli_format("%s", file),
                              .path = cli_format("%s", path),
                              .verdict = UNKNOWN};
    bool good = digest(stream, item->local);
    enum cli_exit result = good ? CLI_OK : fail_file(file);
    fclose(stream);
    return result;
}

static enum cli_exit add_any(struct diff *diff, const char *file,
                             const char *path);

static int is_shown(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

// Everything in a folder, but what begins with a dot.
static enum cli_exit add_folder(struct diff *diff, const char *folder,
                                const char *path) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_shown, alphasort);
    if (count < 0) {
        return fail_file(folder);
    }
    enum cli_exit result = CLI_OK;
    for (int i = 0; i < count; ++i) {
        char *inside = cli_format("%s/%s", folder, entries[i]->d_name);
        char *under = cli_format("%s%s%s", path, *path != '\0' ? "/" : "",
                                 entries[i]->d_name);
        result = result == CLI_OK ? add_any(diff, inside, under) : result;
        free(inside);
        free(under);
        free(entries[i]);
    }
    free(entries);
    return result;
}

static enum cli_exit add_any(struct diff *diff, const char *file,
                             const char *path) {
    struct stat status;
    if (stat(file, &status) != 0) {
        return fail_file(file);
    }
    return S_ISDIR(status.st_mode) ? add_folder(diff, file, path)
                                   : add_file(diff, file, path);
}

// FILE=PATH, or a file that has its own name on the device; a folder stands
// for the device's /.
static enum cli_exit add_argument(struct diff *diff, const char *argument) {
    struct stat status;
    char *file = cli_format("%s", argument);
    char *equals = strrchr(file, '=');
    const char *slash = strrchr(file, '/');
    const char *path = slash != NULL ? slash + 1 : file;
    if (equals != NULL) {
        *equals = '\0';
        path = equals[1] == '/' ? equals + 2 : equals + 1;
    } else if (stat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        path = "";
    }
    enum cli_exit result = add_any(diff, file, path);
    free(file);
    return result;
}

// ---- files there ------------------------------------------------------------

static void judge(struct compared *item, const char *remote) {
    snprintf(item->remote, sizeof item->remote, "%s", remote);
    size_t size = strlen(remote);
    item->verdict = size >= SHORT && strncmp(item->local, remote, size) == 0
                        ? SAME
                        : DIFFERENT;
}

// What the device said of its own accord. Returns whether that is enough.
static bool judge_by_info(const struct diff *diff, struct compared *item) {
    const struct node *node = &diff->fleet.nodes[0];
    const char *known = json_text(
        cJSON_GetObjectItemCaseSensitive(node->info, "files"), item->path);
    if (known != NULL) {
        judge(item, known);
    }
    return known != NULL && !diff->request->full;
}

static void take_answer(struct compared *item, const cJSON *reply) {
    const char *error = command_error(reply);
    const char *hash = json_text(reply, "sha256");
    if (error == NULL && hash != NULL) {
        judge(item, hash);
    } else if (error != NULL && strstr(error, "no such file") != NULL) {
        item->verdict = NOT_THERE;
    } else if (error != NULL) {
        item->why = cli_format("%s", error);
    }
}

static enum cli_exit ask(struct diff *diff, struct broker *broker,
                         struct compared *item) {
    struct command command = {.node = diff->request->node,
                              .name = "hash",
                              .path = item->path,
                              .wait = diff->request->wait,
                              .signer = diff->signer};
    enum cli_exit result = command_send(broker, &command);
    if (result == CLI_OK) {
        take_answer(item, command.reply);
    }
    cJSON_Delete(command.reply);
    return result;
}

static enum cli_exit compare(struct diff *diff, struct broker *broker) {
    const struct node *node = fleet_find(&diff->fleet, diff->request->node);
    enum cli_exit result = CLI_OK;
    if (node == NULL) {
        return cli_fail(CLI_SILENT,
                        "%s: the broker knows nothing of this node; see 'blox "
                        "nodes'",
                        diff->request->node);
    }
    bool online = node->status == NODE_ONLINE;
    for (size_t i = 0; i < diff->count && result == CLI_OK; ++i) {
        struct compared *item = &diff->items[i];
        if (!judge_by_info(diff, item) && online) {
            result = ask(diff, broker, item);
        } else if (item->verdict == UNKNOWN) {
            item->why = cli_format("it did not come by an update, and the "
                                   "device is not online to be asked");
        }
    }
    return result;
}

static void on_message(void *context, const struct broker_message *message) {
    fleet_take(context, message);
}

static enum cli_exit look(struct diff *diff) {
    struct broker broker;
    const struct broker_listener listener = {&diff->fleet, on_message};
    char *filters[FLEET_FILTERS];
    fleet_node_filters(filters, diff->request->node);
    enum cli_exit result = broker_open(&broker, &diff->request->broker);
    if (result == CLI_OK) {
        result = broker_collect(&broker, &listener,
                                (const char *const *)filters, FLEET_FILTERS);
        broker.listener = NULL;
    }
    result = result == CLI_OK ? compare(diff, &broker) : result;
    broker_close(&broker);
    fleet_free_filters(filters);
    return result;
}

// ---- what came of it --------------------------------------------------------

static void print_table(const struct diff *diff) {
    static const char *const headings[] = {"PATH", "RESULT", "HERE", "THERE",
                                           "WHY"};
    struct table table;
    table_begin(&table, headings, 5);
    for (size_t i = 0; i < diff->count; ++i) {
        const struct compared *item = &diff->items[i];
        table_cell(&table, STYLE_PLAIN, "%s", item->path);
        table_cell(&table, VERDICTS[item->verdict].style, "%s",
                   VERDICTS[item->verdict].text);
        table_cell(&table, STYLE_DIM, "%.*s", SHOWN, item->local);
        table_cell(&table, STYLE_DIM, "%.*s", SHOWN, item->remote);
        table_cell(&table, STYLE_PLAIN, "%s",
                   item->why != NULL ? item->why : "");
    }
    table_print(&table);
    table_free(&table);
}

static void print_json(const struct diff *diff) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < diff->count; ++i) {
        const struct compared *item = &diff->items[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "path", item->path);
        cJSON_AddStringToObject(object, "file", item->file);
        cJSON_AddStringToObject(object, "result", VERDICTS[item->verdict].text);
        cJSON_AddStringToObject(object, "here", item->local);
        output_add_text(object, "there",
                        item->remote[0] != '\0' ? item->remote : NULL);
        output_add_text(object, "why", item->why);
        cJSON_AddItemToArray(array, object);
    }
    output_document(array);
}

static enum cli_exit tell(const struct diff *diff) {
    enum cli_exit result = CLI_OK;
    if (diff->request->output.json) {
        print_json(diff);
    } else {
        print_table(diff);
    }
    for (size_t i = 0; i < diff->count; ++i) {
        result = diff->items[i].verdict != SAME ? CLI_DIFFERENT : result;
    }
    return result;
}

static void release(struct diff *diff) {
    for (size_t i = 0; i < diff->count; ++i) {
        free(diff->items[i].file);
        free(diff->items[i].path);
        free(diff->items[i].why);
    }
    free(diff->items);
    fleet_free(&diff->fleet);
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct diff diff = {.request = request};
    struct signer signer;
    enum cli_exit result = sign_open(&signer, &request->sign);
    diff.signer = &signer;
    request->wait = request->wait > 0 ? request->wait : WAIT;
    for (size_t i = 0; i < request->files.count && result == CLI_OK; ++i) {
        result = add_argument(&diff, request->files.items[i]);
    }
    result =
        result == CLI_OK ? broker_settings_complete(&request->broker) : result;
    result = result == CLI_OK ? look(&diff) : result;
    result = result == CLI_OK ? tell(&diff) : result;
    release(&diff);
    sign_close(&signer);
    return result;
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option OPTIONS[] = {
    {.name = "full",
     .offset = offsetof(struct request, full),
     .set = cli_set_true,
     .help = "ask the device for every file's whole hash"},
    {.name = "wait",
     .value = "SECONDS",
     .offset = offsetof(struct request, wait),
     .set = cli_set_number,
     .help = "how long to wait for an answer",
     .standard = "10"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Signing", sign_options, offsetof(struct request, sign)},
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "NODE",
     .offset = offsetof(struct request, node),
     .set = cli_set_level,
     .help = "the device's MQTT client id"},
    {.name = "FILE[=PATH]",
     .offset = offsetof(struct request, files),
     .set = cli_add_text,
     .help = "a file here, and its path on the device (default: its name); a "
             "folder stands for all in it, from the device's / on",
     .many = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Tells whether a device runs the program that is here",
     "blox diff esp32-840d8ed29760 user_main.py"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_diff = {
    .name = "diff",
    .summary = "compare files here with those of a device",
    .about =
        "Compares files here with those of a device by their SHA-256. Of files "
        "that came by an update a device tells the first 8 digits itself; for "
        "others, and with --full for all, it is asked, and must be online.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(SILENT) | CLI_EXIT(DIFFERENT),
    .request_size = sizeof(struct request),
    .run = run,
};
