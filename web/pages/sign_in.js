// Signing in and out: with the provider that the gateway names, or else with a token that is pasted.

import {html, useState} from '../lib/html.js';
import {momentText} from '../lib/dates.js';
import {go} from '../lib/router.js';
import {caller, claimsOf, current, keep, settingsNow} from '../lib/session.js';

// Whose token has ended signs in again.
const isSignedIn = () => caller().signedIn && !(caller().ends < Date.now());

// Only to places of these pages.
const placeOf = (to) => (/^\/(?![/\\])/.test(to ?? '') ? to : '/');

async function signOut() {
  const session = current();
  keep(null);
  if (settingsNow().signIn) await (await import('../lib/sign_in.js')).endSession(session);
}

function SignedIn() {
  const who = caller();
  return html`<dl class="facts">
      <div><dt>Who</dt><dd>${who.subject}</dd></div>
      <div><dt>Roles</dt><dd>${who.roles.join(', ').toLowerCase() || 'none'}</dd></div>
      ${who.member && html`<div><dt>For</dt><dd>${who.member}</dd></div>`}
      ${who.ends && html`<div><dt>Until</dt><dd>${momentText(who.ends)}</dd></div>`}
    </dl>
    <p><button type="button" onClick=${signOut}>Sign out</button></p>`;
}

function Paste({to}) {
  const [problem, setProblem] = useState('');
  const submit = (event) => {
    event.preventDefault();
    const token = new FormData(event.target).get('token').trim();
    const {exp} = claimsOf(token);
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
      setProblem('This isn’t a token: three parts of letters and digits, joined by dots.');
    } else {
      keep({token, ends: exp && exp * 1000});
      go(placeOf(to));
    }
  };
  return html`<p>This gateway names no provider to sign in with. A token can be pasted, such as the one of
      <code>run/operator/secretariat.token</code>. It is kept until this tab is closed.</p>
    <form onSubmit=${submit}><label for="token">Token</label>
      <textarea id="token" name="token" rows="4" required spellcheck="false" autocomplete="off"
        aria-invalid=${problem ? 'true' : undefined} aria-describedby="token-problem"></textarea>
      <small id="token-problem">${problem}</small>
      <button type="submit">Use this token</button></form>`;
}

function Provider({to}) {
  const [problem, setProblem] = useState('');
  const begin = async () => {
    try {
      await (await import('../lib/sign_in.js')).beginSession(placeOf(to));
    } catch (error) {
      setProblem(`The provider can’t be reached: ${error.message}`);
    }
  };
  return html`<p>You sign in at <strong>${new URL(settingsNow().signIn.issuer).host}</strong>.</p>
    ${problem && html`<p role="alert" class="problem">${problem}</p>`}
    <p><button type="button" onClick=${begin}>Sign in</button></p>`;
}

export default {
  title: () => (isSignedIn() ? 'Signed in' : 'Sign in'),

  // Where the provider sends the reader back to.
  async load({query}) {
    if (!settingsNow().signIn || !(query.code || query.error)) return {};
    try {
      await (await import('../lib/sign_in.js')).completeSession((to, scroll) => {
        history.replaceState(null, '', '/sign-in');  // a code is good once
        go(placeOf(to), {scroll});
      });
      return {};
    } catch (error) {
      history.replaceState(null, '', '/sign-in');
      return {problem: error.message};
    }
  },

  View({data, query}) {
    if (isSignedIn()) return html`<${SignedIn} />`;
    const form = settingsNow().signIn ? Provider : Paste;
    return html`${data?.problem && html`<p role="alert" class="problem">You aren’t signed in: ${data.problem}</p>`}
      <${form} to=${query.to} />`;
  },
};
