// The browser's half of the TypeScript package, by Node.js' own fetch (NODE_EXTRA_CA_CERTS names the
// authority): node typescript_web.mjs URL TOKEN. Prints what it saw, a line each.

import { Change_Kind, Watch, date, dateText, each, failureOf } from '@baliprocess/client';
import { connect } from '@baliprocess/client/web';

const [url, token] = process.argv.slice(2);
const bali = connect({ url, token: async () => token });
const members = [];
for await (const { name } of each(bali.membership.listMembers, { pageSize: 7 },
                                  (page) => page.members)) {
  members.push(name);
}
console.log('members', members.length, new Set(members).size);
try {
  await bali.membership.createSeat({
    parent: 'bodies/wg-tip',
    seat: { member: 'members/fji', term: { startDate: date('2024-02-30') } },
  });
} catch (error) {
  const { code, reason, domain, violations } = failureOf(error);
  console.log(code, reason, domain, violations.map(({ field }) => field).join(' '));
}
try {
  await bali.membership.getMember({ name: 'members/nowhere' });
} catch (error) {
  console.log(failureOf(error).reason, failureOf(error).metadata.resource);
}
console.log(dateText(date('2024')), dateText(date('2024-05')), dateText(date('2024-05-02')));
const watch = await new Watch(bali.membership).stand();
await bali.membership.createOfficial({ official: { displayName: 'A. Person' } });
for await (const change of watch) {
  console.log(Change_Kind[change.kind], change.type, watch.resumeToken !== '');
  break;
}
