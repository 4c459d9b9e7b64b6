#include "common/base/config.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <fstream>
#include <map>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/time/time.h"

#include "common/testing/matchers.h"

ABSL_FLAG(std::string, test_text, "initial", "A text.");
ABSL_FLAG(int32_t, test_number, 7, "A number.");
ABSL_FLAG(bool, test_switch, false, "A switch.");
ABSL_FLAG(absl::Duration, test_wait, absl::Seconds(5), "A duration.");

namespace baliprocess {
namespace {

using ::baliprocess::testing::MessageHas;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigTest : public ::testing::Test {
 protected:
  absl::StatusOr<Configuration> Run(const std::vector<std::string>& arguments) {
    return Configure(program_, arguments, [this](const std::string& name) {
      const auto it = environment_.find(name);
      return it == environment_.end() ? std::nullopt : std::optional(it->second);
    });
  }

  std::string File(const std::string& text) {
    const std::string path = ::testing::TempDir() + "/config_test.conf";
    std::ofstream(path) << text;
    return path;
  }

  static Setting Find(const Configuration& configuration, const std::string& name) {
    for (const Setting& setting : configuration.settings) {
      if (setting.name == name) return setting;
    }
    ADD_FAILURE() << "no setting " << name;
    return {};
  }

  ProgramInfo program_{.usage = "tested [flags]", .secret_flags = {}};
  std::map<std::string, std::string> environment_;
  absl::FlagSaver saver_;
};

TEST_F(ConfigTest, DefaultsStand) {
  ASSERT_OK_AND_ASSIGN(const Configuration configuration, Run({}));
  EXPECT_EQ(Find(configuration, "test_text").value, "initial");
  EXPECT_EQ(Find(configuration, "test_text").source, "default");
}

TEST_F(ConfigTest, CommandLineOverEnvironmentOverFileOverDefault) {
  const std::string path =
      File("# a comment\n\ntest_text = from file\ntest_number=1\n  test_wait =  250ms \n");
  environment_ = {{"BALI_TEST_TEXT", "from environment"}, {"BALI_TEST_NUMBER", "2"}};
  ASSERT_OK_AND_ASSIGN(const Configuration configuration,
                       Run({"--config", path, "--test_number=3"}));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 3);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "from environment");
  EXPECT_EQ(absl::GetFlag(FLAGS_test_wait), absl::Milliseconds(250));
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_switch));
  EXPECT_EQ(Find(configuration, "test_number").source, "command line");
  EXPECT_EQ(Find(configuration, "test_text").source, "BALI_TEST_TEXT");
  EXPECT_EQ(Find(configuration, "test_wait").source, path + ":5");
  EXPECT_EQ(Find(configuration, "test_wait").value, "250ms");
}

TEST_F(ConfigTest, FileIsNamedByTheEnvironmentToo) {
  environment_ = {{"BALI_CONFIG", File("test_number = 9\n")}};
  ASSERT_OK(Run({}));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 9);
}

TEST_F(ConfigTest, FormsOfTheCommandLine) {
  ASSERT_OK(Run({"--test_switch", "--test_text", "a=b", "-test_number", "-4"}));
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_switch));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "a=b");
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), -4);
  ASSERT_OK(Run({"--notest_switch", "--test_text="}));
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_switch));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "");
  ASSERT_OK(Run({"--test_switch=true"}));
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_switch));
}

TEST_F(ConfigTest, ErrorsNameTheirSource) {
  const std::string path = File("test_number = 1\nno_such = 2\n");
  EXPECT_THAT(Run({"--config=" + path}), MessageHas(path + ":2: there is no flag --no_such"));
  EXPECT_THAT(Run({"--config=" + File("\njust text\n")}), MessageHas(":2: must be `name = value`"));
  EXPECT_THAT(Run({"--config=/nonexistent/file"}), MessageHas("/nonexistent/file"));
  EXPECT_THAT(Run({"--no_such=1"}), MessageHas("command line: there is no flag --no_such"));
  EXPECT_THAT(Run({"--no_such"}), MessageHas("there is no flag --no_such"));
  EXPECT_THAT(Run({"--test_number=ten"}), MessageHas("command line: the value of --test_number"));
  EXPECT_THAT(Run({"--test_number"}), MessageHas("--test_number needs a value"));
  environment_ = {{"BALI_TEST_WAIT", "soon"}};
  EXPECT_THAT(Run({}), MessageHas("BALI_TEST_WAIT: the value of --test_wait"));
}

TEST_F(ConfigTest, PositionalArgumentsOnlyWhereAllowed) {
  EXPECT_THAT(Run({"stray"}), MessageHas("unexpected argument stray"));
  program_.positional_arguments = true;
  ASSERT_OK_AND_ASSIGN(const Configuration configuration,
                       Run({"get", "--test_number=1", "-", "--", "--test_text"}));
  EXPECT_THAT(configuration.positional, ElementsAre("get", "-", "--test_text"));
}

TEST_F(ConfigTest, HelpDocumentsEveryFlagAndNothingElseHappens) {
  ASSERT_OK_AND_ASSIGN(const Configuration configuration, Run({"--test_number=1", "--help"}));
  ASSERT_TRUE(configuration.answer);
  EXPECT_THAT(*configuration.answer, HasSubstr("Usage: tested [flags]"));
  EXPECT_THAT(*configuration.answer, HasSubstr("--test_wait\n      A duration.\n"
                                               "      Default: 5s  Environment: BALI_TEST_WAIT"));
  EXPECT_THAT(*configuration.answer, HasSubstr("--config"));
  EXPECT_THAT(*configuration.answer, Not(HasSubstr("flagfile")));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 7);
}

TEST_F(ConfigTest, Version) {
  ASSERT_OK_AND_ASSIGN(const Configuration configuration, Run({"--version"}));
  EXPECT_THAT(configuration.answer.value_or(""), HasSubstr("baliprocess "));
}

TEST_F(ConfigTest, SecretsAreMasked) {
  program_.secret_flags = {"test_text"};
  ASSERT_OK_AND_ASSIGN(const Configuration configuration, Run({"--test_text=hidden"}));
  EXPECT_EQ(Find(configuration, "test_text").value, "***");
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "hidden");
}

TEST(MaskPasswordTest, HidesPasswordsOfUrls) {
  EXPECT_EQ(MaskPassword("postgresql://bali:s3cret@db/x"), "postgresql://bali:***@db/x");
  EXPECT_EQ(MaskPassword("host=db password=s3cret user=bali"), "host=db password=***");
  EXPECT_EQ(MaskPassword("http://keys/jwks?token=s3cret&x=1"), "http://keys/jwks?token=***&x=1");
  EXPECT_EQ(MaskPassword("postgresql://bali:s3@c:et@db:5432"), "postgresql://bali:***@db:5432");
  EXPECT_EQ(MaskPassword("postgresql://db/x?user=a&password=p&sslmode=require"),
            "postgresql://db/x?user=a&password=***&sslmode=require");
  EXPECT_EQ(MaskPassword("postgresql://db/x?sslpassword=p"), "postgresql://db/x?sslpassword=***");
  EXPECT_EQ(MaskPassword("postgresql://bali:s3/cret@db/x"), "postgresql://bali:***@db/x");
  EXPECT_EQ(MaskPassword("postgresql://db:5432/x"), "postgresql://db:5432/x");
  EXPECT_EQ(MaskPassword("postgresql:///x?host=/run/a@b"), "postgresql:///x?host=/run/a@b");
  EXPECT_EQ(MaskPassword("/var/lib/bali.db"), "/var/lib/bali.db");
}

}  // namespace
}  // namespace baliprocess
