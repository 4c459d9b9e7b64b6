// google-gax as a client: it makes HTTP requests of gRPC ones. Arguments: folders of protos, each
// `FOLDER` or `PREFIX=FOLDER`, then `--` and the files to load.
//
// Reads lines such as {"method": "package.Service.Method", "request": JSON}, which may name one of
// the method's bindings by number, 0 being the first. Answers each with
// {"httpMethod": "get", "url": "/v1/…", "queryString": "a=b", "data": …} or {"error": …}.
'use strict';

const fs = require('fs');
const path = require('path');

// By their paths: google-gax doesn't export this half of itself.
const modules = path.join(__dirname, '../../proto/node_modules');
const protobuf = require(path.join(modules, 'protobufjs'));
const {flattenObject, transcode} =
  require(path.join(modules, 'google-gax/build/src/transcoding.js'));

const HTTP = '(google.api.http)';

function load(folders, files) {
  const root = new protobuf.Root();
  root.resolvePath = (_, name) => {
    for (const folder of folders) {
      const [prefix, place] = folder.includes('=') ? folder.split('=') : ['', folder];
      const file = path.join(place, path.relative(prefix, name));
      if (name.startsWith(prefix) && fs.existsSync(file)) return file;
    }
    return protobuf.common.get(name) ? name : null;
  };
  return root.loadSync(files).resolveAll();
}

// The rules as transcode() takes them: all of the method's, or one binding alone.
function rulesOf(method, binding) {
  if (binding === undefined) return method.parsedOptions;
  const rule = method.parsedOptions.find(option => HTTP in option)[HTTP];
  const more = [].concat(rule.additional_bindings || []);
  return [{[HTTP]: binding > 0 ? more[binding - 1] : {...rule, additional_bindings: []}}];
}

// transcode() forgets the first part of query parameters with three parts (`info.f_child.f_string`),
// so these are given to it with the last two as one name. What it looks for to fill the path, it
// still finds part by part.
function spelledOut(request) {
  const spelled = {...request};
  for (const [name, value] of Object.entries(request)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    spelled[name] = flattenObject(value);
    for (const [part, inner] of Object.entries(value)) {
      if (part in spelled[name]) continue;
      Object.defineProperty(spelled[name], part, {value: inner, enumerable: false});
    }
  }
  return spelled;
}

function answer(root, {method, binding, request}) {
  const rules = rulesOf(root.lookup(method), binding);
  const hasBody = rules.some(option => HTTP in option && option[HTTP].body);
  const made = transcode(hasBody ? request : spelledOut(request), rules);
  return made || {error: 'google-gax finds no binding for this request'};
}

const end = process.argv.indexOf('--');
const root = load(process.argv.slice(2, end), process.argv.slice(end + 1));
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  console.log(JSON.stringify(answer(root, JSON.parse(line))));
}
