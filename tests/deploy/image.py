"""The image, built as a whole or with programs that are there already."""

import json
import os
import re
import shutil
import tempfile

import daemon
from daemon import ROOT, docker

NAME = 'baliprocess'
PROGRAMS = ('membership', 'meetings', 'capacity', 'gateway', 'balictl')
BASE = 'debian:bookworm-slim'
# Of others, as far as they are used here.
BALANCER = 'haproxy:2.6-bookworm'
DATABASE = 'postgres:15-bookworm'


def load_base():
    """The base as it can be had here: the official one isn't in Debian's archive."""
    if docker('image', 'inspect', BASE, check=False).returncode != 0:
        docker('import', '--change', 'CMD ["bash"]', os.environ['DEPLOY_BASE'], BASE)


def commit():
    return daemon.run('git', '-C', ROOT, 'rev-parse', 'HEAD').stdout.strip()


def build():
    """With Debian's client, either builder can be had without a plug-in."""
    load_base()
    arguments = ['build', '--build-arg', 'COMMIT=' + commit(), '-t', NAME]
    if os.environ['DEPLOY_BUILD']:
        kit = '1' if os.environ['DEPLOY_BUILD'] == 'buildkit' else '0'
        docker(*arguments, ROOT, timeout=7200, env={**os.environ, 'DOCKER_BUILDKIT': kit})
        return
    # Where the next run looks for what a run left that was killed.
    context = tempfile.mkdtemp(prefix='image-', dir=os.path.join(daemon.CACHE, 'daemon'))
    try:
        _fill(context)
        docker(*arguments, context)
    finally:
        shutil.rmtree(context)


def build_other(name):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'others')
    file = name.split(':')[0] + '.Dockerfile'
    docker('build', '-f', os.path.join(folder, file), '-t', name, folder)


def build_another(line='LABEL another=yes'):
    """The programs are those that were there, the image isn't."""
    docker('build', '-t', NAME, '-', input='FROM {}\n{}\n'.format(NAME, line))


def tag(version=None):
    """Gives it a version as its tag: by default the one that the chart asks for."""
    if version is None:
        with open(os.path.join(ROOT, 'deploy/kubernetes/baliprocess/Chart.yaml'),
                  encoding='utf-8') as file:
            version = re.search('^appVersion: (.*)$', file.read(), re.MULTILINE).group(1)
    docker('tag', NAME, '{}:{}'.format(NAME, version))


def _fill(context):
    """What only the last stage needs, and that stage alone, with the programs from outside."""
    with open(os.path.join(ROOT, 'Dockerfile'), encoding='utf-8') as file:
        text = file.read()
    stage = text[text.index('FROM ${BASE} AS runtime'):]
    copied = 'COPY --from=build /src/build/'
    if stage.count(copied) != 2:
        raise daemon.CommandError('the Dockerfile copies from its build in another way than it did')
    with open(os.path.join(context, 'Dockerfile'), 'w', encoding='utf-8') as file:
        file.write('ARG BASE={}\n'.format(BASE) + stage.replace(copied, 'COPY '))
    shutil.copytree(os.path.join(ROOT, 'deploy'), os.path.join(context, 'deploy'))
    programs = os.path.join(context, 'release/bin')
    os.makedirs(programs)
    for program in PROGRAMS:
        daemon.run('strip', '-o', os.path.join(programs, program),
                   os.path.join(os.environ['BALI_BIN'], program))
    daemon.run(os.path.join(ROOT, 'deploy/trim-icu'),
               os.path.join(context, 'icu/libicudata.so.72'))


def facts(name=NAME):
    """What `docker image inspect` says."""
    return json.loads(docker('image', 'inspect', name).stdout)[0]


def megabytes(name):
    """As Docker shows them: of a million bytes."""
    return facts(name)['Size'] / 1e6
