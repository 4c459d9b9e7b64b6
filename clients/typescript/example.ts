// Lists who chairs which body, records an outside forum, and sees that change arrive.
//
// Where the suite is, is told as to balictl: BALI_SERVER, BALI_CA, BALI_TOKEN_FILE.

import { Change_Kind, Watch, each, failureOf } from '@baliprocess/client';
import type { Client } from '@baliprocess/client';
import { connect } from '@baliprocess/client/node';

async function showChairs(bali: Client): Promise<void> {
  const request = { parent: 'bodies/-', filter: 'role = CHAIR', pageSize: 3 };
  for await (const seat of each(bali.membership.listSeats, request, ({ seats }) => seats)) {
    console.log(seat.name, seat.member);
  }
}

/** Records it; whether it wasn't there already. */
async function recordForum(bali: Client, externalForumId: string): Promise<boolean> {
  try {
    await bali.membership.createExternalForum({
      externalForumId,
      externalForum: { displayName: 'An outside forum', shortName: 'AOF' },
    });
    return true;
  } catch (error) {
    if (failureOf(error).reason !== 'RESOURCE_EXISTS') throw error;
    return false;
  }
}

const { BALI_SERVER, BALI_CA, BALI_TOKEN_FILE } = process.env;
const bali = connect({
  server: BALI_SERVER ?? '127.0.0.1:8443',
  ca: BALI_CA,
  tokenFile: BALI_TOKEN_FILE,
});
await showChairs(bali);
const watch = new Watch(bali.membership, { types: ['baliprocess.net/ExternalForum'] });
await watch.stand();
if (await recordForum(bali, 'example-typescript')) {
  for await (const change of watch) {
    console.log(Change_Kind[change.kind], change.resource);
    break;
  }
} else {
  console.log('externalForums/example-typescript is there already');
  watch.close();
}
