"""The chart, rendered by helm."""

import functools
import os
import subprocess
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
CHART = os.path.join(ROOT, 'deploy/kubernetes/baliprocess')
HELM = os.path.join(HERE, 'node_modules/.tools/helm')
if not os.path.exists(HELM):
    print('skipped: tests/deploy/chart/fetch-tools fetches helm', file=sys.stderr)
    sys.exit(77)
PROGRAMS = ('membership', 'meetings', 'capacity', 'gateway')


def profiles():
    """The names of the sets of values that the chart is tried with: those in ci/."""
    return sorted(name[:-len('-values.yaml')] for name in os.listdir(os.path.join(CHART, 'ci')))


def values_file(profile):
    return os.path.join(CHART, 'ci', profile + '-values.yaml')


def helm(*arguments):
    return subprocess.run([HELM, *arguments], capture_output=True, text=True, check=False)


def template(profile, *arguments, chart=CHART):
    """Runs `helm template` with the values of a profile, and more arguments."""
    return helm('template', 'record', chart, '--namespace', 'record', '--values',
                values_file(profile), *arguments)


@functools.lru_cache(maxsize=None)
def documents(profile, *arguments):
    """The documents that helm makes of a profile."""
    made = template(profile, *arguments)
    if made.returncode != 0:
        raise AssertionError('helm template {}: {}'.format(profile, made.stderr))
    return [document for document in yaml.safe_load_all(made.stdout) if document]


def of_kind(found, *kinds):
    return [document for document in found if document['kind'] in kinds]


def component(document):
    return document['metadata'].get('labels', {}).get('app.kubernetes.io/component')


def pod_specs(found):
    """Pairs of a component and the specification of its pods, those of Jobs too."""
    for document in found:
        spec = document.get('spec', {})
        if document['kind'] in ('Deployment', 'StatefulSet', 'Job'):
            yield component(document), spec['template']['spec']
        elif document['kind'] == 'CronJob':
            yield component(document), spec['jobTemplate']['spec']['template']['spec']
        elif document['kind'] == 'Pod':
            yield component(document), spec


def pod_labels(found):
    """Pairs of a component and the labels of its pods."""
    for document in found:
        spec = document.get('spec', {})
        if document['kind'] in ('Deployment', 'StatefulSet', 'Job'):
            yield component(document), spec['template']['metadata']['labels']
        elif document['kind'] == 'CronJob':
            yield component(document), spec['jobTemplate']['spec']['template']['metadata']['labels']
        elif document['kind'] == 'Pod':
            yield component(document), document['metadata']['labels']


def program_container(found, name):
    for owner, spec in pod_specs(found):
        if owner == name:
            return spec['containers'][0]
    raise AssertionError('there are no pods of ' + name)


def settings(found, program):
    """What the file of settings of a program says: a dict of strings."""
    for document in of_kind(found, 'ConfigMap'):
        if component(document) == program and 'settings.conf' in document['data']:
            lines = document['data']['settings.conf'].splitlines()
            return dict(line.split(' = ', 1) for line in lines if line)
    raise AssertionError('there are no settings of ' + program)
