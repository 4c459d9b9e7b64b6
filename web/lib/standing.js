// What a member was to a body, by an entry of its composition.

// {kind, text}: a class for the member's square, and words.
export function standingOf(entry) {
  if (entry.chair === 'YES') return {kind: 'chair', text: 'chair'};
  if (entry.membership === 'IS_MEMBER') {
    return {kind: 'member', text: entry.chair === 'UNKNOWN' ? 'member, perhaps chair' : 'member'};
  }
  if (entry.membership === 'UNKNOWN') return {kind: 'unknown', text: 'not known'};
  if (entry.observer === 'YES') return {kind: 'observer', text: 'observer'};
  if (entry.observer === 'UNKNOWN') return {kind: 'unknown', text: 'perhaps observer'};
  return {kind: 'none', text: 'not a member'};
}

const numbered = (count, one, more) => `${count} ${count === 1 ? one : more}`;

// '19 members, 2 of them chairs; of 1 it isn’t known'.
export function summaryOf(entries) {
  const count = (...kinds) => entries.filter((entry) => kinds.includes(standingOf(entry).kind)).length;
  const parts = [numbered(count('chair', 'member'), 'member', 'members')];
  if (count('chair')) parts[0] += `, ${numbered(count('chair'), 'chair', 'chairs')} among them`;
  if (count('observer')) parts.push(numbered(count('observer'), 'observer', 'observers'));
  if (count('unknown')) parts.push(`of ${count('unknown')} it isn’t known`);
  return parts.join('; ');
}
