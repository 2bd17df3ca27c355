import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/plan/digest.js';
import { canonicalJson } from '../../src/plan/json.js';
import { compareNames, decodeTree, encodeTree, treeHeader, treeMembers } from '../../src/tree/tree-object.js';
import type { TreeMember } from '../../src/tree/types.js';

const a = sha256('a');
const file = (name: string): TreeMember => ['f', name, '0644', 1, a];
const encoded = (json: string): Buffer => Buffer.from(treeHeader + json);

describe('encodeTree', () => {
  test('writes the header and one line of canonical JSON, as in docs/decisions/0001-tree-objects.md', () => {
    const members: TreeMember[] = [
      ['d', 'assets', sha256(encodeTree([]))],
      ['f', 'index.html', '0644', 12, sha256('hello world\n')],
      ['l', 'latest', 'assets/v1'],
      ['f', 'run.sh', '0755', 0, sha256('')],
    ];
    const bytes = encodeTree(members);
    expect(bytes.toString()).toBe(
      'bakehouse/tree/1\n' +
        '[["d","assets","8e476ff05ed7d83523691272c64a57da988db9ca9b3724c9753f04aa9eae9419"],' +
        '["f","index.html","0644",12,"a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447"],' +
        '["l","latest","assets/v1"],' +
        '["f","run.sh","0755",0,"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]]',
    );
    expect(bytes.toString()).toBe(treeHeader + canonicalJson(members));
    expect(sha256(bytes)).toBe('341aaf9b36c16523b2430309f2eb08815483d1fa8ee45a62b74b66b2a6b8b57b');
    expect(sha256(encodeTree([]))).toBe('8e476ff05ed7d83523691272c64a57da988db9ca9b3724c9753f04aa9eae9419');
  });

  test('orders names by their UTF-8 bytes: not by locale, not by UTF-16 code units', () => {
    const names = ['a', 'B', 'ä', 'z', '\u{1f600}', '\uff5e', 'a-b', 'a.b', 'a/b'.replace('/', '0'), 'Z', '_'];
    const ordered = decodeTree(encodeTree(names.map(file))).map(([, name]) => name);
    expect(ordered).toEqual(names.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
    expect(ordered.indexOf('\uff5e')).toBeLessThan(ordered.indexOf('\u{1f600}'));
    expect(names.toSorted().indexOf('\uff5e')).toBeGreaterThan(names.toSorted().indexOf('\u{1f600}'));
  });

  test('refuses two members of one name', () => {
    expect(() => encodeTree([file('x'), file('x')])).toThrow(expect.objectContaining({ code: 'ERR_BAKE_INTERNAL' }));
  });

  test('writes JSON as RFC 8785 does also for control characters, quotes and astral characters', () => {
    const members = ['\u0001', '\b', '\n', '"', '\\', '\u007f', 'é', '\u2028', '\u{1f600}'].map(file);
    expect(encodeTree(members).toString()).toBe(treeHeader + canonicalJson(members));
    expect(decodeTree(encodeTree(members))).toEqual(members);
  });
});

describe('compareNames', () => {
  test('agrees with Buffer.compare', () => {
    const names = ['', 'a', 'ab', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', 'x\u{10000}', 'x\uffff', 'é'];
    for (const x of names)
      for (const y of names) expect(compareNames(x, y)).toBe(Buffer.compare(Buffer.from(x), Buffer.from(y)));
  });
});

describe('decodeTree', () => {
  const refused: Record<string, Buffer> = {
    'an empty blob': Buffer.alloc(0),
    'another header': Buffer.from('bakehouse/tree/2\n[]'),
    'a header alone': encoded(''),
    'broken JSON': encoded('[['),
    'an object': encoded('{}'),
    'white space': encoded('[ ]'),
    'a trailing line end': encoded('[]\n'),
    'bytes that are not UTF-8': Buffer.concat([encoded('[["l","x","'), Buffer.from([0xff]), Buffer.from('"]]')]),
    'a byte-order mark': Buffer.concat([Buffer.from(treeHeader), Buffer.from('\ufeff[]')]),
    'names out of order': encoded(`[["l","b","x"],["l","a","x"]]`),
    'names in UTF-16 order': encoded(JSON.stringify([file('\u{1f600}'), file('\uff5e')])),
    'a name twice': encoded(`[["l","a","x"],["l","a","y"]]`),
    'a member of unknown kind': encoded(`[["x","a"]]`),
    'a member that is not a list': encoded(`["a"]`),
    'a member too long': encoded(`[["l","a","x","y"]]`),
    'a member too short': encoded(`[["d","a"]]`),
    'a mode that is not canonical': encoded(`[["f","a","0777",1,"${a}"]]`),
    'a negative size': encoded(`[["f","a","0644",-1,"${a}"]]`),
    'a size with a fraction': encoded(`[["f","a","0644",1.5,"${a}"]]`),
    'a size written otherwise': encoded(`[["f","a","0644",1e1,"${a}"]]`),
    'a digest in capitals': encoded(`[["d","a","${a.toUpperCase()}"]]`),
    'an escape that is not needed': encoded(`[["l","\\u0061","x"]]`),
    'a lone surrogate': encoded(`[["l","\\ud800","x"]]`),
    'an empty link target': encoded(`[["l","a",""]]`),
    'an empty name': encoded(`[["l","","x"]]`),
    'the name .': encoded(`[["l",".","x"]]`),
    'the name ..': encoded(`[["l","..","x"]]`),
    'a name with a slash': encoded(`[["l","a/b","x"]]`),
    'a name with a NUL': encoded(`[["l","a\\u0000b","x"]]`),
  };
  test.each(Object.entries(refused))('refuses %s', (_, bytes) => {
    expect(() => decodeTree(bytes)).toThrow(expect.objectContaining({ code: 'ERR_BAKE_CATALOG_CORRUPT' }));
  });

  test('reads a view into a larger buffer', () => {
    const bytes = Buffer.concat([Buffer.from('before'), encodeTree([file('x')]), Buffer.from('behind')]);
    expect(decodeTree(bytes.subarray(6, -6))).toEqual([file('x')]);
  });
});

describe('treeMembers', () => {
  test('refuses a snapshot that lacks an object', () => {
    expect(() => [...treeMembers(a, new Map())]).toThrow(expect.objectContaining({ code: 'ERR_BAKE_INTERNAL' }));
  });
});
