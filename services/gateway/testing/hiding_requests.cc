#include "services/gateway/testing/hiding_requests.h"

namespace baliprocess::gateway {
namespace {

std::string Post(const std::string& fields, const std::string& body) {
  return "POST /outer HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n" + body;
}

}  // namespace

std::vector<HidingRequest> HidingRequests() {
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: here\r\n\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      // Lengths and codings.
      {Post("Content-Length: 5\r\n" + chunked, "0\r\n\r\n" + hidden)},
      {Post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n" + hidden)},
      {Post("Content-Length: 0\r\nContent-Length: 5\r\n", hidden)},
      {Post("Content-Length: 5\r\nContent-Length: 5\r\n", hidden)},
      {Post("Content-Length: 5, 5\r\n", hidden)},
      {Post("Content-Length: +5\r\n", hidden)},
      {Post("Content-Length: -5\r\n", hidden)},
      {Post("Content-Length: 0x5\r\n", hidden)},
      {Post("Content-Length: 5 5\r\n", hidden)},
      {Post("Content-Length:\r\n", hidden)},
      {Post("Content-Length: 18446744073709551617\r\n", hidden)},
      {Post("Content_Length: 5\r\n" + chunked + chunked, hidden)},
      {Post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", hidden), 501},
      {Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + hidden), 501},
      {Post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + hidden), 501},
      {Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden), 501},
      {Post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + hidden), 501},
      {Post("Transfer-Encoding:\r\n", "0\r\n\r\n" + hidden), 501},
      {Post("Transfer-Encoding:\x0b"
            "chunked\r\n",
            "0\r\n\r\n" + hidden)},
      {"POST /outer HTTP/1.0\r\nHost: here\r\n" + chunked + "\r\n0\r\n\r\n" + hidden},
      // Lines.
      {Post("Content-Length : 5\r\n", hidden)},
      {Post("Transfer-Encoding : chunked\r\n", hidden)},
      {Post("X: 1\r\n Content-Length: 5\r\n", hidden)},
      {Post("X: 1\r\n\tContent-Length: 5\r\n", hidden)},
      {Post("X:\r\n y\r\n", hidden)},
      {Post(" X: y\r\n", hidden)},
      {Post("X: 1\nContent-Length: 5\r\n", hidden)},
      {Post("X: 1\rContent-Length: 5\r\n", hidden)},
      {Post("X: 1\r\rContent-Length: 5\r\n", hidden)},
      {"POST /outer HTTP/1.1\nHost: here\n\n" + hidden},
      {Post(std::string("X: a\0b\r\n", 8), hidden)},
      {Post(std::string("X\0: a\r\n", 7), hidden)},
      {Post("X: a\x7f\r\n", hidden)},
      {Post("X: a\x01\r\n", hidden)},
      {Post(": a\r\n", hidden)},
      {Post("nothing\r\n", hidden)},
      {Post("X\xff: a\r\n", hidden)},
      {Post("X(: a\r\n", hidden)},
      // Chunks.
      {Post(chunked, "5\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5\r\nhello0\r\n\r\n")},
      {Post(chunked, "5\r\nhelloXX0\r\n\r\n")},
      {Post(chunked, "0x5\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "+5\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "-5\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, " 5\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5 \r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "10000000000000005\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5;\"a\nb\"\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5;a=\"b\nc\"\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5;a=\"b\r\nc\"\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5;a=\"b\r\nhello\r\n0\r\n\r\n" + hidden)},
      {Post(chunked, "5;a=\"b\\\"c\"\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "5;a\nb\r\nhello\r\n0\r\n\r\n")},
      {Post(chunked, "0\r\nContent-Length: 5\r\n\r\n" + hidden)},
      {Post(chunked, "0\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden)},
      {Post(chunked, "0\r\nX : y\r\n\r\n" + hidden)},
  };
}

}  // namespace baliprocess::gateway
