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
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/rcu_queue.h"
#include "exec/exec-all.h"
#include "exec/ramblock.h"
#include "exec/ram_addr.h"
#include "exec/translate-all.h"
#include "sysemu/runstate.h"
#include "sysemu/tcg.h"
#include "tcg/tcg.h"
#include "tb-hash.h"
#include "tb-context.h"
#include "translation-store.h"
#include "internal.h"

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

char *translation_store_load_path;
char *translation_store_save_path;

static struct {
    int fd;
    void *head;
    StoreHeader header;
    /* The file's tables, mapped; count is 0 once the buffer was flushed. */
    void *map;
    const StoredBlock *blocks;
    size_t count;
    QemuMutex lock;
    GHashTable *slots;
    size_t helpers;
} store = { .fd = -1 };

/* What host addresses of functions are relative to. */
static const void *origin(void)
{
    return (const void *)&translation_store_init;
}

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

/* Opens the file to be loaded; without a fitting one this process does without. */
void translation_store_init(void)
{
    BuildId id = {};
    StoreHeader *header = &store.header;

    if (!translation_store_used()) {
        return;
    }
    qemu_mutex_init(&store.lock);
    store.slots = g_hash_table_new(NULL, NULL);
    dl_iterate_phdr(find_build_id, &id);
    if (!id.found) {
        warn_report("translations are not kept: this program has no build id");
        g_clear_pointer(&translation_store_load_path, g_free);
        g_clear_pointer(&translation_store_save_path, g_free);
        return;
    }
    if (translation_store_load_path) {
        store.fd = qemu_open_old(translation_store_load_path, O_RDONLY);
        if (store.fd >= 0 && pread(store.fd, header, sizeof(*header), 0) == sizeof(*header)
            && !memcmp(header->magic, STORE_MAGIC, sizeof(STORE_MAGIC))
            && !memcmp(header->build, id.bytes, sizeof(id.bytes))
            && header->features == tcg_host_features()
            && header->regions <= STORE_REGIONS && header->helpers <= STORE_HELPERS && header->end <= STORE_LIMIT) {
            return;
        }
        warn_report("translations: %s is not this program's", translation_store_load_path);
        g_clear_pointer(&translation_store_load_path, g_free);
    }
    memset(header, 0, sizeof(*header));
    memcpy(header->magic, STORE_MAGIC, sizeof(STORE_MAGIC));
    memcpy(header->build, id.bytes, sizeof(id.bytes));
    header->features = tcg_host_features();
}

/* A recording process takes any place far from where kernels put programs and libraries: 16 to 48 TiB, by 2 MiB. */
void *translation_store_base(void)
{
    uint32_t random = 0;

    if (translation_store_load_path) {
        return (void *)(uintptr_t)store.header.base;
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
    store.head = head;
    if (translation_store_load_path && (uintptr_t)head != store.header.base) {
        warn_report("translations: their place is taken");
        g_clear_pointer(&translation_store_load_path, g_free);
    }
    store.header.base = (uintptr_t)head;
}

const void *translation_store_helper(const void *function)
{
    uintptr_t *table = store.head, slot;

    if (!store.head) {
        return NULL;
    }
    qemu_mutex_lock(&store.lock);
    slot = (uintptr_t)g_hash_table_lookup(store.slots, function);
    if (!slot && store.helpers < STORE_HELPERS) {
        table[store.helpers] = (uintptr_t)function;
        slot = ++store.helpers;
        g_hash_table_insert(store.slots, (void *)function, (void *)slot);
    }
    qemu_mutex_unlock(&store.lock);
    return slot ? &table[slot - 1] : NULL;
}

TranslationBlock *translation_store_lookup(uintptr_t tc_ptr)
{
    size_t low = 0, high = qatomic_read(&store.count);

    while (low < high) {
        size_t middle = (low + high) / 2;
        const StoredBlock *block = &store.blocks[middle];

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
    qatomic_set(&store.count, 0);
}

/* The memory that is a private view of a file: the snapshot's. */
static RAMBlock *main_memory(void)
{
    RAMBlock *block;

    RAMBLOCK_FOREACH(block) {
        if (block->fd >= 0 && !qemu_ram_is_shared(block)) {
            return block;
        }
    }
    return NULL;
}

/* Loading */

/* Not on a file system that is mounted noexec, for one. */
static bool may_map(void)
{
    size_t size = qemu_real_host_page_size();
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, store.fd, store.header.region[0].at);

    return page != MAP_FAILED && munmap(page, size) == 0;
}

static void map_regions(void)
{
    const StoreHeader *header = &store.header;

    for (size_t i = 0; i < header->regions; i++) {
        const StoredRegion *region = &header->region[i];
        uint8_t *at = (uint8_t *)(uintptr_t)header->shape.start + i * header->shape.stride;
        size_t size = QEMU_ALIGN_UP(region->used, qemu_real_host_page_size());

        if (size == 0) {
            continue;
        }
        if (mmap(at, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, store.fd, region->at) != at) {
            /* What was there is gone; that it can be mapped was tried. */
            error_report("translations cannot be mapped: %s", strerror(errno));
            exit(1);
        }
    }
}

static void watch_page(DirtyMemoryBlocks *dirty, ram_addr_t page)
{
    bitmap_test_and_clear_atomic(dirty->blocks[page / DIRTY_MEMORY_BLOCK_SIZE], page % DIRTY_MEMORY_BLOCK_SIZE, 1);
}

static bool fits(RAMBlock *memory)
{
    const StoreHeader *header = &store.header;
    TranslationRegions shape;

    tcg_region_shape(&shape);
    return memory && memory->offset == header->memory_at && memory->used_length == header->memory_size
        && !memcmp(&shape, &header->shape, sizeof(shape));
}

static void nothing(CPUState *cpu, run_on_cpu_data unused)
{
}

/* Before any processor has run: what is translated and written from here on is seen. */
static void load(void)
{
    const StoreHeader *header = &store.header;
    RAMBlock *memory;
    const StoredPage *pages;
    const int64_t *helpers;
    uintptr_t *table = store.head;
    CPUState *cpu;

    /* Loading the processors' state has left each a flush to do. */
    CPU_FOREACH(cpu) {
        run_on_cpu(cpu, nothing, RUN_ON_CPU_NULL);
    }
    RCU_READ_LOCK_GUARD();
    memory = main_memory();
    if (tcg_nb_tbs() > 0 || !fits(memory)) {
        warn_report("translations are of another machine");
        return;
    }
    store.map = mmap(NULL, header->end - header->blocks_at, PROT_READ, MAP_PRIVATE, store.fd, header->blocks_at);
    if (store.map == MAP_FAILED || !may_map() || !tcg_region_skip(header->regions)) {
        warn_report("translations cannot be used");
        return;
    }
    map_regions();
    store.blocks = store.map;
    pages = store.map + (header->pages_at - header->blocks_at);
    helpers = store.map + (header->helpers_at - header->blocks_at);

    /* Nothing has been translated that knew other places. */
    g_hash_table_remove_all(store.slots);
    for (size_t i = 0; i < header->helpers; i++) {
        table[i] = (uintptr_t)origin() + helpers[i];
        g_hash_table_insert(store.slots, (void *)table[i], (void *)(i + 1));
    }
    store.helpers = header->helpers;

    DirtyMemoryBlocks *dirty = qatomic_rcu_read(&ram_list.dirty_memory[DIRTY_MEMORY_CODE]);
    for (size_t i = 0; i < header->pages; i++) {
        ram_addr_t page = (memory->offset >> TARGET_PAGE_BITS) + pages[i].page;

        page_find_alloc(page, true)->first_tb = pages[i].first;
        watch_page(dirty, page);
    }
    qht_reset_size(&tb_ctx.htable, MAX(header->blocks * 2, CODE_GEN_HTABLE_SIZE));
    for (size_t i = 0; i < header->blocks; i++) {
        qht_insert(&tb_ctx.htable, (void *)(uintptr_t)store.blocks[i].block, store.blocks[i].hash, NULL);
    }
    qatomic_set(&store.count, header->blocks);
    CPU_FOREACH(cpu) {
        tlb_flush(cpu);
    }
    close(store.fd);
}

/* Saving */

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
    g_autofree int64_t *helpers = g_new0(int64_t, store.helpers + 1);
    const uintptr_t *table = store.head;
    uint64_t at = QEMU_ALIGN_UP(sizeof(*header), qemu_real_host_page_size()), start = 0;
    bool good = true;

    for (size_t i = 0; i < store.helpers; i++) {
        helpers[i] = table[i] - (uintptr_t)origin();
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
    header->helpers = store.helpers;
    header->helpers_at = at;
    good = good && put(fd, helpers, store.helpers * sizeof(*helpers), &at);
    header->end = at;
    /* Mappings end where the file does. */
    return good && ftruncate(fd, at) == 0 && put(fd, header, sizeof(*header), &start);
}

/* While no processor runs. */
static void save(void)
{
    g_autoptr(GArray) pages = NULL;
    g_autoptr(GArray) blocks = g_array_new(false, false, sizeof(StoredBlock));
    StoreHeader *header = &store.header;
    RAMBlock *memory;
    int fd;

    RCU_READ_LOCK_GUARD();
    memory = main_memory();
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

/* The machine goes on, or stops. */
static void on_change(void *opaque, bool running, RunState state)
{
    if (running && translation_store_load_path) {
        load();
        g_clear_pointer(&translation_store_load_path, g_free);
    }
    if (!running && translation_store_save_path && state == RUN_STATE_PAUSED) {
        save();
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
