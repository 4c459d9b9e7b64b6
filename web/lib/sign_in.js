// OpenID Connect for pages: the authorisation code flow with PKCE, renewal by the refresh token or else
// by the provider's own session, and the end of that. Loaded when somebody signs in or is signed in.

import * as oauth from '../vendor/oauth4webapi.js';
import {claimsOf, current, keep, settingsNow} from './session.js';

const FLOW = 'bali.sign-in';  // what the way back is checked against, in session storage
const EARLY = 60_000;         // before its end a token is renewed
const LATE = 10_000;          // before its end who reads is interrupted for it
const SELDOM = 30_000;        // between two ways to the provider, whatever it says of its tokens
const SOON = 2_000;
const LONGEST = 2 ** 31 - 1;  // that a timer can wait
const client = () => ({client_id: settingsNow().signIn.clientId});
const back = () => `${location.origin}/sign-in`;

// Plain HTTP is for a provider on this machine alone, as for the gateway.
const options = () => {
  const {protocol, hostname} = new URL(settingsNow().signIn.issuer);
  const here = protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return {[oauth.allowInsecureRequests]: here};
};

async function provider() {
  const issuer = new URL(settingsNow().signIn.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options()));
}

// Leaves for the provider; the way back leads to the page `to`, and to its place `scroll`. `again` is the
// session that is to go on: then the provider asks nothing (OpenID Connect Core 3.1.2.1, prompt=none).
export async function beginSession(to, {again, scroll} = {}) {
  const server = await provider();
  const flow = {verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(), to, scroll, again: Boolean(again)};
  sessionStorage.setItem(FLOW, JSON.stringify(flow));
  const address = new URL(server.authorization_endpoint);
  const query = {
    client_id: client().client_id, redirect_uri: back(), response_type: 'code',
    scope: settingsNow().signIn.scope, state: flow.state, nonce: flow.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  };
  // Some providers give a refresh token only to who is asked.
  if (again) Object.assign(query, {prompt: 'none', id_token_hint: again.idToken});
  else if (query.scope.split(' ').includes('offline_access')) query.prompt = 'consent';
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  location.assign(address);
}

const sessionOf = (tokens, before = {}) => {
  const {exp} = claimsOf(tokens.access_token);
  const ends = tokens.expires_in ? Date.now() + tokens.expires_in * 1000 : exp && exp * 1000;
  return {token: tokens.access_token, ends, refreshToken: tokens.refresh_token ?? before.refreshToken,
    idToken: tokens.id_token ?? before.idToken};
};

// What the provider says at the way back; undefined when it has ended the session that was to go on.
function authorised(server, flow) {
  try {
    return oauth.validateAuthResponse(server, client(), new URL(location.href), flow.state);
  } catch (error) {
    if (flow.again && error instanceof oauth.AuthorizationResponseError) return undefined;
    throw error;
  }
}

// At the way back: `leave` leads to where the reader was, and the session begins. In this order, as the
// page that the provider leads to would be loaded once more by a session that begins.
export async function completeSession(leave) {
  const flow = JSON.parse(sessionStorage.getItem(FLOW));
  sessionStorage.removeItem(FLOW);
  if (!flow) throw new Error('it wasn’t begun in this tab');
  const server = await provider();
  const reply = authorised(server, flow);
  if (!reply) {
    leave(flow.to, flow.scroll);
    return keep(null);
  }
  const response = await oauth.authorizationCodeGrantRequest(
    server, client(), oauth.None(), reply, back(), flow.verifier, options());
  const tokens = await oauth.processAuthorizationCodeResponse(
    server, client(), response, {expectedNonce: flow.nonce, requireIdToken: true});
  leave(flow.to, flow.scroll);
  keep({...sessionOf(tokens), ...(flow.again && {renewed: Date.now()})});
  return keepRenewed();
}

async function renew() {
  const before = current();
  if (!before?.refreshToken) return;
  try {
    const server = await provider();
    const response = await oauth.refreshTokenGrantRequest(
      server, client(), oauth.None(), before.refreshToken, options());
    const tokens = await oauth.processRefreshTokenResponse(server, client(), response);
    if (current() === before) keep(sessionOf(tokens, before), {quietly: true});
  } catch (error) {
    // The refresh token isn't good any more; without the provider's word it may have been the network.
    if (error instanceof oauth.ResponseBodyError && current() === before) {
      keep({...before, refreshToken: undefined}, {quietly: true});
    }
  }
  keepRenewed();
}

// Nobody is taken away from a form that is open, from a word that is half typed, or from the way back.
const isHeld = (left) => location.pathname === '/sign-in' ||
  document.querySelector('main details[open] form') ||
  (left > 0 && document.activeElement?.matches('input, select, textarea'));

// Without a refresh token: to the provider and back, in the place of the page. In a frame, browsers
// would mostly keep the provider's cookies from it.
async function renewThere() {
  const session = current();
  if (!session) return undefined;
  const left = session.ends - Date.now();
  if (isHeld(left) || !(document.hidden || left < LATE)) return keepRenewed();
  const {pathname, search, hash} = location;
  try {
    await beginSession(pathname + search + hash, {again: session, scroll: scrollY});
  } catch {
    keepRenewed(LATE);  // the provider can't be reached
  }
  return undefined;
}

let timer = 0;

// Has the session renewed before its token ends, though not within `least` milliseconds.
export function keepRenewed(least = SOON) {
  clearTimeout(timer);
  const session = current();
  if (!session?.ends) return;
  const left = session.ends - Date.now();
  // Tokens may live for less than twice that time; who can't be reached is asked again soon.
  const early = left - Math.min(EARLY, left / 2);
  if (left > LONGEST) {
    timer = setTimeout(keepRenewed, LONGEST);
  } else if (session.refreshToken) {
    timer = setTimeout(renew, Math.max(early, least));
  } else if (session.idToken) {
    const seldom = (session.renewed ?? 0) + SELDOM - Date.now();
    timer = setTimeout(renewThere, Math.max(early, seldom, least));
  } else {
    timer = setTimeout(() => current() === session && keep(null), Math.max(left, 0));
  }
}

// Ends the session at the provider, too: who signs in next is asked who they are.
export async function endSession(session) {
  clearTimeout(timer);
  const server = await provider();
  if (session.refreshToken && server.revocation_endpoint) {
    await oauth.revocationRequest(server, client(), oauth.None(), session.refreshToken, options());
  }
  if (!server.end_session_endpoint) return;
  const address = new URL(server.end_session_endpoint);
  if (session.idToken) address.searchParams.set('id_token_hint', session.idToken);
  address.searchParams.set('client_id', client().client_id);
  address.searchParams.set('post_logout_redirect_uri', back());
  location.assign(address);
}
