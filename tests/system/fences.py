"""Commands of pages that stand between ``` lines: those that aren't for every machine, and are run where they
are for it."""

import os
import re
import shlex

_PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../docs/operate')
COMPOSE = 'docker compose -f deploy/compose.yaml '


def lines(page):
    """Those of all fences of a page, such as installation.md, without empty ones and comments."""
    with open(os.path.join(_PAGES, page), encoding='utf-8') as file:
        fences = re.findall(r'^```\n(.*?)^```$', file.read(), re.MULTILINE | re.DOTALL)
    return [line for fence in fences for line in fence.splitlines()
            if line.strip() and not line.startswith('#')]


def compose_commands(page):
    """The words behind `docker compose -f deploy/compose.yaml` of each such line."""
    return [shlex.split(line[len(COMPOSE):]) for line in lines(page) if line.startswith(COMPOSE)]
