// The client of gRPC's interoperability tests, on grpc-js. Argument: the server's address. Writes a
// line for each case, `CASE: ok` or `CASE: WHAT`.
'use strict';

const path = require('path');

const modules = path.join(__dirname, '../../../proto/node_modules');
const grpc = require(path.join(modules, '@grpc/grpc-js'));
const loader = require(path.join(modules, '@grpc/proto-loader'));

const SENT = [27182, 8, 1828, 45904];
const RECEIVED = [31415, 9, 2653, 58979];
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const {testing} = grpc.loadPackageDefinition(loader.loadSync('grpc/testing/test.proto',
  {includeDirs: ['/usr/share/grpc-proto'], keepCase: true})).grpc;
const credentials = grpc.credentials.createInsecure();
const stub = new testing.TestService(process.argv[2], credentials);
const other = new testing.UnimplementedService(process.argv[2], credentials);

const soon = () => ({deadline: Date.now() + 10000});
const payload = size => ({body: Buffer.alloc(size)});
const ping = i => ({response_parameters: [{size: RECEIVED[i]}], payload: payload(SENT[i])});

// The end of a unary call: its error or null, its reply, its header and its trailer.
function unary(method, request, on = stub, metadata = new grpc.Metadata()) {
  return new Promise(resolve => {
    const end = {};
    const call = on[method](request, metadata, soon(), (error, reply) => {
      Object.assign(end, {error, reply});
      if (end.status) resolve(end);
    });
    call.on('metadata', header => { end.header = header; });
    call.on('status', status => {
      end.status = status;
      if ('error' in end) resolve(end);
    });
  });
}

// The end of a stream of replies: its status, the sizes of the replies, its header.
function replies(call, onReply = () => {}) {
  return new Promise(resolve => {
    const end = {sizes: []};
    call.on('metadata', header => { end.header = header; });
    call.on('data', reply => {
      end.sizes.push(reply.payload.body.length);
      onReply(end.sizes.length);
    });
    call.on('error', () => {});
    call.on('status', status => resolve({...end, status}));
  });
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function is({status}, code, details) {
  if (status.code !== code) return `code ${status.code}: ${status.details}`;
  return details !== undefined && status.details !== details ? 'another message' : 'ok';
}

function fits(good, end) {
  const result = is(end, grpc.status.OK);
  return result === 'ok' && !good ? 'another reply' : result;
}

async function failure(message) {
  const response_status = {code: grpc.status.UNKNOWN, message};
  const first = is(await unary('UnaryCall', {response_status}), grpc.status.UNKNOWN, message);
  if (first !== 'ok') return first;
  const call = stub.FullDuplexCall(soon());
  call.end({response_status});
  return is(await replies(call), grpc.status.UNKNOWN, message);
}

function withEcho() {
  const metadata = new grpc.Metadata();
  metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
  metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
  return metadata;
}

function hasEcho({header, status}) {
  return header.get('x-grpc-test-echo-initial')[0] === 'test_initial_metadata_value' &&
    status.metadata.get('x-grpc-test-echo-trailing-bin')[0].toString('hex') === 'ababab';
}

const cases = {
  empty_unary: async () => is(await unary('EmptyCall', {}), grpc.status.OK),
  large_unary: async () => {
    const end = await unary('UnaryCall', {response_size: 314159, payload: payload(271828)});
    return fits(end.reply && end.reply.payload.body.equals(Buffer.alloc(314159)), end);
  },
  client_streaming: () => new Promise(resolve => {
    const call = stub.StreamingInputCall(soon(), (error, reply) => resolve(
      error ? error.message : reply.aggregated_payload_size === 74922 ? 'ok' : 'another reply'));
    for (const size of SENT) call.write({payload: payload(size)});
    call.end();
  }),
  server_streaming: async () => {
    const request = {response_parameters: RECEIVED.map(size => ({size}))};
    const end = await replies(stub.StreamingOutputCall(request, soon()));
    return fits(same(end.sizes, RECEIVED), end);
  },
  ping_pong: async () => {
    const call = stub.FullDuplexCall(soon());
    call.write(ping(0));
    const end = await replies(call, n => n < SENT.length ? call.write(ping(n)) : call.end());
    return fits(same(end.sizes, RECEIVED), end);
  },
  empty_stream: async () => {
    const call = stub.FullDuplexCall(soon());
    call.end();
    const end = await replies(call);
    return fits(end.sizes.length === 0, end);
  },
  custom_metadata: async () => {
    const first = await unary('UnaryCall', {response_size: 1}, stub, withEcho());
    const call = stub.FullDuplexCall(withEcho(), soon());
    call.end(ping(0));
    const second = await replies(call);
    return fits(hasEcho(first) && hasEcho(second), second);
  },
  status_code_and_message: () => failure('test status message'),
  special_status_message: () => failure(SPECIAL),
  unimplemented_method: async () =>
    is(await unary('UnimplementedCall', {}), grpc.status.UNIMPLEMENTED),
  unimplemented_service: async () =>
    is(await unary('UnimplementedCall', {}, other), grpc.status.UNIMPLEMENTED),
  cancel_after_begin: () => new Promise(resolve => {
    const call = stub.StreamingInputCall(soon(), error => resolve(
      error && error.code === grpc.status.CANCELLED ? 'ok' : `${error}`));
    setImmediate(() => call.cancel());
  }),
  cancel_after_first_response: async () => {
    const call = stub.FullDuplexCall(soon());
    call.write(ping(0));
    return is(await replies(call, () => call.cancel()), grpc.status.CANCELLED);
  },
  timeout_on_sleeping_server: async () => {
    const call = stub.FullDuplexCall({deadline: Date.now() + 1});
    call.write({payload: payload(27182)});
    return is(await replies(call), grpc.status.DEADLINE_EXCEEDED);
  },
};

(async () => {
  for (const [name, run] of Object.entries(cases)) console.log(`${name}: ${await run()}`);
  stub.close();
  other.close();
})();
