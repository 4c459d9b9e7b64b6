#!/usr/bin/env python3
"""Writes the standard part of the contracts: what every resource has in the same words.

    proto/standard_methods.py           writes it into the .proto files
    proto/standard_methods.py --check   tells which files differ from what would be written

A resource is a message with the option google.api.resource. Of each, this script writes

  - the fields 1 to 8 of the message,
  - the requests and replies of its standard methods, at the end of its file, below a line that
    says so,
  - the standard methods themselves, at the end of the service of its package.

What differs between resources is declared in the message, by (baliprocess.api.v1.resource).methods
(baliprocess/api/v1/field.proto). All else in the files is written by hand.
"""

import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent
LINE = "// " + "-" * 77
REQUESTS_BELOW = f"""{LINE}
// The requests and replies of the standard methods follow. They are written by
// proto/standard_methods.py.
{LINE}
"""
METHODS_BELOW = f"""  {LINE[:-2]}
  // The standard methods follow. They are written by proto/standard_methods.py.
  {LINE[:-2]}
"""

FIELDS = """\
  // The resource name: `{pattern}`.
  string name = 1 [(google.api.field_behavior) = IDENTIFIER];

  // An identifier that is never used again, not even for a resource of the same
  // name (UUID).
  string uid = 2 [(google.api.field_behavior) = OUTPUT_ONLY];

  // Changes whenever the resource does. Sent back with a mutation, the mutation
  // takes effect only on this version (AIP-154).
  string etag = 3;

  // When the record was made.
  google.protobuf.Timestamp create_time = 4 [
    (google.api.field_behavior) = OUTPUT_ONLY,
    (baliprocess.api.v1.field).filterable = true
  ];

  // When the record was last changed.
  google.protobuf.Timestamp update_time = 5 [
    (google.api.field_behavior) = OUTPUT_ONLY,
    (baliprocess.api.v1.field).filterable = true
  ];

  // When the record was deleted; absent while it stands.
  google.protobuf.Timestamp delete_time = 6 [
    (google.api.field_behavior) = OUTPUT_ONLY,
    (baliprocess.api.v1.field).filterable = true
  ];

  // Where the record comes from.
  repeated baliprocess.common.v1.Citation citations = 7{citations};

  // Who may read the record.
  baliprocess.api.v1.Visibility.Level visibility = 8 [(baliprocess.api.v1.field).filterable = true];
"""

VALIDATE_ONLY = """\
  // Check everything, write nothing (AIP-163). The reply is what would be.
  bool validate_only = {0};
"""

REQUEST_ID = """\
  // Makes the call safe to repeat: the same id (a UUID) from the same caller
  // within a day returns the first reply and changes nothing (AIP-155).
  string request_id = {0} [(google.api.field_info).format = UUID4];
"""

AS_RECORDED = """\
  // For the secretariat alone, and for records of the past and imports: takes
  // the fields as given that otherwise methods set, such as a state.{more}
  bool as_recorded = 6;
"""

NAME = """\
  string name = 1 [
    (google.api.field_behavior) = REQUIRED,
    (google.api.resource_reference).type = "{type}"
  ];
"""

NAMES = """\
  repeated string names = 2 [
    (google.api.field_behavior) = REQUIRED,
    (baliprocess.api.v1.field).max_items = 1000,
    (google.api.resource_reference).type = "{type}"
  ];
"""

REQUIRED_PARENT = """\
  string parent = 1 [
    (google.api.field_behavior) = REQUIRED,
    (google.api.resource_reference).child_type = "{type}"
  ];
"""


class Resource:
    """One resource, as its message declares it."""

    def __init__(self, path, text, message, start, end):
        self.path = path
        self.message = message
        self.start, self.end = start, end
        body = text[start:end]
        option = re.search(r"option \(google\.api\.resource\) = \{(.*?)\n  \};", body, re.S)[1]
        self.type = re.search(r'type: "([^"]*)"', option)[1]
        self.pattern = re.search(r'pattern: "([^"]*)"', option)[1]
        self.field = snake(re.search(r'singular: "([^"]*)"', option)[1])
        self.plural = re.search(r'plural: "([^"]*)"', option)[1]
        self.messages = self.plural[0].upper() + self.plural[1:]
        self.collection = self.pattern.split("/")[-2]
        self.wildcards = re.sub(r"\{[^}]*\}", "*", self.pattern)
        self.parent = "/".join(self.wildcards.split("/")[:-2])
        declared = re.search(r"\n    methods: \{(.*?)\}", body, re.S)
        declared = declared[1] if declared else ""
        self.readers = (re.search(r"readers: (\w+)", declared) or ["", "PUBLIC"])[1]
        self.owner = (re.search(r'owner_field: "([^"]*)"', declared) or ["", ""])[1]
        self.owner_may = re.findall(r"owner_may: (\w+)", declared)
        self.batch_create = "batch_create: true" in declared
        self.without = re.findall(r"without: (\w+)", declared)
        self.recorded = ").recorded = true" in body
        # Of a person they are personal.
        self.citations = (re.search(r"citations = 7( \[.*?\]);", body) or ["", ""])[1]

    @property
    def words(self):
        """The resource in a sentence: `an agenda item`."""
        one = self.field.replace("_", " ")
        return f"{'an' if one[0] in 'aeiou' else 'a'} {one}"

    @property
    def many(self):
        return snake(self.plural).replace("_", " ")


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def message(comment, name, *fields):
    body = "\n".join(field for field in fields if field)
    return f"// {comment}\nmessage {name} {{\n{body}}}\n"


def single_requests(r):
    """The requests of Get, Create, Update, Delete and Undelete."""
    parent = REQUIRED_PARENT.format(type=r.type) if r.parent else ""
    name = NAME.format(type=r.type)
    create_as = AS_RECORDED.format(more="") if r.recorded else ""
    update_as = (AS_RECORDED.format(more="\n  // They can't be changed: each must be as it is.")
                 if r.recorded else "")
    yield message(f"The request of Get{r.message}.", f"Get{r.message}Request",
                  "  // The resource to get.\n" + name)
    yield message(
        f"The request of Create{r.message}.", f"Create{r.message}Request",
        parent and "  // The parent of the resource to create.\n" + parent,
        "  // The last part of the name: 1 to 63 lower-case letters, digits and hyphens,\n"
        "  // the first a letter, the last not a hyphen. Empty: the server chooses one.\n"
        f"  string {r.field}_id = 2 [(baliprocess.api.v1.field).max_length = 63];\n",
        "  // The resource. Its `name` is ignored.\n"
        f"  {r.message} {r.field} = 3 [(google.api.field_behavior) = REQUIRED];\n",
        VALIDATE_ONLY.format(4), REQUEST_ID.format(5), create_as)
    yield message(
        f"The request of Update{r.message}.", f"Update{r.message}Request",
        "  // The resource, with its `name`.\n"
        f"  {r.message} {r.field} = 1 [(google.api.field_behavior) = REQUIRED];\n",
        "  // The fields to change (AIP-161). Empty: those that are set in the resource.\n"
        "  // `*`: all.\n  google.protobuf.FieldMask update_mask = 2;\n",
        "  // Create the resource if there is none of this name.\n  bool allow_missing = 3;\n",
        VALIDATE_ONLY.format(4), REQUEST_ID.format(5), update_as)
    yield message(
        f"The request of Delete{r.message}.", f"Delete{r.message}Request",
        "  // The resource to delete.\n" + name,
        "  // Delete only this version.\n  string etag = 2;\n",
        "  // Succeed also when there is no such resource.\n  bool allow_missing = 3;\n",
        VALIDATE_ONLY.format(4), REQUEST_ID.format(5))
    yield message(
        f"The request of Undelete{r.message}.", f"Undelete{r.message}Request",
        "  // The resource to restore.\n" + name,
        "  // Restore only this version.\n  string etag = 2;\n",
        VALIDATE_ONLY.format(3), REQUEST_ID.format(4))


def list_requests(r):
    parent = ("  // The collection to list; `-` in place of the last id lists across all\n"
              "  // parents.\n" + REQUIRED_PARENT.format(type=r.type)) if r.parent else ""
    yield message(
        f"The request of List{r.messages}.", f"List{r.messages}Request", parent,
        "  // The most resources to return, 1 to 1000. 0: the default, 100. A page\n"
        "  // ends before it exceeds 2 MiB.\n"
        "  int32 page_size = 2 [(baliprocess.api.v1.field).minimum = 0];\n",
        "  // The `next_page_token` of the page before, with everything else as it was.\n"
        "  string page_token = 3 [(baliprocess.api.v1.field).max_length = 2000];\n",
        "  // Which resources (AIP-160), over the fields marked filterable. At most 200\n"
        "  // comparisons, of which 20 look through texts (`:`, or a leading asterisk).\n"
        "  string filter = 4 [(baliprocess.api.v1.field).max_length = 20000];\n",
        "  // The order (AIP-132): filterable fields, each with ` desc` if need be.\n"
        "  // Texts are ordered by their first 100 characters. Empty: by name.\n"
        "  string order_by = 5;\n",
        "  // Deleted resources too (AIP-164), unless the caller has no role: who has\n"
        "  // none reads no deleted ones.\n  bool show_deleted = 6;\n")
    yield message(
        f"A page of {r.many}.", f"List{r.messages}Response",
        "  // The resources, in the order asked for.\n"
        f"  repeated {r.message} {snake(r.plural)} = 1;\n",
        "  // Asks for the next page; empty after the last.\n  string next_page_token = 2;\n")


def batch_requests(r):
    of_all = "  // The parent of them all, or `-` in place of its id.\n"
    parent = (of_all + "  string parent = 1 [(google.api.resource_reference).child_type = "
              f'"{r.type}"];\n') if r.parent else ""
    yield message(
        f"The request of BatchGet{r.messages}.", f"BatchGet{r.messages}Request", parent,
        "  // The resources to get, 1 to 1000 names, as far as they fit into\n"
        "  // 2 MiB: else TOO_LARGE says how many do.\n" + NAMES.format(type=r.type))
    yield message(
        f"The reply of BatchGet{r.messages}.", f"BatchGet{r.messages}Response",
        "  // The resources, in the order of the names.\n"
        f"  repeated {r.message} {snake(r.plural)} = 1;\n")
    if not r.batch_create:
        return
    yield message(
        f"The request of BatchCreate{r.messages}.", f"BatchCreate{r.messages}Request",
        r.parent and of_all + REQUIRED_PARENT.format(type=r.type),
        "  // What to create, 1 to 1000. All are created or none. `validate_only` and\n"
        "  // `request_id` are those of the batch.\n"
        f"  repeated Create{r.message}Request requests = 2 [\n"
        "    (google.api.field_behavior) = REQUIRED,\n"
        "    (baliprocess.api.v1.field).max_items = 1000\n  ];\n",
        VALIDATE_ONLY.format(3), REQUEST_ID.format(4))
    yield message(
        f"The reply of BatchCreate{r.messages}.", f"BatchCreate{r.messages}Response",
        "  // The resources, in the order of the requests.\n"
        f"  repeated {r.message} {snake(r.plural)} = 1;\n")


BOTH = "      roles: [\n        MEMBER,\n        SECRETARIAT\n      ]\n"


def access(r, kind):
    """The access of a method: of the secretariat, and of the resource's owner if it may."""
    if kind in ("GET", "LIST", "BATCH_GET"):
        if r.readers == "MEMBER":
            return BOTH
        return f"      roles: [{r.readers}]\n"
    if kind not in r.owner_may:
        return "      roles: [SECRETARIAT]\n"
    field = (f'own_member_field: "{r.field}.{r.owner}"' if kind in ("CREATE", "UPDATE")
             else f'own_resource_field: "{r.owner}"')
    return f"{BOTH}      {field}\n"


def rpc(r, kind, comment, name, returns, http, signature="", idempotency=""):
    request = f"{name}Request"
    text = "".join(f"  // {line}\n" for line in comment)
    text += f"  rpc {name}({request}) returns ({returns}) {{\n"
    if idempotency:
        text += f"    option idempotency_level = {idempotency};\n"
    text += f"    option (google.api.http) = {http};\n"
    if signature:
        text += f'    option (google.api.method_signature) = "{signature}";\n'
    text += f"    option (baliprocess.api.v1.access) = {{\n{access(r, kind)}    }};\n  }}\n"
    return text


def with_body(verb, path, body, more=""):
    return f'{{\n      {verb}: "{path}"\n      body: "{body}"\n{more}    }}'


def wrapped(text):
    """Lines of a comment of at most 76 columns within a service."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > 76:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def methods(r):
    """The standard methods of a resource."""
    named = f"/v1/{{name={r.wildcards}}}"
    collection = f"/v1/{{parent={r.parent}}}/{r.collection}" if r.parent else f"/v1/{r.collection}"
    parent = "parent," if r.parent else ""
    reads, repeats = "NO_SIDE_EFFECTS", "IDEMPOTENT"
    yield rpc(r, "GET", wrapped(f"Gets {r.words}: a deleted one too, unless the caller has no "
                                "role."),
              f"Get{r.message}", r.message, f'{{get: "{named}"}}', "name", reads)
    yield rpc(r, "LIST", [f"Lists {r.many}."], f"List{r.messages}", f"List{r.messages}Response",
              f'{{get: "{collection}"}}', parent.strip(","), reads)
    yield rpc(r, "CREATE", [f"Creates {r.words}."], f"Create{r.message}", r.message,
              with_body("post", collection, r.field), f"{parent}{r.field},{r.field}_id")
    yield rpc(r, "UPDATE", wrapped(f"Updates {r.words}. A change that changes nothing leaves the "
                                   "etag as it was."),
              f"Update{r.message}", r.message,
              with_body("patch", f"/v1/{{{r.field}.name={r.wildcards}}}", r.field),
              f"{r.field},update_mask", repeats)
    undeletable = "UNDELETE" not in r.without
    yield rpc(r, "DELETE", wrapped(f"Deletes {r.words}, unless others refer to it. It can be "
                                   "undeleted." if undeletable else
                                   f"Deletes {r.words} for good. It stays in the history."),
              f"Delete{r.message}", r.message, f'{{delete: "{named}"}}', "name", repeats)
    yield rpc(r, "UNDELETE", wrapped(f"Restores a deleted {r.field.replace('_', ' ')}, if what it "
                                     "refers to still stands."),
              f"Undelete{r.message}", r.message, with_body("post", named + ":undelete", "*"),
              "name", repeats)
    post = (f'      additional_bindings: {{\n        post: "{collection}:batchGet"\n'
            '        body: "*"\n      }\n')
    yield rpc(r, "BATCH_GET",
              wrapped(f"Gets several {r.many} at once, or fails when one is missing. By GET as "
                      "many names as fit into a URL of 8 KiB; by POST all."),
              f"BatchGet{r.messages}", f"BatchGet{r.messages}Response",
              f'{{\n      get: "{collection}:batchGet"\n{post}    }}', "", reads)
    if r.batch_create:
        yield rpc(r, "BATCH_CREATE", [f"Creates several {r.many} at once, all or none."],
                  f"BatchCreate{r.messages}", f"BatchCreate{r.messages}Response",
                  with_body("post", collection + ":batchCreate", "*"))


def present(r, texts):
    """Of requests or methods of a resource those that it isn't without."""
    without = "|".join(change.title() for change in r.without) or "(?!)"
    left_out = re.compile(rf"^(?:message|  rpc) (?:{without}){r.message}(?:Request)?\b", re.M)
    return [text for text in texts if not left_out.search(text)]


def resources_in(path, text):
    """The resources that a file declares, in their order."""
    for found in re.finditer(r"^message (\w+) \{\n(.*?)^\}\n", text, re.S | re.M):
        if "option (google.api.resource) = {" in found[2]:
            yield Resource(path, text, found[1], found.start(), found.end())


def written_resource(path, text):
    """The file of a resource, and the resource; None if the file has none."""
    text = text.split(LINE)[0].rstrip("\n") + "\n"
    found = list(resources_in(path, text))
    if not found:
        return text, None
    resource = found[0]
    fields = re.compile(r"  // The resource name: .*? visibility = 8 \[[^\n]*\];\n", re.S)
    written = FIELDS.format(pattern=resource.pattern, citations=resource.citations)
    text = fields.sub(lambda _: written, text, count=1)
    requests = present(resource, [*single_requests(resource), *list_requests(resource),
                                  *batch_requests(resource)])
    text += "\n" + REQUESTS_BELOW + "\n" + "\n".join(requests)
    return text, resource


def written_service(text, resources):
    before, marked, _ = text.partition(METHODS_BELOW)
    if not marked:
        before = before.rstrip("\n").removesuffix("}")
    before = before.rstrip("\n")
    standard = "\n".join(method for resource in resources
                         for method in present(resource, methods(resource)))
    return f"{before}\n\n{METHODS_BELOW}\n{standard}}}\n"


def order_of(service_text):
    """The files of a service's resources: in the order in which it imports them."""
    return re.findall(r'import "(baliprocess/\w+/v1/\w+\.proto)"', service_text)


def main(check):
    wanted = {}
    for service in sorted(TOP.glob("baliprocess/*/v1/*_service.proto")):
        text = service.read_text()
        resources = []
        for name in order_of(text):
            path = TOP / name
            if path.parent != service.parent:
                continue
            wanted[path], resource = written_resource(path, path.read_text())
            if resource:
                resources.append(resource)
            else:
                del wanted[path]
        if resources:  # a service without any has no standard part
            wanted[service] = written_service(text, resources)
    differ = [path for path, text in wanted.items() if path.read_text() != text]
    for path in differ:
        if check:
            print(f"{path.relative_to(TOP)} isn't as proto/standard_methods.py writes it")
        else:
            path.write_text(wanted[path])
    return 1 if check and differ else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
