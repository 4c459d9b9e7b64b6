#include "services/balictl/program/command_line.h"

#include <gmock/gmock.h>

#include "common/auth/token.h"
#include "common/testing/matchers.h"
#include "services/balictl/program/interruption.h"
#include "services/balictl/program/report.h"
#include "services/balictl/program/terminal_text.h"
#include "services/balictl/testing/testing.h"

namespace baliprocess::balictl {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Command Example() {
  return {.name = "example",
          .arguments = "A [B]",
          .min_arguments = 1,
          .max_arguments = 2,
          .summary = "An example",
          .description = "Says nothing.",
          .flags = {{"size", "NUMBER", "5", "How large.", "EXAMPLE_SIZE"},
                    {"all", "", "true", "All."},
                    {"dry", "", "", "Dry.", "EXAMPLE_DRY"},
                    {"word", "TEXT", "", "Words.", "", true}},
          .run = nullptr};
}

absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words,
                                const std::map<std::string, std::string>& environment = {}) {
  return ParseArguments(Example(), words, [&](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

TEST(Arguments, AreReadInEveryForm) {
  ASSERT_OK_AND_ASSIGN(
      const Arguments arguments,
      Parse({"a", "--size=7", "--noall", "--dry", "--word", "x", "--word=y=z", "--", "--b"}));
  EXPECT_THAT(arguments.positional, ElementsAre("a", "--b"));
  EXPECT_EQ(arguments.Text("size"), "7");
  EXPECT_FALSE(arguments.Is("all"));
  EXPECT_TRUE(arguments.Is("dry"));
  EXPECT_THAT(arguments.All("word"), ElementsAre("x", "y=z"));
}

TEST(Arguments, CommandLineGoesBeforeEnvironmentBeforeDefault) {
  EXPECT_EQ(Parse({"a"})->Text("size"), "5");
  EXPECT_EQ(Parse({"a"}, {{"EXAMPLE_SIZE", "6"}})->Text("size"), "6");
  EXPECT_EQ(Parse({"a", "--size", "7"}, {{"EXAMPLE_SIZE", "6"}})->Text("size"), "7");
  EXPECT_TRUE(Parse({"a"}, {{"EXAMPLE_DRY", "1"}})->Is("dry"));
  EXPECT_TRUE(Parse({"a"})->Is("all"));
  EXPECT_FALSE(Parse({"a"})->Is("dry"));
}

TEST(Arguments, WrongOnesAreUsageErrors) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"a", "b", "c"},
                                             {"a", "--unknown"},
                                             {"a", "--size"},
                                             {"a", "--nosize"},
                                             {"a", "--dry=perhaps"},
                                             {"a", "--size=1", "--size=2"}}) {
    const auto arguments = Parse(words);
    EXPECT_TRUE(IsUsageError(arguments.status())) << arguments.status();
  }
}

TEST(Help, DocumentsEveryCommandAndFlag) {
  const std::string overview = RunProgram({"help"}).out;
  const std::string connection = RunProgram({"help", "connection"}).out;
  for (const Command& command : Commands()) {
    EXPECT_THAT(overview, HasSubstr("  " + command.name + " "));
    const Ran help = RunProgram({"help", command.name});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(RunProgram({command.name, "--help"}).out, help.out);
    EXPECT_THAT(help.out, HasSubstr(Wrapped(command.description, 79)));
    for (const Flag& flag : command.flags) {
      const std::string& page = flag.shared ? connection : help.out;
      EXPECT_THAT(page, HasSubstr("--" + flag.name)) << command.name;
      EXPECT_THAT(flag.help, Not(IsEmpty())) << command.name << " " << flag.name;
    }
  }
}

TEST(Program, TellsWrongUsageByItsCode) {
  EXPECT_EQ(RunProgram({}).code, 2);
  const Ran unknown = RunProgram({"frobnicate"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no command frobnicate"));
  EXPECT_EQ(RunProgram({"get"}).code, 2);
  EXPECT_EQ(RunProgram({"get", "nobody"}).code, 2);
  EXPECT_EQ(RunProgram({"get", "members/aus", "--output", "xml"}).code, 2);
  EXPECT_EQ(RunProgram({"help"}).code, 0);
  EXPECT_EQ(ExitCode(InterruptedError()), 130);
  EXPECT_EQ(Describe(InterruptedError()), "interrupted");
  EXPECT_EQ(ExitCode(absl::CancelledError("by the server")), 1);
}

TEST(Program, SendsNoTokenInPlaintextElsewhere) {
  const Ran ran =
      RunProgram({"get", "members/aus", "--plaintext", "--server", "192.0.2.1:1", "--token", "x"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("plaintext"));
}

TEST(Report, NamesEveryFieldAndTheReason) {
  Violations violations;
  violations.Add("member.kind", "must be given");
  violations.Add("member.region_code", "must be two capital letters");
  const std::string text = Describe(violations.ToStatus());
  EXPECT_THAT(text, HasSubstr("INVALID_ARGUMENT"));
  EXPECT_THAT(text, HasSubstr("\n  member.kind: must be given\n"));
  EXPECT_THAT(text, HasSubstr("\n  member.region_code: must be two capital letters\n"));
  EXPECT_THAT(text, HasSubstr("\n  reason: INVALID_FIELDS"));
}

TEST(Report, SaysHowManyViolationsAreNotTold) {
  Violations violations;
  for (int i = 0; i < 57; ++i) violations.Add("member.kind", "must be given");
  EXPECT_THAT(Describe(violations.ToStatus()),
              HasSubstr("\n  member.kind: must be given\n  and 7 more\n  reason: "));
}

TEST(Report, ShowsMetadata) {
  EXPECT_EQ(Describe(NotFound("members/xyz")),
            "NOT_FOUND: there is no members/xyz\n  reason: RESOURCE_NOT_FOUND (resource: "
            "members/xyz)");
  EXPECT_EQ(MetadataOf(NotFound("members/xyz"), "resource"), "members/xyz");
  EXPECT_EQ(MetadataOf(absl::InternalError("x"), "resource"), "");
}

TEST(Report, TellsTheKindOfFailureByItsCode) {
  EXPECT_EQ(ExitCode(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCode(NotFound("members/xyz")), 1);
  EXPECT_EQ(ExitCode(UsageError("no")), 2);
  EXPECT_EQ(ExitCode(absl::UnavailableError("no")), 3);
  EXPECT_EQ(ExitCode(absl::DeadlineExceededError("no")), 3);
}

TEST(Token, IsOneThatTheServicesAccept) {
  const TemporaryDirectory directory;
  ASSERT_EQ(RunProgram({"keygen", "--dir", directory.path()}).code, 0);
  const Ran token =
      RunProgram({"token", "--key", directory.path() + "/signing-key.pem", "--subject", "ann",
                  "--role", "Secretariat,member", "--member", "members/aus", "--ttl", "10m"});
  ASSERT_EQ(token.code, 0) << token.err;
  ASSERT_OK_AND_ASSIGN(
      const auto verifier,
      auth::TokenVerifier::Create(directory.path() + "/jwks.json",
                                  {.issuer = "baliprocess", .audience = "baliprocess"}));
  ASSERT_OK_AND_ASSIGN(const auth::Caller caller,
                       verifier->Verify("Bearer " + token.out.substr(0, token.out.size() - 1)));
  EXPECT_EQ(caller.subject, "ann");
  EXPECT_EQ(caller.member, "members/aus");
  EXPECT_TRUE(caller.Has(api::v1::Access::SECRETARIAT));
  EXPECT_TRUE(caller.Has(api::v1::Access::MEMBER));
  EXPECT_LT(caller.expires, absl::Now() + absl::Minutes(11));
}

TEST(Token, RefusesWhatTheServicesWouldNotUnderstand) {
  const TemporaryDirectory directory;
  RunProgram({"keygen", "--dir", directory.path(), "--alg", "ES256"});
  const std::vector<std::string> good = {"token", "--key", directory.path() + "/signing-key.pem"};
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{},
                                             {"--subject", "ann", "--role", "king"},
                                             {"--subject", "ann", "--member", "AUS"},
                                             {"--subject", "ann", "--ttl", "soon"},
                                             {"--subject", "ann", "--ttl", "-5m"}}) {
    std::vector<std::string> words = good;
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(RunProgram(words).code, 2);
  }
  EXPECT_EQ(RunProgram({"token", "--subject", "ann", "--key", "/nonexistent"}).code, 2);
}

TEST(Keygen, GuardsTheKey) {
  const TemporaryDirectory directory;
  ASSERT_EQ(RunProgram({"keygen", "--dir", directory.path()}).code, 0);
  const auto key = std::filesystem::path(directory.path()) / "signing-key.pem";
  EXPECT_EQ(std::filesystem::status(key).permissions(), std::filesystem::perms(0600));
  const std::string before = directory.Read("signing-key.pem");
  EXPECT_EQ(RunProgram({"keygen", "--dir", directory.path()}).code, 2);
  EXPECT_EQ(directory.Read("signing-key.pem"), before);
}

}  // namespace
}  // namespace baliprocess::balictl
