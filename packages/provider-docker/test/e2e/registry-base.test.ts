import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { provider as plugin } from '@bakehouse/provider-docker';
import { e2e, run, startRegistry } from '../../../../test/e2e/engines.js';
import { layerOf, layersOf } from '../support/layers.js';
import { digestOf, writeLayout } from '../support/layouts.js';
import { aRequest } from '../support/plans.js';
import { makeTar } from '../support/tars.js';
import { aWorld } from '../support/world.js';

const signal = new AbortController().signal;
const rootfs = makeTar([
  { name: 'etc/', mode: 0o750 },
  { name: 'etc/passwd', text: 'app:x:7:8::/:\n' },
]);
const steps = [{ copy: { x: 'x' }, to: '/etc', owner: 'app' }];

e2e(
  'an image of a registry is a base: by configuration, pulled by manifest, kept when the tag moves on',
  ['docker-registry', 'skopeo'],
  async () => {
    const world = aWorld();
    const registry = await startRegistry();
    const push = async (layers: readonly Buffer[]): Promise<string> => {
      const folder = join(world.root, 'layout');
      rmSync(folder, { recursive: true, force: true });
      const [id = ''] = writeLayout(folder, [{ layers, tag: 'v' }]);
      const to = `docker://${registry.address}/team/base:1`;
      await run('skopeo', ['copy', '--insecure-policy', '--dest-tls-verify=false', `oci:${folder}:v`, to]);
      return id;
    };
    try {
      const id = await push([rootfs]);
      const selector = plugin.parseSelector(`${registry.address}/team/base:1`);
      const resolved = await world.provider.resolveBase(selector, signal);
      expect(resolved).toEqual({ id, reference: expect.stringMatching(/\/team\/base@sha256:[0-9a-f]{64}$/) });
      await push([rootfs, makeTar([{ name: 'new/' }])]);
      const artifact = await world.provider.build(aRequest({ steps, selector, resolved }));
      expect(layersOf(world, artifact)).toHaveLength(2);
      expect(layersOf(world, artifact)[0]).toBe(digestOf(rootfs));
      expect(await layerOf(world, artifact)).toEqual(['etc/ 750 0:0', 'etc/x 644 7:8 = x']);
      expect((await world.provider.resolveBase(selector, signal)).id).not.toBe(id);
      const missing = plugin.parseSelector(`${registry.address}/team/none:1`);
      await expect(world.provider.resolveBase(missing, signal)).rejects.toMatchObject({
        code: 'ERR_BAKE_BASE_UNKNOWN',
      });
    } finally {
      await registry.stop();
    }
  },
);
