// Who reads: the token of this tab, kept in memory and in session storage, which ends with the tab.
// sign_in.js gets tokens; api.js sends them.

const KEY = 'bali.session';

let session = null;  // {token, refreshToken?, idToken?, ends?} with `ends` in milliseconds
let settings = {};
const listeners = new Set();

// The claims of a token that is a JWT; {} for what isn't one. Nobody is believed by them: they only
// decide what is offered, and the gateway verifies what is asked.
export function claimsOf(jwt) {
  try {
    const payload = jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}

// A claim by its path, as --roles_claim and --member_claim have it: a dot descends.
const claim = (claims, path) => path.split('.').reduce((value, key) => value?.[key], claims);

// What a page may know of the caller: {signedIn, subject, roles: ['MEMBER'], member: 'members/aus',
// ends}. Without a token, roles are empty and the caller is the public.
export function caller() {
  if (!session) return {signedIn: false, subject: '', roles: [], member: '', ends: undefined};
  const claims = claimsOf(session.token);
  const roles = claim(claims, settings.rolesClaim ?? 'roles') ?? '';
  const member = claim(claims, settings.memberClaim ?? 'member') ?? '';
  return {
    signedIn: true,
    subject: claims.sub ?? '',
    roles: (Array.isArray(roles) ? roles : String(roles).split(' ')).filter(Boolean)
      .map((role) => String(role).toUpperCase()),
    member: member && !String(member).startsWith('members/') ? `members/${member}` : member,
    ends: session.ends,
  };
}

export const token = () => session?.token;
export const current = () => session;
export const settingsNow = () => settings;

// Has `listener` called whenever somebody signs in or out; the reply ends that.
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Takes a session's place. `quietly` when it is the same caller with a newer token.
export function keep(next, {quietly = false} = {}) {
  session = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  if (!quietly) for (const listener of listeners) listener();
}

// Reads what the gateway tells of signing in, and the session that this tab had before.
export async function begin() {
  try {
    session = JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    session = null;
  }
  const response = await fetch('/settings.json', {cache: 'no-cache', credentials: 'omit'});
  if (response.ok) settings = await response.json();
  if (session && settings.signIn) (await import('./sign_in.js')).keepRenewed(0);
}
