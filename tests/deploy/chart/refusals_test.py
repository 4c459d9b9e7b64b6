#!/usr/bin/python3
"""Values that are refused, and that the message says what to do."""

import unittest

import chart

# (profile, what is set, what the message has)
_REFUSED = (
    # What SQLite can't do.
    ('sqlite', ['membership.replicas=2'], 'membership.replicas: SQLite has one replica'),
    ('sqlite', ['defaults.replicas=2'], 'capacity.replicas: SQLite has one replica'),
    ('sqlite', ['meetings.autoscaling.enabled=true'], 'use profile postgres'),
    ('sqlite', ['membership.store.url=postgresql://m@h/m'], 'set profile to postgres'),
    # What PostgreSQL can't do.
    ('postgres', ['meetings.shipping.enabled=true'],
     "meetings.shipping: is for profile sqlite; keep an archive of PostgreSQL's log instead"),
    ('sqlite', ['meetings.erasures.enabled=true'],
     'meetings.erasures: is for profile postgres; with sqlite the list is in the volume of records'),
    ('postgres', ['meetings.erasures.enabled=true,meetings.settings.erasure_list=/x'],
     'meetings.erasures: excludes meetings.settings.erasure_list'),
    # What PostgreSQL needs.
    ('postgres', ['meetings.replicas=1'], 'meetings.replicas: profile postgres has two replicas'),
    ('postgres', ['meetings.store.url='], 'meetings.store.url: say where its database is'),
    ('postgres', ['meetings.store.url=postgresql://m:secret@h/m'],
     'must have no password; put it into a secret'),
    ('postgres', ['meetings.store.url=postgresql://m@h/m?password=x'], 'must have no password'),
    ('postgres', ['meetings.store.url=,meetings.store.urlKey=url,meetings.store.existingSecret='],
     'meetings.store.existingSecret: name the secret that has url'),
    ('postgres', ['meetings.store.urlKey=url'], 'url and urlKey exclude each other'),
    # Names of secrets that are missing.
    ('sqlite', ['certificates.source='], 'certificates.source: choose certManager, or secrets'),
    ('sqlite', ['certificates.secrets.meetings='],
     'certificates.secrets.meetings: name the secret with the certificate of meetings, for '
     'record-baliprocess-meetings.record.svc'),
    ('sqlite', ['capacity.identityKey.existingSecret='], 'openssl rand -out identity.key 32'),
    ('sqlite', ['tokens.existingConfigMap='], 'tokens: say whose tokens are good'),
    ('sqlite', ['tokens.jwksUrl=https://x/y'], 'exclude each other'),
    ('sqlite', ['tokens.existingSecret=x'], 'exclude each other'),
    ('postgres', ['tokens.issuersKey=x'], 'tokens.issuersKey: name the ConfigMap'),
    ('sqlite', ['load.enabled=true'], 'load.token.existingSecret: name the secret'),
    ('sqlite', ['backup.existingClaim='], 'backup.existingClaim: name the claim'),
    ('sqlite', ['backup.token.existingSecret='], 'backup.token.existingSecret: name the secret'),
    ('sqlite', ['certificates.secrets.operator='],
     'certificates.secrets.operator: name the secret with a certificate of the operator, for '
     'record-baliprocess-operator.record.svc'),
    ('postgres', ['verify.token.existingSecret='], 'verify.token.existingSecret: name the secret'),
    ('full', ['verify.enabled=true,verify.token.existingSecret=x'],
     'certificates.secrets.operator: name the secret with a certificate of the operator'),
    ('postgres', ['backup.image='], 'backup.image: name an image with pg_dump'),
    ('sqlite', ['tokens.jwksKey='], 'say which files of the ConfigMap or the secret'),
    # What contradicts itself.
    ('postgres', ['certificates.certManager.issuerRef.name=x'], 'one of both'),
    ('postgres', ['certificates.certManager.createAuthority=false'], 'one of both'),
    ('sqlite', ['gateway.certificate.dnsNames={a.example.org}'],
     'name a secret in gateway.certificate.existingSecret'),
    ('sqlite', ['gateway.certificate.existingSecret=x'], 'clients.server: the gateway shows'),
    ('sqlite-full', ['clients.server='], 'clients.server: the gateway shows'),
    ('sqlite', ['gateway.ingress.enabled=true'], 'gateway.ingress.hosts: say by which names'),
    ('sqlite', ['gateway.route.kind=TLSRoute'], 'needs parentRefs and hostnames'),
    ('sqlite', ['gateway.clientCertificates.mode=optional'], 'say who signs'),
    ('sqlite', ['gateway.clientCertificates.signingKey.existingSecret=x'],
     'gateway.clientCertificates.mode: set it to optional or required'),
    ('full', ['tokens.issuersKey='], 'need signingKey.existingSecret, and tokens.issuersKey'),
    ('full', ['defaults.autoscaling.maxReplicas=2,defaults.autoscaling.minReplicas=4'],
     'maxReplicas is less than minReplicas'),
    ('full', ['defaults.resources.requests.cpu=null,gateway.resources.requests.cpu=null'],
     'set resources.requests.cpu'),
    ('sqlite', ['gateway.replicas=0'], 'gateway.replicas: at least 1'),
    ('sqlite', ['drain.graceSeconds=13'], 'must be more than delaySeconds and deadlineSeconds'),
    # What the schema doesn't know.
    ('sqlite', ['profil=postgres'], "additional properties 'profil' not allowed"),
    ('sqlite', ['membership.replica=1'], "additional properties 'replica' not allowed"),
    ('sqlite', ['gateway.store.url=x'], "additional properties 'store' not allowed"),
    ('sqlite', ['gateway.settings.max_bodies=1'], "invalid propertyName 'max_bodies'"),
    ('sqlite', ['gateway.settings.listen=x'], "invalid propertyName 'listen'"),
    ('sqlite', ['membership.settings.pages=true'], "invalid propertyName 'pages'"),
    ('sqlite', ['profile=mysql'], "value must be one of 'sqlite', 'postgres'"),
    ('sqlite', ['membership.persistence.accessModes={ReadWriteMany}'],
     "value must be one of 'ReadWriteOnce', 'ReadWriteOncePod'"),
    ('sqlite', ['membership.settings.ship_changes=/x'], "invalid propertyName 'ship_changes'"),
    ('sqlite', ['membership.shipping.keep=0h'], 'does not match pattern'),
    ('sqlite', ['gateway.shipping.enabled=true'], "additional properties 'shipping' not allowed"),
    ('sqlite', ['tokens.jwksUrl=http://keys.example.org'], 'does not match pattern'),
    ('postgres', ['meetings.store.url=mysql://m@h/m'], 'does not match pattern'),
)


class Refusals(unittest.TestCase):
    def test_each_is_refused_with_what_to_do(self):
        for profile, values, message in _REFUSED:
            with self.subTest(profile + ' ' + ' '.join(values)):
                made = chart.template(profile, *('--set=' + value for value in values))
                self.assertNotEqual(made.returncode, 0)
                self.assertIn(message, made.stderr)

    def test_all_problems_are_told_at_once(self):
        made = chart.template('sqlite', '--set', 'certificates.source=,membership.replicas=3,'
                              'capacity.identityKey.existingSecret=')
        for word in ('certificates.source', 'membership.replicas', 'capacity.identityKey'):
            self.assertIn(word, made.stderr)


if __name__ == '__main__':
    unittest.main()
