// The functions of dates, names, gaps and differences.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {dateText, dayIn, isoDate, isPartial, latest, momentText, parseDate, rangeText, termText} from './dates.js';
import {differences} from './differences.js';
import {partialDates, periodQuery, withoutRecords} from './gaps.js';
import {fits, yearsOf} from './narrow.js';
import {addressOf, kindOf, listPath, parentOf, titleOf} from './resources.js';

const date = (year, month = 0, day = 0) => ({year, month, day});

test('a date is as precise as it is known', () => {
  assert.equal(dateText(date(2024, 5, 2)), '2 May 2024');
  assert.equal(dateText(date(2024, 5)), 'May 2024');
  assert.equal(dateText(date(2024)), '2024');
  assert.equal(dateText(undefined), '');
  assert.equal(dateText(date(0)), '');
  assert.ok(isPartial(date(2024, 5)));
  assert.ok(!isPartial(date(2024, 5, 2)));
  assert.ok(!isPartial(undefined));
});

test('ranges say each part once', () => {
  assert.equal(rangeText(date(2024, 5, 2), date(2024, 5, 3)), '2–3 May 2024');
  assert.equal(rangeText(date(2024, 4, 30), date(2024, 5, 2)), '30 April – 2 May 2024');
  assert.equal(rangeText(date(2023, 12), date(2024, 1)), 'December 2023 – January 2024');
  assert.equal(rangeText(date(2023, 2), date(2023, 2)), 'February 2023');
  assert.equal(rangeText(date(2023, 2)), 'February 2023');
  assert.equal(rangeText(date(2023), date(2024, 2)), '2023 – February 2024');
  assert.equal(rangeText(undefined, date(2024)), 'until 2024');
  assert.equal(rangeText(), '');
  assert.equal(termText({startDate: date(2024)}), 'since 2024');
  assert.equal(termText(undefined), '');
});

test('dates are written and read', () => {
  for (const text of ['2024', '2024-05', '2024-05-02']) assert.equal(isoDate(parseDate(text)), text);
  for (const text of ['', 'May', '2024-13', '2024-02-30', '24-05', undefined]) {
    assert.equal(parseDate(text), undefined);
  }
});

test('a partial date ends with the last day that it may be', () => {
  assert.equal(latest(date(2024, 2)), Date.UTC(2024, 1, 29));
  assert.equal(latest(date(2024)), Date.UTC(2024, 11, 31));
  assert.equal(latest(undefined), undefined);
});

test('moments have a zone', () => {
  assert.match(momentText('2024-05-02T22:30:00Z', 'Asia/Kuala_Lumpur'), /3 May 2024.*06:30.*GMT\+8/);
  assert.match(momentText('2024-05-02T22:30:00Z', 'Atlantis/Nowhere'), /22:30.*UTC/);
  assert.equal(momentText('soon'), '');
  assert.deepEqual(dayIn(Date.UTC(2024, 4, 2, 22), 'Asia/Kuala_Lumpur'), date(2024, 5, 3));
});

test('names have a kind, a page and a list', () => {
  assert.equal(kindOf('meetings/ahg-17/agendaItems/a').type, 'AgendaItem');
  for (const name of ['meetings', 'meetings/', 'towns/a', '', undefined, 'a/b/c']) {
    assert.equal(kindOf(name), undefined);
  }
  assert.equal(addressOf('meetings/ahg-17/agendaItems/a'), '/meetings/ahg-17#agendaItems/a');
  assert.equal(addressOf('bodies/sg'), '/bodies/sg');
  assert.equal(addressOf('strategies/adelaide'), '/history/strategies/adelaide');
  assert.equal(addressOf('javascript:alert(1)'), undefined);
  assert.equal(listPath(kindOf('meetings/a/delegations/b/delegates/c')), '/v1/meetings/-/delegations/-/delegates');
  assert.equal(parentOf('bodies/sg/seats/aus'), 'bodies/sg');
  assert.equal(parentOf('bodies/sg'), '');
  assert.equal(titleOf({measure: 'MEMBER_STATES_REACHED'}), 'member states reached');
});

test('gaps of dates are told by field', () => {
  const resource = {name: 'bodies/b', citations: [{date: date(2024, 5)}], startDate: date(2023, 2),
    term: {startDate: date(2020), endDate: date(2024, 5, 2)}, venue: {city: 'Bali'}, none: null};
  assert.deepEqual(partialDates(resource).map((one) => one.field), ['start date', 'term, start date']);
});

test('figures without records are those of which nothing is counted', () => {
  const reported = [{reportedFigure: {name: 'reportedFigures/a'}}];
  const none = {disclosure: 'EXACT', value: '0'};
  const some = {disclosure: 'FEWER_THAN_FIVE'};
  assert.deepEqual(withoutRecords({entries: [
    {reported, computed: none, undecided: none},
    {reported, computed: some, undecided: none},
    {reported, computed: none, undecided: {disclosure: 'EXACT', value: '1'}},
    {reported: [], computed: none, undecided: none}]}), [{name: 'reportedFigures/a'}]);
  assert.deepEqual(periodQuery({startDate: date(2023), endDate: date(2023, 12)}),
    {'period.startDate.year': 2023, 'period.endDate.year': 2023, 'period.endDate.month': 12});
});

test('a difference has the fields that changed, and no others', () => {
  const before = {'@type': 't', etag: 'a', updateTime: 't', displayName: 'A', venue: {city: ''}, chairs: [1]};
  const after = {'@type': 't', etag: 'b', updateTime: 'u', displayName: 'A', venue: {city: 'Bali'}, chairs: [],
    startDate: date(2024, 5)};
  assert.deepEqual(differences(before, after), [
    {field: 'venue.city', before: undefined, after: 'Bali'},
    {field: 'startDate', before: undefined, after: date(2024, 5)},
    {field: 'chairs', before: [1], after: undefined}]);
  assert.deepEqual(differences(undefined, {displayName: 'A'}), [{field: 'displayName', before: undefined, after: 'A'}]);
});

test('a hit is narrowed by its own dates and body, or by those of what it is below', () => {
  const meeting = {name: 'meetings/m', body: 'bodies/sg', startDate: date(2024, 5), citations: [{date: date(2020)}]};
  const item = {name: 'meetings/m/agendaItems/a'};
  const seat = {name: 'bodies/sg/seats/a', term: {startDate: date(2020)}};
  assert.deepEqual(yearsOf(meeting), [2024, 2024]);
  assert.deepEqual(yearsOf(seat), [2020, Infinity]);
  assert.equal(yearsOf(item), undefined);
  assert.ok(fits(meeting, undefined, {year: '2024', body: 'bodies/sg'}));
  assert.ok(!fits(meeting, undefined, {year: '2020'}));
  assert.ok(!fits(meeting, undefined, {body: 'bodies/rso'}));
  assert.ok(fits(item, meeting, {year: '2024', body: 'bodies/sg'}));
  assert.ok(!fits(item, undefined, {year: '2024'}));
  assert.ok(fits(seat, {name: 'bodies/sg'}, {year: '2024', body: 'bodies/sg'}));
});
