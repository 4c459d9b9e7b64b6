// Page tokens: no bytes open as a token that wasn't sealed; what is sealed opens again and only in
// its context; keys survive encoding, and other bytes are refused or are a key.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/errors.h"
#include "common/resource/contract/columns.h"
#include "common/resource/query/order_by.h"
#include "common/resource/query/seal.h"

namespace {

using baliprocess::ReasonOf;
using baliprocess::api::v1::Error;
using baliprocess::resource::OrderBy;
using baliprocess::resource::Sealer;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

std::vector<OrderBy> MakeOrders() {
  const auto columns =
      baliprocess::resource::ColumnsOf(baliprocess::membership::v1::Seat::descriptor());
  std::vector<OrderBy> orders;
  for (const char* text : {"", "role desc, member", "term.start_date, update_time desc"}) {
    auto order = OrderBy::Parse(text, columns, baliprocess::api::v1::Visibility::RESTRICTED);
    Require(order.ok(), "order");
    orders.push_back(*std::move(order));
  }
  return orders;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Sealer& sealer = *new Sealer("a key for fuzzing");
  static const std::vector<OrderBy>& orders = *new std::vector<OrderBy>(MakeOrders());
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  const auto forged = sealer.Open(input, "query");
  Require(!forged.ok() && ReasonOf(forged.status()) == Error::INVALID_PAGE_TOKEN, "forged token");

  std::string token = sealer.Seal(input, "query");
  const auto opened = sealer.Open(token, "query");
  Require(token.size() > Sealer::kMaxTokenLength || (opened.ok() && *opened == input), "lost");
  Require(!sealer.Open(token, "another").ok(), "context");
  if (size > 0) {
    // The input also says where to damage the token.
    char& damaged = token[data[0] % token.size()];
    damaged = damaged == 'A' ? 'B' : 'A';
    Require(!sealer.Open(token, "query").ok(), "damage");
  }

  for (const OrderBy& order : orders) {
    const auto key = order.DecodeKey(input);
    if (!key.ok()) {
      Require(ReasonOf(key.status()) == Error::INVALID_PAGE_TOKEN, "reason");
      continue;
    }
    Require(order.EncodeKey(*key) == input, "key");
    Require(order.After(*key).sql != "FALSE", "after");
  }
  // The same bytes as what a caller orders by.
  static const auto& columns =
      *new auto(baliprocess::resource::ColumnsOf(baliprocess::membership::v1::Seat::descriptor()));
  const auto order = OrderBy::Parse(input, columns, baliprocess::api::v1::Visibility::RESTRICTED);
  Require(order.ok() || ReasonOf(order.status()) == baliprocess::api::v1::Error::INVALID_FIELDS,
          "order_by");
  return 0;
}
