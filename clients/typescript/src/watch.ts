// Changes as they happen, over as many connections as it takes.

import type { CallOptions } from '@connectrpc/connect';
import { pause } from './calls.js';
import { failureOf, isPassing } from './errors.js';
import type { Change, WatchChangesResponse } from './gen/typescript/baliprocess/common/v1/changes_pb.js';

const FIRST_PAUSE = 200; // milliseconds; each further one is twice as long
const LONGEST_PAUSE = 10_000;

/** A service that has a watch: a client of any of the three. */
export interface Watched {
  watchChanges(
    request: { types: string[]; resumeToken: string; fromStart: boolean },
    options?: CallOptions,
  ): AsyncIterable<WatchChangesResponse>;
}

export interface WatchSettings {
  /** Only resources of these types, such as `baliprocess.net/Member`. Without it, all. */
  types?: string[];
  /** Where to go on. Without it, from now on. */
  resumeToken?: string;
  /** Start with the oldest change that is kept. */
  fromStart?: boolean;
  /** Ends the watch, without an error. */
  signal?: AbortSignal;
}

/** The changes of a service. When the stream ends or breaks it is opened again behind the last change,
 * so none is missing and none comes twice. A failure with the reason HISTORY_COMPACTED says that the
 * token leads nowhere any more: open a watch without one, let it `stand`, list the resources as they
 * are, then read that watch. */
export class Watch implements AsyncIterable<Change> {
  /** Where to go on after the last change that was taken; keep it to go on later. */
  resumeToken: string;
  readonly #service: Watched;
  readonly #settings: WatchSettings;
  readonly #end = new AbortController();
  #stream: AsyncIterator<WatchChangesResponse> | undefined;
  #first: WatchChangesResponse | undefined;
  #stood = false;

  constructor(service: Watched, settings: WatchSettings = {}) {
    this.#service = service;
    this.#settings = settings;
    this.resumeToken = settings.resumeToken ?? '';
    const { signal } = settings;
    if (signal?.aborted) this.close();
    else signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Waits until the watch stands: changes made from then on are seen. Not needed before reading. */
  async stand(): Promise<this> {
    if (!this.#stood) this.#first = await this.#next();
    return this;
  }

  /** Ends the watch, without an error. */
  close(): void {
    this.#end.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change> {
    try {
      for (;;) {
        const message = this.#first ?? (await this.#next());
        this.#first = undefined;
        if (message === undefined) return;
        for (const change of message.changes) {
          this.resumeToken = change.resumeToken;
          yield change;
        }
        if (message.resumeToken !== '') this.resumeToken = message.resumeToken;
      }
    } finally {
      this.close();
    }
  }

  #open(): AsyncIterator<WatchChangesResponse> {
    const request = {
      types: this.#settings.types ?? [],
      resumeToken: this.resumeToken,
      fromStart: this.resumeToken === '' && (this.#settings.fromStart ?? false),
    };
    const stream = this.#service.watchChanges(request, { signal: this.#end.signal, timeoutMs: 0 });
    return stream[Symbol.asyncIterator]();
  }

  /** The next message; none when the watch was ended. */
  async #next(): Promise<WatchChangesResponse | undefined> {
    for (let wait = FIRST_PAUSE; !this.#end.signal.aborted; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      try {
        this.#stream ??= this.#open();
        const { done, value } = await this.#stream.next();
        if (done !== true) {
          this.#stood = true;
          return value;
        } // a server that drains ends its streams
      } catch (thrown) {
        if (this.#end.signal.aborted) return undefined;
        // What has no reason no server has told: the connection broke. A server that never answered is
        // rather a wrong address than an interruption.
        const failure = failureOf(thrown);
        if (!this.#stood || !(isPassing(failure) || failure.reason === '')) throw thrown;
      }
      this.#stream = undefined;
      await pause(wait, this.#end.signal).catch(() => undefined);
    }
    return undefined;
  }
}
