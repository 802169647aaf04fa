// SPDX-License-Identifier: GPL-2.0
// ntshim-latency: how late timers and events of /dev/ntshim are, as
// distributions, beside timerfd and /dev/ntsync in the same run.
#include "series.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fmt/core.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/utsname.h>
#include <thread>

namespace {

using namespace bench;

void print_table(const std::vector<series>& all) {
    fmt::print("{:28} {:>9} {:>9}", "ns", "count", "min");
    for (const double p : quoted_percentiles)
        fmt::print(" {:>9}", fmt::format("p{}", p));
    fmt::print(" {:>9}\n", "max");
    for (const auto& s : all) {
        fmt::print("{:28} {:>9} {:>9}", s.name, s.samples.count(), s.samples.min());
        for (const double p : quoted_percentiles)
            fmt::print(" {:>9}", s.samples.percentile(p));
        fmt::print(" {:>9}\n", s.samples.max());
    }
}

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using file = std::unique_ptr<std::FILE, closer>;

file create(const std::string& path) {
    file out{std::fopen(path.c_str(), "w")};
    if (!out)
        throw std::runtime_error{fmt::format("cannot write {}", path)};
    return out;
}

std::string json_of(const series& s) {
    std::string text = fmt::format(R"({{"name": "{}", "count": {}, "min": {}, "mean": {:.0f})",
                                   s.name, s.samples.count(), s.samples.min(), s.samples.mean());
    for (const double p : quoted_percentiles)
        text += fmt::format(R"(, "p{}": {})", p, s.samples.percentile(p));
    return text + fmt::format(R"(, "max": {}}})", s.samples.max());
}

void write_json(const std::string& path, const std::vector<series>& all) {
    utsname names{};
    uname(&names);
    const auto out = create(path);
    fmt::print(out.get(),
               "{{\"kernel\": \"{}\", \"machine\": \"{}\", \"cpus\": {}, \"unit\": \"ns\",\n"
               " \"series\": [",
               names.release, names.machine, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < all.size(); i++)
        fmt::print(out.get(), "{}\n  {}", i ? "," : "", json_of(all[i]));
    fmt::print(out.get(), "\n ]}}\n");
}

/// A gnuplot script that holds its data: latency over the share of samples that
/// are later, both logarithmic, so that the tail is seen.
void write_plot(const std::string& path, const std::vector<series>& all) {
    const auto out = create(path);
    fmt::print(out.get(), "# gnuplot THIS-FILE >latency.svg\n"
                          "set terminal svg size 900,500 background 'white'\n"
                          "set logscale xy\nset grid\nset key outside\n"
                          "set xlabel 'share of samples that are later'\n"
                          "set ylabel 'ns'\nset xrange [1:0.0001]\n");
    for (std::size_t i = 0; i < all.size(); i++) {
        fmt::print(out.get(), "$s{} << EOD\n", i);
        for (int step = 0; step <= 50; step++) {
            const double later = std::pow(1.2, -step);
            fmt::print(out.get(), "{} {}\n", later, all[i].samples.percentile((1 - later) * 100));
        }
        fmt::print(out.get(), "EOD\n");
    }
    fmt::print(out.get(), "plot ");
    for (std::size_t i = 0; i < all.size(); i++)
        fmt::print(out.get(), "{}$s{} using 1:2 with lines title '{}'", i ? ", " : "", i,
                   all[i].name);
    fmt::print(out.get(), "\n");
}

} // namespace

int main(int argc, char** argv) try {
    CLI::App app{"Latency of /dev/ntshim beside timerfd and /dev/ntsync."};
    unsigned count = 10'000;
    unsigned due_us = 500;
    std::string json, plot;
    app.add_option("--count", count, "samples of each series")->check(CLI::Range(1, 100'000'000));
    app.add_option("--due-us", due_us, "how far ahead timers are set")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--json", json, "write the distributions here");
    app.add_option("--plot", plot, "write a gnuplot script here");
    CLI11_PARSE(app, argc, argv);

    try {
        auto all = measure_timers(count, std::chrono::microseconds{due_us});
        all.push_back(measure_timerfd(count, std::chrono::microseconds{due_us}));
        all.push_back(measure_events(count));
        all.push_back(measure_ntsync(count));
        std::erase_if(all, [](const series& s) { return !s.samples.count(); });
        print_table(all);
        if (!json.empty())
            write_json(json, all);
        if (!plot.empty())
            write_plot(plot, all);
    } catch (const std::exception& e) {
        fmt::print(stderr, "ntshim-latency: {}\n", e.what());
        return 1;
    }
    return 0;
} catch (const std::exception& e) {
    std::fputs(e.what(), stderr);
    return 1;
} catch (...) {
    return 1;
}
