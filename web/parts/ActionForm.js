// The one part for everything that a person can do: a form that opens, is sent once, and shows what
// the server says of it beside the fields.
//
// `action` tells what is done:
//   id        the method, which names the form in the page
//   title     what opens the form; `button` is what sends it (default: the title)
//   intro     a sentence above the fields
//   fields    as in lib/formValues.js; `options` are a list, or a function that promises one
//   resource  the record that is changed, where the method takes an etag: the form is about the
//             version that was seen when the form was opened
//   edits     whether the fields are those of `resource`, and what was changed alone is sent
//   initial   what the inputs show at first of a form that doesn't edit
//   reload    promises the record as it is now, for a record that somebody else has changed
//   request   from {json, mask, raw, etag} to what is sent: {verb, path, query, body, etag}
//   send      in the place of `request`, for what takes more than one call: (values, requestId)
//   done      what is told afterwards

import {change} from '../lib/change.js';
import {changedValues, rawOf, readValues} from '../lib/formValues.js';
import {html, useEffect, useRef, useState} from '../lib/html.js';
import {useSubmission} from '../lib/useSubmission.js';
import {placeViolations} from '../lib/violations.js';
import {ChangedMeanwhile} from './ChangedMeanwhile.js';
import {Field} from './Field.js';

function useOptions(fields) {
  const [loaded, setLoaded] = useState({});
  const load = () => {
    for (const {name, options} of fields) {
      if (typeof options !== 'function') continue;
      options().then((list) => setLoaded((known) => ({...known, [name]: list})), () => {});
    }
  };
  const withOptions = fields.map((field) => ({
    ...field,
    options: typeof field.options === 'function' ? loaded[field.name] ?? [] : field.options,
  }));
  return [withOptions, load];
}

function useForm(action, close, onDone) {
  const [fields, loadOptions] = useOptions(action.fields ?? []);
  const blank = () => rawOf(fields, action.edits ? action.resource : action.initial);
  const [raw, setRaw] = useState(blank);
  const [opened, setOpened] = useState(action.resource);
  const [unread, setUnread] = useState();  // what can't be sent as it is typed
  const [state, submission] = useSubmission((values, requestId) =>
    action.send ? action.send(values, requestId) : change(action.request(values), requestId));

  const open = () => {
    loadOptions();
    if (state.phase === 'sending' || state.phase === 'unknown') return;
    submission.reset();
    setUnread(undefined);
    setOpened(action.resource);
    setRaw(blank());
  };
  const submit = async (etag = opened?.etag) => {
    const {body, updateMask, json = body, error} =
      action.edits ? changedValues(fields, opened, raw) : readValues(fields, raw);
    setUnread(error);
    if (error && state.phase !== 'unknown') return;
    const after = await submission.submit({json, mask: updateMask, raw, etag});
    if (after.phase === 'done') finish(after.reply);
  };
  const finish = (reply) => {
    submission.reset();
    const same = reply.name === opened?.name;
    setOpened(same ? reply : opened);
    setRaw(rawOf(fields, same && action.edits ? reply : action.initial));
    close();
    onDone(reply, typeof action.done === 'function' ? action.done(reply) : action.done);
  };
  const type = (name, value) => {
    setRaw((typed) => ({...typed, [name]: value}));
    if (state.phase !== 'conflict') submission.reset();
  };
  return {fields, raw, opened, state, error: unread ?? state.error, open, submit, type};
}

function Problem({form, action, others}) {
  const {phase} = form.state;
  if (phase === 'unknown') {
    return html`<p role="alert" class="error">No answer came, so it isn’t known whether this was done.
      Send it again: it is done once.</p>`;
  }
  if (phase === 'conflict') {
    return html`<${ChangedMeanwhile} before=${form.opened} reload=${action.reload}
      onAgain=${(etag) => form.submit(etag)} />`;
  }
  if (!form.error) return null;
  const told = form.error.fields?.length > others.length ? 'Nothing was done: see what is marked.' : form.error.message;
  return html`<div role="alert" class="error"><p>${told}</p>
    ${others.length > 0 && html`<ul>${others.map((one) => html`<li key=${one}>${one}</li>`)}</ul>`}</div>`;
}

function labelOf({state}, action) {
  if (state.phase === 'sending') return 'Sending…';
  return state.phase === 'unknown' ? 'Send again' : action.button ?? action.title;
}

// What is in the form once it was opened: a page may have very many.
function Opened({action, form}) {
  const element = useRef();
  const busy = form.state.phase === 'sending';
  const {byInput, others} = placeViolations(form.error ?? {}, form.fields.map(({name}) => name));
  useEffect(() => {
    if (form.error) element.current?.querySelector('[aria-invalid=true]')?.focus();
  }, [form.error]);
  const onSubmit = (event) => {
    event.preventDefault();
    form.submit();
  };
  const prefix = (action.key ?? action.id).replaceAll(/\W+/g, '-');
  return html`<form ref=${element} noValidate onSubmit=${onSubmit} aria-label=${action.title}>
    ${action.intro && html`<p>${action.intro}</p>`}
    <fieldset disabled=${busy || form.state.phase === 'unknown'}>
      ${form.fields.map((field) => html`<${Field} key=${field.name} field=${field}
        id=${`${prefix}-${field.name}`.replaceAll('.', '-')} value=${form.raw[field.name]}
        options=${field.options} errors=${byInput[field.name]}
        onInput=${(value) => form.type(field.name, value)} />`)}
    </fieldset>
    <${Problem} form=${form} action=${action} others=${others} />
    ${form.state.phase !== 'conflict' &&
      html`<button type="submit" aria-busy=${busy ? 'true' : undefined} disabled=${busy}>${labelOf(form, action)}</button>`}
  </form>`;
}

export function ActionForm({action, onDone}) {
  const element = useRef();
  const [opened, setOpened] = useState(false);
  const close = () => { if (element.current) element.current.open = false; };
  const form = useForm(action, close, onDone);
  const toggle = () => {
    if (!element.current.open) return;
    form.open();
    setOpened(true);
  };
  return html`<details class="action" data-action=${action.id} ref=${element} onToggle=${toggle}>
    <summary>${action.title}</summary>
    ${opened && html`<${Opened} action=${action} form=${form} />`}
  </details>`;
}
