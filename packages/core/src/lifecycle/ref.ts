import { BakeError } from '../errors/bake-error.js';

/** What a ref points at, before it is looked up. */
export type RefTarget =
  | { readonly kind: 'current' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'version'; readonly prefix: string }
  | { readonly kind: 'commit'; readonly prefix: string }
  | { readonly kind: 'channel'; readonly channel: string; readonly back: number }
  | { readonly kind: 'channelAt'; readonly channel: string; readonly time: string };

export interface Ref {
  /** `undefined`: the project at hand. */
  readonly project: string | undefined;
  readonly image: string;
  readonly at: RefTarget;
}

const name = '[a-z][a-z0-9-]*';
const shape = new RegExp(`^(?:(${name})/)?(${name})(?:@(.+))?$`);

/**
 * Understands `IMAGE`, `IMAGE@VERSION` (4 or more hex digits), `IMAGE@latest`, `IMAGE@CHANNEL`, `IMAGE@CHANNEL~1`,
 * `IMAGE@CHANNEL@{2026-03-14}` and `IMAGE@git:COMMIT`, each with `PROJECT/` before it. Throws `ERR_BAKE_REF_INVALID`.
 */
export function parseRef(text: string): Ref {
  const match = shape.exec(text);
  const image = match?.[2];
  if (match === null || image === undefined) throw invalid(text, 'it is not IMAGE or IMAGE@WHAT');
  return { project: match[1], image, at: parseAt(text, match[3]) };
}

function parseAt(text: string, at: string | undefined): RefTarget {
  if (at === undefined) return { kind: 'current' };
  if (at === 'latest') return { kind: 'latest' };
  if (at.startsWith('git:')) {
    const prefix = at.slice(4).toLowerCase();
    if (/^[0-9a-f]{4,64}$/.test(prefix)) return { kind: 'commit', prefix };
    throw invalid(text, 'a commit has 4 or more hex digits');
  }
  const dated = new RegExp(`^(${name})@\\{([^}]+)\\}$`).exec(at);
  if (dated?.[1] !== undefined && dated[2] !== undefined) {
    const time = Date.parse(dated[2]);
    if (Number.isNaN(time)) throw invalid(text, `"${dated[2]}" is not a date`);
    // A day without a time means how things stood when it ended.
    const end = /^\d{4}-\d{2}-\d{2}$/.test(dated[2]) ? time + 86_399_999 : time;
    return { kind: 'channelAt', channel: dated[1], time: new Date(end).toISOString() };
  }
  if (/^[0-9a-f]{4,64}$/.test(at)) return { kind: 'version', prefix: at };
  const channel = new RegExp(`^(${name})(?:~(\\d{1,4}))?$`).exec(at);
  if (channel?.[1] !== undefined) return { kind: 'channel', channel: channel[1], back: Number(channel[2] ?? 0) };
  throw invalid(text, 'what follows "@" is no version (4 or more hex digits), channel, "latest" or "git:COMMIT"');
}

function invalid(text: string, why: string): BakeError {
  return new BakeError('ERR_BAKE_REF_INVALID', `${JSON.stringify(text)} is not a ref: ${why}`, {
    hint: 'Write IMAGE, IMAGE@VERSION, IMAGE@latest, IMAGE@CHANNEL, IMAGE@CHANNEL~1 or IMAGE@git:COMMIT.',
    data: { ref: text },
  });
}
