// Connects Node.js: gRPC on HTTP/2, from the same settings as balictl's.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { persistently, withToken } from './calls.js';
import type { Token } from './calls.js';
import { clientOf } from './client.js';
import type { Client } from './client.js';

export interface Settings {
  /** The gateway, as `host:port`. */
  server: string;
  /** A file with the authorities that the server's certificate must come from. Without it, those that
   * Node.js comes with. */
  ca?: string | undefined;
  /** The token. Without it and `tokenFile`, the caller is the public. */
  token?: Token | undefined;
  /** A file with the token, which is read for each call. */
  tokenFile?: string | undefined;
  /** Files with the client's certificate and key, for servers that ask for one. */
  cert?: string | undefined;
  key?: string | undefined;
  /** Without TLS. A token is then sent to this machine only: an error for another one. */
  plaintext?: boolean | undefined;
  /** How long a call may take, in milliseconds. */
  timeout?: number | undefined;
}

function isLoopback(server: string): boolean {
  const host = server.slice(0, server.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function tokenOf({ token, tokenFile }: Settings): Token | undefined {
  if (token !== undefined && tokenFile !== undefined) {
    throw new TypeError('either a token or a file with it');
  }
  if (tokenFile === undefined) return token;
  return async () => (await readFile(tokenFile, 'ascii')).trim();
}

/** Nothing is sent yet. */
export function connect(settings: Settings): Client {
  const { server, ca, cert, key, plaintext = false, timeout = 30_000 } = settings;
  if ((cert === undefined) !== (key === undefined)) throw new TypeError('cert and key belong together');
  const token = tokenOf(settings);
  if (plaintext && token !== undefined && !isLoopback(server)) {
    throw new TypeError("a token isn't sent in plaintext to another machine");
  }
  return clientOf(
    createGrpcTransport({
      baseUrl: `${plaintext ? 'http' : 'https'}://${server}`,
      nodeOptions: {
        ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
        ...(cert === undefined || key === undefined
          ? {}
          : { cert: readFileSync(cert), key: readFileSync(key) }),
      },
      pingIntervalMs: 60_000, // notices a dead peer of a quiet watch
      defaultTimeoutMs: timeout,
      interceptors: token === undefined ? [persistently] : [persistently, withToken(token)],
    }),
  );
}
