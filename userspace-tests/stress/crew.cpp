// SPDX-License-Identifier: GPL-2.0
#include "crew.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/core.h>
#include <numeric>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace stress {

namespace {

struct board {
    std::atomic<unsigned> ready;
    std::atomic<bool> stop;
};

/// Returns whether the work went well.
bool try_work(const std::function<void(worker&)>& work, worker& me) {
    try {
        work(me);
        return true;
    } catch (const std::exception& e) {
        fmt::print(stderr, "\nworker {}: {}\n", me.index, e.what());
        return false;
    }
}

std::uint64_t operations_of(shared_array<tally>& tallies) {
    return std::accumulate(tallies.begin(), tallies.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const tally& t) { return sum + t.operations; });
}

void draw(const plan& how, clock::time_point start, std::uint64_t operations) {
    constexpr int width = 30;
    const auto passed = std::chrono::duration<double>(clock::now() - start).count();
    const auto whole = std::chrono::duration<double>(how.duration).count();
    const double share =
        how.rounds ? static_cast<double>(operations) / static_cast<double>(how.rounds * how.workers)
                   : passed / whole;
    const int full = std::min(width, static_cast<int>(share * width));
    fmt::print(stderr, "\r[{:<{}}] {:3.0f}% {:>12} operations {:>9.0f}/s", std::string(full, '#'),
               width, std::min(share, 1.0) * 100, operations,
               static_cast<double>(operations) / passed);
}

class process_crew {
public:
    void start(const std::function<bool()>& job) {
        const pid_t pid = fork();
        if (pid < 0)
            throw std::system_error{errno, std::generic_category(), "fork"};
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(job() ? 0 : 1);
        }
        pids_.push_back(pid);
    }
    /// Whether all have ended; remembers failures.
    bool ended() {
        std::erase_if(pids_, [this](pid_t pid) {
            int status = 0;
            const pid_t got = waitpid(pid, &status, WNOHANG);
            if (got == 0)
                return false;
            // What cannot be asked of a worker did not go well.
            failed_ |= got != pid || status != 0;
            return true;
        });
        return pids_.empty();
    }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    std::vector<pid_t> pids_;
    bool failed_ = false;
};

class thread_crew {
public:
    void start(const std::function<bool()>& job) {
        running_++;
        threads_.emplace_back([this, job] {
            if (!job())
                failed_ = true;
            running_--;
        });
    }
    bool ended() { return running_ == 0; }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    std::atomic<int> running_{0};
    std::atomic<bool> failed_{false};
    std::vector<std::jthread> threads_;
};

/// From the start signal to the end of the last worker, with a bar.
template <class Crew>
void supervise(Crew& crew, const plan& how, board& shared, shared_array<tally>& tallies) {
    while (shared.ready < how.workers && !crew.ended() && !crew.failed())
        std::this_thread::sleep_for(1ms);
    const auto start = clock::now();
    while (!crew.ended()) {
        if (crew.failed())
            shared.stop = true;
        std::this_thread::sleep_for(50ms);
        if (how.progress)
            draw(how, start, operations_of(tallies));
    }
    if (how.progress)
        fmt::print(stderr, "\n");
}

template <class Crew>
void run_as(const plan& how, const std::function<void(worker&)>& work, board& shared,
            shared_array<tally>& tallies) {
    Crew crew;
    std::fflush(nullptr);
    const auto job = [&](unsigned i) {
        shared.ready++;
        while (shared.ready < how.workers && !shared.stop)
            std::this_thread::yield();
        worker me{i, how, clock::now() + how.duration, tallies[i], shared.stop};
        return try_work(work, me);
    };
    try {
        for (unsigned i = 0; i < how.workers; i++)
            crew.start([&job, i] { return job(i); });
    } catch (...) {
        // Those that run wait for those that will not.
        shared.stop = true;
        throw;
    }
    supervise(crew, how, shared, tallies);
    if (crew.failed())
        throw std::runtime_error{"a worker failed"};
}

} // namespace

tally run_crew(const plan& how, const std::function<void(worker&)>& work) {
    shared_array<board> shared{1};
    shared_array<tally> tallies{how.workers};

    if (how.threads)
        run_as<thread_crew>(how, work, shared[0], tallies);
    else
        run_as<process_crew>(how, work, shared[0], tallies);
    tally sum{};
    for (const tally& t : tallies)
        sum += t;
    return sum;
}

tally& operator+=(tally& sum, const tally& t) {
    sum.operations += t.operations;
    sum.sets += t.sets;
    sum.rearmed += t.rearmed;
    sum.cancelled += t.cancelled;
    sum.waits += t.waits;
    sum.timeouts += t.timeouts;
    return sum;
}

unsigned timers_within(const plan& how, std::uint64_t limit) {
    require(limit > 0, "objects that there may be, at least", 1, limit);
    if (how.timers <= limit)
        return how.timers;
    if (how.alone)
        fmt::print("timers {} instead of {}: the limits of the device\n", limit, how.timers);
    return static_cast<unsigned>(limit);
}

void require(bool holds, const char* what, std::uint64_t expected, std::uint64_t found) {
    if (!holds)
        throw std::runtime_error{fmt::format("{}: expected {}, found {}", what, expected, found)};
}

} // namespace stress
