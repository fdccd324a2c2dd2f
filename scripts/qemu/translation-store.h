/*
 * Translations that outlive their process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef ACCEL_TCG_TRANSLATION_STORE_H
#define ACCEL_TCG_TRANSLATION_STORE_H

struct TranslationBlock;

/* Where they are read from, and where they are written to. Paths, or NULL. */
extern char *translation_store_load_path;
extern char *translation_store_save_path;

/* Before the code buffer is there. */
void translation_store_init(void);
/* Once it is. */
void translation_store_ready(void);
/* Whether this process reads or writes a store, so that its code has to bear being moved. */
bool translation_store_used(void);
/* The room before the code buffer, for the addresses of helpers. Bytes. */
#define TRANSLATION_STORE_HEAD (64 * 1024)
/* Where the code buffer has to be, head included, or NULL: anywhere. */
void *translation_store_base(void);
/* The buffer is at head + TRANSLATION_STORE_HEAD. */
void translation_store_buffer(void *head);

/* The place in the head from where a helper is called; NULL if there is no more room. */
const void *translation_store_helper(const void *function);

/* The stored block that has this host address; NULL: none. */
struct TranslationBlock *translation_store_lookup(uintptr_t tc_ptr);
/* The code buffer starts from nothing. */
void translation_store_forget(void);

/* In tcg/region.c: the shape of the code buffer. */
typedef struct TranslationRegions {
    uint64_t start, after_prologue, count, stride, total;
} TranslationRegions;

void tcg_region_shape(TranslationRegions *shape);
/* How much of a region is in use, in bytes from its start. */
size_t tcg_region_used(size_t index);
/* Takes the first `count` regions as full, and gives each context another one. */
bool tcg_region_skip(size_t count);
/* In the backend: which of the host's instructions it makes use of. */
uint64_t tcg_host_features(void);

#endif
