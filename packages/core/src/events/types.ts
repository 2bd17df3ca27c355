import type { Version } from '../plan/digest.js';

/** What is being worked on. */
export interface Subject {
  readonly image: string;
  readonly target: string;
  readonly version: Version;
}

/** What a run reports while it works, in order. Times are milliseconds. */
export type RunEvent =
  /** Versions are known: so many will be looked at. */
  | { readonly type: 'planned'; readonly total: number }
  | ({ readonly type: 'started' } & Subject)
  /** Another process builds it; this one waits. */
  | ({ readonly type: 'waiting'; readonly holder: string } & Subject)
  | ({ readonly type: 'step'; readonly step: string; readonly fraction: number | null } & Subject)
  | ({ readonly type: 'log'; readonly step: string; readonly line: string } & Subject)
  | ({ readonly type: 'checking'; readonly checks: number } & Subject)
  | ({
      readonly type: 'finished';
      readonly outcome: 'built' | 'reused' | 'failed' | 'skipped';
      readonly milliseconds: number;
      /** Why, where it failed or was skipped. */
      readonly message: string | null;
    } & Subject)
  | { readonly type: 'warning'; readonly message: string }
  /** A base was resolved and pinned. */
  | {
      readonly type: 'resolved';
      readonly image: string;
      readonly target: string;
      readonly selector: string;
      readonly id: string;
    };

/** An event with the moment it happened, as `--events FILE` writes it. */
export interface TimedEvent {
  readonly schema: 1;
  readonly time: string;
  readonly run: string;
  readonly event: RunEvent;
}
