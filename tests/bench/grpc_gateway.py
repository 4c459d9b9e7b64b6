"""grpc-gateway 1.6 for two methods of membership, as Debian has it: generated, built and started."""

import os
import subprocess

from google.protobuf import descriptor_pb2

import bench

_METHODS = ('GetMember', 'CreateMember')
_SERVICE = 'baliprocess/membership/v1/membership_service.proto'
_MEMBER = 'baliprocess/membership/v1/member.proto'
# Files that say something about fields and methods alone, some of it newer than the generators.
_ANNOTATIONS = {
    'baliprocess/api/v1/access.proto', 'baliprocess/api/v1/field.proto',
    'google/api/client.proto', 'google/api/field_behavior.proto', 'google/api/field_info.proto',
    'google/api/resource.proto'}
# Where Debian's Go packages are that today's files say to be elsewhere.
_PACKAGES = {
    'google/protobuf/descriptor.proto': 'github.com/golang/protobuf/protoc-gen-go/descriptor',
    'google/protobuf/field_mask.proto': 'google.golang.org/genproto/protobuf/field_mask',
    'google/protobuf/timestamp.proto': 'github.com/golang/protobuf/ptypes/timestamp'}
_GO_SOURCES = '/usr/share/gocode'


def _read_contract():
    with open(os.environ['BALI_PROTOSET'], 'rb') as file:
        return descriptor_pb2.FileDescriptorSet.FromString(file.read())


def _restrict_service(file):
    """Leaves the methods that are compared."""
    service = file.service[0]
    kept = [method for method in service.method if method.name in _METHODS]
    service.ClearField('method')
    service.method.extend(kept)
    file.ClearField('message_type')
    file.ClearField('dependency')
    file.dependency.extend([_MEMBER, 'google/api/annotations.proto'])
    file.ClearField('source_code_info')  # its places are those of the whole file


def _restricted_contract():
    """The suite's own files, with what the two methods need."""
    files = {file.name: file for file in _read_contract().file}
    _restrict_service(files[_SERVICE])
    result = descriptor_pb2.FileDescriptorSet()

    def add(name):
        if any(file.name == name for file in result.file):
            return
        needed = [one for one in files[name].dependency if one not in _ANNOTATIONS]
        for one in needed:
            add(one)
        files[name].ClearField('dependency')
        files[name].dependency.extend(needed)
        result.file.append(files[name])

    add(_SERVICE)
    return result


def _generate(run, sources):
    contract = _restricted_contract()
    protoset = run.file('grpc_gateway.protoset', contract.SerializeToString())
    packages = ','.join('M{}={}'.format(*pair) for pair in _PACKAGES.items())
    for file in contract.file:
        if not file.name.startswith('baliprocess/'):
            continue
        outputs = ['--go_out=plugins=grpc,{}:{}'.format(packages, sources)]
        if file.service:
            outputs.append('--grpc-gateway_out={}:{}'.format(packages, sources))
        subprocess.run(['protoc', '--descriptor_set_in', protoset, *outputs, file.name], check=True)


def start(run):
    """Starts it before the backend of `run`; with one thread that runs Go."""
    sources = run.file('go/src')
    os.makedirs(sources)
    _generate(run, sources)
    program = run.file('grpc_gateway')
    environment = dict(os.environ, GO111MODULE='off', GOCACHE=run.file('go/cache'),
                       GOPATH='{}:{}'.format(run.file('go'), _GO_SOURCES))
    main = os.path.join(bench.ROOT, 'tests', 'bench', 'grpc_gateway.go')
    subprocess.run(['go', 'build', '-o', program, main], check=True, env=environment)
    run.start('grpc_gateway',
              [program, run.address('backend'), run.file('grpc_gateway.port')],
              environment=dict(os.environ, GOMAXPROCS='1'))
