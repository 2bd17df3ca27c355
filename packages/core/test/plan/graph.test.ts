import { describe, expect, it } from 'vitest';
import { closure, inOrder } from '../../src/plan/graph.js';

const node = (key: string, ...parents: string[]): { key: string; parents: string[] } => ({ key, parents });
const keys = (nodes: readonly { key: string }[]): string => nodes.map(({ key }) => key).join(' ');

describe('the order of building', () => {
  it('has parents before children and is otherwise as written', () => {
    expect(keys(inOrder([node('web', 'base'), node('tool'), node('base')]))).toBe('base web tool');
  });
  it('throws for a circle and for a parent that is not there', () => {
    expect(() => inOrder([node('a', 'b'), node('b', 'a')])).toThrow(RangeError);
    expect(() => inOrder([node('a', 'nobody')])).toThrow(/nobody/);
  });
});

describe('a selection', () => {
  it('brings all that the chosen stand on, and nothing else', () => {
    const all = [node('base'), node('web', 'base'), node('other'), node('shop', 'web')];
    expect(keys(closure(all, ({ key }) => key === 'web'))).toBe('base web');
  });
});
