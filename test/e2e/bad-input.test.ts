// Bad input gets its own code and the right exit code, names the place, and leaves nothing behind.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack, type Header } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appDefinition, openProjectIn, type Project } from './bake.js';
import { e2e, run } from './engines.js';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const copy = { copy: './files', to: '/srv' };
const image = (steps: readonly unknown[], more = {}): unknown => appDefinition({ steps, ...more });
const images = (map: Readonly<Record<string, unknown>>): unknown => ({ ...appDefinition(), images: map });

/** An archive with just these entries. */
function tar(
  ...entries: readonly (Partial<Header> & { readonly name: string; readonly content?: string })[]
): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ mode: 0o644, ...header }, content ?? '');
  archive.finalize();
  return buffer(archive);
}

let project: Project;
afterEach(() => project.remove());

/** Every path of the project, without caches, which may be left. */
async function paths(): Promise<string[]> {
  const all = await readdir(project.dir, { recursive: true });
  return all.filter((path) => !/^\.bake(\/cache(\/.*)?)?$/.test(path)).sort();
}

interface Case {
  readonly name: string;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly definition?: unknown;
  readonly code: string;
  readonly exit: number;
  /** What the message or its data must name. */
  readonly names: string | RegExp;
}

/** Runs `plan` and `build` and holds both against what is expected. */
async function expectFault({ code, exit, names }: Omit<Case, 'name'>, commands = ['plan', 'build']): Promise<void> {
  const before = await paths();
  for (const command of commands) {
    const ran = await project.json([command]);
    expect({ code: ran.data.error?.code, exit: ran.code }, ran.stdout + ran.stderr).toEqual({ code, exit });
    expect(JSON.stringify(ran.data.error)).toMatch(names);
    expect(ran.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(await paths()).toEqual(before);
  }
}

/** A build that fails while it works may record that it did, and nothing else. */
async function expectFailedBuild({ code, exit, names }: Omit<Case, 'name'>): Promise<void> {
  const ran = await project.json(['build']);
  expect({ code: ran.data.error?.code, exit: ran.code }, ran.stdout + ran.stderr).toEqual({ code, exit });
  expect(JSON.stringify(ran.data.error)).toMatch(names);
  await expectNothingLeft();
}

async function expectNothingLeft(): Promise<void> {
  const left = await paths();
  expect(left.filter((path) => /\.bake\/.*(tmp\/.|temp|\.part|\.new)|layouts\/.*index\.json/.test(path))).toEqual([]);
  expect((await project.json(['history'])).data.versions?.filter(({ state }) => state === 'checked') ?? []).toEqual([]);
  if (existsSync(join(project.dir, '.bake/catalog.json')))
    expect((await project.json(['verify'])).data.faults).toEqual([]);
}

describe('a definition', () => {
  const cases: readonly Case[] = [
    {
      name: 'with a misspelt key',
      definition: image([{ copy: './files', too: '/srv' }]),
      code: 'ERR_BAKE_DEFINITION_INVALID',
      exit: 2,
      names: /images\.app\.steps\[0\].*did you mean/i,
    },
    {
      name: 'with a value of a wrong type',
      definition: image([copy], { config: { expose: 'eighty' } }),
      code: 'ERR_BAKE_DEFINITION_INVALID',
      exit: 2,
      names: 'images.app.config.expose',
    },
    {
      name: 'with images in a circle',
      definition: images({ one: { from: 'two', steps: [copy] }, two: { from: 'one', steps: [copy] } }),
      code: 'ERR_BAKE_DEFINITION_CYCLE',
      exit: 2,
      names: /one.*two/,
    },
    {
      name: 'with a misspelt base',
      definition: images({ base: { from: 'scratch', steps: [copy] }, app: { from: 'bsae', steps: [copy] } }),
      code: 'ERR_BAKE_DEFINITION_INVALID',
      exit: 2,
      names: /images\.app\.from.*base/,
    },
    {
      name: 'with a destination above the root',
      definition: image([{ copy: './files', to: '/srv/../../etc' }]),
      code: 'ERR_BAKE_DEFINITION_INVALID',
      exit: 2,
      names: /images\.app\.steps\[0\]\.to.*\.\./,
    },
    {
      name: 'that copies what is outside of its folder',
      definition: image([{ copy: '../other', to: '/srv' }]),
      code: 'ERR_BAKE_INPUT_OUTSIDE',
      exit: 2,
      names: /other/,
    },
    {
      name: 'that copies a file which is missing',
      definition: image([{ copy: './flies', to: '/srv' }]),
      code: 'ERR_BAKE_INPUT_MISSING',
      exit: 2,
      names: /flies/,
    },
    {
      name: 'that throws',
      files: { 'bake.config.mjs': 'throw new Error("no luck today");\n' },
      code: 'ERR_BAKE_DEFINITION_LOAD',
      exit: 2,
      names: /no luck today/,
    },
    {
      name: 'that is no JSON',
      files: { 'bake.config.json': '{ "name": "shop",, }' },
      code: 'ERR_BAKE_DEFINITION_LOAD',
      exit: 2,
      names: /bake\.config\.json/,
    },
  ];
  test.each(cases)('$name: $code', async ({ files = {}, definition, ...fault }) => {
    project = await openProjectIn({ 'files/a.txt': 'a\n', ...files }, definition);
    await expectFault(fault);
  });

  test('with `run` steps names the engine that they need: ERR_BAKE_ENGINE_MISSING', async () => {
    project = await openProjectIn({}, image([{ run: 'true' }]));
    await expectFailedBuild({ code: 'ERR_BAKE_ENGINE_MISSING', exit: 1, names: /docker engine/i });
  });

  test('of which there is none: ERR_BAKE_DEFINITION_NOT_FOUND', async () => {
    project = await openProjectIn({});
    await expectFault({ code: 'ERR_BAKE_DEFINITION_NOT_FOUND', exit: 2, names: /bake\.config|definition/ });
  });
});

describe('an input', () => {
  const open = async (): Promise<string> => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy]));
    return join(project.dir, 'files');
  };

  test('that is a socket: ERR_BAKE_INPUT_TYPE', async () => {
    const server = createServer().listen(join(await open(), 'socket'));
    try {
      await expectFault({ code: 'ERR_BAKE_INPUT_TYPE', exit: 1, names: 'files/socket' });
    } finally {
      server.close();
    }
  });
  test('that is a named pipe: ERR_BAKE_INPUT_TYPE', async () => {
    await run('mkfifo', [join(await open(), 'pipe')]);
    await expectFault({ code: 'ERR_BAKE_INPUT_TYPE', exit: 1, names: 'files/pipe' });
  });
  e2e('that is a device: ERR_BAKE_INPUT_TYPE', ['root', 'mknod'], async () => {
    await run('mknod', [join(await open(), 'null'), 'c', '1', '3']);
    await expectFault({ code: 'ERR_BAKE_INPUT_TYPE', exit: 1, names: 'files/null' });
  });
  test.skipIf(process.platform !== 'linux')('whose name is not UTF-8: ERR_BAKE_INPUT_NAME', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${await open()}/`), Buffer.from([0x66, 0xff, 0x66])]), '');
    await expectFault({ code: 'ERR_BAKE_INPUT_NAME', exit: 1, names: /files/ });
  });
  test('whose name deletes files of the base: ERR_BAKE_INPUT_NAME', async () => {
    await writeFile(join(await open(), '.wh.keep'), '');
    await expectFailedBuild({ code: 'ERR_BAKE_INPUT_NAME', exit: 1, names: '.wh.keep' });
  });
  test('that changes while it is read: ERR_BAKE_INPUT_CHANGED', async () => {
    const file = join(await open(), 'growing');
    await writeFile(file, Buffer.alloc(32 << 20));
    const writer = spawn(process.execPath, [
      '-e',
      'const fs=require("fs");const fd=fs.openSync(process.argv[1],"a");for(const end=Date.now()+60000;Date.now()<end;)fs.writeSync(fd,"x")',
      file,
    ]);
    try {
      await expectFault({ code: 'ERR_BAKE_INPUT_CHANGED', exit: 1, names: 'files/growing' });
    } finally {
      writer.kill('SIGKILL');
    }
  });
  test('put where another step put a folder: ERR_BAKE_DESTINATION_CONFLICT', async () => {
    await open();
    const steps = [copy, { copy: './files/a.txt', to: '/srv' }, { copy: './files', to: '/srv/a.txt' }];
    await project.write({ 'bake.config.json': JSON.stringify(image(steps)) });
    await expectFailedBuild({ code: 'ERR_BAKE_DESTINATION_CONFLICT', exit: 1, names: '/srv/a.txt' });
  });
  test('for an owner that the image does not know: ERR_BAKE_OWNER_UNKNOWN', async () => {
    await open();
    await project.write({ 'bake.config.json': JSON.stringify(image([{ ...copy, owner: 'nobody-here' }])) });
    await expectFailedBuild({ code: 'ERR_BAKE_OWNER_UNKNOWN', exit: 1, names: 'nobody-here' });
  });
});

describe('what comes over the network', () => {
  let server: Server;
  let address: string;
  const served = new Map<string, string | Buffer>();
  let status = 404;

  beforeAll(async () => {
    server = createHttpServer((request, response) => {
      const body = served.get(request.url ?? '');
      response.statusCode = body === undefined ? status : 200;
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    address = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  });
  afterAll(() => server.close());

  const fetching = async (content: string | Buffer, promised: string, more = {}): Promise<void> => {
    served.set('/file', content);
    const step = { fetch: `http://${address}/file`, sha256: promised, to: '/opt/file', ...more };
    project = await openProjectIn({}, image([step]));
  };

  test('a download with another sha256: ERR_BAKE_FETCH_DIGEST', async () => {
    await fetching('evil\n', sha256('good\n'));
    await expectFailedBuild({ code: 'ERR_BAKE_FETCH_DIGEST', exit: 1, names: new RegExp(`${address}/file`) });
  });
  test('a download that is not there: ERR_BAKE_FETCH_FAILED', async () => {
    await fetching('x', sha256('x'));
    served.clear();
    await expectFailedBuild({ code: 'ERR_BAKE_FETCH_FAILED', exit: 1, names: /404/ });
  });
  test('a download while nobody answers: ERR_BAKE_FETCH_FAILED', async () => {
    const step = { fetch: 'http://127.0.0.1:1/file', sha256: sha256('x'), to: '/opt/file' };
    project = await openProjectIn({}, image([step]));
    await expectFailedBuild({ code: 'ERR_BAKE_FETCH_FAILED', exit: 1, names: /127\.0\.0\.1:1/ });
  });
  test.each([
    ['an absolute name', [{ name: '/etc/passwd', content: 'x' }]],
    ['a name that climbs', [{ name: 'a/../../b', content: 'x' }]],
    [
      'a link out, written through',
      [
        { name: 'a', type: 'symlink', linkname: '../../..' },
        { name: 'a/b', content: 'x' },
      ],
    ],
    ['a hard link out', [{ name: 'a', type: 'link', linkname: '../../etc/shadow' }]],
    ['a device', [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }]],
  ] as const)('an archive to unpack with %s: ERR_BAKE_ARCHIVE_HOSTILE', async (_name, entries) => {
    const archive = await tar(...entries.map((entry) => ({ ...entry })));
    await fetching(archive, sha256(archive), { to: '/opt', unpack: true });
    await expectFailedBuild({ code: 'ERR_BAKE_ARCHIVE_HOSTILE', exit: 1, names: /a|etc|null/ });
  });
  test('an archive to unpack that ends early: ERR_BAKE_ARCHIVE_INVALID', async () => {
    const archive = (await tar({ name: 'a', content: 'x'.repeat(5000) })).subarray(0, 2000);
    await fetching(archive, sha256(archive), { to: '/opt', unpack: true });
    await expectFailedBuild({ code: 'ERR_BAKE_ARCHIVE_INVALID', exit: 1, names: /archive|ends|truncated/i });
  });

  test.each([
    [401, 'ERR_BAKE_REGISTRY_AUTH'],
    [404, 'ERR_BAKE_BASE_UNKNOWN'],
    [500, 'ERR_BAKE_REGISTRY_RESPONSE'],
  ])('a registry that answers %d: %s', async (answer, code) => {
    status = answer;
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy], { from: `${address}/debian:12` }));
    await expectFault({ code, exit: 1, names: new RegExp(address) }, ['plan']);
  });
  test('a registry that is not there: ERR_BAKE_REGISTRY_UNREACHABLE', async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy], { from: '127.0.0.1:1/debian:12' }));
    await expectFault({ code: 'ERR_BAKE_REGISTRY_UNREACHABLE', exit: 1, names: /127\.0\.0\.1:1/ }, ['plan']);
  });
});

describe('a base', () => {
  test('that is not there: ERR_BAKE_BASE_UNKNOWN', async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy], { from: 'archive:./none.tar' }));
    await expectFault({ code: 'ERR_BAKE_BASE_UNKNOWN', exit: 1, names: /none\.tar/ });
  });
  test.each(['archive', 'rootfs', 'oci'])(
    '%s: that is no such thing: ERR_BAKE_BASE_INVALID or ERR_BAKE_ARCHIVE_INVALID',
    async (kind) => {
      project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy], { from: `${kind}:./base` }));
      if (kind === 'oci') await mkdir(join(project.dir, 'base'));
      else await writeFile(join(project.dir, 'base'), 'nonsense '.repeat(1000));
      const ran = await project.json(['build']);
      expect(ran.code, ran.stdout).toBe(1);
      expect(ran.data.error?.code).toMatch(/ERR_BAKE_(BASE_INVALID|ARCHIVE_INVALID|BASE_UNKNOWN)/);
      await expectNothingLeft();
    },
  );
  test('root file system that ends early: ERR_BAKE_ARCHIVE_INVALID or ERR_BAKE_BASE_INVALID', async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy], { from: 'rootfs:./root.tar' }));
    await writeFile(join(project.dir, 'root.tar'), await tar({ name: 'big', content: 'x'.repeat(100_000) }));
    await truncate(join(project.dir, 'root.tar'), 50_000);
    const ran = await project.json(['build']);
    expect(ran.code, ran.stdout).toBe(1);
    expect(ran.data.error?.code).toMatch(/ERR_BAKE_(BASE_INVALID|ARCHIVE_INVALID)/);
    await expectNothingLeft();
  });
});

describe('files of ours', () => {
  test('a lock of a newer schema: ERR_BAKE_LOCK_NEWER, and it stays as it is', async () => {
    const lock = '{ "schema": 99, "future": true }\n';
    project = await openProjectIn({ 'files/a.txt': 'a\n', 'bake.lock': lock }, image([copy]));
    await expectFault({ code: 'ERR_BAKE_LOCK_NEWER', exit: 1, names: /bake\.lock/ });
    expect(await readFile(join(project.dir, 'bake.lock'), 'utf8')).toBe(lock);
  });
  test('a lock that is none: ERR_BAKE_LOCK_INVALID', async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n', 'bake.lock': '<<<<<<< HEAD\n' }, image([copy]));
    await expectFault({ code: 'ERR_BAKE_LOCK_INVALID', exit: 1, names: /bake\.lock/ });
  });
  test('a frozen lock without an entry: ERR_BAKE_LOCK_FROZEN', async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy], { from: 'rootfs:./root.tar' }));
    await writeFile(join(project.dir, 'root.tar'), await tar({ name: 'etc/', type: 'directory' }));
    const ran = await project.json(['build'], { env: { CI: 'true' } });
    expect([ran.code, ran.data.error?.code], ran.stdout).toEqual([1, 'ERR_BAKE_LOCK_FROZEN']);
    expect(existsSync(join(project.dir, 'bake.lock'))).toBe(false);
  });
  test('a catalog of a newer schema: ERR_BAKE_CATALOG_NEWER, and nothing is written', async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy]));
    expect((await project.bake(['build'])).code).toBe(0);
    const file = join(project.dir, '.bake/catalog.json');
    const { id } = JSON.parse(await readFile(file, 'utf8')) as { id: string };
    const newer = { id, schema: 99 };
    // Sealed as documents of the catalog are: the digest is that of the rest.
    const sealed = { digest: sha256(JSON.stringify(newer)), ...newer };
    await rm(file);
    await writeFile(file, JSON.stringify(sealed));
    await project.write({ 'files/a.txt': 'b\n' });
    await expectFault({ code: 'ERR_BAKE_CATALOG_NEWER', exit: 1, names: /newer|99/ });
  });

  e2e('no space: ERR_BAKE_DISK_FULL, the old state stays, and with space it goes on', ['root', 'mount'], async () => {
    project = await openProjectIn({});
    await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'bake-test', project.dir]);
    try {
      await project.write({ 'files/a.txt': 'small\n', 'bake.config.json': JSON.stringify(image([copy])) });
      expect((await project.bake(['build'])).code).toBe(0);
      const before = (await project.json(['history'])).data.versions;
      // Does not fit twice more: into the layer and into the retained inputs.
      await project.write({ 'files/big.bin': Buffer.alloc(1_400_000, 'bakehouse') });
      const ran = await project.json(['build']);
      expect([ran.code, ran.data.error?.code], ran.stdout).toEqual([1, 'ERR_BAKE_DISK_FULL']);
      expect((await project.json(['history'])).data.versions.filter(({ state }) => state !== 'failed')).toEqual(before);
      expect((await paths()).filter((path) => /\.bake\/.*tmp\/./.test(path))).toEqual([]);
      await run('mount', ['-o', 'remount,size=64m', project.dir]);
      expect((await project.bake(['build'])).code).toBe(0);
      expect((await project.json(['verify'])).data.faults).toEqual([]);
    } finally {
      await run('umount', ['-l', project.dir]);
    }
  });
  e2e('a read-only file system: ERR_BAKE_READ_ONLY, and planning works', ['root', 'mount'], async () => {
    project = await openProjectIn({ 'files/a.txt': 'a\n' }, image([copy]));
    await run('mount', ['--bind', project.dir, project.dir]);
    try {
      await run('mount', ['-o', 'remount,ro,bind', project.dir]);
      expect((await project.json(['plan'])).code).toBe(0);
      await expectFault({ code: 'ERR_BAKE_READ_ONLY', exit: 1, names: /\.bake/ }, ['build']);
    } finally {
      await run('umount', ['-l', project.dir]);
    }
  });
});
