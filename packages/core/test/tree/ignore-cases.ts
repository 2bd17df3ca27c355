import type { TreeSpec } from './builders.js';

/** The tree that ignore patterns are tried on: names that patterns could trip over, at several depths. */
export const ignoreTree: TreeSpec = Object.fromEntries([
  ...[
    'README.md readme.md a.log b.log ab abc a.txt .env .hidden/x constructor toString/y Dockerfile bar barfoo foobar/x',
    'file(1).txt a+b.txt a|b x{1} $dollar ^caret #hash !bang file[1].txt [x]/y back*star -dash ünïcode/é.txt',
    'src/index.js src/index.test.js src/lib/a.js src/lib/b.log src/lib/deep/c.log src/lib/deep/keep.txt',
    'node_modules/m/index.js node_modules/m/node_modules/n/x.js pkg/node_modules/o/y.js pkg/keep/z',
    'docs/a.md docs/b.txt docs/sub/c.md foo/bar/baz foo/bar/qux foo/other x/barfoo x/foo x/y/foo/z',
    'deep/1/2/3/4/leaf deep/1/2/keep dist/app.js dist/keep/app.js tmp/1 tmp/.gitkeep',
  ].flatMap((line) => line.split(' ').map((path): [string, string] => [path, path])),
  ...['with space.txt', 'dir with space/f'].map((path): [string, string] => [path, path]),
  ...['empty', 'docs/none', 'foo/bar/nil', 'dist/keep/void'].map((path): [string, null] => [path, null]),
]);

export interface IgnoreCase {
  /** The ignore file. */
  readonly text: string;
  /** Where Docker Engines before 23 do something else: what they get wrong. The newer rules are ours. */
  readonly older?: 'negation' | 'literals' | 'suffix' | 'shells' | 'parents';
}

/** One pattern each. */
const single = [
  '. .. / * ** **/* */** **/** *** **/ */* */*/* ../src docs/.. src src/ /src /src/lib ./src src//lib src/./lib src/../docs',
  '/docs/ docs/* docs/*.md docs/** docs/**/*.md *.md **/*.md **/*.log a? a?c ab* ?b a** .* .hidden .dockerignore Dockerfile',
  '[ab].log [a-b].log [^a].log f[o]o foo/b?r **/[a-c].* file[[]1].txt file\\[1\\].txt \\[x\\] $dollar #hash \\#hash !bang',
  '\\!bang back\\*star back* \\-dash constructor toString README.MD README.md ünïcode ünïcode/*.txt **/é.txt node_modules',
  '**/node_modules **/node_modules/** node_modules/** foo foo* foo** **/foo **/foo/** foo/bar foo/* foo/*/baz foo/**/baz',
  'foo**/baz **/bar **/b* */bar empty docs/none deep/1/2/3 deep/**/leaf deep/*/2 **/2 **/3/** **/.gitkeep */.gitkeep',
  '[ [] [a a[ src\\ [b-a] [-a] src/[ !',
].flatMap((line) => line.split(' '));

/** White space, comments and line ends. */
const spaced = ['', '# nothing', 'with space.txt', 'dir with space', '  a.log  ', '\ta.log', ' #hash', '\ufeffsrc'];

/** Lines after one another, here with `|` between them. */
const several = [
  '*|!src',
  '*|!src/',
  '*|! src',
  '*|!/src',
  '*|!./src',
  '*|!src/index.js',
  '*|!src/lib/deep/keep.txt',
  '*|!src/**',
  '*|!*.md|README.md',
  '*|!.dockerignore',
  '.dockerignore|*',
  '*|!nothing/here',
  '*|!empty',
  '*|!docs/none',
  '*|!!bang',
  '*|!',
  '*|!docs|docs/sub',
  '**|!src',
  '**/*|!src/lib',
  'src|!src/lib',
  'src/|!src/lib/deep',
  'src/*|!src/lib',
  'src/**|!src/lib/deep/keep.txt',
  'src/**/*.js|!src/**/*.test.js',
  '*.log|!a.log',
  '!a.log|*.log',
  '*.log|!*.log|b.log',
  '.*|!.env',
  '# a||  |*.md|# b',
  'src/lib\r|*.log\r|',
  '**/node_modules|!pkg/node_modules',
  'foo|!foo/bar|foo/bar/baz',
  'dist|!dist/keep',
  'dist/*|!dist/keep',
  'dist/**|!dist/keep',
  'dist/**|!dist/keep/**',
  'tmp/*|!tmp/.gitkeep',
  'deep/**|!deep/1/2/keep',
  'deep/?*|!deep',
].map((lines) => lines.replaceAll('|', '\n'));

/** The known faults of older engines; each was seen on 20.10. */
const fixedIn23: Readonly<Record<NonNullable<IgnoreCase['older']>, readonly string[]>> = {
  // A negated pattern with a wildcard takes nothing in again below a folder that is left out.
  negation: ['*\n!**/keep.txt', '*\n!*/keep', 'deep\n!deep/**/keep', '**\n!**/*.js', '**\n!**/deep/**'],
  // Characters that mean something in a regular expression do so in a pattern.
  literals: ['file(1).txt', 'a+b.txt', 'a|b', 'x{1}', '^caret'],
  // `**` with no slash behind it is not any beginning of a path.
  suffix: ['**foo', '**.log'],
  // Folders that are left out, and in which nothing is taken in again, are there but empty.
  shells: ['*\n!src/nothing', '*\n!foo/bar\nfoo'],
  // A pattern that begins with `**` is tried on too few of the folders above a file.
  parents: ['!src\n**/src'],
};

export const ignoreCases: readonly IgnoreCase[] = [
  ...[...single, ...spaced, ...several].map((text) => ({ text })),
  ...Object.entries(fixedIn23).flatMap(([older, texts]) =>
    texts.map((text) => ({ text, older: older as NonNullable<IgnoreCase['older']> })),
  ),
];

/**
 * What newer engines do with files whose last matching pattern matches a folder above: they may overlook it, because
 * they skip patterns that would change nothing for the folder itself. We go by the documentation, as older ones do.
 */
export const brokenIn23: readonly string[] = ['*\n!foo/bar\nfoo', 'deep/?*\n!deep'];
