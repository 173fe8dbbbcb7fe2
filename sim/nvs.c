// SPDX-License-Identifier: MIT
#include "sim/nvs.h"

#include <string.h>

enum {
    ENTRY_SIZE = 32,
    PAGE_ENTRIES = 126,
    PAGE_HEADER = 2 * ENTRY_SIZE,
    PAGE_MAGIC = 0x5350564e,
};

enum entry_type {
    ENTRY_NAMESPACE = 0x01, // value: its index
    ENTRY_I32 = 0x14,
    ENTRY_BLOB = 0x42,  // value: the CRC of the data entries behind
    ENTRY_EMPTY = 0xff, // flash as erased
};

// At the start of a sector. A page whose `freeing` has been programmed to 0
// has been copied elsewhere and is erased at the latest by the next init.
struct page_header {
    uint32_t magic;
    uint32_t sequence; // pages written later have higher ones
    uint32_t crc;      // of the two fields above
    uint32_t freeing;
};

struct entry {
    uint32_t crc; // of all bytes behind it
    uint8_t type;
    uint8_t space;
    uint8_t span;  // entries, with those of the data
    uint8_t live;  // programmed to 0 when the key is erased; not in the crc
    uint16_t size; // bytes of a blob
    uint8_t reserved2[2];
    char key[SIM_NVS_KEY + 1];
    uint32_t value;
};

_Static_assert(sizeof(struct entry) == ENTRY_SIZE, "an entry is 32 bytes");

// Where an entry is: a page by its place in the store, and an index in it.
struct place {
    size_t page;
    unsigned index;
};

// CRC-32 of zip files (IEEE 802.3), four bits at a time.
static uint32_t crc32(const void *data, size_t size) {
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    const uint8_t *bytes = data;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static uint32_t entry_crc(const struct entry *entry) {
    struct entry fresh = *entry;
    fresh.live = 0xff;
    return crc32(&fresh.type, ENTRY_SIZE - sizeof(fresh.crc));
}

static size_t page_offset(const struct sim_nvs *nvs, size_t page) {
    return nvs->offset + page * SIM_FLASH_SECTOR;
}

static size_t place_offset(const struct sim_nvs *nvs, struct place place) {
    return page_offset(nvs, place.page) + PAGE_HEADER +
           (size_t)place.index * ENTRY_SIZE;
}

// The page's sequence number, or 0 when it is not in use.
static uint32_t page_sequence(const struct sim_nvs *nvs, size_t page) {
    struct page_header header = {0};
    sim_flash_read(nvs->flash, page_offset(nvs, page), &header, sizeof(header));
    bool good = header.magic == PAGE_MAGIC && header.freeing != 0 &&
                header.crc == crc32(&header, 8);
    return good ? header.sequence : 0;
}

static bool page_is_erased(const struct sim_nvs *nvs, size_t page) {
    uint8_t part[ENTRY_SIZE];
    for (size_t at = 0; at < SIM_FLASH_SECTOR; at += sizeof(part)) {
        sim_flash_read(nvs->flash, page_offset(nvs, page) + at, part,
                       sizeof(part));
        for (size_t i = 0; i < sizeof(part); i++) {
            if (part[i] != 0xff) {
                return false;
            }
        }
    }
    return true;
}

// The used page with the lowest sequence above `above`, or nvs->pages.
static size_t next_page(const struct sim_nvs *nvs, uint32_t above) {
    size_t found = nvs->pages;
    uint32_t lowest = UINT32_MAX;
    for (size_t page = 0; page < nvs->pages; page++) {
        uint32_t sequence = page_sequence(nvs, page);
        if (sequence > above && sequence < lowest) {
            lowest = sequence;
            found = page;
        }
    }
    return found;
}

static size_t newest_page(const struct sim_nvs *nvs) {
    size_t newest = nvs->pages;
    uint32_t highest = 0;
    for (size_t page = 0; page < nvs->pages; page++) {
        uint32_t sequence = page_sequence(nvs, page);
        if (sequence > highest) {
            highest = sequence;
            newest = page;
        }
    }
    return newest;
}

static size_t free_pages(const struct sim_nvs *nvs, size_t *first) {
    size_t count = 0;
    for (size_t page = nvs->pages; page-- > 0;) {
        if (page_sequence(nvs, page) == 0) {
            *first = page;
            count++;
        }
    }
    return count;
}

static void read_entry(const struct sim_nvs *nvs, struct place place,
                       struct entry *entry) {
    memset(entry, 0, sizeof(*entry));
    sim_flash_read(nvs->flash, place_offset(nvs, place), entry, ENTRY_SIZE);
}

static bool entry_is_empty(const struct entry *entry) {
    static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};
    return entry->type == ENTRY_EMPTY && entry->span == 0xff &&
           memcmp(&entry->crc, ones, sizeof(ones)) == 0;
}

static bool entry_is_good(const struct entry *entry, unsigned index) {
    return entry->crc == entry_crc(entry) && entry->span >= 1 &&
           index + entry->span <= PAGE_ENTRIES;
}

// Whether the data behind a blob's entry is what was stored.
static bool blob_is_whole(const struct sim_nvs *nvs, struct place place,
                          const struct entry *entry) {
    uint8_t data[SIM_NVS_BLOB];
    sim_flash_read(nvs->flash, place_offset(nvs, place) + ENTRY_SIZE, data,
                   entry->size);
    return crc32(data, entry->size) == entry->value;
}

// Steps to the next entry that counts. place starts as {page, 0} and moves
// behind the entry that was given; *at says where it is.
static bool next_entry(const struct sim_nvs *nvs, struct place *place,
                       struct place *at, struct entry *entry) {
    while (place->index < PAGE_ENTRIES) {
        read_entry(nvs, *place, entry);
        *at = *place;
        if (!entry_is_good(entry, place->index)) {
            place->index++;
            continue;
        }
        place->index += entry->span;
        if (entry->live != 0 &&
            (entry->type != ENTRY_BLOB || blob_is_whole(nvs, *at, entry))) {
            return true;
        }
    }
    return false;
}

static bool same_name(const struct entry *a, const struct entry *b) {
    bool kind = (a->type == ENTRY_NAMESPACE) == (b->type == ENTRY_NAMESPACE);
    return kind && a->space == b->space && strcmp(a->key, b->key) == 0;
}

// Finds the newest entry with the space and key of `like`. Returns false when
// there is none.
static bool find(const struct sim_nvs *nvs, const struct entry *like,
                 struct place *found, struct entry *entry) {
    bool any = false;
    uint32_t above = 0;
    size_t page;
    while ((page = next_page(nvs, above)) < nvs->pages) {
        struct place place = {page, 0};
        struct place at;
        struct entry each;
        while (next_entry(nvs, &place, &at, &each)) {
            if (same_name(&each, like)) {
                any = true;
                *found = at;
                *entry = each;
            }
        }
        above = page_sequence(nvs, page);
    }
    return any;
}

// The first entry of a page behind which all is empty.
static unsigned page_end(const struct sim_nvs *nvs, size_t page) {
    unsigned end = 0;
    for (unsigned index = 0; index < PAGE_ENTRIES; index++) {
        struct entry entry;
        read_entry(nvs, (struct place){page, index}, &entry);
        if (entry_is_good(&entry, index)) {
            end = index + entry.span;
            index = end - 1;
        } else if (!entry_is_empty(&entry)) {
            end = index + 1;
        }
    }
    return end;
}

static void start_page(struct sim_nvs *nvs, size_t page) {
    size_t newest = newest_page(nvs);
    struct page_header header = {
        .magic = PAGE_MAGIC,
        .sequence = newest < nvs->pages ? page_sequence(nvs, newest) + 1 : 1,
        .freeing = UINT32_MAX,
    };
    header.crc = crc32(&header, 8);
    if (!page_is_erased(nvs, page)) {
        sim_flash_erase(nvs->flash, page_offset(nvs, page), SIM_FLASH_SECTOR);
    }
    sim_flash_program(nvs->flash, page_offset(nvs, page), &header,
                      sizeof(header));
}

// Writes the entry, then its data: torn anywhere, it does not count.
static void write_entry(struct sim_nvs *nvs, struct place place,
                        const struct entry *entry, const void *data) {
    size_t offset = place_offset(nvs, place);
    sim_flash_program(nvs->flash, offset, entry, ENTRY_SIZE);
    if (entry->type == ENTRY_BLOB) {
        sim_flash_program(nvs->flash, offset + ENTRY_SIZE, data, entry->size);
    }
}

static void drop_entry(struct sim_nvs *nvs, struct place place) {
    const uint8_t gone = 0;
    sim_flash_program(nvs->flash,
                      place_offset(nvs, place) + offsetof(struct entry, live),
                      &gone, sizeof(gone));
}

static void free_page(struct sim_nvs *nvs, size_t page) {
    const uint32_t freeing = 0;
    sim_flash_program(nvs->flash,
                      page_offset(nvs, page) +
                          offsetof(struct page_header, freeing),
                      &freeing, sizeof(freeing));
    sim_flash_erase(nvs->flash, page_offset(nvs, page), SIM_FLASH_SECTOR);
}

// Copies what still counts of page `from` into the new page `to`.
static void move_live(struct sim_nvs *nvs, size_t from, size_t to) {
    struct place place = {from, 0};
    struct place at;
    struct entry entry;
    unsigned index = 0;
    while (next_entry(nvs, &place, &at, &entry)) {
        struct place newest;
        struct entry latest;
        uint8_t data[SIM_NVS_BLOB];
        if (!find(nvs, &entry, &newest, &latest) || newest.page != at.page ||
            newest.index != at.index) {
            continue;
        }
        sim_flash_read(nvs->flash, place_offset(nvs, at) + ENTRY_SIZE, data,
                       entry.type == ENTRY_BLOB ? entry.size : 0);
        write_entry(nvs, (struct place){to, index}, &entry, data);
        index += entry.span;
    }
}

// Finds room for span entries in one page, moving live entries together as
// far as that helps. Returns false when the store is full.
static bool make_room(struct sim_nvs *nvs, unsigned span, struct place *place) {
    for (size_t round = 0; round <= 2 * nvs->pages; round++) {
        size_t active = newest_page(nvs);
        size_t spare = nvs->pages;
        if (active < nvs->pages) {
            *place = (struct place){active, page_end(nvs, active)};
            if (place->index + span <= PAGE_ENTRIES) {
                return true;
            }
        }
        size_t count = free_pages(nvs, &spare);
        if (count == 0 || nvs->flash->dead) {
            return false;
        }
        start_page(nvs, spare);
        if (count == 1) {
            size_t oldest = next_page(nvs, 0);
            move_live(nvs, oldest, spare);
            free_page(nvs, oldest);
        }
    }
    return false;
}

static int write_new(struct sim_nvs *nvs, struct entry *entry,
                     const void *data) {
    struct place place;
    entry->crc = entry_crc(entry);
    if (!make_room(nvs, entry->span, &place)) {
        return SIM_NVS_NOT_ENOUGH_SPACE;
    }
    write_entry(nvs, place, entry, data);
    return SIM_NVS_OK;
}

static int name_entry(struct entry *entry, enum entry_type type, uint8_t space,
                      const char *key) {
    size_t size = strlen(key);
    *entry = (struct entry){
        .type = (uint8_t)type,
        .space = space,
        .span = 1,
        .live = 0xff,
    };
    if (size == 0) {
        return SIM_NVS_INVALID_NAME;
    }
    if (size > SIM_NVS_KEY) {
        return SIM_NVS_KEY_TOO_LONG;
    }
    memcpy(entry->key, key, size);
    return SIM_NVS_OK;
}

int sim_nvs_init(struct sim_nvs *nvs, struct sim_flash *flash, size_t offset,
                 size_t pages) {
    *nvs = (struct sim_nvs){.flash = flash, .offset = offset, .pages = pages};
    size_t unused = 0;
    for (size_t page = 0; page < pages; page++) {
        if (page_sequence(nvs, page) == 0 && !page_is_erased(nvs, page)) {
            sim_flash_erase(flash, page_offset(nvs, page), SIM_FLASH_SECTOR);
        }
    }
    // Cut while moving live entries: the new page is only a copy so far.
    if (free_pages(nvs, &unused) == 0) {
        free_page(nvs, newest_page(nvs));
    }
    return flash->dead ? SIM_NVS_REMOVE_FAILED : SIM_NVS_OK;
}

// The highest namespace index in use.
static uint32_t last_space(const struct sim_nvs *nvs) {
    uint32_t last = 0;
    uint32_t above = 0;
    size_t page;
    while ((page = next_page(nvs, above)) < nvs->pages) {
        struct place place = {page, 0};
        struct place at;
        struct entry entry;
        while (next_entry(nvs, &place, &at, &entry)) {
            if (entry.type == ENTRY_NAMESPACE && entry.value > last) {
                last = entry.value;
            }
        }
        above = page_sequence(nvs, page);
    }
    return last;
}

int sim_nvs_open(struct sim_nvs *nvs, const char *name, uint8_t *space) {
    struct entry entry;
    struct entry found;
    struct place place;
    int error = name_entry(&entry, ENTRY_NAMESPACE, 0, name);
    if (error != SIM_NVS_OK) {
        return error;
    }
    if (find(nvs, &entry, &place, &found)) {
        *space = (uint8_t)found.value;
        return SIM_NVS_OK;
    }
    entry.value = last_space(nvs) + 1;
    if (entry.value > 254) {
        return SIM_NVS_NOT_ENOUGH_SPACE;
    }
    *space = (uint8_t)entry.value;
    return write_new(nvs, &entry, NULL);
}

int sim_nvs_set_i32(struct sim_nvs *nvs, uint8_t space, const char *key,
                    int32_t value) {
    struct entry entry;
    struct entry found;
    struct place place;
    int error = name_entry(&entry, ENTRY_I32, space, key);
    if (error != SIM_NVS_OK) {
        return error;
    }
    entry.value = (uint32_t)value;
    if (find(nvs, &entry, &place, &found) && found.type == ENTRY_I32 &&
        found.value == entry.value) {
        return SIM_NVS_OK;
    }
    return write_new(nvs, &entry, NULL);
}

int sim_nvs_set_blob(struct sim_nvs *nvs, uint8_t space, const char *key,
                     const void *data, size_t size) {
    struct entry entry;
    struct entry found;
    struct place place;
    int error = name_entry(&entry, ENTRY_BLOB, space, key);
    if (error != SIM_NVS_OK) {
        return error;
    }
    if (size > SIM_NVS_BLOB) {
        return SIM_NVS_VALUE_TOO_LONG;
    }
    entry.size = (uint16_t)size;
    entry.span = (uint8_t)(1 + (size + ENTRY_SIZE - 1) / ENTRY_SIZE);
    entry.value = crc32(data, size);
    if (find(nvs, &entry, &place, &found) && found.type == ENTRY_BLOB &&
        found.size == size && found.value == entry.value &&
        memcmp(nvs->flash->memory + place_offset(nvs, place) + ENTRY_SIZE, data,
               size) == 0) {
        return SIM_NVS_OK;
    }
    return write_new(nvs, &entry, data);
}

static int get(struct sim_nvs *nvs, enum entry_type type, uint8_t space,
               const char *key, struct place *place, struct entry *entry) {
    struct entry like;
    int error = name_entry(&like, type, space, key);
    if (error != SIM_NVS_OK) {
        return error;
    }
    bool found = find(nvs, &like, place, entry) && entry->type == type;
    return found ? SIM_NVS_OK : SIM_NVS_NOT_FOUND;
}

int sim_nvs_get_i32(struct sim_nvs *nvs, uint8_t space, const char *key,
                    int32_t *value) {
    struct place place;
    struct entry entry;
    int error = get(nvs, ENTRY_I32, space, key, &place, &entry);
    if (error == SIM_NVS_OK) {
        *value = (int32_t)entry.value;
    }
    return error;
}

int sim_nvs_get_blob(struct sim_nvs *nvs, uint8_t space, const char *key,
                     void *data, size_t *size) {
    struct place place;
    struct entry entry;
    int error = get(nvs, ENTRY_BLOB, space, key, &place, &entry);
    if (error != SIM_NVS_OK) {
        return error;
    }
    size_t room = *size;
    *size = entry.size;
    if (entry.size > room) {
        return SIM_NVS_INVALID_LENGTH;
    }
    sim_flash_read(nvs->flash, place_offset(nvs, place) + ENTRY_SIZE, data,
                   entry.size);
    return SIM_NVS_OK;
}

// As ESP-IDF this needs no room: bits are cleared where the entry is. Older
// values of the key go first, so that a cut leaves the newest or none.
int sim_nvs_erase_key(struct sim_nvs *nvs, uint8_t space, const char *key) {
    struct entry like;
    bool any = false;
    uint32_t above = 0;
    size_t page;
    int error = name_entry(&like, ENTRY_I32, space, key);
    while (error == SIM_NVS_OK && (page = next_page(nvs, above)) < nvs->pages) {
        struct place place = {page, 0};
        struct place at;
        struct entry each;
        while (next_entry(nvs, &place, &at, &each)) {
            if (same_name(&each, &like)) {
                any = true;
                drop_entry(nvs, at);
            }
        }
        above = page_sequence(nvs, page);
    }
    return error == SIM_NVS_OK && !any ? SIM_NVS_NOT_FOUND : error;
}
