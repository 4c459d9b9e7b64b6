// What is the same in Node.js and in browsers. `./node` and `./web` connect.

export { clientOf, type Client } from './client.js';
export { type Token } from './calls.js';
export { failureOf, isPassing, type Failure, type Violation } from './errors.js';
export { each, pages } from './lists.js';
export { Watch, type Watched, type WatchSettings } from './watch.js';
export { date, dateText, type KnownDate } from './dates.js';
export { Change_Kind, type Change } from './gen/typescript/baliprocess/common/v1/changes_pb.js';
