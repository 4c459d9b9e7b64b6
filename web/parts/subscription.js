// Addresses by which calendar programs follow the meetings: one for what everybody may see, and links
// with a secret for what members see.

import {all, orElse, send, withQuery} from '../lib/api.js';
import {html, useEffect, useState} from '../lib/html.js';
import {caller} from '../lib/session.js';
import {Problem, Section} from './basic.js';

const filterOf = (body) => (body ? `body = ${JSON.stringify(body)}` : '');

const secretAddress = (secret) => new URL(`/v1/subscribedCalendars/${secret}`, location.origin).href;

function Links({links, revoke}) {
  if (!links.length) return null;
  return html`<h3>Links that were made</h3>
    <ul>${links.map((link) => html`<li key=${link.name}>${link.displayName}${' '}
      <small>${link.filter || 'all meetings'}</small>${' '}
      <button type="button" class="secondary small" onClick=${() => revoke(link)}
        aria-label=${`Revoke the link ${link.displayName}`}>Revoke</button></li>`)}</ul>`;
}

// Those of the caller, and a form for another one. The secret is told once.
function OwnLinks({body}) {
  const {member} = caller();
  const [links, setLinks] = useState([]);
  const [made, setMade] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const read = async () => {
    const filter = member ? `member = "${member}"` : 'NOT member:*';
    setLinks(await orElse(all('/v1/calendarLinks', {filter}), []));
  };
  const attempt = async (work) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await work();
      await read();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  useEffect(() => { attempt(() => {}); }, []);
  const make = (event) => {
    event.preventDefault();
    const displayName = new FormData(event.target).get('display_name');
    attempt(async () => {
      const link = await send('POST', '/v1/calendarLinks', {body: {displayName, member, filter: filterOf(body)}});
      setMade(secretAddress(link.secret));
    });
  };
  const revoke = (link) => attempt(() => send('DELETE', `/v1/${link.name}`, {etag: link.etag}));
  return html`
    <p>A link with a secret shows what members see, without a token. Whoever has the address reads the calendar.</p>
    <form class="line" onSubmit=${make}>
      <label>Whose calendar it feeds <input name="display_name" required maxlength="300" autocomplete="off" /></label>
      <button type="submit" disabled=${busy}>Make a link</button>
    </form>
    <div aria-live="polite">${made && html`<p>Subscribe to this address; it is shown this once: <code>${made}</code></p>`}</div>
    ${error && html`<${Problem} error=${error} />`}
    <${Links} links=${links} revoke=${revoke} />`;
}

// `body` narrows the calendar to its meetings.
export function Subscription({body}) {
  const open = new URL(withQuery('/v1/meetings:calendar', {filter: filterOf(body)}), location.origin).href;
  const mayMake = caller().roles.some((role) => role === 'MEMBER' || role === 'SECRETARIAT');
  return html`<${Section} title="Subscribe" id="subscribe">
    <p>Calendar programs subscribe to this address, for what everybody may see. Meetings whose day isn’t known
      aren’t in it. <a href=${open} download="meetings.ics">${open}</a></p>
    ${mayMake && html`<${OwnLinks} key=${body} body=${body} />`}
  </${Section}>`;
}
