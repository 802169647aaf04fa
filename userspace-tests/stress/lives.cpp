// SPDX-License-Identifier: GPL-2.0
// Scenarios of objects, files and processes that go while they are used.
#include "scenarios.hpp"

#include <csignal>
#include <optional>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <uring.hpp>
#include <vector>

namespace stress {

void expect_only(const ntshim::device& dev, std::uint64_t files, std::uint64_t objects) {
    const auto until = clock::now() + patience;
    ntshim_info info{};
    do {
        info = dev.info().value();
        if (info.files == files && info.objects == objects && !info.waiters && !info.async_waits)
            return;
        std::this_thread::sleep_for(1ms);
    } while (clock::now() < until);
    require_equal("open files", files, info.files);
    require_equal("objects", objects, info.objects);
    require_equal("waiting threads", 0, info.waiters);
    require_equal("asynchronous waits", 0, info.async_waits);
}

namespace {

/// The same, unless others use the module too.
void expect_left(const plan& how, const ntshim::device& observer, const ntshim_info& before) {
    if (how.alone)
        expect_only(observer, before.files, before.objects);
}

std::uint32_t create_something(const ntshim::device& dev, worker& me) {
    ntshim_create args{};
    args.kind = static_cast<std::uint32_t>(NTSHIM_TIMER + me.below(3));
    if (args.kind != NTSHIM_DPC)
        args.type = static_cast<std::uint32_t>(me.below(2));
    if (args.kind != NTSHIM_EVENT) {
        args.flags = NTSHIM_CREATE_RECORDED | (me.chance(20) ? NTSHIM_CREATE_THREADED : 0);
        args.importance = static_cast<std::uint32_t>(me.below(4));
    }
    if (args.kind != NTSHIM_DPC)
        args.flags |= NTSHIM_CREATE_POLLED;
    return dev.create(args).value();
}

/// Any use of a handle that may be gone, or be of another kind. io_uring may
/// interrupt its thread at any time.
void use_something(const ntshim::device& dev, worker& me, std::uint32_t handle) {
    const auto limit = -units{static_cast<std::int64_t>(me.below(3000))};
    const std::uint32_t both[] = {handle, handle};
    switch (me.below(6)) {
    case 0:
        allow(dev.set(handle, -units{static_cast<std::int64_t>(me.below(3000))},
                      std::chrono::milliseconds{me.below(3)}),
              {ENOENT, EINVAL});
        return;
    case 1:
        allow(dev.wait_any(both, limit), {ENOENT, EINVAL, ETIMEDOUT, EINTR});
        return;
    case 2:
        allow(dev.op(handle, NTSHIM_OP_EVENT_SET), {ENOENT, EINVAL});
        return;
    case 3:
        allow(dev.op(handle, NTSHIM_OP_DPC_INSERT), {ENOENT, EINVAL});
        return;
    case 4:
        allow(dev.op(handle, NTSHIM_OP_CANCEL), {ENOENT, EINVAL});
        return;
    default:
        allow(dev.query(handle), {ENOENT});
    }
}

/// Handles that all workers create, use and delete.
using board = shared_array<std::atomic<std::uint32_t>>;

void delete_and_use(const ntshim::device& dev, worker& me, board& slots) {
    auto& slot = slots[me.below(slots.size())];
    if (!me.chance(30)) {
        use_something(dev, me, slot);
        return;
    }
    const auto old = slot.exchange(create_something(dev, me));
    me.mine.sets++;
    // Two workers never take the same handle out of a slot.
    if (old && dev.op(old, NTSHIM_OP_DELETE).value() == 0)
        me.mine.cancelled++;
}

/// How many objects a file may have beside these.
std::uint64_t spare_objects(const ntshim::device& dev, unsigned others) {
    const std::uint64_t most = dev.info().value().max_objects;
    return most > others ? most - others : 0;
}

} // namespace

tally delete_under_fire(const plan& how) {
    const auto observer = ntshim::device::open().value();
    const auto before = observer.info().value();
    tally sum{};
    {
        const auto dev = ntshim::device::open().value();
        static_cast<void>(dev.make_ring(64).value());
        // Each worker has one more while it replaces another.
        board slots{timers_within(how, spare_objects(dev, how.workers))};
        sum = run_crew(how, [&](worker& me) {
            while (me.go_on())
                delete_and_use(dev, me, slots);
        });
        require_equal("handles left", sum.sets - sum.cancelled, dev.info().value().file_objects);
    }
    expect_left(how, observer, before);
    return sum;
}

namespace {

/// Objects that start_everything() makes.
constexpr unsigned nr_started = 21;

/// Everything that can be in flight, from one thread.
void start_everything(const ntshim::device& dev, worker& me, ntshim::uring* ring) {
    std::vector<std::uint32_t> handles;
    for (unsigned i = 0; i < nr_started - 1; i++) {
        handles.push_back(create_something(dev, me));
        use_something(dev, me, handles.back());
    }
    if (!ring)
        return;
    const auto event = dev.event().value();
    ntshim_wait wait{};
    wait.handles = reinterpret_cast<std::uintptr_t>(&event);
    wait.count = 1;
    ntshim_async async{reinterpret_cast<std::uintptr_t>(&wait), 0, 0};
    for (std::uint64_t i = 0; i < 10; i++)
        ring->prepare(dev, NTSHIM_URING_WAIT, async, i);
    ring->submit();
}

bool has_uring(const ntshim::device& dev) {
    return dev.info().value().features & NTSHIM_FEATURE_URING;
}

} // namespace

tally close_under_fire(const plan& how) {
    const auto observer = ntshim::device::open().value();
    const auto before = observer.info().value();
    const bool with_ring = has_uring(observer);
    const tally sum = run_crew(how, [&](worker& me) {
        while (me.go_on()) {
            std::optional<ntshim::uring> ring;
            if (with_ring && me.chance(50))
                ring.emplace(32);
            const auto dev = ntshim::device::open().value();
            start_everything(dev, me, ring ? &*ring : nullptr);
        }
    });
    expect_left(how, observer, before);
    return sum;
}

namespace {

/// Never returns: it will be killed.
[[noreturn]] void be_busy(const plan& how, worker& me, const ntshim::device& shared) {
    std::optional<ntshim::uring> ring;
    if (has_uring(shared))
        ring.emplace(64);
    const auto bursts =
        std::min(1 + how.timers / 16, shared.info().value().max_objects / nr_started);
    for (;;) {
        const auto own = ntshim::device::open().value();
        for (unsigned i = 0; i < bursts; i++)
            start_everything(own, me, ring ? &*ring : nullptr);
        use_something(shared, me, 1);
        allow(own.wait_one(own.event().value(), -2ms), {ETIMEDOUT, EINTR});
    }
}

void kill_one(const plan& how, worker& me, const ntshim::device& shared) {
    const pid_t child = fork();
    if (child < 0)
        throw std::system_error{errno, std::generic_category(), "fork"};
    if (child == 0)
        be_busy(how, me, shared);
    std::this_thread::sleep_for(std::chrono::microseconds{me.below(30'000)});
    kill(child, SIGKILL);
    int status = 0;
    if (waitpid(child, &status, 0) != child)
        throw std::system_error{errno, std::generic_category(), "waitpid"};
    require_equal("signal that ended the child", SIGKILL,
                  static_cast<std::uint64_t>(WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

void kill_round(const plan& how, worker& me) {
    const auto observer = ntshim::device::open().value();
    const auto shared = ntshim::device::open().value();
    static_cast<void>(shared.event().value());
    kill_one(how, me, shared);
    if (how.alone)
        expect_only(observer, 2, 1);
}

/// The last user of a file may still be on its way out of the module.
void unload_device() {
    const auto until = clock::now() + patience;
    while (syscall(SYS_delete_module, "ntshim_dev", O_NONBLOCK)) {
        if (errno != EWOULDBLOCK || clock::now() >= until)
            throw std::system_error{errno, std::generic_category(), "delete_module"};
        sched_yield();
    }
}

void load_device(const std::string& path) {
    const ntshim::unique_fd module{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (syscall(SYS_finit_module, module.get(), "", 0))
        throw std::system_error{errno, std::generic_category(), path};
}

} // namespace

tally kill_rounds(const plan& how) {
    plan one = how;
    one.workers = 1;
    one.threads = false;
    return run_crew(one, [&](worker& me) {
        while (me.go_on()) {
            kill_round(how, me);
            if (how.reload.empty())
                continue;
            unload_device();
            load_device(how.reload);
        }
    });
}

tally unload_attempts(const plan& how) {
    const auto dev = ntshim::device::open().value();
    const auto timer = dev.timer().value();
    return run_crew(how, [&](worker& me) {
        while (me.go_on()) {
            for (const char* module : {"ntshim_dev", "ntshim"}) {
                const long result = syscall(SYS_delete_module, module, O_NONBLOCK);
                require(result == -1 && errno == EWOULDBLOCK, "errno of an unload", EWOULDBLOCK,
                        result ? static_cast<std::uint64_t>(errno) : 0);
            }
            dev.set(timer, -units{100}).value();
            const auto own = ntshim::device::open().value();
        }
    });
}

} // namespace stress
