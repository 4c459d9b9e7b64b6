"""Attacks on the gateway, as a program of its own, so that it costs its victim's process nothing.

    attacks.py NAME HOST:PORT CA SECONDS CONNECTIONS FROM

Each connection comes from the address FROM (several, with commas, take turns), does NAME as fast as
it can, and is made anew when it was cut off. Without a CA (an empty text) it is plaintext. Prints
what became of it as JSON: connections opened, refused and cut off, what the last word was there (a
code of GOAWAY or a status of HTTP/1.1), calls ended, the bytes sent.
"""

import itertools
import json
import sys
import threading
import time

import attacks_http1
import attacks_http2
import attacks_web
from key_updates import KeyUpdates
from link import Link, NarrowTextLink, TextLink, connect

PAUSE = 0.05  # before another connection


def bare(address, _, source):
    return TextLink(address, '', source)


def key_updates(address, _, source):
    return KeyUpdates(connect(address, source))


def of(kind, *families):
    return {name: (kind, attack) for family in families for name, attack in family.items()}


# How each connects, and what it does then.
ATTACKS = {
    **of(Link, attacks_http2.FLOODS, attacks_http2.PACED, attacks_http2.HELD, attacks_web.FRAMES),
    **of(TextLink, attacks_http1.TEXT, attacks_web.TEXT),
    **of(NarrowTextLink, attacks_http1.NARROW, attacks_web.READERS),
    **of(bare, attacks_http1.BARE),
    'key_updates': (key_updates, lambda link, over: link.flood(over)),
}


class Attack:
    def __init__(self, name, address, ca, seconds, source):
        self._open, self._attack = ATTACKS[name]
        self._address = address
        self._ca = ca
        self._sources = itertools.cycle(source.split(','))
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self.result = {'opened': 0, 'refused': 0, 'cut': 0, 'last_words': {}, 'bytes': 0,
                       'first_cut': None, 'ended': 0}

    def over(self):
        return time.monotonic() >= self._end

    def count(self, key, number=1):
        with self._lock:
            self.result[key] += number

    def run(self):
        """On one connection after the other."""
        while not self.over():
            try:
                link = self._connect()
            except OSError:
                self.count('refused')
                time.sleep(PAUSE)
                continue
            self.count('opened')
            self._use(link)
            self.count('ended', getattr(link, 'ended', 0))
            link.close()
            time.sleep(PAUSE)

    def _connect(self):
        with self._lock:
            source = next(self._sources)
        return self._open(self._address, self._ca, source)

    def _use(self, link):
        began = time.monotonic()
        try:
            for sent in self._attack(link, self.over):
                self.count('bytes', sent)
            return
        except OSError:
            pass
        try:
            link.finish()
        except OSError:
            pass
        with self._lock:
            self.result['cut'] += 1
            if self.result['first_cut'] is None:
                self.result['first_cut'] = round(time.monotonic() - began, 3)
            word = str(link.last_word)
            self.result['last_words'][word] = self.result['last_words'].get(word, 0) + 1


def main():
    name, address, ca, seconds, connections, source = sys.argv[1:]
    attack = Attack(name, address, ca, float(seconds), source)
    threads = [threading.Thread(target=attack.run) for _ in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(attack.result))


if __name__ == '__main__':
    main()
