/** One way in which a server wants to be convinced: RFC 9110, section 11.6.1. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const separator = /[\s,]*/y;
const parameter = new RegExp(`(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))(?=\\s*(?:,|$))`, 'y');
const scheme = new RegExp(`(${token})(?:[ \\t]+[A-Za-z0-9._~+/-]+=*(?=\\s*(?:,|$)))?(?=\\s|,|$)`, 'y');

/**
 * Understands `WWW-Authenticate`, which may hold several challenges: a comma separates challenges as well as parameters, and
 * may be part of a quoted value. Stops where it is malformed.
 */
export function parseChallenges(header: string | null): readonly Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  const text = header ?? '';
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(text);
    if (found !== null) at = expression.lastIndex;
    return found;
  };
  for (;;) {
    take(separator);
    const current = challenges.at(-1);
    const pair = current === undefined ? null : take(parameter);
    if (pair !== null) {
      const [, name = '', quoted, bare = ''] = pair;
      current?.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/gs, '$1') ?? bare);
      continue;
    }
    const name = take(scheme)?.[1];
    if (name === undefined) return challenges;
    challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
  }
}
