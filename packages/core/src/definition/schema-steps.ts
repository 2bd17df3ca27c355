import * as v from 'valibot';
import * as kit from './schema-kit.js';

const stepCommon = {
  name: kit.maybe('For people; not part of the version.', kit.line),
  only: kit.maybe('Targets this step is for. Default: all.', kit.list(kit.line)),
};

const inputs = kit.maybe('All the files that the provisioner reads.', kit.list(kit.line));

const body = kit.either('a shell line, a list of lines or { script: PATH }', {
  string: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  list: kit.filled(kit.text, 'must have a line'),
  object: v.strictObject({ script: kit.described('A script file, relative to the definition.', kit.line) }),
});

const secretName = kit.format('[A-Za-z_][A-Za-z0-9_-]*', 'must be a name of letters, digits, _ and -');

/** One provisioning action, told apart by its key. */
export const step: kit.Schema = kit.byKey('step', {
  run: v.strictObject({
    run: kit.described('A shell line, a list of lines, or { script: PATH }.', body),
    ...stepCommon,
    env: kit.maybe('Environment of the step; the only way for a variable to reach it.', kit.map(kit.envName, kit.text)),
    shell: kit.maybe('The shell that runs it. Default: sh.', kit.line),
    workdir: kit.maybe('The folder it runs in, absolute.', kit.imagePath),
    user: kit.maybe('The user it runs as.', kit.line),
    secrets: kit.maybe('Names of secrets; values are given at run time, never recorded.', kit.list(secretName)),
  }),
  copy: v.strictObject({
    copy: kit.described('A file or folder, relative to the definition.', kit.line),
    to: kit.described("Where to, absolute. A folder's content goes into it.", kit.imagePath),
    ...stepCommon,
    owner: kit.maybe('user, user:group, uid or uid:gid, looked up in the image. Default: root.', kit.line),
    mode: kit.maybe('Octal mode of the files, in quotes. Default: 0755 for executables, else 0644.', kit.mode),
    exclude: kit.maybe('Ignore patterns relative to the copied folder.', kit.list(kit.line)),
  }),
  fetch: v.strictObject({
    fetch: kit.described('The address the file comes from; not part of the version.', kit.url),
    sha256: kit.described('What the file must be: 64 hex digits.', kit.sha256),
    to: kit.described('A file path, or a folder to unpack into; absolute.', kit.imagePath),
    ...stepCommon,
    mode: kit.maybe('Octal mode of the file, in quotes.', kit.mode),
    unpack: kit.maybe('Whether it is an archive to unpack. Default: false.', kit.flag),
  }),
  ansible: v.strictObject({
    ansible: kit.described("Packer's ansible provisioner, as it is.", kit.jsonObject),
    ...stepCommon,
    inputs,
  }),
  packer: v.strictObject({
    packer: kit.described('Any Packer provisioner, as it is.', kit.jsonObject),
    ...stepCommon,
    inputs,
  }),
});

const checkCommon = {
  name: kit.maybe('What the check is reported as.', kit.line),
  timeout: kit.maybe(
    'Seconds. Default: 30.',
    v.pipe(v.number(), v.gtValue(0, 'must be a number of seconds greater than 0')),
  ),
  only: kit.maybe('Targets this check is for. Default: all.', kit.list(kit.line)),
};

/** An assertion on a freshly booted copy of an artifact, told apart by its key. */
export const check: kit.Schema = kit.byKey('check', {
  run: v.strictObject({
    run: kit.described('A shell line that must exit with 0.', v.pipe(v.string(), v.minLength(1, 'must not be empty'))),
    ...checkCommon,
    stdout: kit.maybe('What its output must contain; /…/ inside the string is a pattern.', kit.text),
  }),
  http: v.strictObject({
    http: kit.described('An address to get from inside.', kit.url),
    ...checkCommon,
    status: kit.maybe('The status it must answer with.', kit.whole(100, 599, 'must be a status from 100 to 599')),
    body: kit.maybe('What the answer must contain; /…/ inside the string is a pattern.', kit.text),
  }),
  port: v.strictObject({
    port: kit.described('A TCP port that must accept connections.', kit.port),
    ...checkCommon,
  }),
  file: v.strictObject({
    file: kit.described('An absolute path.', kit.imagePath),
    ...checkCommon,
    exists: kit.maybe('Whether it must exist. Default: true.', kit.flag),
    mode: kit.maybe('The octal mode it must have, in quotes.', kit.mode),
    owner: kit.maybe('The owner it must have: user or user:group.', kit.line),
    sha256: kit.maybe('The digest it must have.', kit.sha256),
    contains: kit.maybe('What it must contain.', kit.text),
  }),
  package: v.strictObject({
    package: kit.described('A package that must be installed.', kit.line),
    ...checkCommon,
    version: kit.maybe('The version it must have.', kit.line),
  }),
});
