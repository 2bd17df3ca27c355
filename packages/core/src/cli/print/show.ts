import type { CatalogEvent } from '../../catalog/events.js';
import type { ShowResult } from '../../library.js';
import { short } from '../../plan/digest.js';
import { pairLines, type Pair } from './pairs.js';
import type { Colour } from './style.js';
import { shortDigests, visible } from './text.js';
import { ago, duration, moment } from './time.js';
import type { View } from './view.js';

const stateColours = { checked: 'green', unchecked: 'yellow', failed: 'red', revoked: 'red', retired: 'dim' } as const;

/** What is known about a version: its name, its facts, its steps, and with `--verbose` its events. */
export function printShow(shown: ShowResult, view: View): readonly string[] {
  const { record, plan } = shown;
  const title = [
    view.style('bold', visible(`${shown.project}/${shown.image}`)),
    view.style('cyan', visible(view.columns < 100 ? short(shown.version) : shown.version)),
    view.style(stateColours[shown.state], shown.state),
  ].join('  ');
  const facts: readonly Pair[] = [
    fact('target', record.platform === '' ? shown.target : `${shown.target} (${record.platform})`),
    fact('created', `${since(shown.createdAt, view)} by ${record.actor}`),
    fact(
      'branch',
      shown.branch + (shown.source ? ` ${shown.source.commit.slice(0, 12)}${shown.source.dirty ? '+' : ''}` : ''),
    ),
    ...(shown.base === '' ? [] : [fact('base', shown.base)]),
    ...record.parents.map((parent) => fact('parent', `${parent.project}/${parent.image}@${short(parent.version)}`)),
    ...(shown.channels.length > 0 ? [fact('channels', shown.channels.join(', '))] : []),
    ...(shown.artifact ? [fact('artifact', shown.artifact.id)] : []),
    ...(record.revoked
      ? [fact('revoked', `${since(record.revoked.time, view)}: ${record.revoked.reason}`, 'red')]
      : []),
    ...(record.failure ? [fact('failed', failureText(record.failure), 'red')] : []),
    ...record.builds.map((build) =>
      fact(
        'built',
        `${moment(build.time)} in ${duration(build.milliseconds)}${build.retired ? ', removed since' : ''}`,
      ),
    ),
    ...record.checks.map((check) => fact('checked', `${moment(check.time)} ${checkText(check)}`)),
    ...record.locations.map((location) => fact('published', `${location.destination} ${location.id}`)),
    ...Object.entries(record.vars).map(([name, value]) => fact('variable', `${name}=${value}`)),
    ...(plan?.steps ?? []).map((step, index) => fact(`step ${index}`, step.name)),
    ...(view.verbose ? shown.events.map((event) => fact('event', eventText(event))) : []),
  ];
  return [title, ...pairLines(facts, view, 'dim')];
}

function fact(name: string, text: string, colour?: Colour): Pair {
  return { name, text: visible(text), colour };
}

/** A moment, and how long ago that was where it is not long. */
function since(time: string, { now }: View): string {
  const age = ago(time, now);
  if (age === 'now') return moment(time);
  return /^\d+ /.test(age) ? `${moment(time)} (${age} ago)` : moment(time);
}

function failureText({ stage, code, message }: NonNullable<ShowResult['record']['failure']>): string {
  return `${stage}: ${message.split('\n', 1)[0] ?? ''} (${code})`;
}

function checkText({ outcome, passed, failed, notRun }: ShowResult['record']['checks'][number]): string {
  const total = passed + failed + notRun;
  if (total === 0) return `${outcome}: no checks`;
  return `${outcome}: ${passed}/${total} checks${notRun > 0 ? `, ${notRun} not run` : ''}`;
}

function eventText({ sequence, time, type, actor, payload }: CatalogEvent): string {
  return shortDigests(`${sequence} ${moment(time)} ${type} by ${actor} ${JSON.stringify(payload)}`);
}
