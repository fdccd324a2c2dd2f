/*
 * Translations of an earlier process, mapped into this one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/rcu_queue.h"
#include "exec/exec-all.h"
#include "exec/ram_addr.h"
#include "exec/translate-all.h"
#include "tcg/tcg.h"
#include "tb-context.h"
#include "internal.h"
#include "translation-store-file.h"

bool translation_store_open(void)
{
    TranslationStore *store = &translation_store;
    StoreHeader found;

    store->fd = qemu_open_old(translation_store_load_path, O_RDONLY);
    if (store->fd < 0 || pread(store->fd, &found, sizeof(found), 0) != sizeof(found)
        || memcmp(found.magic, store->header.magic, sizeof(found.magic))
        || memcmp(found.build, store->header.build, sizeof(found.build))
        || found.features != store->header.features
        || found.regions > STORE_REGIONS || found.helpers > STORE_HELPERS || found.end > STORE_LIMIT) {
        return false;
    }
    store->header = found;
    return true;
}

static void *map_file(void *at, size_t size, int protection, int flags, uint64_t offset)
{
    return mmap(at, size, protection, MAP_PRIVATE | flags, translation_store.fd, offset);
}

/* Not on a file system that is mounted noexec, for one. */
static bool may_map_code(void)
{
    size_t size = qemu_real_host_page_size();
    void *page = map_file(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, 0, translation_store.header.region[0].at);

    return page != MAP_FAILED && munmap(page, size) == 0;
}

static void map_code(void)
{
    const StoreHeader *header = &translation_store.header;

    for (size_t i = 0; i < header->regions; i++) {
        const StoredRegion *region = &header->region[i];
        void *at = (void *)(uintptr_t)(header->shape.start + i * header->shape.stride);
        size_t size = QEMU_ALIGN_UP(region->used, qemu_real_host_page_size());

        if (size > 0 && map_file(at, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_FIXED, region->at) != at) {
            /* What was there is gone; that it can be mapped was tried. */
            error_report("translations cannot be mapped: %s", strerror(errno));
            exit(1);
        }
    }
}

static void fill_helpers(const int64_t *helpers, size_t count)
{
    uintptr_t *table = translation_store.head;

    /* Nothing has been translated that knew other places. */
    g_hash_table_remove_all(translation_store.slots);
    for (size_t i = 0; i < count; i++) {
        table[i] = (uintptr_t)translation_store_origin() + helpers[i];
        g_hash_table_insert(translation_store.slots, (void *)table[i], (void *)(i + 1));
    }
    translation_store.helpers = count;
}

static void watch_page(DirtyMemoryBlocks *dirty, ram_addr_t page)
{
    bitmap_test_and_clear_atomic(dirty->blocks[page / DIRTY_MEMORY_BLOCK_SIZE], page % DIRTY_MEMORY_BLOCK_SIZE, 1);
}

static void take_pages(RAMBlock *memory, const StoredPage *pages, size_t count)
{
    DirtyMemoryBlocks *dirty = qatomic_rcu_read(&ram_list.dirty_memory[DIRTY_MEMORY_CODE]);

    for (size_t i = 0; i < count; i++) {
        ram_addr_t page = (memory->offset >> TARGET_PAGE_BITS) + pages[i].page;

        page_find_alloc(page, true)->first_tb = pages[i].first;
        watch_page(dirty, page);
    }
}

static void take_blocks(const StoredBlock *blocks, size_t count)
{
    qht_reset_size(&tb_ctx.htable, MAX(count * 2, CODE_GEN_HTABLE_SIZE));
    for (size_t i = 0; i < count; i++) {
        qht_insert(&tb_ctx.htable, (void *)(uintptr_t)blocks[i].block, blocks[i].hash, NULL);
    }
    translation_store.blocks = blocks;
    qatomic_set(&translation_store.count, count);
}

static bool fits(RAMBlock *memory)
{
    const StoreHeader *header = &translation_store.header;
    TranslationRegions shape;

    tcg_region_shape(&shape);
    return memory && memory->offset == header->memory_at && memory->used_length == header->memory_size
        && !memcmp(&shape, &header->shape, sizeof(shape));
}

static void nothing(CPUState *cpu, run_on_cpu_data unused)
{
}

void translation_store_load(void)
{
    const StoreHeader *header = &translation_store.header;
    const uint64_t tables_at = header->blocks_at;
    const void *tables;
    RAMBlock *memory;
    CPUState *cpu;

    /* Loading the processors' state has left each a flush to do. */
    CPU_FOREACH(cpu) {
        run_on_cpu(cpu, nothing, RUN_ON_CPU_NULL);
    }
    RCU_READ_LOCK_GUARD();
    memory = translation_store_memory();
    if (tcg_nb_tbs() > 0 || !fits(memory)) {
        warn_report("translations are of another machine");
        return;
    }
    tables = map_file(NULL, header->end - tables_at, PROT_READ, 0, tables_at);
    if (tables == MAP_FAILED || !may_map_code() || !tcg_region_skip(header->regions)) {
        warn_report("translations cannot be used");
        return;
    }
    map_code();
    fill_helpers(tables + (header->helpers_at - tables_at), header->helpers);
    take_pages(memory, tables + (header->pages_at - tables_at), header->pages);
    take_blocks(tables, header->blocks);
    CPU_FOREACH(cpu) {
        tlb_flush(cpu);
    }
    close(translation_store.fd);
}
