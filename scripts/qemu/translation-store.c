/*
 * Translations that outlive their process.
 *
 * A machine that starts from a snapshot translates anew what it executes, in each process. This keeps the translations
 * of one process (`save-translations`) for the next ones (`load-translations`), which map them.
 *
 * What makes this right:
 *  - A translation is a function of the guest's code, of the state that is its key, of this program and of the host's
 *    processor. What is stored belongs to pages of guest memory whose bytes are those of the memory's file, which is the
 *    snapshot's and never changes; the file of translations names the program (its build id) and the processor.
 *  - Generated code refers to itself, to its blocks (both keep their addresses: the buffer is mapped where it was) and to
 *    helpers, which it calls by a table before the buffer, filled anew in each process.
 *  - Pages with stored translations are watched for writes like all pages with code, so that a write drops them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <link.h>
#include <sys/random.h>
#include "qemu/error-report.h"
#include "qemu/rcu_queue.h"
#include "exec/ram_addr.h"
#include "sysemu/runstate.h"
#include "translation-store-file.h"

char *translation_store_load_path;
char *translation_store_save_path;
TranslationStore translation_store = { .fd = -1 };

/* The build id of this program, as the linker noted it; false if it did not. */
typedef struct BuildId {
    uint8_t bytes[32];
    bool found;
} BuildId;

static int find_build_id(struct dl_phdr_info *info, size_t size, void *opaque)
{
    BuildId *id = opaque;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const char *note = (const char *)info->dlpi_addr + header->p_vaddr;
        const char *end = note + header->p_memsz;

        if (header->p_type != PT_NOTE) {
            continue;
        }
        while (note + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *n = (const void *)note;
            const char *name = note + sizeof(*n);
            const char *desc = name + ROUND_UP(n->n_namesz, 4);

            if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && !memcmp(name, "GNU", 4)) {
                memcpy(id->bytes, desc, MIN(n->n_descsz, sizeof(id->bytes)));
                id->found = true;
                return 1;
            }
            note = desc + ROUND_UP(n->n_descsz, 4);
        }
    }
    /* The program itself comes first. */
    return 1;
}

bool translation_store_used(void)
{
    return translation_store_load_path || translation_store_save_path;
}

/* What files must have that this process reads, and has in those that it writes; false if it cannot tell. */
static bool identify(StoreHeader *header)
{
    BuildId id = {};

    dl_iterate_phdr(find_build_id, &id);
    memcpy(header->magic, STORE_MAGIC, sizeof(STORE_MAGIC));
    memcpy(header->build, id.bytes, sizeof(id.bytes));
    header->features = tcg_host_features();
    return id.found;
}

void translation_store_init(void)
{
    TranslationStore *store = &translation_store;

    if (!translation_store_used()) {
        return;
    }
    qemu_mutex_init(&store->lock);
    store->slots = g_hash_table_new(NULL, NULL);
    if (!identify(&store->header)) {
        warn_report("translations are not kept: this program has no build id");
        g_clear_pointer(&translation_store_load_path, g_free);
        g_clear_pointer(&translation_store_save_path, g_free);
    } else if (translation_store_load_path && !translation_store_open()) {
        warn_report("translations: %s is not this program's", translation_store_load_path);
        g_clear_pointer(&translation_store_load_path, g_free);
    }
}

/* A recording process takes any place far from where kernels put programs and libraries: 16 to 48 TiB, by 2 MiB. */
void *translation_store_base(void)
{
    uint32_t random = 0;

    if (translation_store_load_path) {
        return (void *)(uintptr_t)translation_store.header.base;
    }
    if (!translation_store_save_path || getrandom(&random, sizeof(random), 0) != sizeof(random)) {
        return NULL;
    }
    return (void *)((UINT64_C(1) << 44) + ((uint64_t)(random & 0xffffff) << 21));
}

void translation_store_buffer(void *head)
{
    if (!translation_store_used()) {
        return;
    }
    translation_store.head = head;
    if (translation_store_load_path && (uintptr_t)head != translation_store.header.base) {
        warn_report("translations: their place is taken");
        g_clear_pointer(&translation_store_load_path, g_free);
    }
    translation_store.header.base = (uintptr_t)head;
}

const void *translation_store_helper(const void *function)
{
    uintptr_t *table = translation_store.head, slot;

    if (!translation_store.head) {
        return NULL;
    }
    qemu_mutex_lock(&translation_store.lock);
    slot = (uintptr_t)g_hash_table_lookup(translation_store.slots, function);
    if (!slot && translation_store.helpers < STORE_HELPERS) {
        table[translation_store.helpers] = (uintptr_t)function;
        slot = ++translation_store.helpers;
        g_hash_table_insert(translation_store.slots, (void *)function, (void *)slot);
    }
    qemu_mutex_unlock(&translation_store.lock);
    return slot ? &table[slot - 1] : NULL;
}

TranslationBlock *translation_store_lookup(uintptr_t tc_ptr)
{
    size_t low = 0, high = qatomic_read(&translation_store.count);

    while (low < high) {
        size_t middle = (low + high) / 2;
        const StoredBlock *block = &translation_store.blocks[middle];

        if (tc_ptr < block->code) {
            high = middle;
        } else if (tc_ptr >= block->code + block->size) {
            low = middle + 1;
        } else {
            return (TranslationBlock *)(uintptr_t)block->block;
        }
    }
    return NULL;
}

void translation_store_forget(void)
{
    qatomic_set(&translation_store.count, 0);
}

RAMBlock *translation_store_memory(void)
{
    RAMBlock *block;

    RAMBLOCK_FOREACH(block) {
        if (block->fd >= 0 && !qemu_ram_is_shared(block)) {
            return block;
        }
    }
    return NULL;
}

/* The machine goes on, or stops. */
static void on_change(void *opaque, bool running, RunState state)
{
    if (running && translation_store_load_path) {
        translation_store_load();
        g_clear_pointer(&translation_store_load_path, g_free);
    }
    if (!running && translation_store_save_path && state == RUN_STATE_PAUSED) {
        translation_store_save();
        g_clear_pointer(&translation_store_save_path, g_free);
    }
}

void translation_store_ready(void)
{
    if (translation_store_used()) {
        /* Before devices go on when the machine does. */
        qemu_add_vm_change_state_handler_prio(on_change, NULL, -1);
    }
}
