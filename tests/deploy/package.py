"""The Debian package of the programs as they are built, in two versions."""

import glob
import os
import shutil
import subprocess
import tempfile

VERSIONS = ['0.1.0', '0.1.1']  # the second is the first with another number


def make(directory):
    """Packs them, by somebody whose files nobody else may read. The path."""
    build = os.environ['BALI_BUILD']
    subprocess.run(['cpack', '--config', os.path.join(build, 'CPackConfig.cmake'), '-R',
                    VERSIONS[0], '-B', directory], check=True, stdout=subprocess.DEVNULL,
                   umask=0o077)
    shutil.rmtree(os.path.join(directory, '_CPack_Packages'))
    package, = glob.glob(os.path.join(directory, '*.deb'))
    return package


def make_upgrade(package):
    """The package with the next number. Its path."""
    with tempfile.TemporaryDirectory() as directory:
        tree = os.path.join(directory, 'tree')
        subprocess.run(['dpkg-deb', '--raw-extract', package, tree], check=True)
        path = os.path.join(tree, 'DEBIAN/control')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace('Version: ' + VERSIONS[0], 'Version: ' + VERSIONS[1]))
        upgrade = package.replace(VERSIONS[0], VERSIONS[1])
        subprocess.run(['dpkg-deb', '-Zgzip', '--build', tree, upgrade], check=True,
                       stdout=subprocess.DEVNULL)
    return upgrade
