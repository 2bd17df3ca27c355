import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { aFolder } from './builders.js';

const size = 2 * 1024 ** 3;
const mebibyte = 1024 * 1024;

test('a file of 2 GiB is hashed and read in pieces, within 200 MiB of memory', async () => {
  const dir = aFolder();
  // A hole with a little at its end: the file system keeps one block of it.
  const file = openSync(join(dir, 'disk.img'), 'w');
  writeSync(file, 'end', size - 3);
  closeSync(file);
  truncateSync(join(dir, 'disk.img'), size);

  const source = (name: string): string => fileURLToPath(new URL(`../../src/tree/${name}.ts`, import.meta.url));
  const program = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    let largest = 0;
    const { readSync } = fs;
    fs.readSync = (file, buffer, at, length, position) => {
      largest = Math.max(largest, length);
      return readSync(file, buffer, at, length, position);
    };
    syncBuiltinESMExports();
    const { snapshot } = await import(${JSON.stringify(source('snapshot'))});
    const { chunks, readFile } = await import(${JSON.stringify(source('reader'))});
    const { noRules } = await import(${JSON.stringify(source('ignore'))});
    const { noStatCache } = await import(${JSON.stringify(source('stat-cache'))});
    const options = { ignore: noRules, cache: noStatCache, now: Date.now };
    const { file } = snapshot({ root: process.argv[2], path: 'disk.img', ...options });
    const hashed = process.resourceUsage().maxRSS;
    let bytes = 0;
    for await (const piece of chunks(readFile(file))) {
      bytes += piece.length;
      largest = Math.max(largest, piece.length);
    }
    process.stdout.write(JSON.stringify({ digest: file.digest, bytes, largest, hashed, read: process.resourceUsage().maxRSS }));
  `;
  writeFileSync(join(dir, 'program.mjs'), program);
  await build({
    entryPoints: [join(dir, 'program.mjs')],
    outdir: join(dir, 'out'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });

  const printed = execFileSync(process.execPath, [join(dir, 'out/program.mjs'), dir], { encoding: 'utf8' });
  const result = JSON.parse(printed) as Record<'bytes' | 'largest' | 'hashed' | 'read', number> & { digest: string };

  const hash = createHash('sha256');
  const zeros = Buffer.alloc(mebibyte);
  for (let i = 0; i < size / mebibyte - 1; i += 1) hash.update(zeros);
  hash.update(Buffer.concat([zeros.subarray(3), Buffer.from('end')]));
  expect(result.digest).toBe(hash.digest('hex'));
  expect(result.bytes).toBe(size);
  expect(result.largest).toBeLessThanOrEqual(8 * mebibyte);
  // In KiB.
  expect(result.hashed).toBeLessThan(200 * 1024);
  expect(result.read).toBeLessThan(200 * 1024);
});
