import assert from 'node:assert/strict';
import test from 'node:test';

import {tilesOf} from './tiles.js';

test('a member has one tile, near its neighbours; others stand apart', () => {
  const member = (id, kind = 'STATE') => ({name: `members/${id}`, kind});
  const all = ['nzl', 'aus', 'idn', 'tha', 'usa', 'mys', 'ind', 'fji'].map((id) => member(id));
  const {placed, apart, rows, columns} = tilesOf([...all, member('iom', 'ORGANISATION'), member('xxx')]);
  assert.deepEqual(apart.map(({name}) => name), ['members/iom', 'members/xxx']);
  const at = new Map(placed.map((tile) => [tile.member.name.split('/')[1], tile]));
  assert.equal(new Set(placed.map(({row, column}) => `${row},${column}`)).size, all.length);
  assert.ok(at.get('nzl').column > at.get('aus').column && at.get('nzl').row > at.get('aus').row);
  assert.ok(at.get('ind').column < at.get('tha').column);
  assert.ok(at.get('usa').row < at.get('fji').row);
  assert.ok(placed.every((tile) => tile.row < rows && tile.column < columns));
});
