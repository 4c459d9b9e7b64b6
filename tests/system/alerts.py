"""The suite with meetings on PostgreSQL, watched by a Prometheus whose rules have their times made
short: what tests of alerts have in common."""

import datetime
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

import postgres
import process
import suite
from client import CallError
from prometheus import Prometheus

# A minute of a rule is a second here.
DIVISOR = 60
CAPACITY = 'baliprocess.capacity.v1.CapacityService'
MEETINGS = 'baliprocess.meetings.v1.MeetingsService'

_AUTHORITY = """
[ca]
default_ca = test
[test]
new_certs_dir = {directory}
database = {directory}/index
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copy
unique_subject = no
[names]
commonName = supplied
"""


def certificate(directory, days):
    """The paths of a certificate of the gateway that began a year ago and ends in so many days, and of
    its key."""
    identities = suite.identities()
    base = os.path.join(directory, 'gateway')
    shutil.copy(identities.key('gateway'), base + '.key')
    for name, text in (('authority', _AUTHORITY.format(directory=directory)), ('index', '')):
        with open(os.path.join(directory, name), 'w', encoding='ascii') as file:
            file.write(text)
    now = datetime.datetime.now(datetime.timezone.utc)
    begin, end = ((now + datetime.timedelta(days=by)).strftime('%Y%m%d%H%M%SZ')
                  for by in (-365, days))
    subprocess.run(['openssl', 'req', '-new', '-key', base + '.key', '-subj', '/CN=gateway',
                    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-out', base + '.csr'],
                   check=True, capture_output=True)
    subprocess.run(['openssl', 'ca', '-batch', '-notext', '-config', os.path.join(directory, 'authority'),
                    '-cert', identities.ca, '-keyfile', identities.file('ca/ca.key'),
                    '-startdate', begin, '-enddate', end, '-in', base + '.csr',
                    '-out', base + '.part'], check=True, capture_output=True)
    os.replace(base + '.part', base + '.crt')
    return base + '.crt', base + '.key'


class Again:
    """Somebody who does something again and again, whatever becomes of it."""

    def __init__(self, work, every=0.1):
        self._over = threading.Event()
        self._do = work
        self._every = every
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        while not self._over.wait(self._every):
            try:
                self._do()
            except (CallError, OSError):
                pass

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


class AlertsCase(unittest.TestCase):
    """`flags` are of all processes, or of one."""

    flags = []
    membership_flags = []
    meetings_flags = []
    gateway_flags = []

    @classmethod
    def setUpClass(cls):
        # First, since it takes a while until it looks for targets.
        cls.prometheus = Prometheus(('membership', 'meetings', 'capacity', 'gateway'), DIVISOR)
        suite.look_after(cls.prometheus)
        cls.addClassCleanup(cls.prometheus.close)
        cls.directory = tempfile.mkdtemp(prefix='bali-alerts-')
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.postgres = postgres.Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        cls.database, cls.store = cls.postgres.create_database()
        cls.certificate, key = certificate(cls.directory, 800)
        cls.suite = suite.Suite(
            meetings_store=cls.store, flags=['--admin_listen', '127.0.0.1:0', *cls.flags],
            membership_flags=cls.membership_flags, meetings_flags=cls.meetings_flags,
            gateway_flags=['--tls_cert', cls.certificate, '--tls_key', key, *cls.gateway_flags])
        cls.addClassCleanup(cls.suite.close)
        cls.suite.start()
        cls.prometheus.wait_until_ready()
        cls.prometheus.follow(cls.suite.processes())

    @classmethod
    def back_up(cls):
        """The stores that are on SQLite."""
        for one in (cls.suite.membership, cls.suite.capacity):
            cls.back_up_one(one)

    @classmethod
    def back_up_one(cls, one):
        identities = suite.identities()
        process.run('balictl', 'backup', cls.directory, '--server', one.address, environment={
            'BALI_CA': identities.ca, 'BALI_CERT': identities.certificate('client'),
            'BALI_KEY': identities.key('client'), 'BALI_TOKEN': identities.token('OPERATOR')},
                    timeout=120).check_returncode()

    def await_peace(self):
        self.back_up()
        process.wait_for(lambda: self.prometheus.query('sum(bali_ready)') == [4], 'all are scraped')
        try:
            process.wait_for(lambda: not self.prometheus.names_of_firing(), 'no alert fires', 60)
        except TimeoutError:
            self.fail('{} fire already'.format(self.prometheus.names_of_firing()))

    def assert_fires(self, name, deadline=60, **labels):
        """Or has done so already: some end by themselves."""
        try:
            process.wait_for(lambda: self.prometheus.has_fired(name, **labels), 'it fires', deadline)
        except TimeoutError:
            self.fail('{} {} does not fire, but {}'.format(
                name, labels, self.prometheus.names_of_firing()))

    def assert_ends(self, name, **labels):
        process.wait_for(lambda: not self.prometheus.firing(name, **labels), name + ' ends', 60)
