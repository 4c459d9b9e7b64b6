// For who works on the pages: serves them from this folder, without building the gateway, and passes
// on to a gateway what they ask. Not for anybody else.
//
//   node web/serve.mjs https://127.0.0.1:8443 [PORT]

import {readFileSync, existsSync} from 'node:fs';
import {createServer} from 'node:http';
import {request} from 'node:https';
import {dirname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [gateway, port = '0'] = process.argv.slice(2);
const modules = join(here, 'node_modules');
const vendor = {
  'preact.js': join(modules, 'htm/preact/standalone.module.js'),
  'pico.css': join(modules, '@picocss/pico/css/pico.classless.min.css'),
  'oauth4webapi.js': join(modules, 'oauth4webapi/build/index.js'),
};
// As the gateway has it (services/gateway/web/public_pages.cc).
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const types = {js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml'};

function answer(path, response) {
  const said = normalize(path).replace('/assets/', '');
  const file = vendor[said.replace('vendor/', '')] ?? join(here, said);
  if (!existsSync(file)) return response.writeHead(404).end();
  const type = types[file.split('.').pop()] ?? 'text/plain';
  return response.writeHead(200, {'content-type': type, 'cache-control': 'no-store'}).end(readFileSync(file));
}

function passOn(incoming, response) {
  const outgoing = request(new URL(incoming.url, gateway),
    {method: incoming.method, headers: incoming.headers, rejectUnauthorized: false}, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
  outgoing.on('error', () => response.writeHead(502).end());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

const server = createServer((incoming, response) => {
  const {pathname} = new URL(incoming.url, 'http://here');
  if (pathname.startsWith('/assets/')) return answer(pathname, response);
  if (pathname === '/settings.json') return response.writeHead(200, {'content-type': 'application/json'}).end('{}');
  if (/^\/(v1|docs|openapi\.json)/.test(pathname)) return passOn(incoming, response);
  const document = readFileSync(join(here, 'index.html'), 'utf8').replaceAll('@ASSETS@', '/assets');
  return response.writeHead(200,
    {'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY}).end(document);
});
server.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
