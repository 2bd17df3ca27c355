import { describe, expect, it } from 'vitest';
import { initFrom, sourceKind, type ConvertOptions, type SourceKind } from '../../src/definition/convert.js';
import { validateDefinition } from '../../src/definition/validate.js';
import type { Definition } from '../../src/definition/types.js';

function convert(text: string, kind: SourceKind, options: Partial<ConvertOptions> = {}): Definition {
  const { definition } = initFrom(text, kind, { name: 'shop', file: 'Dockerfile', ...options });
  return validateDefinition(definition);
}

describe('sourceKind', () => {
  it.each([
    ['Dockerfile', '', 'dockerfile'],
    ['a/Dockerfile.dev', '', 'dockerfile'],
    ['web.Dockerfile', '', 'dockerfile'],
    ['Containerfile', '', 'dockerfile'],
    ['docker-bake.hcl', 'target "web" {}', 'bake-hcl'],
    ['docker-bake.json', '{"target": {}}', 'bake-json'],
    ['x.pkr.hcl', '', 'packer-hcl'],
    ['x.pkr.json', '', 'packer-json'],
    ['x.json', '{"builders": []}', 'packer-json'],
    ['x.json', '{}', undefined],
    ['x.hcl', 'a = 1', undefined],
    ['README.md', '', undefined],
  ])('of %s is known by name or text', (file, text, kind) => {
    expect(sourceKind(file, text)).toBe(kind);
  });
});

describe('a Dockerfile', () => {
  it('becomes an image that uses it', () => {
    expect(convert('FROM scratch\n', 'dockerfile').images).toEqual({ shop: { dockerfile: './Dockerfile' } });
    expect(convert('# x\nfrom scratch', 'dockerfile', { file: 'app/Dockerfile' }).images).toEqual({
      shop: { dockerfile: './app/Dockerfile', context: './app' },
    });
  });

  it('is refused where it is none', () => {
    expect(() => convert('hello', 'dockerfile')).toThrow(/no FROM/);
  });
});

describe('a docker-bake file', () => {
  const hcl = `
    variable "TAG" { default = "1.0" }
    target "_common" { args = { A = "1", B = "2" } }
    group "default" { targets = ["web"] }
    target "web_app" {
      inherits = ["_common"]
      context = "./app"
      dockerfile = "docker/Dockerfile"
      args = { B = TAG, C = "v\${TAG}-$\${x}" }
      target = "final"
      tags = ["example.com/web:\${TAG}"]
      platforms = ["linux/arm64"]
    }
  `;

  it('becomes an image a target, with inheritance, arguments and variables', () => {
    expect(convert(hcl, 'bake-hcl', { file: 'docker-bake.hcl' })).toEqual({
      name: 'shop',
      providers: { docker: { use: '@bakehouse/provider-docker', platform: 'linux/arm64' } },
      images: {
        'web-app': {
          dockerfile: './app/docker/Dockerfile',
          context: './app',
          args: { A: '1', B: '{{vars.TAG}}', C: 'v{{vars.TAG}}-${x}' },
          stage: 'final',
        },
      },
      vars: { TAG: '1.0' },
    });
    const { comments } = initFrom(hcl, 'bake-hcl', { name: 'shop', file: 'docker-bake.hcl' });
    expect(comments['images.web-app']).toEqual([expect.stringContaining('docker-bake.hcl: tags')]);
  });

  it('means the same in JSON', () => {
    const json = JSON.stringify({ target: { web: { args: { A: 1 } } } });
    expect(convert(json, 'bake-json', { file: 'docker-bake.json' }).images).toEqual({
      web: { dockerfile: './Dockerfile', args: { A: '1' } },
    });
  });

  it.each([
    ['{}', 'it has no target'],
    ['{"target": {"web": {"contexts": {}, "ssh": []}}}', 'target "web": contexts, ssh cannot be taken over'],
    ['{"target": {"web": {"context": "https://x/y.git"}}}', 'the context https://x/y.git is not a folder'],
    ['{"target": {"web": {"args": {"A": "${upper(x)}"}}}}', '${upper(x)} is more than the name of a variable'],
    ['{"target": {"web": {"platforms": ["linux/amd64", "linux/arm64"]}}}', 'several platforms'],
    ['{"target": {"a": {"inherits": ["b"]}, "b": {"inherits": ["a"]}}}', 'inherit in a circle: a → b → a'],
    ['{"target": {"a": {"inherits": ["c"]}}}', 'there is no target "c"'],
    ['{"target": {"a_b": {}, "a-b": {}}}', 'two targets would be called "a-b"'],
    ['{"target": 5}', 'target: an object was expected'],
    ['{"function": {}, "target": {"a": {}}}', 'functions'],
    ['{', 'it is not JSON'],
  ])('is refused where it cannot be taken over: %s', (text, message) => {
    expect(() => convert(text, 'bake-json', { file: 'docker-bake.json' })).toThrow(message);
  });
});

describe('a Packer template', () => {
  const hcl = `
    source "amazon-ebs" "web" { ami_name = "web" }
    build {
      sources = ["source.amazon-ebs.web"]
      provisioner "shell" { script = "./setup.sh" }
      provisioner "file" {
        source      = "files"
        destination = "/etc/passwd"
      }
    }
  `;

  it('becomes an image whose inputs are the files that it names and that are there', () => {
    const exists = (path: string): boolean => ['setup.sh', 'files', '/etc/passwd', 'web.pkr.hcl'].includes(path);
    expect(convert(hcl, 'packer-hcl', { file: 'web.pkr.hcl', exists })).toEqual({
      name: 'shop',
      providers: { aws: { use: '@bakehouse/provider-aws' } },
      images: { shop: { packer: './web.pkr.hcl', inputs: ['./files', './setup.sh'] } },
    });
  });

  it('may be JSON', () => {
    const json = JSON.stringify({
      builders: [{ type: 'googlecompute' }],
      provisioners: [{ type: 'shell', script: 'x.sh' }],
    });
    const { providers, images } = convert(json, 'packer-json', { file: 'p/x.json', exists: (path) => path === 'x.sh' });
    expect(providers).toEqual({ gcp: { use: '@bakehouse/provider-gcp' } });
    expect(images['shop']).toEqual({ packer: './p/x.json', inputs: ['./p/x.sh'] });
  });

  it('needs a source that there is a provider for', () => {
    expect(() => convert('source "qemu" "x" {}', 'packer-hcl')).toThrow('its sources are qemu');
    expect(() => convert('', 'packer-hcl')).toThrow('it has no source');
  });
});
