#include "service/wake.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace cofre::service {
namespace {

constexpr const char* kName = "despertar";

FileDescriptor MakeSocket() {
  FileDescriptor made(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.valid()) throw SystemError(errno, "cannot make a socket");
  return made;
}

// A socket's address holds 107 bytes, a path may have more: the folder is named by a descriptor.
sockaddr_un AddressIn(const FileDescriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", folder.get(), kName);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

FileDescriptor OpenFolder(const std::string& path) {
  return FileDescriptor(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

WakeSocket::WakeSocket(const std::string& state_directory)
    : path_(state_directory + "/" + kName), socket_(MakeSocket()) {
  const FileDescriptor folder = OpenFolder(state_directory);
  if (!folder.valid()) {
    const Error error = SystemError(errno, "cannot open directorio_estado " + state_directory);
    throw Error(error.kind(), error.what(), "make the folder, for the user that runs the service");
  }
  unlinkat(folder.get(), kName, 0);
  const sockaddr_un address = AddressIn(folder);
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw SystemError(errno, "cannot listen at " + path_);
  }
  // The group that may write the catalogue may call as well.
  chmod(path_.c_str(), 0660);
}

WakeSocket::~WakeSocket() { unlink(path_.c_str()); }

bool Wake(const std::string& state_directory) {
  const FileDescriptor folder = OpenFolder(state_directory);
  if (!folder.valid()) return false;
  const FileDescriptor from = MakeSocket();
  const sockaddr_un address = AddressIn(folder);
  const char byte = 'w';
  const ssize_t sent =
      sendto(from.get(), &byte, 1, MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // A full queue has been written to already.
  return sent == 1 || errno == EAGAIN;
}

}  // namespace cofre::service
