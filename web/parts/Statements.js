// What was said at a meeting, and by whom.

import {html} from '../lib/html.js';
import {PartyText, Prose} from './basic.js';

export const StatementLine = ({statement}) =>
  html`<${PartyText} party=${statement.speaker} />${statement.onBehalfOf
    && html` for <${PartyText} party=${statement.onBehalfOf} />`}: ${statement.topic}
    <${Prose} text=${statement.summary} />`;
