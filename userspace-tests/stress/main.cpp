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
template <class Work> bool report(const char* name, const plan& how, Work&& work) {
    const auto start = clock::now();
    try {
        const tally sum = work();
        const auto dev = ntshim::device::open().value();
        expect_only(dev, 1, 0);
        const auto seconds = std::chrono::duration<double>(clock::now() - start).count();
        fmt::print("pass {} seed {} seconds {:.0f} operations {} rate {:.0f}/s\n", name, how.seed,
                   seconds, sum.operations, static_cast<double>(sum.operations) / seconds);
        std::fflush(stdout);
        return true;
    } catch (const std::exception& e) {
        fmt::print("fail {} seed {}: {}\n", name, how.seed, e.what());
        std::fflush(stdout);
        return false;
    }
}

bool run_together(const plan& how, std::chrono::seconds slice,
                  const std::vector<const scenario*>& chosen) {
    std::string lines;
    const bool good = report("mixed", how, [&] { return run_mixed(how, slice, chosen, lines); });
    fmt::print("{}", lines);
    return good;
}

unsigned run_in_turn(const plan& how, const std::vector<const scenario*>& chosen) {
    unsigned failed = 0;
    for (const scenario* s : chosen)
        failed += !report(s->name, how, [&] { return s->run(how); });
    return failed;
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
    unsigned slice = 20;
    bool mixed = false;
    std::vector<std::string> names;
    std::vector<std::string> known;
    for (const auto& s : scenarios)
        known.emplace_back(s.name);
    app.add_option("scenario", names, "which; all if none is named")->check(CLI::IsMember(known));
    app.add_option("--workers", how.workers, "processes or threads")->check(CLI::Range(2, 64));
    app.add_option("--timers", how.timers,
                   "objects of a scenario, of mass-expiry those of each worker; fewer where the "
                   "device does not allow them")
        ->check(CLI::Range(1, 100'000));
    app.add_option("--seconds", seconds, "length of each scenario")
        ->check(CLI::Range(1, 1'000'000));
    auto* const count =
        app.add_option("--count", how.rounds, "operations of each worker, instead of a time");
    app.add_option("--rate", how.rate, "operations per second of each worker, at most")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--seed", how.seed, "of the random choices");
    app.add_flag("--threads", how.threads, "threads of one process");
    app.add_flag("--mixed", mixed, "all scenarios at once; --seconds is for the whole")
        ->excludes(count);
    app.add_option("--slice", slice, "seconds after which --mixed starts anew")
        ->check(CLI::Range(1, 3600));
    app.add_option("--reload", how.reload, "unload the module after each kill, load this file")
        ->check(CLI::ExistingFile);
    app.add_flag("--progress,!--no-progress", how.progress, "a bar; on a terminal by default");
    app.footer(list_of_scenarios());
    CLI11_PARSE(app, argc, argv);
    how.duration = std::chrono::seconds{how.rounds ? 86'400 : seconds};

    fmt::print("kernel {} seed {} workers {} {}\n", kernel(), how.seed, how.workers,
               how.threads ? "threads" : "processes");
    std::fflush(stdout);
    if (mixed)
        return run_together(how, std::chrono::seconds{slice}, chosen(names)) ? 0 : 1;
    return run_in_turn(how, chosen(names)) ? 1 : 0;
} catch (const std::exception& e) {
    std::fputs(e.what(), stderr);
    return 1;
} catch (...) {
    return 1;
}
