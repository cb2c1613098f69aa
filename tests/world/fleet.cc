#include "tests/world/fleet.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/world/dice.h"

namespace cofre::world {
namespace {

constexpr size_t kRecord = 512;  // bytes that change together

Nature DrawNature(Random& random) {
  const uint64_t dice = random.Below(100);
  if (dice < 92) return Nature::kHealthy;
  if (dice < 96) return Nature::kFlaky;
  return dice < 98 ? Nature::kBroken : Nature::kEndless;
}

// Half of it compresses, as rows do.
void FillRecord(MutableBytes record, uint64_t seed) {
  SeededRandom random(seed);
  const size_t half = record.size() / 2;
  random.Fill(record.first(half));
  std::fill(record.begin() + static_cast<ptrdiff_t>(half), record.end(), static_cast<uint8_t>(seed));
}

void FillRecord(Bytes& content, size_t at, uint64_t seed) {
  FillRecord(MutableBytes(content).subspan(at, std::min(kRecord, content.size() - at)), seed);
}

}  // namespace

Fleet::Fleet(uint64_t seed, size_t companies, int current_year) : seed_(seed), random_(Mix({seed, 1})) {
  const size_t servers = 2 + companies / 40;
  for (size_t i = 0; i < servers; ++i) {
    servers_.push_back({.name = fmt::format("srv{}", i + 1),
                        .host = fmt::format("db{}.example.com", i + 1),
                        .max_concurrent = 2 + static_cast<uint32_t>(random_.Below(3))});
  }
  for (size_t i = 0; i < companies; ++i) {
    const auto server = static_cast<uint32_t>(random_.Below(servers));
    Company company{.id = fmt::format("9{:08}", i + 1), .name = fmt::format("Empresa {}", i + 1)};
    company.server = servers_[server].name;
    company.repository = company.server + "/" + company.id;
    if (random_.Below(20) < (companies > 100 ? 3 : 8)) company.backup_time = std::chrono::minutes(random_.Below(1440));
    if (random_.Below(10) == 0) company.time_zone = random_.Below(2) == 0 ? "America/Santiago" : "Europe/Madrid";
    server_of_[company.id] = server;
    companies_.push_back(company);
    AddBase(company, current_year, Duration(0));
    for (uint64_t closed = random_.Below(5), year = 1; year <= closed; ++year) {
      AddBase(company, current_year - static_cast<int>(year), Duration(0));
    }
  }
}

void Fleet::AddBase(const Company& company, int year, Duration now) {
  Base base{.company = company.id, .fiscal_year = year, .server = server_of_.at(company.id)};
  base.nature = DrawNature(random_);
  base.nature_since = base.known_since = now;
  base.content.resize(5'000 + random_.Below(55'000));
  const uint64_t seed = Mix({seed_, std::stoull(company.id)});
  // A new year shares much with the one before.
  for (size_t at = 0; at < base.content.size(); at += kRecord) {
    FillRecord(base.content, at,
               at / kRecord % 4 == 0 ? Mix({seed, at, static_cast<uint64_t>(year)}) : Mix({seed, at}));
  }
  bases_.emplace(BaseKey(company.id, year), std::move(base));
}

void Fleet::Register(catalogue::Catalogue& catalogue) const {
  for (const Server& server : servers_) catalogue.AddServer(server);
  for (const Company& company : companies_) catalogue.AddCompany(company);
}

std::vector<sources::FoundDatabase> Fleet::List(uint32_t server) const {
  std::vector<sources::FoundDatabase> found;
  for (const auto& [key, base] : bases_) {
    if (base.server != server || !base.listed) continue;
    found.push_back({.company = base.company,
                     .fiscal_year = base.fiscal_year,
                     .path = fmt::format("/datos/{}/{}/CONTAB.FDB", base.company, base.fiscal_year)});
  }
  return found;
}

void Fleet::AddYear(int year, int day_of_year, Duration now) {
  for (const Company& company : companies_) {
    if (Find(company.id, year) != nullptr) continue;
    if (day_of_year >= 21 || random_.Below(10) == 0) AddBase(company, year, now);
  }
}

const Bytes& Fleet::Dump(Base& base, int64_t day, bool current) {
  if (day != base.day) {
    const uint64_t seed =
        Mix({seed_, std::stoull(base.company), static_cast<uint64_t>(base.fiscal_year), static_cast<uint64_t>(day)});
    SeededRandom random(seed);
    const size_t records = base.content.size() / kRecord;
    const size_t changed = current ? 1 + records / 30 : random.Below(20) == 0;
    for (size_t i = 0; i < changed; ++i) FillRecord(base.content, random.Below(records) * kRecord, random.Next());
    if (current && base.content.size() < 60'000) {
      base.content.resize(base.content.size() + 64, static_cast<uint8_t>(day));
    }
    base.day = day;
  }
  base.last_dump = Sha256(base.content);
  base.dumps.insert(base.last_dump);
  return base.content;
}

Base* Fleet::Find(const std::string& company, int fiscal_year) {
  const auto found = bases_.find({company, fiscal_year});
  return found == bases_.end() ? nullptr : &found->second;
}

}  // namespace cofre::world
