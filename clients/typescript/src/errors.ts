// Why a call was refused.

import { Code, ConnectError } from '@connectrpc/connect';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from './gen/typescript/google/rpc/error_details_pb.js';

/** A field of the request that breaks a rule: `seat.term.start_date`, and what is wrong with it. */
export interface Violation {
  field: string;
  description: string;
}

/** What a failed call tells. Programs branch on `reason`, which is one of
 * baliprocess/api/v1/errors.proto, or empty where no server answered. */
export interface Failure {
  /** gRPC's code, as a name such as `NotFound`. */
  code: string;
  message: string;
  reason: string;
  domain: string;
  metadata: Record<string, string>;
  violations: Violation[];
  /** Milliseconds that the server asks to wait for; 0 where it doesn't. */
  retryAfter: number;
}

/** Takes apart what a call has thrown. */
export function failureOf(thrown: unknown): Failure {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema)[0];
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return {
    code: Code[error.code],
    message: error.rawMessage,
    reason: info?.reason ?? '',
    domain: info?.domain ?? '',
    metadata: info?.metadata ?? {},
    violations: error.findDetails(BadRequestSchema).flatMap((request) =>
      request.fieldViolations.map(({ field, description }) => ({ field, description })),
    ),
    retryAfter: delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : 0,
  };
}

/** Whether the call may succeed when it is made again as it is. A connection that breaks is told as
 * Canceled by Connect; who cancels a call knows that. */
export function isPassing({ code, reason }: Failure): boolean {
  return (
    code === 'Unavailable' ||
    (code === 'Canceled' && reason === '') ||
    reason === 'OVERLOADED' ||
    reason === 'RATE_LIMITED' ||
    (code === 'Aborted' && reason !== 'ETAG_MISMATCH')
  );
}
