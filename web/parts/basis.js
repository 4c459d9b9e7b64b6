// What something came about by: a decision on record, or words.

import {html} from '../lib/html.js';
import {kindOf} from '../lib/resources.js';
import {RecordLink} from './basic.js';

export const Basis = ({text}) => (kindOf(text) ? html`<${RecordLink} name=${text} />` : text || null);
