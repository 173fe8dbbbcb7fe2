// SPDX-License-Identifier: MIT
#include "tests/core/pkg/wheel_builder.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void builder_init(struct builder *builder) {
    *builder = (struct builder){0};
}

void builder_free(struct builder *builder) {
    free(builder->data);
    free(builder->central);
    free(builder->record);
    builder_init(builder);
}

static void append(uint8_t **data, size_t *size, const void *more,
                   size_t count) {
    *data = realloc(*data, *size + count + 1);
    if (count > 0) {
        memcpy(*data + *size, more, count);
    }
    *size += count;
    (*data)[*size] = 0;
}

static void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, value);
    put16(at + 2, value >> 16);
}

static size_t pack(const struct member *member, uint8_t **packed) {
    size_t capacity = member->size + member->size / 8 + 100;
    *packed = malloc(capacity);
    if (!member->deflate) {
        if (member->size > 0) {
            memcpy(*packed, member->data, member->size);
        }
        return member->size;
    }
    z_stream stream = {0};
    int bits = member->window_bits > 0 ? member->window_bits : 15;
    if (deflateInit2(&stream, 9, Z_DEFLATED, -bits, 8, 0) != Z_OK) {
        abort();
    }
    stream.next_in = (uint8_t *)member->data;
    stream.avail_in = (uInt)member->size;
    stream.next_out = *packed;
    stream.avail_out = (uInt)capacity;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    deflateEnd(&stream);
    return stream.total_out;
}

// The fields both headers have, from "version needed" to the lengths.
static void put_common(uint8_t *at, const struct member *member,
                       uint32_t packed_size) {
    uint32_t method = member->deflate ? 8 : 0;
    uint32_t crc = (uint32_t)crc32(0, member->data, (uInt)member->size);
    put16(at, 20);
    put16(at + 2, member->flags | (member->descriptor ? 8 : 0));
    put16(at + 4, member->method != 0 ? member->method : method);
    put16(at + 6, 0x6020);
    put16(at + 8, 0x5a21);
    put32(at + 10, crc ^ member->crc_xor);
    put32(at + 14, packed_size + (uint32_t)member->packed_add);
    put32(at + 18, (uint32_t)member->size + (uint32_t)member->size_add);
    put16(at + 22, (uint32_t)strlen(member->name));
}

static void add_local(struct builder *builder, const struct member *member,
                      const uint8_t *packed, size_t packed_size) {
    uint8_t header[30] = "PK\3\4";
    static const uint8_t extra[64];
    const char *name =
        member->local_name != NULL ? member->local_name : member->name;
    put_common(header + 4, member, (uint32_t)packed_size);
    if (member->descriptor) {
        memset(header + 14, 0, 12);
    }
    put16(header + 28, (uint32_t)member->extra);
    append(&builder->data, &builder->size, header, sizeof header);
    append(&builder->data, &builder->size, name, strlen(member->name));
    append(&builder->data, &builder->size, extra, member->extra);
    append(&builder->data, &builder->size, packed, packed_size);
    if (member->descriptor) {
        append(&builder->data, &builder->size, "PK\7\10descriptor..", 16);
    }
}

void builder_add(struct builder *builder, const struct member *member) {
    uint8_t *packed;
    size_t offset = builder->size;
    size_t packed_size = pack(member, &packed);
    uint8_t header[46] = "PK\1\2";
    add_local(builder, member, packed, packed_size);
    header[4] = 20;
    header[5] = member->host;
    put_common(header + 6, member, (uint32_t)packed_size);
    put32(header + 38, member->mode << 16);
    put32(header + 42, (uint32_t)offset + (uint32_t)member->offset_add);
    append(&builder->central, &builder->central_size, header, sizeof header);
    append(&builder->central, &builder->central_size, member->name,
           strlen(member->name));
    ++builder->count;
    free(packed);
}

void builder_put(struct builder *builder, const char *name, const char *text) {
    builder_add(builder, &(struct member){
                             .name = name, .data = text, .size = strlen(text)});
}

void builder_finish(struct builder *builder, const char *comment) {
    uint8_t end[22] = "PK\5\6";
    put16(end + 8, builder->count);
    put16(end + 10, builder->count);
    put32(end + 12, (uint32_t)builder->central_size);
    put32(end + 16, (uint32_t)builder->size);
    put16(end + 20, (uint32_t)strlen(comment));
    append(&builder->data, &builder->size, builder->central,
           builder->central_size);
    append(&builder->data, &builder->size, end, sizeof end);
    append(&builder->data, &builder->size, comment, strlen(comment));
}

void builder_record_line(struct builder *builder, const char *line) {
    append((uint8_t **)(void *)&builder->record, &builder->record_size, line,
           strlen(line));
}

// SHA-256 as RECORD has it: base64, URL-safe, without padding.
static void record_hash(const void *data, size_t size, char hash[45]) {
    uint8_t digest[32];
    SHA256(data, size, digest);
    EVP_EncodeBlock((unsigned char *)hash, digest, sizeof digest);
    for (char *c = hash; *c != '\0'; ++c) {
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
    hash[strcspn(hash, "=")] = '\0';
}

void builder_record(struct builder *builder, const char *name, const void *data,
                    size_t size) {
    char line[400];
    char hash[45];
    if (data == NULL) {
        snprintf(line, sizeof line, "%s,,\n", name);
    } else {
        record_hash(data, size, hash);
        snprintf(line, sizeof line, "%s,sha256=%s,%zu\n", name, hash, size);
    }
    builder_record_line(builder, line);
}

void builder_add_recorded(struct builder *builder,
                          const struct member *member) {
    builder_add(builder, member);
    builder_record(builder, member->name,
                   member->data != NULL ? member->data : "", member->size);
}

void builder_put_recorded(struct builder *builder, const char *name,
                          const char *text) {
    builder_put(builder, name, text);
    builder_record(builder, name, text, strlen(text));
}

void builder_finish_wheel(struct builder *builder, const char *name,
                          const char *version, const char *wheel) {
    char path[300], text[300];
    snprintf(path, sizeof path, "%s-%s.dist-info/METADATA", name, version);
    snprintf(text, sizeof text,
             "Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version);
    builder_put_recorded(builder, path, text);
    snprintf(path, sizeof path, "%s-%s.dist-info/WHEEL", name, version);
    builder_put_recorded(builder, path,
                         wheel != NULL ? wheel
                                       : "Wheel-Version: 1.0\nGenerator: test\n"
                                         "Root-Is-Purelib: true\n"
                                         "Tag: py3-none-any\n");
    snprintf(path, sizeof path, "%s-%s.dist-info/RECORD", name, version);
    builder_record(builder, path, NULL, 0);
    builder_add(builder, &(struct member){.name = path,
                                          .data = builder->record,
                                          .size = builder->record_size});
    builder_finish(builder, "");
}
