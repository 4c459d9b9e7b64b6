// One thing that a person asks for by a form, sent until there is an answer and done once.
//
// A request has an id. As long as nobody knows what became of the request, the id is kept, so that
// sending it again does nothing twice. Each new attempt after an answer has an id of its own.

const REPEATED = new Set(
  ['NO_REPLY', 'TEMPORARILY_UNAVAILABLE', 'DEADLINE_PASSED', 'OVERLOADED', 'CONFLICT', 'RATE_LIMITED']);
// After these it isn't known whether the change was made.
const UNKNOWN = new Set(['NO_REPLY', 'TEMPORARILY_UNAVAILABLE', 'DEADLINE_PASSED', 'INTERNAL_ERROR']);
// These say nothing of the request, which wasn't looked at: what wasn't known before isn't known after.
const UNJUDGED = new Set(
  ['OVERLOADED', 'RATE_LIMITED', 'CONFLICT', 'TOKEN_MISSING', 'TOKEN_INVALID', 'TOKEN_EXPIRED']);
// Whether sending the same again may help.
export const isRepeated = ({reason}) => REPEATED.has(reason);

const WAITS = [500, 2000];
const LONGEST_WAIT = 10_000;  // who is asked to wait longer is told so

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Its `state`: {phase, error, reply}. Phases: `idle`; `sending`; `done`; `refused` (an answer: nothing
// was done); `conflict` (refused, since somebody else changed the record); `unknown` (no answer).
export class Submission {
  // `send(request, requestId)` resolves with the reply or rejects with an error that has a `reason`.
  // `changed(state)` is told of every change. `wait` and `newId` are replaced in tests.
  constructor(send, changed = () => {}, {wait = sleep, newId = () => crypto.randomUUID()} = {}) {
    Object.assign(this, {send, changed, wait, newId});
    this.state = {phase: 'idle'};
    this.pending = undefined;
  }

  // Sends the request and resolves with the state afterwards. While a request is on its way or its
  // outcome isn't known, that request is what is sent, whatever is given: a second click is none.
  async submit(request) {
    if (this.state.phase === 'sending') return this.state;
    this.pending ??= {request, id: this.newId(), unknown: false};
    this.#set({phase: 'sending'});
    try {
      const reply = await this.#sendUntilAnswered(this.pending);
      this.pending = undefined;
      this.#set({phase: 'done', reply});
    } catch (error) {
      this.#set({phase: this.#phaseAfter(error), error});
    }
    return this.state;
  }

  // What was typed since the answer makes another request of it.
  reset() {
    if (this.state.phase === 'sending' || this.state.phase === 'unknown') return;
    this.#set({phase: 'idle'});
  }

  async #sendUntilAnswered(pending) {
    for (let attempt = 0; ; ++attempt) {
      try {
        return await this.send(pending.request, pending.id);
      } catch (error) {
        pending.unknown = UNKNOWN.has(error.reason) || (pending.unknown && UNJUDGED.has(error.reason));
        if (!isRepeated(error) || attempt >= WAITS.length) throw error;
        const wait = Math.max(WAITS[attempt], (error.retryAfter ?? 0) * 1000);
        if (wait > LONGEST_WAIT) throw error;
        await this.wait(wait);
      }
    }
  }

  #phaseAfter(error) {
    if (this.pending.unknown) return 'unknown';
    this.pending = undefined;
    return error.reason === 'ETAG_MISMATCH' ? 'conflict' : 'refused';
  }

  #set(state) {
    this.state = state;
    this.changed(state);
  }
}
