// SPDX-License-Identifier: GPL-2.0
#include "series.hpp"

#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <functional>
#include <ntshim.hpp>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace bench {

namespace {

using namespace std::chrono_literals;
using ntshim::units;

constexpr unsigned warm_up = 50;

std::uint64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

/// From when it was due to what followed; 0 rather than ages if clocks disagree.
std::uint64_t since(std::uint64_t due_ns, std::uint64_t then_ns) {
    return then_ns > due_ns ? then_ns - due_ns : 0;
}

void check(bool good, const char* what) {
    if (!good)
        throw std::system_error{errno, std::generic_category(), what};
}

} // namespace

std::vector<series> measure_timers(unsigned count, std::chrono::microseconds due) {
    const auto dev = ntshim::device::open().value();
    auto records = dev.make_ring(16).value();
    const auto timer = dev.timer(NTSHIM_SYNCHRONIZATION, NTSHIM_CREATE_RECORDED).value();
    std::vector<series> result{
        {"ntshim, due to interrupt", {}}, {"ntshim, due to DPC", {}}, {"ntshim, due to wake", {}}};

    for (unsigned i = 0; i < count + warm_up; i++) {
        dev.set(timer, -std::chrono::duration_cast<units>(due)).value();
        dev.wait_one(timer).value();
        const auto woken = now_ns();
        std::optional<ntshim_record> record;
        while (!record)
            record = records.take();
        // 0: it is not known when it was due.
        if (i < warm_up || !record->due_ns)
            continue;
        result[0].samples.record(since(record->due_ns, record->queued_ns));
        result[1].samples.record(since(record->due_ns, record->ran_ns));
        result[2].samples.record(since(record->due_ns, woken));
    }
    return result;
}

series measure_timerfd(unsigned count, std::chrono::microseconds due) {
    const ntshim::unique_fd timer{timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
    check(timer.get() >= 0, "timerfd_create");
    series result{"timerfd, due to wake", {}};

    for (unsigned i = 0; i < count + warm_up; i++) {
        const auto at =
            now_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds{due}.count());
        itimerspec spec{};
        spec.it_value.tv_sec = static_cast<time_t>(at / 1'000'000'000);
        spec.it_value.tv_nsec = static_cast<long>(at % 1'000'000'000);
        check(timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0, "settime");
        std::uint64_t expiries = 0;
        check(read(timer.get(), &expiries, sizeof(expiries)) == sizeof(expiries), "read");
        if (i >= warm_up)
            result.samples.record(now_ns() - at);
    }
    return result;
}

namespace {

/// Far longer than an answer takes: its partner is gone.
constexpr auto patience = std::chrono::minutes{1};

/// A child that answers for ever, killed at the end; it leaves by an error alone.
class partner {
public:
    explicit partner(const std::function<void()>& answer) : pid_{fork()} {
        check(pid_ >= 0, "fork");
        if (pid_ == 0)
            answer_for_ever(answer);
    }
    partner(const partner&) = delete;
    partner& operator=(const partner&) = delete;
    ~partner() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

private:
    [[noreturn]] static void answer_for_ever(const std::function<void()>& answer) noexcept {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            answer();
    }

    pid_t pid_;
};

histogram half_round_trips(unsigned count, const std::function<void()>& trip) {
    histogram result;
    for (unsigned i = 0; i < count + warm_up; i++) {
        const auto start = now_ns();
        trip();
        if (i >= warm_up)
            result.record((now_ns() - start) / 2);
    }
    return result;
}

} // namespace

series measure_events(unsigned count) {
    const auto dev = ntshim::device::open().value();
    const auto ping = dev.event(NTSHIM_SYNCHRONIZATION).value();
    const auto pong = dev.event(NTSHIM_SYNCHRONIZATION).value();
    const partner other{[&] {
        dev.wait_one(ping).value();
        dev.op(pong, NTSHIM_OP_EVENT_SET).value();
    }};
    return {"ntshim event, set to wake", half_round_trips(count, [&] {
                dev.op(ping, NTSHIM_OP_EVENT_SET).value();
                dev.wait_one(pong, -patience).value();
            })};
}

namespace {

// What is used of /dev/ntsync, whose header is younger than Debian 12's.
struct sync_event_args {
    std::uint32_t manual;
    std::uint32_t signaled;
};
struct sync_wait_args {
    std::uint64_t timeout_ns;
    std::uint64_t objects;
    std::uint32_t count;
    std::uint32_t index;
    std::uint32_t flags;
    std::uint32_t owner;
    std::uint32_t alert;
    std::uint32_t pad;
};
constexpr auto sync_wait_any = _IOWR('N', 0x82, sync_wait_args);
constexpr auto sync_create_event = _IOW('N', 0x87, sync_event_args);
constexpr auto sync_event_set = _IOR('N', 0x88, std::uint32_t);

class sync_event {
public:
    explicit sync_event(int device) : device_{device} {
        sync_event_args args{};
        fd_ = ntshim::unique_fd{ioctl(device, sync_create_event, &args)};
        check(fd_.get() >= 0, "event of /dev/ntsync");
    }
    void set() const {
        std::uint32_t previous = 0;
        check(ioctl(fd_.get(), sync_event_set, &previous) == 0, "set of /dev/ntsync");
    }
    void wait(std::uint64_t until_ns = UINT64_MAX) const {
        const int object = fd_.get();
        sync_wait_args args{};
        args.timeout_ns = until_ns;
        args.objects = reinterpret_cast<std::uintptr_t>(&object);
        args.count = 1;
        args.owner = 1;
        check(ioctl(device_, sync_wait_any, &args) == 0, "wait of /dev/ntsync");
    }

private:
    int device_;
    ntshim::unique_fd fd_;
};

} // namespace

series measure_ntsync(unsigned count) {
    series result{"ntsync event, set to wake", {}};
    const ntshim::unique_fd device{open("/dev/ntsync", O_RDWR | O_CLOEXEC)};
    if (device.get() < 0)
        return result;
    const sync_event ping{device.get()};
    const sync_event pong{device.get()};
    const partner other{[&] {
        ping.wait();
        pong.set();
    }};
    result.samples = half_round_trips(count, [&] {
        ping.set();
        pong.wait(now_ns() + std::chrono::nanoseconds{patience}.count());
    });
    return result;
}

} // namespace bench
