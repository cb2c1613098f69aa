#pragma once

// A job's row in the catalogue, from its start to its end. A row whose process dies is marked interrupted by the next
// process that starts (service/wiring).

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "engine/context.h"
#include "model/backup.h"

namespace cofre::engine {

class JobRecord {
 public:
  // Writes the row, or finds it in context.row. Of `job`, kind, company and fiscal_year count.
  JobRecord(const Context& context, Job job);

  // Does the work and ends the row: done, or failed with the error's kind and message, or interrupted where `stop` was
  // requested. What `work` throws goes on, but as kind cancelled once `stop` was requested: a dump that was told to
  // stop has many ways to fail. Called once.
  void Run(const std::function<void()>& work, const std::stop_token& stop);

  // To be said with the end. A failure noted here does not throw: for work that goes on to its end and finds damage.
  void SetBytes(uint64_t bytes) { outcome_.bytes = bytes; }
  void SetBackup(const Backup& backup, uint64_t added_bytes);
  void SetMessage(std::string message) { outcome_.message = std::move(message); }
  void NoteFailure(ErrorKind kind, std::string message);

 private:
  void Finish();

  const Context& context_;
  int64_t id_ = 0;
  catalogue::JobOutcome outcome_;
};

}  // namespace cofre::engine
