// What only shows when something fails: the installed package on a server that fails. Ends with an
// error when something isn't as it should be.

import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Watch, date, dateText, failureOf } from '@baliprocess/client';
import { MembershipService } from
  '@baliprocess/client/contracts/baliprocess/membership/v1/membership_service';
import { ErrorInfoSchema } from '@baliprocess/client/contracts/google/rpc/error_details';
import { connect } from '@baliprocess/client/node';

const failures = [];
const requests = [];

function answer(request) {
  requests.push(request);
  const [code, reason] = failures.shift() ?? [];
  if (code === undefined) return {};
  const info = create(ErrorInfoSchema, { reason, domain: 'baliprocess.net' });
  throw new ConnectError('it failed', code, undefined, [{ desc: ErrorInfoSchema, value: info }]);
}

const server = createServer(connectNodeAdapter({
  routes: (router) => router.service(MembershipService, {
    createMember: answer,
    getMember: answer,
    async *watchChanges(request) { yield answer(request); },
  }),
}));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const bali = connect({ server: `127.0.0.1:${server.address().port}`, plaintext: true });

// A repeat has the request_id of the first; another call has another.
failures.push([Code.Unavailable, 'TEMPORARILY_UNAVAILABLE'], [Code.Aborted, 'CONFLICT']);
await bali.membership.createMember({ memberId: 'aus' });
await bali.membership.createMember({ memberId: 'aus' });
const ids = requests.splice(0).map(({ requestId }) => requestId);
assert.equal(ids.length, 4);
assert.equal(new Set(ids.slice(0, 3)).size, 1);
assert.equal(new Set(ids).size, 2);

// One that is given is kept.
await bali.membership.createMember({ requestId: '6f9619ff-8b86-4d01-b42d-00c04fc964ff' });
assert.equal(requests.splice(0)[0].requestId, '6f9619ff-8b86-4d01-b42d-00c04fc964ff');

// What doesn't pass is told at once.
for (const failure of [[Code.Aborted, 'ETAG_MISMATCH'], [Code.NotFound, 'RESOURCE_NOT_FOUND']]) {
  failures.push(failure);
  await assert.rejects(bali.membership.getMember({ name: 'members/aus' }), (error) =>
    failureOf(error).reason === failure[1] && failureOf(error).domain === 'baliprocess.net');
}
assert.equal(requests.splice(0).length, 2);

// So is a history that is gone, and a server that never answered.
for (const failure of [[Code.OutOfRange, 'HISTORY_COMPACTED'],
                       [Code.Unavailable, 'TEMPORARILY_UNAVAILABLE']]) {
  failures.push(failure);
  await assert.rejects(new Watch(bali.membership, { resumeToken: 'old' }).stand(), (error) =>
    failureOf(error).reason === failure[1]);
}
assert.equal(requests[0].resumeToken, 'old');

// A token stays on this machine without TLS.
for (const address of ['192.0.2.1:8443', 'bali.example:8443', '127.0.0.1.example:1']) {
  assert.throws(() => connect({ server: address, plaintext: true, token: 'secret' }), TypeError);
}

for (const text of ['2024', '2024-05', '2024-05-02']) assert.equal(dateText(date(text)), text);
for (const text of ['', '24', '2024-5', '02/05/2024']) assert.throws(() => date(text), RangeError);
process.exit(0);
