// From the fields that an error names to the inputs of a form.

// `seat.term.end_date` -> `seat.term.endDate`, as JSON names it.
export function jsonPath(path) {
  return path.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

const covers = (name, path) =>
  path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`);

// The input that a path is about: the longest name among `names` that the path is, or is below.
// The path may begin with the resource that the request carries: `meeting.start_date` is `startDate`.
export function inputOf(path, names) {
  const whole = jsonPath(path);
  const below = whole.slice(whole.indexOf('.') + 1);
  for (const candidate of [whole, below]) {
    const found = names.filter((name) => covers(name, candidate));
    if (found.length > 0) return found.reduce((a, b) => (b.length > a.length ? b : a));
  }
  return undefined;
}

// {byInput: {startDate: ['must …']}, others: ['venue.uri: must …']} of an error. `others` has what no
// input shows, with the name of its field, so that nothing is lost.
export function placeViolations(error, names) {
  const byInput = {};
  const others = [];
  for (const {field, description} of error.fields ?? []) {
    const input = inputOf(field, names);
    if (input === undefined) others.push(field ? `${field}: ${description}` : description);
    else (byInput[input] ??= []).push(description);
  }
  return {byInput, others};
}
