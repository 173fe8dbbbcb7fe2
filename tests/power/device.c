// SPDX-License-Identifier: MIT
#include "tests/power/device.h"

#include <string.h>

#include "board/flash.h"
#include "board/nvs.h"

#include "tests/power/vm.h"

enum { BOOTS_MAX = 30 };

static uint8_t memory[MEDIUM_SECTORS_MAX * SIM_FLASH_SECTOR];
static uint8_t wear[MEDIUM_SECTORS_MAX];

static struct {
    const struct scenario *scenario;
    bool broker;
    bool measures; // free blocks, which takes time
    bool reached;  // in this life
    // What was on the chip when it had carried out so many operations.
    uint64_t seen_at;
    struct image_tree tree;
    char leftover[IMAGE_PATH_MAX];
    struct device_result *result;
} now;

struct sim_flash *device_flash(void) {
    return board_flash();
}

bool device_has_broker(void) {
    return now.broker;
}

const struct scenario *device_scenario(void) {
    return now.scenario;
}

void device_start(void) {
    sim_flash_init(board_flash(), memory, sizeof(memory));
    vm_start();
}

// Looks at the chip unless it is as it was. Returns false when the file system
// cannot be read.
static bool look(void) {
    uint64_t operations = board_flash()->operations;
    if (now.seen_at == operations) {
        return true;
    }
    now.seen_at = operations;
    return image_tree_of_chip(board_flash(), &now.tree, now.leftover);
}

static void say(struct device_result *result, const char *sentence,
                const char *more) {
    if (result->sentence[0] == '\0') {
        snprintf(result->sentence, sizeof(result->sentence), "%s%s", sentence,
                 more);
    }
}

// What user code sees must be one whole set, whatever happened before.
void device_reached(const char *secrets) {
    now.reached = true;
    if (!look()) {
        say(now.result, "the file system cannot be read", "");
    } else if (scenario_set_of(now.scenario, &now.tree, false) == 0) {
        say(now.result, "a program runs from a mixed set", "");
    }
    if (strcmp(secrets, now.scenario->secrets) != 0) {
        say(now.result, "the secrets are lost: ", secrets);
    }
}

static void judge(enum vm_end end) {
    struct device_result *result = now.result;
    if (end == VM_STUCK) {
        say(result, "it hangs", "");
    } else if (end != VM_OFF || !now.reached) {
        say(result, "it does not boot the program", "");
    }
    if (!look()) {
        say(result, "the file system cannot be read", "");
        return;
    }
    result->set = scenario_set_of(now.scenario, &now.tree, true);
    if ((result->set & (SCENARIO_OLD | SCENARIO_NEW)) == 0) {
        say(result, "at rest it has a set that is ",
            scenario_set_name(result->set));
    }
    bool running = now.broker && strcmp(now.leftover, "/.blox/todo") == 0;
    if (now.leftover[0] != '\0' && !running) {
        say(result, "at rest there still is ", now.leftover);
    }
}

void device_run(const struct scenario *scenario, bool broker,
                struct medium_record *record, struct device_result *result) {
    enum board_reset cause = BOARD_RESET_POWER_ON;
    enum vm_end end;
    *result = (struct device_result){.free_at_commit = -1};
    now.scenario = scenario;
    now.broker = broker;
    now.result = result;
    now.measures = record != NULL;
    now.seen_at = UINT64_MAX;
    medium_watch(board_flash(), record);
    do {
        now.reached = false;
        board_nvs_start();
        end = vm_run(cause);
        cause = vm_cause();
        result->boots++;
        if (end == VM_RESET && record != NULL) {
            medium_note_reset(record);
        }
    } while (end == VM_RESET && result->boots < BOOTS_MAX);
    if (end == VM_RESET) {
        say(result, "it resets again and again", "");
    }
    medium_watch(board_flash(), NULL);
    judge(end);
}

// ---- where a scenario begins ------------------------------------------------

static void set_wear(const struct scenario *scenario) {
    memset(wear, SIM_FLASH_GOOD, sizeof(wear));
    if (scenario->worn_every == 0) {
        return;
    }
    for (size_t i = MEDIUM_NVS / SIM_FLASH_SECTOR + 2; i < sizeof(wear);
         i += (size_t)scenario->worn_every) {
        wear[i] = (uint8_t)scenario->wear;
    }
}

// Runs until the packages are there and the device resets to install them.
static bool download(const struct scenario *scenario) {
    struct device_result result = {0};
    now.scenario = scenario;
    now.broker = true;
    now.result = &result;
    board_nvs_start();
    return vm_run(BOARD_RESET_POWER_ON) == VM_RESET;
}

static bool boot_first(const struct scenario *scenario) {
    struct device_result result;
    device_run(scenario, false, NULL, &result);
    if (result.sentence[0] == '\0' && (result.set & SCENARIO_OLD)) {
        return true;
    }
    fprintf(stderr, "power: %s: before the run: %s\n%s\n", scenario->name,
            result.sentence, vm_said());
    return false;
}

static bool fill(int free_blocks) {
    int used = image_free_blocks(board_flash()) - free_blocks;
    return used >= 0 && image_fill(board_flash(), used);
}

// Tries how many blocks the run takes up to the commit, and fills the flash so
// that this many will be left then.
static bool fill_for_commit(const struct scenario *scenario) {
    static uint8_t before[sizeof(memory)];
    struct device_result result = {.free_at_commit = -1};
    int free_blocks = image_free_blocks(board_flash());
    memcpy(before, memory, sizeof(memory));
    now.scenario = scenario;
    now.result = &result;
    now.measures = true;
    board_nvs_start();
    enum vm_end end = vm_run(BOARD_RESET_HARD);
    memcpy(memory, before, sizeof(memory));
    int used = free_blocks - result.free_at_commit;
    return end == VM_RESET && result.free_at_commit >= 0 &&
           fill(scenario->free_at_commit + used);
}

bool device_prepare(const struct scenario *scenario) {
    char folder[2 * IMAGE_PATH_MAX];
    snprintf(folder, sizeof(folder), "%s/image", scenario->folder);
    sim_flash_init(board_flash(), memory,
                   MEDIUM_NVS + (size_t)scenario->blocks * SIM_FLASH_SECTOR);
    set_wear(scenario);
    board_flash()->wear = wear;
    bool good = image_make(board_flash(), folder);
    good = good && (scenario->first_boot || boot_first(scenario));
    good = good &&
           (scenario->aged == 0 || image_age(board_flash(), scenario->aged));
    good = good && (!scenario->downloaded || download(scenario));
    good = good && (scenario->free_blocks < 0 || fill(scenario->free_blocks));
    good = good && (scenario->free_at_commit < 0 || fill_for_commit(scenario));
    return good;
}

// The commit, watched.
struct blox_journal;
int __real_blox_journal_commit(struct blox_journal *journal);
int __wrap_blox_journal_commit(struct blox_journal *journal);

int __wrap_blox_journal_commit(struct blox_journal *journal) {
    if (now.result->free_at_commit < 0 && now.measures) {
        now.result->free_at_commit = image_free_blocks(board_flash());
    }
    return __real_blox_journal_commit(journal);
}
