#include "tests/world/synthetic_source.h"

#include <utility>

#include "base/stop.h"
#include "tests/support/streams.h"
#include "tests/world/dice.h"

namespace cofre::world {
namespace {

using namespace std::chrono_literals;

class KnownDump : public ByteSink {
 public:
  explicit KnownDump(const std::set<Digest>& dumps) : dumps_(dumps) {}
  void Write(ByteView data) override { stream_.Update(data); }
  void Finish() override {
    if (!dumps_.contains(stream_.Finish())) throw Error(ErrorKind::kCorrupt, "this was never dumped");
  }

 private:
  const std::set<Digest>& dumps_;
  Sha256Stream stream_;
};

}  // namespace

void SyntheticSource::Wait(Duration pause, const std::stop_token& stop) {
  order_.clock.SleepFor(pause, stop);
  ThrowIfStopped(stop);
}

std::unique_ptr<ByteSource> SyntheticSource::Dump(std::stop_token stop) {
  Base& base = order_.base;
  const ServerState server = order_.weather.server(base.server);
  if (server == ServerState::kDown) {
    Wait(order_.dice % 2 == 0 ? 1s : 30s, stop);
    throw Error(ErrorKind::kTransient, "the server does not answer");
  }
  if (base.nature == Nature::kBroken) throw Error(ErrorKind::kAuth, kWrongPassword);
  if (server == ServerState::kStalls) {
    Wait(5min, stop);
    throw Error(ErrorKind::kTransient, "no byte for 5 minutes");
  }
  if (base.nature == Nature::kEndless) {
    Wait(30min, stop);
    throw Error(ErrorKind::kPermanent, kEndless);
  }
  const bool fails = base.nature == Nature::kFlaky && Mix({order_.dice, 1}) % 3 == 0;
  if (fails && order_.dice % 2 == 0) throw Error(ErrorKind::kTransient, "the connection broke at once");
  Wait((server == ServerState::kSlow ? 10 : 1) * (1s + 100ms * static_cast<int64_t>(order_.dice % 200)), stop);

  const int64_t day = order_.clock.Monotonic() / 24h;
  const Bytes& content = order_.fleet.Dump(base, day, order_.current);
  if (fails) {
    return std::make_unique<test::BufferSource>(content, 4096, [size = content.size()](size_t given) {
      if (given >= size / 2) throw Error(ErrorKind::kTransient, "the connection broke");
    });
  }
  return std::make_unique<test::BufferSource>(content);
}

std::unique_ptr<ByteSink> SyntheticSource::Restore(const std::string& /*target*/, bool /*replace*/,
                                                   std::stop_token /*stop*/) {
  return std::make_unique<KnownDump>(order_.base.dumps);
}

}  // namespace cofre::world
