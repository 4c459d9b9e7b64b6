"""Holds that the files which the Dockerfile has at each step of its stage `build` are enough for CMake.

What is compiled then is left to tests/deploy/run --build.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def steps():
    """The instructions of the stage, each as one line."""
    text = (TOP / "Dockerfile").read_text().replace("\\\n", " ")
    stage = re.search(r"^FROM \S+ AS build$(.*?)^FROM", text, re.MULTILINE | re.DOTALL).group(1)
    return [line.split(maxsplit=1) for line in stage.splitlines() if re.match("[A-Z]+ ", line)]


class Steps(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="bali-steps-")
        self.addCleanup(shutil.rmtree, self.directory)

    def copy(self, arguments):
        *sources, target = shlex.split(arguments)
        if sources[0].startswith("--from="):
            os.symlink(TOP / sources[1].removeprefix("/src/"), Path(self.directory) / target)
            return
        for source in sources:
            if (TOP / source).is_dir():
                shutil.copytree(TOP / source, Path(self.directory) / target, dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns("node_modules"))
            else:
                shutil.copy(TOP / source, Path(self.directory) / target)

    def configure(self, arguments):
        """What a RUN does beside installing, compiling, and what needs compiled programs."""
        for command in arguments.split("&&"):
            if re.match(r"\s*(mkdir|touch|cmake --preset)\b", command):
                ran = subprocess.run(["bash", "-ec", command], cwd=self.directory, check=False,
                                     env={**os.environ, "COMMIT": "0" * 40}, text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.assertEqual(ran.returncode, 0, command + "\n" + ran.stdout[-3000:])
                self.configured += "cmake" in command

    def test_cmake_takes_each_step(self):
        self.configured = 0
        for name, arguments in steps():
            if name == "COPY":
                os.makedirs(Path(self.directory) / "deploy", exist_ok=True)
                self.copy(arguments)
            elif name == "RUN":
                self.configure(arguments)
        self.assertEqual(self.configured, 3)


if __name__ == "__main__":
    unittest.main()
