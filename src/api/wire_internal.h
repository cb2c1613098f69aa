#pragma once

// The bytes of one connection, in the open or in TLS, behind one face: what speaks HTTP over it is written and compiled
// once, and reads no word of TLS.

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace cofre::api {

// All of it from the thread of the socket's io_context, and every `Done` comes there, never within the call that asks.
// At most one read and one write at a time. What is under way keeps the buffers it was given, not the wire: its owner
// lives until the last `Done`.
class Wire {
 public:
  using Done = std::function<void(boost::system::error_code error, size_t bytes)>;

  virtual ~Wire() = default;

  // Before all else; nothing to do in the open.
  virtual void Greet(Done done) = 0;
  virtual void ReadSome(boost::asio::mutable_buffer into, Done done) = 0;
  // As it comes from the network, enciphered or not.
  virtual void ReadSomeRaw(boost::asio::mutable_buffer into, Done done) = 0;
  // All of it.
  virtual void Write(boost::asio::const_buffer bytes, Done done) = 0;

  // What is asked for from now on must be done by then, or it fails and the connection ends.
  virtual void ExpireAfter(std::chrono::milliseconds time) = 0;
  virtual void ExpireNever() = 0;

  virtual bool IsSecret() const = 0;
  // Nothing more will be written; the client sees the end of what was.
  virtual void EndWriting() = 0;
  // What is under way fails.
  virtual void Close() = 0;
  // So that the client takes what it has for broken off, not for ended.
  virtual void Reset() = 0;
};

using MakeWire = std::function<std::unique_ptr<Wire>(boost::asio::ip::tcp::socket&& socket)>;

// In TLS (1.2 and later) with the certificate chain and the private key of these PEM files, in the open where there is
// none. Throws usage for files that are not what they should be.
MakeWire WiresWith(const std::string& certificate, const std::string& private_key);

}  // namespace cofre::api
