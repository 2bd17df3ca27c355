const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long something took: `40 ms`, `1.8 s`, `2 min 05 s`, `1 h 04 min`. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < minute - 50) return `${(ms / second).toFixed(1)} s`;
  if (ms < hour - 500) {
    const seconds = Math.round(ms / second);
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  }
  const minutes = Math.round(ms / minute);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** How long ago something was: `now`, `40 s`, `12 min`, `3 h`, `5 d`, and from two months on its day. */
export function ago(time: string, now: number): string {
  const then = Date.parse(time);
  if (Number.isNaN(then)) return '?';
  const age = now - then;
  if (age < second) return 'now';
  if (age < minute) return `${Math.floor(age / second)} s`;
  if (age < hour) return `${Math.floor(age / minute)} min`;
  if (age < day) return `${Math.floor(age / hour)} h`;
  if (age < 60 * day) return `${Math.floor(age / day)} d`;
  return new Date(then).toISOString().slice(0, 10);
}

/** A moment as people write it, in UTC: `2026-03-14 09:26:53 UTC`. */
export function moment(time: string): string {
  const then = Date.parse(time);
  if (Number.isNaN(then)) return time;
  return `${new Date(then).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
