"""Adds the modules that proto/generate makes of the contracts to what is packed."""

import pathlib
import re
import shutil
import subprocess
import tempfile

import setuptools
from setuptools.command import build_py

_GENERATE = pathlib.Path(__file__).resolve().parents[2] / 'proto' / 'generate'
# google.api, google.rpc and google.type belong to another distribution, which Debian doesn't have.
_IMPORT = re.compile(r'^from google\.(api|rpc|type) import (\w+) as (\w+)$', re.MULTILINE)
_IN_STUB = re.compile(r'^from google\.(api|rpc|type) import ', re.MULTILINE)


def _adapt(path):
    text = path.read_text(encoding='utf-8')
    if path.suffix == '.pyi':
        text = _IN_STUB.sub(r'from baliprocess._bundled.\1 import ', text)
    else:
        text, found = _IMPORT.subn(r"\3 = _google.module('\1.\2')", text)
        if found:
            text = 'from baliprocess import _google\n' + text
    path.write_text(text, encoding='utf-8')


class BuildWithContracts(build_py.build_py):
    """build_py, and the generated modules: what is Google's goes to baliprocess/_bundled."""

    def run(self):
        super().run()
        target = pathlib.Path(self.build_lib).resolve() / 'baliprocess'
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([_GENERATE, folder, 'python'], check=True)
            generated = pathlib.Path(folder) / 'python'
            for path in generated.rglob('*.py*'):
                # Only the files of services have stubs in them.
                if path.name.endswith('_pb2_grpc.py') and not path.name.endswith('service_pb2_grpc.py'):
                    path.unlink()
                else:
                    _adapt(path)
            shutil.copytree(generated / 'baliprocess', target, dirs_exist_ok=True)
            shutil.copytree(generated / 'google', target / '_bundled', dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns('protobuf'))


setuptools.setup(cmdclass={'build_py': BuildWithContracts})
