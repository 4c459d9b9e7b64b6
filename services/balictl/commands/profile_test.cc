// Profiles: what they say, what goes before them, and where nothing of them goes.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "services/balictl/program/pager.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ProfileTest : public ServerFixture {
 protected:
  Ran Call(const std::vector<std::string>& words,
           std::map<std::string, std::string> environment = {}) {
    environment["XDG_CONFIG_HOME"] = data_.path();
    return RunProgram(words, environment);
  }
  void Put(const std::string& path, const std::string& contents) {
    data_.Write(path, contents);
    ASSERT_EQ(chmod(File(path).c_str(), 0600), 0);
  }
  std::string Authorization() { return server_.calls.back().authorization; }
};

constexpr char kFile[] = "baliprocess/profiles.yaml";

TEST_F(ProfileTest, AreSetShownUsedAndDeleted) {
  EXPECT_EQ(
      Call({"profile", "set", "work", "--server", "gate.example.org:8443", "--ca", "ca.crt"}).code,
      0);
  EXPECT_EQ(Call({"profile", "set", "home", "--server", "127.0.0.1:1", "--plaintext"}).code, 0);
  const Ran listed = Call({"profiles"});
  EXPECT_THAT(listed.out, AllOf(HasSubstr("home              127.0.0.1:1"),
                                HasSubstr("work     yes      gate.example.org:8443")));
  EXPECT_EQ(Call({"use", "home"}).code, 0);
  EXPECT_THAT(Call({"whoami"}).out, HasSubstr("profile  home\nserver   127.0.0.1:1\n"));
  EXPECT_THAT(Call({"profile", "show", "work"}).out, HasSubstr("/ca.crt\n"));
  EXPECT_THAT(Call({"profile", "set", "work", "--issuer_ca", "issuer.crt"}).out,
              AllOf(HasSubstr("  issuer_ca   /"), HasSubstr("/issuer.crt\n")));
  EXPECT_THAT(Call({"profile", "set", "work", "--ca", ""}).out, Not(HasSubstr("ca.crt")));
  struct stat status {};
  ASSERT_EQ(stat(File(kFile).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(Call({"profile", "delete", "home"}).code, 0);
  EXPECT_THAT(Call({"use", "home"}).err, HasSubstr("there is no profile home"));
  EXPECT_THAT(Call({"use", "wrk"}).err, HasSubstr("Did you mean work?"));
}

TEST_F(ProfileTest, FlagsAndTheEnvironmentGoBefore) {
  Put("token", "of-the-profile");
  ASSERT_EQ(Call({"profile", "set", "a", "--server", server_.address(), "--plaintext",
                  "--token_file", File("token")})
                .code,
            0);
  ASSERT_EQ(Call({"profile", "set", "b", "--server", "127.0.0.1:1", "--plaintext"}).code, 0);
  const auto ask = [&](std::vector<std::string> more,
                       std::map<std::string, std::string> environment = {}) {
    more.insert(more.begin(), {"list", "members"});
    return Call(more, environment);
  };
  EXPECT_EQ(ask({}).code, 0);
  EXPECT_EQ(Authorization(), "Bearer of-the-profile");
  EXPECT_EQ(ask({}, {{"BALI_TOKEN", "of-the-environment"}}).code, 0);
  EXPECT_EQ(Authorization(), "Bearer of-the-environment");
  EXPECT_EQ(ask({"--token", "given"}).code, 0);
  EXPECT_EQ(Authorization(), "Bearer given");
  EXPECT_EQ(ask({"--profile", "b"}).code, 3);
  EXPECT_EQ(ask({}, {{"BALI_PROFILE", "b"}}).code, 3);
  EXPECT_EQ(ask({"--profile", "a"}, {{"BALI_PROFILE", "b"}}).code, 0);
  EXPECT_EQ(ask({}, {{"BALI_SERVER", "127.0.0.1:1"}}).code, 3);
  EXPECT_THAT(ask({"--profile", "c"}).err, HasSubstr("there is no profile c"));
}

TEST_F(ProfileTest, ItsTokenGoesToItsServerAlone) {
  Put("token", "of-the-profile");
  ASSERT_EQ(Call({"profile", "set", "a", "--server", "gate.example.org:8443", "--plaintext",
                  "--token_file", File("token")})
                .code,
            0);
  EXPECT_EQ(Call({"list", "members", "--server", server_.address()}).code, 0);
  EXPECT_EQ(Authorization(), "");
  EXPECT_EQ(Call({"list", "members"}, {{"BALI_SERVER", server_.address()}}).code, 0);
  EXPECT_EQ(Authorization(), "");
  EXPECT_THAT(Call({"whoami", "--server", server_.address()}).out, HasSubstr("nobody"));
  EXPECT_EQ(
      Call({"list", "members", "--profile", "", "--plaintext", "--server", server_.address()}).code,
      0);
}

TEST_F(ProfileTest, SaysWhatIsWrongInTheFile) {
  const std::pair<const char*, const char*> cases[] = {
      {"profiles:\n  a:\n    sever: x\n", "line 3: there is no setting sever"},
      {"profiles:\n  A:\n    server: x\n", "line 2: the name of a profile, \"A\""},
      {"profiles:\n  ../a:\n    server: x\n", "line 2: the name of a profile"},
      {"profiles: [a]\n", "line 1: must be"},
      {"profiles:\n  a:\n    server: [x]\n", "server must be one value"},
      {"a: {\n", "line"},
      {"- a\n", "must have `current` and `profiles`"}};
  for (const auto& [text, error] : cases) {
    Put(kFile, text);
    const Ran ran = Call({"list", "members", "--plaintext", "--server", server_.address()});
    EXPECT_EQ(ran.code, 2) << text;
    EXPECT_THAT(ran.err, HasSubstr(error));
    EXPECT_EQ(Call({"help"}).code, 0);
  }
  Put(kFile, std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(Call({"profiles"}).err, HasSubstr("is larger than"));
  Put(kFile, "");
  EXPECT_THAT(Call({"profiles"}).err, HasSubstr("no profiles"));
}

TEST_F(ProfileTest, RefusesWhatCannotBe) {
  EXPECT_THAT(Call({"profile", "set", "../x", "--server", "a:1"}).err,
              HasSubstr("must be 1 to 63"));
  EXPECT_THAT(Call({"profile", "set", "x", "--server", "a"}).err, HasSubstr("has no port"));
  EXPECT_THAT(Call({"profile", "set", "x", "--issuer", "http://login.example.org"}).err,
              HasSubstr("must be a URL of https://"));
  EXPECT_EQ(Call({"profile", "set", "x", "--timeout", "soon"}).code, 2);
  EXPECT_EQ(Call({"profile", "make", "x"}).code, 2);
  EXPECT_THAT(RunProgram({"profiles"}).err, HasSubstr("neither HOME nor XDG_CONFIG_HOME"));
  EXPECT_THAT(Call({"login"}).err, HasSubstr("there is no profile to sign in for"));
  ASSERT_EQ(Call({"profile", "set", "x", "--server", "a:1"}).code, 0);
  EXPECT_THAT(Call({"login"}).err, HasSubstr("has no issuer"));
  EXPECT_THAT(Call({"logout"}).err, HasSubstr("isn't signed in"));
}

TEST_F(ProfileTest, ASignInIsItsOwnersAlone) {
  ASSERT_EQ(Call({"profile", "set", "x", "--server", server_.address(), "--plaintext"}).code, 0);
  const std::string file = "baliprocess/tokens/x.json";
  Put(file, R"({"issuer": "http://127.0.0.1:1", "client_id": "c", "access_token": "signed-in",
                "end": "2999-01-01T00:00:00Z"})");
  EXPECT_EQ(Call({"list", "members"}).code, 0);
  EXPECT_EQ(Authorization(), "Bearer signed-in");
  EXPECT_THAT(Call({"profiles"}).out, HasSubstr("signed in"));
  EXPECT_THAT(Call({"profile", "delete", "x"}).err, HasSubstr("balictl logout"));
  ASSERT_EQ(chmod(File(file).c_str(), 0644), 0);
  EXPECT_THAT(Call({"list", "members"}).err, HasSubstr("can be read by others"));
  Put(file, R"({"access_token": "over", "end": "2020-01-01T00:00:00Z"})");
  EXPECT_THAT(Call({"list", "members"}).err, HasSubstr("the sign-in is over: `balictl login`"));
  Put(file, "{}");
  EXPECT_THAT(Call({"list", "members"}).err, HasSubstr("isn't a sign-in"));
}

TEST_F(ProfileTest, AreCompleted) {
  ASSERT_EQ(Call({"profile", "set", "work", "--server", "a:1"}).code, 0);
  EXPECT_EQ(Call({"complete", "--", "use", "w"}).out, "work\n");
  EXPECT_EQ(Call({"complete", "--", "list", "members", "--profile", ""}).out, "work\n");
  EXPECT_EQ(Call({"complete", "--", "profile", "s"}).out, "set\nshow\n");
  EXPECT_EQ(Call({"complete", "--", "report", "part"}).out, "participants\n");
  EXPECT_EQ(Call({"complete", "--", "completion", "z"}).out, "zsh\n");
}

TEST(Pager, IsForWhatIsRead) {
  EXPECT_TRUE(MayBePaged({"list", "members"}));
  EXPECT_TRUE(MayBePaged({"meetings", "convene", "--help"}));
  EXPECT_FALSE(MayBePaged({"list", "members", "--no_pager"}));
  EXPECT_FALSE(MayBePaged({"watch", "meetings"}));
  EXPECT_FALSE(MayBePaged({"edit", "members/aus"}));
  EXPECT_FALSE(MayBePaged({}));
  EXPECT_EQ(RunProgram({"help", "--no_pager"}).out, RunProgram({"help"}).out);
}

TEST(Pager, ShowsWhatIsLongerThanTheTerminal) {
  const TemporaryDirectory folder;
  const std::string kept = folder.path() + "/kept";
  const auto shown = [&](const std::string& text, const std::string& pager) {
    std::ostringstream out;
    ShowText(
        text, {3, 10},
        [&](const std::string& name) -> std::optional<std::string> {
          return name == "BALI_PAGER" ? std::optional(pager) : std::nullopt;
        },
        out);
    return out.str();
  };
  EXPECT_EQ(shown("1\n2\n", "tee " + kept), "1\n2\n");
  EXPECT_EQ(folder.Read("kept"), "");
  testing::internal::CaptureStdout();
  EXPECT_EQ(shown("1\n2\n3\n", "tee " + kept), "");
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(folder.Read("kept"), "1\n2\n3\n");
  EXPECT_EQ(shown("1\n2\n3\n", "no-such-pager"), "1\n2\n3\n");
  EXPECT_EQ(shown("1\n2\n3\n", "cat"), "1\n2\n3\n");
  EXPECT_EQ(shown("1\n2\n3\n", ""), "1\n2\n3\n");
  EXPECT_EQ(shown("a line of three of the terminal", "cat").size(), 31U);
}

}  // namespace
}  // namespace baliprocess::balictl
