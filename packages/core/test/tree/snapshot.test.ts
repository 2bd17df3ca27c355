import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  appendFileSync,
  unlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../src/plan/digest.js';
import { ignoreRules } from '../../src/tree/ignore.js';
import { entriesOf } from '../../src/tree/reader.js';
import { noStatCache, openStatCache } from '../../src/tree/stat-cache.js';
import { decodeTree, encodeTree } from '../../src/tree/tree-object.js';
import { aFolder, aTree, digestOf, take, takeFile, takeTree, touch, type TreeSpec } from './builders.js';

const site: TreeSpec = {
  'index.html': '<p>hello</p>\n',
  'run.sh': { bytes: '#!/bin/sh\n', mode: 0o755 },
  'assets/logo.svg': '<svg/>',
  'assets/empty': null,
  latest: { link: 'assets/logo.svg' },
};

const code = (name: string): unknown => expect.objectContaining({ code: `ERR_BAKE_INPUT_${name}` });
const paths = (root: string, options: Parameters<typeof takeTree>[1] = {}): string[] =>
  [...entriesOf(takeTree(root, options))].map((entry) => (entry.type === 'folder' ? `${entry.path}/` : entry.path));

describe('what a tree holds', () => {
  test('every folder has a tree object under its digest, and the root has the digest of the tree', () => {
    const { digest, objects, files } = takeTree(aTree(site));
    expect([...objects].every(([address, bytes]) => sha256(bytes) === address)).toBe(true);
    const root = decodeTree(objects.get(digest) ?? Buffer.alloc(0));
    expect(root).toEqual([
      ['d', 'assets', expect.any(String)],
      ['f', 'index.html', '0644', 13, sha256('<p>hello</p>\n')],
      ['l', 'latest', 'assets/logo.svg'],
      ['f', 'run.sh', '0755', 10, sha256('#!/bin/sh\n')],
    ]);
    expect(decodeTree(objects.get(root[0]?.[2] as string) ?? Buffer.alloc(0))).toEqual([
      ['d', 'empty', sha256(encodeTree([]))],
      ['f', 'logo.svg', '0644', 6, sha256('<svg/>')],
    ]);
    expect(files.map(({ path }) => path)).toEqual(['assets/logo.svg', 'index.html', 'run.sh']);
  });

  test('has the same digest for ever', () => {
    expect(digestOf(site)).toBe('12614e9c30a1070758d4e0d66f8f4c1c2b026c04542bdd094f6173f532451ecc');
  });

  test('an empty folder is a tree', () => {
    expect(takeTree(aFolder()).digest).toBe(sha256(encodeTree([])));
  });

  test.each<[string, TreeSpec]>([
    ['content', { ...site, 'index.html': '<p>hullo</p>\n' }],
    ['a name', { ...site, 'index.html': null, 'index.htm': '<p>hello</p>\n' }],
    ['an execute bit', { ...site, 'run.sh': { bytes: '#!/bin/sh\n', mode: 0o644 } }],
    ['a link target', { ...site, latest: { link: 'assets/logo.svg.' } }],
    ['a link in place of a file of the same bytes', { ...site, latest: 'assets/logo.svg' }],
    ['a further empty folder', { ...site, 'assets/empty2': null }],
    ['where a folder stands', { ...site, 'assets/empty/x/assets/empty': null }],
    ['a further empty file', { ...site, 'assets/empty3': '' }],
    ['line ends', { ...site, 'index.html': '<p>hello</p>\r\n' }],
    ['bytes that are not text', { ...site, 'index.html': Uint8Array.of(0xff, 0xfe) }],
    ['other bytes that are not text', { ...site, 'index.html': Uint8Array.of(0xff, 0xfd) }],
  ])('depends on %s', (_, changed) => {
    const digests = [digestOf(site), digestOf(changed)];
    expect(new Set(digests).size).toBe(2);
  });

  test('any execute bit makes 0755; nothing else of the mode counts', () => {
    const digest = (mode: number): string => digestOf({ x: { bytes: 'x', mode } });
    for (const mode of [0o600, 0o640, 0o666, 0o444]) expect(digest(mode)).toBe(digest(0o644));
    for (const mode of [0o700, 0o711, 0o775, 0o655, 0o4755]) expect(digest(mode)).toBe(digest(0o755));
    expect(digest(0o644)).not.toBe(digest(0o755));
  });

  test('a path is not joined with what follows it', () => {
    const digests = [{ ab: 'c' }, { a: 'bc' }, { 'a/b': 'c' }, { a: 'b', c: '' }].map((spec) => digestOf(spec));
    expect(new Set(digests).size).toBe(4);
  });

  test('names of one folder keep their bytes: composed and decomposed accents are two files', () => {
    expect(digestOf({ '\u00e9': 'x' })).not.toBe(digestOf({ 'e\u0301': 'x' }));
  });

  test('a name that really holds U+FFFD is a name like others', () => {
    expect(paths(aTree({ 'odd\ufffdname/\ufffd': 'x' }))).toEqual(['odd\ufffdname/', 'odd\ufffdname/\ufffd']);
  });
});

describe('what is never copied', () => {
  test('git, the catalog, the lock and definitions, at any depth', () => {
    const kept: TreeSpec = {
      'a.txt': 'a',
      'sub/b.txt': 'b',
      '.gitignore': 'c',
      'bake.config.toml': 'd',
      'package.json': '{}',
    };
    const dropped: TreeSpec = {
      '.git/HEAD': 'x',
      '.bake/log': 'x',
      'bake.lock': 'x',
      'bake.config.js': 'x',
      'sub/.git': 'gitdir: elsewhere',
      'sub/.bake/x': 'x',
      'sub/bake.lock': 'x',
      'sub/bake.config.mjs': 'x',
      'sub/bake.config.ts': 'x',
      'sub/bake.config.json': 'x',
      'sub/bake.config.yaml': 'x',
      'sub/bake.config.yml': 'x',
    };
    expect(digestOf({ ...kept, ...dropped })).toBe(digestOf(kept));
  });

  test('a step cannot name them either', () => {
    const root = aTree({ '.git/HEAD': 'x', 'sub/bake.lock': 'x' });
    expect(() => take(root, { path: '.git' })).toThrow(code('MISSING'));
    expect(() => take(root, { path: '.git/HEAD' })).toThrow(code('MISSING'));
    expect(() => take(root, { path: 'sub/bake.lock' })).toThrow(code('MISSING'));
  });
});

describe('the copied root', () => {
  test('a single file has its base name, canonical mode, size and digest', () => {
    const root = aTree({ 'conf/app.conf': { bytes: 'x=1', mode: 0o600 } });
    expect(takeFile(root, 'conf/app.conf')).toEqual({
      path: 'app.conf',
      source: join(root, 'conf/app.conf'),
      mode: '0644',
      size: 3,
      digest: sha256('x=1'),
    });
  });

  test('a link to a folder or a file inside is followed, and keeps its own name', () => {
    const root = aTree({ 'releases/5/a': 'a', current: { link: 'releases/5' }, conf: { link: 'releases/5/a' } });
    expect(takeTree(root, { path: 'current' }).digest).toBe(takeTree(root, { path: 'releases/5' }).digest);
    expect(takeFile(root, 'conf')).toMatchObject({ path: 'conf', digest: sha256('a') });
  });

  test('a definition in a folder that is reached by a link is the same', () => {
    const root = aTree({ 'project/site/a': 'a' });
    symlinkSync('project', join(root, 'alias'));
    const digest = takeTree(join(root, 'project'), { path: 'site' }).digest;
    expect(takeTree(join(root, 'alias'), { path: 'site' }).digest).toBe(digest);
  });

  test.each(['../secret', '..', 'site/../../secret', '/etc', 'out', 'out/x', 'outfile', '../project-two'])(
    '%s lies outside',
    (path) => {
      const root = aTree({ 'project/site/a': 'a', 'secret/x': 'x', 'project-two/x': 'x' });
      symlinkSync('../secret', join(root, 'project/out'));
      symlinkSync('../project-two/x', join(root, 'project/outfile'));
      expect(() => take(join(root, 'project'), { path })).toThrow(code('OUTSIDE'));
    },
  );

  test('a name that begins with two dots is inside', () => {
    expect(takeTree(aTree({ '..data/a': 'a' }), { path: '..data' }).files).toHaveLength(1);
  });

  test('is missing where nothing is, below a file, behind a dangling link and behind a loop', () => {
    const root = aTree({ file: 'x', dangling: { link: 'nowhere' }, loop: { link: 'loop' } });
    for (const path of ['nothing', 'file/x', 'dangling', 'loop', 'loop/x'])
      expect(() => take(root, { path })).toThrow(code('MISSING'));
    expect(() => take(root, { path: 'sub/nothing' })).toThrow('sub/nothing does not exist');
  });

  test('works where the definition lies in the root folder of the file system', () => {
    const dir = aTree({ 'x/a': 'a' });
    const taken = takeTree('/', { path: `.${dir}` });
    expect(taken.files).toMatchObject([{ path: 'x/a', source: `${dir}/x/a` }]);
  });
});

describe('links', () => {
  test('are never followed, wherever they lead', () => {
    const tree = {
      dangling: { link: 'nowhere' },
      loop: { link: 'loop' },
      absolute: { link: '/etc/passwd' },
      up: { link: '.' },
    };
    expect([...entriesOf(takeTree(aTree(tree)))]).toEqual([
      { type: 'link', path: 'absolute', target: '/etc/passwd' },
      { type: 'link', path: 'dangling', target: 'nowhere' },
      { type: 'link', path: 'loop', target: 'loop' },
      { type: 'link', path: 'up', target: '.' },
    ]);
  });

  test('that climb out of the copied tree get a warning; absolute ones are meant for the image', () => {
    const root = aTree({
      'site/in': { link: 'a/../b' },
      'site/sub/up': { link: '../in' },
      'site/sub/out': { link: '../../other' },
      'site/out': { link: '..' },
      'site/absolute': { link: '/../x' },
      'site/..odd': { link: '..odd2' },
    });
    expect(take(root, { path: 'site' }).warnings).toEqual([
      'links that lead out of the copied folder: site/out → .., site/sub/out → ../../other',
    ]);
  });
});

describe('warnings', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg==\n-----END OPENSSH PRIVATE KEY-----\n';
  const risky: TreeSpec = {
    'site/a.txt': 'one\r\ntwo\r\n',
    'site/b.txt': 'one\r\n',
    'site/c.txt': 'one\r\n',
    'site/d.txt': 'one\r\n',
    'site/e.txt': 'one\r\n',
    'site/binary': 'one\r\n\0',
    'site/old-mac': 'one\rtwo\r',
    'site/.env': 'A=1',
    'site/.env.production': 'A=1',
    'site/.env.example': 'A=',
    'site/environment': 'A=1',
    'site/.npmrc': '//registry/:_authToken=x',
    'site/deploy_key': key,
    'site/README': 'put your PRIVATE KEY----- here',
    'site/Logo.svg': 'a',
    'site/logo.SVG': 'b',
  };
  const expected = [
    'copied into the image, and may be secret: site/.env, site/.env.production, site/.npmrc, and 1 more',
    'lines that end in CRLF, copied as they are: site/a.txt, site/b.txt, site/c.txt, and 2 more',
    'names that differ only in case or accents, which some file systems cannot hold both: site/Logo.svg and logo.SVG',
  ];

  test('name the first few of each kind, relative to the definition', () => {
    expect(take(aTree(risky), { path: 'site' }).warnings).toEqual(expected);
  });

  test('are the same with a warm cache, and on another machine', () => {
    const root = aTree(risky);
    const file = join(aFolder(), 'stat');
    const later = (): number => Date.now() + 10_000;
    for (let i = 0; i < 3; i += 1) {
      const cache = openStatCache(file, { now: later });
      expect(take(root, { path: 'site', cache, now: later }).warnings).toEqual(expected);
      cache.save();
    }
    expect(take(root, { path: 'site', cache: noStatCache }).warnings).toEqual(expected);
  });

  test('say that a single file is a private key', () => {
    expect(take(aTree({ id_rsa: key }), { path: 'id_rsa' }).warnings).toEqual([
      'copied into the image, and may be secret: id_rsa (a private key)',
    ]);
  });

  test('accents spelt in two ways count as alike', () => {
    expect(take(aTree({ '\u00e9': 'x', 'e\u0301': 'x' })).warnings).toHaveLength(1);
  });

  test('there are none for an ordinary tree', () => {
    expect(take(aTree(site)).warnings).toEqual([]);
  });
});

describe('what cannot be copied', () => {
  test('a named pipe', () => {
    const root = aTree({ 'site/a': 'a' });
    execFileSync('mkfifo', [join(root, 'site/pipe')]);
    expect(() => take(root, { path: 'site' })).toThrow(code('TYPE'));
    expect(() => take(root, { path: 'site' })).toThrow('site/pipe is a device, socket or named pipe');
    expect(() => take(root, { path: 'site/pipe' })).toThrow(code('TYPE'));
  });

  test('a socket, unless it is ignored', async () => {
    const root = aTree({ a: 'a' });
    const server = createServer().listen(join(root, 'app.sock'));
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    expect(() => take(root)).toThrow(code('TYPE'));
    expect(paths(root, { ignore: ignoreRules(['*.sock'], 'x') })).toEqual(['a']);
  });

  test.skipIf(process.platform !== 'linux')('a name that is not UTF-8, unless it is ignored', () => {
    const root = aTree({ 'site/a': 'a' });
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'site/bad-')), Buffer.of(0xff)]), 'x');
    expect(() => take(root)).toThrow(code('NAME'));
    expect(() => take(root)).toThrow('site/bad-\ufffd');
    writeFileSync(join(root, 'site/bad-\ufffd'), 'x');
    expect(() => take(root)).toThrow(code('NAME'));
    expect(paths(root, { ignore: ignoreRules(['site/bad-*'], 'x') })).toEqual(['site/', 'site/a']);
  });

  test.skipIf(process.platform !== 'linux')('a folder whose name, or a link whose target, is not UTF-8', () => {
    const root = aFolder();
    mkdirSync(Buffer.concat([Buffer.from(join(root, 'bad-')), Buffer.of(0xff)]));
    expect(() => take(root)).toThrow(code('NAME'));
    const other = aFolder();
    symlinkSync(Buffer.of(0x61, 0xff), join(other, 'link'));
    expect(() => take(other)).toThrow(code('NAME'));
  });

  test('a file or folder that may not be read', () => {
    const root = aTree({ 'site/closed/a': 'a', 'site/file': 'x' });
    chmodSync(join(root, 'site/closed'), 0o000);
    const closed = asNobody(root, () => expect(() => take(root, { path: 'site' })).toThrow(code('UNREADABLE')));
    expect(closed).toBe(true);
    asNobody(root, () => expect(() => take(root, { path: 'site' })).toThrow('site/closed cannot be read'));
    chmodSync(join(root, 'site/closed'), 0o755);
    chmodSync(join(root, 'site/file'), 0o000);
    asNobody(root, () => expect(() => take(root, { path: 'site' })).toThrow('site/file cannot be read'));
    asNobody(root, () => expect(() => take(root, { path: 'site/file' })).toThrow(code('UNREADABLE')));
  });
});

/** Runs something without root's right to read everything. */
function asNobody(root: string, work: () => void): boolean {
  chmodSync(root, 0o755);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    work();
    return true;
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('a tree that changes meanwhile', () => {
  /** Takes a snapshot in which this happens just before a file is hashed. */
  const during = (root: string, happens: () => void): unknown => {
    let done = false;
    const now = (): number => {
      if (!done) happens();
      done = true;
      return Date.now();
    };
    return takeTree(root, { now });
  };

  test('a file that was written to since the walk saw it is named', () => {
    const root = aTree({ 'site/a.txt': 'a' });
    const change = (): void => writeFileSync(join(root, 'site/a.txt'), 'b');
    expect(() => during(root, change)).toThrow('site/a.txt changed while it was read');
  });

  test('a file that grows, shrinks, vanishes, is replaced or becomes something else is an error', () => {
    const changes: ((file: string) => void)[] = [
      (file) => appendFileSync(file, 'more'),
      (file) => writeFileSync(file, ''),
      (file) => unlinkSync(file),
      (file) => {
        writeFileSync(`${file}.new`, 'a');
        renameSync(`${file}.new`, file);
      },
      (file) => {
        unlinkSync(file);
        mkdirSync(file);
      },
      (file) => {
        unlinkSync(file);
        symlinkSync('/etc/passwd', file);
      },
      (file) => {
        unlinkSync(file);
        execFileSync('mkfifo', [file]);
      },
    ];
    for (const change of changes) {
      const root = aTree({ 'site/a.txt': 'a' });
      expect(() => during(root, () => change(join(root, 'site/a.txt')))).toThrow(code('CHANGED'));
    }
  });

  test('a file that vanishes between the listing of its folder and the look at it is named', () => {
    const root = aTree({ a: 'a', z: 'z' });
    expect(() => during(root, () => unlinkSync(join(root, 'z')))).toThrow('z vanished while it was read');
  });

  test('a folder that vanishes is named', () => {
    const root = aTree({ a: 'a', 'z/b': 'b' });
    const now = (): number => {
      rmSync(join(root, 'z'), { recursive: true, force: true });
      return Date.now();
    };
    expect(() => takeTree(root, { now })).toThrow(code('CHANGED'));
  });

  test('what is ignored may come and go', () => {
    const root = aTree({ a: 'a', 'z.tmp': 'z' });
    const now = (): number => {
      rmSync(join(root, 'z.tmp'), { force: true });
      return Date.now();
    };
    const rules = ignoreRules(['*.tmp', '!*/keep.tmp'], 'x');
    expect(paths(root, { now, ignore: rules })).toEqual(['a']);
  });
});

describe('ignore rules and excludes', () => {
  const root = (): string =>
    aTree({ 'web/a.js': 'a', 'web/a.js.map': 'm', 'web/lib/b.js': 'b', 'web/lib/b.js.map': 'm', 'web/tmp/x': 'x' });

  test('the ignore file is relative to the definition, excludes are relative to the copied folder', () => {
    const ignore = ignoreRules(['web/tmp', 'lib'], 'x');
    expect(paths(root(), { path: 'web', ignore, exclude: ['*.map'] })).toEqual([
      'a.js',
      'lib/',
      'lib/b.js',
      'lib/b.js.map',
    ]);
    expect(paths(root(), { path: 'web', ignore, exclude: ['**/*.map'] })).toEqual(['a.js', 'lib/', 'lib/b.js']);
  });

  test('an exclude takes nothing in again that the ignore file left out', () => {
    const ignore = ignoreRules(['**/*.map'], 'x');
    expect(paths(root(), { path: 'web', ignore, exclude: ['*', '!a.*', '!lib'] })).toEqual([
      'a.js',
      'lib/',
      'lib/b.js',
    ]);
  });

  test('what is left out changes nothing', () => {
    const dir = root();
    const digest = (): string => takeTree(dir, { path: 'web', exclude: ['tmp'] }).digest;
    const before = digest();
    writeFileSync(join(dir, 'web/tmp/y'), 'y');
    expect(digest()).toBe(before);
  });

  test('a copied folder or file that is left out altogether is missing, and the file that says so is named', () => {
    const ignore = ignoreRules(['web', '!other'], '.dockerignore');
    expect(() => take(root(), { path: 'web', ignore })).toThrow('web is left out by .dockerignore');
    expect(() => take(root(), { path: 'web/lib', ignore })).toThrow(code('MISSING'));
    expect(() => take(root(), { path: 'web/a.js', ignore })).toThrow(code('MISSING'));
    const partly = ignoreRules(['web', '!web/nothing'], '.dockerignore');
    expect(() => take(root(), { path: 'web', ignore: partly })).toThrow(code('MISSING'));
  });

  test('a copied folder of which something is taken in again holds only that', () => {
    const ignore = ignoreRules(['web', '!web/lib/*.js'], 'x');
    expect(paths(root(), { path: 'web', ignore })).toEqual(['lib/', 'lib/b.js']);
    expect(paths(root(), { path: 'web/lib', ignore })).toEqual(['b.js']);
  });

  test('folders in which nothing can be taken in again are not read', () => {
    const dir = aTree({ 'node_modules/deep/a': 'a', b: 'b' });
    chmodSync(join(dir, 'node_modules'), 0o000);
    const ignore = ignoreRules(['node_modules', '!src/**'], 'x');
    asNobody(dir, () => expect(paths(dir, { ignore })).toEqual(['b']));
  });
});

describe('with a stat cache', () => {
  test('a walk reads no file that has not changed, and all of them with rehash', () => {
    const root = aTree({ a: 'a', 'b/c': 'c' });
    const file = join(aFolder(), 'stat');
    const clock = (): number => Date.now() + 10_000;
    const first = openStatCache(file, { now: clock });
    const { digest } = takeTree(root, { cache: first, now: clock });
    first.save();
    let hashed = 0;
    const counting = (): number => {
      hashed += 1;
      return clock();
    };
    expect(takeTree(root, { cache: openStatCache(file, { now: clock }), now: counting }).digest).toBe(digest);
    expect(hashed).toBe(0);
    takeTree(root, { cache: openStatCache(file, { now: clock }), now: counting, rehash: true });
    expect(hashed).toBe(2);
  });

  test('a change of the execute bit alone is seen', () => {
    const root = aTree({ a: { bytes: 'a', mode: 0o644 } });
    const file = join(aFolder(), 'stat');
    const clock = (): number => Date.now() + 10_000;
    const digest = (): string => {
      const cache = openStatCache(file, { now: clock });
      const taken = takeTree(root, { cache, now: clock });
      cache.save();
      return taken.digest;
    };
    const before = digest();
    chmodSync(join(root, 'a'), 0o755);
    expect(digest()).not.toBe(before);
  });

  test('creation order and times are not content', () => {
    const one = aTree({ a: '1', b: '2', c: '3' });
    const two = aTree({ c: '3', b: '2', a: '1' });
    for (const name of readdirSync(two)) touch(join(two, name), 1_000_000_000_000);
    expect(takeTree(two).digest).toBe(takeTree(one).digest);
  });
});
