// SPDX-License-Identifier: GPL-2.0
// ntshim-fuzz: random programs of calls against /dev/ntshim, bred by the places
// of the kernel that they reach. What is wrong shows in the kernel's log, or in
// something that is left after a program's file was closed.
#include "coverage.hpp"
#include "program.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <sys/utsname.h>
#include <unordered_set>
#include <vector>

namespace {

using namespace fuzz;
namespace fs = std::filesystem;
using clock_type = std::chrono::steady_clock;

/// Programs are kept as text: two hexadecimal digits a byte.
program load(const fs::path& path) {
    std::ifstream in{path};
    program bytes;
    std::string word;
    while (in >> word)
        for (std::size_t i = 0; i + 1 < word.size(); i += 2)
            bytes.push_back(static_cast<std::uint8_t>(std::stoul(word.substr(i, 2), nullptr, 16)));
    return bytes;
}

std::string text_of(const program& bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i++)
        text += fmt::format("{:02x}{}", bytes[i], i % 32 == 31 ? "\n" : "");
    return text + "\n";
}

void save(const fs::path& directory, const program& bytes) {
    const auto text = text_of(bytes);
    const auto name = fmt::format("{:016x}", std::hash<std::string>{}(text));
    std::ofstream{directory / name} << text;
}

std::vector<program> load_all(const std::vector<std::string>& directories) {
    std::vector<program> all;
    for (const auto& directory : directories)
        for (const auto& entry : fs::directory_iterator{directory})
            if (entry.is_regular_file())
                all.push_back(load(entry.path()));
    return all;
}

class breeder {
public:
    breeder(std::vector<program> seeds, std::uint64_t seed)
        : corpus_{std::move(seeds)}, random_{seed} {}

    program next() {
        if (corpus_.empty() || below(10) == 0)
            return fresh();
        program child = corpus_[below(corpus_.size())];
        for (auto changes = 1 + below(4); changes; changes--)
            mutate(child);
        return child;
    }
    void keep(program good) { corpus_.push_back(std::move(good)); }
    [[nodiscard]] const std::vector<program>& corpus() const { return corpus_; }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }

    program fresh() {
        program bytes(16 + below(400));
        std::generate(bytes.begin(), bytes.end(),
                      [this] { return static_cast<std::uint8_t>(below(256)); });
        return bytes;
    }
    void mutate(program& bytes) {
        if (bytes.empty())
            bytes = fresh();
        const auto at = static_cast<std::ptrdiff_t>(below(bytes.size()));
        switch (below(4)) {
        case 0:
            bytes[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(below(256));
            return;
        case 1:
            bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(below(256)));
            return;
        case 2:
            bytes.erase(bytes.begin() + at);
            return;
        default: { // the tail of another
            const program& other = corpus_[below(corpus_.size())];
            bytes.resize(static_cast<std::size_t>(at));
            bytes.insert(bytes.end(),
                         other.begin() + static_cast<std::ptrdiff_t>(below(other.size() + 1)),
                         other.end());
        }
        }
    }

    std::vector<program> corpus_;
    std::mt19937_64 random_;
};

bool is_nothing_left(const ntshim::device& observer) {
    const auto info = observer.info().value();
    return info.files == 1 && !info.objects && !info.waiters && !info.async_waits;
}

/// Nothing may be left of programs. Requests of a ring end soon, not at once.
void require_nothing_left(const ntshim::device& observer, const std::vector<program>& ran) {
    const auto until = clock_type::now() + std::chrono::minutes{10};
    while (!is_nothing_left(observer)) {
        if (clock_type::now() >= until) {
            std::string texts;
            for (const auto& bytes : ran)
                texts += text_of(bytes) + "\n";
            throw std::runtime_error{"something is left after one of these programs\n" + texts};
        }
        sched_yield();
    }
}

/// What --replay does: returns how many calls the program made.
unsigned run_once(const program& bytes) {
    const auto observer = ntshim::device::open().value();
    const auto calls = run(bytes);
    require_nothing_left(observer, {bytes});
    return calls;
}

/// Without the part of the program that begins there.
program without(const program& bytes, std::size_t at, std::size_t part) {
    program shorter = bytes;
    const auto from = shorter.begin() + static_cast<std::ptrdiff_t>(at);
    shorter.erase(from, from + static_cast<std::ptrdiff_t>(part));
    return shorter;
}

using places = std::unordered_set<std::uint64_t>;

places reached_by(const program& bytes) {
    coverage c;
    c.measure([&] { run(bytes); });
    return c.places();
}

/// What it reaches each time: the first run also goes where nobody goes twice.
places always_reached_by(const program& bytes) {
    reached_by(bytes);
    places always = reached_by(bytes);
    for (int again = 0; again < 3; again++)
        std::erase_if(always,
                      [now = reached_by(bytes)](auto place) { return !now.contains(place); });
    return always;
}

/// The shortest program that still reaches all of it, by leaving out parts,
/// first large and then small ones; the shortest so far when the time is over.
program minimise(const program& bytes, std::chrono::seconds duration) {
    if (!coverage{}.available())
        throw std::runtime_error{"what is reached cannot be told without KCOV"};
    const auto until = clock_type::now() + duration;
    const auto wanted = always_reached_by(bytes);
    const auto is_enough = [&](const program& shorter) {
        const auto found = reached_by(shorter);
        return std::ranges::all_of(wanted, [&](auto place) { return found.contains(place); });
    };
    program best = bytes;
    for (std::size_t part = best.size() / 2; part; part /= 2)
        for (std::size_t at = 0; at + part <= best.size();) {
            if (clock_type::now() >= until)
                return best;
            program shorter = without(best, at, part);
            if (is_enough(shorter))
                best = std::move(shorter);
            else
                at += part;
        }
    return best;
}

/// What was done, in words; throws when something is left of a program.
std::string fuzz_for(std::chrono::seconds duration, breeder& breed, const std::string& save_to) {
    const auto observer = ntshim::device::open().value();
    const auto until = clock_type::now() + duration;
    const auto seeds = breed.corpus();
    coverage reached;
    std::uint64_t programs = 0, calls = 0;
    std::vector<program> unjudged;
    const auto try_one = [&](const program& bytes) {
        // Should the kernel not survive it.
        if (!save_to.empty())
            std::ofstream{fs::path{save_to} / "last"} << text_of(bytes);
        const auto found = reached.measure([&] { calls += run(bytes); });
        programs++;
        unjudged.push_back(bytes);
        if (unjudged.size() == 64) {
            require_nothing_left(observer, unjudged);
            unjudged.clear();
        }
        return found;
    };

    for (const auto& seed : seeds)
        try_one(seed);
    const auto from_seeds = reached.total();
    while (clock_type::now() < until) {
        program bytes = breed.next();
        if (try_one(bytes) == 0)
            continue;
        if (!save_to.empty())
            save(save_to, bytes);
        breed.keep(std::move(bytes));
    }
    require_nothing_left(observer, unjudged);
    if (!save_to.empty())
        fs::remove(fs::path{save_to} / "last");
    return fmt::format("programs {} calls {} corpus {} places {} of them by the seeds {}", programs,
                       calls, breed.corpus().size(), reached.total(), from_seeds);
}

} // namespace

int main(int argc, char** argv) try {
    CLI::App app{"Fuzzer for /dev/ntshim; nothing else may use the device meanwhile."};
    unsigned seconds = 10;
    std::uint64_t seed = std::random_device{}();
    std::vector<std::string> corpora;
    std::string save_to, replay, shorten;
    app.add_option("--seconds", seconds, "how long; of --minimise: at most");
    app.add_option("--seed", seed, "of the random choices");
    app.add_option("--corpus", corpora, "directories with programs to begin with")
        ->check(CLI::ExistingDirectory);
    app.add_option("--save", save_to, "directory for programs that reach something new")
        ->check(CLI::ExistingDirectory);
    app.add_option("--replay", replay, "run this program once")->check(CLI::ExistingFile);
    app.add_option("--minimise", shorten, "print the shortest program that reaches as much")
        ->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);

    try {
        if (!replay.empty()) {
            fmt::print("{} calls\n", run_once(load(replay)));
            return 0;
        }
        if (!shorten.empty()) {
            fmt::print("{}", text_of(minimise(load(shorten), std::chrono::seconds{seconds})));
            return 0;
        }
        utsname names{};
        uname(&names);
        fmt::print("kernel {} seed {} coverage {}\n", names.release, seed,
                   coverage{}.available() ? "yes" : "no");
        std::fflush(stdout);
        breeder breed{load_all(corpora), seed};
        fmt::print("pass fuzz seed {} seconds {} {}\n", seed, seconds,
                   fuzz_for(std::chrono::seconds{seconds}, breed, save_to));
        return 0;
    } catch (const std::exception& e) {
        fmt::print("fail fuzz seed {}: {}\n", seed, e.what());
        return 1;
    }
} catch (const std::exception& e) {
    std::fputs(e.what(), stderr);
    return 1;
} catch (...) {
    return 1;
}
