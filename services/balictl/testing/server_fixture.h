// What tests of commands against a server share.

#ifndef BALIPROCESS_SERVICES_BALICTL_TESTING_SERVER_FIXTURE_H_
#define BALIPROCESS_SERVICES_BALICTL_TESTING_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/balictl/testing/fake_server.h"
#include "services/balictl/testing/testing.h"

namespace baliprocess::balictl {

class ServerFixture : public ::testing::Test {
 protected:
  // Runs the program against the server.
  Ran Do(std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.end(), {"--plaintext", "--server", server_.address()});
    return RunProgram(words, {{"BALI_TOKEN", "secret"}}, input);
  }
  // The file of the data directory.
  std::string File(const std::string& name) const { return data_.path() + "/" + name; }

  FakeServer server_;
  const TemporaryDirectory data_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_TESTING_SERVER_FIXTURE_H_
