// SPDX-License-Identifier: MIT
// journal_verdict FILE: what core/ota takes each journal in a file for. Before
// each stands its size, eight digits. Prints a state a line.
#include <stdio.h>
#include <stdlib.h>

#include "core/ota/journal.h"
#include "tests/fuzz/flat.h"
#include "tests/fuzz/fuzz.h"

static const char *const states[] = {"none", "apply", "trial", "confirmed",
                                     "undo"};

static void judge(const uint8_t *data, size_t size) {
    flat_init();
    flat_put(BLOX_FILE_JOURNAL, blox_span(data, size));
    int state = blox_journal_state(&flat.ops);
    fuzz_must(state >= 0 && flat.open_files == 0);
    puts(states[state]);
}

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    char digits[9] = {0};
    fuzz_must(file != NULL);
    while (fread(digits, 1, 8, file) == 8) {
        size_t size = (size_t)atol(digits);
        uint8_t *data = malloc(size + 1);
        fuzz_must(fread(data, 1, size, file) == size);
        judge(data, size);
        free(data);
    }
    fclose(file);
    return 0;
}
