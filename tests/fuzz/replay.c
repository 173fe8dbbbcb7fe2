// SPDX-License-Identifier: MIT
// Runs a fuzz target over files, and over every file of a folder, without
// libFuzzer: fuzz_<name> PATH... A finding aborts, its file named before.
#include <dirent.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

// For targets with a mutator of their own, which nobody calls here.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) {
    (void)data;
    (void)max_size;
    return size;
}

static char current[1000];
static unsigned done;

// A finding ends here: whose input was it?
static void name_input(void) {
    fprintf(stderr, "the input was %s\n", current);
}

static void on_abort(int number) {
    name_input();
    signal(number, SIG_DFL);
}

static void run_file(const char *path, size_t size) {
    // On the heap and as long as it is: ASan sees a byte too far.
    uint8_t *data = malloc(size);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    fclose(file);
    snprintf(current, sizeof current, "%s", path);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    ++done;
}

static void run(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0) {
        fprintf(stderr, "%s: is not there\n", path);
        exit(1);
    }
    DIR *folder = S_ISDIR(about.st_mode) ? opendir(path) : NULL;
    if (folder == NULL) {
        run_file(path, (size_t)about.st_size);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inner[1000];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') {
            run(inner);
        }
    }
    closedir(folder);
}

int main(int argc, char **argv) {
    __sanitizer_set_death_callback(name_input);
    signal(SIGABRT, on_abort);
    for (int i = 1; i < argc; ++i) {
        run(argv[i]);
    }
    printf("%s: %u inputs replayed\n", strrchr(argv[0], '/') + 1, done);
    return done > 0 ? 0 : 1;
}
