import type { Json, JsonObject } from '../plan/json.js';

/** What the user writes in `bake.config.*`: plain data, the same in JavaScript, JSON and YAML. */
export interface Definition {
  /** The project, `[a-z][a-z0-9-]*`: the namespace of its images in a catalog. Not part of any version. */
  readonly name: string;
  /** The folder that history is kept in, relative to the definition. Default `.bake`. */
  readonly catalog?: string;
  /** Target name to provider. */
  readonly providers: Readonly<Record<string, ProviderUse>>;
  readonly images: Readonly<Record<string, ImageDefinition>>;
  /** Default strings for `{{vars.NAME}}`, substituted in any string but the body of a `run`. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly channels?: Readonly<Record<string, ChannelDefinition>> | readonly string[];
  readonly retain?: RetainDefinition;
  /** For the catalog and for cloud tags; never in image bytes. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A folder of the project's own templates, by the names of the built-in ones. */
  readonly templates?: string;
  /** Address of the JSON Schema, for editors. */
  readonly $schema?: string;
}

/** A provider package and its options. */
export interface ProviderUse {
  /** Package name or path of a module that exports `provider`. */
  readonly use: string;
  /** `os/architecture[/variant]`. Default `linux/amd64`, never the host's. */
  readonly platform?: string;
  readonly [option: string]: Json | undefined;
}

/** A moving name for a version. */
export interface ChannelDefinition {
  /** A version must have been in this channel first. */
  readonly after?: string;
  /** Whether promotions wait for `bake resume` after a rollback. Default true. */
  readonly hold?: boolean;
}

/** How long versions are kept. */
export interface RetainDefinition {
  /** Keep the newest N versions of each branch. */
  readonly last?: number;
  /** Keep versions younger than this. */
  readonly days?: number;
  /** Days between deprecation and removal. */
  readonly grace?: number;
  /** Whether the catalog keeps the bytes of container bases. Default true. */
  readonly bases?: boolean;
}

/** A reference, an image of this definition, `scratch`, another project's channel, or one selector per target. */
export type From = string | ProjectBase | Readonly<Record<string, Json>>;

/** A base that another project of the same catalog made. */
export interface ProjectBase {
  /** `PROJECT/IMAGE`. */
  readonly image: string;
  readonly channel: string;
}

/** One image: a base, steps, and what to check. */
export interface ImageDefinition {
  readonly from?: From;
  /** A subset of the targets that `from` reaches. Default: all of them. */
  readonly targets?: readonly string[];
  readonly steps?: readonly Step[];
  readonly config?: ContainerConfig;
  readonly checks?: readonly Check[];
  /** Default: the first of the provider's engines that can do the image. */
  readonly engine?: 'assembler' | 'engine' | 'packer';
  /** Paths that may change at run time, for `bake drift`. */
  readonly mutable?: readonly string[];
  readonly retain?: RetainDefinition;
  /** An existing Dockerfile, instead of `from` and `steps`. */
  readonly dockerfile?: string;
  /** The Dockerfile's context. Default: the definition's folder. */
  readonly context?: string;
  readonly args?: Readonly<Record<string, string>>;
  /** The Dockerfile's stage to build. Default: the last. */
  readonly stage?: string;
  /** An existing Packer template, instead of `from` and `steps`. */
  readonly packer?: string;
  /** All the files that the Packer template reads. */
  readonly inputs?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
}

/** What a container runs, by the names of the OCI image configuration. */
export interface ContainerConfig {
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Ports, `80` or `"53/udp"`. */
  readonly expose?: readonly (number | string)[];
  readonly user?: string;
  readonly workdir?: string;
  readonly volumes?: readonly string[];
  /** Labels in the image itself; they are part of its version. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly healthcheck?: HealthcheckConfig;
}

/** As Docker's HEALTHCHECK; durations like `30s`. */
export interface HealthcheckConfig {
  /** A shell line, or the words of a command; `none` switches an inherited one off. */
  readonly test: string | readonly string[];
  readonly interval?: string;
  readonly timeout?: string;
  readonly startPeriod?: string;
  readonly retries?: number;
}

interface StepCommon {
  /** For people; not part of the version. */
  readonly name?: string;
  /** Targets this step is for. Default: all. */
  readonly only?: readonly string[];
}

export interface RunStep extends StepCommon {
  /** A shell line, a list of lines, or a script file. */
  readonly run: string | readonly string[] | { readonly script: string };
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: string;
  readonly workdir?: string;
  readonly user?: string;
  /** Names of secrets; values are given at run time and are never recorded. */
  readonly secrets?: readonly string[];
}

export interface CopyStep extends StepCommon {
  /** A file or folder, relative to the definition. */
  readonly copy: string;
  /** Where to, absolute. A folder's content goes into it; a file goes there, or into it where it is a folder. */
  readonly to: string;
  /** `user`, `user:group`, `uid` or `uid:gid`, looked up in the image itself. Default root. */
  readonly owner?: string;
  /** Octal string for the files, e.g. `"0640"`. Default 0755 for executables, else 0644. */
  readonly mode?: string;
  /** Ignore patterns relative to the copied folder. */
  readonly exclude?: readonly string[];
}

export interface FetchStep extends StepCommon {
  /** The url the file comes from; not part of the version. */
  readonly fetch: string;
  /** 64 hex digits. */
  readonly sha256: string;
  /** A file path, or a folder to unpack into. */
  readonly to: string;
  readonly mode?: string;
  readonly unpack?: boolean;
}

export interface AnsibleStep extends StepCommon {
  readonly ansible: JsonObject;
  readonly inputs?: readonly string[];
}

export interface PackerStep extends StepCommon {
  readonly packer: JsonObject;
  readonly inputs?: readonly string[];
}

/** One provisioning action. */
export type Step = RunStep | CopyStep | FetchStep | AnsibleStep | PackerStep;

interface CheckCommon {
  readonly name?: string;
  /** Seconds. Default 30. */
  readonly timeout?: number;
  readonly only?: readonly string[];
}

export interface RunCheck extends CheckCommon {
  readonly run: string;
  /** A substring; `/…/` inside the string means a pattern. */
  readonly stdout?: string;
}

export interface HttpCheck extends CheckCommon {
  readonly http: string;
  readonly status?: number;
  readonly body?: string;
}

export interface PortCheck extends CheckCommon {
  readonly port: number;
}

export interface FileCheck extends CheckCommon {
  readonly file: string;
  /** Default true. */
  readonly exists?: boolean;
  readonly mode?: string;
  readonly owner?: string;
  readonly sha256?: string;
  readonly contains?: string;
}

export interface PackageCheck extends CheckCommon {
  readonly package: string;
  readonly version?: string;
}

/** An assertion on a freshly booted copy of an artifact. */
export type Check = RunCheck | HttpCheck | PortCheck | FileCheck | PackageCheck;
