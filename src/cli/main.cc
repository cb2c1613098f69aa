#include <malloc.h>

#include "cli/application.h"

namespace {

// Buffers go back to the system when they are freed, and threads share one arena: without it a backup of 5 GB peaks at
// 109 MiB instead of 85, in the same time. What runs often allocates nothing.
void KeepMemorySmall() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 64 * 1024);
}

}  // namespace

int main(int argc, char** argv) {
  KeepMemorySmall();
  return cofre::cli::RunApplication(argc, argv);
}
