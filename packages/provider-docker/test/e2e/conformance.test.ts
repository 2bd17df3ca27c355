import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { debianRootfs, e2e, e2eSuite, startDocker, type DockerEngine } from '../../../../test/e2e/engines.js';
import { tempFolder } from '../support/files.js';
import { isSingle, type StepInput, type Tree } from '../support/plans.js';
import { aWorld } from '../support/world.js';

const signal = new AbortController().signal;
const needs = ['docker', 'debian-rootfs'];

/** What the base has that is easily broken. */
const prepare = `
FROM debian-import
RUN useradd --uid 1000 --create-home app && chmod 0700 /home/app \\
 && groupadd --gid 4242 crew && usermod --gid crew games \\
 && mkdir -p /opt/real/deep /data && chmod 1775 /opt/real && chown app:crew /opt/real \\
 && ln -s /opt/real /opt/absolute && ln -s real/deep /opt/relative && ln -s ../data /opt/up \\
 && echo old > /data/file && ln -s /data/file /data/link && ln -s /data/nowhere /data/dangling \\
 && ln -s /opt/gone /opt/dangling && echo old > /opt/real/deep/file && ln -s file /opt/real/deep/link \\
 && ln -s ../../../../../data /opt/climbing
`;

const tool = { text: '#!/bin/sh\n', mode: '0755' } as const;
const nested: Tree = {
  'a.txt': 'a',
  'deep/b.txt': 'b',
  'deep/deeper/run': tool,
  empty: null,
  pointer: { link: 'deep/b.txt' },
};

/** Each is one COPY, and one step of ours; all on the same base. */
const cases: Readonly<Record<string, readonly StepInput[]>> = {
  'a tool into /bin/': [{ copy: { file: 'tool', item: tool }, to: '/bin/' }],
  'a tool as /bin/tool': [{ copy: { file: 'tool', item: tool }, to: '/bin/tool' }],
  'a tool to the folder /bin without a slash': [{ copy: { file: 'tool', item: tool }, to: '/bin' }],
  'a file into /tmp': [{ copy: { file: 'x', item: 'x' }, to: '/tmp/x' }],
  'a file into a closed home folder': [{ copy: { file: 'x', item: 'x' }, to: '/home/app/y/x' }],
  'a file with an owner by name': [{ copy: { file: 'x', item: 'x' }, to: '/srv/www/x', owner: 'www-data' }],
  'an owner with another primary group': [{ copy: { file: 'x', item: 'x' }, to: '/srv/g/x', owner: 'games' }],
  'an owner with a group by name': [{ copy: nested, to: '/srv/tree', owner: 'www-data:crew' }],
  'an owner by number': [{ copy: nested, to: '/srv/tree', owner: '1000' }],
  'an owner by a number without an account': [{ copy: nested, to: '/srv/tree', owner: '4321' }],
  'an owner and a group by number': [{ copy: nested, to: '/srv/tree', owner: '7:8' }],
  'a group by name beside a number': [{ copy: nested, to: '/srv/tree', owner: '7:crew' }],
  'a tree into a new deep path': [{ copy: nested, to: '/srv/new/deep/path', owner: 'app' }],
  'a tree into a new deep path with a slash': [{ copy: nested, to: '/srv/new/deep/path/', owner: 'app' }],
  'a tree into the root': [{ copy: { ...nested, 'usr/local/bin/tool': tool }, to: '/' }],
  'a tree through an absolute link': [{ copy: nested, to: '/opt/absolute/in' }],
  'a tree into what a link points to': [{ copy: nested, to: '/opt/relative' }],
  'a tree through a link that goes up': [{ copy: nested, to: '/opt/up/x/' }],
  'a tree through a link that climbs past the root': [{ copy: nested, to: '/opt/climbing/x/' }],
  'a file onto a link to a file': [{ copy: { file: 'new', item: 'new' }, to: '/data/link' }],
  'a file onto a link that leads nowhere': [{ copy: { file: 'new', item: 'new' }, to: '/data/dangling' }],
  'a file below a link that leads nowhere': [{ copy: { file: 'new', item: 'new' }, to: '/opt/dangling/new' }],
  'a file of a tree onto a link': [{ copy: { link: 'new', file: 'new' }, to: '/opt/real/deep' }],
  'a link of a tree onto a file': [{ copy: { file: { link: 'elsewhere' } }, to: '/data' }],
  'a file into a folder that has a link of that name': [{ copy: { file: 'link', item: 'new' }, to: '/data/' }],
  'names that need long headers': [{ copy: { [`${'n'.repeat(120)}/${'é'.repeat(60)}`]: 'x' }, to: '/srv/long' }],
  'two steps into one folder': [
    { copy: { 'one/a': 'a' }, to: '/srv/two', owner: 'app' },
    { copy: { 'one/b': 'b', 'one/a': 'again' }, to: '/srv/two', owner: 'app' },
  ],
};

e2eSuite('what the assembler puts where, against docker build', needs, () => {
  let engine: DockerEngine;
  const folder = tempFolder();
  const world = aWorld();

  beforeAll(async () => {
    engine = await startDocker();
    await engine.docker(['import', await debianRootfs(), 'debian-import']);
    await engine.docker(['build', '--network=host', '-t', 'prepared', '-'], { input: prepare });
    await engine.docker(['save', '-o', join(world.root, 'prepared.tar'), 'prepared']);
  });
  afterAll(async () => {
    await engine.stop();
  });

  for (const [name, steps] of Object.entries(cases))
    e2e(name, needs, async () => {
      const context = join(folder, name.replaceAll(/\W/g, '-'));
      const tag = `case-${Object.keys(cases).indexOf(name)}`;
      mkdirSync(context);
      const lines = steps.map((step, index) => copyLine(context, step, `s${index}`));
      writeFileSync(join(context, 'Dockerfile'), ['FROM prepared', ...lines, ''].join('\n'));
      await engine.docker(['build', '-t', `${tag}:theirs`, context]);

      const artifact = await world.buildOn('archive:prepared.tar', { steps, config: { workdir: '/' } });
      const archive = join(folder, `${tag}.tar`);
      await world.provider.export?.(artifact, archive, signal);
      const loaded = await engine.docker(['load', '-i', archive]);
      const ours = /Loaded image: (\S+)/.exec(loaded.stdout)?.[1] ?? '';

      expect(await contents(engine, ours)).toEqual(await contents(engine, `${tag}:theirs`));
    });
});

function copyLine(context: string, step: StepInput, source: string): string {
  if (!('copy' in step)) throw new Error('only copies are compared');
  const single = isSingle(step.copy) ? step.copy : undefined;
  const tree = isSingle(step.copy) ? { [step.copy.file]: step.copy.item } : step.copy;
  mkdirSync(join(context, source));
  for (const [path, item] of Object.entries(tree)) writeItem(join(context, source, path), item);
  const chown = step.owner === undefined ? '' : `--chown=${step.owner} `;
  return `COPY ${chown}${JSON.stringify([single === undefined ? source : `${source}/${single.file}`, step.to])}`;
}

function writeItem(path: string, item: Tree[string]): void {
  mkdirSync(dirname(path), { recursive: true });
  if (item === null) mkdirSync(path);
  else if (typeof item === 'string') writeFileSync(path, item);
  else if ('link' in item) symlinkSync(item.link, path);
  else if ('text' in item) {
    writeFileSync(path, item.text);
    chmodSync(path, Number.parseInt(item.mode, 8));
  }
}

/** Everything in an image: type, mode, owner, link target and content. */
async function contents(engine: DockerEngine, image: string): Promise<readonly string[]> {
  const script = `
    find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path '/etc/host*' -o -path /etc/resolv.conf -o -path /.dockerenv \\) -prune \\
      -o -printf '%p %y %m %U:%G %l\\n'
    find /srv /opt /data /tmp /home -type f -exec sha256sum {} +`;
  const { stdout } = await engine.docker(['run', '--rm', '--network=host', image, '/bin/sh', '-c', script]);
  return stdout.split('\n').sort();
}
