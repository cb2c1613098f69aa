#pragma once

// How a node hears that another one has changed something in a shared catalogue that calls for a look: a job was
// queued or has ended, a pause was lifted, a node is to drain (PostgreSQL's LISTEN and NOTIFY). A call that is lost, as
// with its connection, costs a few seconds, after which each node looks by itself.

#include <memory>
#include <string>

namespace cofre::catalogue {

// For one thread. Has a connection of its own.
class ChangeListener {
 public:
  // Null where the catalogue is a file: its processes have service/wake.h. Throws what Catalogue::Open throws.
  static std::unique_ptr<ChangeListener> Open(const std::string& url);

  ~ChangeListener();
  ChangeListener(const ChangeListener&) = delete;
  ChangeListener& operator=(const ChangeListener&) = delete;

  // Readable when there may have been a call, or when the connection is lost.
  int descriptor() const;
  // Whether there was one; forgets it, without waiting. Throws transient where the connection is lost: open another.
  bool TakeCalls();

 private:
  struct State;
  explicit ChangeListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cofre::catalogue
