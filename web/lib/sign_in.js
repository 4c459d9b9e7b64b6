// OpenID Connect for pages: the authorisation code flow with PKCE, renewal by the refresh token, and
// the provider's own end of the session. Loaded when somebody signs in or is signed in.

import * as oauth from '../vendor/oauth4webapi.js';
import {claimsOf, current, keep, settingsNow} from './session.js';

const FLOW = 'bali.sign-in';  // what the way back is checked against, in session storage
const EARLY = 60_000;         // before its end a token is renewed
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

// Leaves for the provider; the way back leads to the page `to`.
export async function beginSession(to) {
  const server = await provider();
  const flow = {verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(), to};
  sessionStorage.setItem(FLOW, JSON.stringify(flow));
  const address = new URL(server.authorization_endpoint);
  const query = {
    client_id: client().client_id, redirect_uri: back(), response_type: 'code',
    scope: settingsNow().signIn.scope, state: flow.state, nonce: flow.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  // Some providers give a refresh token only to who is asked.
  if (query.scope.split(' ').includes('offline_access')) address.searchParams.set('prompt', 'consent');
  location.assign(address);
}

const sessionOf = (tokens, before = {}) => {
  const {exp} = claimsOf(tokens.access_token);
  const ends = tokens.expires_in ? Date.now() + tokens.expires_in * 1000 : exp && exp * 1000;
  return {token: tokens.access_token, ends, refreshToken: tokens.refresh_token ?? before.refreshToken,
    idToken: tokens.id_token ?? before.idToken};
};

// At the way back: `leave` leads to where the reader was, and the session begins. In this order, as the
// page that the provider leads to would be loaded once more by a session that begins.
export async function completeSession(leave) {
  const flow = JSON.parse(sessionStorage.getItem(FLOW));
  sessionStorage.removeItem(FLOW);
  if (!flow) throw new Error('it wasn’t begun in this tab');
  const server = await provider();
  const reply = oauth.validateAuthResponse(server, client(), new URL(location.href), flow.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, client(), oauth.None(), reply, back(), flow.verifier, options());
  const tokens = await oauth.processAuthorizationCodeResponse(
    server, client(), response, {expectedNonce: flow.nonce, requireIdToken: true});
  leave(flow.to);
  keep(sessionOf(tokens));
  keepRenewed();
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
    // The provider has ended the session; without its word it may have been the network.
    if (error instanceof oauth.ResponseBodyError && current() === before) return keep(null);
  }
  keepRenewed();
}

let timer = 0;

// Has the session renewed before its token ends; without a refresh token it ends then.
export function keepRenewed() {
  clearTimeout(timer);
  const session = current();
  if (!session?.ends) return;
  const left = session.ends - Date.now();
  if (left > LONGEST) {
    timer = setTimeout(keepRenewed, LONGEST);
  } else if (session.refreshToken) {
    // Tokens may live for less than twice that time; who can't be reached is asked again soon.
    timer = setTimeout(renew, Math.max(left - Math.min(EARLY, left / 2), 2_000));
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
