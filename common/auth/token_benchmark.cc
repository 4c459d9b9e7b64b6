// The cost of verifying a token: remembered, on one and on two threads, and new, per algorithm.

#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"

#include "common/auth/testing.h"
#include "common/auth/token.h"

namespace baliprocess::auth {
namespace {

std::string Header(const TokenSigner& signer, int number) {
  return absl::StrCat("Bearer ", *signer.Sign(ToJson({.subject = absl::StrCat("user-", number),
                                                      .issuer = "https://issuer.example",
                                                      .audience = "suite",
                                                      .roles = {"member", "observer"},
                                                      .member = "aus",
                                                      .issued = absl::Now(),
                                                      .expires = absl::Now() + absl::Hours(1)})));
}

std::unique_ptr<TokenVerifier> Verifier(const TokenSigner& signer) {
  const TemporaryFile file(signer.PublicJwks());
  return *TokenVerifier::Create(file.path(),
                                {.issuer = "https://issuer.example", .audience = "suite"});
}

void BM_Remembered(benchmark::State& state) {
  static const TokenSigner signer = NewSigner();
  static const auto verifier = Verifier(signer);
  std::vector<std::string> headers;
  headers.reserve(64);
  for (int i = 0; i < 64; ++i) headers.push_back(Header(signer, i));
  size_t next = 0;
  for (auto _ : state) {
    if (!verifier->Verify(headers[next++ % headers.size()]).ok()) state.SkipWithError("refused");
  }
}
BENCHMARK(BM_Remembered)->Threads(1)->Threads(2)->UseRealTime();

void BM_New(benchmark::State& state) {
  const TokenSigner signer = NewSigner(static_cast<Algorithm>(state.range(0)));
  const auto verifier = Verifier(signer);
  std::vector<std::string> headers;
  headers.reserve(2000);
  for (int i = 0; i < 2000; ++i) headers.push_back(Header(signer, i));
  size_t next = 0;
  for (auto _ : state) {
    if (!verifier->Verify(headers[next++]).ok()) state.SkipWithError("refused");
  }
  state.SetLabel(std::string(NameOf(signer.key().algorithm)));
}
BENCHMARK(BM_New)->DenseRange(0, 2)->Iterations(2000);

}  // namespace
}  // namespace baliprocess::auth

BENCHMARK_MAIN();
