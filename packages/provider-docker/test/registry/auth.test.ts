import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFakeRegistry, status, type FakeRegistry, type Seen } from './fake-registry.js';
import { failure, signal, urlOf, useFakeRegistry } from './harness.js';

const harness = useFakeRegistry();
let dir: string;
let tokens: FakeRegistry;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bake-auth-'));
  tokens = await startFakeRegistry();
});
afterEach(async () => {
  await tokens.stop();
  await rm(dir, { recursive: true, force: true });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = 'correct-horse';
const basic = `Basic ${base64(`me:${secret}`)}`;
const writeConfig = (config: unknown): Promise<void> =>
  writeFile(join(dir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
const loggedIn = (): Promise<void> =>
  writeConfig({ auths: { [harness.registry.address]: { auth: base64(`me:${secret}`) } } });
const client = (options: Parameters<typeof harness.client>[0] = {}) =>
  harness.client({ env: { DOCKER_CONFIG: dir, PATH: `${dir}:/usr/bin:/bin` }, ...options });
const resolve = (options?: Parameters<typeof harness.client>[0], name = 'team/app') =>
  client(options).resolve(`${harness.registry.address}/${name}:1`, 'linux/amd64', signal);
const query = ({ url }: Seen): URLSearchParams => new URL(url, 'http://x').searchParams;

/** The registry lets in who has a token; the token server gives one to whom `allow` says. */
function wantTokens(allow: (request: Seen) => object | false = () => ({ token: 'good' }), good = 'Bearer good'): void {
  const challenge = `Bearer realm="http://${tokens.address}/token?with=query",service="the,registry",scope="repository:team/app:pull"`;
  harness.registry.always = (request, response, raw) =>
    request.headers['authorization'] === good
      ? false
      : status(401, { 'www-authenticate': challenge })(request, response, raw);
  tokens.always = (request, response, raw) => {
    const answer = allow(request);
    return answer === false
      ? status(401, {}, JSON.stringify({ details: 'incorrect username or password' }))(request, response, raw)
      : status(200, {}, JSON.stringify(answer))(request, response, raw);
  };
}

describe('a registry that wants a token', () => {
  test('gets one for anybody, and the token is used again', async () => {
    const image = harness.registry.image('team/app', { tag: '1' });
    wantTokens();
    const reader = client();
    expect((await reader.resolve(`${harness.app}:1`, 'linux/amd64', signal)).manifestDigest).toBe(image.digest);
    await reader.manifest(`${harness.app}:1`, signal);
    expect(tokens.requests).toHaveLength(1);
    const [asked] = tokens.requests as readonly [Seen];
    expect(asked.headers['authorization']).toBeUndefined();
    expect(Object.fromEntries(query(asked))).toEqual({
      with: 'query',
      service: 'the,registry',
      scope: 'repository:team/app:pull',
    });
    expect(harness.registry.requests.filter(({ headers }) => headers['authorization'] === undefined)).toHaveLength(1);
  });

  test('gets one for whom Docker is logged in as', async () => {
    harness.registry.image('team/app', { tag: '1' });
    wantTokens((request) => request.headers['authorization'] === basic && { access_token: 'good' });
    await loggedIn();
    await resolve();
    expect(query(tokens.requests[0] as Seen).get('account')).toBe('me');
    expect(harness.registry.requests.every(({ headers }) => headers['authorization'] !== basic)).toBe(true);
  });

  test('gets one for an identity token, which goes into the body of a POST', async () => {
    harness.registry.image('team/app', { tag: '1' });
    wantTokens(({ method, body }) => {
      const form = Object.fromEntries(new URLSearchParams(body));
      expect(form).toMatchObject({ grant_type: 'refresh_token', refresh_token: secret, service: 'the,registry' });
      return method === 'POST' && { access_token: 'good' };
    });
    await writeConfig({ auths: { [`https://${harness.registry.address}/v1/`]: { identitytoken: secret } } });
    await resolve();
    expect(tokens.requests[0]?.url).not.toContain(secret);
  });

  test('takes a token that Docker keeps for it', async () => {
    harness.registry.image('team/app', { tag: '1' });
    wantTokens(undefined, `Bearer ${secret}`);
    await writeConfig({ auths: { [harness.registry.address]: { registrytoken: secret } } });
    await resolve();
    expect(tokens.requests).toHaveLength(0);
  });

  test('is given a new one when the old one is near its end, or refused before', async () => {
    harness.registry.image('team/app', { tag: '1' });
    wantTokens(() => ({ token: 'good', expires_in: 100 }));
    let now = 0;
    const reader = client({ now: () => now });
    const read = () => reader.manifest(`${harness.app}:1`, signal);
    await read();
    now = 89_000;
    await read();
    expect(tokens.requests).toHaveLength(1);
    now = 91_000;
    await read();
    expect(tokens.requests).toHaveLength(2);
    harness.registry.faults.push(undefined);
    const challenge = `Bearer realm="http://${tokens.address}/token"`;
    const always = harness.registry.always;
    let refused = false;
    harness.registry.always = (request, response, raw) => {
      if (refused) return always?.(request, response, raw);
      refused = true;
      return status(401, { 'www-authenticate': challenge })(request, response, raw);
    };
    await read();
    expect(tokens.requests).toHaveLength(3);
    expect(query(tokens.requests[2] as Seen).get('scope')).toBe('repository:team/app:pull');
  });

  test('is asked for a token of each repository', async () => {
    wantTokens();
    for (const name of ['team/app', 'team/other']) harness.registry.image(name, { tag: '1' });
    const reader = client();
    for (const name of ['team/app', 'team/other'])
      await reader.manifest(`${harness.registry.address}/${name}:1`, signal);
    expect(tokens.requests).toHaveLength(2);
  });

  test('refuses wrong credentials, which are never shown', async () => {
    wantTokens(() => false);
    await loggedIn();
    const error = await failure(resolve());
    expect(error.code).toBe('ERR_BAKE_REGISTRY_AUTH');
    expect(error.message).toContain('were refused');
    expect(error.hint).toContain('docker login');
    expect(JSON.stringify([error.message, error.hint, error.data, String(error.cause)])).not.toContain(secret);
    expect(harness.registry.requests).toHaveLength(1);
  });

  test('refuses the token that it wanted', async () => {
    wantTokens(() => ({ token: 'useless' }));
    const error = await failure(resolve());
    expect(error.code).toBe('ERR_BAKE_REGISTRY_AUTH');
    expect(harness.registry.requests).toHaveLength(2);
  });

  test('has a token server that is down for a moment, gives nonsense, or is gone', async () => {
    harness.registry.image('team/app', { tag: '1' });
    wantTokens();
    const working = tokens.always;
    tokens.always = undefined;
    tokens.faults.push(status(503), working);
    await resolve();
    for (const answer of [{}, { token: 'two\nlines' }, { token: 7 }, []]) {
      wantTokens(() => answer);
      expect((await failure(resolve())).code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    }
    tokens.always = status(200, {}, `no JSON, but ${secret}`);
    const error = await failure(resolve());
    expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    expect(`${error.message} ${String(error.cause)}`).not.toContain(secret);
    tokens.always = status(404);
    expect((await failure(resolve())).code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    await tokens.stop();
    expect((await failure(resolve())).code).toBe('ERR_BAKE_REGISTRY_UNREACHABLE');
    tokens = await startFakeRegistry();
  });

  test('never sends credentials to a token server that is less protected than itself', async () => {
    await writeConfig({ auths: { 'registry.example.com': { auth: base64(`me:${secret}`) } } });
    const asked: string[] = [];
    for (const realm of [
      'http://tokens.example.com/',
      'ftp://tokens.example.com/',
      'nonsense',
      'https://a:b@example.com/',
    ]) {
      const fetch: typeof globalThis.fetch = (input) => {
        asked.push(urlOf(input).href);
        return Promise.resolve(
          new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } }),
        );
      };
      const error = await failure(client({ fetch }).manifest('registry.example.com/a', signal));
      expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    }
    expect(asked.every((url) => url.startsWith('https://registry.example.com/v2/'))).toBe(true);
  });
});

describe('a registry that wants a password', () => {
  beforeEach(() => {
    harness.registry.image('team/app', { tag: '1' });
    const challenge = { 'www-authenticate': 'Negotiate, Basic realm="it, too"' };
    harness.registry.always = (request, response, raw) =>
      request.headers['authorization'] === basic ? false : status(401, challenge)(request, response, raw);
  });

  test('gets it, but only after it asked', async () => {
    await loggedIn();
    await resolve();
    expect(harness.registry.requests.map(({ headers }) => headers['authorization'])).toEqual([undefined, basic, basic]);
  });

  test('gets nothing from who has none, or one for others', async () => {
    expect((await failure(resolve())).code).toBe('ERR_BAKE_REGISTRY_AUTH');
    await writeConfig({ auths: { 'other.example.com': { auth: base64(`me:${secret}`) } } });
    expect((await failure(resolve())).code).toBe('ERR_BAKE_REGISTRY_AUTH');
    expect(harness.registry.requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
  });

  test('may be one that challenges in a way nobody here knows', async () => {
    await loggedIn();
    harness.registry.always = status(401, { 'www-authenticate': 'Digest realm="x"' });
    expect((await failure(resolve())).code).toBe('ERR_BAKE_REGISTRY_AUTH');
  });
});

describe('where credentials come from', () => {
  const helper = async (name: string, script: string): Promise<void> => {
    await writeFile(join(dir, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(join(dir, `docker-credential-${name}`), 0o755);
  };
  beforeEach(() => {
    harness.registry.image('team/app', { tag: '1' });
    harness.registry.always = (request, response, raw) =>
      request.headers['authorization'] === basic
        ? false
        : status(401, { 'www-authenticate': 'Basic realm="x"' })(request, response, raw);
  });

  test('the folder that DOCKER_CONFIG names, else ~/.docker', async () => {
    await loggedIn();
    await resolve();
    await mkdir(join(dir, 'home/.docker'), { recursive: true });
    await rename(join(dir, 'config.json'), join(dir, 'home/.docker/config.json'));
    await resolve({ env: { HOME: join(dir, 'home') } });
    expect((await failure(resolve({ env: {} }))).code).toBe('ERR_BAKE_REGISTRY_AUTH');
    expect(harness.warnings).toEqual([]);
  });

  test('a name and a password that are written out', async () => {
    await writeConfig({ auths: { [harness.registry.address]: { username: 'me', password: secret } } });
    await resolve();
  });

  test('the helper for all registries, which is asked once, on stdin', async () => {
    await helper(
      'all',
      `cat >> '${dir}/asked'; echo " $1" >> '${dir}/asked'; echo '{"Username":"me","Secret":"${secret}"}'`,
    );
    await writeConfig({ credsStore: 'all' });
    const reader = client();
    for (let count = 0; count < 3; count++) await reader.manifest(`${harness.app}:1`, signal);
    expect(await readFile(join(dir, 'asked'), 'utf8')).toBe(`${harness.registry.address} get\n`);
  });

  test('the helper for this registry before the one for all', async () => {
    await helper('all', 'exit 1');
    await helper('one', `echo '{"Username":"me","Secret":"${secret}"}'`);
    await writeConfig({ credsStore: 'all', credHelpers: { [harness.registry.address]: 'one' } });
    await resolve();
  });

  test('the file, where the helper has nothing', async () => {
    await helper('all', `echo 'credentials not found in native keychain'; exit 1`);
    await writeConfig({ credsStore: 'all', auths: { [harness.registry.address]: { auth: base64(`me:${secret}`) } } });
    await resolve();
    expect(harness.warnings).toEqual([]);
  });

  test('an identity token, where the helper says that it is one', async () => {
    wantTokens(({ body }) => new URLSearchParams(body).get('refresh_token') === secret && { access_token: 'good' });
    await helper('all', `echo '{"Username":"<token>","Secret":"${secret}"}'`);
    await writeConfig({ credsStore: 'all' });
    await resolve();
  });

  test('nowhere, with a warning, where a helper is missing or broken: a public image needs none', async () => {
    harness.registry.always = undefined;
    wantTokens();
    const broken = [
      ['gone', undefined],
      ['fails', `echo '${secret}' >&2; exit 3`],
      ['mumbles', `echo 'no JSON: ${secret}'`],
      ['empty', `echo '{}'`],
      ['../evil', undefined],
    ] as const;
    for (const [name, script] of broken) {
      if (script !== undefined) await helper(name, script);
      await writeConfig({ credsStore: name });
      harness.warnings.length = 0;
      await resolve();
      expect(harness.warnings).toHaveLength(1);
      expect(harness.warnings[0]).toContain(`docker-credential-${name}`);
      expect(harness.warnings[0]).not.toContain(secret);
    }
  });

  test('nowhere, with a warning that quotes nothing, where config.json is no JSON', async () => {
    wantTokens();
    for (const config of [
      `{ "auths": "${secret}`,
      { auths: { [harness.registry.address]: { auth: base64(secret) } } },
    ]) {
      await writeConfig(config);
      harness.warnings.length = 0;
      await resolve();
      expect(harness.warnings).toHaveLength(1);
      expect(harness.warnings[0]).not.toContain(secret);
    }
  });

  test('an abort ends a helper that does not answer', async () => {
    await helper('slow', `echo started > '${dir}/started'; sleep 60`);
    await writeConfig({ credsStore: 'slow' });
    const controller = new AbortController();
    const timer = setInterval(() => existsSync(join(dir, 'started')) && controller.abort(), 10);
    const error = await failure(client().resolve(`${harness.app}:1`, 'linux/amd64', controller.signal));
    clearInterval(timer);
    expect(error.code).toBe('ERR_BAKE_ABORTED');
  });

  test("Docker Hub's own key, and its own host", async () => {
    await writeConfig({ auths: { 'https://index.docker.io/v1/': { auth: base64(`me:${secret}`) } } });
    const image = harness.registry.image('library/debian', { tag: '12' });
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      const url = urlOf(input);
      asked.push(url.host);
      return globalThis.fetch(`http://${harness.registry.address}${url.pathname}`, init);
    };
    const found = await client({ fetch }).resolve('debian:12', 'linux/amd64', signal);
    expect(found.reference).toBe(`docker.io/library/debian@${image.digest}`);
    expect(new Set(asked)).toEqual(new Set(['registry-1.docker.io']));
  });
});
