/** One row of the error catalogue; `docs/errors.md` is generated from these. */
export interface ErrorCodeEntry {
  /** When this error is thrown, one sentence. */
  readonly when: string;
  /** What to do about it, where the same advice always holds. */
  readonly hint?: string;
  /** The command's exit code. Default 1. */
  readonly exit?: 1 | 2 | 3 | 130;
}

/** Every error code there is. Codes are never renamed or re-used. */
export const codes = {
  // definition
  ERR_BAKE_DEFINITION_NOT_FOUND: {
    when: 'No definition was found in the folder or above it.',
    hint: 'Write one with: bake init',
    exit: 2,
  },
  ERR_BAKE_DEFINITION_LOAD: { when: 'The definition file could not be read, parsed or run.', exit: 2 },
  ERR_BAKE_DEFINITION_INVALID: {
    when: 'The definition has problems; `data.problems` lists each with its path.',
    exit: 2,
  },
  ERR_BAKE_DEFINITION_CYCLE: { when: 'Images are based on each other in a circle.', exit: 2 },
  ERR_BAKE_IMAGE_UNKNOWN: { when: 'No image of that name is defined, or none reaches the target.', exit: 2 },
  ERR_BAKE_TARGET_UNKNOWN: { when: 'No target of that name is defined, or the image is not built for it.', exit: 2 },
  ERR_BAKE_USAGE: { when: 'A command, option or argument is unknown, missing or malformed.', exit: 2 },
  ERR_BAKE_INIT_EXISTS: { when: 'A starter would overwrite a file that is already there.', exit: 2 },

  // providers and engines
  ERR_BAKE_PROVIDER_LOAD: { when: 'A provider package is not installed or does not load.', exit: 2 },
  ERR_BAKE_PROVIDER_OPTIONS: { when: 'Options of a provider have problems.', exit: 2 },
  ERR_BAKE_CAPABILITY_MISSING: { when: 'A provider cannot do what was asked of it.', exit: 2 },
  ERR_BAKE_ENGINE_MISSING: { when: 'The image needs an engine that is not available here.' },
  ERR_BAKE_ENGINE_UNSUPPORTED: { when: 'No engine of the provider can do the steps of the image.', exit: 2 },

  // bases and the lock
  ERR_BAKE_BASE_UNKNOWN: { when: 'A base does not exist, or no longer does.' },
  ERR_BAKE_BASE_INVALID: { when: 'A base was found, but is damaged or not an image.' },
  ERR_BAKE_BASE_PLATFORM: { when: 'A base exists, but not for the platform of the target.' },
  ERR_BAKE_SELECTOR_INVALID: { when: 'A base selector is malformed.', exit: 2 },
  ERR_BAKE_LOCK_INVALID: {
    when: '`bake.lock` is not a lock file.',
    hint: 'Restore it from version control, or remove it and run: bake update',
  },
  ERR_BAKE_LOCK_NEWER: {
    when: '`bake.lock` was written by a newer version of Bakehouse.',
    hint: 'Upgrade Bakehouse; the file was left as it is.',
  },
  ERR_BAKE_LOCK_FROZEN: {
    when: 'The lock is frozen, and an entry is missing or stale.',
    hint: 'Run `bake update` where changes are allowed and commit bake.lock, or pass --no-frozen.',
  },

  // inputs
  ERR_BAKE_INPUT_MISSING: { when: 'A file or folder that a step copies does not exist.', exit: 2 },
  ERR_BAKE_INPUT_UNREADABLE: { when: 'A file or folder that a step copies cannot be read.' },
  ERR_BAKE_INPUT_CHANGED: {
    when: 'A file changed while it was read.',
    hint: 'Wait until nothing writes there, and run again.',
  },
  ERR_BAKE_INPUT_TYPE: {
    when: 'A copied tree holds a device, socket or named pipe.',
    hint: 'Remove it, or exclude it in .bakeignore.',
  },
  ERR_BAKE_INPUT_NAME: { when: 'A file name is not valid UTF-8 or is not allowed in an image.' },
  ERR_BAKE_INPUT_OUTSIDE: { when: "A copied path lies outside the definition's folder.", exit: 2 },
  ERR_BAKE_DESTINATION_INVALID: { when: 'A destination in the image is not usable.', exit: 2 },
  ERR_BAKE_DESTINATION_CONFLICT: { when: 'A step would put a file where a folder is, or the reverse.' },
  ERR_BAKE_OWNER_UNKNOWN: { when: "A user or group is not in the image's own passwd or group file." },
  ERR_BAKE_FETCH_FAILED: { when: 'A download failed.' },
  ERR_BAKE_FETCH_DIGEST: {
    when: 'A download is not the file that its sha256 promised.',
    hint: 'Check where the file comes from before you change the sha256.',
  },
  ERR_BAKE_ARCHIVE_INVALID: { when: 'An archive is truncated, malformed, or of an unknown kind.' },
  ERR_BAKE_ARCHIVE_HOSTILE: { when: 'An archive holds entries that reach outside of it, or devices.' },
  ERR_BAKE_SECRET_MISSING: { when: 'A step needs a secret that was not given.', exit: 2 },

  // building and checking
  ERR_BAKE_BUILD_FAILED: { when: 'A build failed.' },
  ERR_BAKE_CHECK_FAILED: { when: 'Checks failed.', exit: 3 },
  ERR_BAKE_ARTIFACT_MISSING: {
    when: 'An artifact is recorded, but cannot be reached from here.',
    hint: 'Build it again with: bake build',
  },
  ERR_BAKE_ARTIFACT_CORRUPT: {
    when: 'The bytes of an artifact are not those that were recorded.',
    hint: 'The damaged part was set aside; build it again with: bake build',
  },
  ERR_BAKE_TEMPLATE: { when: 'A template does not exist, or uses a value that is not there.' },
  ERR_BAKE_VALUE_UNSAFE: { when: 'A value cannot be written safely into the language of a template.', exit: 2 },
  ERR_BAKE_PROCESS_FAILED: { when: 'A program that was run ended with an error.' },
  ERR_BAKE_PROCESS_MISSING: { when: 'A program that is needed is not installed.' },

  // registries
  ERR_BAKE_REGISTRY_UNREACHABLE: { when: 'A registry could not be reached.' },
  ERR_BAKE_REGISTRY_AUTH: {
    when: 'A registry refused the credentials, or wants some.',
    hint: 'Log in with: docker login REGISTRY',
  },
  ERR_BAKE_REGISTRY_RESPONSE: { when: 'A registry answered with an error or with something unreadable.' },
  ERR_BAKE_REGISTRY_DIGEST: { when: 'A registry served bytes that do not match their digest.' },

  // catalog
  ERR_BAKE_CATALOG_NOT_FOUND: { when: 'There is no catalog at that place.' },
  ERR_BAKE_CATALOG_NEWER: {
    when: 'The catalog was written by a newer version of Bakehouse.',
    hint: 'Upgrade Bakehouse; nothing was changed.',
  },
  ERR_BAKE_CATALOG_CORRUPT: {
    when: 'Something in the catalog is not what was written.',
    hint: 'Find the extent with: bake verify',
  },
  ERR_BAKE_CATALOG_EVENT_UNKNOWN: {
    when: 'The log holds an event that this version does not know and may not skip.',
    hint: 'Upgrade Bakehouse.',
  },
  ERR_BAKE_CATALOG_CUT: {
    when: 'The log ends before an event that was seen earlier from here.',
    hint: 'If you restored a backup, accept it with: bake verify --accept-head',
  },
  ERR_BAKE_BLOB_MISSING: { when: 'A retained input is not in the catalog.' },
  ERR_BAKE_BLOB_FORGOTTEN: { when: 'A retained input was forgotten on purpose.' },
  ERR_BAKE_STORE: {
    when: 'A store could not be read or written.',
    hint: 'Check that the catalog can be reached and belongs to you: bake doctor',
  },
  ERR_BAKE_DISK_FULL: {
    when: 'No space is left where something had to be written.',
    hint: 'Free some space and run again; what was recorded before is unharmed.',
  },
  ERR_BAKE_READ_ONLY: {
    when: 'A folder that has to be written cannot be.',
    hint: 'Check who owns the folder and whether it is mounted read-only.',
  },

  // refs
  ERR_BAKE_REF_INVALID: { when: 'A ref is malformed.', exit: 2 },
  ERR_BAKE_REF_UNKNOWN: { when: 'A ref names no recorded version.' },
  ERR_BAKE_REF_AMBIGUOUS: { when: 'A ref fits more than one version.', hint: 'Give more digits, or --target.' },
  ERR_BAKE_REVOKED: { when: 'A version is revoked.' },

  // running
  ERR_BAKE_ABORTED: { when: 'The run was interrupted.', exit: 130 },
  ERR_BAKE_VERIFY_FAILED: { when: 'Verification found faults.' },
  ERR_BAKE_INTERNAL: { when: 'A fault of Bakehouse itself.', hint: 'Please report it, with the output of --verbose.' },
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof codes;

/** The catalogue's row of a code. */
export function codeEntry(code: ErrorCode): ErrorCodeEntry {
  return codes[code];
}
