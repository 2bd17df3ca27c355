// `npm run quickstart`: sets up a fresh clone, then bakes examples/quickstart. Needs Node and npm, and no Docker.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, 'examples', 'quickstart');
const bake = join(root, 'packages', 'core', 'bin', 'bake.cjs');

say('Setting up');
run(process.execPath, [join(root, 'scripts', 'setup.mjs')]);
placeServer(join(example, 'base', 'bin', 'serve'));

say('bake build');
run(process.execPath, [bake, 'build', '-C', example]);

const { version, location } = JSON.parse(
  execFileSync(process.execPath, [bake, 'resolve', 'web', '--json', '-C', example], { encoding: 'utf8' }),
);
say('What you have');
console.log(`web ${version.slice(0, 12)}, an OCI image whose version is the digest of what went in. It is in
${relative(root, location.replace(/^oci:/, ''))}

Now try, in examples/quickstart:

  npx bake build                     nothing changed, so nothing is built
  npx bake plan                      edit site/index.html first: it says what changed
  npx bake history                   every version, with the commit it was made from
  npx bake export web web.tar        an archive for Docker, podman and skopeo

And with Docker:

  docker load -i web.tar
  docker run --rm -p 8080:8080 quickstart/web:${version.slice(0, 12)}

and look at http://localhost:8080/`);

/**
 * The example's web server: esbuild's own Linux binary, of the version that this repository builds with. npm installs it
 * only on that platform; elsewhere it is fetched from the registry that npm is set up for.
 */
function placeServer(file) {
  const installed = join(root, 'node_modules', '@esbuild', 'linux-x64');
  const packed = existsSync(installed) ? undefined : unpackServer();
  const binary = join(packed ? join(packed, 'package') : installed, 'bin', 'esbuild');
  try {
    // Left alone where it is the same, so that its times do not change.
    if (existsSync(file) && readFileSync(file).equals(readFileSync(binary))) return;
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(binary, `${file}.new`);
    renameSync(`${file}.new`, file);
  } finally {
    if (packed) rmSync(packed, { recursive: true, force: true });
  }
}

function unpackServer() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'esbuild', 'package.json'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'bake-quickstart-'));
  run('npm', ['pack', `@esbuild/linux-x64@${version}`, '--pack-destination', folder, '--silent'], folder);
  run('tar', ['-xzf', `esbuild-linux-x64-${version}.tgz`], folder);
  return folder;
}

function run(command, args, cwd = root) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`failed: ${[command, ...args].join(' ')}${error ? ` (${error.message})` : ''}`);
  process.exit(status ?? 1);
}

function say(title) {
  console.log(`\n== ${title}`);
}
