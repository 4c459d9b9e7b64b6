// What a client's connection costs beyond the calls that it makes. HTTP/2 and TLS have many
// messages that are small for who sends them and work for who gets them, and that move nothing:
// PING, WINDOW_UPDATE, one-byte DATA, key updates. Each is charged to the budget of its connection
// and to that of its address, which calls and bytes that move on fill up again: a client that is as
// busy as it can be with calls never empties them.
//
// The unit is about a microsecond of a core, measured.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_WORK_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_WORK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "services/gateway/net/frame.h"

namespace baliprocess::gateway {

struct Work {
  static constexpr double kRead = 1;            // of a socket, or of a TLS record
  static constexpr double kHandshake = 1500;    // of TLS, for a connection that brings no call
  static constexpr double kKeyUpdate = 25;      // TLS 1.3; with its answer
  static constexpr double kRefusedStream = 10;  // beyond the number announced
  static constexpr double kTinyWindow = 3;      // a DATA frame that the client's window makes small
  static constexpr double kRefusedCall = 5;     // for a mistake of the caller's
  static constexpr double kErrorAnswer = 15;    // a refusal of HTTP, with its details as JSON
  static constexpr double kHastyCall = 20;      // not answered by a deadline that is hard to meet
  static constexpr double kUnreadReply = 500;   // that was made for nobody
  static constexpr double kBadToken = 100;      // a signature was verified
  static constexpr double kLargeHead = 100;     // headers beyond the limit
  static constexpr double kOwnReply = 50;       // a page, a preflight: kCall gives some of it back
  static constexpr double kReadByte = 0.01;     // of a query or a body that is read in vain
  // A byte that a body unpacks to beyond so many times what was sent: JSON is packed to a tenth or
  // a twentieth. Two bodies of 4 MiB out of nothing are more than a connection may cost at once.
  static constexpr double kUnpackedByte = 0.02;
  static constexpr size_t kUsualPacking = 20;
  // A byte of a block of headers. Given back when they are within the limit: references to a large
  // entry of HPACK's table are bytes that stand for kilobytes.
  static constexpr double kHeadByte = 0.04;

  // What fills the budget.
  static constexpr double kCall = 30;              // that was answered by a service
  static constexpr double kMovedByte = 1.0 / 256;  // of messages, in either direction
};

// What a frame of this type costs to take (RFC 9113 6), besides the call that it may belong to.
double FrameCost(uint8_t type, size_t length);

// Follows the frames in what a client sends by their 9-byte headers, whatever comes of them:
// nghttp2 doesn't report all kinds.
class FrameMeter {
 public:
  // What the frames cost that begin in these bytes.
  double Pass(std::string_view bytes);

 private:
  FrameScanner frames_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_WORK_H_
