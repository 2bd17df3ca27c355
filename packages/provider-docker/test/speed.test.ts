import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { provider as plugin } from '@bakehouse/provider-docker';
import { aRequest, type Tree } from './support/plans.js';
import { makeTar } from './support/tars.js';
import { aWorld } from './support/world.js';

const bytes = Buffer.alloc(5000, 'x');
const manyFiles = (count: number): Tree =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `d${index % 100}/f${index}`,
      { text: Buffer.concat([Buffer.from(`${index}\n`), bytes]), mode: '0644' } as const,
    ]),
  );

const elapsed = async (action: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await action();
  return performance.now() - began;
};

test('ten thousand small files become a layer in well under a second', async () => {
  const { provider } = aWorld();
  const request = aRequest({ steps: [{ copy: manyFiles(10_000), to: '/srv' }] });
  const milliseconds = await elapsed(async () => provider.build(request));
  process.stderr.write(`10,000 files: ${milliseconds.toFixed(0)} ms\n`);
  expect(milliseconds).toBeLessThan(2_000);
});

test.each([100, 10_000])('a moved base re-uses the layer of %i files without reading any', async (count) => {
  const world = aWorld();
  const base = (word: string): void => {
    writeFileSync(
      join(world.root, 'base.tar'),
      makeTar([
        { name: 'etc/motd', text: word },
        { name: 'srv/', mode: 0o750 },
      ]),
    );
  };
  const steps = [{ copy: manyFiles(count), to: '/srv' }];
  base('one');
  await world.buildOn('rootfs:base.tar', { steps });
  base('two, longer');
  const inputs = {
    entries: (): never => {
      throw new Error('nothing may be read');
    },
  };
  const selector = plugin.parseSelector('rootfs:base.tar');
  const resolved = await world.provider.resolveBase(selector, new AbortController().signal);
  const request = aRequest({ steps, inputs, selector, resolved });
  const milliseconds = await elapsed(async () => world.provider.build(request));
  process.stderr.write(`rebase of ${count} files: ${milliseconds.toFixed(0)} ms\n`);
  expect(milliseconds).toBeLessThan(200);
});

test('a large file streams', async () => {
  const size = 2 * 1024 ** 3;
  const piece = Buffer.alloc(1024 * 1024, 7);
  let highest = 0;
  const digest = createHash('sha256').update('stands for it').digest('hex');
  const read = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += piece.length) {
      highest = Math.max(highest, process.memoryUsage.rss());
      yield await Promise.resolve(piece);
    }
  };
  const { build } = aWorld();
  const before = process.memoryUsage.rss();
  await build({ steps: [{ copy: { big: { size, digest, read } }, to: '/' }] });
  process.stderr.write(`2 GiB: ${((highest - before) / 1024 ** 2).toFixed(0)} MiB extra\n`);
  expect(highest - before).toBeLessThan(50 * 1024 ** 2);
});
