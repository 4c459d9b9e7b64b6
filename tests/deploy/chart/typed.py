"""Documents held to the types of their resources by the TypeScript compiler, which refuses fields
that a type hasn't got."""

import json
import os
import subprocess
import tempfile

from chart import HERE

_NPM = os.path.join(HERE, 'node_modules')
# Where the type of a document's kind is, by the group of its apiVersion.
_KUBERNETES = {'': 'core', 'apps': 'apps', 'batch': 'batch', 'policy': 'policy',
               'autoscaling': 'autoscaling', 'networking.k8s.io': 'networking'}
_OTHERS = {'cert-manager.io': 'cert-manager', 'monitoring.coreos.com': 'prometheus-operator',
           'gateway.networking.k8s.io': 'gateway-api'}


def _import(number, document):
    group, _, version = document['apiVersion'].rpartition('/')
    kind = document['kind']
    if group in _KUBERNETES:
        return "import type {{{} as T{}}} from 'kubernetes-types/{}/{}';".format(
            kind, number, _KUBERNETES[group], version)
    if group in _OTHERS:
        return "import type {{I{0} as T{1}}} from '@kubernetes-models/{2}/{3}/{4}/{0}';".format(
            kind, number, _OTHERS[group], group, version)
    raise AssertionError('no types are known of {} {}'.format(document['apiVersion'], kind))


def errors(found):
    """What the compiler says against the documents; empty when it says nothing."""
    lines = []
    for number, document in enumerate(found):
        lines.append(_import(number, document))
        lines.append('export const {}: T{} = {};'.format(
            'd%d_%s' % (number, document['kind']), number, json.dumps(document, indent=1)))
    with tempfile.TemporaryDirectory() as directory:
        os.symlink(_NPM, os.path.join(directory, 'node_modules'))
        path = os.path.join(directory, 'documents.ts')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')
        made = subprocess.run(
            [os.path.join(_NPM, '.bin/tsc'), '--noEmit', '--strict', '--skipLibCheck',
             '--module', 'preserve', '--moduleResolution', 'bundler', '--ignoreConfig', path],
            capture_output=True, text=True, check=False, cwd=directory)
        if made.returncode == 0:
            return ''
        return made.stdout + made.stderr
