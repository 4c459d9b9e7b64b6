"""The habits of this project, as checks over the text of its C++ files.

Each check takes a list of Files and yields one line of text for each place that breaks the habit.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


@dataclass
class File:
    path: str  # from the top of the tree: `common/base/date.h`
    text: str

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        """The text without comments and without the contents of strings."""
        text = re.sub(r'R"(\w*)\(.*?\)\1"', '""', self.text, flags=re.S)
        text = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)
        return re.sub(r"//[^\n]*", "", text)

    @property
    def is_test(self):
        parts = self.path.split("/")
        return parts[0] == "tests" or "testing" in parts or "testdata" in parts or bool(
            re.search(r"(_test|_benchmark|test_util|test_authority|sql_fixture|testing)\.(cc|h)$",
                      self.path))


def read_tree(top):
    top = Path(top)
    return [
        File(str(path.relative_to(top)), path.read_text())
        for folder in ("common", "services", "tests")
        for path in sorted((top / folder).rglob("*"))
        if path.suffix in (".cc", ".h")
    ]


# --- Includes go down only -----------------------------------------------------------------------

# Folders from the bottom to the top: a file includes its own folder and those in rows above its
# own row. Folders of one row don't include each other.
LAYERS = [
    ["common/base"],
    ["common/storage", "common/telemetry"],
    ["common/auth"],
    ["common/rpc", "common/resource/contract"],
    ["common/resource/query"],
    ["common/resource/store"],
    ["common/resource/engine"],
    ["common/resource/program"],
    ["services/gateway/settings", "services/gateway/transcoding", "services/balictl/program",
     "services/capacity/figures"],
    ["services/gateway/net", "services/gateway/describe", "services/balictl/contract",
     "services/balictl/sheets", "services/capacity/rules"],
    ["services/gateway/calls", "services/balictl/client", "services/capacity/identity"],
    ["services/gateway/listen", "services/gateway/upstream", "services/gateway/web",
     "services/balictl/commands", "services/capacity/iati"],
    ["services/gateway/operate"],
    ["services/gateway", "services/balictl", "services/capacity", "services/meetings",
     "services/membership"],
]
LAYER_OF = {folder: i for i, row in enumerate(LAYERS) for folder in row}


def folder_of(path):
    """The folder of LAYERS that a file is in; None for a file that has no layer."""
    folder = path.rsplit("/", 1)[0]
    if folder in LAYER_OF:
        return folder
    above = folder.rsplit("/", 1)[0]
    # A folder within one that has no rooms is of it; a service with rooms has no others than those.
    has_rooms = any(other.startswith(above + "/") for other in LAYER_OF)
    return above if above in LAYER_OF and not has_rooms else None


def service_of(folder):
    parts = folder.split("/")
    return parts[1] if parts[0] == "services" else None


def includes_go_down(files):
    for file in files:
        own = folder_of(file.path)
        if file.is_test:
            continue
        if own is None:
            yield f"{file.path}: is in no folder of the layers (tests/tidy/checks.py)"
            continue
        for included in re.findall(r'#include "((?:common|services|tests)/[^"]+)"', file.text):
            other = folder_of(included)
            if other == own:
                continue
            if other is None:
                yield f"{file.path}: includes {included}, which is in no folder of the layers"
            elif LAYER_OF[other] >= LAYER_OF[own]:
                yield f"{file.path}: includes {included}, which isn't below it"
            elif service_of(other) not in (None, service_of(own)):
                yield f"{file.path}: includes {included}, the code of another service"


# --- Lengths -------------------------------------------------------------------------------------

def files_are_short(files):
    for file in files:
        if len(file.lines) > MAX_FILE_LINES and not file.is_test:
            yield f"{file.path}: has {len(file.lines)} lines; {MAX_FILE_LINES} are the most"


# What opens a block that is no function.
NO_FUNCTION = re.compile(
    r"^\s*(?:namespace|class|struct|enum|union|extern|using|typedef|template <.*> (?:class|struct)|"
    r"(?:static |inline )?const(?:expr)? .*=|.* = \{$)")


def functions(file):
    """Yields (first line, last line) of each function of a formatted file, from 1 on."""
    lines = file.lines
    for end, line in enumerate(lines):
        indent = re.fullmatch(r"( *)\}", line)
        if not indent or len(indent[1]) > 4:
            continue
        start = opener_of(lines, end, indent[1])
        if start is not None:
            yield start + 1, end + 1


def opener_of(lines, end, indent):
    """The first line of the function that ends at the line `end`; None if that is no function."""
    at = end - 1
    while at >= 0 and (not lines[at].strip() or lines[at].startswith(indent + " ")):
        at -= 1
    if at < 0 or lines[at] == indent + "}":
        return None
    head = lines[at]
    return None if NO_FUNCTION.match(head) or "(" not in head else at


def functions_are_short(files):
    for file in files:
        if file.is_test:
            continue
        for start, end in functions(file):
            if end - start + 1 > MAX_FUNCTION_LINES:
                yield (f"{file.path}:{start}: a function of {end - start + 1} lines; "
                       f"{MAX_FUNCTION_LINES} are the most")


# --- Calls that aren't made ----------------------------------------------------------------------

# (what, a pattern, the files in which it is allowed, why it isn't elsewhere). Of product code.
BANNED = [
    ("an exception", r"\b(?:throw\b|catch \()",
     # The parsers of JSON and YAML tell by exceptions alone where they stopped; so does std::thread.
     r"services/balictl/(?:contract/(?:json|yaml)|program/profiles)\.cc|common/rpc/worker_pool\.cc", "errors are absl::Status"),
    ("an end of the process", r"\b(?:std::)?(?:abort|exit|_exit|quick_exit|terminate)\(",
     # Without random numbers or hashes no token could be trusted; config.cc is the start of main;
     # watchdog.cc ends what was asked to end and hangs.
     r"common/base/(?:ids|config)\.cc|common/rpc/watchdog\.cc|/main\.cc", "input of any kind must not end a process"),
    ("an unbounded C string", r"\b(?:strcpy|strcat|sprintf|vsprintf|gets)\(", r"^$",
     "it writes past the end"),
    ("a weak random number", r"\b(?:std::)?s?rand\(", r"^$", "use common/base/ids or absl::BitGen"),
    ("a regular expression", r"\bstd::regex\b", r"^$", "it recurses on input"),
    ("a conversion that throws", r"\bstd::sto(?:i|l|ul|ll|ull|f|d)\(", r"^$",
     "use absl::SimpleAtoi or std::from_chars"),
    ("a sleep", r"\b(?:sleep_for|sleep_until|SleepFor|usleep|nanosleep)\(",
     # Pauses between attempts.
     r"common/storage/postgres\.cc|common/telemetry/process\.cc|services/balictl/(?:client/sign_in|program/interruption)\.cc",
     "wait for what is to happen"),
    ("printing", r"\bstd::(?:cout|cerr)\b|\bprintf\(",
     r"common/telemetry/|common/base/config\.cc|common/resource/program/|/main\.cc",
     "servers log; commands write to Io"),
    ("absl::Mutex", r"\babsl::Mutex\b", r"^$", "ThreadSanitizer understands std::mutex"),
    ("a shell", r"\b(?:std::)?(?:system|popen)\(", r"^$", "shells read input as commands"),
]

# Tests wait for what is to happen. They may look again each few milliseconds. Pauses of other kinds
# stand in these files alone, so many of them: where there is no event for "nothing more comes", or
# where a deadline itself is to pass.
LONGEST_LOOK = 10
PAUSES_IN_TESTS = {
    "common/rpc/client_test.cc": 2,
    "common/rpc/server_test.cc": 2,
    "common/rpc/sink_call_test.cc": 1,
    "common/rpc/stream_bounds_test.cc": 1,
    "common/rpc/stream_call_test.cc": 1,
    "common/rpc/worker_pool_test.cc": 1,
    "tests/bench/overload_load.cc": 3,
    "tests/bench/watch_load.cc": 2,
    "tests/clients/interop/server.cc": 1,
    "tests/contract/storage_sqlite_test.cc": 2,
}
PAUSE = re.compile(r"\b(?:sleep_for|sleep_until|SleepFor|usleep|nanosleep)\(([^;]*);")


def is_look(argument):
    length = re.search(r"[mM]illi[sS]econds\((\d+)\)", argument)
    return length is not None and int(length[1]) <= LONGEST_LOOK


def tests_do_not_sleep(files):
    for file in files:
        if not file.is_test:
            continue
        pauses = [argument for argument in PAUSE.findall(file.code) if not is_look(argument)]
        allowed = PAUSES_IN_TESTS.get(file.path, 0)
        if len(pauses) > allowed:
            yield f"{file.path}: sleeps {len(pauses)} times; {allowed} are allowed"


def banned_calls_are_not_made(files):
    for file in files:
        if file.is_test:
            continue
        for number, line in enumerate(file.code.splitlines(), 1):
            for what, pattern, allowed, why in BANNED:
                if re.search(pattern, line) and not re.search(allowed, file.path):
                    yield f"{file.path}:{number}: {what}, but {why}"


# --- One vocabulary in the log -------------------------------------------------------------------

def log_fields_are_known(files, vocabulary):
    for file in files:
        if file.is_test:
            continue
        for name in re.findall(r'\.Field\("([^"]*)"', file.text):
            if name not in vocabulary:
                yield f"{file.path}: log field {name}: not in tests/tidy/log_fields.txt"


def log_fields_are_used(files, vocabulary):
    used = {name for file in files if not file.is_test
            for name in re.findall(r'\.Field\("([^"]*)"', file.text)}
    for name in vocabulary:
        if name not in used:
            yield f"tests/tidy/log_fields.txt: {name}: no line of the log has it"


# --- No function that nothing refers to ----------------------------------------------------------

DECLARED = re.compile(r"^(?:  )?(?:[A-Za-z_][\w:<>,*& ]*?[ *&])(~?[A-Za-z]\w*)\(", re.M)
# What libraries call: gRPC its reactors, spdlog its sinks. And a clock for tests beside the real one.
CALLED_BY_OTHERS = {"CreateReactor", "InternalInlineable", "Advance"}
KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "operator", "decltype", "catch",
            "defined", "main"}


def functions_are_referred_to(files):
    """Functions that a header of ours declares and that product code names nowhere else.

    Looks at names alone: a function with the name of another one goes unnoticed.
    """
    product = [file for file in files if not file.is_test]
    words = {}
    for file in product:
        for word in re.findall(r"\b[A-Za-z_]\w*\b", file.code):
            words[word] = words.get(word, 0) + 1
    for file in product:
        if not file.path.endswith(".h"):
            continue
        own = {}
        for name in DECLARED.findall(file.code):
            if name not in KEYWORDS | CALLED_BY_OTHERS and not re.match(r"~|On[A-Z]", name):
                own[name] = own.get(name, 0) + 1
        for name in own:
            if words.get(name, 0) <= own[name] + defined(file, product, name):
                yield f"{file.path}: {name}: nothing refers to it"


def defined(header, product, name):
    """How often the source file of a header defines a function of this name."""
    source = header.path[:-2] + ".cc"
    definition = re.compile(rf"^[A-Za-z_].*\b(?:\w+::)?{name}\(.*$", re.M)
    return sum(len(definition.findall(file.code)) for file in product if file.path == source)
