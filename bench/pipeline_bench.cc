// What each stage of a backup costs by itself, on one core: build/bench/bench/pipeline_bench
//
// COFRE_BENCH_FILE names the stream to work on, such as a gbak dump (its first 96 MB are used); without it rows of text
// are made up.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/error.h"
#include "repository/backup.h"
#include "repository/chunker/chunker.h"
#include "repository/packs/blob_decoder.h"
#include "repository/packs/blob_encoder.h"
#include "repository/packs/pack_builder.h"
#include "storage/memory_store.h"
#include "tests/support/streams.h"

namespace cofre::repository {
namespace {

constexpr size_t kStreamBytes = 96'000'000;

Bytes MadeUpRows() {
  SeededRandom random(1);
  std::string text;
  while (text.size() < kStreamBytes) {
    text += "FV" + std::to_string(random.Below(1'000'000)) + " VENTA DE CONTADO CLIENTE MOSTRADOR " +
            std::to_string(random.Next()) + '\n';
  }
  return {text.begin(), text.end()};
}

const Bytes& Stream() {
  static const Bytes stream = [] {
    const char* path = std::getenv("COFRE_BENCH_FILE");
    if (path == nullptr) return MadeUpRows();
    std::ifstream file(path, std::ios::binary);
    Bytes bytes(kStreamBytes);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(file.gcount()));
    return bytes;
  }();
  return stream;
}

const GearTable& Table() {
  static const GearTable table = GearTable::FromKey(AsBytes("bench"));
  return table;
}

const Sealer& BenchSealer() {
  static const Sealer sealer(MasterKey::Generate(SystemRandom()), SystemRandom());
  return sealer;
}

std::vector<ByteView> Pieces(uint32_t average) {
  Chunker chunker(Table(), SizesForAverage(average));
  std::vector<ByteView> pieces;
  ByteView rest = Stream();
  while (!rest.empty()) {
    pieces.push_back(rest.first(chunker.FindEnd(rest).value_or(rest.size())));
    rest = rest.subspan(pieces.back().size());
  }
  return pieces;
}

void SetBytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(Stream().size()));
}

void BM_Cut(benchmark::State& state) {
  Stream();
  for (auto _ : state) benchmark::DoNotOptimize(Pieces(static_cast<uint32_t>(state.range(0))));
  SetBytes(state);
}
BENCHMARK(BM_Cut)->Arg(4 << 10)->Arg(64 << 10)->Arg(256 << 10)->Unit(benchmark::kMillisecond);

void BM_Hash(benchmark::State& state) {
  const auto pieces = Pieces(static_cast<uint32_t>(state.range(0)));
  for (auto _ : state) {
    for (const ByteView piece : pieces) benchmark::DoNotOptimize(Sha256(piece));
  }
  SetBytes(state);
}
BENCHMARK(BM_Hash)->Arg(4 << 10)->Arg(64 << 10)->Unit(benchmark::kMillisecond);

void BM_Seal(benchmark::State& state) {
  const auto pieces = Pieces(static_cast<uint32_t>(state.range(0)));
  Bytes sealed(4 << 20);
  for (auto _ : state) {
    for (const ByteView piece : pieces) {
      BenchSealer().Seal(piece, MutableBytes(sealed).first(piece.size() + kSealOverhead));
    }
  }
  SetBytes(state);
}
BENCHMARK(BM_Seal)->Arg(4 << 10)->Arg(64 << 10)->Unit(benchmark::kMillisecond);

// Compression, seal, and reading back. The ratio is of stored to plain bytes.
void BM_Encode(benchmark::State& state) {
  const auto pieces = Pieces(static_cast<uint32_t>(state.range(0)));
  BlobEncoder encoder(BenchSealer());
  size_t stored = 0;
  for (auto _ : state) {
    stored = 0;
    for (const ByteView piece : pieces) {
      stored += encoder.Encode(BlobType::kData, Digest{}, piece, static_cast<int>(state.range(1))).sealed.size();
    }
  }
  SetBytes(state);
  state.counters["ratio"] = static_cast<double>(stored) / static_cast<double>(Stream().size());
}
BENCHMARK(BM_Encode)
    ->Args({64 << 10, kFastCompression})
    ->Args({64 << 10, 3})
    ->Args({4 << 10, kFastCompression})
    ->Args({4 << 10, kStrongCompression})
    ->Unit(benchmark::kMillisecond);

void BM_Decode(benchmark::State& state) {
  BlobEncoder encoder(BenchSealer());
  PackBuilder builder;
  for (const ByteView piece : Pieces(64 << 10)) {
    const EncodedBlob blob = encoder.Encode(BlobType::kData, Sha256(piece), piece, kFastCompression);
    builder.Add(blob.id, blob.type, blob.uncompressed_length, blob.sealed);
  }
  const FinishedPack pack = builder.Finish(BenchSealer());
  BlobDecoder decoder(BenchSealer());
  for (auto _ : state) {
    for (const PackedBlob& blob : pack.blobs) {
      benchmark::DoNotOptimize(decoder.Decode(blob, ByteView(pack.bytes).subspan(blob.offset, blob.length)));
    }
  }
  SetBytes(state);
}
BENCHMARK(BM_Decode)->Unit(benchmark::kMillisecond);

// All stages at once, to memory. Argument: 0 the first backup, 1 when all is known.
void BM_Backup(benchmark::State& state) {
  const Secret password(std::string("a password of a repository in memory"));
  const Environment environment = SystemEnvironment();
  BackupRequest request;
  request.path = "/900869750/2025/CONTAB.fbk";
  request.hostname = "bench";
  std::unique_ptr<Repository> repository;
  const auto back_up = [&] {
    test::BufferSource source(Stream(), size_t{1} << 20);
    return WriteBackup(*repository, source, request, nullptr, {});
  };
  const auto begin_anew = [&] {
    const auto store = std::make_shared<storage::MemoryStore>();
    Repository::Initialize(*store, password, environment, {});
    repository = Repository::Open(store, password, environment, {});
  };
  begin_anew();
  if (state.range(0) == 1) back_up();
  for (auto _ : state) {
    if (state.range(0) == 0) begin_anew();
    benchmark::DoNotOptimize(back_up());
  }
  SetBytes(state);
}
BENCHMARK(BM_Backup)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace cofre::repository
