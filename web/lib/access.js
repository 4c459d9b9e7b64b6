// Which forms a caller is shown. The services decide; this only spares people forms that are refused.

// `rule` is the access policy of a method: {roles, own}; `own` tells that a caller who has the role
// MEMBER alone may act for its own member only. `member` is the member that the call is about.
export function mayCall(session, rule, member = '') {
  const held = rule.roles.filter((role) => session.roles.includes(role));
  if (held.some((role) => role !== 'MEMBER' || !rule.own)) return true;
  return held.includes('MEMBER') && session.member !== '' && session.member === member;
}
