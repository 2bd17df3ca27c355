import { describe, expect, it } from 'vitest';
import { openCatalog } from '../../src/catalog/open.js';
import { aBlob, aFolder, author, aVersion, baked, built, checked, promoted } from './fixtures.js';

describe('openCatalog', () => {
  it('tells what was appended, from the same and from another process', async () => {
    const dir = aFolder();
    const catalog = await openCatalog(dir, { create: true });
    const [a, b] = [aVersion('a'), aVersion('b')];
    for (const event of [built(a), checked(a), baked(a), built(b), promoted('production', null, a)])
      await catalog.append('shop', 'web', author, () => event);
    await catalog[Symbol.asyncDispose]();
    for (const seen of [catalog, await openCatalog(dir)]) {
      const history = await seen.history('shop', 'web');
      expect(history.sequence).toBe(5);
      expect(history.latest('main')?.versions).toEqual({ docker: a });
      expect(history.channels).toMatchObject([{ channel: 'production', versions: { docker: a }, held: false }]);
      expect((await history.versions()).map(({ version }) => version)).toEqual([b, a]);
      expect((await history.versions(1)).map(({ version }) => version)).toEqual([b]);
      expect(await history.version('docker', a)).toMatchObject({ version: a, checks: [{ outcome: 'passed' }] });
      expect(await history.find(a.slice(0, 6))).toHaveLength(1);
      expect(await seen.images()).toEqual([['shop', 'web']]);
    }
    await expect(catalog.blobs.write([aBlob('one'), aBlob('two'), aBlob('')])).resolves.toEqual({ blobs: 3, bytes: 6 });
    const again = await openCatalog(dir);
    expect((await again.blobs.missing([aBlob('one').digest, aBlob('three').digest])).size).toBe(1);
    expect(Buffer.from((await again.blobs.read(aBlob('two').digest)).content as Uint8Array).toString()).toBe('two');
  });
});
