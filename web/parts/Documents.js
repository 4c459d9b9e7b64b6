// Documents of a meeting: where they are, and what is kept of them.

import {html} from '../lib/html.js';
import {idOf} from '../lib/resources.js';
import {uploadDocument} from '../forms/meeting.js';
import {Actions} from './Actions.js';
import {OutsideLink, Tag} from './basic.js';
import {Download} from './Download.js';

function size(bytes) {
  const units = ['bytes', 'KiB', 'MiB'];
  let [value, at] = [Number(bytes), 0];
  while (value >= 1024 && at < units.length - 1) [value, at] = [value / 1024, at + 1];
  return `${at ? value.toFixed(1) : value} ${units[at]}`;
}

export function DocumentLine({document}) {
  const {content} = document;
  return html`${document.displayName} <${Tag} value=${document.kind} />
    ${content && html` <${Download} path=${`/v1/${document.name}:download`} fileName=${idOf(document.name)}>
      Download (${size(content.sizeBytes)}, ${content.mediaType})</${Download}>`}
    ${document.uri && html` <${OutsideLink} uri=${document.uri} text="Read it outside" />`}
    ${!content && !document.uri && html` <span class="unknown">nothing is kept of it</span>`}`;
}

const below = (name) => name.split('/').slice(2).join('/');

// All of them, with what can be done with each.
export const DocumentList = ({documents, onDone}) =>
  html`<ul class="documents">${documents.map((document) => html`<li key=${document.name} id=${below(document.name)}>
    <${DocumentLine} document=${document} />
    <${Actions} label=${`What you can do with ${document.displayName}`} actions=${[uploadDocument(document)]} onDone=${onDone} />
  </li>`)}</ul>`;
