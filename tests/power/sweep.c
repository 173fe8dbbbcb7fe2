// SPDX-License-Identifier: MIT
#include "tests/power/sweep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/power/vm.h"

struct cut {
    uint32_t at; // the operation, counted from the start of its record
    enum medium_cut how;
};

static struct {
    const struct scenario *scenario;
    struct sweep_plan plan;
    struct sweep_tally *tally;
    struct cut path[SWEEP_DEPTH];
    int depth;
    struct medium_record *record[SWEEP_DEPTH];
    struct device_result *result; // shared: of a run in a forked process
    uint64_t name;                // of the scenario, as a number
} sweep;

static uint8_t stable[SWEEP_DEPTH][MEDIUM_SECTORS_MAX * SIM_FLASH_SECTOR];

static void *share(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("power: no memory");
        exit(EXIT_FAILURE);
    }
    return memory;
}

struct sweep_tally *sweep_tally_new(void) {
    return share(sizeof(struct sweep_tally));
}

// ---- what chance decides: always the same for one seed ----------------------

// A number for the cuts up to here, and for what it is to decide.
static uint64_t chance(uint64_t what) {
    uint64_t state = sweep.plan.seed ^ sweep.name;
    medium_random(&state);
    for (int i = 0; i < sweep.depth; i++) {
        state ^= (uint64_t)sweep.path[i].at << 8 | sweep.path[i].how;
        state = medium_random(&state);
    }
    state ^= what << 48;
    return medium_random(&state);
}

enum {
    WHAT_TEAR = 1,
    WHAT_CHOOSE,
    WHAT_DEEPER,
    WHAT_BROKER,
    WHAT_WAY,
    WHAT_PLACE, // and numbers behind it
};

static bool happens(uint64_t what, double probability) {
    return (double)(chance(what) >> 11) < probability * (double)(1ull << 53);
}

static bool broker(void) {
    return sweep.depth == 0 || happens(WHAT_BROKER, 0.25);
}

// ---- results ----------------------------------------------------------------

static void print_id(char id[SWEEP_ID]) {
    int size = snprintf(id, SWEEP_ID, "%s:%llu", sweep.scenario->name,
                        (unsigned long long)sweep.plan.seed);
    for (int i = 0; i < sweep.depth; i++) {
        size += snprintf(id + size, SWEEP_ID - (size_t)size, ":%u.%d",
                         (unsigned)sweep.path[i].at, (int)sweep.path[i].how);
    }
}

static void fail(const char *sentence) {
    struct sweep_tally *tally = sweep.tally;
    unsigned long i = __atomic_fetch_add(&tally->failures, 1, __ATOMIC_SEQ_CST);
    if (i < SWEEP_FAILURES) {
        print_id(tally->failure[i].id);
        snprintf(tally->failure[i].sentence, DEVICE_SENTENCE, "%s", sentence);
    }
}

static void count(unsigned long *counter) {
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static const char *verdict(const struct device_result *result) {
    if (result->sentence[0] != '\0') {
        return result->sentence;
    }
    unsigned uncut = sweep.tally->uncut;
    if (broker() && uncut != 0 && !(result->set & uncut)) {
        return "with the broker there it does not end as without a cut";
    }
    return NULL;
}

static void take(const struct device_result *result) {
    struct sweep_tally *tally = sweep.tally;
    const char *wrong = verdict(result);
    count(&tally->cuts);
    if (sweep.depth > 1) {
        count(sweep.depth == 2 ? &tally->seconds : &tally->thirds);
    }
    count(result->set & SCENARIO_NEW ? &tally->new : &tally->old);
    if (wrong != NULL) {
        fail(wrong);
    }
}

// Waits for a forked process. Returns whether it ended as it should.
static bool wait_for(pid_t child) {
    int status;
    if (child < 0) {
        perror("power: fork");
        _exit(EXIT_FAILURE);
    }
    while (waitpid(child, &status, 0) < 0) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// ---- going through ----------------------------------------------------------

// Lets the device run in another process, so that the flash and MicroPython
// stay as they are in this one; its record and result come back.
static void run_recorded(void) {
    struct medium_record *record = sweep.record[sweep.depth];
    memset(sweep.result, 0, sizeof(*sweep.result));
    pid_t child = fork();
    if (child == 0) {
        device_run(sweep.scenario, broker(), record, sweep.result);
        _exit(EXIT_SUCCESS);
    }
    if (!wait_for(child)) {
        strcpy(sweep.result->sentence, "it crashed");
    }
    if (record->full) {
        strcpy(sweep.result->sentence, "the record of the run is too small");
    }
}

static void go_through(void);

// In a process of its own: the cut, and what comes of it.
static _Noreturn void cut_here(struct medium_place *place, double deeper) {
    medium_cut(place, sweep.path[sweep.depth - 1].how, chance(WHAT_TEAR));
    if (sweep.depth < SWEEP_DEPTH && happens(WHAT_DEEPER, deeper)) {
        run_recorded();
        take(sweep.result);
        go_through();
    } else {
        struct device_result result;
        device_run(sweep.scenario, broker(), NULL, &result);
        take(&result);
    }
    _exit(EXIT_SUCCESS);
}

// Second cuts cluster: one first cut in so many is followed by so many.
enum { CLUSTER = 20 };

// The probabilities, at the present depth, that a cut is made and that it is
// followed by more.
static void weigh(double *make, double *deeper) {
    const struct sweep_plan *plan = &sweep.plan;
    double places = sweep.record[sweep.depth]->operations * MEDIUM_CUTS + 1;
    double first = plan->stretches > 0 ? 0 : plan->share;
    *make = sweep.depth == 0 ? first : CLUSTER / places;
    *deeper = sweep.depth == 0   ? plan->second / CLUSTER
              : sweep.depth == 1 ? plan->third / CLUSTER
                                 : 0;
}

static bool is_mine(uint32_t at) {
    return sweep.depth > 0 ||
           at % (uint32_t)sweep.plan.workers == (uint32_t)sweep.plan.worker;
}

// Whether chance picked this operation among those of its stretch.
static bool is_picked(uint32_t at, int how) {
    uint64_t stretches = (uint64_t)sweep.plan.stretches;
    uint64_t operations = sweep.record[0]->operations;
    uint64_t stretch = at * stretches / operations;
    uint64_t first = (stretch * operations + stretches - 1) / stretches;
    uint64_t behind = ((stretch + 1) * operations + stretches - 1) / stretches;
    uint64_t what = WHAT_PLACE + stretch * MEDIUM_CUTS + (uint64_t)how;
    return first + chance(what) % (behind - first) == at;
}

// Whether each first operation is cut in this way, if in no other.
static bool is_due(uint32_t at, int how) {
    if (sweep.depth > 0 || sweep.plan.sparse) {
        return false;
    }
    return sweep.plan.stretches > 0
               ? is_picked(at, how)
               : (chance(WHAT_WAY) + at) % MEDIUM_CUTS == (uint64_t)how;
}

static void cut_in_all_ways(struct medium_place *place, uint32_t at,
                            double make, double deeper) {
    for (int how = 0; how < MEDIUM_CUTS; how++) {
        bool due = is_due(at, how);
        sweep.path[sweep.depth++] = (struct cut){at, (enum medium_cut)how};
        if (due || happens(WHAT_CHOOSE, make)) {
            pid_t child = fork();
            if (child == 0) {
                cut_here(place, deeper);
            }
            if (!wait_for(child)) {
                fail("it crashed");
            }
        }
        sweep.depth--;
    }
}

static void go_through(void) {
    struct medium_record *record = sweep.record[sweep.depth];
    struct medium_place place;
    double make, deeper;
    uint32_t at = 0;
    weigh(&make, &deeper);
    medium_place_init(&place, device_flash(), record, stable[sweep.depth]);
    place.ignore_sync = sweep.plan.ignore_sync;
    while (place.at < record->count) {
        if (medium_is_operation(&place) && is_mine(at++)) {
            cut_in_all_ways(&place, at - 1, make, deeper);
        }
        medium_advance(&place);
    }
}

static void start(const struct scenario *scenario,
                  const struct sweep_plan *plan, struct sweep_tally *tally) {
    sweep.scenario = scenario;
    sweep.plan = *plan;
    sweep.tally = tally;
    sweep.depth = 0;
    sweep.name = 14695981039346656037u;
    for (const char *at = scenario->name; *at != '\0'; at++) {
        sweep.name = (sweep.name ^ (uint8_t)*at) * 1099511628211u;
    }
    for (int i = 0; i < SWEEP_DEPTH && sweep.record[i] == NULL; i++) {
        sweep.record[i] = medium_record_new();
    }
    sweep.result = share(sizeof(*sweep.result));
}

static bool run_uncut(void) {
    struct sweep_tally *tally = sweep.tally;
    run_recorded();
    tally->operations = sweep.record[0]->operations;
    tally->boots = sweep.result->boots;
    tally->free_at_commit = sweep.result->free_at_commit;
    if (sweep.result->sentence[0] == '\0' &&
        !(sweep.result->set & sweep.scenario->uncut)) {
        strcpy(sweep.result->sentence, "without a cut it ends with the set "
                                       "that it must not have");
    }
    if (sweep.result->sentence[0] == '\0' &&
        sweep.result->boots < sweep.scenario->boots) {
        strcpy(sweep.result->sentence, "without a cut it boots too few times "
                                       "to have tried the new set");
    }
    if (sweep.result->sentence[0] != '\0') {
        fail(sweep.result->sentence);
        return false;
    }
    tally->uncut = sweep.result->set;
    return true;
}

bool sweep_run(const struct scenario *scenario, const struct sweep_plan *plan,
               struct sweep_tally *tally) {
    start(scenario, plan, tally);
    if (!device_prepare(scenario)) {
        fail("it cannot be prepared");
        return false;
    }
    if (!run_uncut()) {
        return false;
    }
    go_through();
    return true;
}

// ---- one cut ----------------------------------------------------------------

static bool parse(const char *id, struct cut cuts[SWEEP_DEPTH], int *count) {
    const char *at = strchr(id, ':');
    if (at == NULL) {
        return false;
    }
    sweep.plan.seed = strtoull(at + 1, NULL, 10);
    *count = 0;
    while ((at = strchr(at + 1, ':')) != NULL && *count < SWEEP_DEPTH) {
        unsigned operation, how;
        if (sscanf(at + 1, "%u.%u", &operation, &how) != 2 ||
            how >= MEDIUM_CUTS) {
            return false;
        }
        cuts[(*count)++] = (struct cut){operation, (enum medium_cut)how};
    }
    return true;
}

static bool advance_to(struct medium_place *place, uint32_t operation) {
    uint32_t seen = 0;
    while (place->at < place->record->count) {
        if (medium_is_operation(place) && seen++ == operation) {
            return true;
        }
        medium_advance(place);
    }
    return false;
}

static void describe(const struct medium_place *place, struct cut cut) {
    const struct medium_change *change = &place->record->change[place->at];
    printf("\n==== power cut in operation %u: %s of %u bytes at 0x%x; %s\n",
           (unsigned)cut.at,
           change->kind == MEDIUM_ERASE ? "an erase" : "a program",
           (unsigned)change->size, (unsigned)change->offset,
           medium_cut_name(cut.how));
}

static bool replay_cut(struct cut cut) {
    struct medium_place place;
    medium_place_init(&place, device_flash(), sweep.record[sweep.depth],
                      stable[sweep.depth]);
    place.ignore_sync = sweep.plan.ignore_sync;
    if (!advance_to(&place, cut.at)) {
        fprintf(stderr, "power: the run has no operation %u\n",
                (unsigned)cut.at);
        return false;
    }
    describe(&place, cut);
    sweep.path[sweep.depth++] = cut;
    medium_cut(&place, cut.how, chance(WHAT_TEAR));
    image_print(device_flash(), stdout);
    printf("==== power on, %s\n",
           broker() ? "the broker is there" : "no broker");
    return true;
}

bool sweep_replay(const struct scenario *scenario, const char *id,
                  const struct sweep_plan *plan) {
    struct sweep_tally *tally = sweep_tally_new();
    struct cut cuts[SWEEP_DEPTH];
    int count;
    start(scenario, plan, tally);
    if (!parse(id, cuts, &count)) {
        fprintf(stderr, "power: '%s' is not the id of a cut\n", id);
        return false;
    }
    if (!device_prepare(scenario)) {
        return false;
    }
    printf("==== before\n");
    image_print(device_flash(), stdout);
    vm_show(true);
    run_uncut();
    for (int i = 0; i < count; i++) {
        if (!replay_cut(cuts[i])) {
            return false;
        }
        if (i + 1 < count) {
            run_recorded();
        }
    }
    struct device_result result = *sweep.result;
    if (count > 0) {
        device_run(scenario, broker(), NULL, &result);
        image_print(device_flash(), stdout);
    }
    const char *wrong = verdict(&result);
    printf("==== %s set after %d boots: %s\n", scenario_set_name(result.set),
           result.boots, wrong == NULL ? "good" : wrong);
    return true;
}
