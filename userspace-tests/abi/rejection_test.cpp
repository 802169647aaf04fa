// SPDX-License-Identifier: GPL-2.0
// Each case breaks one thing in a call that is right otherwise: it is refused
// with the right error, nothing has happened, and the caller's memory is as it
// was, outputs included.
#include "fixture.hpp"

#include <array>
#include <cstring>
#include <ostream>
#include <string>
#include <sys/mman.h>

namespace {

using abi_test::world;

constexpr int poison = 0xcc;

union argument {
    ntshim_info info;
    ntshim_create create;
    ntshim_op op;
    ntshim_set set;
    ntshim_set_ex set_ex;
    ntshim_batch batch;
    ntshim_query query;
    ntshim_wait wait;
    ntshim_clocks clocks;
    ntshim_ring_setup ring;
    ntshim_cancel_wait cancel_wait;
    std::array<std::byte, 4096> bytes;
};

struct call_state {
    unsigned long command;
    argument arg;
    std::array<std::uint32_t, 2> handles;
    ntshim_set entry;
    std::uint32_t timer, event, dpc, semaphore, mutant, high, ex;
};

struct rejection {
    const char* name;
    unsigned long command;
    void (*spoil)(call_state&);
    int error;
};

std::ostream& operator<<(std::ostream& out, const rejection& r) {
    return out << r.name;
}

constexpr unsigned long with_size(unsigned long command, unsigned long size) {
    return (command & ~(static_cast<unsigned long>(_IOC_SIZEMASK) << _IOC_SIZESHIFT)) |
           size << _IOC_SIZESHIFT;
}

template <class T> std::uint64_t address(const T* p) {
    return reinterpret_cast<std::uintptr_t>(p);
}

class rejected : public world, public ::testing::WithParamInterface<rejection> {
protected:
    call_state state{};

    /// A call of the command that succeeds, with poison wherever the kernel answers.
    void make_valid(unsigned long command) {
        state.command = command;
        state.timer = dev.timer().value();
        state.event = dev.event().value();
        ntshim_create probe{};
        probe.kind = NTSHIM_DPC;
        state.dpc = dev.create(probe).value();
        state.semaphore = dev.semaphore(1, 2).value();
        state.mutant = dev.mutant().value();
        state.ex = dev.ex_timer().value();
        state.high = dev.ex_timer(NTSHIM_NOTIFICATION, NTSHIM_CREATE_HIGH_RESOLUTION).value();
        state.handles = {state.event, state.timer};
        op_set_event();
        std::memset(&state.arg, poison, sizeof(state.arg));
        fill(command);
    }
    void op_set_event() { dev.op(state.event, NTSHIM_OP_EVENT_SET).value(); }

    void fill(unsigned long command) {
        argument& a = state.arg;
        switch (command) {
        case NTSHIM_IOC_INFO:
            a.info.pad = 0;
            break;
        case NTSHIM_IOC_CREATE:
            a.create = {};
            a.create.kind = NTSHIM_TIMER;
            std::memset(&a.create.handle, poison, sizeof(a.create.handle));
            break;
        case NTSHIM_IOC_OP:
            a.op.handle = state.event;
            a.op.op = NTSHIM_OP_READ;
            a.op.arg = 0;
            break;
        case NTSHIM_IOC_SET:
            a.set = timer_set();
            break;
        case NTSHIM_IOC_SET_EX:
            a.set_ex = {};
            a.set_ex.handle = state.ex;
            a.set_ex.due_100ns = abi_test::far_away.count();
            std::memset(&a.set_ex.was_armed, poison, sizeof(a.set_ex.was_armed));
            break;
        case NTSHIM_IOC_BATCH:
            state.entry = timer_set();
            a.batch.entries = address(&state.entry);
            a.batch.count = 1;
            break;
        case NTSHIM_IOC_QUERY:
            a.query.handle = state.timer;
            a.query.pad = 0;
            break;
        case NTSHIM_IOC_WAIT:
            a.wait.handles = address(state.handles.data());
            a.wait.count = 2;
            a.wait.flags = NTSHIM_WAIT_TIMEOUT;
            a.wait.timeout_100ns = 0;
            a.wait.owner = 0;
            break;
        case NTSHIM_IOC_CANCEL_WAIT:
            a.cancel_wait.pad = 0;
            break;
        case NTSHIM_IOC_CLOCKS:
            a.clocks.pad = 0;
            break;
        default:
            a.ring.entries = 8;
            a.ring.pad = 0;
            break;
        }
    }
    [[nodiscard]] ntshim_set timer_set() const {
        ntshim_set set{};
        set.handle = state.timer;
        set.due_100ns = abi_test::far_away.count();
        std::memset(&set.was_armed, poison, sizeof(set.was_armed));
        return set;
    }
    int call() { return ::ioctl(dev.fd(), state.command, &state.arg); }
};

TEST_P(rejected, leaves_everything_as_it_was) {
    make_valid(GetParam().command);
    GetParam().spoil(state);
    const call_state before = state;
    const ntshim_info then = dev.info().value();

    EXPECT_EQ(-1, call());
    EXPECT_EQ(GetParam().error, errno);
    EXPECT_EQ(before.arg.bytes, state.arg.bytes);
    EXPECT_EQ(0, std::memcmp(&before.entry, &state.entry, sizeof(state.entry)));

    const ntshim_info after = dev.info().value();
    EXPECT_EQ(then.file_objects, after.file_objects);
    EXPECT_EQ(then.sets, after.sets);
    EXPECT_EQ(then.waits, after.waits);
    EXPECT_FALSE(dev.query(state.timer).value().armed);
    EXPECT_EQ(1, dev.op(state.event, NTSHIM_OP_READ).value());
}

#define REJECT(name, command, error, ...)                                                          \
    rejection {                                                                                    \
        name, command, [](call_state& s) { __VA_ARGS__; }, error                                   \
    }

const rejection of_any_command[] = {
    REJECT("unknown_number", NTSHIM_IOC_INFO, ENOTTY,
           s.command = _IOWR(NTSHIM_IOC_MAGIC, 99, struct ntshim_info)),
    REJECT("wrong_type", NTSHIM_IOC_INFO, ENOTTY, s.command = _IOWR('T', 0, struct ntshim_info)),
    REJECT("wrong_direction", NTSHIM_IOC_INFO, ENOTTY,
           s.command = _IOR(NTSHIM_IOC_MAGIC, 0, struct ntshim_info)),
    REJECT("shorter_than_the_first_version", NTSHIM_IOC_OP, EINVAL,
           s.command = with_size(s.command, NTSHIM_OP_SIZE_VER0 - 4)),
    REJECT("size_zero", NTSHIM_IOC_OP, EINVAL, s.command = with_size(s.command, 0)),
    REJECT("unreasonable_size", NTSHIM_IOC_OP, EINVAL, s.command = with_size(s.command, 8192)),
    REJECT("newer_and_used", NTSHIM_IOC_OP, E2BIG,
           s.command = with_size(s.command, NTSHIM_OP_SIZE_VER0 + 8)),
    REJECT("cancel_wait_pad", NTSHIM_IOC_CANCEL_WAIT, EINVAL, s.arg.cancel_wait.pad = 1),
    REJECT("info_pad", NTSHIM_IOC_INFO, EINVAL, s.arg.info.pad = 1),
    REJECT("clocks_pad", NTSHIM_IOC_CLOCKS, EINVAL, s.arg.clocks.pad = 1),
    REJECT("query_pad", NTSHIM_IOC_QUERY, EINVAL, s.arg.query.pad = 1),
    REJECT("query_bad_handle", NTSHIM_IOC_QUERY, ENOENT, s.arg.query.handle = 12345),
    REJECT("query_handle_zero", NTSHIM_IOC_QUERY, ENOENT, s.arg.query.handle = 0),
};

const rejection of_create[] = {
    REJECT("kind_zero", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = 0),
    REJECT("unknown_kind", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = 99),
    REJECT("unknown_flag", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.flags = 1U << 31),
    REJECT("timer_limit", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.limit = 1),
    REJECT("timer_high_resolution", NTSHIM_IOC_CREATE, EINVAL,
           s.arg.create.flags = NTSHIM_CREATE_HIGH_RESOLUTION),
    REJECT("semaphore_without_limit", NTSHIM_IOC_CREATE, EINVAL,
           s.arg.create.kind = NTSHIM_SEMAPHORE),
    REJECT("semaphore_negative_limit", NTSHIM_IOC_CREATE, EINVAL,
           s.arg.create.kind = NTSHIM_SEMAPHORE;
           s.arg.create.limit = -1),
    REJECT("semaphore_beyond_limit", NTSHIM_IOC_CREATE, EINVAL,
           s.arg.create.kind = NTSHIM_SEMAPHORE;
           s.arg.create.limit = 1; s.arg.create.initial = 2),
    REJECT("semaphore_type", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_SEMAPHORE;
           s.arg.create.limit = 1; s.arg.create.type = 1),
    REJECT("mutant_initial", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_MUTANT;
           s.arg.create.initial = 1),
    REJECT("mutant_recorded", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_MUTANT;
           s.arg.create.flags = NTSHIM_CREATE_RECORDED),
    REJECT("ex_timer_both_attributes", NTSHIM_IOC_CREATE, EINVAL,
           s.arg.create.kind = NTSHIM_EX_TIMER;
           s.arg.create.flags = NTSHIM_CREATE_HIGH_RESOLUTION | NTSHIM_CREATE_NO_WAKE),
    REJECT("ex_timer_threaded", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EX_TIMER;
           s.arg.create.flags = NTSHIM_CREATE_THREADED),
    REJECT("ex_timer_importance", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EX_TIMER;
           s.arg.create.importance = NTSHIM_LOW),
    REJECT("timer_type", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.type = 2),
    REJECT("timer_initial", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.initial = 1),
    REJECT("timer_importance", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.importance = 4),
    REJECT("timer_processor_too_large", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.processor = 257),
    REJECT("timer_processor_absent", NTSHIM_IOC_CREATE, ENODEV, s.arg.create.processor = 256),
    REJECT("event_type", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EVENT;
           s.arg.create.type = 2),
    REJECT("event_initial", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EVENT;
           s.arg.create.initial = 2),
    REJECT("event_initial_negative", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EVENT;
           s.arg.create.initial = -1),
    REJECT("event_importance", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EVENT;
           s.arg.create.importance = NTSHIM_LOW),
    REJECT("event_processor", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EVENT;
           s.arg.create.processor = 1),
    REJECT("event_recorded", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_EVENT;
           s.arg.create.flags = NTSHIM_CREATE_RECORDED),
    REJECT("dpc_type", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_DPC;
           s.arg.create.type = NTSHIM_SYNCHRONIZATION),
    REJECT("dpc_initial", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_DPC;
           s.arg.create.initial = 1),
    REJECT("dpc_polled", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_DPC;
           s.arg.create.flags = NTSHIM_CREATE_POLLED),
    REJECT("dpc_importance", NTSHIM_IOC_CREATE, EINVAL, s.arg.create.kind = NTSHIM_DPC;
           s.arg.create.importance = 4),
};

const rejection of_op[] = {
    REJECT("op_zero", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = 0),
    REJECT("unknown_op", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = 99),
    REJECT("arg_of_read", NTSHIM_IOC_OP, EINVAL, s.arg.op.arg = 1),
    REJECT("release_by_nothing", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_SEMAPHORE_RELEASE;
           s.arg.op.handle = s.semaphore),
    REJECT("release_beyond_limit", NTSHIM_IOC_OP, EOVERFLOW,
           s.arg.op.op = NTSHIM_OP_SEMAPHORE_RELEASE;
           s.arg.op.handle = s.semaphore; s.arg.op.arg = 2),
    REJECT("release_far_beyond_limit", NTSHIM_IOC_OP, EOVERFLOW,
           s.arg.op.op = NTSHIM_OP_SEMAPHORE_RELEASE;
           s.arg.op.handle = s.semaphore; s.arg.op.arg = 0xffffffff),
    REJECT("semaphore_release_of_mutant", NTSHIM_IOC_OP, EINVAL,
           s.arg.op.op = NTSHIM_OP_SEMAPHORE_RELEASE;
           s.arg.op.handle = s.mutant; s.arg.op.arg = 1),
    REJECT("mutant_release_by_nobody", NTSHIM_IOC_OP, EINVAL,
           s.arg.op.op = NTSHIM_OP_MUTANT_RELEASE;
           s.arg.op.handle = s.mutant),
    REJECT("mutant_release_by_another", NTSHIM_IOC_OP, EPERM,
           s.arg.op.op = NTSHIM_OP_MUTANT_RELEASE;
           s.arg.op.handle = s.mutant; s.arg.op.arg = 5),
    REJECT("abandon_with_arg", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_MUTANT_ABANDON;
           s.arg.op.handle = s.mutant; s.arg.op.arg = 5),
    REJECT("bad_handle", NTSHIM_IOC_OP, ENOENT, s.arg.op.handle = 12345),
    REJECT("delete_bad_handle", NTSHIM_IOC_OP, ENOENT, s.arg.op.op = NTSHIM_OP_DELETE;
           s.arg.op.handle = 12345),
    REJECT("delete_arg", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_DELETE; s.arg.op.arg = 1),
    REJECT("cancel_of_event", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_CANCEL),
    REJECT("insert_of_event", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_DPC_INSERT),
    REJECT("insert_of_timer", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_DPC_INSERT;
           s.arg.op.handle = s.timer),
    REJECT("event_set_of_timer", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_EVENT_SET;
           s.arg.op.handle = s.timer),
    REJECT("event_reset_of_timer", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_EVENT_RESET;
           s.arg.op.handle = s.timer),
    REJECT("event_pulse_of_dpc", NTSHIM_IOC_OP, EINVAL, s.arg.op.op = NTSHIM_OP_EVENT_PULSE;
           s.arg.op.handle = s.dpc),
    REJECT("read_of_dpc", NTSHIM_IOC_OP, EINVAL, s.arg.op.handle = s.dpc),
};

constexpr std::uint32_t beyond_int = 0x80000000;

const rejection of_set[] = {
    REJECT("bad_handle", NTSHIM_IOC_SET, ENOENT, s.arg.set.handle = 12345),
    REJECT("not_a_timer", NTSHIM_IOC_SET, EINVAL, s.arg.set.handle = s.event),
    REJECT("unknown_flag", NTSHIM_IOC_SET, EINVAL, s.arg.set.flags = 2),
    REJECT("pad", NTSHIM_IOC_SET, EINVAL, s.arg.set.pad = 1),
    REJECT("period_too_long", NTSHIM_IOC_SET, EINVAL, s.arg.set.period_ms = beyond_int),
    REJECT("tolerance_too_long", NTSHIM_IOC_SET, EINVAL, s.arg.set.tolerance_ms = beyond_int),
    REJECT("cancel_with_due", NTSHIM_IOC_SET, EINVAL, s.arg.set.flags = NTSHIM_SET_CANCEL),
    REJECT("cancel_with_period", NTSHIM_IOC_SET, EINVAL, s.arg.set.flags = NTSHIM_SET_CANCEL;
           s.arg.set.due_100ns = 0; s.arg.set.period_ms = 1),
    REJECT("cancel_with_tolerance", NTSHIM_IOC_SET, EINVAL, s.arg.set.flags = NTSHIM_SET_CANCEL;
           s.arg.set.due_100ns = 0; s.arg.set.tolerance_ms = 1),
};

const rejection of_set_ex[] = {
    REJECT("bad_handle", NTSHIM_IOC_SET_EX, ENOENT, s.arg.set_ex.handle = 12345),
    REJECT("not_an_ex_timer", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.handle = s.timer),
    REJECT("flags", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.flags = 1),
    REJECT("pad", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.pad = 1),
    REJECT("period_too_long", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.period_100ns = beyond_int),
    REJECT("period_negative", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.period_100ns = -1),
    REJECT("tolerance_of_waking_timer", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.no_wake_100ns = 1),
    REJECT("absolute_high_resolution", NTSHIM_IOC_SET_EX, EINVAL, s.arg.set_ex.handle = s.high;
           s.arg.set_ex.due_100ns = 1),
};

const rejection of_batch[] = {
    REJECT("no_entry", NTSHIM_IOC_BATCH, EINVAL, s.arg.batch.count = 0),
    REJECT("too_many", NTSHIM_IOC_BATCH, EINVAL, s.arg.batch.count = NTSHIM_BATCH_MAX + 1),
    REJECT("entries_nowhere", NTSHIM_IOC_BATCH, EFAULT, s.arg.batch.entries = 8),
    REJECT("first_entry_bad_handle", NTSHIM_IOC_BATCH, ENOENT, s.entry.handle = 12345),
    REJECT("first_entry_pad", NTSHIM_IOC_BATCH, EINVAL, s.entry.pad = 1),
    REJECT("first_entry_flag", NTSHIM_IOC_BATCH, EINVAL, s.entry.flags = 2),
};

const rejection of_wait[] = {
    REJECT("no_object", NTSHIM_IOC_WAIT, EINVAL, s.arg.wait.count = 0),
    REJECT("too_many", NTSHIM_IOC_WAIT, EINVAL, s.arg.wait.count = NTSHIM_WAIT_MAX + 1),
    REJECT("unknown_flag", NTSHIM_IOC_WAIT, EINVAL, s.arg.wait.flags |= 1U << 31),
    REJECT("timeout_without_flag", NTSHIM_IOC_WAIT, EINVAL, s.arg.wait.flags = 0;
           s.arg.wait.timeout_100ns = -1),
    REJECT("mutant_without_owner", NTSHIM_IOC_WAIT, EINVAL, s.handles[1] = s.mutant),
    REJECT("handles_nowhere", NTSHIM_IOC_WAIT, EFAULT, s.arg.wait.handles = 8),
    REJECT("bad_handle", NTSHIM_IOC_WAIT, ENOENT, s.handles[1] = 12345),
    REJECT("not_waitable", NTSHIM_IOC_WAIT, EINVAL, s.handles[1] = s.dpc),
    REJECT("all_with_one_twice", NTSHIM_IOC_WAIT, EINVAL, s.arg.wait.flags |= NTSHIM_WAIT_ALL;
           s.handles[1] = s.handles[0]),
};

const rejection of_ring[] = {
    REJECT("no_entry", NTSHIM_IOC_RING, EINVAL, s.arg.ring.entries = 0),
    REJECT("not_a_power_of_two", NTSHIM_IOC_RING, EINVAL, s.arg.ring.entries = 12),
    REJECT("too_many", NTSHIM_IOC_RING, EINVAL, s.arg.ring.entries = 1U << 30),
    REJECT("pad", NTSHIM_IOC_RING, EINVAL, s.arg.ring.pad = 1),
};

std::string name_of(const ::testing::TestParamInfo<rejection>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(any, rejected, ::testing::ValuesIn(of_any_command), name_of);
INSTANTIATE_TEST_SUITE_P(create, rejected, ::testing::ValuesIn(of_create), name_of);
INSTANTIATE_TEST_SUITE_P(op, rejected, ::testing::ValuesIn(of_op), name_of);
INSTANTIATE_TEST_SUITE_P(set, rejected, ::testing::ValuesIn(of_set), name_of);
INSTANTIATE_TEST_SUITE_P(set_ex, rejected, ::testing::ValuesIn(of_set_ex), name_of);
INSTANTIATE_TEST_SUITE_P(batch, rejected, ::testing::ValuesIn(of_batch), name_of);
INSTANTIATE_TEST_SUITE_P(wait, rejected, ::testing::ValuesIn(of_wait), name_of);
INSTANTIATE_TEST_SUITE_P(ring, rejected, ::testing::ValuesIn(of_ring), name_of);

// What the cases above spoil is right before they do.
class accepted : public rejected {};

TEST_P(accepted, call_succeeds_as_it_is) {
    make_valid(GetParam().command);
    EXPECT_EQ(0, call()) << errno;
}

// A later version of the header is fine as long as what it adds is not used.
TEST_P(accepted, newer_structure_with_zeroes_succeeds) {
    make_valid(GetParam().command);
    const unsigned long size = _IOC_SIZE(state.command);
    std::memset(state.arg.bytes.data() + size, 0, 64);
    state.command = with_size(state.command, size + 64);
    EXPECT_EQ(0, call()) << errno;
    for (unsigned long i = size; i < size + 64; i++)
        EXPECT_EQ(std::byte{0}, state.arg.bytes[i]);
    EXPECT_EQ(std::byte{poison}, state.arg.bytes[size + 64]);
}

// Nothing is done when the answer could not be given.
TEST_P(accepted, read_only_memory_changes_nothing) {
    make_valid(GetParam().command);
    const ntshim_info then = dev.info().value();
    const std::size_t page = 4096;
    void* memory = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memcpy(memory, &state.arg, sizeof(state.arg));
    mprotect(memory, page, PROT_READ);
    EXPECT_EQ(-1, ::ioctl(dev.fd(), state.command, memory));
    EXPECT_EQ(EFAULT, errno);
    munmap(memory, page);
    const ntshim_info after = dev.info().value();
    EXPECT_EQ(then.file_objects, after.file_objects);
    EXPECT_EQ(then.sets, after.sets);
    EXPECT_EQ(then.waits, after.waits);
    EXPECT_EQ(1, dev.op(state.event, NTSHIM_OP_READ).value());
}

TEST_P(accepted, unmapped_argument_is_refused) {
    make_valid(GetParam().command);
    EXPECT_EQ(-1, ::ioctl(dev.fd(), state.command, nullptr));
    EXPECT_EQ(EFAULT, errno);
}

const rejection each_command[] = {
    REJECT("info", NTSHIM_IOC_INFO, 0, (void)s),
    REJECT("create", NTSHIM_IOC_CREATE, 0, (void)s),
    REJECT("op", NTSHIM_IOC_OP, 0, (void)s),
    REJECT("set", NTSHIM_IOC_SET, 0, (void)s),
    REJECT("batch", NTSHIM_IOC_BATCH, 0, (void)s),
    REJECT("query", NTSHIM_IOC_QUERY, 0, (void)s),
    REJECT("wait", NTSHIM_IOC_WAIT, 0, (void)s),
    REJECT("clocks", NTSHIM_IOC_CLOCKS, 0, (void)s),
    REJECT("ring", NTSHIM_IOC_RING, 0, (void)s),
    REJECT("cancel_wait", NTSHIM_IOC_CANCEL_WAIT, 0, (void)s),
    REJECT("set_ex", NTSHIM_IOC_SET_EX, 0, (void)s),
};
INSTANTIATE_TEST_SUITE_P(call, accepted, ::testing::ValuesIn(each_command), name_of);

} // namespace
