// A large fleet in PostgreSQL: how long a look takes, how many jobs a second any number of nodes claim, what a year of
// history costs. bench/scale starts a server and calls it; it prints a page in Markdown.
//
//   catalogue_scale URL COMPANIES YEARS JOBS    URL: an empty database; JOBS: of history

#include <fmt/format.h>
#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "planner/fleet.h"
#include "service/scheduler.h"

namespace cofre {
namespace {

using namespace std::chrono_literals;
using catalogue::Catalogue;

constexpr int kServers = 500;
constexpr int kThisYear = 2026;
const TimePoint kNow = ParseTime("2026-11-24T10:30:30Z").value();

double SecondsSince(Duration begin) { return std::chrono::duration<double>(SystemClock().Monotonic() - begin).count(); }

// Fills tables by COPY, which has no place in the product.
class Filler {
 public:
  explicit Filler(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) Fail("cannot connect");
  }

  std::string Ask(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN) Fail(sql.c_str());
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

  // `row(i)` is a line, its columns with tabs between.
  template <typename Row>
  void Copy(const std::string& into, uint64_t rows, const Row& row) {
    Ask("COPY " + into + " FROM STDIN");
    std::string text;
    for (uint64_t i = 0; i < rows; ++i) {
      text += row(i);
      text += '\n';
      if (text.size() > 1 << 20 || i + 1 == rows) {
        if (PQputCopyData(connection_.get(), text.data(), static_cast<int>(text.size())) != 1) Fail("COPY");
        text.clear();
      }
    }
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) Fail("COPY");
    while (PGresult* result = PQgetResult(connection_.get())) {
      if (PQresultStatus(result) != PGRES_COMMAND_OK) Fail("COPY");
      PQclear(result);
    }
  }

 private:
  [[noreturn]] void Fail(const char* what) {
    fmt::print(stderr, "{}: {}", what, PQerrorMessage(connection_.get()));
    std::exit(1);
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

struct Sizes {
  uint64_t companies = 0;
  uint64_t years = 0;
  uint64_t jobs = 0;
};

std::string CompanyId(uint64_t i) { return std::to_string(100'000'000 + i); }
std::string ServerName(uint64_t i) { return fmt::format("srv{:03}", i % kServers); }

// As service/fleet_mirror.cc has it: a look finds no change of the operator's.
int64_t Fingerprint(uint64_t company, const std::string& path) {
  return static_cast<int64_t>(planner::KeyOf(
      fmt::format("{}\n{}\n\n0\n\n\n{}\n{}\n{}\n", ServerName(company), "firebird", true, 1 << 30, path)));
}

// Every company was backed up in the last 24 hours, at its minute; closed years in the last 30 days.
TimePoint NewestOf(uint64_t company, int year) {
  if (year == kThisYear) return kNow - 1min * static_cast<int64_t>(company % 1440);
  return kNow - 1h * static_cast<int64_t>((company * 7 + static_cast<uint64_t>(year)) % (24 * 29));
}
int64_t Number(TimePoint time) { return time.time_since_epoch().count(); }

// The local minute in Bogota at which a company was backed up.
int MinuteOf(uint64_t company) {
  const auto at = NewestOf(company, kThisYear) - 5h;
  return static_cast<int>((at - std::chrono::floor<std::chrono::days>(at)) / 1min);
}

void Fill(Filler& filler, const Sizes& sizes) {
  const auto path = [](uint64_t company, int year) {
    return fmt::format("/datos/{}/{}.fdb", CompanyId(company), year);
  };
  const auto split = [&](uint64_t i) {
    return std::pair(i / sizes.years, kThisYear - static_cast<int>(i % sizes.years));
  };
  filler.Copy("servers", kServers, [](uint64_t i) { return fmt::format("{}\tfirebird\t\t0\t\t\t4", ServerName(i)); });
  filler.Copy("companies", sizes.companies, [](uint64_t i) {
    return fmt::format("{}\tEmpresa {}\t{}\t1\t{}\t{}\tAmerica/Bogota\t{}/{}", CompanyId(i), i, ServerName(i),
                       MinuteOf(i), 1 << 30, ServerName(i), CompanyId(i));
  });
  filler.Copy("databases (company, fiscal_year, path, command, average_blob_bytes)", sizes.companies * sizes.years,
              [&](uint64_t i) {
                const auto [company, year] = split(i);
                return fmt::format("{}\t{}\t{}\t\t32768", CompanyId(company), year, path(company, year));
              });
  filler.Copy(
      "database_states (company, fiscal_year, known_since_ns, fingerprint, outcome, attempt, started_ns, ended_ns, "
      "scheduled_day)",
      sizes.companies * sizes.years, [&](uint64_t i) {
        const auto [company, year] = split(i);
        const TimePoint newest = NewestOf(company, year);
        const auto day = std::chrono::floor<std::chrono::days>(newest - 5h).time_since_epoch().count();
        return fmt::format("{}\t{}\t{}\t{}\tdone\t1\t{}\t{}\t{}", CompanyId(company), year, Number(kNow - 2400h),
                           Fingerprint(company, path(company, year)), Number(newest), Number(newest), day);
      });
  filler.Copy(
      "backups (snapshot_id, company, fiscal_year, time_ns, path, dump_bytes, new_bytes, stored_bytes, elapsed_ns, "
      "complete_at_ns)",
      sizes.companies * sizes.years, [&](uint64_t i) {
        const auto [company, year] = split(i);
        const TimePoint newest = NewestOf(company, year);
        return fmt::format("{:064x}\t{}\t{}\t{}\t/{}/{}.fbk\t40000000\t400000\t120000\t900000000\t{}", i,
                           CompanyId(company), year, Number(newest), CompanyId(company), year, Number(newest));
      });
  // The newest are 30 days old, the oldest a year more.
  filler.Copy(
      "jobs (id, kind, state, reason, company, fiscal_year, queued_ns, started_ns, ended_ns, error_kind, message, "
      "bytes, "
      "stored_bytes, owner)",
      sizes.jobs, [&](uint64_t i) {
        const TimePoint ended =
            kNow - 720h - 365 * 24h + (365 * 24h) / static_cast<int64_t>(sizes.jobs) * static_cast<int64_t>(i);
        return fmt::format("{}\tbackup\tdone\tscheduled\t{}\t{}\t{}\t{}\t{}\t\t\t40000000\t120000\tnode/1", i + 1,
                           CompanyId(i % sizes.companies), kThisYear, Number(ended), Number(ended), Number(ended));
      });
  filler.Ask(fmt::format("UPDATE counters SET value = {} WHERE name = 'jobs'", sizes.jobs));
  filler.Ask("ANALYZE");
}

double PeakMebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

double LookSeconds(Catalogue& catalogue, const service::Config& config, service::FleetMirror& mirror, TimePoint now,
                   size_t* queued = nullptr) {
  const Duration begin = SystemClock().Monotonic();
  const service::Look look = service::LookAround(catalogue, config, mirror, now);
  if (queued != nullptr) *queued = look.queued;
  return SecondsSince(begin);
}

void MeasureLooks(const std::string& url, const Sizes& sizes) {
  const auto catalogue = Catalogue::Open(url);
  service::Config config;
  config.time_zone = "America/Bogota";
  config.service.keep_history = std::chrono::hours(24) * 3650;
  service::FleetMirror mirror;
  fmt::print("| a look | seconds |\n| --- | --- |\n");
  fmt::print("| the first, which reads everything | {:.2f} |\n", LookSeconds(*catalogue, config, mirror, kNow));
  fmt::print("| nothing has changed | {:.2f} |\n", LookSeconds(*catalogue, config, mirror, kNow + 1s));
  for (uint64_t i = 0; i < 100; ++i) {
    catalogue->UpdateDatabase(
        {.company = CompanyId(i), .fiscal_year = kThisYear, .path = fmt::format("/otra/{}.fdb", i)});
  }
  fmt::print("| the operator changed 100 databases | {:.2f} |\n", LookSeconds(*catalogue, config, mirror, kNow + 2s));
  size_t queued = 0;
  const double due = LookSeconds(*catalogue, config, mirror, kNow + 1h, &queued);
  fmt::print(
      "| an hour later, {} backups of current years are due; {} of them and of closed years are queued | {:.2f} |\n\n",
      sizes.companies / 24, queued, due);
  fmt::print("Peak memory of the process: {:.0f} MiB, most of it while everything is read.\n\n", PeakMebibytes());
}

// Jobs claimed and ended by so many nodes at once, in a second.
double ClaimsPerSecond(const std::string& url, const Sizes& sizes, int nodes, uint64_t first) {
  constexpr uint64_t kJobs = 1000;
  {
    const auto catalogue = Catalogue::Open(url);
    for (uint64_t i = 0; i < kJobs; ++i) {
      catalogue->EnqueueJob(
          {.company = CompanyId((first + i) % sizes.companies), .fiscal_year = kThisYear, .queued = kNow});
    }
  }
  std::vector<std::unique_ptr<Catalogue>> connections;
  for (int i = 0; i < nodes; ++i) connections.push_back(Catalogue::Open(url));
  std::atomic<uint64_t> done = 0;
  const Duration begin = SystemClock().Monotonic();
  std::vector<std::jthread> threads;
  for (int i = 0; i < nodes; ++i) {
    threads.emplace_back([&, i] {
      const catalogue::ClaimRequest request{
          .owner = "node/" + std::to_string(i), .now = kNow + 2h, .lease_until = kNow + 3h};
      while (const auto job = connections[static_cast<size_t>(i)]->ClaimJob(request)) {
        connections[static_cast<size_t>(i)]->FinishJob(job->id, {.ended = kNow + 2h}, job->token);
        ++done;
      }
    });
  }
  threads.clear();
  return static_cast<double>(done) / SecondsSince(begin);
}

void MeasureClaims(const std::string& url, const Sizes& sizes) {
  fmt::print("| nodes | jobs claimed and ended in a second |\n| --- | --- |\n");
  uint64_t first = 1000;
  for (const int nodes : {1, 2, 4, 8}) {
    fmt::print("| {} | {:.0f} |\n", nodes, ClaimsPerSecond(url, sizes, nodes, first));
    first += 10'000;
  }
  fmt::print("\n");
}

void MeasureHistory(const std::string& url, Filler& filler, const Sizes& sizes) {
  fmt::print("Size of the catalogue: {}; of its jobs ({} rows) {}, a year of one backup a day of {} companies.\n\n",
             filler.Ask("SELECT pg_size_pretty(pg_database_size(current_database()))"), sizes.jobs,
             filler.Ask("SELECT pg_size_pretty(pg_total_relation_size('jobs'))"), sizes.jobs / 365);
  const auto catalogue = Catalogue::Open(url);
  const Duration begin = SystemClock().Monotonic();
  uint64_t removed = 0;
  double longest = 0;
  while (true) {
    const Duration call = SystemClock().Monotonic();
    const size_t now = catalogue->RemoveJobsEndedBefore(kNow - 720h, 1000);
    removed += now;
    longest = std::max(longest, SecondsSince(call));
    if (now < 1000 || SecondsSince(begin) > 60) break;
  }
  fmt::print("History pruned: {} jobs in {:.1f} s, 1,000 a call, the longest call {:.2f} s.\n", removed,
             SecondsSince(begin), longest);
}

int Main(int count, char** arguments) {
  if (count != 5) {
    fmt::print(stderr, "usage: catalogue_scale URL COMPANIES YEARS JOBS\n");
    return 2;
  }
  SetLogLevel(LogLevel::kError);
  const std::string url = arguments[1];
  const Sizes sizes{std::stoull(arguments[2]), std::stoull(arguments[3]), std::stoull(arguments[4])};
  Catalogue::OpenOrCreate(url);
  Filler filler(url);
  Fill(filler, sizes);
  fmt::print("## A catalogue of {} companies and {} databases in PostgreSQL\n\n", sizes.companies,
             sizes.companies * sizes.years);
  MeasureLooks(url, sizes);
  MeasureClaims(url, sizes);
  MeasureHistory(url, filler, sizes);
  return 0;
}

}  // namespace
}  // namespace cofre

int main(int count, char** arguments) {
  try {
    return cofre::Main(count, arguments);
  } catch (const cofre::Error& error) {
    fmt::print(stderr, "catalogue_scale: {}\n", error.what());
    return 1;
  }
}
