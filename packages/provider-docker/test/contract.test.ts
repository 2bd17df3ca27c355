import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { providerContract } from '@bakehouse/core/testing';
import { provider } from '@bakehouse/provider-docker';
import { tempFolder } from './support/files.js';
import { aPlan } from './support/plans.js';
import { makeTar } from './support/tars.js';

const root = tempFolder();
writeFileSync(join(root, 'base.tar'), makeTar([{ name: 'etc/passwd', text: 'app:x:7:8::/:/bin/sh\n' }]));

const site = aPlan({
  steps: [{ copy: { 'index.html': 'hello', 'css/a.css': 'a {}' }, to: '/srv', owner: 'app' }],
  base: { kind: 'external', id: '' },
});
// The suite lets inputs fail at each use, so a build must read them every time: layers are forgotten before each.
const forgetful: typeof provider = {
  ...provider,
  create(options, context) {
    const made = provider.create(options, context);
    return {
      ...made,
      build: async (request) => {
        rmSync(join(context.stateDir, 'cache', 'layers'), { recursive: true, force: true });
        return made.build(request);
      },
    };
  },
};
const child = { copy: { 'more.html': 'more' }, to: '/srv' };

providerContract(
  { describe, it },
  {
    plugin: forgetful,
    options: {},
    capabilities: ['check', 'export', 'verify', 'render', 'baseBlobs', 'doctor', 'list', 'leftovers'],
    makeContext: () => ({
      project: 'shop',
      target: 'docker',
      platform: 'linux/amd64',
      root,
      stateDir: join(tempFolder(), 'state'),
      env: {},
      warn: () => undefined,
    }),
    goodSelector: 'rootfs:base.tar',
    unknownSelector: 'rootfs:missing.tar',
    images: [
      {
        definition: { from: 'rootfs:base.tar', steps: [{ copy: './site', to: '/srv', owner: 'app' }] },
        selector: 'rootfs:base.tar',
        plan: (base) =>
          aPlan({
            steps: [{ copy: { 'index.html': 'hello', 'css/a.css': 'a {}' }, to: '/srv', owner: 'app' }],
            base: { kind: 'external', id: base.id },
          }).plan,
        inputs: site.inputs,
      },
      {
        definition: { from: 'scratch', steps: [{ copy: './more', to: '/srv' }] },
        plan: aPlan({ steps: [child], image: 'more' }).plan,
        inputs: aPlan({ steps: [child] }).inputs,
      },
    ],
    failing: {
      definition: { from: 'scratch', steps: [{ run: 'false' }] },
      plan: aPlan({ steps: [{ run: 'false' }], engine: 'engine', image: 'fails' }).plan,
    },
    checks: {
      passing: [{ file: '/srv/index.html', contains: 'ell', owner: 'app', mode: '0644' }],
      failing: [{ file: '/srv/nothing' }],
    },
  },
);
