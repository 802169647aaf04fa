// SPDX-License-Identifier: GPL-2.0
// ntshim-stress: attacks /dev/ntshim from several processes and compares what
// they did with what the module counted.
#include "scenarios.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fmt/core.h>
#include <random>
#include <string>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace stress;

std::string kernel() {
    utsname names{};
    uname(&names);
    return names.release;
}

/// Whether totals were as they must be.
bool run(const scenario& s, const plan& how) {
    const auto start = clock::now();
    try {
        const tally sum = s.run(how);
        const auto seconds = std::chrono::duration<double>(clock::now() - start).count();
        fmt::print("pass {} seed {} operations {} rate {:.0f}/s\n", s.name, how.seed,
                   sum.operations, static_cast<double>(sum.operations) / seconds);
        const auto dev = ntshim::device::open().value();
        expect_only(dev, 1, 0);
        return true;
    } catch (const std::exception& e) {
        fmt::print("fail {} seed {}: {}\n", s.name, how.seed, e.what());
        return false;
    }
}

std::vector<const scenario*> chosen(const std::vector<std::string>& names) {
    std::vector<const scenario*> result;
    for (const auto& s : scenarios)
        if (names.empty() || std::find(names.begin(), names.end(), s.name) != names.end())
            result.push_back(&s);
    return result;
}

std::string list_of_scenarios() {
    std::string text = "Scenarios:\n";
    for (const auto& s : scenarios)
        text += fmt::format("  {:12} {}\n", s.name, s.about);
    return text;
}

} // namespace

int main(int argc, char** argv) try {
    CLI::App app{"Stress for /dev/ntshim; nothing else may use the device meanwhile."};
    plan how;
    how.seed = std::random_device{}();
    how.progress = isatty(STDERR_FILENO);
    unsigned seconds = 5;
    std::vector<std::string> names;
    std::vector<std::string> known;
    for (const auto& s : scenarios)
        known.emplace_back(s.name);
    app.add_option("scenario", names, "which; all if none is named")->check(CLI::IsMember(known));
    app.add_option("--workers", how.workers, "processes or threads")->check(CLI::Range(2, 64));
    app.add_option("--timers", how.timers, "objects of a scenario")->check(CLI::Range(1, 100'000));
    app.add_option("--seconds", seconds, "length of each scenario");
    app.add_option("--count", how.rounds, "operations of each worker, instead of a time");
    app.add_option("--seed", how.seed, "of the random choices");
    app.add_flag("--threads", how.threads, "threads of one process");
    app.add_flag("--progress,!--no-progress", how.progress, "a bar; on a terminal by default");
    app.footer(list_of_scenarios());
    CLI11_PARSE(app, argc, argv);
    how.duration = std::chrono::seconds{how.rounds ? 86'400 : seconds};

    fmt::print("kernel {} seed {} workers {} {}\n", kernel(), how.seed, how.workers,
               how.threads ? "threads" : "processes");
    std::fflush(stdout);
    unsigned failed = 0;
    for (const scenario* s : chosen(names)) {
        failed += !run(*s, how);
        std::fflush(stdout);
    }
    return failed ? 1 : 0;
} catch (const std::exception& e) {
    std::fputs(e.what(), stderr);
    return 1;
} catch (...) {
    return 1;
}
