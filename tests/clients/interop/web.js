// The client of gRPC's interoperability tests in a browser, on connect-web by gRPC-Web: a module of a
// page that interop_test.py serves. Of headers a page sees none but those that CORS names, so of
// metadata the trailer is looked at. Tells the page's server how each case went.

import {Code, ConnectError, createClient} from '@connectrpc/connect';
import {createGrpcWebTransport} from '@connectrpc/connect-web';
import {createFileRegistry, fromBinary} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';

const RECEIVED = [31415, 9, 2653, 58979];
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const soon = {timeoutMs: 10000};

async function fails(code, text, act) {
  try {
    await act();
  } catch (error) {
    const found = ConnectError.from(error);
    if (found.code !== code) return found.message;
    return text === undefined || found.rawMessage === text ? 'ok' : 'another message';
  }
  return 'no error';
}

async function sizes(stream, onReply = () => {}) {
  const found = [];
  for await (const reply of stream) {
    found.push(reply.payload.body.length);
    onReply();
  }
  return found;
}

async function failure(client, message) {
  const responseStatus = {code: Code.Unknown, message};
  const first = await fails(Code.Unknown, message, () => client.unaryCall({responseStatus}, soon));
  if (first !== 'ok') return first;
  return fails(Code.Unknown, message,
    () => sizes(client.streamingOutputCall({responseStatus}, soon)));
}

const cases = {
  empty_unary: async client => { await client.emptyCall({}, soon); },
  large_unary: async client => {
    const reply = await client.unaryCall(
      {responseSize: 314159, payload: {body: new Uint8Array(271828)}}, soon);
    const body = reply.payload.body;
    return body.length === 314159 && body.every(byte => byte === 0) ? 'ok' : 'another reply';
  },
  server_streaming: async client => {
    const found = await sizes(client.streamingOutputCall(
      {responseParameters: RECEIVED.map(size => ({size}))}, soon));
    return `${found}` === `${RECEIVED}` ? 'ok' : 'another reply';
  },
  custom_metadata: async client => {
    const trailers = [];
    const options = {...soon, headers: {'x-grpc-test-echo-trailing-bin': 'q6ur'},
      onTrailer: trailer => trailers.push(trailer.get('x-grpc-test-echo-trailing-bin'))};
    await client.unaryCall({responseSize: 1}, options);
    await sizes(client.streamingOutputCall({responseParameters: [{size: 1}]}, options));
    return `${trailers}` === 'q6ur,q6ur' ? 'ok' : `the trailers are ${trailers}`;
  },
  status_code_and_message: client => failure(client, 'test status message'),
  special_status_message: client => failure(client, SPECIAL),
  unimplemented_method: client =>
    fails(Code.Unimplemented, undefined, () => client.unimplementedCall({}, soon)),
  unimplemented_service: (client, other) =>
    fails(Code.Unimplemented, undefined, () => other.unimplementedCall({}, soon)),
  cancel_after_first_response: client => {
    const controller = new AbortController();
    const request = {responseParameters: [{size: 1}, {size: 1, intervalUs: 5000000}]};
    return fails(Code.Canceled, undefined, () => sizes(
      client.streamingOutputCall(request, {...soon, signal: controller.signal}),
      () => controller.abort()));
  },
  timeout_on_sleeping_server: client =>
    fails(Code.DeadlineExceeded, undefined, () => sizes(client.streamingOutputCall(
      {responseParameters: [{size: 1, intervalUs: 5000000}]}, {timeoutMs: 1}))),
};

async function run(registry, baseUrl) {
  const transport = createGrpcWebTransport({baseUrl});
  const client = createClient(registry.getService('grpc.testing.TestService'), transport);
  const other = createClient(registry.getService('grpc.testing.UnimplementedService'), transport);
  const results = {};
  for (const [name, act] of Object.entries(cases)) {
    try {
      results[name] = await act(client, other) || 'ok';
    } catch (error) {
      results[name] = `${error}`;
    }
  }
  return results;
}

const bytes = await (await fetch('/protoset')).arrayBuffer();
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, new Uint8Array(bytes)));
const results = {};
for (const address of await (await fetch('/addresses')).json()) {
  results[address] = await run(registry, `http://${address}`);
}
await fetch('/results', {method: 'POST', body: JSON.stringify(results)});
