import assert from 'node:assert/strict';
import test from 'node:test';

import {treeOf} from './body_tree.js';

const names = (nodes) => nodes.map(({body, parts}) => [body.name, names(parts)]);

test('bodies stand below what they are part of, by name', () => {
  const tree = treeOf([
    {name: 'bodies/b', displayName: 'B', parentBody: 'bodies/forum'},
    {name: 'bodies/forum', displayName: 'Forum', parentBody: ''},
    {name: 'bodies/a', displayName: 'A', parentBody: 'bodies/forum'},
    {name: 'bodies/hidden-parent', displayName: 'Z', parentBody: 'bodies/not-seen'},
  ]);
  assert.deepEqual(names(tree), [
    ['bodies/forum', [['bodies/a', []], ['bodies/b', []]]],
    ['bodies/hidden-parent', []],
  ]);
});
