"""Holds the habits of checks.py: over the tree, and each check over a sample that breaks it."""

import sys
import unittest
from pathlib import Path

import checks
from checks import File

TOP = Path(__file__).resolve().parents[2]
VOCABULARY = (Path(__file__).parent / "log_fields.txt").read_text().split()


class Tree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = checks.read_tree(TOP)

    def hold(self, broken):
        broken = list(broken)
        self.assertFalse(broken, "\n" + "\n".join(broken))

    def test_there_are_files(self):
        self.assertGreater(len(self.files), 300)

    def test_includes_go_down(self):
        self.hold(checks.includes_go_down(self.files))

    def test_files_are_short(self):
        self.hold(checks.files_are_short(self.files))

    def test_functions_are_short(self):
        self.hold(checks.functions_are_short(self.files))

    def test_banned_calls_are_not_made(self):
        self.hold(checks.banned_calls_are_not_made(self.files))

    def test_tests_do_not_sleep(self):
        self.hold(checks.tests_do_not_sleep(self.files))

    def test_log_fields_are_known(self):
        self.hold(checks.log_fields_are_known(self.files, VOCABULARY))

    def test_log_fields_are_used(self):
        self.hold(checks.log_fields_are_used(self.files, VOCABULARY))

    def test_functions_are_referred_to(self):
        self.hold(checks.functions_are_referred_to(self.files))


class Samples(unittest.TestCase):
    """Each check finds what breaks its habit, and nothing in what keeps it."""

    def found(self, check, *files, **more):
        return len(list(check([File(path, text) for path, text in files], **more)))

    def test_includes(self):
        def of(path, included):
            return self.found(checks.includes_go_down, (path, f'#include "{included}"\n'))

        self.assertEqual(of("common/resource/query/a.cc", "common/resource/contract/b.h"), 0)
        self.assertEqual(of("common/resource/contract/a.cc", "common/resource/query/b.h"), 1)
        self.assertEqual(of("common/telemetry/a.cc", "common/storage/b.h"), 1)
        self.assertEqual(of("common/base/a.cc", "services/meetings/b.h"), 1)
        self.assertEqual(of("services/meetings/a.cc", "services/gateway/net/b.h"), 1)
        self.assertEqual(of("services/gateway/main.cc", "services/gateway/calls/b.h"), 0)
        self.assertEqual(of("services/gateway/listen/a.cc", "services/gateway/upstream/b.h"), 1)
        self.assertEqual(of("common/nowhere/a.cc", "common/base/b.h"), 1)
        self.assertEqual(of("services/gateway/attic/a.cc", "common/base/b.h"), 1)
        self.assertEqual(of("common/base/a_test.cc", "common/storage/b.h"), 0)

    def test_lengths(self):
        def function(lines):
            return "int F(int a) {\n" + "  a += 1;\n" * (lines - 2) + "}\n"

        self.assertEqual(self.found(checks.functions_are_short, ("common/base/a.cc", function(60))), 0)
        self.assertEqual(self.found(checks.functions_are_short, ("common/base/a.cc", function(61))), 1)
        inside = "class C {\n  int F() {\n" + "    g();\n" * 59 + "  }\n};\n"
        self.assertEqual(self.found(checks.functions_are_short, ("common/base/a.h", inside)), 1)
        lists = "namespace n {\nconst A kA[] = {\n" + "    1,\n" * 80 + "};\n}\n"
        self.assertEqual(self.found(checks.functions_are_short, ("common/base/a.cc", lists)), 0)
        self.assertEqual(self.found(checks.files_are_short, ("common/base/a.cc", "\n" * 400)), 0)
        self.assertEqual(self.found(checks.files_are_short, ("common/base/a.cc", "\n" * 401)), 1)

    def test_banned(self):
        def of(line, path="common/base/a.cc"):
            return self.found(checks.banned_calls_are_not_made, (path, line + "\n"))

        for line in ("throw Error();", "} catch (const E& e) {", "std::abort();", "exit(2);",
                     "sprintf(a, b);", "int n = rand();", "std::regex r;", "std::stoi(text);",
                     "absl::SleepFor(absl::Seconds(1));", "std::cout << a;", "absl::Mutex m;",
                     "std::system(a);"):
            self.assertEqual(of(line), 1, line)
        self.assertEqual(of("// never throw"), 0)
        self.assertEqual(of('Error("throw it away");'), 0)
        self.assertEqual(of("std::exit(2);", "services/gateway/main.cc"), 0)

    def test_sleeps(self):
        def of(line, path="common/rpc/a_test.cc"):
            return self.found(checks.tests_do_not_sleep, (path, line + "\n"))

        self.assertEqual(of("while (!done) absl::SleepFor(absl::Milliseconds(1));"), 0)
        self.assertEqual(of("absl::SleepFor(absl::Milliseconds(300));"), 1)
        self.assertEqual(of("absl::SleepFor(kPause);"), 1)
        self.assertEqual(of("absl::SleepFor(kPause);", "common/rpc/stream_call_test.cc"), 0)

    def test_log_fields(self):
        line = 'Log(kInfo, "a", "b").Field("peer", peer).Field("Peer", peer);\n'
        self.assertEqual(
            self.found(checks.log_fields_are_known, ("a/b.cc", line), vocabulary=["peer"]), 1)
        self.assertEqual(
            self.found(checks.log_fields_are_used, ("a/b.cc", line), vocabulary=["peer", "x"]), 1)

    def test_references(self):
        header = ("common/base/a.h", "int Used(int a);\nint Unused(int a);\n")
        source = ("common/base/a.cc", "int Used(int a) { return a; }\nint Unused(int a) { return a; }\n")
        user = ("common/base/b.cc", "int b = Used(1);\n")
        self.assertEqual(self.found(checks.functions_are_referred_to, header, source, user), 1)
        test = ("common/base/a_test.cc", "int b = Unused(1);\n")
        self.assertEqual(self.found(checks.functions_are_referred_to, header, source, user, test), 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
