/*
 * The file of a translation store, and what the parts of the store share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef ACCEL_TCG_TRANSLATION_STORE_FILE_H
#define ACCEL_TCG_TRANSLATION_STORE_FILE_H

#include "exec/ramblock.h"
#include "translation-store.h"

#define STORE_MAGIC "silo translations 1"
#define STORE_REGIONS 64
#define STORE_HELPERS (TRANSLATION_STORE_HEAD / sizeof(uintptr_t))
#define STORE_LIMIT (UINT64_C(1) << 31)

typedef struct StoredBlock {
    uint64_t block;
    uint64_t code;
    uint32_t size;
    uint32_t hash;
} StoredBlock;

typedef struct StoredPage {
    /* Number of the page in the main memory. */
    uint64_t page;
    /* Its first block, tagged as in PageDesc. */
    uint64_t first;
} StoredPage;

typedef struct StoredRegion {
    uint64_t used;
    uint64_t at;
} StoredRegion;

/* All offsets are of the file; the numbers are this host's own. */
typedef struct StoreHeader {
    char magic[32];
    uint8_t build[32];
    uint64_t features;
    uint64_t base;
    TranslationRegions shape;
    uint64_t memory_at, memory_size;
    uint64_t regions, blocks, pages, helpers;
    uint64_t blocks_at, pages_at, helpers_at, end;
    StoredRegion region[STORE_REGIONS];
} StoreHeader;

typedef struct TranslationStore {
    /* The file to be loaded; -1: none. */
    int fd;
    /* The table of helpers before the code buffer, and how many of its places are taken. */
    void *head;
    size_t helpers;
    /* A helper's place in it, counted from 1. */
    GHashTable *slots;
    QemuMutex lock;
    /* Of the file that is loaded, or will be written. */
    StoreHeader header;
    /* What was loaded, in the order of its code; count is 0 once the buffer was flushed. */
    const StoredBlock *blocks;
    size_t count;
} TranslationStore;

extern TranslationStore translation_store;

/* What the host addresses of functions in the file are relative to. */
static inline const void *translation_store_origin(void)
{
    return (const void *)&translation_store_init;
}

/* The memory that is a private view of a file, the snapshot's; NULL: none. */
RAMBlock *translation_store_memory(void);

/* Opens the file to be loaded, and takes over its header if it is this program's, on this processor. */
bool translation_store_open(void);
/* Before any processor has run: what is translated and written from here on is seen. */
void translation_store_load(void);
/* While no processor runs. */
void translation_store_save(void);

#endif
