// SPDX-License-Identifier: MIT
#include "cli/mpy_cross.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/mpy_file.h"

extern char **environ;

enum { SAID_MAX = 4096, MPY_MAX = 1 << 24 };

// mpy-cross built beside this tool, as build/mpy-cross/ is beside build/cli/.
// For the caller to free; NULL when it is not there.
static char *beside_us(void) {
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    for (int i = 0; i < 2 && size > 0; ++i) {
        path[size] = '\0';
        char *slash = strrchr(path, '/');
        size = slash != NULL ? slash - path : 0;
    }
    if (size <= 0) {
        return NULL;
    }
    char *tool = cli_format("%.*s/mpy-cross/mpy-cross", (int)size, path);
    if (access(tool, X_OK) != 0) {
        free(tool);
        return NULL;
    }
    return tool;
}

// The program on the PATH, for the caller to free; NULL when it is not there.
static char *on_path(void) {
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        int size = (int)strcspn(path, ":");
        char *tool = cli_format("%.*s/mpy-cross", size, path);
        if (access(tool, X_OK) == 0) {
            return tool;
        }
        free(tool);
        path += size + (path[size] == ':');
    }
    return NULL;
}

static char *new_output(void) {
    const char *folder = getenv("TMPDIR");
    char *output =
        cli_format("%s/blox-XXXXXX.mpy", folder != NULL ? folder : "/tmp");
    int descriptor = mkstemps(output, 4);
    if (descriptor < 0) {
        cli_fail(CLI_INPUT,
                 "%s: %s; set TMPDIR to a folder that can be "
                 "written",
                 output, strerror(errno));
        free(output);
        return NULL;
    }
    close(descriptor);
    return output;
}

enum cli_exit mpy_cross_open(struct mpy_cross *cross, const char *given,
                             unsigned march) {
    *cross = (struct mpy_cross){.march = march};
    cross->tool = given != NULL ? cli_format("%s", given) : on_path();
    cross->tool = cross->tool != NULL ? cross->tool : beside_us();
    if (cross->tool == NULL) {
        return cli_fail(CLI_INPUT,
                        "mpy-cross: not on the PATH; install MicroPython's "
                        "compiler, or name it with --mpy-cross");
    }
    cross->output = new_output();
    return cross->output != NULL ? CLI_OK : CLI_INPUT;
}

void mpy_cross_close(struct mpy_cross *cross) {
    if (cross->output != NULL) {
        unlink(cross->output);
    }
    free(cross->output);
    free(cross->tool);
}

// What the compiler complains of: the place in its traceback, and its last
// line.
static enum cli_exit fail_compile(const char *name, char *said) {
    const char *place = strstr(said, "line ");
    size_t size = strlen(said);
    while (size > 0 && said[size - 1] == '\n') {
        said[--size] = '\0';
    }
    const char *last = strrchr(said, '\n');
    last = last != NULL ? last + 1 : said;
    bool placed = place != NULL && place < last;
    return cli_fail(CLI_INPUT, "%s: %.*s%s%s; mend it", name,
                    placed ? (int)strcspn(place, "\n,") : 0,
                    placed ? place : "", placed ? ": " : "",
                    *last != '\0' ? last : "mpy-cross failed without a word");
}

// Starts the program with its output and errors in the pipe. Returns 0 or an
// errno.
static int start(const struct mpy_cross *cross, const char *file,
                 const char *name, int to, pid_t *child) {
    posix_spawn_file_actions_t actions;
    char march[40];
    snprintf(march, sizeof march, "-march=%s", mpy_arch_name(cross->march));
    bool native = cross->march != MPY_NO_ARCH;
    char *const words[] = {
        cross->tool,   "-s",         (char *)name,          "-o",
        cross->output, (char *)file, native ? march : NULL, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, to, STDERR_FILENO);
    int error =
        posix_spawnp(child, cross->tool, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// Reads all that comes, and keeps what fits.
static void listen_to(int from, char said[SAID_MAX]) {
    char chunk[512];
    size_t kept = 0;
    ssize_t got;
    while ((got = read(from, chunk, sizeof chunk)) > 0) {
        size_t room = SAID_MAX - 1 - kept;
        size_t take = (size_t)got < room ? (size_t)got : room;
        memcpy(said + kept, chunk, take);
        kept += take;
    }
    said[kept] = '\0';
}

enum cli_exit mpy_cross_compile(const struct mpy_cross *cross, const char *file,
                                const char *name, struct file_bytes *bytes) {
    int ends[2], status = -1;
    pid_t child;
    char said[SAID_MAX] = "";
    *bytes = (struct file_bytes){NULL, 0};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return cli_fail(CLI_INTERNAL, "pipe: %s", strerror(errno));
    }
    int error = start(cross, file, name, ends[1], &child);
    close(ends[1]);
    if (error == 0) {
        listen_to(ends[0], said);
        waitpid(child, &status, 0);
    }
    close(ends[0]);
    if (error != 0) {
        return cli_fail(CLI_INPUT, "%s: %s; name the compiler with --mpy-cross",
                        cross->tool, strerror(error));
    }
    return status == 0 ? file_read(cross->output, MPY_MAX, bytes)
                       : fail_compile(name, said);
}
