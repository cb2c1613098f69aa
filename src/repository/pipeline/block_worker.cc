#include "repository/pipeline/block_worker.h"

#include <utility>

namespace cofre::repository {

BlockWorker::BlockWorker(WorkerContext context, std::function<bool()> has_time_to_spare)
    : context_(context),
      has_time_to_spare_(std::move(has_time_to_spare)),
      encoder_(context.sealer),
      fine_chunker_(context.table, context.fine_sizes) {}

void BlockWorker::Process(Block& block) {
  ByteView rest(block.memory.get(), block.used);
  auto mark = block.marks.begin();
  const auto place_marks = [&](size_t pieces) {
    for (; mark != block.marks.end() && mark->pieces == pieces; ++mark) mark->content = block.content.size();
  };
  for (size_t i = 0; i < block.lengths.size(); ++i) {
    place_marks(i);
    AddPiece(block, rest.first(block.lengths[i]));
    rest = rest.subspan(block.lengths[i]);
  }
  place_marks(block.lengths.size());
}

void BlockWorker::AddPiece(Block& block, ByteView piece) {
  const Digest id = Sha256(piece);
  if (context_.known.Contains(BlobType::kData, id)) {
    context_.policy.CountKnown(piece.size());
    block.content.push_back(id);
    return;
  }
  if (!context_.policy.LooksInside()) return AddBlob(block, id, piece, false);

  const uint64_t known_bytes = LookInside(piece);
  context_.policy.CountKnown(known_bytes);
  const bool fine = known_bytes == piece.size() ? !context_.policy.Settles(id)
                                                : context_.policy.PrefersFine(piece.size(), known_bytes);
  if (!fine) return AddBlob(block, id, piece, false);

  context_.policy.CountFine(piece.size() - known_bytes);
  for (const FinePiece& part : fine_) {
    if (part.known) {
      block.content.push_back(part.id);
    } else {
      AddBlob(block, part.id, part.bytes, true);
    }
  }
}

uint64_t BlockWorker::LookInside(ByteView piece) {
  uint64_t known_bytes = 0;
  fine_.clear();
  fine_chunker_.Reset();
  while (!piece.empty()) {
    const ByteView part = piece.first(fine_chunker_.FindEnd(piece).value_or(piece.size()));
    const Digest id = Sha256(part);
    const bool known = context_.known.Contains(BlobType::kData, id);
    fine_.push_back({id, part, known});
    if (known) known_bytes += part.size();
    piece = piece.subspan(part.size());
  }
  return known_bytes;
}

void BlockWorker::AddBlob(Block& block, const Digest& id, ByteView plain, bool fine) {
  block.content.push_back(id);
  // The same blob may be new twice in a stream; one of the workers gets it.
  if (!context_.known.Claim(BlobType::kData, id)) return;
  context_.policy.SomethingIsNew();
  context_.progress.bytes_new += plain.size();
  const bool strong = fine && context_.policy.WorthStrongCompression(plain.size(), has_time_to_spare_());
  const EncodedBlob blob = encoder_.Encode(BlobType::kData, id, plain, strong ? kStrongCompression : kFastCompression);
  block.new_blobs.push_back({id, blob.uncompressed_length, static_cast<uint32_t>(blob.sealed.size())});
  block.sealed.insert(block.sealed.end(), blob.sealed.begin(), blob.sealed.end());
}

}  // namespace cofre::repository
