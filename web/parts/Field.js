// One input of a form, with its label, its help, and the field's own errors beside it.

import {html} from '../lib/html.js';

const INPUT_TYPES = {clock: 'time', moment: 'datetime-local', number: 'text', date: 'text'};

function Choices({field, id, value, options, described, onInput}) {
  return html`<fieldset id=${id} ...${described}>
    <legend>${field.label}</legend>
    ${options.map((option) => html`<label key=${option.value}>
      <input type="radio" name=${id} value=${option.value} checked=${value === option.value}
        onChange=${() => onInput(option.value)} />
      ${option.label}</label>`)}
  </fieldset>`;
}

function Select({id, value, options, described, onInput}) {
  return html`<select id=${id} value=${value} onChange=${(event) => onInput(event.target.value)} ...${described}>
    <option value="">–</option>
    ${options.map((option) => html`<option key=${option.value} value=${option.value}
      selected=${option.value === value}>${option.label}</option>`)}
  </select>`;
}

// One of those on record, picked by what it is called, or anybody else by name.
function PartyInput({id, value, options, described, onInput}) {
  return html`<input id=${id} type="text" list=${`${id}-list`} value=${value} autocomplete="off"
      onInput=${(event) => onInput(event.target.value)} ...${described} />
    <datalist id=${`${id}-list`}>
      ${options.map((option) => html`<option key=${option.value} value=${option.label}></option>`)}
    </datalist>`;
}

function Plain({field, id, value, described, onInput}) {
  const typed = (event) => onInput(event.target.value);
  switch (field.type) {
    case 'long':
    case 'lines':
      return html`<textarea id=${id} rows=${field.rows ?? 5} maxlength=${field.max} value=${value}
        onInput=${typed} ...${described}></textarea>`;
    case 'file':
      return html`<input id=${id} type="file" onChange=${(event) => onInput(event.target.files[0] ?? '')}
        ...${described} />`;
    default:
      return html`<input id=${id} type=${INPUT_TYPES[field.type] ?? 'text'} value=${value}
        inputmode=${field.type === 'number' ? 'numeric' : undefined} maxlength=${field.max}
        autocomplete="off" onInput=${typed} ...${described} />`;
  }
}

const INPUTS = {select: Select, party: PartyInput};

// `field` as in lib/formValues.js; `options` are {value, label}. `errors` are sentences.
export function Field({field, id, value, options = [], errors = [], onInput}) {
  const help = field.help && `${id}-help`;
  const problem = errors.length > 0 ? `${id}-error` : undefined;
  const described = {
    'aria-describedby': [help, problem].filter(Boolean).join(' ') || undefined,
    'aria-invalid': problem ? 'true' : undefined,
    'aria-required': field.required && field.type !== 'choice' ? 'true' : undefined,
  };
  const rest = {field, id, value, options, described, onInput};
  const Input = INPUTS[field.type] ?? Plain;
  const label = html`<label for=${id}>${field.label}${field.required ? '' : html` <small>(optional)</small>`}</label>`;
  return html`<div class="field" data-field=${field.name}>
    ${field.type === 'choice' ? html`<${Choices} ...${rest} />` : html`${label}<${Input} ...${rest} />`}
    ${help && html`<small id=${help}>${field.help}</small>`}
    ${problem && html`<p class="error" id=${problem}>${errors.join('; ')}</p>`}
  </div>`;
}
