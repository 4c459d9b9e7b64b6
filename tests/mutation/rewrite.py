"""Writes copies of the product's source files in which one check at a time can be taken out.

    rewrite.py TOP OUT

Copies each .cc below TOP/common and TOP/services to OUT, and lists the places in OUT/mutants.tsv:
number, file, line, kind, text. Two kinds of places:

    return      RETURN_IF_ERROR(...): taken out, its expression isn't evaluated
    condition   the condition of an `if` that leads to a violation or an error: taken out, it's false

The copies ask baliprocess_mutant(number) (mutant.h), so all of them are compiled in at once.
"""

import re
import sys
from pathlib import Path

SKIPPED = re.compile(r"(_test|_benchmark)\.cc$|/testing/|test_authority")
ERRORS = re.compile(r"\b(Add|Fail|RuleBroken|WrongState|InvalidField|NotEligible|NotFound|"
                    r"Violation|Defect|InvalidToken|Denied|Error)\(")
RETURN = re.compile(r"^(\s*)RETURN_IF_ERROR\(")
# Not one that declares what it asks for: `if (Share* share = Find())`.
DECLARATION = r"const |auto |absl::|[\w:]+[*&]? \w+ = "
CONDITION = re.compile(rf"^(\s*(?:\}} else )?if )\((?!{DECLARATION}|.*; )(.*)$")


def condition_end(lines, start):
    """The line and column after the bracket that closes the condition that begins in a line."""
    depth = 0
    for number in range(start, min(start + 6, len(lines))):
        column = lines[number].index("if (") + 3 if number == start else 0
        while column < len(lines[number]):
            depth += {"(": 1, ")": -1}.get(lines[number][column], 0)
            column += 1
            if depth == 0:
                return number, column
    return None


def leads_to_error(lines, end, column):
    """Whether what follows a condition, on its line or the next, makes an error."""
    rest = lines[end][column:].strip()
    return bool(ERRORS.search(rest) or (rest in ("", "{") and end + 1 < len(lines)
                                        and ERRORS.search(lines[end + 1])))


def rewrite(path, text, mutants):
    """The text with questions at its places, which are added to `mutants`."""
    lines = text.split("\n")

    def ask(number, kind):
        mutants.append((path, number + 1, kind, lines[number].strip()))
        return f"baliprocess_mutant({len(mutants) - 1})"

    out = list(lines)
    for number, line in enumerate(lines):
        if RETURN.match(line):
            out[number] = RETURN.sub(rf"\1if (!{ask(number, 'return')}) RETURN_IF_ERROR(", line)
        elif CONDITION.match(line) and (end := condition_end(lines, number)):
            if not leads_to_error(lines, *end):
                continue
            question = ask(number, "condition")
            last, column = end
            out[last] = out[last][:column] + ")" + out[last][column:]
            out[number] = CONDITION.sub(rf"\1(!{question} && (\2", out[number], count=1)
    return '#include "tests/mutation/mutant.h"\n' + "\n".join(out)


def main(top, out):
    mutants = []
    for folder in ("common", "services"):
        for source in sorted((top / folder).rglob("*.cc")):
            path = str(source.relative_to(top))
            if SKIPPED.search(path):
                continue
            copy = out / path
            text = rewrite(path, source.read_text(), mutants)
            if not copy.exists() or copy.read_text() != text:
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(text)
    rows = ("\t".join(map(str, (number, *mutant))) for number, mutant in enumerate(mutants))
    (out / "mutants.tsv").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
