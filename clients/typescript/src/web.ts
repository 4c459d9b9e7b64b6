// Connects a browser: gRPC-Web by fetch. The page's origin must be one of the gateway's
// --cors_origins, unless the gateway serves it.

import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { persistently, withToken } from './calls.js';
import type { Token } from './calls.js';
import { clientOf } from './client.js';
import type { Client } from './client.js';

export interface WebSettings {
  /** The gateway, such as `https://bali.example`. */
  url: string;
  /** Without it, the caller is the public. */
  token?: Token;
  /** How long a call may take, in milliseconds. */
  timeout?: number;
}

/** Nothing is sent yet. */
export function connect({ url, token, timeout = 30_000 }: WebSettings): Client {
  return clientOf(
    createGrpcWebTransport({
      baseUrl: url,
      defaultTimeoutMs: timeout,
      useBinaryFormat: true,
      interceptors: token === undefined ? [persistently] : [persistently, withToken(token)],
    }),
  );
}
