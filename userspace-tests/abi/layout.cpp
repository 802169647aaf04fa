// SPDX-License-Identifier: GPL-2.0
// Pins the layout of the ABI. Compiled for 32-bit and for 64-bit programs, whose
// structures must be the same.
#include <linux/ntshim.h>

#define AT(type, member, offset) static_assert(__builtin_offsetof(struct type, member) == (offset))
#define SIZE(type, size) static_assert(sizeof(struct type) == (size))

SIZE(ntshim_create, NTSHIM_CREATE_SIZE_VER0);
AT(ntshim_create, initial, 12);
AT(ntshim_create, user_data, 24);
AT(ntshim_create, handle, 32);
AT(ntshim_create, limit, 36);

SIZE(ntshim_op, NTSHIM_OP_SIZE_VER0);
AT(ntshim_op, result, 8);
AT(ntshim_op, arg, 12);

SIZE(ntshim_set, NTSHIM_SET_SIZE_VER0);
AT(ntshim_set, due_100ns, 8);
AT(ntshim_set, was_armed, 24);

SIZE(ntshim_set_ex, NTSHIM_SET_EX_SIZE_VER0);
AT(ntshim_set_ex, no_wake_100ns, 24);
AT(ntshim_set_ex, was_armed, 32);

SIZE(ntshim_batch, NTSHIM_BATCH_SIZE_VER0);
AT(ntshim_batch, count, 8);

SIZE(ntshim_query, NTSHIM_QUERY_SIZE_VER0);
AT(ntshim_query, user_data, 24);
AT(ntshim_query, late_sum_ns, 80);

SIZE(ntshim_wait, NTSHIM_WAIT_SIZE_VER0);
AT(ntshim_wait, timeout_100ns, 16);
AT(ntshim_wait, index, 24);
AT(ntshim_wait, owner, 28);
AT(ntshim_wait, woken_ns, 32);

SIZE(ntshim_clocks, NTSHIM_CLOCKS_SIZE_VER0);
AT(ntshim_clocks, increment_100ns, 48);

SIZE(ntshim_info, NTSHIM_INFO_SIZE_VER0);
AT(ntshim_info, files, 24);
AT(ntshim_info, lost, 104);

SIZE(ntshim_ring_setup, NTSHIM_RING_SETUP_SIZE_VER0);
AT(ntshim_ring_setup, size, 8);

SIZE(ntshim_async, NTSHIM_ASYNC_SIZE_VER0);
SIZE(ntshim_sqe, 16);
SIZE(ntshim_cancel_wait, NTSHIM_CANCEL_WAIT_SIZE_VER0);
AT(ntshim_cancel_wait, count, 8);

SIZE(ntshim_record, 40);
AT(ntshim_record, due_ns, 16);
AT(ntshim_ring, tail, 64);
AT(ntshim_ring, lost, 72);
AT(ntshim_ring, records, 128);

static_assert(NTSHIM_IOC_INFO == 0xc070d700);
static_assert(NTSHIM_IOC_CREATE == 0xc028d701);
static_assert(NTSHIM_IOC_OP == 0xc010d702);
static_assert(NTSHIM_IOC_SET == 0xc020d703);
static_assert(NTSHIM_IOC_BATCH == 0xc010d704);
static_assert(NTSHIM_IOC_QUERY == 0xc058d705);
static_assert(NTSHIM_IOC_WAIT == 0xc028d706);
static_assert(NTSHIM_IOC_CLOCKS == 0xc038d707);
static_assert(NTSHIM_IOC_RING == 0xc010d708);
static_assert(NTSHIM_IOC_CANCEL_WAIT == 0xc010d709);
static_assert(NTSHIM_IOC_SET_EX == 0xc028d70a);
static_assert(NTSHIM_URING_WAIT == 0xc018d740);
