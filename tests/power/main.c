// SPDX-License-Identifier: MIT
// power: cuts the power of a device at every flash operation of a scenario.
// tests/power/run.py makes the scenarios, calls this and adds up.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/power/sweep.h"

enum { USAGE = 2, WORKERS_MAX = 16 };

static const char help[] =
    "power [options] SCENARIO...: cuts at every flash operation of each\n"
    "  --seed=N      what chance decides follows from it\n"
    "  --share=X     make this part of the first cuts only (1: all), but one\n"
    "                at each operation\n"
    "  --sparse      not even that\n"
    "  --stretches=N instead one in each way in each N-th of the operations\n"
    "  --second=X    second cuts for each first one, on average\n"
    "  --third=X     third cuts for each second one\n"
    "  --workers=N   processes\n"
    "  --cut=ID      make this one cut, and show what comes of it\n"
    "  --no-sync     a planted fault: the flash ignores syncs\n"
    "Prints a line of JSON for each scenario.\n";

static const struct option options[] = {
    {"seed", required_argument, NULL, 's'},
    {"share", required_argument, NULL, 'f'},
    {"sparse", no_argument, NULL, 'p'},
    {"stretches", required_argument, NULL, 't'},
    {"second", required_argument, NULL, '2'},
    {"third", required_argument, NULL, '3'},
    {"workers", required_argument, NULL, 'w'},
    {"cut", required_argument, NULL, 'c'},
    {"no-sync", no_argument, NULL, 'y'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static struct sweep_plan plan = {.seed = 1, .share = 1, .workers = 1};
static const char *one_cut;

static void parse(int argc, char **argv) {
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case 's':
            plan.seed = strtoull(optarg, NULL, 10);
            break;
        case 'f':
            plan.share = atof(optarg);
            break;
        case 'p':
            plan.sparse = true;
            break;
        case 't':
            plan.stretches = atoi(optarg);
            break;
        case '2':
            plan.second = atof(optarg);
            break;
        case '3':
            plan.third = atof(optarg);
            break;
        case 'w':
            plan.workers = atoi(optarg);
            break;
        case 'c':
            one_cut = optarg;
            break;
        case 'y':
            plan.ignore_sync = true;
            break;
        default:
            fputs(help, option == 'h' ? stdout : stderr);
            exit(option == 'h' ? EXIT_SUCCESS : USAGE);
        }
    }
}

// Paths and sentences as they come here need no more than this.
static void print_string(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            putchar('\\');
        }
        if ((unsigned char)*text >= ' ') {
            putchar(*text);
        }
    }
    putchar('"');
}

static void print_tally(const char *name, const struct sweep_tally *tally) {
    printf("{\"scenario\":\"%s\",\"operations\":%u,\"boots\":%d,"
           "\"uncut\":\"%s\",\"free\":%d,\"cuts\":%lu,\"second\":%lu,\"third\":"
           "%lu,"
           "\"old\":%lu,\"new\":%lu,\"failures\":%lu,\"failed\":[",
           name, tally->operations, tally->boots,
           scenario_set_name(tally->uncut), tally->free_at_commit, tally->cuts,
           tally->seconds, tally->thirds, tally->old, tally->new,
           tally->failures);
    for (unsigned i = 0; i < tally->failures && i < SWEEP_FAILURES; i++) {
        printf("%s{\"id\":", i == 0 ? "" : ",");
        print_string(tally->failure[i].id);
        printf(",\"sentence\":");
        print_string(tally->failure[i].sentence);
        printf("}");
    }
    printf("]}\n");
    fflush(stdout);
}

static pid_t start_worker(const struct scenario *scenario, int worker,
                          struct sweep_tally *tally) {
    pid_t child = fork();
    if (child == 0) {
        plan.worker = worker;
        bool good = sweep_run(scenario, &plan, tally);
        _exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    return child;
}

static bool run(const char *folder) {
    static struct scenario scenario;
    struct sweep_tally *tally = sweep_tally_new();
    pid_t workers[WORKERS_MAX];
    if (!scenario_load(&scenario, folder)) {
        return false;
    }
    bool good = true;
    for (int i = 0; i < plan.workers; i++) {
        workers[i] = start_worker(&scenario, i, tally);
    }
    for (int i = 0; i < plan.workers; i++) {
        int status;
        waitpid(workers[i], &status, 0);
        good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    print_tally(scenario.name, tally);
    return good && tally->failures == 0;
}

static bool replay(const char *folder) {
    static struct scenario scenario;
    return scenario_load(&scenario, folder) &&
           sweep_replay(&scenario, one_cut, &plan);
}

// The garbage collector takes what looks like a pointer for one: at addresses
// that are the same each time, a run is, too.
static void fix_addresses(char **argv) {
    int current = personality(0xffffffff);
    if (current >= 0 && !(current & ADDR_NO_RANDOMIZE) &&
        personality((unsigned long)current | ADDR_NO_RANDOMIZE) >= 0) {
        execv("/proc/self/exe", argv);
    }
}

int main(int argc, char **argv) {
    bool good = true;
    fix_addresses(argv);
    device_start(); // reads the board's options, with getopt(), too
    optind = 0;
    parse(argc, argv);
    if (plan.workers < 1 || plan.workers > WORKERS_MAX || optind == argc) {
        fputs(help, stderr);
        return USAGE;
    }
    for (int i = optind; i < argc; i++) {
        good = (one_cut != NULL ? replay(argv[i]) : run(argv[i])) && good;
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
