import type { BakeError } from '../errors/index.js';
import type { Bake } from '../library.js';
import type { BuildTimes } from './build-times.js';
import type { CliHost } from './types.js';
import type { View } from './print/view.js';

/** What shell completion offers for an argument or an option's value. */
export type Completes =
  'image' | 'target' | 'channel' | 'ref' | 'branch' | 'command' | 'file' | 'folder' | readonly string[];

export interface ArgumentSpec {
  /** As the usage line shows it: `IMAGE`. */
  readonly name: string;
  readonly required?: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
  readonly completes?: Completes;
}

export interface OptionSpec {
  /** Long name without the dashes. */
  readonly name: string;
  /** A single letter that also works. */
  readonly letter?: string;
  /** Name of its value, as help shows it; a switch has none. */
  readonly value?: string;
  readonly about: string;
  /** May be given several times. */
  readonly repeat?: boolean;
  /** `--no-NAME` exists too, and neither is the default. */
  readonly negatable?: boolean;
  /** The only values there are. */
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** What was typed, after parsing. */
export interface Input {
  /** The n-th argument. */
  argument(index: number): string | undefined;
  readonly arguments: readonly string[];
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  /** `undefined` for a negatable option that was not given. */
  flag(option: string): boolean | undefined;
}

/** What a command works with. */
export interface Session {
  readonly host: CliHost;
  readonly signal: AbortSignal;
  /** The folder that relative paths start from: `-C`. */
  readonly cwd: string;
  readonly times: BuildTimes;
  /** Opens the project, once; it is closed after the command. */
  project(): Promise<Bake>;
}

/** An object that becomes the JSON document's members. */
export type JsonShape = Readonly<Record<string, unknown>>;

export interface Example {
  readonly command: string;
  readonly about: string;
}

/** One command: what help says about it, what it does, and how its result looks. */
export interface CommandSpec<Data> {
  readonly name: string;
  /** Two sentences. */
  readonly about: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly [Example, Example];
  /** Exit codes beyond 0, 1, 2 and 130. */
  readonly exits?: Readonly<Record<number, string>>;
  /** Whether it does work that is worth showing while it goes on. */
  readonly progress?: boolean;
  run(session: Session, input: Input): Promise<Data>;
  /** The JSON document's members; of nothing, where the command failed. */
  json(data: Data | null): JsonShape;
  /** Lines for people. */
  print(data: Data, view: View, session: Session): readonly string[];
  /** Warnings that are part of the result. */
  warnings?(data: Data): readonly string[];
  /** Why a result is a failure all the same. */
  failure?(data: Data): BakeError | null;
  /** Default: that of the failure, else 0. */
  exit?(data: Data, input: Input): number | undefined;
  /** Whether `print` already says what the failure is. */
  readonly printsFailure?: boolean;
  /** Has no JSON document: prints the same with `--json`. */
  readonly textOnly?: boolean;
}

/** What a command came to. */
export interface Outcome {
  readonly json: JsonShape;
  readonly error: BakeError | null;
  /** Where it differs from the error's. */
  readonly exit: number | undefined;
  readonly warnings: readonly string[];
  /** Whether `print` already says what the error is. */
  readonly printsError: boolean;
  print(view: View): readonly string[];
}

/** A command whose kind of result is its own business. */
export interface CliCommand extends Pick<
  CommandSpec<never>,
  'name' | 'about' | 'arguments' | 'options' | 'examples' | 'exits' | 'progress' | 'textOnly'
> {
  execute(session: Session, input: Input): Promise<Outcome>;
  /** The JSON document's members where there is no result. */
  emptyJson(): JsonShape;
}

/** Makes a command out of its parts. */
export function defineCommand<Data>(spec: CommandSpec<Data>): CliCommand {
  return {
    ...spec,
    emptyJson: () => spec.json(null),
    async execute(session, input) {
      const data = await spec.run(session, input);
      const error = spec.failure?.(data) ?? null;
      return {
        json: spec.json(data),
        error,
        exit: spec.exit?.(data, input),
        warnings: spec.warnings?.(data) ?? [],
        printsError: spec.printsFailure ?? false,
        print: (view) => spec.print(data, view, session),
      };
    },
  };
}

/** Drops members that are `undefined`, as optional members of the library's options want it. */
export function given<T extends object>(values: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
