"""Google's modules that the contracts import: those of googleapis-common-protos when it is installed,
since a process can load each contract once only; else those that come with this package."""

import importlib


def module(name):
    """A module of google, such as `type.date_pb2`."""
    try:
        return importlib.import_module('google.' + name)
    except ModuleNotFoundError:
        return importlib.import_module('baliprocess._bundled.' + name)
