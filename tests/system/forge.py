"""Tokens that balictl wouldn't sign: put together by hand."""

import base64
import hashlib
import hmac
import json
import subprocess
import time


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode('ascii')


def _part(value):
    return _base64url(json.dumps(value).encode('utf-8'))


def claims(**changes):
    """The claims of a good token of the secretariat, changed; None leaves a claim out."""
    now = int(time.time())
    made = {'iss': 'baliprocess', 'aud': 'baliprocess', 'sub': 'somebody', 'iat': now,
            'exp': now + 3600, 'roles': ['secretariat'], **changes}
    return {name: value for name, value in made.items() if value is not None}


def token(header, payload, sign):
    """A token; `sign` turns the bytes to sign into a signature."""
    signed = _part({'typ': 'JWT', **header}) + '.' + _part(payload)
    return signed + '.' + _base64url(sign(signed.encode('ascii')))


def unsigned(_):
    return b''


def rs256(key_file):
    def sign(data):
        return subprocess.run(['openssl', 'dgst', '-sha256', '-sign', key_file], input=data,
                              capture_output=True, check=True).stdout
    return sign


def hs256(secret):
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def public_pem(key_file):
    """The public part of a key, as everybody may have it."""
    return subprocess.run(['openssl', 'pkey', '-in', key_file, '-pubout'], capture_output=True,
                          check=True).stdout


def key_id(jwks_file):
    """The id of the only key of a set; None when it has none."""
    with open(jwks_file, encoding='utf-8') as file:
        return json.load(file)['keys'][0].get('kid')
