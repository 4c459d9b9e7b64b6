"""The TypeScript package: it is built, packed and installed into a fresh project, as
docs/integrate/typescript.md says, and the programs there do what they say."""

import os
import re
import shutil
import unittest

import quickstart
import suite

PACKAGE = os.path.join(suite.ROOT, 'clients/typescript')
# What the project would get from npm.
NEEDS = ('@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-node',
         '@connectrpc/connect-web')

WATCH = """
import { Watch } from '@baliprocess/client';
import { connect } from '@baliprocess/client/node';
const { BALI_SERVER, BALI_CA, BALI_TOKEN_FILE } = process.env;
const bali = connect({ server: BALI_SERVER, ca: BALI_CA, tokenFile: BALI_TOKEN_FILE });
const watch = new Watch(bali.membership, { types: ['baliprocess.net/ExternalForum'] });
await watch.stand();
console.log('stands');
for await (const { resource } of watch) console.log(resource);
"""


class TypeScriptPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = quickstart.Quickstart('typescript.md')
        cls.addClassCleanup(cls.page.close)
        fetch, build = cls.page.blocks('Build it')[0].split('\n\n')
        assert 'fetch-protos' in fetch  # what tests/run has done
        cls.page.run(build)
        cls.install()

    @classmethod
    def install(cls):
        """As the page does, but for what npm would fetch: that is taken from beside the package."""
        start, install = cls.page.blocks('Build it')[1].splitlines()
        folders = [os.path.join('../clients/typescript/node_modules', name) for name in NEEDS]
        cls.page.run('\n'.join([
            start, ' '.join([install, '--offline', '--install-links', '--ignore-scripts',
                             '--no-audit', '--no-fund', *folders])]))

    def node(self, name, *arguments, **environment):
        return self.page.run(' '.join(['cd desk && node', name, *arguments]),
                             **environment).splitlines()

    def test_example(self):
        example, = self.page.blocks('Try it')
        printed = self.page.run('cd desk\n' + example).splitlines()
        self.assertIn('bodies/sg/seats/aus-chair members/aus', printed)
        self.assertEqual(len(printed), len(set(printed)))
        self.assertGreater(len(printed), 4)  # more than a page
        self.assertEqual(printed[-1], 'CREATED externalForums/example-typescript')

    def test_page(self):
        self.page.write('desk/program.mjs', self.page.program('A program'))
        self.assertEqual(self.node('program.mjs'), [
            'Australia', 'members/aus', 'members/idn', '2024-05', 'INVALID_FIELDS',
            'seat.role is required: one of PARTICIPANT, CHAIR, BODY_OBSERVER',
            'seat.term.start_date must be a date that exists: 2024-02 has 29 days',
            'CREATED baliprocess.net/Official'])

    def test_a_watch_goes_on_where_it_was(self):
        self.page.write('desk/watch.mjs', WATCH)
        self.page.watch_over_a_restart(['node', 'watch.mjs'], 'desk')

    def test_failures(self):
        shutil.copy(os.path.join(suite.ROOT, 'tests/clients/typescript_failures.mjs'),
                    self.page.path('desk/failures.mjs'))
        self.node('failures.mjs')

    def test_web(self):
        shutil.copy(os.path.join(suite.ROOT, 'tests/clients/typescript_web.mjs'),
                    self.page.path('desk/web.mjs'))
        identities = self.page.suite.identities
        printed = self.node('web.mjs', 'https://' + self.page.suite.gateway.address,
                            identities.token('SECRETARIAT'), NODE_EXTRA_CA_CERTS=identities.ca)
        members, different = map(int, re.fullmatch(r'members (\d+) (\d+)', printed[0]).groups())
        self.assertEqual(members, different)
        self.assertGreater(members, 14)  # more than two pages
        self.assertEqual(printed[1:], [
            'InvalidArgument INVALID_FIELDS baliprocess.net seat.role seat.term.start_date',
            'RESOURCE_NOT_FOUND members/nowhere', '2024 2024-05 2024-05-02',
            'CREATED baliprocess.net/Official true'])


if __name__ == '__main__':
    suite.main()
