"""google-gax's transcoding, a client half that others wrote: HTTP requests of gRPC ones."""

import collections
import json
import os
import subprocess

import suite

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gax.js')
_PROTOS = os.path.join(suite.ROOT, 'proto')
_IMPORTS = os.path.join(_PROTOS, 'node_modules/google-gax/build/protos')

# An HTTP request; the body is bytes, or None where it has none.
HttpRequest = collections.namedtuple('HttpRequest', 'method path body')


class NoRequest(Exception):
    """google-gax makes no request of it, and says why."""


def transcode(calls, files, folders=()):
    """HTTP requests of calls, which are (full name of the method, binding or None for any of them,
    request as ProtoJSON); a NoRequest in the place of those that google-gax can't make. `files` are
    protos to load, `folders` where they lie as gax.js takes them."""
    lines = [json.dumps({'method': method, 'request': request} |
                        ({} if binding is None else {'binding': binding}))
             for method, binding, request in calls]
    ran = subprocess.run(['node', _SCRIPT, *folders, _PROTOS, _IMPORTS, '--', *files],
                         input='\n'.join(lines), capture_output=True, text=True, check=False,
                         timeout=60)
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr)
    return [_request(json.loads(line)) for line in ran.stdout.splitlines()]


def _request(made):
    if 'error' in made:
        return NoRequest(made['error'])
    path = made['url'] + ('?' + made['queryString'] if made['queryString'] else '')
    body = None if made['data'] == '' else json.dumps(made['data']).encode()
    return HttpRequest(made['httpMethod'].upper(), path, body)
