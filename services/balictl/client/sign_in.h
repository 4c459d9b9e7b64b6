// Signing in with an issuer of tokens: OAuth 2.0 for programs without a secret of their own, by a
// code on another device (RFC 8628) or by a browser on this one (RFC 8252, RFC 7636).

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_SIGN_IN_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_SIGN_IN_H_

#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/discovery.h"

namespace baliprocess::balictl {

// By whom, and for what.
struct SignInRequest {
  std::string issuer;
  std::string client_id;
  std::string scope;
  std::string resource;  // whom the token is for (RFC 8707); "": as the issuer decides
  // The file with the authorities that the issuer's certificate must come from; "": the system's.
  std::string issuer_ca = "";
};

// What an issuer gave.
struct SignIn {
  SignInRequest request;
  std::string access_token;
  std::string refresh_token;  // "": there is none
  absl::Time end;             // of the access token
};

// The sign-in in a file that nobody but its owner may read; and the reverse.
absl::StatusOr<SignIn> ReadSignIn(const std::string& path);
absl::Status WriteSignIn(const SignIn& sign_in, const std::string& path);

// Whether what is in a file of tokens is a sign-in, rather than a token.
bool IsSignIn(std::string_view contents);

// The access token of the file. One that ends within a minute is first replaced by a new one, in
// the file too. FAILED_PRECONDITION when the sign-in is over.
absl::StatusOr<std::string> TokenOfSignIn(const std::string& path);

// Tells what to do on whatever device, and waits until it is done: the issuer tells how long that
// may take, half an hour at most.
absl::StatusOr<SignIn> SignInByDevice(const SignInRequest& request,
                                      const auth::Endpoints& endpoints, std::ostream& out);

// Tells the address to open in a browser on this machine, and waits five minutes for the browser to
// come back.
absl::StatusOr<SignIn> SignInByBrowser(const SignInRequest& request,
                                       const auth::Endpoints& endpoints, std::ostream& out);

// Has the issuer forget the sign-in, if it has a way for that.
absl::Status Revoke(const SignIn& sign_in);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_SIGN_IN_H_
