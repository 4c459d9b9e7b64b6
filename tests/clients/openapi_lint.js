// Lints an OpenAPI document with Redocly's rules: `openapi_lint.js FILE`. Prints what is wrong, and
// fails if anything is, warnings too.

const path = require('path');
const core = require(path.join(__dirname, '../../proto/node_modules/@redocly/openapi-core'));

async function main(file) {
  const config = await core.createConfig({
    extends: ['recommended-strict'],
    rules: {
      'info-license': 'off', // the record is nobody's to license here
      'no-server-example.com': 'off',
      'no-invalid-media-type-examples': 'error',
      'no-invalid-schema-examples': 'error',
      'no-invalid-parameter-examples': 'error',
      'spec-components-invalid-map-name': 'error',
      'no-ambiguous-paths': 'error',
    },
  });
  const problems = await core.lint({ref: file, config});
  for (const problem of problems) {
    const place = problem.location[0];
    console.log(`${problem.severity} ${problem.ruleId} ${place.pointer || ''}: ${problem.message}`);
  }
  return problems.length;
}

main(process.argv[2]).then((problems) => process.exit(problems === 0 ? 0 : 1));
