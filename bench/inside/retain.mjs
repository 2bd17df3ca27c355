// Keeps a tree's files and folder lists in a catalog, as a build does, with nothing beside it. Prints milliseconds.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalog } from '@bakehouse/core';

const [dir, tree] = process.argv.slice(2);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const blobs = [];
function keepFolder(folder) {
  const members = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['d', entry.name, keepFolder(path)];
    const bytes = readFileSync(path);
    const digest = sha256(bytes);
    blobs.push({ digest, size: bytes.length, read: () => readFileSync(path) });
    return ['f', entry.name, '0644', bytes.length, digest];
  });
  const list = Buffer.from(JSON.stringify(members));
  const digest = sha256(list);
  blobs.push({ digest, size: list.length, read: () => list });
  return digest;
}
const root = keepFolder(tree);

const catalog = await openCatalog(join(dir, 'retain-catalog'), { create: true });
const start = performance.now();
const missing = await catalog.blobs.missing([root]);
if (missing.size > 0) await catalog.blobs.write(blobs);
const milliseconds = performance.now() - start;
await catalog[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ milliseconds }));
