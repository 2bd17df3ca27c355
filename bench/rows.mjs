// What a case returns, and how it is printed.

const milliseconds = ({ median, min, max }) => `${Math.round(median)} ms (${Math.round(min)}–${Math.round(max)})`;

/** Ours as a multiple of a peer's median. `times` by contestant; an absent peer is said so. */
export function ratio(name, times, ours, peer, target) {
  const names = {
    ours: 'bake',
    docker: 'docker build',
    plan: 'plan()',
    walk: 'bare walk',
    node: 'node -e 0',
    few: 'with 100 files',
  };
  const label = names[peer] ?? peer;
  const row = { name, ours: milliseconds(times[ours]), target: `≤ ${target} × ${label}` };
  if (times[peer] === undefined) return { ...row, peer: `${label} is absent`, result: '–', met: undefined };
  const value = times[ours].median / times[peer].median;
  return {
    ...row,
    peer: `${label} ${milliseconds(times[peer])}`,
    result: `${value.toFixed(3)} ×`,
    met: value <= target,
  };
}

/** A figure with a limit of its own. */
export function atMost(name, value, limit, unit, note) {
  const result = `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
  return { name, ours: note, peer: '', target: `≤ ${limit} ${unit}`, result, met: value <= limit };
}

const verdict = (met) => (met === undefined ? 'not measured' : met ? 'met' : 'MISSED');

/** The rows as a Markdown table. */
export function table(rows) {
  const lines = rows.map(({ name, ours, peer, result, target, met }) =>
    ['', name, ours, peer, result, target, verdict(met), ''].join(' | ').trim(),
  );
  return ['| case | ours | peer | result | target | |', '|---|---|---|---|---|---|', ...lines].join('\n');
}
