// Writes docs/errors.md from the catalogue of error codes. With --check it only says whether the page is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = readFileSync(join(root, 'packages/core/src/errors/codes.ts'), 'utf8');
const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
const { codes } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const file = join(root, 'docs', 'errors.md');
const page = `# Errors

<!-- Written by scripts/errors-doc.mjs from packages/core/src/errors/codes.ts. -->

Every error that Bakehouse throws on purpose is a \`BakeError\`. Match on its \`code\` and \`data\`, which are stable; \`message\`
and \`hint\` are for people and may change. With \`--json\` they are in the document's \`error\`.

The command's exit code is 1 for most failures, 2 where the command line or the definition has to be changed, 3 where
checks failed, and 130 where the run was interrupted.
${sections().map(section).join('')}`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/errors.md is not up to date. Write it anew with: node scripts/errors-doc.mjs');
  process.exitCode = 1;
}

/** Codes under the comments that head them in the catalogue. */
function sections() {
  const found = [];
  for (const [, heading, name] of source.matchAll(/^ {2}(?:\/\/ (.+)|(ERR_BAKE_\w+):)/gm)) {
    if (heading !== undefined) found.push({ heading, names: [] });
    else found.at(-1).names.push(name);
  }
  const listed = found.flatMap(({ names }) => names);
  const missed = Object.keys(codes).filter((name) => !listed.includes(name));
  if (missed.length > 0) throw new Error(`under no heading of codes.ts: ${missed.join(', ')}`);
  return found;
}

function section({ heading, names }) {
  const title = heading[0].toUpperCase() + heading.slice(1);
  const rows = names.map((name) => {
    const { when, hint = '', exit = 1 } = codes[name];
    return `| \`${name}\` | ${cell(when)} | ${cell(hint)} | ${exit} |\n`;
  });
  return `\n## ${title}\n\n| code | when | what to do | exit |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
