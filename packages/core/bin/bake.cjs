#!/usr/bin/env node
// Answers `--version` before anything else is loaded, so that scripts which probe for the command pay only for Node.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  require('../dist/bake.cjs');
}
