// SPDX-License-Identifier: GPL-2.0
#include "program.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <poll.h>
#include <sys/ioctl.h>
#include <uring.hpp>

namespace fuzz {

namespace {

constexpr unsigned max_calls = 64;
/// No wait lasts longer: 1 ms in units of 100 ns.
constexpr std::int64_t longest_wait = 10'000;

class input {
public:
    explicit input(const program& bytes) : bytes_{bytes} {}

    [[nodiscard]] bool empty() const { return at_ >= bytes_.size(); }
    std::uint8_t byte() { return empty() ? std::uint8_t{0} : bytes_[at_++]; }
    std::uint32_t below(std::uint32_t limit) { return byte() % limit; }
    bool rarely() { return byte() >= 240; }

    /// A number that limits and signs are often wrong about.
    std::uint64_t odd() {
        static constexpr std::array<std::uint64_t, 12> odd_ones{0,
                                                                1,
                                                                2,
                                                                64,
                                                                65,
                                                                0x7fffffff,
                                                                0x80000000,
                                                                0xffffffff,
                                                                0x100000000,
                                                                0x7fffffffffffffff,
                                                                0x8000000000000000,
                                                                0xffffffffffffffff};
        return odd_ones[below(odd_ones.size())];
    }
    /// Usually less than a limit, sometimes odd.
    template <class T> T mostly_below(std::uint32_t limit) {
        return static_cast<T>(rarely() ? odd() : below(limit));
    }

private:
    const program& bytes_;
    std::size_t at_ = 0;
};

template <class T> std::uint64_t address(const T* p) {
    return reinterpret_cast<std::uintptr_t>(p);
}

/// One open file, and what the program knows of it.
class session {
public:
    explicit session(input& in) : in_{in} {}

    void step() {
        static constexpr std::array<void (session::*)(), 13> calls{
            &session::create, &session::create, &session::op,      &session::op,   &session::set,
            &session::set_ex, &session::batch,  &session::query,   &session::wait, &session::wait,
            &session::async,  &session::other,  &session::anything};
        (this->*calls[in_.below(calls.size())])();
    }

private:
    template <class Args> int call(unsigned long command, Args& args) {
        if (in_.rarely())
            return ioctl(dev_.fd(), command, nullptr);
        return ioctl(dev_.fd(), command, &args);
    }
    std::uint32_t handle() {
        return in_.rarely() ? static_cast<std::uint32_t>(in_.odd())
                            : handles_[in_.below(static_cast<std::uint32_t>(handles_.size()))];
    }
    std::int64_t due() {
        return in_.rarely() ? static_cast<std::int64_t>(in_.odd())
                            : -static_cast<std::int64_t>(in_.byte()) * 50;
    }

    void create() {
        ntshim_create args{};
        args.kind = 1 + in_.mostly_below<std::uint32_t>(6);
        args.flags = in_.mostly_below<std::uint32_t>(32);
        args.type = in_.mostly_below<std::uint32_t>(2);
        args.initial = in_.mostly_below<std::int32_t>(2);
        args.importance = in_.mostly_below<std::uint32_t>(4);
        args.processor = in_.mostly_below<std::uint32_t>(3);
        args.limit = in_.mostly_below<std::int32_t>(3);
        if (!in_.rarely())
            make_sensible(args);
        if (call(NTSHIM_IOC_CREATE, args) == 0)
            handles_[in_.below(static_cast<std::uint32_t>(handles_.size()))] = args.handle;
    }
    /// What a kind does not have is zero.
    static void make_sensible(ntshim_create& args) {
        const bool has_dpc = args.kind == NTSHIM_TIMER || args.kind == NTSHIM_DPC;
        if (!has_dpc)
            args.importance = args.processor = 0;
        if (args.kind != NTSHIM_SEMAPHORE)
            args.limit = 0;
        if (args.kind != NTSHIM_SEMAPHORE && args.kind != NTSHIM_EVENT)
            args.initial = 0;
        if (args.kind == NTSHIM_SEMAPHORE || args.kind == NTSHIM_MUTANT || args.kind == NTSHIM_DPC)
            args.type = 0;
        args.flags &= flags_of(args.kind);
        if (args.flags & NTSHIM_CREATE_NO_WAKE)
            args.flags &= ~NTSHIM_CREATE_HIGH_RESOLUTION;
    }
    static std::uint32_t flags_of(std::uint32_t kind) {
        switch (kind) {
        case NTSHIM_TIMER:
            return NTSHIM_CREATE_POLLED | NTSHIM_CREATE_RECORDED | NTSHIM_CREATE_THREADED;
        case NTSHIM_DPC:
            return NTSHIM_CREATE_RECORDED | NTSHIM_CREATE_THREADED;
        case NTSHIM_EX_TIMER:
            return NTSHIM_CREATE_POLLED | NTSHIM_CREATE_RECORDED | NTSHIM_CREATE_HIGH_RESOLUTION |
                   NTSHIM_CREATE_NO_WAKE;
        default:
            return NTSHIM_CREATE_POLLED;
        }
    }
    void op() {
        ntshim_op args{};
        args.handle = handle();
        args.op = 1 + in_.mostly_below<std::uint32_t>(10);
        if (args.op == NTSHIM_OP_SEMAPHORE_RELEASE || args.op == NTSHIM_OP_MUTANT_RELEASE)
            args.arg = in_.mostly_below<std::uint32_t>(4);
        call(NTSHIM_IOC_OP, args);
    }
    ntshim_set timer_set() {
        ntshim_set args{};
        args.handle = handle();
        args.flags = in_.rarely() ? in_.mostly_below<std::uint32_t>(3) : 0;
        args.due_100ns = args.flags ? 0 : due();
        args.period_ms = args.flags ? 0 : in_.mostly_below<std::uint32_t>(3);
        args.tolerance_ms = args.flags ? 0 : in_.mostly_below<std::uint32_t>(3);
        return args;
    }
    void set() {
        auto args = timer_set();
        call(NTSHIM_IOC_SET, args);
    }
    void set_ex() {
        ntshim_set_ex args{};
        args.handle = handle();
        args.due_100ns = due();
        args.period_100ns = in_.mostly_below<std::int64_t>(200) * 50;
        args.no_wake_100ns = in_.rarely() ? static_cast<std::int64_t>(in_.odd()) : 0;
        call(NTSHIM_IOC_SET_EX, args);
    }
    void batch() {
        std::array<ntshim_set, 4> entries{};
        for (auto& entry : entries)
            entry = timer_set();
        ntshim_batch args{};
        args.entries = in_.rarely() ? in_.odd() : address(entries.data());
        args.count = 1 + in_.below(4);
        call(NTSHIM_IOC_BATCH, args);
    }
    void query() {
        ntshim_query args{};
        args.handle = handle();
        args.pad = in_.rarely();
        call(NTSHIM_IOC_QUERY, args);
    }
    /// Always limited: nobody would end it.
    ntshim_wait limited_wait() {
        for (std::size_t i = 0; i < waited_.size(); i++)
            waited_[i] = i < handles_.size() ? handle() : waited_[i % handles_.size()];
        ntshim_wait args{};
        args.handles = in_.rarely() ? in_.odd() : address(waited_.data());
        const std::size_t most = in_.rarely() ? waited_.size() : handles_.size();
        args.count = 1 + in_.below(static_cast<std::uint32_t>(most));
        args.flags = NTSHIM_WAIT_TIMEOUT | in_.mostly_below<std::uint32_t>(2);
        args.flags |= NTSHIM_WAIT_TIMEOUT;
        args.timeout_100ns = -(static_cast<std::int64_t>(in_.byte()) * longest_wait / 256);
        args.owner = in_.mostly_below<std::uint32_t>(3);
        return args;
    }
    void wait() {
        auto args = limited_wait();
        call(NTSHIM_IOC_WAIT, args);
    }
    void async() {
        if (!ring_)
            ring_.emplace(8);
        auto args = limited_wait();
        args.owner = in_.rarely();
        auto set = timer_set();
        ntshim_async wait{address(&args), in_.rarely() ? address(&set) : 0, in_.below(2)};
        if (in_.rarely())
            wait.wait = in_.odd();
        ring_->prepare(dev_, NTSHIM_URING_WAIT, wait, 0);
        ring_->submit();
        while (ring_->ready())
            ring_->next();
    }
    void other() {
        ntshim_cancel_wait cancel{};
        ntshim_ring_setup setup{};
        ntshim_clocks clocks{};
        pollfd fd{dev_.fd(), POLLIN | POLLPRI, 0};
        switch (in_.below(4)) {
        case 0:
            cancel.cookie = in_.below(2);
            call(NTSHIM_IOC_CANCEL_WAIT, cancel);
            return;
        case 1:
            setup.entries = 1U << in_.below(8);
            call(NTSHIM_IOC_RING, setup);
            return;
        case 2:
            call(NTSHIM_IOC_CLOCKS, clocks);
            return;
        default:
            poll(&fd, 1, 0);
        }
    }
    /// Any number, any size, any content. Not a wait, which might never end.
    void anything() {
        std::array<std::uint8_t, 256> memory{};
        for (std::size_t i = 0; i < 64; i++)
            memory[i] = in_.byte();
        const auto number = in_.below(16);
        if (number == _IOC_NR(NTSHIM_IOC_WAIT))
            return;
        const auto size = in_.byte();
        ioctl(dev_.fd(), _IOC(_IOC_READ | _IOC_WRITE, NTSHIM_IOC_MAGIC, number, size),
              memory.data());
    }

    input& in_;
    ntshim::device dev_ = ntshim::device::open().value();
    std::optional<ntshim::uring> ring_;
    std::array<std::uint32_t, 4> handles_{};
    std::array<std::uint32_t, NTSHIM_WAIT_MAX + 8> waited_{};
};

} // namespace

unsigned run(const program& bytes) {
    input in{bytes};
    session s{in};
    unsigned calls = 0;
    for (; calls < max_calls && !in.empty(); calls++)
        s.step();
    return calls;
}

} // namespace fuzz
