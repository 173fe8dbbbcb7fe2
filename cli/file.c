// SPDX-License-Identifier: MIT
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536, MODE = 0666, SECRET_MODE = 0600, FOLDER_MODE = 0777 };

static enum cli_exit fail_read(const char *file, const char *why) {
    return cli_fail(CLI_INPUT, "%s: %s; name a file that can be read", file,
                    why);
}

static enum cli_exit read_stream(const char *file, FILE *stream, size_t limit,
                                 struct file_bytes *bytes) {
    size_t got;
    do {
        bytes->data = cli_grow(bytes->data, bytes->size + CHUNK + 1, 1);
        got = fread(bytes->data + bytes->size, 1, CHUNK, stream);
        bytes->size += got;
        bytes->data[bytes->size] = '\0';
        if (bytes->size > limit) {
            return cli_fail(CLI_INPUT, "%s: over %zu KiB; name a smaller file",
                            file, limit / 1024);
        }
    } while (got > 0);
    return ferror(stream) ? fail_read(file, strerror(errno)) : CLI_OK;
}

enum cli_exit file_read(const char *file, size_t limit,
                        struct file_bytes *bytes) {
    struct stat stat;
    bool standard = strcmp(file, "-") == 0;
    *bytes = (struct file_bytes){NULL, 0};
    FILE *stream = standard ? stdin : fopen(file, "rb");
    if (stream == NULL) {
        return fail_read(file, strerror(errno));
    }
    enum cli_exit result;
    if (!standard &&
        (fstat(fileno(stream), &stat) != 0 || !S_ISREG(stat.st_mode))) {
        result = fail_read(file, "not a regular file");
    } else {
        result = read_stream(file, stream, limit, bytes);
    }
    if (!standard) {
        fclose(stream);
    }
    if (result != CLI_OK) {
        free(bytes->data);
        *bytes = (struct file_bytes){NULL, 0};
    }
    return result;
}

static enum cli_exit fail_write(const char *file, int number) {
    return cli_fail(CLI_INPUT, "%s: %s; name a place that can be written", file,
                    strerror(number));
}

static int write_all(int descriptor, const uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t done = write(descriptor, data, size);
        if (done < 0) {
            return errno;
        }
        data += done;
        size -= (size_t)done;
    }
    return fsync(descriptor) == 0 ? 0 : errno;
}

// The permissions a new file would have; mkstemp's are stricter.
static mode_t mode_of(unsigned how) {
    mode_t mask = umask(0);
    umask(mask);
    return how & FILE_SECRET ? SECRET_MODE : MODE & ~mask;
}

// A link cannot replace a file that is there; a rename does.
static int put_in_place(const char *from, const char *to, unsigned how) {
    if ((how & FILE_NEW) == 0) {
        return rename(from, to) == 0 ? 0 : errno;
    }
    int error = link(from, to) == 0 ? 0 : errno;
    unlink(from);
    return error;
}

enum cli_exit file_write(const char *file, const void *data, size_t size,
                         unsigned how) {
    char *new = cli_format("%s.XXXXXX", file);
    int descriptor = mkstemp(new);
    int error = descriptor < 0 ? errno : 0;
    if (descriptor >= 0) {
        error = fchmod(descriptor, mode_of(how)) == 0 ? 0 : errno;
        error = error != 0 ? error : write_all(descriptor, data, size);
        close(descriptor);
        error = error != 0 ? error : put_in_place(new, file, how);
    }
    if (descriptor >= 0 && error != 0) {
        unlink(new);
    }
    free(new);
    if (error == EEXIST) {
        return cli_fail(CLI_INPUT,
                        "%s: it is there already and stays as it is; name "
                        "another file",
                        file);
    }
    return error == 0 ? CLI_OK : fail_write(file, error);
}

enum cli_exit file_make_directory(const char *directory) {
    char *path = cli_format("%s/", directory);
    int error = 0;
    for (char *slash = strchr(path + 1, '/'); slash != NULL && error == 0;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        error = mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST ? 0 : errno;
        *slash = '/';
    }
    free(path);
    return error == 0 ? CLI_OK : fail_write(directory, error);
}
