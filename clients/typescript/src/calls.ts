// What is done to every call: the token goes along, and a call that may be made twice is repeated.

import { create } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { DescMessage, Message } from '@bufbuild/protobuf';
import type { Interceptor } from '@connectrpc/connect';
import { failureOf, isPassing } from './errors.js';

const ATTEMPTS = 6;
const FIRST_PAUSE = 200; // milliseconds; each further one is twice as long
const LONGEST_PAUSE = 5_000;
const LONGEST_ASKED = 60_000; // of what a server asks for

/** The token, or what gives it whenever a call is made. */
export type Token = string | (() => string | Promise<string>);

/** Ends early, and throws why, when the signal is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Sends the token with each call. */
export function withToken(token: Token): Interceptor {
  return (next) => async (request) => {
    request.header.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
    return next(request);
  };
}

/** The message with a `request_id` when it can have one. */
function identified<T extends DescMessage>(schema: T, message: Message): [Message, boolean] {
  const field = schema.fields.find(({ name }) => name === 'request_id');
  if (field?.fieldKind !== 'scalar') return [message, false];
  const made = create(schema, message as never);
  const fields = reflect(schema, made);
  if (fields.get(field) === '') fields.set(field, crypto.randomUUID());
  return [made, true];
}

/** Makes unary calls again when they fail in passing: those that read, and those whose request has a
 * `request_id`, which is made up once for all attempts when it is left out. */
export const persistently: Interceptor = (next) => async (request) => {
  if (request.stream) return next(request);
  const [message, hasId] = identified(request.method.input, request.message);
  const reads = request.method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  let wait = FIRST_PAUSE;
  for (let attempt = 1; ; ++attempt) {
    try {
      return await next({ ...request, message } as typeof request);
    } catch (thrown) {
      const failure = failureOf(thrown);
      const may = (reads || hasId) && !request.signal.aborted && attempt < ATTEMPTS;
      if (!may || !isPassing(failure)) throw thrown;
      const asked = Math.min(failure.retryAfter, LONGEST_ASKED);
      await pause(Math.max(wait, asked) * (1 + Math.random() / 5), request.signal);
      wait = Math.min(2 * wait, LONGEST_PAUSE);
    }
  }
};
