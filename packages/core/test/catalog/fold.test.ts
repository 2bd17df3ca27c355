import { describe, expect, it } from 'vitest';
import { canonicalBuild } from '../../src/catalog/canonical-build.js';
import { sealEvent, type LogEvent } from '../../src/catalog/event-codec.js';
import { foldRecords } from '../../src/catalog/fold.js';
import { advance, emptyHead } from '../../src/catalog/head.js';
import type { Digest, NewEvent, VersionRecord } from '../../src/index.js';
import { sha256 } from '../../src/plan/digest.js';
import { author, aVersion, baked, built, checked, promoted } from './fixtures.js';

/** A log of these events, a second apart. */
function aLog(...events: readonly NewEvent[]): readonly LogEvent[] {
  let previous: Digest | null = null;
  return events.map((event, i) => {
    const time = new Date(Date.UTC(2026, 0, 1, 0, 0, i + 1)).toISOString();
    const common = {
      schema: 1 as const,
      id: `id-${i}`,
      project: 'shop',
      image: 'web',
      sequence: i + 1,
      time,
      ...author,
      previous,
    };
    const sealed = sealEvent({ ...common, ...event }).event as LogEvent;
    previous = sealed.digest;
    return sealed;
  });
}

function theRecord(...events: readonly NewEvent[]): VersionRecord {
  const [first, ...others] = foldRecords(aLog(...events));
  if (first === undefined || others.length > 0) throw new Error('not one record');
  return first.record;
}

const a = aVersion('a');
const b = aVersion('b');
const artifact = (name: string): { readonly id: string; readonly digest: string } => ({
  id: name,
  digest: sha256(name),
});
const failed = (version = a): NewEvent => ({
  type: 'failed',
  payload: {
    target: 'docker',
    version,
    branch: 'work',
    stage: 'build',
    code: 'ERR_X',
    message: 'no',
    plan: null,
    log: null,
  },
});
const rebuilt = (name: string): NewEvent => ({
  type: 'rebuilt',
  payload: {
    target: 'docker',
    version: a,
    artifact: artifact(name),
    outcome: 'drifted',
    differences: null,
    log: null,
    milliseconds: 1,
  },
});
const retired = (name: string): NewEvent => ({
  type: 'retired',
  payload: { target: 'docker', version: a, artifact: artifact(name), because: ['old'] },
});

describe('foldRecords', () => {
  it('takes what a version is from its first build, and adds later ones', () => {
    const record = theRecord(
      built(a, { branch: 'main', artifact: artifact('one') }),
      built(a, { branch: 'other', artifact: artifact('two') }),
      rebuilt('three'),
    );
    expect(record).toMatchObject({
      version: a,
      target: 'docker',
      branch: 'main',
      createdAt: '2026-01-01T00:00:01.000Z',
      actor: 'ann@host',
    });
    expect(record.builds.map((build) => build.artifact.id)).toEqual(['one', 'two', 'three']);
  });

  it('keeps a failure until a build succeeds, which is then when the version was created', () => {
    expect(theRecord(failed())).toMatchObject({
      failure: { code: 'ERR_X' },
      builds: [],
      createdAt: '2026-01-01T00:00:01.000Z',
      plan: null,
    });
    expect(theRecord(failed(), built(a))).toMatchObject({
      failure: null,
      createdAt: '2026-01-01T00:00:02.000Z',
      branch: 'main',
    });
    expect(theRecord(built(a), failed())).toMatchObject({
      failure: { code: 'ERR_X' },
      builds: [{}],
      createdAt: '2026-01-01T00:00:01.000Z',
    });
    expect(theRecord(built(a), failed(), rebuilt('x')).failure).not.toBeNull();
  });

  it('keeps the newest result for each artifact and set of checks', () => {
    const [one, two] = [artifact('one'), artifact('two')];
    const { checks } = theRecord(
      built(a),
      checked(a, { artifact: one, outcome: 'failed' }),
      checked(a, { artifact: two, outcome: 'unchecked' }),
      checked(a, { artifact: one, outcome: 'passed' }),
      checked(a, { artifact: one, outcome: 'failed', checks: sha256('other checks') }),
    );
    expect(checks.map(({ artifact, outcome }) => [artifact, outcome])).toEqual([
      [two.digest, 'unchecked'],
      [one.digest, 'passed'],
      [one.digest, 'failed'],
    ]);
  });

  it('revokes and restores on all targets, also what is built only later', () => {
    const revoked: NewEvent = { type: 'revoked', payload: { versions: [a], reason: 'hole', children: false } };
    const restored: NewEvent = { type: 'restored', payload: { versions: [a] } };
    const both = foldRecords(aLog(built(a), built(a, { target: 'aws' }), built(b), revoked));
    expect(both.map(({ record }) => record.revoked?.reason)).toEqual(['hole', 'hole', undefined]);
    expect(theRecord(revoked, built(a)).revoked).toEqual({ reason: 'hole', time: '2026-01-01T00:00:01.000Z' });
    expect(theRecord(built(a), revoked, restored).revoked).toBeNull();
  });

  it('tells where it was published, once each, and until when it is deprecated', () => {
    const published = (destination: string): NewEvent => ({
      type: 'published',
      payload: { target: 'docker', version: a, artifact: artifact('one'), destination, id: 'ref' },
    });
    const deprecated: NewEvent = { type: 'deprecated', payload: { target: 'docker', version: a, until: '2027-01-01' } };
    const record = theRecord(built(a), published('x'), published('y'), published('x'), deprecated);
    expect(record.locations.map(({ destination }) => destination)).toEqual(['y', 'x']);
    expect(record.deprecated).toBe('2027-01-01');
  });

  it('keeps targets apart, and says nothing of versions that were never built', () => {
    expect(foldRecords(aLog(checked(a), rebuilt('x'), retired('x')))).toEqual([]);
    const records = foldRecords(aLog(built(a), built(a, { target: 'aws' }), checked(a)));
    expect(records.map(({ record }) => [record.target, record.checks.length])).toEqual([
      ['docker', 1],
      ['aws', 0],
    ]);
  });

  it('is not misled by names that objects have themselves', () => {
    const vars = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
    expect(Object.entries(theRecord(built(a, { vars })).vars)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    const head = advance(emptyHead, 'shop/web', aLog(promoted('__proto__', null, a), baked(b, 'constructor')));
    expect(head.channels.get('__proto__')?.versions).toEqual({ docker: a });
    expect([...head.branches.keys()]).toEqual(['constructor']);
  });
});

describe('canonicalBuild', () => {
  const three = [built(a, { artifact: artifact('one') }), rebuilt('two'), rebuilt('three')];
  const passed = (name: string): NewEvent => checked(a, { artifact: artifact(name) });

  it('is the first that passed, and stays so until it is retired', () => {
    const id = (...events: readonly NewEvent[]): string | undefined =>
      canonicalBuild(theRecord(...three, ...events))?.artifact.id;
    expect(id(passed('two'))).toBe('two');
    expect(id(passed('three'), passed('two'))).toBe('two');
    expect(id(passed('three'), passed('two'), retired('two'))).toBe('three');
    expect(id(checked(a, { artifact: artifact('two'), outcome: 'failed' }), passed('three'))).toBe('three');
  });

  it('is the newest that is there where none passed', () => {
    expect(canonicalBuild(theRecord(...three))?.artifact.id).toBe('three');
    expect(canonicalBuild(theRecord(...three, retired('three')))?.artifact.id).toBe('two');
    expect(canonicalBuild(theRecord(built(a, { artifact: artifact('one') }), retired('one')))).toBeUndefined();
  });
});

describe('advance', () => {
  it('moves channels target by target, and holds them until they are resumed', () => {
    const moves = { aws: { from: null, to: b } };
    const events = [
      promoted('production', null, a),
      promoted('production', null, b, { moves }),
      promoted('production', a, b, { kind: 'rollback', hold: true }),
      promoted('production', b, a),
    ];
    const channel = (...log: readonly NewEvent[]): unknown =>
      advance(emptyHead, 'shop/web', aLog(...log)).channels.get('production');
    expect(channel(...events.slice(0, 2))).toMatchObject({
      versions: { docker: a, aws: b },
      held: false,
      since: '2026-01-01T00:00:02.000Z',
    });
    expect(channel(...events)).toMatchObject({ versions: { docker: a, aws: b }, held: true });
    expect(channel(...events, { type: 'resumed', payload: { channel: 'production' } })).toMatchObject({ held: false });
  });

  it('refuses events that do not follow', () => {
    const log = aLog(built(a), built(b));
    expect(() => advance(emptyHead, 'shop/web', log.slice(1))).toThrow('does not follow');
  });
});
