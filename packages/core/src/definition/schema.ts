import * as v from 'valibot';
import * as kit from './schema-kit.js';
import { check, step } from './schema-steps.js';

/** Names of projects, images, targets and channels. */
export const NAME = '[a-z][a-z0-9-]*';
const NAME_MESSAGE = 'must be a name of lower-case letters, digits and -, beginning with a letter';

const name = kit.key(NAME, NAME_MESSAGE);
const labelName = kit.key('[^\\s=]+', 'must not be empty or hold white space or =');
const environmentName = kit.key('[^\\s=]+', 'must not be empty or hold white space or =');
const variableName = kit.key('[A-Za-z_][A-Za-z0-9_-]*', 'must be a name of letters, digits, _ and -');
const labels = kit.map(labelName, kit.text);
const words = kit.list(kit.text);
const duration = kit.format('(?:\\d+(?:\\.\\d+)?(?:ms|us|ns|h|m|s))+', 'must be a duration such as "30s" or "1m30s"');
const count = kit.whole(0, 1_000_000, 'must be a whole number, 0 or more');
const days = v.pipe(v.number(), v.minValue(0, 'must be a number of days, 0 or more'));

const projectBase = v.strictObject({
  image: kit.described(
    'PROJECT/IMAGE of the same catalog.',
    kit.format(`${NAME}/${NAME}`, 'must be PROJECT/IMAGE, such as "platform/base"'),
  ),
  channel: kit.described('The channel to take it from.', kit.line),
});
const perTarget = kit.map(name, kit.json);
const anyBase = v.union([projectBase, perTarget]);
const from = kit.either('a base: an image of this definition, a reference, scratch, or one per target', {
  string: kit.line,
  object: v.lazy((input) => (input === undefined ? anyBase : isProjectBase(input) ? projectBase : perTarget)),
});

/** Whether a `from` that is an object names another project's image. No target may have the name of one of its keys. */
export function isProjectBase(from: unknown): boolean {
  return (
    kit.kindOf(from) === 'object' &&
    (Object.hasOwn(from as object, 'image') || Object.hasOwn(from as object, 'channel'))
  );
}

const retain = v.strictObject({
  last: kit.maybe('Keep the newest N versions of each branch.', count),
  days: kit.maybe('Keep versions younger than this.', days),
  grace: kit.maybe('Days between deprecation and removal.', days),
  bases: kit.maybe('Whether the catalog keeps the bytes of container bases. Default: true.', kit.flag),
});

const healthcheck = v.strictObject({
  test: kit.described(
    'A shell line, or the words of a command; "none" switches an inherited one off.',
    kit.either('a shell line or a list of words', {
      string: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
      list: kit.filled(kit.text, 'must have a word'),
    }),
  ),
  interval: kit.maybe('Time between two runs.', duration),
  timeout: kit.maybe('Time after which a run has failed.', duration),
  startPeriod: kit.maybe('Time to start, in which failures do not count.', duration),
  retries: kit.maybe('Failures in a row that mean unhealthy.', count),
});

const config = v.strictObject({
  cmd: kit.maybe('What the container runs: a list of words.', words),
  entrypoint: kit.maybe('What stands before cmd: a list of words.', words),
  env: kit.maybe('Environment variables.', kit.map(environmentName, kit.text)),
  expose: kit.maybe(
    'Ports: 80 or "53/udp".',
    kit.list(
      kit.either('a port: a number, or a string such as "53/udp"', {
        number: kit.port,
        string: kit.checkedLine(isExposed, 'must be a port from 1 to 65535, with /tcp, /udp or /sctp'),
      }),
    ),
  ),
  user: kit.maybe('user, uid, user:group or uid:gid.', kit.line),
  workdir: kit.maybe('The folder that cmd starts in, absolute.', kit.imagePath),
  volumes: kit.maybe('Paths that are volumes, absolute.', kit.list(kit.imagePath)),
  labels: kit.maybe('Labels in the image itself; part of its version.', labels),
  stopSignal: kit.maybe(
    'The signal that stops the container.',
    kit.format('(?:SIG)?[A-Z][A-Z0-9]*(?:[+-]\\d+)?|\\d{1,2}', 'must be a signal such as "SIGTERM"'),
  ),
  healthcheck: kit.maybe("As Docker's HEALTHCHECK.", healthcheck),
});

function isExposed(text: string): boolean {
  const match = /^(\d{1,5})(?:\/(?:tcp|udp|sctp))?$/.exec(text);
  return match !== null && Number(match[1]) >= 1 && Number(match[1]) <= 65535;
}

const image = v.strictObject({
  from: kit.maybe('An image of this definition, a reference, scratch, or one selector per target.', from),
  targets: kit.maybe('A subset of the targets that from reaches. Default: all of them.', kit.list(kit.line)),
  steps: kit.maybe('What to do on top of the base, in order.', kit.list(step)),
  config: kit.maybe('What a container of this image runs.', config),
  checks: kit.maybe('What a fresh copy must pass before anyone may use it.', kit.list(check)),
  engine: kit.maybe(
    'Default: the first of the provider that can do the image.',
    v.picklist(['assembler', 'engine', 'packer']),
  ),
  mutable: kit.maybe('Paths that may change at run time.', kit.list(kit.imagePath)),
  retain: kit.maybe('How long versions of this image are kept.', retain),
  dockerfile: kit.maybe('An existing Dockerfile, instead of from and steps.', kit.line),
  context: kit.maybe("The Dockerfile's context. Default: the definition's folder.", kit.line),
  args: kit.maybe("The Dockerfile's build arguments.", kit.map(kit.envName, kit.text)),
  stage: kit.maybe("The Dockerfile's stage to build. Default: the last.", kit.line),
  packer: kit.maybe('An existing Packer template, instead of from and steps.', kit.line),
  inputs: kit.maybe('All the files that the Packer template reads.', kit.list(kit.line)),
  vars: kit.maybe("The Packer template's variables.", kit.map(variableName, kit.text)),
});

const provider = v.looseObject({
  use: kit.described('Package name or path of a module that exports a provider.', kit.line),
  platform: kit.maybe(
    'os/architecture, or os/architecture/variant. Default: linux/amd64.',
    kit.format('[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?', 'must be os/architecture, such as "linux/amd64"'),
  ),
});

const channel = v.strictObject({
  after: kit.maybe('A version must have been in this channel first.', kit.line),
  hold: kit.maybe('Whether promotions wait for bake resume after a rollback. Default: true.', kit.flag),
});

/** The shape of a definition. What one part says about another is checked in `semantics.ts`. */
export const definitionSchema: kit.Schema = v.strictObject({
  name: kit.described('The project: the namespace of its images in a catalog.', kit.format(NAME, NAME_MESSAGE)),
  catalog: kit.maybe('The folder that history is kept in. Default: .bake.', kit.line),
  providers: kit.described('Target name to provider.', kit.map(name, provider)),
  images: kit.described('Image name to image.', kit.map(name, image)),
  vars: kit.maybe('Default strings for {{vars.NAME}}.', kit.map(variableName, kit.text)),
  channels: kit.maybe(
    'Moving names for versions.',
    kit.either('an object of channels or a list of names', {
      object: kit.map(name, channel),
      list: kit.list(kit.format(NAME, NAME_MESSAGE)),
    }),
  ),
  retain: kit.maybe('How long versions are kept.', retain),
  labels: kit.maybe('For the catalog and for cloud tags; never in image bytes.', labels),
  templates: kit.maybe("A folder of the project's own templates.", kit.line),
  $schema: kit.maybe('Address of the JSON Schema, for editors.', kit.line),
});
