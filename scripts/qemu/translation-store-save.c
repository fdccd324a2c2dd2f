/*
 * Translations of this process, written for later ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "exec/exec-all.h"
#include "exec/ram_addr.h"
#include "exec/translate-all.h"
#include "tcg/tcg.h"
#include "tb-hash.h"
#include "tb-context.h"
#include "internal.h"
#include "translation-store-file.h"

/* Whether a page is of the main memory, and has the bytes that its file has. */
static bool is_original(RAMBlock *memory, ram_addr_t address)
{
    uint8_t bytes[TARGET_PAGE_SIZE];

    if (address < memory->offset || address - memory->offset >= memory->used_length) {
        return false;
    }
    address -= memory->offset;
    return pread(memory->fd, bytes, sizeof(bytes), address) == sizeof(bytes)
        && !memcmp(bytes, memory->host + address, sizeof(bytes));
}

static void collect_pages(int level, void **entry, ram_addr_t index, GArray *pages)
{
    if (*entry == NULL) {
        return;
    }
    for (size_t i = 0; i < V_L2_SIZE; i++) {
        if (level == 0) {
            PageDesc *page = (PageDesc *)*entry + i;
            StoredPage stored = { .page = (index << V_L2_BITS) + i, .first = page->first_tb };

            if (page->first_tb) {
                g_array_append_val(pages, stored);
            }
        } else {
            collect_pages(level - 1, (void **)*entry + i, (index << V_L2_BITS) + i, pages);
        }
    }
}

static GArray *all_pages(void)
{
    GArray *pages = g_array_new(false, false, sizeof(StoredPage));

    for (size_t i = 0; i < v_l1_size; i++) {
        collect_pages(v_l2_levels, l1_map + i, i, pages);
    }
    return pages;
}

static void collect_block(void *p, uint32_t hash, void *blocks)
{
    const TranslationBlock *tb = p;
    StoredBlock stored = {
        .block = (uintptr_t)tb, .code = (uintptr_t)tb->tc.ptr, .size = tb->tc.size, .hash = hash,
    };

    g_array_append_val(blocks, stored);
}

static gint by_code(gconstpointer a, gconstpointer b)
{
    const StoredBlock *x = a, *y = b;

    return x->code < y->code ? -1 : x->code > y->code;
}

static bool put(int fd, const void *bytes, size_t size, uint64_t *at)
{
    uint64_t place = *at;

    *at = QEMU_ALIGN_UP(place + size, qemu_real_host_page_size());
    while (size > 0) {
        ssize_t count = pwrite(fd, bytes, size, place);

        if (count <= 0) {
            return false;
        }
        bytes += count;
        size -= count;
        place += count;
    }
    return true;
}

static bool write_store(int fd, StoreHeader *header, GArray *blocks, GArray *pages)
{
    g_autofree int64_t *helpers = g_new0(int64_t, translation_store.helpers + 1);
    const uintptr_t *table = translation_store.head;
    uint64_t at = QEMU_ALIGN_UP(sizeof(*header), qemu_real_host_page_size()), start = 0;
    bool good = true;

    for (size_t i = 0; i < translation_store.helpers; i++) {
        helpers[i] = table[i] - (uintptr_t)translation_store_origin();
    }
    for (size_t i = 0; i < header->regions; i++) {
        StoredRegion *region = &header->region[i];

        region->at = at;
        region->used = tcg_region_used(i);
        good = good && put(fd, (void *)(uintptr_t)(header->shape.start + i * header->shape.stride), region->used, &at);
    }
    header->blocks = blocks->len;
    header->blocks_at = at;
    good = good && put(fd, blocks->data, blocks->len * sizeof(StoredBlock), &at);
    header->pages = pages->len;
    header->pages_at = at;
    good = good && put(fd, pages->data, pages->len * sizeof(StoredPage), &at);
    header->helpers = translation_store.helpers;
    header->helpers_at = at;
    good = good && put(fd, helpers, translation_store.helpers * sizeof(*helpers), &at);
    header->end = at;
    /* Mappings end where the file does. */
    return good && ftruncate(fd, at) == 0 && put(fd, header, sizeof(*header), &start);
}

void translation_store_save(void)
{
    g_autoptr(GArray) pages = NULL;
    g_autoptr(GArray) blocks = g_array_new(false, false, sizeof(StoredBlock));
    StoreHeader *header = &translation_store.header;
    RAMBlock *memory;
    int fd;

    RCU_READ_LOCK_GUARD();
    memory = translation_store_memory();
    fd = qemu_open_old(translation_store_save_path, O_RDWR);
    if (!memory || fd < 0) {
        error_report("translations cannot be saved: %s", memory ? strerror(errno) : "the memory is no file's");
        exit(1);
    }
    pages = all_pages();
    for (size_t i = 0; i < pages->len; i++) {
        ram_addr_t address = g_array_index(pages, StoredPage, i).page << TARGET_PAGE_BITS;

        if (!is_original(memory, address)) {
            tb_invalidate_phys_page(address);
        }
    }
    /* Blocks across two pages went with either. */
    g_array_unref(pages);
    pages = all_pages();
    for (size_t i = 0; i < pages->len; i++) {
        g_array_index(pages, StoredPage, i).page -= memory->offset >> TARGET_PAGE_BITS;
    }
    qht_iter(&tb_ctx.htable, collect_block, blocks);
    g_array_sort(blocks, by_code);
    tcg_region_shape(&header->shape);
    header->memory_at = memory->offset;
    header->memory_size = memory->used_length;
    header->regions = header->shape.count;
    while (header->regions > 0 && tcg_region_used(header->regions - 1) == 0) {
        header->regions--;
    }
    if (header->regions > STORE_REGIONS || !write_store(fd, header, blocks, pages)) {
        error_report("translations cannot be saved: %s", strerror(errno));
        exit(1);
    }
    close(fd);
}
