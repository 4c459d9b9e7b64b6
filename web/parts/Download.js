// A file that the gateway sends: for who is signed in it is asked for with the token, which a plain
// link doesn't send.

import {request} from '../lib/api.js';
import {html, useState} from '../lib/html.js';
import {caller} from '../lib/session.js';

async function save(path, query, fileName) {
  const response = await request('GET', path, {query, headers: {accept: '*/*'}});
  const address = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), {href: address, download: fileName});
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function Download({path, query = {}, fileName, children}) {
  const [problem, setProblem] = useState('');
  const address = `${path}?${new URLSearchParams(query)}`.replace(/\?$/, '');
  const fetchIt = (event) => {
    if (!caller().signedIn) return;
    event.preventDefault();
    setProblem('');
    save(path, query, fileName).catch((error) => setProblem(error.message));
  };
  return html`<a href=${address} download=${fileName} onClick=${fetchIt}>${children}</a>
    ${problem && html` <span role="alert" class="error">${problem}</span>`}`;
}
