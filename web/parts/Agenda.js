// The agenda of a meeting: items with their parts, presenters, documents and statements.

import {html} from '../lib/html.js';
import {Inline, PartyText, Prose, RecordLink, Tag} from './basic.js';
import {DocumentLine} from './Documents.js';
import {StatementLine} from './Statements.js';

const below = (name) => name.split('/').slice(2).join('/');

function Presenters({presenters}) {
  if (!presenters?.length) return null;
  const one = ({presenter, onBehalfOf}) => html`<${PartyText} party=${presenter} />
    ${onBehalfOf && html` (for <${PartyText} party=${onBehalfOf} />)`}`;
  return html`<p>Presented by <${Inline} items=${presenters} of=${one} /></p>`;
}

function Item({node}) {
  const {item, number} = node;
  return html`<li id=${below(item.name)}>
    <p><span class="number">${number}</span> <strong>${item.displayName}</strong> <${Tag} value=${item.kind} /></p>
    <${Presenters} presenters=${item.presenters} />
    ${item.topics?.length > 0 && html`<p>Topics: ${item.topics.join('; ')}</p>`}
    ${item.strategyAreas?.length > 0 && html`<p>Of the strategy: <${Inline} items=${item.strategyAreas}
      of=${(name) => html`<${RecordLink} name=${name} />`} /></p>`}
    <${Prose} text=${item.summary} />
    ${node.documents.length > 0 && html`<ul class="documents">${node.documents.map((document) =>
      html`<li key=${document.name}><${DocumentLine} document=${document} /></li>`)}</ul>`}
    ${node.statements.length > 0 && html`<ul class="statements">${node.statements.map((statement) =>
      html`<li key=${statement.name} id=${below(statement.name)}><${StatementLine} statement=${statement} /></li>`)}</ul>`}
    ${node.parts.length > 0 && html`<${AgendaItems} nodes=${node.parts} />`}
  </li>`;
}

export const AgendaItems = ({nodes}) =>
  html`<ol class="agenda">${nodes.map((node) => html`<${Item} key=${node.item.name} node=${node} />`)}</ol>`;
