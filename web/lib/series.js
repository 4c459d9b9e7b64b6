// The meetings of a body as a numbered series, with what is missing in it.

// Rows for meetings ordered by `ordinal desc`: {meeting}, or {missing: {first, last}} where numbers
// between two meetings aren't on record. `complete` says that no page follows: then numbers below
// the lowest are missing, too. Meetings without a number make rows as they come.
export function seriesOf(meetings, complete) {
  const rows = [];
  let lowest = null;
  for (const meeting of meetings) {
    if (meeting.ordinal && lowest !== null) pushGap(rows, meeting.ordinal + 1, lowest - 1);
    if (meeting.ordinal) lowest = meeting.ordinal;
    else if (lowest !== null) lowest = closeSeries(rows, lowest);
    rows.push({meeting});
  }
  if (complete && lowest !== null) closeSeries(rows, lowest);
  return rows;
}

function closeSeries(rows, lowest) {
  pushGap(rows, 1, lowest - 1);
  return null;
}

function pushGap(rows, first, last) {
  if (first <= last) rows.push({missing: {first, last}});
}

// `1st`, `2nd`, `11th`, `23rd`.
export function ordinalText(number) {
  const tens = number % 100;
  const ending = tens > 10 && tens < 14 ? 'th' : {1: 'st', 2: 'nd', 3: 'rd'}[number % 10] ?? 'th';
  return `${number}${ending}`;
}
