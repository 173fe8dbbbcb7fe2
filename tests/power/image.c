// SPDX-License-Identifier: MIT
#include "tests/power/image.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/littlefs/lfs2.h"

#include "tests/power/medium.h"

enum { CACHE = 1024, LOOKAHEAD = 128 };

// A name that image_fill() gives; no tree has it.
#define FILLER "/filler.bin"

// What stays in /.blox for good (python/mpy_blox/trial.py).
static const char *const kept[] = {"list",  "origin", "src",         "error",
                                   "boots", "crash",  "rolled_back", NULL};

// Files that belong to no set: what fills the flash, and what the update card
// remembers.
static const char *const apart[] = {FILLER, "/.hass.sets", "/.hass.sets.new",
                                    NULL};

// ---- littlefs over the chip -------------------------------------------------

struct mounted {
    struct sim_flash *flash;
    lfs2_t lfs;
    struct lfs2_config config;
    uint8_t read_buffer[CACHE], prog_buffer[CACHE], file_buffer[CACHE];
    uint8_t lookahead[LOOKAHEAD];
};

static size_t place(lfs2_block_t block, lfs2_off_t offset) {
    return MEDIUM_NVS + (size_t)block * SIM_FLASH_SECTOR + offset;
}

static int result(int error) {
    return error == SIM_FLASH_OK ? 0 : LFS2_ERR_IO;
}

static int read_block(const struct lfs2_config *config, lfs2_block_t block,
                      lfs2_off_t offset, void *data, lfs2_size_t size) {
    struct mounted *mounted = config->context;
    return result(
        sim_flash_read(mounted->flash, place(block, offset), data, size));
}

static int program_block(const struct lfs2_config *config, lfs2_block_t block,
                         lfs2_off_t offset, const void *data,
                         lfs2_size_t size) {
    struct mounted *mounted = config->context;
    return result(
        sim_flash_program(mounted->flash, place(block, offset), data, size));
}

static int erase_block(const struct lfs2_config *config, lfs2_block_t block) {
    struct mounted *mounted = config->context;
    return result(
        sim_flash_erase(mounted->flash, place(block, 0), SIM_FLASH_SECTOR));
}

static int sync_blocks(const struct lfs2_config *config) {
    (void)config;
    return 0;
}

static void configure(struct mounted *mounted, struct sim_flash *flash) {
    memset(mounted, 0, sizeof(*mounted));
    mounted->flash = flash;
    mounted->config = (struct lfs2_config){
        .context = mounted,
        .read = read_block,
        .prog = program_block,
        .erase = erase_block,
        .sync = sync_blocks,
        .read_size = 32,
        .prog_size = 32,
        .block_size = SIM_FLASH_SECTOR,
        .block_count =
            (lfs2_size_t)((flash->size - MEDIUM_NVS) / SIM_FLASH_SECTOR),
        .block_cycles = 100,
        .cache_size = 128, // as MicroPython has it: it rules what is inline
        .lookahead_size = LOOKAHEAD,
        .read_buffer = mounted->read_buffer,
        .prog_buffer = mounted->prog_buffer,
        .lookahead_buffer = mounted->lookahead,
    };
}

// Only to be read: a file's content comes in few, large pieces then.
static bool mount_to_read(struct mounted *mounted, struct sim_flash *flash) {
    configure(mounted, flash);
    mounted->config.cache_size = CACHE;
    return lfs2_mount(&mounted->lfs, &mounted->config) == 0;
}

// ---- trees ------------------------------------------------------------------

static uint64_t mix(uint64_t hash, const void *data, size_t size) {
    const uint8_t *bytes = data;
    uint64_t word;
    for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    for (; size > 0; size--, bytes++) {
        hash = (hash ^ *bytes) * 0x100000001b3u;
    }
    return hash;
}

static uint64_t hash_path(const char *path) {
    return mix(0xcbf29ce484222325u, path, strlen(path));
}

// What comes into force alone, once a set is confirmed (docs/journal.md).
static const char *const rescuers[] = {"/main.py", "/boot.py",
                                       "/lib/mpy_blox/rescue.mpy", NULL};

static bool is_one_of(const char *name, const char *const *names) {
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

static void add_file(struct image_tree *tree, const char *path, uint64_t hash) {
    uint64_t state = hash;
    uint64_t file = medium_random(&state);
    tree->files += file;
    if (is_one_of(path, rescuers)) {
        tree->rescuers += file;
    }
}

static void add_directory(struct image_tree *tree, const char *path) {
    uint64_t state = hash_path(path);
    tree->directories += medium_random(&state);
}

static bool join(char path[IMAGE_PATH_MAX], const char *folder,
                 const char *name) {
    int size = snprintf(path, IMAGE_PATH_MAX, "%s/%s", folder, name);
    return size > 0 && size < IMAGE_PATH_MAX;
}

// Reads a file of the host into memory to be freed; NULL when it cannot.
static uint8_t *load(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*size + 1);
    bool good = fread(data, 1, *size, file) == *size;
    fclose(file);
    if (!good) {
        free(data);
        return NULL;
    }
    return data;
}

// Calls visit for everything below a folder of the host; data is NULL for a
// directory.
typedef bool visit_host(void *context, const char *path, const uint8_t *data,
                        size_t size);

static bool walk_host(const char *root, const char *folder, visit_host *visit,
                      void *context) {
    char here[2 * IMAGE_PATH_MAX];
    snprintf(here, sizeof(here), "%s%s", root, folder);
    DIR *directory = opendir(here);
    if (directory == NULL) {
        return false;
    }
    bool good = true;
    struct dirent *entry;
    while (good && (entry = readdir(directory)) != NULL) {
        char path[IMAGE_PATH_MAX];
        struct stat stat_of;
        if (strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0 ||
            !join(path, folder, entry->d_name)) {
            continue;
        }
        snprintf(here, sizeof(here), "%s%s", root, path);
        good = stat(here, &stat_of) == 0;
        if (good && S_ISDIR(stat_of.st_mode)) {
            good = visit(context, path, NULL, 0) &&
                   walk_host(root, path, visit, context);
        } else if (good) {
            size_t size;
            uint8_t *data = load(here, &size);
            good = data != NULL && visit(context, path, data, size);
            free(data);
        }
    }
    closedir(directory);
    return good;
}

static bool visit_to_tree(void *context, const char *path, const uint8_t *data,
                          size_t size) {
    struct image_tree *tree = context;
    if (data == NULL) {
        add_directory(tree, path);
        return true;
    }
    uint64_t hash = hash_path(path);
    for (size_t at = 0; at < size; at += CACHE) {
        size_t part = size - at < CACHE ? size - at : CACHE;
        hash = mix(hash, data + at, part);
    }
    add_file(tree, path, hash);
    return true;
}

bool image_tree_of_folder(const char *folder, struct image_tree *tree) {
    *tree = (struct image_tree){0};
    return walk_host(folder, "", visit_to_tree, tree);
}

static bool hash_file(struct mounted *mounted, const char *path,
                      uint64_t *hash) {
    struct lfs2_file_config config = {.buffer = mounted->file_buffer};
    lfs2_file_t file;
    uint8_t data[CACHE];
    *hash = hash_path(path);
    if (lfs2_file_opencfg(&mounted->lfs, &file, path, LFS2_O_RDONLY, &config) !=
        0) {
        return false;
    }
    lfs2_ssize_t count;
    while ((count = lfs2_file_read(&mounted->lfs, &file, data, CACHE)) > 0) {
        *hash = mix(*hash, data, (size_t)count);
    }
    lfs2_file_close(&mounted->lfs, &file);
    return count == 0;
}

typedef bool visit_chip(void *context, struct mounted *mounted,
                        const char *path, const struct lfs2_info *info);

static bool walk_chip(struct mounted *mounted, const char *folder,
                      visit_chip *visit, void *context) {
    lfs2_dir_t directory;
    struct lfs2_info info;
    if (lfs2_dir_open(&mounted->lfs, &directory,
                      folder[0] == '\0' ? "/" : folder) != 0) {
        return false;
    }
    int more;
    while ((more = lfs2_dir_read(&mounted->lfs, &directory, &info)) > 0) {
        char path[IMAGE_PATH_MAX];
        if (strcmp(info.name, ".") == 0 || strcmp(info.name, "..") == 0 ||
            !join(path, folder, info.name)) {
            continue;
        }
        if (!visit(context, mounted, path, &info) ||
            (info.type == LFS2_TYPE_DIR &&
             !walk_chip(mounted, path, visit, context))) {
            more = -1;
            break;
        }
    }
    lfs2_dir_close(&mounted->lfs, &directory);
    return more == 0;
}

struct look {
    struct image_tree *tree;
    char *leftover;
};

static bool visit_to_look(void *context, struct mounted *mounted,
                          const char *path, const struct lfs2_info *info) {
    struct look *look = context;
    static const char staging[] = "/.blox/";
    if (strncmp(path, staging, sizeof(staging) - 1) == 0) {
        if (!is_one_of(path + sizeof(staging) - 1, kept) &&
            look->leftover[0] == '\0') {
            strcpy(look->leftover, path);
        }
    } else if (info->type == LFS2_TYPE_DIR) {
        if (strcmp(path, "/.blox") != 0) {
            add_directory(look->tree, path);
        }
    } else if (!is_one_of(path, apart)) {
        uint64_t hash;
        if (!hash_file(mounted, path, &hash)) {
            return false;
        }
        add_file(look->tree, path, hash);
    }
    return true;
}

bool image_tree_of_chip(struct sim_flash *flash, struct image_tree *tree,
                        char leftover[IMAGE_PATH_MAX]) {
    static struct mounted mounted;
    struct look look = {.tree = tree, .leftover = leftover};
    *tree = (struct image_tree){0};
    leftover[0] = '\0';
    return mount_to_read(&mounted, flash) &&
           walk_chip(&mounted, "", visit_to_look, &look);
}

static bool visit_to_print(void *context, struct mounted *mounted,
                           const char *path, const struct lfs2_info *info) {
    uint64_t hash = 0;
    bool file = info->type == LFS2_TYPE_REG;
    bool good = !file || hash_file(mounted, path, &hash);
    fprintf(context, "  %-50s %7u %08x%s\n", path, (unsigned)info->size,
            (unsigned)hash, good ? "" : " cannot be read");
    return true;
}

void image_print(struct sim_flash *flash, FILE *to) {
    static struct mounted mounted;
    if (!mount_to_read(&mounted, flash) ||
        !walk_chip(&mounted, "", visit_to_print, to)) {
        fprintf(to, "  the file system cannot be read\n");
    }
    fprintf(to, "  %d blocks are free\n", image_free_blocks(flash));
}

// ---- making -----------------------------------------------------------------

static bool write_file(struct mounted *mounted, const char *path,
                       const uint8_t *data, size_t size) {
    struct lfs2_file_config config = {.buffer = mounted->file_buffer};
    lfs2_file_t file;
    int flags = LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC;
    if (lfs2_file_opencfg(&mounted->lfs, &file, path, flags, &config) != 0) {
        return false;
    }
    bool good = lfs2_file_write(&mounted->lfs, &file, data,
                                (lfs2_size_t)size) == (lfs2_ssize_t)size;
    return lfs2_file_close(&mounted->lfs, &file) == 0 && good;
}

static bool visit_to_write(void *context, const char *path, const uint8_t *data,
                           size_t size) {
    struct mounted *mounted = context;
    bool good = data == NULL ? lfs2_mkdir(&mounted->lfs, path) == 0
                             : write_file(mounted, path, data, size);
    if (!good) {
        fprintf(stderr, "power: %s: does not fit into the image\n", path);
    }
    return good;
}

bool image_make(struct sim_flash *flash, const char *folder) {
    static struct mounted mounted;
    memset(flash->memory, 0xff, flash->size);
    configure(&mounted, flash);
    return lfs2_format(&mounted.lfs, &mounted.config) == 0 &&
           lfs2_mount(&mounted.lfs, &mounted.config) == 0 &&
           walk_host(folder, "", visit_to_write, &mounted) &&
           lfs2_unmount(&mounted.lfs) == 0;
}

int image_free_blocks(struct sim_flash *flash) {
    static struct mounted mounted;
    if (!mount_to_read(&mounted, flash)) {
        return -1;
    }
    lfs2_ssize_t used = lfs2_fs_size(&mounted.lfs);
    return used < 0 ? -1 : (int)mounted.config.block_count - (int)used;
}

bool image_fill(struct sim_flash *flash, int blocks) {
    static struct mounted mounted;
    configure(&mounted, flash);
    if (lfs2_mount(&mounted.lfs, &mounted.config) != 0) {
        return false;
    }
    lfs2_remove(&mounted.lfs, FILLER);
    int before = image_free_blocks(flash);
    size_t size = (size_t)blocks * SIM_FLASH_SECTOR;
    uint8_t *data = malloc(size + 1);
    memset(data, 0x55, size);
    bool good = blocks == 0;
    // The pointers of a file take room in its blocks: a little less fits.
    for (int less = 0; !good && less < 200; less++) {
        good = write_file(&mounted, FILLER, data, size - (size_t)less * 16) &&
               before - image_free_blocks(flash) <= blocks;
        if (!good) {
            lfs2_remove(&mounted.lfs, FILLER);
        }
    }
    free(data);
    return good;
}

static bool age_directory(struct mounted *mounted, const char *folder,
                          int times) {
    char path[IMAGE_PATH_MAX];
    bool good = join(path, folder, "aging");
    for (int i = 0; good && i < times; i++) {
        good = write_file(mounted, path, (const uint8_t *)"x", 1) &&
               lfs2_remove(&mounted->lfs, path) == 0;
    }
    return good;
}

bool image_age(struct sim_flash *flash, int times) {
    static const char *const folders[] = {"", "/.blox", "/lib"};
    static struct mounted mounted;
    configure(&mounted, flash);
    bool good = lfs2_mount(&mounted.lfs, &mounted.config) == 0;
    // Each at another moment, so that not all move at once.
    for (int i = 0; good && i < 3; i++) {
        good = age_directory(&mounted, folders[i], times + 7 * i);
    }
    return good && lfs2_unmount(&mounted.lfs) == 0;
}
