// Where a browser comes back to after signing in: a listener on loopback (RFC 8252, 7.3).

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_REDIRECT_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_REDIRECT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::balictl {

// What the issuer gave the browser along: a code, or the word of an error.
struct RedirectAnswer {
  std::string code;
  std::string error;
  std::string issuer;  // "": it isn't told (RFC 9207)
};

class RedirectListener {
 public:
  // On a port that is free.
  static absl::StatusOr<std::unique_ptr<RedirectListener>> Open();
  ~RedirectListener();
  RedirectListener(const RedirectListener&) = delete;
  RedirectListener& operator=(const RedirectListener&) = delete;

  // `http://127.0.0.1:PORT/`.
  std::string uri() const;

  // Waits for the browser that has this `state`; whoever else connects is told that there is
  // nothing. A request may have 16 KiB and take two seconds. DEADLINE_EXCEEDED when nobody came.
  absl::StatusOr<RedirectAnswer> Await(const std::string& state, absl::Duration limit);

 private:
  RedirectListener(int listener, int port) : listener_(listener), port_(port) {}

  const int listener_;
  const int port_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_REDIRECT_H_
