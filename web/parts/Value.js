// A value of any field, for pages that show a record without knowing its type.

import {isoDate} from '../lib/dates.js';
import {html} from '../lib/html.js';
import {fieldText, leavesOf} from '../lib/differences.js';
import {kindOf, words} from '../lib/resources.js';
import {DateText, Moment, RecordLink} from './basic.js';

const CONSTANT = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

export function Value({value}) {
  if (Array.isArray(value)) {
    return html`<ul>${value.map((one) => html`<li><${Value} value=${one} /></li>`)}</ul>`;
  }
  if (typeof value === 'object' && value) {
    if (isoDate(value)) return html`<${DateText} date=${value} />`;
    return [...leavesOf(value)].map(([field, leaf]) =>
      html`<div>${fieldText(field)}: <${Value} value=${leaf} /></div>`);
  }
  const text = String(value);
  if (TIME.test(text)) return html`<${Moment} time=${text} />`;
  if (kindOf(text)) return html`<${RecordLink} name=${text} />`;
  return CONSTANT.test(text) ? words(text) : text;
}
