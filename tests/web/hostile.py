"""The record of 2024 with hostile texts in the place of its own."""

import json
import os
import shutil

HOSTILE = '"\'><img src=x onerror=globalThis.ran=1><script>globalThis.ran=1</script>${globalThis.ran=1}{{ran}}'
SHORT = '<img src=x onerror=ran=1>'
# Fields that are texts of people.
TEXTS = {'displayName', 'title', 'formalName', 'summary', 'text', 'note', 'mandate', 'description',
         'purpose', 'address', 'city', 'basis', 'topics', 'stateReason', 'admissionBasis'}


def _hostile(key, value, number):
    if isinstance(value, dict):
        return {inner: _hostile(inner, one, number) for inner, one in value.items()}
    if isinstance(value, list):
        return [_hostile(key, one, number) for one in value]
    if key == 'shortName':
        return SHORT
    if key in TEXTS and isinstance(value, str):
        number[0] += 1
        return '{} {}'.format(HOSTILE, number[0])
    return value


def write(source, target):
    """Copies the folder of a record, with other texts."""
    shutil.copytree(source, target)
    number = [0]
    for folder, _, files in os.walk(target):
        for name in files:
            if not name.endswith('.json') or '/' in name:
                continue
            path = os.path.join(folder, name)
            with open(path, encoding='utf-8') as file:
                record = json.load(file)
            with open(path, 'w', encoding='utf-8') as file:
                json.dump(_hostile('', record, number), file)
    return target
