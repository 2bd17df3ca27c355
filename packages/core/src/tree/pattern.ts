/** One line of an ignore file, ready to match. */
export interface Pattern {
  /** As it was written, less white space. */
  readonly text: string;
  /** `!…`: takes back in what earlier patterns left out. */
  readonly negated: boolean;
  /** Whether it matches this path itself; not whether it matches a folder above. `/` separated, relative. */
  matches(path: string): boolean;
  /** Whether it could match anything below this folder that the folder itself did not match. */
  matchesBelow(folder: string): boolean;
}

/**
 * Compiles one pattern by the rules of Docker's ignore files: those of Go's `filepath.Match` plus `**`
 * (https://docs.docker.com/build/concepts/context/#dockerignore-files, github.com/moby/patternmatcher).
 * `undefined` where the line says nothing. Throws a SyntaxError for a malformed one.
 */
export function compilePattern(line: string): Pattern | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const negated = text.startsWith('!');
  const cleaned = clean(negated ? text.slice(1).trim() : text);
  if (cleaned === '') {
    if (negated) throw new SyntaxError('"!" without a pattern');
    return undefined;
  }
  const matches = matcher(cleaned);
  // Only negated patterns are asked what they could match below.
  const segments = negated ? cleaned.split('/').map((part) => (part.includes('**') ? null : matcher(part))) : [];
  return {
    text,
    negated,
    matches,
    matchesBelow(folder) {
      const names = folder.split('/');
      for (const [index, name] of names.entries()) {
        const segment = segments[index];
        if (segment === null) return true;
        if (segment === undefined || !segment(name)) return false;
      }
      return segments.length > names.length;
    },
  };
}

/** Go's `filepath.Clean`, then without a leading `/`: patterns are relative to the folder of the file they are in. */
function clean(pattern: string): string {
  if (pattern === '') return '';
  const rooted = pattern.startsWith('/');
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push(part);
  }
  return parts.length > 0 ? parts.join('/') : '.';
}

function matcher(pattern: string): (path: string) => boolean {
  if (!/[*?[\\]/.test(pattern)) return (path) => path === pattern;
  const expression = new RegExp(`^${translate(pattern)}$`, 'su');
  const tail = pattern.slice(2);
  if (!pattern.startsWith('**') || /[*?[\\]/.test(tail)) return (path) => expression.test(path);
  // `**` and then only literal text is a suffix, also without a slash between: `**.log` is any name that ends so.
  return tail.startsWith('/') ? (path) => path.endsWith(tail) || path === tail.slice(1) : (path) => path.endsWith(tail);
}

function translate(pattern: string): string {
  let out = '';
  let rest = pattern;
  while (rest !== '') {
    if (rest.startsWith('**')) {
      // Several in a row match what one does, but would take turns to do it.
      rest = rest.replace(/^(?:\*\*\/)+/, '**/');
      rest = rest.slice(rest[2] === '/' ? 3 : 2);
      out += rest === '' ? '.*' : '(?:.*/)?';
    } else if (rest.startsWith('*')) {
      rest = rest.slice(1);
      out += '[^/]*';
    } else if (rest.startsWith('?')) {
      rest = rest.slice(1);
      out += '[^/]';
    } else if (rest.startsWith('[')) {
      const [text, length] = translateClass(rest);
      rest = rest.slice(length);
      out += text;
    } else {
      const [character, length] = literal(rest);
      rest = rest.slice(length);
      out += escape(character);
    }
  }
  return out;
}

/** `[a-z]`, `[^a-z]`. Never matches `/`, which separates paths. Returns its length in the pattern too. */
function translateClass(pattern: string): readonly [text: string, length: number] {
  let at = 1;
  const inverted = pattern[at] === '^';
  if (inverted) at += 1;
  let ranges = '';
  while (ranges === '' || pattern[at] !== ']') {
    const [low, lowLength] = classCharacter(pattern, at);
    at += lowLength;
    let high = low;
    if (pattern[at] === '-') {
      const [character, length] = classCharacter(pattern, at + 1);
      high = character;
      at += 1 + length;
    }
    if ((low.codePointAt(0) ?? 0) > (high.codePointAt(0) ?? 0))
      throw new SyntaxError(`the range ${low}-${high} is empty`);
    ranges += `${codePoint(low)}-${codePoint(high)}`;
  }
  return [inverted ? `[^/${ranges}]` : `(?!/)[${ranges}]`, at + 1];
}

function classCharacter(pattern: string, at: number): readonly [character: string, length: number] {
  const next = pattern[at];
  if (next === undefined) throw new SyntaxError('"[" is never closed');
  if (next === '-' || next === ']') throw new SyntaxError(`"${next}" stands where a character is expected`);
  return literal(pattern.slice(at));
}

function literal(pattern: string): readonly [character: string, length: number] {
  const escaped = pattern.startsWith('\\');
  const point = pattern.codePointAt(escaped ? 1 : 0);
  if (point === undefined) throw new SyntaxError('it ends with a lone "\\"');
  const character = String.fromCodePoint(point);
  return [character, character.length + (escaped ? 1 : 0)];
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function escape(character: string): string {
  return /[\w/]/.test(character) ? character : codePoint(character);
}
