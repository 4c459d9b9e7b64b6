// Who does something: one of those on record, or anybody else by name.

const KINDS = {member: 'members/', body: 'bodies/', official: 'officials/', externalForum: 'externalForums/'};

// The one field that a party has: {kind: 'member', value: 'members/aus'}, or undefined.
export function partyOf(party) {
  const kind = [...Object.keys(KINDS), 'displayName'].find((field) => party?.[field]);
  return kind && {kind, value: party[kind]};
}

// The party that a text is: an option's name on record, or else somebody by name.
export function partyFrom(text, options = []) {
  const named = options.find(({label}) => label === text)?.value ?? '';
  const kind = Object.keys(KINDS).find((field) => named.startsWith(KINDS[field]));
  return kind ? {[kind]: named} : {displayName: text};
}
